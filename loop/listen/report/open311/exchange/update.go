package exchange

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"parvis/engine/dossier"
	"parvis/loop/listen/report"
	"parvis/platform/fault"
	"parvis/platform/store"
)

// Update satisfies Book. The state is changed first and the update noted last: when
// the program stops between, the same update comes again and changes nothing.
func (b Reports) Update(ctx context.Context, h store.Handle, t Told) (id string, fresh bool, err error) {
	number, ok := dossier.ParseNumber(t.Number)
	if !ok {
		return "", false, store.ErrNotFound
	}
	var r report.Report
	known := false
	err = h.View(ctx, func(tx *store.Tx) error {
		if r, err = b.ByNumber(ctx, tx, number); err != nil {
			return err
		}
		if err := b.maySee(ctx, tx, r, t); err != nil {
			return err
		}
		return tx.Get(ctx, &known, `SELECT EXISTS (SELECT 1 FROM open311_update WHERE territory_id = @territory AND origin = ? AND update_id = ?)`, t.Origin, t.UpdateID)
	})
	if err != nil || known {
		return t.UpdateID, false, err
	}
	return t.UpdateID, true, b.apply(ctx, h, r, t)
}

// maySee hides what is not public from all but those who filed it.
func (b Reports) maySee(ctx context.Context, tx *store.Tx, r report.Report, t Told) error {
	if r.Visible || t.Actor == 0 {
		return nil
	}
	var own bool
	err := tx.Get(ctx, &own, `SELECT EXISTS (SELECT 1 FROM open311_filing WHERE territory_id = @territory AND report_id = ? AND actor = ?)`, r.ID, t.Actor)
	if err == nil && !own {
		err = store.ErrNotFound
	}
	return err
}

// apply changes the state, keeps the photos, and writes down what was said.
func (b Reports) apply(ctx context.Context, h store.Handle, r report.Report, t Told) error {
	by := author()
	state, ok := stateOf(t.Status, t.External)
	if !ok {
		return fault.Fields{{Name: "status", Key: "open311.error.update.status"}}.Err()
	}
	said := false // the words are part of the change
	if t.Treats {
		if t.Actor == 0 {
			if err := b.echo(ctx, h, r.ID, t.Origin, state); err != nil {
				return err
			}
		}
		var err error
		if said, err = b.move(ctx, h, r, by, state, t.Text); err != nil {
			return err
		}
		for _, p := range t.Photos {
			if _, err := b.AddPhoto(ctx, h, r.ID, report.After, bytes.NewReader(p.JPEG)); err != nil {
				return err
			}
		}
	}
	err := h.Update(ctx, func(tx *store.Tx) error {
		if _, err := tx.Exec(ctx, `INSERT INTO open311_update (territory_id, origin, update_id, report_id, status, created_at) VALUES (@territory, ?, ?, ?, ?, ?)`,
			t.Origin, t.UpdateID, r.ID, t.Status, tx.Now()); err != nil {
			return fmt.Errorf("open311: noting an update: %w", err)
		}
		if t.Text != "" && !said {
			say := b.Dossiers.Note // nobody read it: for the staff
			if t.Treats {
				say = b.Dossiers.Say
			}
			if _, err := say(ctx, tx, r.DossierID, by, t.Text); err != nil {
				return err
			}
		}
		if t.Treats && t.MediaURL != "" {
			return b.fetchLater(ctx, tx, media{Report: r.ID, URL: t.MediaURL, Role: report.After, Peer: t.Origin})
		}
		return nil
	})
	if errors.Is(err, store.ErrConflict) && fault.Of(err).Key == "" {
		return nil // the same one came twice at once
	}
	return err
}

// move brings the report to a state; said tells that the text went with it.
func (b Reports) move(ctx context.Context, h store.Handle, r report.Report, by dossier.Author, to report.State, text string) (said bool, err error) {
	switch {
	case to == "" || to == r.State || r.MergedInto != 0:
		return false, nil
	case to == reopen && !r.Closed(), to.Final() && r.Closed(), r.Closed() && to != reopen:
		return false, nil
	case to == reopen:
		if text == "" {
			text = b.Words("open311.reopened")
		}
		_, err = b.Reopen(ctx, h, r.ID, by, text)
	case to.Final():
		if text == "" {
			text = b.Words(to.Label())
		}
		_, err = b.Close(ctx, h, r.ID, by, report.Closing{State: to, Reason: text})
	default:
		_, err = b.Advance(ctx, h, r.ID, by, to, time.Time{}, text)
	}
	if fault.Is(err, fault.Conflict) || fault.Is(err, fault.Gone) {
		return false, nil // somebody here decided otherwise, or it is too late: the words are kept
	}
	return err == nil, err
}

// author is the program: what it writes comes from elsewhere.
func author() dossier.Author { return dossier.Author{Kind: dossier.System} }
