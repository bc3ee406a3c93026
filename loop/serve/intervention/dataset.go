package intervention

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"parvis/platform/store"
)

// minCount is the smallest figure that is published: under it, a figure could
// be a person's day of work.
const minCount = 5

// dataset is what was done, by month (UTC) and trade.
func (s *Service) dataset(ctx context.Context, h store.Handle, emit func([]string) error) error {
	type key struct{ month, trade string }
	type sum struct {
		minutes []int64
		cents   int64
	}
	sums := map[key]*sum{}
	err := h.View(ctx, func(tx *store.Tx) error {
		clear(sums)
		return tx.Each(ctx, `SELECT i.done_at, i.minutes, i.cents, t.name FROM intervention i JOIN intervention_trade t ON t.territory_id = i.territory_id AND t.id = i.trade_id
			WHERE i.territory_id = @territory AND t.territory_id = @territory AND i.done_at IS NOT NULL`, nil, func(scan func(...any) error) error {
			var at, minutes, cents int64
			var name string
			if err := scan(&at, &minutes, &cents, &name); err != nil {
				return err
			}
			k := key{store.Time(at).Format("2006-01"), name}
			if sums[k] == nil {
				sums[k] = &sum{}
			}
			sums[k].minutes = append(sums[k].minutes, minutes)
			sums[k].cents += cents
			return nil
		})
	})
	if err != nil {
		return fmt.Errorf("intervention: counting by month: %w", err)
	}
	keys := slices.SortedFunc(maps.Keys(sums), func(a, b key) int { return slices.Compare([]string{a.month, a.trade}, []string{b.month, b.trade}) })
	for _, k := range keys {
		x := sums[k]
		if len(x.minutes) < minCount {
			continue
		}
		slices.Sort(x.minutes)
		if err := emit([]string{k.month, k.trade, strconv.Itoa(len(x.minutes)), strconv.FormatInt(x.minutes[len(x.minutes)/2], 10), strconv.FormatInt(x.cents, 10)}); err != nil {
			return err
		}
	}
	return nil
}
