package booking

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"parvis/platform/calendar"
	"parvis/platform/fault"
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

// search is one search in one snapshot.
type search struct {
	engine *Engine
	tx     *store.Tx
	query  *Query
	fit    fit
	stamps [][]stamp // per need
	from   int64
	to     int64
	seen   map[store.ID]bool // places that need not be searched any more
}

func (e *Engine) view(ctx context.Context, h store.Handle, q *Query, fn func(s *search) error) error {
	var fs fault.Fields
	q.check(&fs)
	if err := fs.Err(); err != nil {
		return err
	}
	if h.DB() != e.db {
		return errOtherDatabase
	}
	return h.View(ctx, func(tx *store.Tx) error {
		now := tx.Now().UnixMicro()
		s := &search{engine: e, tx: tx, query: q, from: max(now, q.From.UnixMicro())}
		end := now + (Horizon+1)*day
		if s.to = q.To.UnixMicro(); q.To.IsZero() || s.to > end {
			s.to = end
		}
		s.fit = fit{duration: q.duration(), before: q.before(), after: q.after(), step: q.Step.Microseconds(), offset: q.Offset.Microseconds(),
			now: now, places: q.Places, density: q.DensityFirst}
		if s.fit.step == 0 {
			s.fit.step = s.fit.duration
		}
		for i := range q.Needs {
			found, err := candidates(ctx, tx, &q.Needs[i], q.Places)
			if err != nil {
				return err
			}
			if len(found) == 0 {
				return fn(s) // nobody: the walk finds no lane
			}
			s.stamps = append(s.stamps, found)
		}
		return fn(s)
	})
}

const day = 24 * int64(3600e6)

// run walks the free starts from s.from to the horizon, in windows that grow:
// the first one is small when many resources are read, and each next one is
// twice as long, so that a far first start costs few steps. done tells
// before each window whether to stop there.
func (s *search) run(ctx context.Context, yield func(t int64, offers []offer) bool, done func(from int64) bool) error {
	if len(s.stamps) < len(s.query.Needs) {
		return nil
	}
	count := 0
	for _, set := range s.stamps {
		count += len(set)
	}
	end := s.tx.Now().UnixMicro() + (Horizon+1)*day
	width := min(max(300/int64(count), 1), 31) * day
	if s.query.Limit == 0 && s.to < end {
		width = min(max(width, s.to-s.from), 31*day)
	}
	for from := s.from; from < end; {
		if done != nil && done(from) {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("booking: searching: %w", err)
		}
		to := min(from+width, end)
		if from < s.to {
			to = min(to, s.to)
		}
		more, err := s.window(ctx, between(from, to), yield)
		if err != nil || !more {
			return err
		}
		from, width = to, min(width*2, 62*day)
	}
	return nil
}

// window walks the starts in w; false when yield wanted no more.
func (s *search) window(ctx context.Context, w interval, yield func(t int64, offers []offer) bool) (bool, error) {
	f := s.fit
	f.starts = w
	reach := between(w.Start-f.before, w.End+f.duration+f.after)
	if f.density {
		reach.Start, reach.End = reach.Start-f.step, reach.End+f.step
	}
	c, err := closedIn(ctx, s.tx, reach)
	if err != nil {
		return false, err
	}
	if len(s.stamps[0]) == 0 {
		return false, nil // every place was found
	}
	lanes := make([][]*lane, len(s.stamps))
	for i, stamps := range s.stamps {
		ds, err := s.engine.diaries(ctx, s.tx, stamps, reach, true)
		if err != nil {
			return false, err
		}
		for id, d := range ds {
			if len(lanes) == 1 && s.seen != nil && d.within(s.seen, s.query.Needs[0].Tags) {
				s.stamps[0] = slices.DeleteFunc(stamps, func(x stamp) bool { return x.id == id })
				stamps = s.stamps[0]
				continue
			}
			for _, l := range f.lanes(d, &s.query.Needs[i], c) {
				if i > 0 || l.place == 0 || !s.seen[l.place] {
					lanes[i] = append(lanes[i], l)
				}
			}
		}
		if len(lanes[i]) == 0 {
			return true, nil
		}
	}
	more := true
	f.emit(lanes, func(t int64, offers []offer) bool {
		more = yield(t, offers)
		return more
	})
	return more, nil
}

// slots makes what is shown of a start: one slot, or one per place.
func (s *search) slots(t int64, offers []offer) []Slot {
	places := make([]store.ID, len(offers))
	for i, o := range offers {
		places[i] = o.place
	}
	if !s.query.PerPlace {
		offers = offers[:1]
	}
	out := make([]Slot, len(offers))
	for i, o := range offers {
		out[i] = Slot{Start: store.Time(t), End: store.Time(t + s.fit.duration), Place: o.place, Places: places,
			Candidates: o.candidates, Touches: o.touches}
	}
	return out
}

// day is the civil day of t where the resource is.
func (d *diary) day(t int64) calendar.Date { return calendar.DateOf(store.Time(t), d.zone) }
