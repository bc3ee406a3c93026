package barometer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"parvis/platform/fault"
	"parvis/platform/i18n"
	"parvis/platform/search"
	"parvis/platform/store"
)

// Topic is a service people are asked about: one of Parvis, or any other that
// the territory names (its school canteen, its swimming pool).
type Topic struct {
	Name      string // in addresses and rows: "appointment", "piscine"
	Label     string // "Piscine"; of a service of Parvis, its own name unless changed
	Opened    bool
	National  string // address of its « Je donne mon avis » page: we link it and store nothing
	Clarity   bool   // ask whether it was clear
	Help      bool   // ask about the help received
	CreatedAt time.Time
	Own       bool   `db:"-"` // a service of Parvis: its finished requests are invited
	key       string // of the name it has in the catalogue, when the territory gave it none
}

// Asks tells whether answers are taken here.
func (t Topic) Asks() bool { return t.Opened && t.National == "" }

// Kind is a service of Parvis whose finished requests are asked about.
type Kind struct {
	Name  string // of its dossiers: "appointment"
	Label string // message key of its name
	// Done tells whether a request that ended at this stage was served: nobody is
	// asked how a cancelled appointment went.
	Done func(stage string) bool
}

var topicName = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// topics lists the services, those of Parvis first.
func (s *Service) topics(ctx context.Context, tx *store.Tx) ([]Topic, error) {
	var rows []Topic
	err := tx.Select(ctx, &rows, `SELECT name, label, opened, national, clarity, help, created_at FROM barometer_topic WHERE territory_id = @territory ORDER BY name LIMIT 500`)
	if err != nil {
		return nil, fmt.Errorf("barometer: listing services: %w", err)
	}
	out := make([]Topic, 0, len(rows)+len(s.kinds))
	for _, k := range s.kinds {
		t := Topic{Name: k.Name, Opened: true, Clarity: true, Help: true}
		if i := slices.IndexFunc(rows, func(r Topic) bool { return r.Name == k.Name }); i >= 0 {
			t = rows[i]
			rows = slices.Delete(rows, i, i+1)
		}
		t.Own = true
		if t.Label == "" {
			t.Label, t.key = i18n.T(ctx, k.Label), k.Label
		}
		out = append(out, t)
	}
	slices.SortFunc(rows, func(a, b Topic) int { return cmp.Compare(search.Fold(a.Label), search.Fold(b.Label)) })
	return append(out, rows...), nil
}

// topic finds one; store.ErrNotFound.
func (s *Service) topic(ctx context.Context, tx *store.Tx, name string) (Topic, error) {
	var t Topic
	err := tx.Get(ctx, &t, `SELECT name, label, opened, national, clarity, help, created_at FROM barometer_topic WHERE territory_id = @territory AND name = ?`, name)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return t, fmt.Errorf("barometer: finding a service: %w", err)
	}
	for _, k := range s.kinds {
		if k.Name != name {
			continue
		}
		if err != nil {
			t = Topic{Name: name, Opened: true, Clarity: true, Help: true}
		}
		t.Own = true
		if t.Label == "" {
			t.Label, t.key = i18n.T(ctx, k.Label), k.Label
		}
		return t, nil
	}
	return t, err
}

// check normalises a service as staff typed it. The name is made from the label
// when there is none yet.
func (t *Topic) check() error {
	var wrong fault.Fields
	t.Label, t.National = clean(t.Label), strings.TrimSpace(t.National)
	if t.Name == "" {
		t.Name = strings.ReplaceAll(strings.Join(search.Words(t.Label), "-"), "--", "-")
		if len(t.Name) > 60 {
			t.Name = strings.Trim(t.Name[:60], "-")
		}
	}
	if !t.Own && (t.Label == "" || len(t.Label) > 120 || !topicName.MatchString(t.Name)) {
		wrong.Add("label", "barometer.error.label")
	}
	if t.National != "" {
		if u, err := url.Parse(t.National); err != nil || u.Scheme != "https" || u.Host == "" || len(t.National) > 500 {
			wrong.Add("national", "barometer.error.national")
		}
	}
	return wrong.Err()
}

// SaveTopic keeps a service. Invalid names the field; Conflict when a new one
// has the name of another.
func (s *Service) SaveTopic(ctx context.Context, h store.Handle, t Topic, fresh bool) (Topic, error) {
	if err := t.check(); err != nil {
		return t, err
	}
	err := h.Update(ctx, func(tx *store.Tx) error {
		if fresh {
			if _, err := s.topic(ctx, tx, t.Name); err == nil {
				var wrong fault.Fields
				wrong.Add("label", "barometer.error.taken")
				return wrong.Err()
			} else if !errors.Is(err, store.ErrNotFound) {
				return err
			}
		}
		_, err := tx.Exec(ctx, `INSERT INTO barometer_topic (territory_id, name, label, opened, national, clarity, help, created_at) VALUES (@territory, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (territory_id, name) DO UPDATE SET label = excluded.label, opened = excluded.opened, national = excluded.national, clarity = excluded.clarity, help = excluded.help`,
			t.Name, t.Label, t.Opened, t.National, t.Clarity, t.Help, tx.Now())
		return err
	})
	return t, err
}
