package person

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"parvis/platform/fault"
	"parvis/platform/store"
)

// trace is the data of the events of this file: numbers, never names.
type trace struct {
	From store.ID `json:"from,omitzero"`
	By   store.ID `json:"by"`
}

// Merge puts two cards of one person together: into keeps what it says and is
// completed by what only from had; from becomes a mere signpost to into. Faults:
// NotFound when one of them is gone, person.error.merge for one card twice.
func (r *Residents) Merge(ctx context.Context, tx *store.Tx, from, into, by store.ID) error {
	if from == into {
		return fault.New(fault.Invalid, "person.error.merge")
	}
	old, err := r.exactly(ctx, tx, from)
	if err != nil {
		return err
	}
	kept, err := r.exactly(ctx, tx, into)
	if err != nil {
		return err
	}
	for _, s := range r.w.Sections {
		if s.Merge != nil {
			if err := s.Merge(ctx, tx, from, into); err != nil {
				return fmt.Errorf("person: merging %s: %w", s.Name, err)
			}
		}
	}
	if kept.Title == NoTitle {
		kept.Title = old.Title
	}
	if kept.Phone.IsZero() {
		kept.Phone = old.Phone
	}
	if kept.Email == "" {
		kept.Email = old.Email
	}
	if old.Notes != "" && old.Notes != kept.Notes {
		kept.Notes = clip(strings.TrimSpace(kept.Notes+"\n"+old.Notes), notesLimit)
	}
	if err := r.Update(ctx, tx, into, kept); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE person_resident SET merged_into = ? WHERE territory_id = @territory AND merged_into = ?`, into, from); err != nil {
		return fmt.Errorf("person: following earlier merges: %w", err)
	}
	if _, err := tx.Exec(ctx, `UPDATE person_resident SET merged_into = ?, title = '', first_name = '', last_name = '', name_fold = '', given_fold = '',
		phone = '', email = '', notes = '', last_used_at = ? WHERE territory_id = @territory AND id = ?`, into, tx.Now(), from); err != nil {
		return fmt.Errorf("person: merging: %w", err)
	}
	return r.w.record(ctx, tx, "person.merged", "resident:"+into.String(), trace{From: from, By: by})
}

// exactly finds a card that was not merged.
func (r *Residents) exactly(ctx context.Context, tx *store.Tx, id store.ID) (Resident, error) {
	found, err := r.Get(ctx, tx, id)
	if err == nil && found.ID != id {
		err = store.ErrNotFound
	}
	return found, err
}

// Copy is everything kept about a resident, in the form the person receives it.
type Copy struct {
	EstablishedAt time.Time      `json:"establishedAt"`
	Territory     string         `json:"territory"`
	Card          Card           `json:"card"`
	Services      map[string]any `json:"services"`
}

// Export gathers what the territory keeps about a person (GDPR arts. 15 and 20)
// and records that it was asked for.
func (r *Residents) Export(ctx context.Context, tx *store.Tx, id, by store.ID) (Copy, error) {
	card, err := r.Get(ctx, tx, id)
	if err != nil {
		return Copy{}, err
	}
	out := Copy{EstablishedAt: tx.Now(), Territory: tx.Territory(), Services: map[string]any{}, Card: card.outside()}
	for _, s := range r.w.Sections {
		if s.Export == nil {
			continue
		}
		data, err := s.Export(ctx, tx, card.ID)
		if err != nil {
			return Copy{}, fmt.Errorf("person: exporting %s: %w", s.Name, err)
		}
		if data != nil {
			out.Services[s.Name] = data
		}
	}
	return out, r.w.record(ctx, tx, "person.exported", "resident:"+card.ID.String(), trace{By: by})
}

// Erase forgets a person (GDPR art. 17), unless a service still needs the card: a
// Conflict fault says why. It erases what the services keep, then the card, its
// signposts and the codes of its addresses. by is 0 for the nightly sweep.
func (r *Residents) Erase(ctx context.Context, tx *store.Tx, id, by store.ID) error {
	card, err := r.exactly(ctx, tx, id)
	if err != nil {
		return err
	}
	for _, s := range r.w.Sections {
		if s.Needs != nil {
			if err := s.Needs(ctx, tx, id); err != nil {
				return fmt.Errorf("person: asking %s: %w", s.Name, err)
			}
		}
	}
	for _, s := range r.w.Sections {
		if s.Erase != nil {
			if err := s.Erase(ctx, tx, id); err != nil {
				return fmt.Errorf("person: erasing %s: %w", s.Name, err)
			}
		}
	}
	if _, err := tx.Exec(ctx, `DELETE FROM person_resident WHERE territory_id = @territory AND (id = ? OR merged_into = ?)`, id, id); err != nil {
		return fmt.Errorf("person: erasing: %w", err)
	}
	if _, err := tx.Exec(ctx, `DELETE FROM person_code WHERE territory_id = @territory AND address <> '' AND address IN (?, ?)`,
		card.Phone, card.Email); err != nil {
		return fmt.Errorf("person: erasing codes: %w", err)
	}
	return r.w.record(ctx, tx, "person.erased", "resident:"+id.String(), trace{By: by})
}

// purge erases cards nobody used since before. A card that a service still needs
// is kept another year.
func (r *Residents) purge(ctx context.Context, tx *store.Tx, before time.Time, limit int) (int64, error) {
	type row struct {
		TerritoryID string
		ID          store.ID
		MergedInto  store.ID
	}
	here := ""
	if tx.Territory() != "" {
		here = "territory_id = @territory AND "
	}
	var old []row
	if err := tx.Select(ctx, &old, `SELECT territory_id, id, merged_into FROM person_resident WHERE `+here+`last_used_at < ? LIMIT ?`, before, limit); err != nil {
		return 0, fmt.Errorf("person: listing old cards: %w", err)
	}
	for _, x := range old {
		bound := tx.Bind(x.TerritoryID)
		if x.MergedInto != 0 {
			if _, err := bound.Exec(ctx, `DELETE FROM person_resident WHERE territory_id = @territory AND id = ?`, x.ID); err != nil {
				return 0, fmt.Errorf("person: purging a signpost: %w", err)
			}
			continue
		}
		err := r.Erase(ctx, bound, x.ID, 0)
		switch {
		case fault.Is(err, fault.Conflict):
			if err := r.Touch(ctx, bound, x.ID); err != nil {
				return 0, err
			}
		case err != nil && !errors.Is(err, store.ErrNotFound):
			return 0, err
		}
	}
	return int64(len(old)), nil
}

// clip cuts a text after limit characters.
func clip(s string, limit int) string {
	if r := []rune(s); len(r) > limit {
		return string(r[:limit])
	}
	return s
}
