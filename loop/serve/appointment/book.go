package appointment

import (
	"context"
	"errors"
	"fmt"
	"time"

	"parvis/core/person"
	"parvis/engine/booking"
	"parvis/engine/dossier"
	"parvis/platform/fault"
	"parvis/platform/phone"
	"parvis/platform/store"
	"parvis/platform/web"
)

// Done is a booked appointment and the secret of the resident's page.
type Done struct {
	Appointment
	Link string
}

// Confirm books the held start once the code is right. Asking again with the
// same token answers the same appointment: a second click books nothing. The
// number of tries of the code is kept even when the booking fails.
func (s *Service) Confirm(ctx context.Context, h store.Handle, token, code string) (Done, error) {
	var done Done
	var held Held
	err := h.Update(ctx, func(tx *store.Tx) (err error) {
		held, err = s.HeldBy(ctx, tx, token)
		return err
	})
	if err != nil {
		return done, err
	}
	if held.AppointmentID == 0 {
		if held.ChallengeID == 0 {
			return done, fault.New(fault.Conflict, "appointment.error.no_code")
		}
		if err := s.prove(ctx, h, held, code); err != nil {
			return done, err
		}
	}
	err = h.Update(ctx, func(tx *store.Tx) error {
		held, err := s.HeldBy(ctx, tx, token)
		if err != nil {
			return err
		}
		if held.AppointmentID != 0 {
			done.Link = s.Link(tx.Territory(), held.AppointmentID)
			done.Appointment, err = s.Get(ctx, tx, held.AppointmentID)
			return err
		}
		r, err := s.Reason(ctx, tx, held.ReasonID)
		if err != nil {
			return err
		}
		b, err := s.booking.Confirm(ctx, tx, held.BookingID)
		if err != nil {
			return err
		}
		c := held.Contact.V
		done, err = s.record(ctx, tx, r, b, c, Appointment{Channel: ByWeb, OnBehalf: c.OnBehalf})
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE appointment_hold SET appointment_id = ?, contact = ? WHERE territory_id = @territory AND token_hash = ?`,
			done.ID, store.JSON[Contact]{}, web.HashToken(token))
		return err
	})
	if err != nil {
		return Done{}, fmt.Errorf("appointment: confirming: %w", err)
	}
	return done, nil
}

// prove checks the code, once: a code is good for one answer, so that what it
// proved is kept with the hold. Who then loses the race, or meets a failure,
// goes on without another code.
func (s *Service) prove(ctx context.Context, h store.Handle, held Held, code string) error {
	if !held.ProvenAt.IsZero() {
		return nil
	}
	if _, err := s.people.Codes.Check(ctx, h, held.ChallengeID, code); err != nil {
		return err
	}
	return h.Update(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE appointment_hold SET proven_at = ? WHERE territory_id = @territory AND token_hash = ? AND challenge_id = ?`,
			tx.Now(), web.HashToken(held.Token), held.ChallengeID)
		return err
	})
}

// Request is a booking by staff or by the API, in one step.
type Request struct {
	Reason   store.ID
	Place    store.ID
	Agents   []store.ID // resources asked for; empty: the engine assigns
	Start    time.Time
	Contact  Contact
	Channel  Channel
	By       store.ID // staff; 0 for the API of a resident's application
	Note     string
	Force    bool   // outside opening ranges or delays; never over another appointment
	Why      string // said when forced, kept in the timeline
	Resident store.ID
}

// Book books in one transaction. A lost race is a *booking.Taken.
func (s *Service) Book(ctx context.Context, h store.Handle, q Request, departement string) (Done, error) {
	var done Done
	if err := q.Contact.Check(departement, q.By != 0); err != nil {
		return done, err
	}
	if q.Force && q.Why == "" {
		var wrong fault.Fields
		wrong.Add("why", "appointment.error.why")
		return done, wrong.Err()
	}
	err := h.Update(ctx, func(tx *store.Tx) error {
		r, err := s.Reason(ctx, tx, q.Reason)
		if err != nil {
			return err
		}
		from, to := r.Window(tx.Now())
		if q.By == 0 && (!r.Active || !r.Online) {
			return fault.New(fault.Forbidden, "appointment.error.not_online")
		}
		if q.By == 0 && (q.Start.Before(from) || !q.Start.Before(to)) {
			return fault.New(fault.Conflict, "appointment.error.window")
		}
		demand := r.demand(q.Place, q.Agents)
		if q.By == 0 {
			demand = onGrid(demand)
		}
		b, err := s.booking.Book(ctx, tx, booking.Request{Demand: demand, Subject: "appointment", Start: q.Start, Force: q.Force})
		if err != nil {
			return err
		}
		done, err = s.record(ctx, tx, r, b, q.Contact, Appointment{Channel: q.Channel, OnBehalf: q.Contact.OnBehalf, BookedBy: q.By, Note: q.Note,
			ResidentID: q.Resident})
		if err != nil || !q.Force {
			return err
		}
		_, err = s.dossiers.Note(ctx, tx, done.DossierID, author(q.By), q.Why)
		return err
	})
	if err != nil {
		return Done{}, fmt.Errorf("appointment: booking: %w", err)
	}
	return done, nil
}

