package appointment

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"parvis/core/notify"
	"parvis/engine/booking"
	"parvis/platform/fault"
	"parvis/platform/store"
	"parvis/platform/web"
)

// holdTime is how long a start waits for its form; it is renewed once.
const holdTime = 10 * time.Minute

// Held is a start being booked.
type Held struct {
	Token         string // in the address; only its hash is stored
	BookingID     store.ID
	ReasonID      store.ID
	PlaceID       store.ID
	StartsAt      time.Time
	Contact       store.JSON[Contact]
	ChallengeID   store.ID
	ProvenAt      time.Time // when the code came back right; zero: not yet
	AppointmentID store.ID  // not 0 once it is booked
	ExpiresAt     time.Time
	CreatedAt     time.Time
}

// secret is 144 random bits for addresses that only their owner knows.
func secret() string {
	var b [18]byte
	_, _ = rand.Read(b[:]) // never fails since Go 1.24
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// Hold keeps a start while the resident says who they are. A lost race is a
// *booking.Taken; nothing is written then.
func (s *Service) Hold(ctx context.Context, h store.Handle, reason store.ID, place store.ID, start time.Time) (Held, error) {
	held := Held{Token: secret(), ReasonID: reason}
	err := h.Update(ctx, func(tx *store.Tx) error {
		r, err := s.Reason(ctx, tx, reason)
		if err != nil {
			return err
		}
		if !r.Active || !r.Online {
			return fault.New(fault.Forbidden, "appointment.error.not_online")
		}
		from, to := r.Window(tx.Now())
		if start.Before(from) || !start.Before(to) {
			return fault.New(fault.Conflict, "appointment.error.window")
		}
		b, err := s.booking.Hold(ctx, tx, booking.Request{Demand: onGrid(r.demand(place, nil)), Subject: "appointment-hold", Start: start, TTL: holdTime})
		if err != nil {
			return err
		}
		held.BookingID, held.PlaceID, held.StartsAt, held.ExpiresAt, held.CreatedAt = b.ID, b.PlaceID, b.StartsAt, b.ExpiresAt, tx.Now()
		_, err = tx.Exec(ctx, `INSERT INTO appointment_hold (territory_id, token_hash, booking_id, reason_id, place_id, starts_at, contact, expires_at, created_at)
			VALUES (@territory, ?, ?, ?, ?, ?, ?, ?, ?)`, web.HashToken(held.Token), b.ID, reason, b.PlaceID, b.StartsAt, store.JSON[Contact]{}, b.ExpiresAt, tx.Now())
		return err
	})
	if err != nil {
		return Held{}, fmt.Errorf("appointment: holding a slot: %w", err)
	}
	return held, nil
}

// HeldBy finds the hold of a token, expired or not; Gone when there is none.
func (s *Service) HeldBy(ctx context.Context, tx *store.Tx, token string) (Held, error) {
	var held Held
	err := tx.Get(ctx, &held, `SELECT booking_id, reason_id, place_id, starts_at, contact, challenge_id, proven_at, appointment_id, expires_at, created_at
		FROM appointment_hold WHERE territory_id = @territory AND token_hash = ?`, web.HashToken(token))
	if errors.Is(err, store.ErrNotFound) {
		return held, fault.New(fault.Gone, "appointment.error.hold_gone").Because(err)
	}
	held.Token = token
	return held, err
}

// Extend renews the hold, once.
func (s *Service) Extend(ctx context.Context, h store.Handle, token string) error {
	return h.Update(ctx, func(tx *store.Tx) error {
		held, err := s.HeldBy(ctx, tx, token)
		if err != nil {
			return err
		}
		b, err := s.booking.Renew(ctx, tx, held.BookingID, holdTime)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE appointment_hold SET expires_at = ? WHERE territory_id = @territory AND token_hash = ?`, b.ExpiresAt, web.HashToken(token))
		return err
	})
}

// Release gives the start back.
func (s *Service) Release(ctx context.Context, h store.Handle, token string) error {
	return h.Update(ctx, func(tx *store.Tx) error {
		held, err := s.HeldBy(ctx, tx, token)
		if err != nil || held.AppointmentID != 0 {
			return err
		}
		_, err = s.booking.Cancel(ctx, tx, held.BookingID, 0)
		return err
	})
}

// Introduce keeps who comes and sends the code that proves the way of contact:
// by SMS when there is a mobile number, by mail otherwise. What was typed is
// kept even when it is wrong elsewhere, so that nothing is typed twice.
func (s *Service) Introduce(ctx context.Context, h store.Handle, token string, c Contact, departement string) error {
	if err := c.Check(departement, false); err != nil {
		return err
	}
	return h.Update(ctx, func(tx *store.Tx) error {
		held, err := s.HeldBy(ctx, tx, token)
		if err != nil {
			return err
		}
		if held.AppointmentID != 0 {
			return fault.New(fault.Conflict, "appointment.error.booked_already")
		}
		if !held.ProvenAt.IsZero() && sameAddress(c, held.Contact.V) { // proven on a start that was lost since
			_, err = tx.Exec(ctx, `UPDATE appointment_hold SET contact = ? WHERE territory_id = @territory AND token_hash = ?`, store.JSON[Contact]{V: c}, web.HashToken(token))
			return err
		}
		channel, address := notify.Mail, c.Email
		if m := c.Mobile(); m != "" {
			channel, address = notify.SMS, m
		}
		id, err := s.people.Codes.Challenge(ctx, tx, channel, address, "appointment.book")
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE appointment_hold SET contact = ?, challenge_id = ?, proven_at = NULL WHERE territory_id = @territory AND token_hash = ?`,
			store.JSON[Contact]{V: c}, id, web.HashToken(token))
		return err
	})
}
