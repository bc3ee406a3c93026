package booking

import (
	"cmp"
	"slices"
	"time"

	"parvis/platform/store"
)

// Slot is a start offered, with those who could serve it. A start is shown
// once even when several can (S7).
type Slot struct {
	Start, End time.Time  // the meeting without its buffers, UTC
	Place      store.ID   // 0: none
	Places     []store.ID // all places where this start is free; Place is one of them
	// Candidates are, for each need of the demand, the resources free at Place.
	Candidates [][]store.ID
	// Touches: the start leaves less than a step beside something taken.
	// Computed when the query prefers density.
	Touches bool
}

// offer is one place at which a start is free.
type offer struct {
	place      store.ID
	candidates [][]store.ID
	touches    bool
	diary      *diary // of the first candidate of the leading need
}

// queue is a binary heap of the leading lanes: by next start, then by rank.
type queue []*lane

func (q queue) less(i, j int) bool {
	return q[i].next < q[j].next || (q[i].next == q[j].next && q[i].rank < q[j].rank)
}

func (q *queue) push(l *lane) {
	*q = append(*q, l)
	h := *q
	for i := len(h) - 1; i > 0; {
		up := (i - 1) / 2
		if !h.less(i, up) {
			return
		}
		h[up], h[i] = h[i], h[up]
		i = up
	}
}

// sink puts the head, whose start has grown, back in its place.
func (q queue) sink() {
	for i := 0; ; {
		low := 2*i + 1
		if low >= len(q) {
			return
		}
		if low+1 < len(q) && q.less(low+1, low) {
			low++
		}
		if !q.less(low, i) {
			return
		}
		q[i], q[low] = q[low], q[i]
		i = low
	}
}

// emit walks the starts of f.starts in order and calls yield with each free
// one and its offers until yield returns false. lanes are per need, the first
// need leads.
func (f *fit) emit(lanes [][]*lane, yield func(t int64, offers []offer) bool) {
	for _, set := range lanes {
		order(set)
	}
	var q queue
	for i, l := range lanes[0] {
		l.rank = i
		if l.seek(f.starts.Start, f); l.next != none {
			q.push(l)
		}
	}
	free := make([][]*lane, len(lanes))
	for len(q) > 0 && q[0].next != none {
		t := q[0].next
		free[0] = free[0][:0]
		for q[0].next == t {
			l := q[0]
			free[0] = append(free[0], l)
			l.seek(t+1, f)
			q.sink()
		}
		possible := true
		for i := 1; i < len(lanes) && possible; i++ {
			free[i] = free[i][:0]
			for _, l := range lanes[i] {
				if l.fits(t) {
					free[i] = append(free[i], l)
				}
			}
			possible = len(free[i]) > 0
		}
		if !possible {
			continue
		}
		if offers := f.offers(t, free); len(offers) > 0 && !yield(t, offers) {
			return
		}
	}
}

// offers lists the places at which every need can be served at t by resources
// all different. The lanes of each need are ordered by place and resource.
func (f *fit) offers(t int64, free [][]*lane) []offer {
	if lanes := free[0]; len(free) == 1 && len(lanes) > 0 && len(f.places) == 0 && (lanes[0].place != 0 || lanes[len(lanes)-1].place == 0) {
		return f.simple(t, lanes)
	}
	var out []offer
	for _, p := range f.placesOf(free) {
		o := offer{place: p, candidates: make([][]store.ID, len(free))}
		for i, lanes := range free {
			there := laneAt(lanes, p)
			if p != 0 {
				there = append(slices.Clip(there), laneAt(lanes, 0)...)
			}
			ids := make([]store.ID, 0, len(there))
			for _, l := range there {
				ids = append(ids, l.diary.id)
				if i == 0 {
					if o.diary == nil || l.diary.id < o.diary.id {
						o.diary = l.diary
					}
					o.touches = o.touches || (f.density && l.touches(t, f))
				}
			}
			slices.Sort(ids)
			o.candidates[i] = slices.Compact(ids)
		}
		if len(pick(o.candidates)) > 0 {
			out = append(out, o)
		}
	}
	return f.touching(out)
}

// simple is offers for one need, any place, and lanes that are all at a place or
// all at none: most searches, thousands of times each.
func (f *fit) simple(t int64, lanes []*lane) []offer {
	ids := make([]store.ID, len(lanes))
	count := 1
	for i, l := range lanes {
		ids[i] = l.diary.id
		if i > 0 && l.place != lanes[i-1].place {
			count++
		}
	}
	lists, out := make([][]store.ID, count), make([]offer, 0, count)
	for from := 0; from < len(lanes); {
		first := lanes[from]
		o := offer{place: first.place, diary: first.diary}
		to := from
		for ; to < len(lanes) && lanes[to].place == first.place; to++ {
			o.touches = o.touches || (f.density && lanes[to].touches(t, f))
		}
		n := len(out)
		lists[n] = ids[from:to:to]
		o.candidates = lists[n : n+1 : n+1]
		out, from = append(out, o), to
	}
	return f.touching(out)
}

// touching puts first the places where the start touches something taken.
func (f *fit) touching(out []offer) []offer {
	if f.density {
		slices.SortStableFunc(out, func(a, b offer) int { return cmp.Compare(truth(b.touches), truth(a.touches)) })
	}
	return out
}

// order is by place, then resource.
func order(lanes []*lane) {
	slices.SortFunc(lanes, func(a, b *lane) int {
		return cmp.Or(cmp.Compare(a.place, b.place), cmp.Compare(a.diary.id, b.diary.id))
	})
}

// laneAt is the part of ordered lanes that is at place p.
func laneAt(lanes []*lane, p store.ID) []*lane {
	from, _ := slices.BinarySearchFunc(lanes, p, func(l *lane, p store.ID) int { return cmp.Compare(l.place, p) })
	to := from
	for to < len(lanes) && lanes[to].place == p {
		to++
	}
	return lanes[from:to]
}

// placesOf is the order in which places are tried: as asked, otherwise no
// place first, then by identifier.
func (f *fit) placesOf(free [][]*lane) []store.ID {
	if len(f.places) > 0 {
		return f.places
	}
	var out []store.ID
	for _, lanes := range free {
		for _, l := range lanes {
			if len(out) == 0 || out[len(out)-1] != l.place {
				out = append(out, l.place)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}

// pick chooses one resource per need, all different, each need taking its
// first possible candidate unless a later need cannot do without it (Kuhn's
// augmenting paths). It returns nil when there is no way.
func pick(candidates [][]store.ID) []store.ID {
	holder := map[store.ID]int{}
	var seat func(need int, seen map[store.ID]bool) bool
	seat = func(need int, seen map[store.ID]bool) bool {
		for _, c := range candidates[need] {
			if seen[c] {
				continue
			}
			seen[c] = true
			other, taken := holder[c]
			if !taken || seat(other, seen) {
				holder[c] = need
				return true
			}
		}
		return false
	}
	if len(candidates) == 1 {
		return candidates[0][:min(1, len(candidates[0]))]
	}
	for need := range candidates {
		if !seat(need, map[store.ID]bool{}) {
			return nil
		}
	}
	out := make([]store.ID, len(candidates))
	for c, need := range holder {
		out[need] = c
	}
	return out
}