// record writes everything that a firm booking brings, in its transaction: the
// resident's card, the dossier with its number, the appointment, its messages,
// the event.
func (s *Service) record(ctx context.Context, tx *store.Tx, r Reason, b booking.Reservation, c Contact, a Appointment) (Done, error) {
	if a.ResidentID == 0 {
		res, _, err := s.people.Residents.FindOrCreate(ctx, tx, card(c))
		if err != nil {
			return Done{}, err
		}
		a.ResidentID = res.ID
	}
	first, err := s.neverCame(ctx, tx, a.ResidentID)
	if err != nil {
		return Done{}, err
	}
	a.ID, a.BookingID, a.ReasonID, a.PlaceID, a.Mode = store.NewID(), b.ID, r.ID, b.PlaceID, r.Mode
	a.StartsAt, a.EndsAt, a.Status, a.CreatedAt = b.StartsAt, b.EndsAt, Booked, tx.Now()
	link := s.Link(tx.Territory(), a.ID)
	a.FirstVisit, a.Lang, a.TokenHash = first, c.Lang, web.HashToken(link)
	title, err := s.title(ctx, tx, r)
	if err != nil {
		return Done{}, err
	}
	d, err := s.dossiers.Open(ctx, tx, dossier.Opening{Kind: Kind, Subject: a.ref(), Title: title, Channel: dossier.Channel(a.Channel),
		RequesterID: a.ResidentID, By: author(a.BookedBy), Phone: c.Phone, Email: c.Email})
	if err != nil {
		return Done{}, err
	}
	a.DossierID, a.Number = d.ID, d.Number
	if err := s.insert(ctx, tx, a, b.Resources()); err != nil {
		return Done{}, err
	}
	done := Done{Appointment: a, Link: link}
	if err := s.tell(ctx, tx, noticeBooked, done, r, c); err != nil {
		return Done{}, err
	}
	if err := s.plan(ctx, tx, done, r, c); err != nil {
		return Done{}, err
	}
	return done, s.bus.Append(ctx, tx, "appointment.booked", a.ref(), map[string]any{"reason": r.ID, "place": a.PlaceID, "channel": a.Channel,
		"start": a.StartsAt, "delay_min": int(a.StartsAt.Sub(a.CreatedAt).Minutes())})
}

// card is the resident card of a contact.
func card(c Contact) person.Resident {
	res := person.Resident{FirstName: c.FirstName, LastName: c.LastName, Email: c.Email, Lang: c.Lang}
	if n, err := phone.Parse(c.Phone, ""); err == nil {
		res.Phone = n
	}
	return res
}

// title is what the dossier says: never a sensitive reason.
func (s *Service) title(ctx context.Context, tx *store.Tx, r Reason) (string, error) {
	if !r.Sensitive {
		return r.Name, nil
	}
	w, err := s.where(ctx, tx)
	return w.Discreet, err
}

func (s *Service) neverCame(ctx context.Context, tx *store.Tx, resident store.ID) (bool, error) {
	var came bool
	err := tx.Get(ctx, &came, `SELECT EXISTS (SELECT 1 FROM appointment WHERE territory_id = @territory AND resident_id = ?)`, resident)
	return !came, err
}

// WasTaken tells a lost race, and the start that was lost.
func WasTaken(err error) (time.Time, bool) {
	var taken *booking.Taken
	if errors.As(err, &taken) {
		return taken.Start, true
	}
	return time.Time{}, errors.Is(err, booking.ErrClosed) || errors.Is(err, booking.ErrOver)
}
