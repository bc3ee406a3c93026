package dossier

import (
	"context"
	"errors"
	"fmt"
	"time"

	"parvis/platform/fault"
	"parvis/platform/store"
)

// maxMerges bounds how long a chain of merged requests is followed.
const maxMerges = 20

// Kept is the request in which another goes on: itself, unless it was merged.
func (e *Engine) Kept(ctx context.Context, tx *store.Tx, d Dossier) (Dossier, error) {
	for range maxMerges {
		if d.MergedInto == 0 {
			return d, nil
		}
		next, err := e.Get(ctx, tx, d.MergedInto)
		if errors.Is(err, store.ErrNotFound) {
			return d, nil // the kept one was erased at the end of its time
		}
		if err != nil {
			return Dossier{}, err
		}
		d = next
	}
	return d, nil
}

// Merge closes a request that says the same as another, which goes on for both:
// its requester and its followers follow the other from now on, its page and
// its number answer with the other. Both are of the same kind. Conflict when
// one of them is closed or they are the same.
func (e *Engine) Merge(ctx context.Context, tx *store.Tx, from, into store.ID, by Author) (Dossier, error) {
	kept, err := e.Get(ctx, tx, into)
	if err != nil {
		return Dossier{}, err
	}
	if kept, err = e.Kept(ctx, tx, kept); err != nil {
		return Dossier{}, err
	}
	var label string
	var before Dossier
	d, err := e.change(ctx, tx, from, func(d *Dossier, k Kind) error {
		s, ok := k.stage(k.MergeTo)
		switch {
		case d.ID == kept.ID || d.Kind != kept.Kind || !ok:
			return fault.New(fault.Conflict, "dossier.error.merge")
		case d.Closed():
			return fault.New(fault.Conflict, "dossier.error.closed")
		case kept.Closed():
			return fault.New(fault.Conflict, "dossier.error.merge.closed")
		case (d.Private || kept.Private) && !d.sameRequester(kept):
			// The page of one shows the title and the steps of the other.
			return fault.New(fault.Conflict, "dossier.error.merge.private")
		}
		before, label = *d, s.Label
		if err := e.endPause(ctx, tx, d); err != nil {
			return err
		}
		d.Stage, d.ClosedAt, d.MergedInto = s.Name, tx.Now(), kept.ID
		return nil
	})
	if err != nil {
		return Dossier{}, err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO dossier_merge (territory_id, dossier_id, into_id, stage, paused_at, pause_until, merged_by, merged_at)
		VALUES (@territory, ?, ?, ?, ?, ?, ?, ?)`, d.ID, kept.ID, before.Stage, before.PausedAt, before.PauseUntil, by.ID, tx.Now()); err != nil {
		return Dossier{}, fmt.Errorf("dossier: merging: %w", err)
	}
	if err := e.followWith(ctx, tx, d, kept.ID); err != nil {
		return Dossier{}, err
	}
	if err := e.record(ctx, tx, kept, Entry{Kind: MergeEntry, Author: by, TextKey: "dossier.entry.joined", Args: map[string]string{"Number": d.Number}}); err != nil {
		return Dossier{}, err
	}
	return d, e.say(ctx, tx, d, "merged", Entry{Kind: MergeEntry, Public: true, Author: by, TextKey: "dossier.entry.merged",
		Args: map[string]string{"Number": kept.Number, "Label": label}})
}

// sameRequester tells whether two requests come from the same person, as far as
// is known.
func (d Dossier) sameRequester(o Dossier) bool {
	return d.RequesterID != 0 && d.RequesterID == o.RequesterID || d.Phone != "" && d.Phone == o.Phone || d.Email != "" && d.Email == o.Email
}

// Unmerge takes a merge back: the request is open again where it was, and those
// who came with it no longer follow the other. Conflict when it was not merged.
func (e *Engine) Unmerge(ctx context.Context, tx *store.Tx, id store.ID, by Author) (Dossier, error) {
	var was struct {
		IntoID     store.ID
		Stage      string
		PausedAt   time.Time
		PauseUntil time.Time
	}
	err := tx.Get(ctx, &was, `SELECT into_id, stage, paused_at, pause_until FROM dossier_merge WHERE territory_id = @territory AND dossier_id = ?`, id)
	if errors.Is(err, store.ErrNotFound) {
		return Dossier{}, fault.New(fault.Conflict, "dossier.error.unmerged")
	}
	if err != nil {
		return Dossier{}, err
	}
	d, err := e.change(ctx, tx, id, func(d *Dossier, k Kind) error {
		if d.MergedInto == 0 {
			return fault.New(fault.Conflict, "dossier.error.unmerged")
		}
		// The clock ran while the other request went on for this one.
		d.Stage, d.ClosedAt, d.MergedInto = was.Stage, time.Time{}, 0
		if was.PausedAt.IsZero() {
			return nil
		}
		return e.beginPause(ctx, tx, d, was.PauseUntil)
	})
	if err != nil {
		return Dossier{}, err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM dossier_merge WHERE territory_id = @territory AND dossier_id = ?`, id); err != nil {
		return Dossier{}, fmt.Errorf("dossier: undoing a merge: %w", err)
	}
	if err := e.unfollowWith(ctx, tx, d.ID); err != nil {
		return Dossier{}, err
	}
	if kept, err := e.Get(ctx, tx, was.IntoID); err == nil {
		if err := e.record(ctx, tx, kept, Entry{Kind: MergeEntry, Author: by, TextKey: "dossier.entry.left", Args: map[string]string{"Number": d.Number}}); err != nil {
			return Dossier{}, err
		}
	} else if !errors.Is(err, store.ErrNotFound) {
		return Dossier{}, err
	}
	return d, e.say(ctx, tx, d, "unmerged", Entry{Kind: MergeEntry, Public: true, Author: by, TextKey: "dossier.entry.unmerged"})
}

// Merged lists the requests that go on in one, at most 100, oldest first.
func (e *Engine) Merged(ctx context.Context, tx *store.Tx, into store.ID) ([]Dossier, error) {
	var out []Dossier
	err := tx.Select(ctx, &out, `SELECT `+columns+` FROM dossier WHERE territory_id = @territory AND merged_into = ? AND merged_into <> 0 ORDER BY id LIMIT 100`, into)
	return out, err
}

// keepMerged makes the requests that go on in d live as long as it.
func (e *Engine) keepMerged(ctx context.Context, tx *store.Tx, d Dossier, erase time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE dossier SET erase_at = ? WHERE territory_id = @territory AND merged_into = ? AND merged_into <> 0`, erase, d.ID)
	if err != nil {
		return fmt.Errorf("dossier: keeping merged requests: %w", err)
	}
	return nil
}
