package barometer

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"parvis/platform/job"
	"parvis/platform/store"
)

// freezeOn is the day of the month on which the month before is closed.
const freezeOn = 10

// Frozen is a closed month: its figures no longer move, and the hash lets
// anybody check it.
type Frozen struct {
	Month    string
	Hash     string // SHA-256 of the canonical lines, hexadecimal
	Lines    int
	FrozenAt time.Time
}

// frozen lists the closed months, newest first.
func frozen(ctx context.Context, tx *store.Tx, limit int) ([]Frozen, error) {
	var out []Frozen
	err := tx.Select(ctx, &out, `SELECT month, hash, lines, frozen_at FROM barometer_month WHERE territory_id = @territory ORDER BY month DESC LIMIT ?`, limit)
	if err != nil {
		return nil, fmt.Errorf("barometer: reading frozen months: %w", err)
	}
	return out, nil
}

func isFrozen(ctx context.Context, tx *store.Tx, month string) (bool, error) {
	var n int
	err := tx.Get(ctx, &n, `SELECT COUNT(*) FROM barometer_month WHERE territory_id = @territory AND month = ?`, month)
	if err != nil {
		return false, fmt.Errorf("barometer: is a month frozen: %w", err)
	}
	return n > 0, nil
}

// openMonth is the month an answer counts in: that of its request, or this one
// when that month is closed.
func (s *Service) openMonth(ctx context.Context, tx *store.Tx, month string, zone *time.Location) (string, error) {
	closed, err := isFrozen(ctx, tx, month)
	if err != nil || !closed {
		return month, err
	}
	return monthOf(tx.Now(), zone), nil
}

// canonical is the text whose SHA-256 closes a month: a line per count, fields
// parted by tabs, in order; imported answers stand apart and are not in it.
// Anybody with the open data can write it again.
func canonical(list []line) string {
	list = slices.DeleteFunc(slices.Clone(list), func(l line) bool { return l.N == 0 || l.Source == string(Foreign) })
	slices.SortFunc(list, func(a, b line) int {
		return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(a.Source, b.Source), cmp.Compare(a.Channel, b.Channel), cmp.Compare(a.Delay, b.Delay),
			cmp.Compare(a.Field, b.Field), cmp.Compare(a.Value, b.Value))
	})
	out := ""
	for _, l := range list {
		out += fmt.Sprintf("%s\t%s\t%s\t%s\t%s\t%s\t%s\t%d\n", l.Month, l.Service, l.Source, l.Channel, l.Delay, l.Field, l.Value, l.N)
	}
	return out
}

// freeze closes a month of the territory of tx, once.
func (s *Service) freeze(ctx context.Context, tx *store.Tx, month string) error {
	list, err := lines(ctx, tx, "", month, month)
	if err != nil {
		return err
	}
	text := canonical(list)
	sum := sha256.Sum256([]byte(text))
	n := 0
	for _, r := range text {
		if r == '\n' {
			n++
		}
	}
	if _, err := tx.Exec(ctx, `INSERT INTO barometer_month (territory_id, month, hash, lines, frozen_at) VALUES (@territory, ?, ?, ?, ?) ON CONFLICT (territory_id, month) DO NOTHING`,
		month, hex.EncodeToString(sum[:]), n, tx.Now()); err != nil {
		return fmt.Errorf("barometer: freezing a month: %w", err)
	}
	return nil
}

// closing is the job that freezes what is past its day, for every territory.
func (s *Service) closing(ctx context.Context, _ job.Job[struct{}]) error {
	type open struct{ TerritoryID, Month string }
	all := s.db.System("the months of every territory are closed by one job")
	for range 10_000 {
		var list []open
		err := all.View(ctx, func(tx *store.Tx) error {
			list = nil
			return tx.Select(ctx, &list, `SELECT DISTINCT t.territory_id, t.month FROM barometer_tally t WHERE t.month < ? AND NOT EXISTS
				(SELECT 1 FROM barometer_month m WHERE m.territory_id = t.territory_id AND m.month = t.month) ORDER BY t.territory_id, t.month LIMIT 500`, lastClosed(tx.Now()))
		})
		if err != nil || len(list) == 0 {
			return err
		}
		for _, o := range list {
			if err := s.db.In(o.TerritoryID).Update(ctx, func(tx *store.Tx) error { return s.freeze(ctx, tx, o.Month) }); err != nil {
				return err
			}
		}
	}
	return nil
}

// lastClosed is the first month that is still open at t, in Paris time.
func lastClosed(t time.Time) string {
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		zone = time.UTC
	}
	t = t.In(zone)
	first := time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, zone)
	if t.Day() < freezeOn {
		return first.AddDate(0, -1, 0).Format("2006-01")
	}
	return first.Format("2006-01")
}

// monthsBack lists n months that end with last, oldest first.
func monthsBack(last string, n int) []string {
	t, err := time.Parse("2006-01", last)
	if err != nil {
		return nil
	}
	out := make([]string, n)
	for i := range n {
		out[i] = t.AddDate(0, i-n+1, 0).Format("2006-01")
	}
	return out
}
