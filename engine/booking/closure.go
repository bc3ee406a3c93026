package booking

import (
	"context"
	"fmt"
	"strings"
	"time"

	"parvis/platform/calendar"
	"parvis/platform/fault"
	"parvis/platform/store"
)

// ClosureKind tells an absence from a closed period.
type ClosureKind string

// The kinds of closure.
const (
	Absence ClosureKind = "absence"
	Closed  ClosureKind = "closed"
)

// Closure removes time from what is open: of one resource, of one place, or of
// the whole territory when both are 0. A recurring one is several closures.
type Closure struct {
	ID         store.ID
	Kind       ClosureKind
	ResourceID store.ID
	PlaceID    store.ID
	// Label is shown to colleagues ("Congés", "Pont"); it must never say
	// anything about health.
	Label            string
	StartsAt, EndsAt time.Time
}

func (c *Closure) check() error {
	var fs fault.Fields
	c.Label = strings.TrimSpace(c.Label)
	if c.Kind != Absence && c.Kind != Closed {
		fs.Add("kind", "booking.field.closure_kind")
	}
	if c.ResourceID != 0 && c.PlaceID != 0 {
		fs.Add("place_id", "booking.field.closure_scope")
	}
	if !c.EndsAt.After(c.StartsAt) {
		fs.Add("ends_at", "booking.field.ends")
	}
	return fs.Err()
}

const closureColumns = `id, kind, resource_id, place_id, label, starts_at, ends_at`

// AddClosure writes an absence or a closed period. Bookings inside it stay:
// Affected lists them so that somebody decides (S18).
func (e *Engine) AddClosure(ctx context.Context, tx *store.Tx, c Closure) (store.ID, error) {
	if err := c.check(); err != nil {
		return 0, err
	}
	if c.ResourceID != 0 {
		if _, err := e.Resource(ctx, tx, c.ResourceID); err != nil {
			return 0, err
		}
	}
	c.ID = store.NewID()
	_, err := tx.Exec(ctx, `INSERT INTO booking_closure (territory_id, `+closureColumns+`) VALUES (@territory, ?, ?, ?, ?, ?, ?, ?)`,
		c.ID, c.Kind, c.ResourceID, c.PlaceID, c.Label, c.StartsAt, c.EndsAt)
	if err != nil {
		return 0, fmt.Errorf("booking: adding a closure: %w", err)
	}
	return c.ID, nil
}

// DeleteClosure opens again what the closure removed.
func (e *Engine) DeleteClosure(ctx context.Context, tx *store.Tx, id store.ID) error {
	n, err := tx.Exec(ctx, `DELETE FROM booking_closure WHERE territory_id = @territory AND id = ?`, id)
	if err == nil && n == 0 {
		err = store.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("booking: deleting closure %d: %w", id, err)
	}
	return nil
}

// Closures lists what overlaps [from, to), by start, at most 2000.
func (e *Engine) Closures(ctx context.Context, tx *store.Tx, from, to time.Time) ([]Closure, error) {
	var out []Closure
	err := tx.Select(ctx, &out, `SELECT `+closureColumns+` FROM booking_closure
		WHERE territory_id = @territory AND ends_at > ? AND starts_at < ? ORDER BY starts_at, id LIMIT 2000`, from, to)
	if err != nil {
		return nil, fmt.Errorf("booking: listing closures: %w", err)
	}
	return out, nil
}

// Affected lists the live bookings that overlap the closure, by start, at most
// 1000: those of its resource, at its place, or of the whole territory.
func (e *Engine) Affected(ctx context.Context, tx *store.Tx, c Closure) ([]Reservation, error) {
	condition := `ends_at > ? AND starts_at < ? AND starts_at > ? AND state IN ('held', 'active') AND (expires_at IS NULL OR expires_at > ?)`
	from := c.StartsAt.Add(-MaxLength)
	args := []any{c.StartsAt, c.EndsAt, from, tx.Now()}
	switch {
	case c.ResourceID != 0:
		condition += ` AND id IN (SELECT booking_id FROM booking_allocation WHERE territory_id = @territory AND resource_id = ?
			AND state IN ('held', 'active') AND starts_at > ? AND starts_at < ? AND ends_at > ?)`
		args = append(args, c.ResourceID, from, c.EndsAt, c.StartsAt)
	case c.PlaceID != 0:
		condition += ` AND place_id = ?`
		args = append(args, c.PlaceID)
	}
	rs, err := list(ctx, tx, condition+` ORDER BY starts_at, id LIMIT 1000`, args...)
	if err != nil {
		return nil, fmt.Errorf("booking: listing what a closure hits: %w", err)
	}
	return rs, nil
}

// closedIn reads what is closed inside w, merged and ascending.
func closedIn(ctx context.Context, tx *store.Tx, w interval) (*closed, error) {
	c := &closed{byResource: map[store.ID][]interval{}, byPlace: map[store.ID][]interval{}}
	err := tx.Each(ctx, `SELECT resource_id, place_id, starts_at, ends_at FROM booking_closure
		WHERE territory_id = @territory AND ends_at > ? AND starts_at < ?`, []any{w.Start, w.End}, func(scan func(...any) error) error {
		var resource, place store.ID
		var x interval
		if err := scan(&resource, &place, &x.Start, &x.End); err != nil {
			return err
		}
		switch {
		case resource != 0:
			c.byResource[resource] = append(c.byResource[resource], x)
		case place != 0:
			c.byPlace[place] = append(c.byPlace[place], x)
		default:
			c.all = append(c.all, x)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("booking: reading closures: %w", err)
	}
	c.all = calendar.Union(c.all)
	for id, set := range c.byResource {
		c.byResource[id] = calendar.Union(set)
	}
	for id, set := range c.byPlace {
		c.byPlace[id] = calendar.Union(set)
	}
	return c, nil
}
