package booking

import (
	"cmp"
	"context"
	"slices"
	"time"

	"parvis/platform/calendar"
	"parvis/platform/store"
)

// Query asks for free starts.
type Query struct {
	Demand
	// From and To bound the starts: [From, To). The caller puts the delays of
	// its rules in them (S1); what is past is never offered. A zero To, or one
	// too far, means the end of the horizon.
	From, To time.Time
	// Limit bounds the slots returned; 0 means every one, at most MaxSlots.
	Limit int
	// PerPlace returns a start once for each place where it is free; otherwise
	// it is returned once, at the first of its places.
	PerPlace bool
	// DensityFirst puts first, inside each civil day, the starts that touch
	// something taken (S5). The last day is then given whole: Limit may be
	// passed by the rest of that day.
	DensityFirst bool
}

// MaxSlots bounds one result.
const MaxSlots = 10000

// Result is what a search found, by start.
type Result struct {
	Slots []Slot
	// Next is the first free start after the last one returned; when there is
	// none in [From, To), the first one after it, up to the horizon (S16). nil
	// when there is nothing more, or when the window was returned whole.
	Next *time.Time
}

// Search returns free starts. It writes nothing and guarantees nothing: what
// it shows may be taken before the booking.
func (e *Engine) Search(ctx context.Context, h store.Handle, q Query) (Result, error) {
	var out Result
	err := e.view(ctx, h, &q, func(s *search) error {
		out = Result{}
		limit := q.Limit
		if limit <= 0 || limit > MaxSlots {
			limit = MaxSlots
		}
		to := s.to
		s.whole = q.Limit == 0 && !q.To.IsZero()
		day, dayFrom := calendar.Date{}, 0
		err := s.run(ctx, func(t int64, offers []offer) bool {
			switch {
			case t >= to && len(out.Slots) > 0:
				return false
			case t >= to, !q.DensityFirst && len(out.Slots) >= limit:
				next := store.Time(t)
				out.Next = &next
				return false
			}
			if q.DensityFirst {
				if today := offers[0].diary.day(t); today != day {
					touchingFirst(out.Slots[dayFrom:])
					day, dayFrom = today, len(out.Slots)
					if dayFrom >= limit {
						next := store.Time(t)
						out.Next = &next
						return false
					}
				}
			}
			out.Slots = append(out.Slots, s.slots(t, offers)...)
			return true
		}, func(from int64) bool { return from >= to && len(out.Slots) > 0 })
		touchingFirst(out.Slots[min(dayFrom, len(out.Slots)):])
		if !q.DensityFirst && len(out.Slots) > limit { // several places at the last start
			next := out.Slots[limit].Start
			out.Slots, out.Next = out.Slots[:limit], &next
		}
		return err
	})
	return out, err
}

// Next returns the first free start from From to the horizon, nil when there
// is none (S16).
func (e *Engine) Next(ctx context.Context, h store.Handle, q Query) (*Slot, error) {
	q.Limit, q.DensityFirst, q.To = 1, false, time.Time{}
	var first *Slot
	err := e.view(ctx, h, &q, func(s *search) error {
		first = nil
		return s.run(ctx, func(t int64, offers []offer) bool {
			first = &s.slots(t, offers)[0]
			return false
		}, nil)
	})
	return first, err
}

// FirstPerPlace returns the first free start of each place that has one in
// [From, To), by start: the list of sites with the next date of each.
func (e *Engine) FirstPerPlace(ctx context.Context, h store.Handle, q Query) ([]Slot, error) {
	q.PerPlace, q.DensityFirst = true, false
	q.Places = slices.Compact(slices.Sorted(slices.Values(q.Places)))
	var out []Slot
	err := e.view(ctx, h, &q, func(s *search) error {
		out = nil
		s.seen = map[store.ID]bool{}
		return s.run(ctx, func(t int64, offers []offer) bool {
			for _, slot := range s.slots(t, offers) {
				if !s.seen[slot.Place] {
					s.seen[slot.Place] = true
					out = append(out, slot)
				}
			}
			all := len(q.Places) > 0 && len(s.seen) >= len(q.Places)
			return !all && (q.Limit <= 0 || len(out) < q.Limit)
		}, func(from int64) bool { return from >= s.to })
	})
	return out, err
}

// Nearest returns up to n free starts around start, the nearest first, none
// before from: what to propose when somebody else was faster.
func (e *Engine) Nearest(ctx context.Context, h store.Handle, d Demand, start, from time.Time, n int) ([]Slot, error) {
	const around = 2 * 24 * time.Hour
	if early := start.Add(-around); early.After(from) {
		from = early
	}
	var before, after []Slot
	q := Query{Demand: d, From: from, Limit: n}
	err := e.view(ctx, h, &q, func(s *search) error {
		before, after = nil, nil
		return s.run(ctx, func(t int64, offers []offer) bool {
			if t < start.UnixMicro() {
				before = append(before[max(0, len(before)-n+1):], s.slots(t, offers)...)
				return true
			}
			after = append(after, s.slots(t, offers)...)
			return len(after) < n
		}, nil)
	})
	if err != nil {
		return nil, err
	}
	all := append(before, after...)
	slices.SortStableFunc(all, func(a, b Slot) int { return cmp.Compare(a.Start.Sub(start).Abs(), b.Start.Sub(start).Abs()) })
	return all[:min(n, len(all))], nil
}

func touchingFirst(slots []Slot) {
	slices.SortStableFunc(slots, func(a, b Slot) int { return truth(b.Touches) - truth(a.Touches) })
}
