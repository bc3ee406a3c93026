package intervention

import (
	"context"
	"errors"
	"fmt"
	"time"

	"parvis/platform/store"
)

// EntryKind is what a line of the journal tells.
type EntryKind string

// The kinds of line.
const (
	StateLine      EntryKind = "state" // code: the state
	NoteLine       EntryKind = "note"
	TimeLine       EntryKind = "time" // minutes
	PartLine       EntryKind = "part" // code: the material, quantity
	ContractorLine EntryKind = "contractor"
	PhotoLine      EntryKind = "photo" // phase: before, after, during
	SignLine       EntryKind = "sign"
)

// Where the file of a photo stands.
const (
	fileWaiting = "waiting" // noted, not received
	fileReady   = "ready"
	fileRefused = "refused" // received, no photo
)

// Entry is a line of the journal of a work order. HappenedAt is the device's
// corrected time, ReceivedAt the server's.
type Entry struct {
	ID             store.ID
	InterventionID store.ID
	OpID           string
	Kind           EntryKind
	Code           string
	Text           string
	Quantity       float64
	Minutes        int64
	Cents          int64
	Phase          string
	SHA256         string
	FileKey        string
	FileState      string
	Size           int64 // of the file, bytes
	PersonID       store.ID
	HappenedAt     time.Time
	ReceivedAt     time.Time
}

const entryColumns = `id, intervention_id, op_id, kind, code, text, quantity, minutes, cents, phase, sha256, file_key, file_state, size, person_id, happened_at, received_at`

// maxEntries bounds the journal of one order.
const maxEntries = 500

// write adds a line to the journal.
func (s *Service) write(ctx context.Context, tx *store.Tx, e Entry) (Entry, error) {
	e.ID = store.NewID()
	if e.ReceivedAt.IsZero() {
		e.ReceivedAt = tx.Now()
	}
	if e.HappenedAt.IsZero() {
		e.HappenedAt = e.ReceivedAt
	}
	_, err := tx.Exec(ctx, `INSERT INTO intervention_entry (territory_id, `+entryColumns+`) VALUES (@territory, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		e.ID, e.InterventionID, e.OpID, e.Kind, e.Code, e.Text, e.Quantity, e.Minutes, e.Cents, e.Phase, e.SHA256, e.FileKey, e.FileState, e.Size, e.PersonID, e.HappenedAt, e.ReceivedAt)
	if err != nil {
		return e, fmt.Errorf("intervention: writing the journal: %w", err)
	}
	return e, nil
}

// Journal is what happened to an order, in order of time.
func (s *Service) Journal(ctx context.Context, tx *store.Tx, id store.ID) ([]Entry, error) {
	var out []Entry
	err := tx.Select(ctx, &out, `SELECT `+entryColumns+` FROM intervention_entry WHERE territory_id = @territory AND intervention_id = ? ORDER BY happened_at, id LIMIT ?`, id, maxEntries)
	if err != nil {
		return nil, fmt.Errorf("intervention: reading the journal: %w", err)
	}
	return out, nil
}

// journals reads those of several orders, by order.
func (s *Service) journals(ctx context.Context, tx *store.Tx, ids []store.ID) (map[store.ID][]Entry, error) {
	out := map[store.ID][]Entry{}
	for len(ids) > 0 {
		n := min(len(ids), 100)
		args := make([]any, n)
		for i, id := range ids[:n] {
			args[i] = id
		}
		ids = ids[n:]
		var rows []Entry
		if err := tx.Select(ctx, &rows, `SELECT `+entryColumns+` FROM intervention_entry WHERE territory_id = @territory AND intervention_id IN (`+store.In(n)+`) ORDER BY happened_at, id`, args...); err != nil {
			return nil, fmt.Errorf("intervention: reading journals: %w", err)
		}
		for _, e := range rows {
			out[e.InterventionID] = append(out[e.InterventionID], e)
		}
	}
	return out, nil
}

// ItemResult is what was ticked on the checklist. Verdict is ok, nok or na.
type ItemResult struct {
	Item       string
	Verdict    string
	Value      string
	Note       string
	PersonID   store.ID
	HappenedAt time.Time
}

// Items is the checklist of an order as it stands, by key.
func (s *Service) Items(ctx context.Context, tx *store.Tx, id store.ID) (map[string]ItemResult, error) {
	var rows []ItemResult
	if err := tx.Select(ctx, &rows, `SELECT item, verdict, value, note, person_id, happened_at FROM intervention_item WHERE territory_id = @territory AND intervention_id = ? LIMIT ?`, id, maxLines); err != nil {
		return nil, fmt.Errorf("intervention: reading the checklist: %w", err)
	}
	out := map[string]ItemResult{}
	for _, r := range rows {
		out[r.Item] = r
	}
	return out, nil
}

func (s *Service) tick(ctx context.Context, tx *store.Tx, id store.ID, r ItemResult) error {
	_, err := tx.Exec(ctx, `INSERT INTO intervention_item (territory_id, intervention_id, item, verdict, value, note, person_id, happened_at) VALUES (@territory, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (territory_id, intervention_id, item) DO UPDATE SET verdict = excluded.verdict, value = excluded.value, note = excluded.note, person_id = excluded.person_id, happened_at = excluded.happened_at`,
		id, r.Item, r.Verdict, r.Value, r.Note, r.PersonID, r.HappenedAt)
	if err != nil {
		return fmt.Errorf("intervention: ticking: %w", err)
	}
	return nil
}

// addUp writes the minutes and the cost of an order again from its journal: the
// same whatever the order in which the lines came.
func (s *Service) addUp(ctx context.Context, tx *store.Tx, o *Order, c Config) error {
	var sum struct{ Minutes, Cents int64 }
	err := tx.Get(ctx, &sum, `SELECT COALESCE(SUM(minutes), 0) AS minutes, COALESCE(SUM(cents), 0) AS cents FROM intervention_entry WHERE territory_id = @territory AND intervention_id = ?`, o.ID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("intervention: adding up: %w", err)
	}
	o.Minutes = sum.Minutes
	o.Cents = sum.Cents + (sum.Minutes*c.HourCents+30)/60
	return nil
}
