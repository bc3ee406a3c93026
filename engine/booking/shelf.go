package booking

import (
	"cmp"
	"slices"
	"sync"

	"parvis/platform/store"
)

// volume is what is known of one resource at one revision: some stretches of
// its days. It is never changed once it is on the shelf.
type volume struct {
	resourceFacts
	stretches []stretch // by first day; none touches another
}

// stretch is what reaches into the days (UTC, since the epoch) first to last,
// both included.
type stretch struct {
	first, last int64
	spans       []span // by start
	busy        []busy // by start
}

// diary opens the volume at w; nil when a day of it is missing. Nothing is
// copied: a diary is a view.
func (v *volume) diary(w interval) *diary {
	first, last := days(w)
	for _, s := range v.stretches {
		if s.first <= first && last <= s.last {
			d := &diary{v.resourceFacts, s.spans, s.busy}
			d.spans, d.busy = d.spansIn(w), d.busyIn(w)
			return d
		}
	}
	return nil
}

// lacks returns the first and last day of w that are not known; between the two
// there may be some that are.
func (v *volume) lacks(w interval) (first, last int64) {
	first, last = days(w)
	for _, s := range v.stretches {
		if s.first <= first && first <= s.last {
			first = s.last + 1
		}
	}
	for _, s := range slices.Backward(v.stretches) {
		if s.first <= last && last <= s.last {
			last = s.first - 1
		}
	}
	return first, last
}

// with returns v with the days first to last as they are in d.
func (v *volume) with(d *diary, first, last int64) *volume {
	out := &volume{resourceFacts: d.resourceFacts}
	fresh := stretch{first, last, d.spans, d.busy}
	for _, s := range v.stretches {
		switch {
		case s.last < first-1 || s.first > last+1:
			out.stretches = append(out.stretches, s)
		case s.first < first:
			fresh = s.then(fresh)
		case s.last > last:
			fresh = fresh.then(s)
		}
	}
	out.stretches = append(out.stretches, fresh)
	slices.SortFunc(out.stretches, func(a, b stretch) int { return cmp.Compare(a.first, b.first) })
	return out
}

// then joins the days that follow. What of them began before is known already.
func (s stretch) then(next stretch) stretch {
	edge := next.first * oneDay
	spans, taken := next.spans, next.busy
	for len(spans) > 0 && spans[0].Start < edge {
		spans = spans[1:]
	}
	for len(taken) > 0 && taken[0].Start < edge {
		taken = taken[1:]
	}
	return stretch{s.first, next.last, slices.Concat(s.spans, spans), slices.Concat(s.busy, taken)}
}

// turned is the volume after an operation.
func (v *volume) turned(t *turn, gone, come []piled) *volume {
	out := &volume{resourceFacts: v.resourceFacts, stretches: slices.Clone(v.stretches)}
	out.rev, out.longest = t.to, t.longest
	for i := range out.stretches {
		s := &out.stretches[i]
		all := between(s.first*oneDay, (s.last+1)*oneDay)
		touched := func(p piled) bool { return p.resource == v.id && p.Overlaps(all) }
		if !slices.ContainsFunc(gone, touched) && !slices.ContainsFunc(come, touched) {
			continue
		}
		taken := make([]busy, 0, len(s.busy)+len(come))
		for _, b := range s.busy {
			if !slices.ContainsFunc(gone, func(p piled) bool { return p.resource == v.id && p.interval == b.interval && p.unit == b.unit }) {
				taken = append(taken, b)
			}
		}
		for _, p := range come {
			if touched(p) {
				at, _ := slices.BinarySearchFunc(taken, p.Start, func(b busy, start int64) int { return cmp.Compare(b.Start, start) })
				taken = slices.Insert(taken, at, p.busy)
			}
		}
		s.busy = taken
	}
	return out
}

// days are the first and last day that w touches.
func days(w interval) (first, last int64) { return w.Start / oneDay, (w.End - 1) / oneDay }

// weight estimates the memory of a volume, in spans.
func (v *volume) weight() int {
	n := 8 + len(v.rules)
	for _, s := range v.stretches {
		n += 4 + len(s.spans) + len(s.busy)
	}
	return n
}

// shelf keeps volumes between searches. Each resource's revision is read in the
// search's own snapshot and compared, so that another process's booking or a
// changed rule is seen at once. Its size is bounded: beyond maxWeight volumes
// leave in no particular order.
type shelf struct {
	mu      sync.RWMutex
	volumes map[shelfKey]*volume
	weight  int
}

type shelfKey struct {
	territory string
	resource  store.ID
}

// maxWeight is about 40 MB.
const maxWeight = 1_000_000

// find returns the volume of each stamp that is on the shelf at that very
// revision; the others are nil.
func (s *shelf) find(territory string, stamps []stamp) []*volume {
	out := make([]*volume, len(stamps))
	s.mu.RLock()
	defer s.mu.RUnlock()
	for i, x := range stamps {
		if v := s.volumes[shelfKey{territory, x.id}]; v != nil && v.rev == x.rev {
			out[i] = v
		}
	}
	return out
}

// put shelves a volume, unless a later revision is there.
func (s *shelf) put(territory string, v *volume) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if old := s.volumes[shelfKey{territory, v.id}]; old == nil || old.rev <= v.rev {
		s.replace(shelfKey{territory, v.id}, old, v)
	}
}

// amend replaces the volume of a resource if it is there at a revision.
func (s *shelf) amend(territory string, resource store.ID, rev int64, with func(*volume) *volume) {
	key := shelfKey{territory, resource}
	s.mu.Lock()
	defer s.mu.Unlock()
	if old := s.volumes[key]; old != nil && old.rev == rev {
		s.replace(key, old, with(old))
	}
}

// replace is called with the shelf locked.
func (s *shelf) replace(key shelfKey, old, v *volume) {
	if s.volumes == nil {
		s.volumes = map[shelfKey]*volume{}
	}
	if old != nil {
		s.weight -= old.weight()
	}
	s.volumes[key] = v
	s.weight += v.weight()
	for k, other := range s.volumes {
		if s.weight <= maxWeight {
			return
		}
		if k != key {
			s.weight -= other.weight()
			delete(s.volumes, k)
		}
	}
}
