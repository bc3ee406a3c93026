package job

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"parvis/platform/store"
)

// stamp is how River writes times in SQLite, where they are compared as text.
const stamp = "2006-01-02 15:04:05.999"

// insert writes a job that need not be unique straight into River's table on
// SQLite: its driver opens a savepoint, looks for a twin and reads the row back
// for each job, which was a fifth of a booking. A test compares the row with
// River's own.
func (q *Queue) insert(ctx context.Context, tx *store.Tx, e envelope, o *river.InsertOpts) error {
	raw, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("job: arguments of %s: %w", e.kind, err)
	}
	created := time.Now()
	at, state := created, rivertype.JobStateAvailable
	if !o.ScheduledAt.IsZero() {
		at = o.ScheduledAt
		if at.After(created) {
			state = rivertype.JobStateScheduled
		}
	}
	_, err = tx.Raw().ExecContext(ctx, `INSERT INTO river_job (args, created_at, kind, max_attempts, metadata, priority, queue, scheduled_at, state, tags)
		VALUES ($1, $2, $3, $4, '{}', $5, $6, $7, $8, '[]')`, raw, text(created), e.kind, o.MaxAttempts, river.PriorityDefault, river.QueueDefault, text(at), string(state))
	if err != nil {
		return fmt.Errorf("job: enqueuing %s: %w", e.kind, err)
	}
	return nil
}

func text(t time.Time) string { return t.UTC().Round(time.Millisecond).Format(stamp) }
