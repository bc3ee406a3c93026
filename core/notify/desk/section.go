package desk

import (
	"context"
	"time"

	"github.com/a-h/templ"

	"parvis/core/notify"
	"parvis/core/person"
	"parvis/platform/i18n"
	"parvis/platform/phone"
	"parvis/platform/store"
	"parvis/platform/web/page"
)

// Contact is how a resident can be reached: what their card says.
type Contact func(ctx context.Context, tx *store.Tx, resident store.ID) (email string, number phone.Number, err error)

// recent is how many messages a resident's card shows.
const recent = 10

// exported bounds what is handed to a person who asks for their data.
const exported = 10_000

// Section is the part of a resident's card about messages: the last ones, and
// whether the person said STOP. It gives the person their messages (GDPR
// art. 15) and forgets who they were for (art. 17).
func Section(h *notify.Hub, contact Contact) person.Section {
	s := section{h, contact}
	return person.Section{Name: "notify", Label: "notify.section.label", Permission: Read, Show: s.show, Export: s.export, Erase: s.erase}
}

type section struct {
	hub     *notify.Hub
	contact Contact
}

// sectionView is what the card shows.
type sectionView struct {
	Entries []notify.Entry
	Labels  map[string]string
	Stopped bool
	Now     time.Time
}

func (s section) show(ctx context.Context, h store.Handle, resident store.ID) (templ.Component, error) {
	v := sectionView{Labels: map[string]string{}}
	err := h.View(ctx, func(tx *store.Tx) error {
		v.Now = tx.Now()
		email, number, err := s.contact(ctx, tx, resident)
		if err != nil {
			return err
		}
		if v.Entries, err = s.hub.Written(ctx, tx, email, number, recent); err != nil || number.IsZero() {
			return err
		}
		v.Stopped, err = s.hub.Suppressed(ctx, tx, number)
		return err
	})
	if err != nil || len(v.Entries) == 0 && !v.Stopped {
		return nil, err
	}
	for _, n := range s.hub.Notices() {
		v.Labels[n.Name] = i18n.T(ctx, n.Label)
	}
	return sectionBody(v), nil
}

func (s section) export(ctx context.Context, tx *store.Tx, resident store.ID) (any, error) {
	email, number, err := s.contact(ctx, tx, resident)
	if err != nil {
		return nil, err
	}
	list, err := s.hub.Written(ctx, tx, email, number, exported)
	if err != nil {
		return nil, err
	}
	var out []map[string]any
	for _, e := range list {
		out = append(out, map[string]any{"message": outside(e), "title": e.Title, "text": e.Body})
	}
	if out == nil {
		return nil, nil
	}
	return out, nil
}

func (s section) erase(ctx context.Context, tx *store.Tx, resident store.ID) error {
	email, number, err := s.contact(ctx, tx, resident)
	if err != nil {
		return err
	}
	return s.hub.Forget(ctx, tx, email, number)
}

func (v sectionView) rows(ctx context.Context) [][]page.Cell {
	var out [][]page.Cell
	for _, e := range v.Entries {
		label := v.Labels[e.Notice]
		if label == "" {
			label = e.Notice
		}
		out = append(out, []page.Cell{
			{Text: label, Note: channelWord(ctx, e.Channel), Head: true},
			{Text: i18n.DayTimeRelative(ctx, instant(e), v.Now)},
			{Body: page.Badge(kind(e.State), stateWord(ctx, e.State)), Note: why(ctx, e)},
		})
	}
	return out
}
