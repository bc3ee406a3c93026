package barometer

import (
	"context"
	"fmt"
	"time"

	"parvis/platform/fault"
	"parvis/platform/store"
)

// Action is « ce que nous avons changé »: an improvement that came from answers.
type Action struct {
	ID        store.ID
	Service   string
	Title     string
	Text      string
	DoneOn    string // "2026-11"; "" while it is under way
	CreatedAt time.Time
}

// Actions lists the actions of a service, or of all (""), newest first.
func (s *Service) Actions(ctx context.Context, tx *store.Tx, service string, limit int) ([]Action, error) {
	var out []Action
	err := tx.Select(ctx, &out, `SELECT id, service, title, text, done_on, created_at FROM barometer_action
		WHERE territory_id = @territory AND (? = '' OR service = ?) ORDER BY id DESC LIMIT ?`, service, service, limit)
	if err != nil {
		return nil, fmt.Errorf("barometer: listing actions: %w", err)
	}
	return out, nil
}

// SaveAction keeps a new action (ID 0) or changes one. Invalid names the field.
func (s *Service) SaveAction(ctx context.Context, h store.Handle, a Action) (Action, error) {
	var wrong fault.Fields
	a.Title, a.Text = clean(a.Title), clean(a.Text)
	if a.Title == "" || len(a.Title) > 200 {
		wrong.Add("title", "barometer.error.title")
	}
	if len(a.Text) > longestComment {
		wrong.Add("text", "barometer.error.long", "Max", longestComment)
	}
	if _, err := time.Parse("2006-01", a.DoneOn); a.DoneOn != "" && err != nil {
		wrong.Add("done", "barometer.error.month")
	}
	if err := wrong.Err(); err != nil {
		return a, err
	}
	err := h.Update(ctx, func(tx *store.Tx) error {
		if _, err := s.topic(ctx, tx, a.Service); err != nil {
			return err
		}
		if a.ID == 0 {
			a.ID, a.CreatedAt = store.NewID(), tx.Now()
		}
		_, err := tx.Exec(ctx, `INSERT INTO barometer_action (territory_id, id, service, title, text, done_on, created_at) VALUES (@territory, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (territory_id, id) DO UPDATE SET service = excluded.service, title = excluded.title, text = excluded.text, done_on = excluded.done_on`,
			a.ID, a.Service, a.Title, a.Text, a.DoneOn, a.CreatedAt)
		if err != nil {
			return fmt.Errorf("barometer: keeping an action: %w", err)
		}
		return nil
	})
	return a, err
}
