package report

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"parvis/engine/dossier"
	"parvis/platform/fault"
	"parvis/platform/geo"
	"parvis/platform/store"
)

// Advance moves a report to another open state. note is said to those who
// follow; planned is the day of the work, for Planned only, zero unknown.
// Conflict when the state may not follow.
func (s *Reports) Advance(ctx context.Context, h store.Handle, id store.ID, by dossier.Author, to State, planned time.Time, note string) (Report, error) {
	if !to.Known() || to.Final() {
		return Report{}, fault.New(fault.Conflict, "dossier.error.stage")
	}
	return s.change(ctx, h, id, func(tx *store.Tx, r Report) error {
		if to == Planned && !planned.IsZero() {
			if _, err := tx.Exec(ctx, `UPDATE report SET planned_at = ? WHERE territory_id = @territory AND id = ?`, planned, id); err != nil {
				return fmt.Errorf("report: planning: %w", err)
			}
		}
		if r.State != to {
			if _, err := s.Dossiers.Advance(ctx, tx, r.DossierID, by, string(to)); err != nil {
				return err
			}
		}
		if strings.TrimSpace(note) == "" {
			return nil
		}
		_, err := s.Dossiers.Say(ctx, tx, r.DossierID, by, note)
		return err
	})
}

// Closing is the motivated answer that ends a report.
type Closing struct {
	State  State
	Reason string // read by everybody who follows (CRPA art. L. 211-5)
	Cause  string // one of those of the category, for statistics; "" none
}

// Close ends a report with its reason. Invalid without reason or with a cause
// that the category does not know, Conflict when it is closed.
func (s *Reports) Close(ctx context.Context, h store.Handle, id store.ID, by dossier.Author, end Closing) (Report, error) {
	if !slices.Contains(Finals(), end.State) {
		return Report{}, fault.Fields{{Name: "state", Key: "report.error.state"}}.Err()
	}
	if strings.TrimSpace(end.Reason) == "" {
		return Report{}, fault.Fields{{Name: "reason", Key: "report.error.reason"}}.Err()
	}
	return s.change(ctx, h, id, func(tx *store.Tx, r Report) error {
		c, err := s.Category(ctx, tx, r.CategoryID)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if end.Cause != "" && !slices.Contains(c.Detail.V.Causes, end.Cause) {
			return fault.Fields{{Name: "cause", Key: "report.error.cause"}}.Err()
		}
		if _, err := s.Dossiers.Close(ctx, tx, r.DossierID, by, string(end.State), end.Reason); err != nil {
			return err
		}
		shown, _ := mask(end.Reason)
		if _, err := tx.Exec(ctx, `UPDATE report SET cause = ?, reason = ? WHERE territory_id = @territory AND id = ?`, end.Cause, shown, id); err != nil {
			return fmt.Errorf("report: noting why: %w", err)
		}
		return s.Bus.Append(ctx, tx, "report.closed", r.Ref(), map[string]any{"state": end.State, "cause": end.Cause})
	})
}

// Reopen opens a closed report again within the delay of its category. Gone
// when it is past, Conflict when it is open.
func (s *Reports) Reopen(ctx context.Context, h store.Handle, id store.ID, by dossier.Author, reason string) (Report, error) {
	return s.change(ctx, h, id, func(tx *store.Tx, r Report) error {
		_, err := s.Dossiers.Reopen(ctx, tx, r.DossierID, by, reason)
		return err
	})
}

// Merge closes a report that says the same as another: everybody who follows
// it follows the other from then on, and its address leads there. Reversible
// with Unmerge.
func (s *Reports) Merge(ctx context.Context, h store.Handle, from, into store.ID, by dossier.Author) (Report, error) {
	return s.change(ctx, h, from, func(tx *store.Tx, r Report) error {
		kept, err := s.Get(ctx, tx, into)
		if err != nil {
			return err
		}
		if kept.ID == r.ID || kept.MergedInto == r.ID {
			return fault.New(fault.Conflict, "dossier.error.merge")
		}
		if _, err := s.Dossiers.Merge(ctx, tx, r.DossierID, kept.DossierID, by); err != nil {
			return err
		}
		return s.Bus.Append(ctx, tx, "report.merged", r.Ref(), map[string]any{"into": kept.ID})
	})
}

