package booking

import (
	"cmp"
	"math"
	"slices"

	"parvis/platform/calendar"
	"parvis/platform/store"
)

// lane is one resource at one place: where it can start what is asked, and a
// cursor over its starts.
type lane struct {
	diary   *diary
	place   store.ID
	allowed []interval // starts at which the meeting fits, disjoint, ascending
	grids   []grid
	ends    []int64 // ends of what is taken, ascending; only to prefer density

	grid, piece int
	rank        int   // order among the lanes of a need: by place, then resource
	next        int64 // the start under the cursor, none once exhausted
}

// grid is where the starts of one span lie: anchor + n·step inside [start, end).
type grid struct {
	interval
	anchor int64
}

const none = math.MaxInt64

// closed is what absences and closed periods remove.
type closed struct {
	all        []interval
	byResource map[store.ID][]interval
	byPlace    map[store.ID][]interval
}

// fit is the part of a demand that all lanes share.
type fit struct {
	duration, before, after, step, offset int64
	starts                                interval // only starts in it
	now                                   int64
	places                                []store.ID
	density                               bool
	force                                 bool         // ignore openings and closures
	vacant                                bool         // ignore what is taken
	keep                                  *Reservation // whose own allocations do not count
}

// counts tells whether an allocation of d keeps others out.
func (f *fit) counts(d *diary, b busy) bool {
	if f.vacant || (b.expires != 0 && b.expires <= f.now) {
		return false
	}
	return f.keep == nil || !slices.ContainsFunc(f.keep.Allocations, func(a Allocation) bool {
		return a.ResourceID == d.id && int32(a.Unit) == b.unit && a.StartsAt.UnixMicro() == b.Start
	})
}

// lanes computes where the resource of d can serve need, a lane per place. A
// forced demand has one lane, at no place, open all the time.
func (f *fit) lanes(d *diary, need *Need, c *closed) []*lane {
	taken := f.forbidden(d, need.units())
	if f.force {
		if d.capacity < need.units() {
			return nil
		}
		return []*lane{{diary: d, allowed: calendar.Subtract([]interval{f.starts}, taken)}}
	}
	reach := between(f.starts.Start, f.starts.End+f.duration)
	near := d.spansIn(reach)
	mine := make([]span, 0, len(near))
	for _, s := range near {
		if s.Overlaps(reach) && d.allows(s.rule, need.Tags) && f.at(s.place) {
			mine = append(mine, s)
		}
	}
	byPlace := func(a, b span) int { return cmp.Compare(a.place, b.place) }
	if !slices.IsSortedFunc(mine, byPlace) {
		slices.SortStableFunc(mine, byPlace)
	}
	var out []*lane
	for len(mine) > 0 {
		n := 1
		for n < len(mine) && mine[n].place == mine[0].place {
			n++
		}
		place, spans := mine[0].place, mine[:n]
		mine = mine[n:]
		open := make([]interval, n)
		for i, s := range spans {
			open[i] = s.interval
		}
		open = calendar.Subtract(calendar.Union(open), c.all)
		open = calendar.Subtract(open, c.byResource[d.id])
		open = calendar.Subtract(open, c.byPlace[place])
		if allowed := calendar.Subtract(erode(open, f.duration), taken); len(allowed) > 0 {
			out = append(out, &lane{diary: d, place: place, allowed: allowed, grids: f.grids(spans)})
		}
	}
	return out
}

// at tells whether a span at place p may serve: one without place always may.
func (f *fit) at(p store.ID) bool {
	return len(f.places) == 0 || p == 0 || slices.Contains(f.places, p)
}

// forbidden returns the starts at which fewer than units are free for the
// whole reserved time. A start t collides with a piece taken when
// t−before < end and t+duration+after > start.
func (f *fit) forbidden(d *diary, units int) []interval {
	if units > d.capacity {
		return []interval{between(math.MinInt64, none)}
	}
	near := d.busyIn(between(f.starts.Start-f.before, f.starts.End+f.duration+f.after))
	if len(near) == 0 {
		return nil
	}
	sets := make([][]interval, 1, 2)
	sets[0] = make([]interval, 0, len(near))
	index := map[int32]int{}
	for _, b := range near {
		if !f.counts(d, b) || b.unit > int32(d.capacity) { // a unit no longer offered
			continue
		}
		i := 0
		if d.capacity > 1 {
			known := false
			if i, known = index[b.unit]; !known {
				i = len(index)
				index[b.unit] = i
			}
			if i == len(sets) {
				sets = append(sets, nil)
			}
		}
		sets[i] = append(sets[i], between(b.Start-f.duration-f.after+1, b.End+f.before))
	}
	for i := range sets {
		sets[i] = calendar.Union(sets[i])
	}
	short := d.capacity - units + 1 // so many units taken and there are not enough left
	if len(sets) < short {
		return nil
	}
	return atLeast(short, sets)
}

// grids gives each span the starts that no earlier span already gives:
// overlapping ranges are one range, on the grid of the first (S17).
func (f *fit) grids(spans []span) []grid {
	out := make([]grid, 0, len(spans))
	reach := int64(math.MinInt64)
	for _, s := range spans {
		if s.End > reach {
			out = append(out, grid{between(max(s.Start, reach), s.End), s.Start + f.offset})
			reach = s.End
		}
	}
	return out
}

// seek moves the cursor to the first start at or after from.
func (l *lane) seek(from int64, f *fit) {
	from = max(from, f.starts.Start)
	for l.grid < len(l.grids) {
		g := l.grids[l.grid]
		t := max(from, g.Start)
		if t <= g.anchor {
			t = g.anchor
		} else if r := (t - g.anchor) % f.step; r != 0 {
			t += f.step - r
		}
		if t >= g.End {
			l.grid++
			continue
		}
		for l.piece < len(l.allowed) && l.allowed[l.piece].End <= t {
			l.piece++
		}
		if l.piece == len(l.allowed) || t >= f.starts.End {
			break
		}
		if a := l.allowed[l.piece]; t < a.Start {
			from = a.Start
			continue
		}
		l.next = t
		return
	}
	l.next = none
}

// fits tells whether the lane can start at t; t must not go down between calls.
func (l *lane) fits(t int64) bool {
	for l.piece < len(l.allowed) && l.allowed[l.piece].End <= t {
		l.piece++
	}
	return l.piece < len(l.allowed) && l.allowed[l.piece].Start <= t
}

// touches tells whether a meeting at t would leave less than a step between
// itself and something already taken (S5).
func (l *lane) touches(t int64, f *fit) bool {
	if l.ends == nil {
		l.ends = make([]int64, 0, len(l.diary.busy))
		for _, b := range l.diary.busy {
			if f.counts(l.diary, b) {
				l.ends = append(l.ends, b.End)
			}
		}
		slices.Sort(l.ends)
	}
	start, end := t-f.before, t+f.duration+f.after
	if i, exact := slices.BinarySearch(l.ends, start); exact || (i > 0 && start-l.ends[i-1] < f.step) {
		return true
	}
	i, _ := slices.BinarySearchFunc(l.diary.busy, end, func(b busy, t int64) int { return int(min(1, max(-1, b.Start-t))) })
	for ; i < len(l.diary.busy) && l.diary.busy[i].Start-end < f.step; i++ {
		if f.counts(l.diary, l.diary.busy[i]) {
			return true
		}
	}
	return false
}
