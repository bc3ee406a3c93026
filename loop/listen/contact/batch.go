package contact

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"parvis/platform/fault"
	"parvis/platform/store"
)

// Batch is a pile keyed in together: the papers of a meeting, a morning on the
// market, the calls of a day.
type Batch struct {
	ID       store.ID
	Number   string // "L-2026-0007"
	Channel  Channel
	Place    string
	HeldOn   string
	OpenedBy store.ID
	OpenedAt time.Time
	Count    int // contributions, those undone left out
}

func field(name, key string, args ...any) error {
	var wrong fault.Fields
	wrong.Add(name, key, args...)
	return wrong.Err()
}

func like(s string) string { return strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(s) }

// NewBatch opens a batch and numbers it within its year. Invalid names the field.
func (s *Service) NewBatch(ctx context.Context, h store.Handle, b Batch, zone *time.Location) (Batch, error) {
	var wrong fault.Fields
	b.Place = tidy(b.Place)
	if !slices.Contains(Keyed(), b.Channel) {
		wrong.Add("channel", "contact.error.channel")
	}
	if b.Place == "" || len([]rune(b.Place)) > 120 {
		wrong.Add("place", "contact.error.place")
	}
	day, err := time.Parse(time.DateOnly, b.HeldOn)
	if err != nil {
		wrong.Add("held", "contact.error.day")
	}
	if err := wrong.Err(); err != nil {
		return b, err
	}
	err = h.Update(ctx, func(tx *store.Tx) error {
		now := tx.Now().In(zone)
		if day.After(now.AddDate(0, 0, 1)) {
			return field("held", "contact.error.future")
		}
		prefix := "L-" + strconv.Itoa(now.Year()) + "-"
		var last string
		// The unique number makes the second of two at once try again.
		if err := tx.Get(ctx, &last, `SELECT COALESCE(MAX(number), '') FROM contact_batch WHERE territory_id = @territory AND number LIKE ?`, prefix+"%"); err != nil {
			return fmt.Errorf("contact: numbering a batch: %w", err)
		}
		n, _ := strconv.Atoi(strings.TrimPrefix(last, prefix)) // "" is zero
		b.ID, b.Number, b.OpenedAt = store.NewID(), fmt.Sprintf("%s%04d", prefix, n+1), tx.Now()
		_, err := tx.Exec(ctx, `INSERT INTO contact_batch (territory_id, id, number, channel, place, held_on, opened_by, opened_at) VALUES (@territory, ?, ?, ?, ?, ?, ?, ?)`,
			b.ID, b.Number, string(b.Channel), b.Place, b.HeldOn, b.OpenedBy, b.OpenedAt)
		if err != nil {
			return fmt.Errorf("contact: opening a batch: %w", err)
		}
		return nil
	})
	return b, err
}

const batchColumns = `b.id, b.number, b.channel, b.place, b.held_on, b.opened_by, b.opened_at,
	(SELECT COUNT(*) FROM contact_entry e WHERE e.territory_id = @territory AND e.batch_id = b.id AND e.state <> 'undone') AS count`

// Batch finds one; store.ErrNotFound.
func (s *Service) Batch(ctx context.Context, tx *store.Tx, id store.ID) (Batch, error) {
	var b Batch
	err := tx.Get(ctx, &b, `SELECT `+batchColumns+` FROM contact_batch b WHERE b.territory_id = @territory AND b.id = ?`, id)
	return b, err
}

// Batches lists the latest batches.
func (s *Service) Batches(ctx context.Context, tx *store.Tx, limit int) ([]Batch, error) {
	var out []Batch
	err := tx.Select(ctx, &out, `SELECT `+batchColumns+` FROM contact_batch b WHERE b.territory_id = @territory ORDER BY b.id DESC LIMIT ?`, limit)
	if err != nil {
		return nil, fmt.Errorf("contact: listing batches: %w", err)
	}
	return out, nil
}

// Key keeps a contribution that staff key in, in a batch or alone. The same key
// (a form sent twice) is the same contribution. wish is who wants an answer; then
// a request is opened.
func (s *Service) Key(ctx context.Context, h store.Handle, e Entry, wish Person) (Entry, error) {
	if err := e.check(); err != nil {
		return e, err
	}
	err := h.Update(ctx, func(tx *store.Tx) error {
		if e.BatchID != 0 {
			b, err := s.Batch(ctx, tx, e.BatchID)
			if err != nil {
				return err
			}
			e.Channel, e.SaidOn = b.Channel, b.HeldOn
		}
		e.State = Done
		kept, fresh, err := s.add(ctx, tx, e)
		if err != nil || !fresh {
			e = kept
			return err
		}
		e = kept
		if wish.Phone == "" && wish.Email == "" {
			return nil
		}
		e, err = s.open(ctx, tx, e, wish)
		return err
	})
	return e, err
}

// Undo takes back a contribution keyed by mistake, by who keyed it or by a
// manager; what opened a request is closed there, not undone here.
func (s *Service) Undo(ctx context.Context, h store.Handle, id, by store.ID, anybody bool) (Entry, error) {
	var e Entry
	err := h.Update(ctx, func(tx *store.Tx) (err error) {
		if e, err = s.Get(ctx, tx, id); err != nil {
			return err
		}
		switch {
		case e.State == Undone:
			return nil
		case e.KeyedBy == 0 || e.KeyedBy != by && !anybody:
			return fault.New(fault.Forbidden, "contact.error.undo")
		case e.SubjectRef != "":
			return fault.New(fault.Conflict, "contact.error.undo_open")
		}
		_, err = tx.Exec(ctx, `UPDATE contact_entry SET state = 'undone' WHERE territory_id = @territory AND id = ?`, id)
		return err
	})
	return e, err
}
