package dossier

import (
	"context"
	"fmt"
	"time"

	"parvis/platform/store"
)

// Working counts the time in which a service works; calendar.Working is one.
type Working interface {
	// Add is the instant at which so many working minutes have passed since start.
	Add(start time.Time, minutes int) time.Time
	// Minutes is the whole working minutes in [from, to); 0 when to is not after from.
	Minutes(from, to time.Time) int
}

// The levels at which a request is spoken of before its date is missed, in
// hundredths of the time it may take.
var levels = [...]int64{50, 80, 100}

// pause is a time in which the clock stood still; EndedAt is zero while it
// stands.
type pause struct{ BeganAt, EndedAt time.Time }

// maxPauses bounds the pauses of one request that its clock remembers.
const maxPauses = 1000

// pauses are those of a request since its clock was started, in order.
func (e *Engine) pauses(ctx context.Context, tx *store.Tx, d Dossier) ([]pause, error) {
	var out []pause
	err := tx.Select(ctx, &out, `SELECT began_at, ended_at FROM dossier_pause WHERE territory_id = @territory AND dossier_id = ? AND began_at >= ?
		ORDER BY began_at, id LIMIT ?`, d.ID, d.started(), maxPauses)
	if err != nil {
		return nil, fmt.Errorf("dossier: reading the pauses: %w", err)
	}
	return out, nil
}

// started is when the clock of the request was started last.
func (d Dossier) started() time.Time {
	if d.ClockAt.IsZero() {
		return d.OpenedAt
	}
	return d.ClockAt
}

// reached is the instant at which the clock started at start, and standing
// still during the pauses, has counted so many working minutes. While a pause
// lasts it is the instant if it ended as it began.
func reached(w Working, start time.Time, pauses []pause, minutes int) time.Time {
	at := start
	for _, p := range pauses {
		if p.BeganAt.After(at) {
			ran := w.Minutes(at, p.BeganAt)
			if minutes <= ran {
				break
			}
			minutes -= ran
			at = p.BeganAt
		}
		if p.EndedAt.IsZero() {
			break
		}
		if p.EndedAt.After(at) {
			at = p.EndedAt
		}
	}
	return w.Add(at, minutes).UTC()
}

// aim sets the due date of a request from its kind's clock, or from its kind's
// working days; a date that somebody gave stays. The pauses already had count.
func (e *Engine) aim(ctx context.Context, tx *store.Tx, d *Dossier, k Kind) error {
	if d.DueFixed {
		return nil
	}
	p, err := e.place(ctx, tx.Territory())
	if err != nil {
		return err
	}
	d.Minutes = 0
	if k.Clock != nil {
		n, err := k.Clock(ctx, tx, *d)
		if err != nil {
			return fmt.Errorf("dossier: asking %s how long it may take: %w", k.Name, err)
		}
		d.Minutes = int64(max(n, 0))
	}
	switch {
	case d.Minutes > 0:
		had, err := e.pauses(ctx, tx, *d)
		if err != nil {
			return err
		}
		d.DueAt = reached(p.Working, d.started(), had, int(d.Minutes))
	case k.Clock == nil && k.DueIn > 0:
		d.DueAt = p.due(d.started(), k.DueIn)
		d.SpanMicros = d.DueAt.Sub(d.started()).Microseconds()
	default:
		d.DueAt, d.SpanMicros = time.Time{}, 0
	}
	return nil
}

// level is the instant of a warning.
func (d Dossier) level(w Working, had []pause, of int64) time.Time {
	switch {
	case of == 100:
		return d.DueAt
	case d.Minutes > 0 && !d.DueFixed:
		return reached(w, d.started(), had, int(d.Minutes*of/100))
	}
	return d.DueAt.Add(-time.Duration(d.SpanMicros) * time.Microsecond / 100 * time.Duration(100-of))
}

// watch sets when the request is to be spoken of next. With again, its target
// is a new one: the levels it has not reached are given once more.
func (e *Engine) watch(ctx context.Context, tx *store.Tx, d *Dossier, again bool) error {
	if d.Closed() || d.Paused() || d.DueAt.IsZero() {
		d.WarnAt = time.Time{}
		return nil
	}
	p, err := e.place(ctx, tx.Territory())
	if err != nil {
		return err
	}
	had, err := e.pauses(ctx, tx, *d)
	if err != nil {
		return err
	}
	if again {
		var passed int64
		for _, of := range levels {
			if of <= d.Warned && !d.level(p.Working, had, of).After(tx.Now()) {
				passed = of
			}
		}
		d.Warned = passed
	}
	d.WarnAt = time.Time{}
	for _, of := range levels {
		if of > d.Warned {
			d.WarnAt = d.level(p.Working, had, of)
			return nil
		}
	}
	return nil
}
