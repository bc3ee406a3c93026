package appointment

import (
	"context"
	"errors"
	"fmt"

	"parvis/platform/fault"
	"parvis/platform/search"
	"parvis/platform/store"
)

const reasonColumns = `id, name, team, need, colour, duration_min, step_min, before_min, after_min, min_delay_min, max_delay_days,
	cancel_hours, move_hours, mode, online, sensitive, agents_needed, equipment, reminders, before_text, after_text, sort_rank, active, version, created_at`

// Reason finds one; NotFound as a fault when the territory has none of that id.
func (s *Service) Reason(ctx context.Context, tx *store.Tx, id store.ID) (Reason, error) {
	var r Reason
	err := tx.Get(ctx, &r, `SELECT `+reasonColumns+` FROM appointment_reason WHERE territory_id = @territory AND id = ?`, id)
	if errors.Is(err, store.ErrNotFound) {
		return r, fault.New(fault.NotFound, "appointment.error.no_reason").Because(err)
	}
	return r, err
}

// maxReasons bounds a list; a département has about a hundred.
const maxReasons = 1000

// Reasons lists the reasons in the order of the territory; online keeps those
// that residents may book, all adds the closed ones.
func (s *Service) Reasons(ctx context.Context, tx *store.Tx, online, all bool) ([]Reason, error) {
	var out []Reason
	err := tx.Select(ctx, &out, `SELECT `+reasonColumns+` FROM appointment_reason
		WHERE territory_id = @territory AND (active OR ?) AND (online OR NOT ?) ORDER BY active DESC, sort_rank, name_fold, id LIMIT ?`, all, online, maxReasons)
	if err != nil {
		return nil, fmt.Errorf("appointment: listing reasons: %w", err)
	}
	return out, nil
}

// SaveReason inserts (ID 0) or updates; Conflict when it changed since the
// version given, and a mistake on mode when appointments exist already.
func (s *Service) SaveReason(ctx context.Context, tx *store.Tx, r Reason) (store.ID, error) {
	if err := r.Check(); err != nil {
		return 0, err
	}
	if r.ID == 0 {
		r.ID = store.NewID()
		_, err := tx.Exec(ctx, `INSERT INTO appointment_reason (territory_id, id, name, name_fold, team, need, colour, duration_min, step_min, before_min, after_min,
				min_delay_min, max_delay_days, cancel_hours, move_hours, mode, online, sensitive, agents_needed, equipment, reminders, before_text, after_text,
				sort_rank, active, version, created_at)
			VALUES (@territory, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?)`,
			r.ID, r.Name, search.Fold(r.Name), r.Team, r.Need, r.Colour, r.DurationMin, r.StepMin, r.BeforeMin, r.AfterMin, r.MinDelayMin, r.MaxDelayDays,
			r.CancelHours, r.MoveHours, r.Mode, r.Online, r.Sensitive, r.AgentsNeeded, r.Equipment, r.Reminders, r.BeforeText, r.AfterText, r.SortRank, r.Active, tx.Now())
		if err != nil {
			return 0, fmt.Errorf("appointment: adding a reason: %w", err)
		}
		return r.ID, nil
	}
	before, err := s.Reason(ctx, tx, r.ID)
	if err != nil {
		return 0, err
	}
	if before.Mode != r.Mode {
		var used bool
		if err := tx.Get(ctx, &used, `SELECT EXISTS (SELECT 1 FROM appointment WHERE territory_id = @territory AND reason_id = ?)`, r.ID); err != nil {
			return 0, fmt.Errorf("appointment: is the reason used: %w", err)
		}
		if used {
			var wrong fault.Fields
			wrong.Add("mode", "appointment.error.mode_frozen")
			return 0, wrong.Err()
		}
	}
	n, err := tx.Exec(ctx, `UPDATE appointment_reason SET name = ?, name_fold = ?, team = ?, need = ?, colour = ?, duration_min = ?, step_min = ?, before_min = ?,
			after_min = ?, min_delay_min = ?, max_delay_days = ?, cancel_hours = ?, move_hours = ?, mode = ?, online = ?, sensitive = ?, agents_needed = ?,
			equipment = ?, reminders = ?, before_text = ?, after_text = ?, sort_rank = ?, active = ?, version = version + 1
		WHERE territory_id = @territory AND id = ? AND version = ?`,
		r.Name, search.Fold(r.Name), r.Team, r.Need, r.Colour, r.DurationMin, r.StepMin, r.BeforeMin, r.AfterMin, r.MinDelayMin, r.MaxDelayDays,
		r.CancelHours, r.MoveHours, r.Mode, r.Online, r.Sensitive, r.AgentsNeeded, r.Equipment, r.Reminders, r.BeforeText, r.AfterText, r.SortRank, r.Active,
		r.ID, r.Version)
	if err != nil {
		return 0, fmt.Errorf("appointment: changing a reason: %w", err)
	}
	if n == 0 {
		return 0, fault.New(fault.Conflict, "appointment.error.changed")
	}
	return r.ID, nil
}
