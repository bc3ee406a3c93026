package booking

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"parvis/platform/fault"
	"parvis/platform/store"
)

// State is where a booking stands.
type State string

// The states of a booking. Held and active ones keep others out; a hold whose
// time is over no longer does, whether or not it was marked expired yet.
const (
	Held      State = "held"
	Active    State = "active"
	Cancelled State = "cancelled"
	Expired   State = "expired"
)

// Reason is why the assignment took that resource (S8), for the audit trail.
type Reason string

// The reasons of an assignment, first one first.
const (
	Only        Reason = "only"         // nobody else could
	Referent    Reason = "referent"     // the person's referent
	SameAsLast  Reason = "same_as_last" // served last time, or already on the booking that moves
	LeastLoaded Reason = "least_loaded" // least time taken that day
)

// Reservation is a booking and what it takes.
type Reservation struct {
	ID               store.ID
	Subject          string // "appointment:77"
	State            State
	StartsAt, EndsAt time.Time // the meeting, without buffers
	BufferBefore     time.Duration
	BufferAfter      time.Duration
	PlaceID          store.ID  // 0: none
	Forced           bool      // made by staff outside what is open
	Renewed          bool      // the hold had its one renewal
	ExpiresAt        time.Time // of a hold; zero otherwise
	Version          int64     // raised by every change; see Move and Cancel
	CreatedAt        time.Time
	UpdatedAt        time.Time
	Allocations      []Allocation // by need, then unit
}

// Allocation is one unit of one resource taken by a booking, buffers included.
type Allocation struct {
	BookingID        store.ID
	Need             int // which need of the demand it serves
	ResourceID       store.ID
	Unit             int // from 1
	Reason           Reason
	StartsAt, EndsAt time.Time
}

// Resources are the resources a booking takes, in the order of its needs.
func (r *Reservation) Resources() []store.ID {
	var out []store.ID
	for _, a := range r.Allocations {
		if n := len(out); n == 0 || out[n-1] != a.ResourceID {
			out = append(out, a.ResourceID)
		}
	}
	return out
}

// Errors to test with errors.Is.
var (
	// ErrTaken: somebody else has it. The error is a *Taken.
	ErrTaken = errors.New("booking: just taken")
	// ErrClosed: nothing is open for it then, or the time has passed.
	ErrClosed = errors.New("booking: not open then")
	// ErrOver: the booking was cancelled, or its hold ran out and was taken.
	ErrOver = errors.New("booking: no longer held or active")
	// ErrRenewed: a hold is renewed once.
	ErrRenewed = errors.New("booking: the hold was renewed already")
	// ErrVersion: the booking changed since it was read.
	ErrVersion = errors.New("booking: changed in the meantime")
)

// Taken is the answer to a lost race. Nothing was written; after the rollback
// [Engine.Nearest] finds what to propose instead.
type Taken struct {
	Demand Demand
	Start  time.Time
}

// Error names the start, for the log.
func (t *Taken) Error() string { return "booking: just taken: " + t.Start.UTC().Format(time.RFC3339) }

// Unwrap makes it ErrTaken, and a conflict that pages know how to say.
func (t *Taken) Unwrap() []error {
	return []error{ErrTaken, fault.New(fault.Conflict, "booking.taken")}
}

func refuse(cause error, kind fault.Kind, key string) error {
	return fault.New(kind, key).Because(cause)
}

func closedThen() error { return refuse(ErrClosed, fault.Conflict, "booking.closed") }
func over() error       { return refuse(ErrOver, fault.Gone, "booking.over") }

// Get reads a booking; store.ErrNotFound when the territory has none of that id.
func (e *Engine) Get(ctx context.Context, tx *store.Tx, id store.ID) (Reservation, error) {
	return load(ctx, tx, id)
}

