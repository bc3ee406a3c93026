package booking

import (
	"maps"
	"sync"

	"parvis/platform/store"
)

// page is what reaches into one day (UTC) of a resource.
type page struct {
	spans []span
	busy  []busy
}

// volume is what is known of one resource at one revision: some of its days.
// It is never changed once it is on the shelf.
type volume struct {
	resourceFacts
	pages map[int64]page // by day since the epoch
}

// diary puts the days that cover w together; nil when one is missing.
func (v *volume) diary(w interval) *diary {
	d := &diary{resourceFacts: v.resourceFacts}
	first, last := days(w)
	for n := first; n <= last; n++ {
		p, ok := v.pages[n]
		if !ok {
			return nil
		}
		// What began before the day is on the page before, unless this is the first.
		spans, taken := p.spans, p.busy
		for n > first && len(spans) > 0 && spans[0].Start < n*oneDay {
			spans = spans[1:]
		}
		for n > first && len(taken) > 0 && taken[0].Start < n*oneDay {
			taken = taken[1:]
		}
		d.spans, d.busy = append(d.spans, spans...), append(d.busy, taken...)
	}
	return d
}

// with returns a copy of v with the pages first to last, cut from the times of d.
func (v *volume) with(d *diary, first, last int64) *volume {
	out := &volume{resourceFacts: d.resourceFacts, pages: make(map[int64]page, len(v.pages)+int(last-first)+1)}
	maps.Copy(out.pages, v.pages)
	for n := first; n <= last; n++ {
		out.pages[n] = page{}
	}
	each := func(x interval, put func(p *page)) {
		from, to := days(x)
		for n := max(from, first); n <= min(to, last); n++ {
			p := out.pages[n]
			put(&p)
			out.pages[n] = p
		}
	}
	for _, s := range d.spans {
		each(s.interval, func(p *page) { p.spans = append(p.spans, s) })
	}
	for _, b := range d.busy {
		each(b.interval, func(p *page) { p.busy = append(p.busy, b) })
	}
	return out
}

// days are the first and last day that w touches.
func days(w interval) (first, last int64) { return w.Start / oneDay, (w.End - 1) / oneDay }

// weight estimates the memory of a volume, in spans.
func (v *volume) weight() int {
	n := 8 + len(v.rules)
	for _, p := range v.pages {
		n += 4 + len(p.spans) + len(p.busy)
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

func (s *shelf) put(territory string, v *volume) {
	weight := v.weight()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.volumes == nil {
		s.volumes = map[shelfKey]*volume{}
	}
	key := shelfKey{territory, v.id}
	if old := s.volumes[key]; old != nil {
		s.weight -= old.weight()
	}
	s.volumes[key] = v
	s.weight += weight
	for k, old := range s.volumes {
		if s.weight <= maxWeight {
			return
		}
		if k != key {
			s.weight -= old.weight()
			delete(s.volumes, k)
		}
	}
}
