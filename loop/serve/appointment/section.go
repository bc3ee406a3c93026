package appointment

import (
	"context"
	"fmt"
	"time"

	"github.com/a-h/templ"

	"parvis/core/person"
	"parvis/platform/fault"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/web/page"
)

// Section is what the service knows about a resident: shown on their card,
// given to them, moved when two cards are one, forgotten when they ask.
func (s *Service) Section() person.Section {
	return person.Section{Name: serviceName, Label: "appointment.label", Permission: MayRead, Show: s.showOf, Export: s.exportOf, Merge: s.mergeOf,
		Needs: s.comesSoon, Erase: s.eraseOf}
}

// ofResident lists the appointments of a card, all of them.
func (s *Service) ofResident(ctx context.Context, tx *store.Tx, resident store.ID) ([]Appointment, error) {
	return s.List(ctx, tx, Filter{Resident: resident})
}

// shownVisits is how many appointments the card shows.
const shownVisits = 10

func (s *Service) showOf(ctx context.Context, h store.Handle, resident store.ID) (templ.Component, error) {
	var steps []page.Step
	err := h.View(ctx, func(tx *store.Tx) error {
		list, err := s.ofResident(ctx, tx, resident)
		if err != nil {
			return err
		}
		list = list[max(0, len(list)-shownVisits):]
		for i := len(list) - 1; i >= 0; i-- {
			a := list[i]
			r, err := s.Reason(ctx, tx, a.ReasonID)
			if err != nil {
				return err
			}
			steps = append(steps, page.Step{Title: r.Name, When: i18n.DayTime(ctx, a.StartsAt), Text: i18n.T(ctx, "appointment.status."+string(a.Status)), State: stepState(a)})
		}
		return nil
	})
	if err != nil || len(steps) == 0 {
		return nil, err
	}
	return page.Timeline(steps), nil
}

// stepState is the mark of an appointment on the card of its person.
func stepState(a Appointment) string {
	switch {
	case a.Status == NoShow:
		return "late"
	case a.Status.Final():
		return "off"
	case a.Status == Booked:
		return "todo"
	}
	return "done"
}

// told is an appointment as its person receives it (GDPR art. 15).
type told struct {
	Number  string    `json:"number"`
	Reason  string    `json:"reason"`
	Start   time.Time `json:"start"`
	Status  Status    `json:"status"`
	Channel Channel   `json:"channel"`
	Note    string    `json:"note,omitempty"`
	Relay   string    `json:"relay,omitempty"`
}

func (s *Service) exportOf(ctx context.Context, tx *store.Tx, resident store.ID) (any, error) {
	list, err := s.ofResident(ctx, tx, resident)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	out := make([]told, 0, len(list))
	for _, a := range list {
		r, err := s.Reason(ctx, tx, a.ReasonID)
		if err != nil {
			return nil, err
		}
		out = append(out, told{a.Number, r.Name, a.StartsAt, a.Status, a.Channel, a.Note, a.OnBehalf})
	}
	return out, nil
}

func (s *Service) mergeOf(ctx context.Context, tx *store.Tx, from, into store.ID) error {
	if _, err := tx.Exec(ctx, `UPDATE appointment SET resident_id = ? WHERE territory_id = @territory AND resident_id = ?`, into, from); err != nil {
		return fmt.Errorf("appointment: merging: %w", err)
	}
	return nil
}

// comesSoon refuses to forget somebody who is expected.
func (s *Service) comesSoon(ctx context.Context, tx *store.Tx, resident store.ID) error {
	list, err := s.List(ctx, tx, Filter{Resident: resident, Status: Booked, From: tx.Now(), Limit: 1})
	if err != nil || len(list) == 0 {
		return err
	}
	return fault.New(fault.Conflict, "appointment.error.comes")
}

// eraseOf breaks the link to the person and removes the dossiers; the counts
// stay.
func (s *Service) eraseOf(ctx context.Context, tx *store.Tx, resident store.ID) error {
	list, err := s.ofResident(ctx, tx, resident)
	if err != nil {
		return err
	}
	for _, a := range list {
		if err := s.forget(ctx, tx, a.ID); err != nil {
			return err
		}
		if a.DossierID == 0 {
			continue
		}
		if err := s.dossiers.Erase(ctx, tx, a.DossierID); err != nil {
			return err
		}
	}
	return nil
}

// forget leaves of an appointment what statistics need.
func (s *Service) forget(ctx context.Context, tx *store.Tx, id store.ID) error {
	_, err := tx.Exec(ctx, `UPDATE appointment SET resident_id = 0, on_behalf = '', note = '', number = '', token_hash = ?, dossier_id = 0, booked_by = 0, status_by = 0
		WHERE territory_id = @territory AND id = ?`, "gone:"+id.String(), id)
	if err != nil {
		return fmt.Errorf("appointment: erasing: %w", err)
	}
	return nil
}
