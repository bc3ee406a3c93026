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
			d.ClosedAt = tx.Now()
			return e.endPause(ctx, tx, d)
		}
		return nil
	})
	if err != nil {
		return Dossier{}, err
	}
	event := "advanced"
	if d.Closed() {
		event = "closed"
	}
	return d, e.say(ctx, tx, d, event, Entry{Kind: StageEntry, Public: true, Author: by, TextKey: label, Body: reason})
}

// Reopen opens a closed request again, within the delay of its kind, with a
// new due date. Conflict when it is open, Gone when the delay is past.
func (e *Engine) Reopen(ctx context.Context, tx *store.Tx, id store.ID, by Author, reason string) (Dossier, error) {
	reason, err := clean(reason, "reason", false)
	if err != nil {
		return Dossier{}, err
	}
	d, err := e.change(ctx, tx, id, func(d *Dossier, k Kind) error {
		switch {
		case !d.Closed():
			return fault.New(fault.Conflict, "dossier.error.open")
		case d.MergedInto != 0:
			return fault.New(fault.Conflict, "dossier.error.merged")
		case !k.reopens(*d, tx.Now()):
			return fault.New(fault.Gone, "dossier.error.reopen")
		}
		d.Stage, d.ClosedAt = k.reopenTo(), time.Time{}
		d.Reopened++
		// A new clock: what was announced the first time does not count any more.
		d.ClockAt, d.DueFixed, d.Warned = tx.Now(), false, 0
		return e.aim(ctx, tx, d, k)
	})
	if err != nil {
		return Dossier{}, err
	}
	return d, e.say(ctx, tx, d, "reopened", Entry{Kind: ReopenEntry, Public: true, Author: by, TextKey: "dossier.entry.reopened", Body: reason})
}

// reopens tells whether a closed request may still be reopened at now.
func (k Kind) reopens(d Dossier, now time.Time) bool {
	return d.Closed() && k.Reopen > 0 && !now.After(d.ClosedAt.Add(k.Reopen))
}

// Assign gives a request to a member of staff and to a team; 0 takes it away.
func (e *Engine) Assign(ctx context.Context, tx *store.Tx, id store.ID, by Author, owner, team store.ID) (Dossier, error) {
	return e.assign(ctx, tx, id, by, owner, team, "")
}

// Transfer gives a request to others with a note that says why; only staff read
// it. Invalid without note.
func (e *Engine) Transfer(ctx context.Context, tx *store.Tx, id store.ID, by Author, owner, team store.ID, note string) (Dossier, error) {
	note, err := clean(note, "note", false)
	if err != nil {
		return Dossier{}, err
	}
	return e.assign(ctx, tx, id, by, owner, team, note)
}

func (e *Engine) assign(ctx context.Context, tx *store.Tx, id store.ID, by Author, owner, team store.ID, note string) (Dossier, error) {
	same := false
	d, err := e.change(ctx, tx, id, func(d *Dossier, _ Kind) error {
		if d.Closed() {
			return fault.New(fault.Conflict, "dossier.error.closed")
		}
		same = d.OwnerID == owner && d.TeamID == team
		d.OwnerID, d.TeamID = owner, team
		return nil
	})
	if err != nil || same && note == "" {
		return d, err
	}
	return d, e.say(ctx, tx, d, "assigned", Entry{Kind: AssignmentEntry, Author: by, TextKey: "dossier.entry.assigned", Body: note,
		Args: map[string]string{"owner": owner.String(), "team": team.String()}})
}