// Unmerge takes a merge back.
func (s *Reports) Unmerge(ctx context.Context, h store.Handle, id store.ID, by dossier.Author) (Report, error) {
	return s.change(ctx, h, id, func(tx *store.Tx, r Report) error {
		_, err := s.Dossiers.Unmerge(ctx, tx, r.DossierID, by)
		return err
	})
}

// Sorting is what a report is about, and where.
type Sorting struct {
	Category store.ID
	Priority Priority
	Crew     store.ID
	Owner    store.ID
	Point    *geo.Point // nil: where it was
	Address  string
}

// Sort changes what a report is about: the promised date is computed again
// from its beginning, the one before stays in the history.
func (s *Reports) Sort(ctx context.Context, h store.Handle, id store.ID, by dossier.Author, to Sorting) (Report, error) {
	return s.change(ctx, h, id, func(tx *store.Tx, r Report) error {
		c, err := s.Category(ctx, tx, to.Category)
		if errors.Is(err, store.ErrNotFound) {
			return fault.Fields{{Name: "category", Key: "report.error.category"}}.Err()
		}
		if err != nil {
			return err
		}
		if to.Point != nil {
			if !to.Point.Valid() {
				return fault.Fields{{Name: "point", Key: "report.error.point"}}.Err()
			}
			r.Lat, r.Lon, r.Located, r.Cell, r.Accuracy = to.Point.Lat, to.Point.Lon, true, geo.CellKey(*to.Point), 0
		}
		point := to.Point
		if p, ok := r.Point(); ok {
			point = &p
		}
		sectors, err := s.sectors(ctx, tx, point)
		if err != nil {
			return err
		}
		if len(sectors) > 0 {
			r.SectorID = sectors[0]
		}
		crew, owner := to.Crew, to.Owner
		if to.Category != r.CategoryID && crew == r.CrewID { // another trade, other people
			crew, owner = c.Detail.V.Routed(sectors)
		}
		if address := tidy(to.Address); address != "" {
			r.Address = address
		}
		r.CategoryID, r.Title = c.ID, c.Label
		r.Private = r.Private || c.Private()
		r.Visible = r.Visible && !r.Private
		if _, err := tx.Exec(ctx, `UPDATE report SET category_id = ?, title = ?, text_fold = ?, address = ?, lat = ?, lon = ?, located = ?, cell = ?, accuracy = ?,
			sector_id = ?, private = ?, visible = ? WHERE territory_id = @territory AND id = ?`, r.CategoryID, r.Title, folded(r), r.Address, r.Lat, r.Lon, r.Located,
			r.Cell, r.Accuracy, r.SectorID, r.Private, r.Visible, id); err != nil {
			return fmt.Errorf("report: sorting: %w", err)
		}
		if _, err := s.Dossiers.Classify(ctx, tx, r.DossierID, by, dossier.Class{Category: c.Label, Priority: int64(min(max(to.Priority, Low), Urgent)),
			SectorID: r.SectorID, Private: c.Detail.V.Sensitive}); err != nil {
			return err
		}
		if r.Closed() {
			return nil
		}
		_, err = s.Dossiers.Assign(ctx, tx, r.DossierID, by, owner, crew)
		return err
	})
}

// change runs do in one transaction on a report and reads it again.
func (s *Reports) change(ctx context.Context, h store.Handle, id store.ID, do func(tx *store.Tx, r Report) error) (Report, error) {
	var out Report
	err := h.Update(ctx, func(tx *store.Tx) error {
		r, err := s.Get(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := do(tx, r); err != nil {
			return err
		}
		out, err = s.Get(ctx, tx, id)
		return err
	})
	return out, err
}
