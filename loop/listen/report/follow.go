package report

import (
	"context"
	"fmt"

	"parvis/core/link"
	"parvis/engine/dossier"
	"parvis/platform/fault"
	"parvis/platform/store"
)

// subjectID is the identifier in "report:77", 0 for anything else.
func subjectID(ref string) store.ID {
	kind, id, err := link.Ref(ref).Split()
	if err != nil || kind != Kind {
		return 0
	}
	return id
}

// Follow says « moi aussi »: the voice is counted, and with a contact its owner
// is told what the author is told, until they stop it from any message. The
// same contact twice is one voice. Conflict when the report is closed.
func (s *Reports) Follow(ctx context.Context, h store.Handle, id store.ID, who Contact, lang string) (Report, error) {
	return s.change(ctx, h, id, func(tx *store.Tx, r Report) error {
		if r.MergedInto != 0 {
			return fault.New(fault.Conflict, "report.error.merged")
		}
		if r.Closed() {
			return fault.New(fault.Conflict, "report.error.closed")
		}
		if who.Reachable() {
			before, err := s.Dossiers.CountFollowers(ctx, tx, r.DossierID)
			if err != nil {
				return err
			}
			if _, err := s.Dossiers.Follow(ctx, tx, r.DossierID, dossier.Contact{Email: who.Email, Phone: who.Phone, Lang: lang}); err != nil {
				return err
			}
			after, err := s.Dossiers.CountFollowers(ctx, tx, r.DossierID)
			if err != nil || after == before {
				return err
			}
		}
		if _, err := tx.Exec(ctx, `UPDATE report SET follow_count = follow_count + 1, updated_at = ?, version = version + 1 WHERE territory_id = @territory AND id = ?`, tx.Now(), id); err != nil {
			return fmt.Errorf("report: counting a voice: %w", err)
		}
		return s.raise(ctx, tx, r)
	})
}

// raise makes a report more pressing the moment its voices reach a step, once:
// what the staff decides afterwards stays.
func (s *Reports) raise(ctx context.Context, tx *store.Tx, r Report) error {
	if r.Followers+1 != followersPerStep {
		return nil
	}
	to := r.Priority.With(r.Followers + 1)
	if to == r.Priority {
		return nil
	}
	d, err := s.Dossiers.Get(ctx, tx, r.DossierID)
	if err != nil {
		return err
	}
	_, err = s.Dossiers.Classify(ctx, tx, r.DossierID, dossier.Author{Kind: dossier.System}, dossier.Class{Category: d.Category, Priority: int64(to), SectorID: d.SectorID, Private: d.Private})
	return err
}