func load(ctx context.Context, tx *store.Tx, id store.ID) (Reservation, error) {
	rs, err := list(ctx, tx, `id = ?`, id)
	if err == nil && len(rs) == 0 {
		err = store.ErrNotFound
	}
	if err != nil {
		return Reservation{}, fmt.Errorf("booking: reading booking %d: %w", id, err)
	}
	return rs[0], nil
}

// BySubject lists the bookings made for a subject, oldest first, at most 1000.
func (e *Engine) BySubject(ctx context.Context, tx *store.Tx, subject string) ([]Reservation, error) {
	rs, err := list(ctx, tx, `subject = ? ORDER BY id LIMIT 1000`, subject)
	if err != nil {
		return nil, fmt.Errorf("booking: listing the bookings of a subject: %w", err)
	}
	return rs, nil
}

// Agenda lists the live bookings of the resources that overlap [from, to),
// buffers included, by start, at most 5000.
func (e *Engine) Agenda(ctx context.Context, tx *store.Tx, resources []store.ID, from, to time.Time) ([]Reservation, error) {
	if len(resources) == 0 {
		return nil, nil
	}
	if len(resources) > maxIDs {
		return nil, fault.New(fault.Invalid, "booking.field.many", "Max", maxIDs)
	}
	in, ids := padded(resources)
	args := slices.Concat([]any{tx.Now()}, ids, []any{from.Add(-MaxLength), to, from})
	rs, err := list(ctx, tx, `state IN ('held', 'active') AND (expires_at IS NULL OR expires_at > ?)
			AND id IN (SELECT booking_id FROM booking_allocation WHERE territory_id = @territory AND resource_id IN `+in+`
				AND state IN ('held', 'active') AND starts_at > ? AND starts_at < ? AND ends_at > ?)
		ORDER BY starts_at, id LIMIT 5000`, args...)
	if err != nil {
		return nil, fmt.Errorf("booking: reading an agenda: %w", err)
	}
	return rs, nil
}

// list reads the bookings of the territory that satisfy a condition, with
// their allocations.
func list(ctx context.Context, tx *store.Tx, condition string, args ...any) ([]Reservation, error) {
	var out []Reservation
	err := tx.Each(ctx, `SELECT id, subject, state, starts_at, ends_at, buffer_before, buffer_after, place_id, forced, renewed, expires_at,
			version, created_at, updated_at
		FROM booking WHERE territory_id = @territory AND `+condition, args, func(scan func(...any) error) error {
		var r Reservation
		var before, after int64
		err := scan(&r.ID, &r.Subject, &r.State, &r.StartsAt, &r.EndsAt, &before, &after, &r.PlaceID, &r.Forced, &r.Renewed, &r.ExpiresAt,
			&r.Version, &r.CreatedAt, &r.UpdatedAt)
		r.BufferBefore, r.BufferAfter = time.Duration(before)*time.Microsecond, time.Duration(after)*time.Microsecond
		out = append(out, r)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, fill(ctx, tx, out)
}

// fill reads the allocations of bookings.
func fill(ctx context.Context, tx *store.Tx, rs []Reservation) error {
	const batch = 60
	for from := 0; from < len(rs); from += batch {
		part := rs[from:min(from+batch, len(rs))]
		index := map[store.ID]*Reservation{}
		var args []any
		for i := range part {
			index[part[i].ID] = &part[i]
			args = append(args, part[i].ID)
		}
		for len(args) < batch && len(rs) > 1 {
			args = append(args, args[0]) // one statement text for every list
		}
		err := tx.Each(ctx, `SELECT booking_id, need, resource_id, unit, reason, starts_at, ends_at
			FROM booking_allocation WHERE territory_id = @territory AND booking_id IN (`+store.In(len(args))+`)
			ORDER BY booking_id, need, unit`, args, func(scan func(...any) error) error {
			var a Allocation
			if err := scan(&a.BookingID, &a.Need, &a.ResourceID, &a.Unit, &a.Reason, &a.StartsAt, &a.EndsAt); err != nil {
				return err
			}
			r := index[a.BookingID]
			r.Allocations = append(r.Allocations, a)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
