package appointment

import (
	"context"
	"fmt"
	"time"

	"parvis/engine/booking"
	"parvis/engine/dossier"
	"parvis/platform/fault"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/web"
)

// Author is who changes an appointment: staff, or the resident with the link.
type Author struct{ Staff store.ID }

// ByLink finds the appointment of a resident's page.
func (s *Service) ByLink(ctx context.Context, tx *store.Tx, link string) (Appointment, error) {
	return s.one(ctx, tx, `token_hash = ?`, web.HashToken(link))
}

// Shift is where an appointment goes.
type Shift struct {
	Start  time.Time
	Place  store.ID   // 0: where it is
	Agents []store.ID // staff only; empty: anybody
	Force  bool       // staff only
	Why    string
}

// Move frees the old start and takes the new one in the same transaction: who
// loses the race keeps what they had. The reminders are planned anew and the
// calendar file replaces the old one (RFC 5546, rising SEQUENCE).
func (s *Service) Move(ctx context.Context, h store.Handle, id store.ID, by Author, m Shift) (Appointment, error) {
	var a Appointment
	err := h.Update(ctx, func(tx *store.Tx) error {
		var err error
		if a, err = s.Get(ctx, tx, id); err != nil {
			return err
		}
		r, err := s.Reason(ctx, tx, a.ReasonID)
		if err != nil {
			return err
		}
		if err := s.mayChange(a, by, r.MayMove(a.StartsAt, tx.Now()), "appointment.error.too_late_move", tx.Now()); err != nil {
			return err
		}
		from, to := r.Window(tx.Now())
		if by.Staff == 0 && (m.Start.Before(from) || !m.Start.Before(to)) {
			return fault.New(fault.Conflict, "appointment.error.window")
		}
		if m.Place == 0 {
			m.Place = a.PlaceID
		}
		old := a.StartsAt
		demand := r.demand(m.Place, m.Agents)
		if by.Staff == 0 {
			demand = onGrid(demand)
		}
		b, err := s.booking.Move(ctx, tx, a.BookingID, booking.Move{Start: m.Start, Demand: &demand, Force: m.Force && by.Staff != 0})
		if err != nil {
			return err
		}
		a.StartsAt, a.EndsAt, a.PlaceID, a.Sequence, a.Confirmed, a.Reminded, a.ArrivedAt = b.StartsAt, b.EndsAt, b.PlaceID, a.Sequence+1, "", false, time.Time{}
		if _, err := tx.Exec(ctx, `UPDATE appointment SET starts_at = ?, ends_at = ?, place_id = ?, sequence = ?, confirmed = '', reminded = FALSE, arrived_at = NULL
			WHERE territory_id = @territory AND id = ?`, a.StartsAt, a.EndsAt, a.PlaceID, a.Sequence, id); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM appointment_agent WHERE territory_id = @territory AND appointment_id = ?`, id); err != nil {
			return err
		}
		if err := s.setAgents(ctx, tx, a, b.Resources()); err != nil {
			return err
		}
		if err := s.retell(ctx, tx, noticeMoved, a, r); err != nil {
			return err
		}
		if m.Why != "" {
			if _, err := s.dossiers.Note(ctx, tx, a.DossierID, author(by.Staff), m.Why); err != nil {
				return err
			}
		}
		return s.happened(ctx, tx, "moved", a, by, map[string]any{"from": old, "start": a.StartsAt})
	})
	if err != nil {
		return a, fmt.Errorf("appointment: moving: %w", err)
	}
	return a, nil
}

// Cancel frees the start. Cancelling twice changes nothing.
func (s *Service) Cancel(ctx context.Context, h store.Handle, id store.ID, by Author, why string) (Appointment, error) {
	var a Appointment
	err := h.Update(ctx, func(tx *store.Tx) error {
		var err error
		a, err = s.cancel(ctx, tx, id, by, why)
		return err
	})
	if err != nil {
		return a, fmt.Errorf("appointment: cancelling: %w", err)
	}
	return a, nil
}

func (s *Service) cancel(ctx context.Context, tx *store.Tx, id store.ID, by Author, why string) (Appointment, error) {
	a, err := s.Get(ctx, tx, id)
	if err != nil || a.Status.Final() {
		return a, err
	}
	r, err := s.Reason(ctx, tx, a.ReasonID)
	if err != nil {
		return a, err
	}
	if err := s.mayChange(a, by, r.MayCancel(a.StartsAt, tx.Now()), "appointment.error.too_late_cancel", tx.Now()); err != nil {
		return a, err
	}
	if _, err := s.booking.Cancel(ctx, tx, a.BookingID, 0); err != nil {
		return a, err
	}
	a.Status = Excused
	if by.Staff != 0 {
		a.Status = Revoked
	}
	a.Sequence++
	if err := s.setStatus(ctx, tx, &a, by); err != nil {
		return a, err
	}
	if err := s.retell(ctx, tx, noticeCancelled, a, r); err != nil {
		return a, err
	}
	if why != "" && a.DossierID != 0 {
		if _, err := s.dossiers.Note(ctx, tx, a.DossierID, author(by.Staff), why); err != nil {
			return a, err
		}
	}
	return a, s.happened(ctx, tx, "cancelled", a, by, map[string]any{"status": a.Status, "start": a.StartsAt})
}

// mayChange refuses what is over, and what comes too late from a resident.
func (s *Service) mayChange(a Appointment, by Author, inTime bool, tooLate string, now time.Time) error {
	switch {
	case a.Status.Final():
		return fault.New(fault.Gone, "appointment.error.cancelled_already")
	case a.Status != Booked:
		return fault.New(fault.Conflict, "appointment.error.marked_already")
	case by.Staff == 0 && !a.StartsAt.After(now):
		return fault.New(fault.Conflict, "appointment.error.past")
	case by.Staff == 0 && !inTime:
		return fault.New(fault.Conflict, tooLate)
	}
	return nil
}

func (s *Service) setStatus(ctx context.Context, tx *store.Tx, a *Appointment, by Author) error {
	a.StatusAt, a.StatusBy = tx.Now(), by.Staff
	_, err := tx.Exec(ctx, `UPDATE appointment SET status = ?, status_at = ?, status_by = ?, sequence = ? WHERE territory_id = @territory AND id = ?`,
		a.Status, a.StatusAt, a.StatusBy, a.Sequence, a.ID)
	return err
}

// Mark says in one click whether the person came; Booked takes the mark back.
// A cancelled appointment cannot be marked, nor one whose day has not come.
func (s *Service) Mark(ctx context.Context, h store.Handle, id store.ID, by store.ID, status Status) (Appointment, error) {
	var a Appointment
	if status != Seen && status != NoShow && status != Booked {
		return a, fault.New(fault.Invalid, "appointment.error.status")
	}
	err := h.Update(ctx, func(tx *store.Tx) error {
		var err error
		if a, err = s.Get(ctx, tx, id); err != nil {
			return err
		}
		if a.Status == status {
			return nil
		}
		if a.Status.Final() {
			return fault.New(fault.Conflict, "appointment.error.cancelled_already")
		}
		if status != Booked && a.StartsAt.After(tx.Now().Add(markAhead)) {
			return fault.New(fault.Conflict, "appointment.error.not_yet")
		}
		a.Status = status
		if err := s.setStatus(ctx, tx, &a, Author{by}); err != nil {
			return err
		}
		return s.happened(ctx, tx, "marked", a, Author{by}, map[string]any{"status": status, "start": a.StartsAt})
	})
	if err != nil {
		return a, fmt.Errorf("appointment: marking: %w", err)
	}
	return a, nil
}

// markAhead is how early somebody may come and be received.
const markAhead = 4 * time.Hour

// Arrive notes that the person is in the waiting room; again takes it back.
func (s *Service) Arrive(ctx context.Context, h store.Handle, id store.ID, here bool) error {
	err := h.Update(ctx, func(tx *store.Tx) error {
		a, err := s.Get(ctx, tx, id)
		if err != nil {
			return err
		}
		if a.Status != Booked || a.StartsAt.After(tx.Now().Add(markAhead)) {
			return fault.New(fault.Conflict, "appointment.error.not_yet")
		}
		at := time.Time{}
		if here {
			at = tx.Now()
		}
		_, err = tx.Exec(ctx, `UPDATE appointment SET arrived_at = ? WHERE territory_id = @territory AND id = ?`, at, id)
		return err
	})
	if err != nil {
		return fmt.Errorf("appointment: noting an arrival: %w", err)
	}
	return nil
}

// Answer keeps what the resident said to a reminder.
func (s *Service) Answer(ctx context.Context, tx *store.Tx, a Appointment, yes bool) error {
	word := "no"
	if yes {
		word = "yes"
	}
	if a.Confirmed == word {
		return nil
	}
	if _, err := tx.Exec(ctx, `UPDATE appointment SET confirmed = ? WHERE territory_id = @territory AND id = ?`, word, a.ID); err != nil {
		return fmt.Errorf("appointment: keeping an answer: %w", err)
	}
	return s.happened(ctx, tx, "answered", a, Author{}, map[string]any{"answer": word})
}

// Note replaces the staff's note.
func (s *Service) Note(ctx context.Context, h store.Handle, id store.ID, note string) error {
	if len(note) > 4000 {
		var wrong fault.Fields
		wrong.Add("note", "appointment.error.long", "Max", 4000)
		return wrong.Err()
	}
	return h.Update(ctx, func(tx *store.Tx) error {
		n, err := tx.Exec(ctx, `UPDATE appointment SET note = ? WHERE territory_id = @territory AND id = ?`, note, id)
		if err == nil && n == 0 {
			err = store.ErrNotFound
		}
		return err
	})
}

// happened writes the timeline and the event.
func (s *Service) happened(ctx context.Context, tx *store.Tx, what string, a Appointment, by Author, data map[string]any) error {
	if err := s.follow(ctx, tx, what, a, author(by.Staff)); err != nil {
		return err
	}
	return s.bus.Append(ctx, tx, "appointment."+what, a.ref(), data)
}

// follow keeps the dossier at the stage of its appointment. Rows brought in
// without a dossier have nothing to follow.
func (s *Service) follow(ctx context.Context, tx *store.Tx, what string, a Appointment, by dossier.Author) error {
	if a.DossierID == 0 {
		return nil
	}
	if what != "marked" && what != "cancelled" {
		return s.dossiers.Log(ctx, tx, a.DossierID, by, "appointment.timeline."+what, nil)
	}
	d, err := s.dossiers.Get(ctx, tx, a.DossierID)
	if err != nil {
		return err
	}
	if d.Closed() {
		if _, err := s.dossiers.Reopen(ctx, tx, d.ID, by, i18n.T(ctx, "appointment.timeline.unmarked")); err != nil {
			return err
		}
	}
	if a.Status == Booked {
		return nil
	}
	_, err = s.dossiers.Advance(ctx, tx, d.ID, by, string(a.Status))
	return err
}

// author is staff, or the resident with the link.
func author(staff store.ID) dossier.Author {
	if staff == 0 {
		return dossier.Author{Kind: dossier.Resident}
	}
	return dossier.Author{Kind: dossier.Staff, ID: staff}
}

// Kind is the kind of dossier of an appointment.
const Kind = "appointment"

// DossierKind declares the stages: they are the statuses. A mark can be taken
// back for a year, the time the appointment is kept.
func DossierKind() dossier.Kind {
	k := dossier.Kind{Name: Kind, Label: "appointment.label", Reopen: keep, Keep: keep}
	planned := dossier.Stage{Name: string(Booked), Label: "appointment.stage.booked"}
	for _, s := range Statuses() {
		if s != Booked {
			planned.Next = append(planned.Next, string(s))
			k.Stages = append(k.Stages, dossier.Stage{Name: string(s), Label: "appointment.stage." + string(s), Final: true})
		}
	}
	k.Stages = append([]dossier.Stage{planned}, k.Stages...)
	return k
}

// keep is how long the personal data of an appointment is kept after it.
const keep = 365 * 24 * time.Hour
