package dossier

import (
	"context"
	"strconv"
	"time"

	"parvis/platform/fault"
	"parvis/platform/store"
)

// SetDue gives a request a date that nothing recomputes: what somebody
// announced. The date before stays in the timeline, where the requester reads
// both. Invalid when it is not after the opening, Conflict when the request is
// closed. A zero date gives the clock of the kind its word back.
func (e *Engine) SetDue(ctx context.Context, tx *store.Tx, id store.ID, by Author, due time.Time, reason string) (Dossier, error) {
	reason, err := clean(reason, "reason", true)
	if err != nil {
		return Dossier{}, err
	}
	var old time.Time
	d, err := e.change(ctx, tx, id, func(d *Dossier, k Kind) error {
		switch {
		case d.Closed():
			return fault.New(fault.Conflict, "dossier.error.closed")
		case !due.IsZero() && !due.After(d.OpenedAt):
			return fault.Fields{{Name: "due", Key: "dossier.error.due"}}.Err()
		}
		old = d.DueAt
		if due.IsZero() {
			d.DueFixed = false
			return e.aim(ctx, tx, d, k)
		}
		d.DueAt, d.DueFixed, d.Minutes = due.UTC(), true, 0
		d.SpanMicros = max(due.Sub(d.started()).Microseconds(), 0)
		return nil
	})
	if err != nil || old.Equal(d.DueAt) {
		return d, err
	}
	return d, e.retold(ctx, tx, d, by, old, reason)
}

// retold writes the old target and the new one in the timeline.
func (e *Engine) retold(ctx context.Context, tx *store.Tx, d Dossier, by Author, old time.Time, reason string) error {
	args, key := map[string]string{}, "dossier.entry.due"
	if old.IsZero() {
		key = "dossier.entry.due.first"
	} else {
		args["Old"] = old.Add(-time.Microsecond).Format(time.RFC3339Nano)
	}
	if d.DueAt.IsZero() {
		key = "dossier.entry.due.none"
	} else {
		args["New"] = d.DueDay().Format(time.RFC3339Nano)
	}
	return e.say(ctx, tx, d, "due", Entry{Kind: DueEntry, Public: true, Author: by, TextKey: key, Args: args, Body: reason})
}

// Classify changes what a request is about. The clock of its kind is asked
// again, with the time already spent; the target before stays in the timeline.
func (e *Engine) Classify(ctx context.Context, tx *store.Tx, id store.ID, by Author, c Class) (Dossier, error) {
	category, err := clean(c.Category, "title", true)
	if err != nil {
		return Dossier{}, err
	}
	var before Dossier
	d, err := e.change(ctx, tx, id, func(d *Dossier, k Kind) error {
		before = *d
		d.Category, d.Priority, d.SectorID, d.Private = category, c.Priority, c.SectorID, c.Private || k.Private
		if d.Closed() || k.Clock == nil {
			return nil
		}
		return e.aim(ctx, tx, d, k)
	})
	if err != nil {
		return Dossier{}, err
	}
	if before.Category != d.Category || before.Priority != d.Priority || before.SectorID != d.SectorID || before.Private != d.Private {
		if err := e.record(ctx, tx, d, Entry{Kind: ClassEntry, Author: by, TextKey: "dossier.entry.class", Args: map[string]string{
			"Category": d.Category, "Priority": strconv.FormatInt(d.Priority, 10), "OldCategory": before.Category,
			"OldPriority": strconv.FormatInt(before.Priority, 10), "sector": d.SectorID.String()}}); err != nil {
			return Dossier{}, err
		}
	}
	if before.DueAt.Equal(d.DueAt) {
		return d, nil
	}
	return d, e.retold(ctx, tx, d, by, before.DueAt, "")
}
