package booking

import (
	"context"
	"fmt"
	"slices"

	"parvis/platform/calendar"
	"parvis/platform/fault"
	"parvis/platform/store"
)

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
	whole  bool              // all of [from, to) is wanted
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
		end := now + (Horizon+1)*oneDay
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

const oneDay = 24 * int64(3600e6)

// run walks the free starts from s.from to the horizon, in windows that grow:
// the first one is small when many resources are read, and each next one is
// as long as the two before it, so that a far first start costs few steps and a
// near one little reading. done tells before each window whether to stop there.
func (s *search) run(ctx context.Context, yield func(t int64, offers []offer) bool, done func(from int64) bool) error {
	if len(s.stamps) < len(s.query.Needs) {
		return nil
	}
	count := 0
	for _, set := range s.stamps {
		count += len(set)
	}
	end := s.tx.Now().UnixMicro() + (Horizon+1)*oneDay
	width := min(max(300/int64(count), 1), 31) * oneDay
	if s.whole {
		width = min(max(width, s.to-s.from), 31*oneDay)
	}
	for from, last := s.from, int64(0); from < end; {
		if done != nil && done(from) {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("booking: searching: %w", err)
		}
		// What a window needs ends with a day, so that the next one starts a fresh one.
		to := (from+width)/oneDay*oneDay - s.fit.duration - s.fit.after
		if to <= from {
			to = from + width
		}
		to = min(to, end)
		if from < s.to {
			to = min(to, s.to)
		}
		more, err := s.window(ctx, between(from, to), yield)
		if err != nil || !more {
			return err
		}
		from, last, width = to, width, min(width+last, 62*oneDay)
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
		ds, err := s.engine.diaries(ctx, s.tx, stamps, reach, func(v *volume) { s.engine.shelf.put(s.tx.Territory(), v) })
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
