package barometer

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"parvis/platform/store"
)

// place is where in the tally something counts.
type place struct{ Service, Month, Source, Channel, Delay string }

func (a Answer) place() place {
	return place{a.Service, a.Month, string(a.Source), a.Channel, a.Delay}
}

// count adds to the tally. The lines are written in order, so that two
// transactions wait for each other and never both at once.
func count(ctx context.Context, tx *store.Tx, p place, plus, minus []cell) error {
	change := map[cell]int{}
	for _, c := range plus {
		change[c]++
	}
	for _, c := range minus {
		change[c]--
	}
	cells := make([]cell, 0, len(change))
	for c, n := range change {
		if n != 0 {
			cells = append(cells, c)
		}
	}
	slices.SortFunc(cells, func(a, b cell) int { return cmp.Or(cmp.Compare(a.Field, b.Field), cmp.Compare(a.Value, b.Value)) })
	for _, c := range cells {
		if err := add(ctx, tx, p, c, change[c]); err != nil {
			return err
		}
	}
	return nil
}

func add(ctx context.Context, tx *store.Tx, p place, c cell, n int) error {
	_, err := tx.Exec(ctx, `INSERT INTO barometer_tally (territory_id, service, month, source, channel, delay, field, value, n) VALUES (@territory, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (territory_id, service, month, source, channel, delay, field, value) DO UPDATE SET n = barometer_tally.n + excluded.n`,
		p.Service, p.Month, p.Source, p.Channel, p.Delay, c.Field, c.Value, n)
	if err != nil {
		return fmt.Errorf("barometer: counting: %w", err)
	}
	return nil
}

// line is one row of the tally.
type line struct {
	Service, Month, Source, Channel, Delay, Field, Value string
	N                                                    int
}

// lines reads the tally of the months from first to last, of one service or of
// all (""). It is bounded by services × months × answers, not by people.
func lines(ctx context.Context, tx *store.Tx, service, first, last string) ([]line, error) {
	var out []line
	err := tx.Each(ctx, `SELECT service, month, source, channel, delay, field, value, n FROM barometer_tally
		WHERE territory_id = @territory AND month >= ? AND month <= ? AND (? = '' OR service = ?) AND n <> 0`, []any{first, last, service, service},
		func(scan func(...any) error) error {
			var l line
			if err := scan(&l.Service, &l.Month, &l.Source, &l.Channel, &l.Delay, &l.Field, &l.Value, &l.N); err != nil {
				return err
			}
			out = append(out, l)
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("barometer: reading the tally: %w", err)
	}
	return out, nil
}
