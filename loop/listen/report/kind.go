package report

import (
	"context"
	"errors"
	"fmt"
	"time"

	"parvis/engine/dossier"
	"parvis/platform/fault"
	"parvis/platform/geo"
	"parvis/platform/store"
)

// clock is how long a report may take, in working minutes: the engine asks at
// opening and whenever its class changes.
func (s *Reports) clock(ctx context.Context, tx *store.Tx, d dossier.Dossier) (int, error) {
	var r Report
	if err := tx.Get(ctx, &r, `SELECT `+columns+` FROM report WHERE territory_id = @territory AND id = ?`, subjectID(d.SubjectRef)); err != nil {
		return 0, fmt.Errorf("report: the report of a dossier: %w", err)
	}
	c, err := s.Category(ctx, tx, r.CategoryID)
	if errors.Is(err, store.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	var point *geo.Point
	if p, ok := r.Point(); ok {
		point = &p
	}
	sectors, err := s.sectors(ctx, tx, point)
	if err != nil {
		return 0, err
	}
	return c.Detail.V.Promised(Priority(d.Priority), sectors), nil
}

// changed keeps the row in step with its dossier, in the same transaction,
// whoever changes it: this service, the desk, the program.
func (s *Reports) changed(ctx context.Context, tx *store.Tx, before, after dossier.Dossier) error {
	id := subjectID(after.SubjectRef)
	state := State(after.Stage)
	reopened := before.Closed() && !after.Closed() && before.MergedInto == 0
	if reopened {
		if err := s.mayReopen(ctx, tx, id, before.ClosedAt); err != nil {
			return err
		}
	}
	var merged store.ID
	if after.MergedInto != 0 {
		if err := tx.Get(ctx, &merged, `SELECT id FROM report WHERE territory_id = @territory AND dossier_id = ?`, after.MergedInto); err != nil {
			return fmt.Errorf("report: the report that goes on: %w", err)
		}
	}
	if before.MergedInto != after.MergedInto {
		if err := s.countMerged(ctx, tx, id, before.MergedInto, after.MergedInto); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, `UPDATE report SET state = ?, tone = ?, due_at = ?, closed_at = ?, priority = ?, sector_id = ?, crew_id = ?, merged_into = ?,
		cause = CASE WHEN ? THEN '' ELSE cause END, reason = CASE WHEN ? THEN '' ELSE reason END, updated_at = ?, version = version + 1
		WHERE territory_id = @territory AND id = ?`, state, int(state.Public()), after.DueAt, after.ClosedAt, max(int(after.Priority), 1), after.SectorID, after.TeamID,
		merged, reopened, reopened, tx.Now(), id)
	if err != nil {
		return fmt.Errorf("report: following its dossier: %w", err)
	}
	return nil
}

// mayReopen holds to the delay of the category, which may be shorter than that
// of the kind.
func (s *Reports) mayReopen(ctx context.Context, tx *store.Tx, id store.ID, closed time.Time) error {
	var category store.ID
	if err := tx.Get(ctx, &category, `SELECT category_id FROM report WHERE territory_id = @territory AND id = ?`, id); err != nil {
		return fmt.Errorf("report: reopening: %w", err)
	}
	c, err := s.Category(ctx, tx, category)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if tx.Now().After(closed.Add(c.Reopening())) {
		return fault.New(fault.Gone, "dossier.error.reopen")
	}
	return nil
}

// countMerged moves the voices of a merged report to the one that goes on, its
// author among them, and back.
func (s *Reports) countMerged(ctx context.Context, tx *store.Tx, id, left, joined store.ID) error {
	var voices int
	if err := tx.Get(ctx, &voices, `SELECT follow_count + 1 FROM report WHERE territory_id = @territory AND id = ?`, id); err != nil {
		return fmt.Errorf("report: counting who follows: %w", err)
	}
	for _, x := range []struct {
		dossier store.ID
		add     int
	}{{left, -voices}, {joined, voices}} {
		if x.dossier == 0 {
			continue
		}
		if _, err := tx.Exec(ctx, `UPDATE report SET follow_count = CASE WHEN follow_count + ? < 0 THEN 0 ELSE follow_count + ? END, updated_at = ?
			WHERE territory_id = @territory AND dossier_id = ?`, x.add, x.add, tx.Now(), x.dossier); err != nil {
			return fmt.Errorf("report: counting who follows: %w", err)
		}
	}
	return nil
}
