package dossier

import (
	"context"
	"time"

	"parvis/platform/fault"
	"parvis/platform/store"
)

// Advance moves a request to a stage that may follow its own. A final stage
// closes it. Conflict when the stage may not follow (somebody was faster).
func (e *Engine) Advance(ctx context.Context, tx *store.Tx, id store.ID, by Author, stage string) (Dossier, error) {
	return e.advance(ctx, tx, id, by, stage, "")
}

// Close moves a request to a final stage with the reason that its requester
// reads (CRPA art. L. 211-5: a refusal states its grounds). Invalid without
// reason.
func (e *Engine) Close(ctx context.Context, tx *store.Tx, id store.ID, by Author, stage, reason string) (Dossier, error) {
	reason, err := clean(reason, "reason", false)
	if err != nil {
		return Dossier{}, err
	}
	d, err := e.Get(ctx, tx, id)
	if err != nil {
		return Dossier{}, err
	}
	if s, ok := e.kinds[d.Kind].stage(stage); !ok || !s.Final {
		return Dossier{}, fault.New(fault.Conflict, "dossier.error.stage")
	}
	return e.advance(ctx, tx, id, by, stage, reason)
}

func (e *Engine) advance(ctx context.Context, tx *store.Tx, id store.ID, by Author, stage, reason string) (Dossier, error) {
	var label string
	d, err := e.change(ctx, tx, id, func(d *Dossier, k Kind) error {
		if !k.allows(d.Stage, stage) {
			return fault.New(fault.Conflict, "dossier.error.stage")
		}
		s, _ := k.stage(stage)
		label = s.Label
		d.Stage = stage
		if s.Final {
			d.resume(tx.Now())
			d.ClosedAt = tx.Now()
		}
		return nil
	})
	if err != nil {
		return Dossier{}, err
	}
	if err := e.record(ctx, tx, d, Entry{Kind: StageEntry, Public: true, Author: by, TextKey: label, Body: reason}); err != nil {
		return Dossier{}, err
	}
	if d.Closed() {
		return d, e.tell(ctx, tx, "closed", d)
	}
	return d, e.tell(ctx, tx, "advanced", d)
}

// Reopen opens a closed request again, within the delay of its kind, with a
// new due date. Conflict when it is open, Gone when the delay is past.
func (e *Engine) Reopen(ctx context.Context, tx *store.Tx, id store.ID, by Author, reason string) (Dossier, error) {
	reason, err := clean(reason, "reason", false)
	if err != nil {
		return Dossier{}, err
	}
	p, err := e.place(ctx, tx.Territory())
	if err != nil {
		return Dossier{}, err
	}
	d, err := e.change(ctx, tx, id, func(d *Dossier, k Kind) error {
		switch {
		case !d.Closed():
			return fault.New(fault.Conflict, "dossier.error.open")
		case !k.reopens(*d, tx.Now()):
			return fault.New(fault.Gone, "dossier.error.reopen")
		}
		d.Stage, d.ClosedAt = k.reopenTo(), time.Time{}
		d.Reopened++
		if k.DueIn > 0 {
			d.DueAt = p.due(tx.Now(), k.DueIn)
		}
		return nil
	})
	if err != nil {
		return Dossier{}, err
	}
	if err := e.record(ctx, tx, d, Entry{Kind: ReopenEntry, Public: true, Author: by, TextKey: "dossier.entry.reopened", Body: reason}); err != nil {
		return Dossier{}, err
	}
	return d, e.tell(ctx, tx, "reopened", d)
}

// reopens tells whether a closed request may still be reopened at now.
func (k Kind) reopens(d Dossier, now time.Time) bool {
	return d.Closed() && k.Reopen > 0 && !now.After(d.ClosedAt.Add(k.Reopen))
}

// Pause stops the clock, for a reason that the requester reads: a paper is
// missing, another authority must answer.
func (e *Engine) Pause(ctx context.Context, tx *store.Tx, id store.ID, by Author, reason string) (Dossier, error) {
	reason, err := clean(reason, "reason", false)
	if err != nil {
		return Dossier{}, err
	}
	d, err := e.change(ctx, tx, id, func(d *Dossier, _ Kind) error {
		switch {
		case d.Closed():
			return fault.New(fault.Conflict, "dossier.error.closed")
		case d.Paused():
			return fault.New(fault.Conflict, "dossier.error.paused")
		}
		d.PausedAt = tx.Now()
		return nil
	})
	if err != nil {
		return Dossier{}, err
	}
	if err := e.record(ctx, tx, d, Entry{Kind: PauseEntry, Public: true, Author: by, TextKey: "dossier.entry.paused", Body: reason}); err != nil {
		return Dossier{}, err
	}
	return d, e.tell(ctx, tx, "paused", d)
}

// Resume starts the clock again: the due date moves by the time of the pause.
func (e *Engine) Resume(ctx context.Context, tx *store.Tx, id store.ID, by Author) (Dossier, error) {
	d, err := e.change(ctx, tx, id, func(d *Dossier, _ Kind) error {
		if !d.Paused() {
			return fault.New(fault.Conflict, "dossier.error.running")
		}
		d.resume(tx.Now())
		return nil
	})
	if err != nil {
		return Dossier{}, err
	}
	if err := e.record(ctx, tx, d, Entry{Kind: PauseEntry, Public: true, Author: by, TextKey: "dossier.entry.resumed"}); err != nil {
		return Dossier{}, err
	}
	return d, e.tell(ctx, tx, "resumed", d)
}

// resume ends a pause, if there is one.
func (d *Dossier) resume(now time.Time) {
	if !d.Paused() {
		return
	}
	pause := max(now.Sub(d.PausedAt), 0)
	d.PausedAt = time.Time{}
	d.PausedMicros += pause.Microseconds()
	if !d.DueAt.IsZero() {
		d.DueAt = d.DueAt.Add(pause)
	}
}

// Assign gives a request to a member of staff and to a team; 0 takes it away.
func (e *Engine) Assign(ctx context.Context, tx *store.Tx, id store.ID, by Author, owner, team store.ID) (Dossier, error) {
	same := false
	d, err := e.change(ctx, tx, id, func(d *Dossier, _ Kind) error {
		if d.Closed() {
			return fault.New(fault.Conflict, "dossier.error.closed")
		}
		same = d.OwnerID == owner && d.TeamID == team
		d.OwnerID, d.TeamID = owner, team
		return nil
	})
	if err != nil || same {
		return d, err
	}
	if err := e.record(ctx, tx, d, Entry{Kind: AssignmentEntry, Author: by, TextKey: "dossier.entry.assigned",
		Args: map[string]string{"owner": owner.String(), "team": team.String()}}); err != nil {
		return Dossier{}, err
	}
	return d, e.tell(ctx, tx, "assigned", d)
}
