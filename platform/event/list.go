package event

import (
	"context"
	"fmt"
	"strings"
	"time"

	"parvis/platform/store"
)

// List reads the events of the territory of tx whose kind belongs to one of the
// families ("access" for "access.granted"), newest first, at most limit of those
// before the given one (0: from the newest).
func List(ctx context.Context, tx *store.Tx, families []string, before store.ID, limit int) ([]Event, error) {
	if len(families) == 0 {
		return nil, nil
	}
	var where []string
	var args []any
	for _, f := range families {
		where = append(where, "kind >= ? AND kind < ?")
		args = append(args, f+".", f+"/") // "/" comes after "."
	}
	query := `SELECT id, kind, subject, CAST(data AS TEXT) AS data, occurred_at FROM event WHERE territory_id = @territory AND (` + strings.Join(where, " OR ") + `)`
	if before != 0 {
		query += ` AND id < ?`
		args = append(args, before)
	}
	var rows []struct {
		ID         store.ID
		Kind       string
		Subject    string
		Data       string
		OccurredAt time.Time
	}
	if err := tx.Select(ctx, &rows, query+` ORDER BY id DESC LIMIT ?`, append(args, limit)...); err != nil {
		return nil, fmt.Errorf("event: listing: %w", err)
	}
	out := make([]Event, len(rows))
	for i, r := range rows {
		out[i] = Event{Territory: tx.Territory(), ID: r.ID, Kind: r.Kind, Subject: r.Subject, Data: []byte(r.Data), At: r.OccurredAt}
	}
	return out, nil
}
