package booking

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"parvis/platform/calendar"
	"parvis/platform/store"
)

// choice is who serves a request and where.
type choice struct {
	place  store.ID
	pieces []piece // by need, then unit
}

type piece struct {
	need     int
	resource store.ID
	unit     int
	reason   Reason
}

func (c *choice) resources() []store.ID {
	var out []store.ID
	for _, p := range c.pieces {
		out = append(out, p.resource)
	}
	return out
}

// choose finds who can serve the request, as far as this transaction sees.
// What keep already takes does not stand in its way.
func (e *Engine) choose(ctx context.Context, tx *store.Tx, r *Request, keep *Reservation) (*choice, error) {
	start := r.Start.UnixMicro()
	if !r.Force && r.Start.Before(tx.Now()) {
		return nil, closedThen()
	}
	f := fit{duration: r.duration(), before: r.before(), after: r.after(), step: r.Step.Microseconds(), offset: r.Offset.Microseconds(),
		starts: between(start, start+1), now: tx.Now().UnixMicro(), places: r.Places, force: r.Force, keep: keep}
	closures := &closed{}
	if f.force {
		f.places = nil
	} else {
		var err error
		if closures, err = closedIn(ctx, tx, r.reserved(start)); err != nil {
			return nil, err
		}
	}
	needs := r.needs()
	diaries := make([]map[store.ID]*diary, len(needs))
	var fresh []*volume
	for i := range needs {
		found, err := candidates(ctx, tx, &needs[i], f.places)
		if err != nil {
			return nil, err
		}
		if len(found) == 0 {
			return nil, closedThen()
		}
		reach := r.reserved(start)
		if len(found) > 1 { // the load of the day decides between several
			today, err := e.civilDay(ctx, tx, found[0], r.Start)
			if err != nil {
				return nil, err
			}
			reach = between(min(reach.Start, today.Start), max(reach.End, today.End))
		}
		if diaries[i], err = e.diaries(ctx, tx, found, reach, func(v *volume) { fresh = append(fresh, v) }); err != nil {
			return nil, err
		}
	}
	if err := e.shelveLater(ctx, tx, fresh); err != nil {
		return nil, err
	}
	offers := f.offersAt(start, diaries, needs, closures)
	if len(offers) == 0 {
		f.vacant = true
		if len(f.offersAt(start, diaries, needs, closures)) == 0 {
			return nil, closedThen()
		}
		return nil, &Taken{Demand: r.Demand, Start: r.Start}
	}
	c := f.prefer(needs, offers, diaries)
	if r.Force && len(r.Places) > 0 {
		c.place = r.Places[0]
	}
	return c, nil
}

// shelveLater shelves what a writing transaction read once it is committed: the
// revisions of one that is rolled back come again with something else. On
// PostgreSQL each statement of the transaction sees what is committed by then, so
// that what was read belongs to the revision read before it only if that has not
// changed since.
func (e *Engine) shelveLater(ctx context.Context, tx *store.Tx, fresh []*volume) error {
	if len(fresh) == 0 {
		return nil
	}
	same := map[store.ID]int64{}
	for part := range slices.Chunk(fresh, batch) {
		if tx.Engine() == store.SQLite { // the only writer, or on one snapshot
			for _, v := range part {
				same[v.id] = v.rev
			}
			continue
		}
		ids := make([]store.ID, len(part))
		for i, v := range part {
			ids[i] = v.id
		}
		in, args := padded(ids)
		err := tx.Each(ctx, `SELECT id, rev FROM booking_resource WHERE territory_id = @territory AND id IN `+in, args, func(scan func(...any) error) error {
			var s stamp
			err := scan(&s.id, &s.rev)
			same[s.id] = s.rev
			return err
		})
		if err != nil {
			return fmt.Errorf("booking: reading revisions again: %w", err)
		}
	}
	tx.AfterCommit(func() {
		for _, v := range fresh {
			if same[v.id] == v.rev {
				e.shelf.put(tx.Territory(), v)
			}
		}
	})
	return nil
}

// civilDay is the day of t where the resource is.
func (e *Engine) civilDay(ctx context.Context, tx *store.Tx, s stamp, t time.Time) (interval, error) {
	if v := e.shelf.find(tx.Territory(), []stamp{s})[0]; v != nil {
		return calendar.DateOf(t, v.zone).Span(v.zone), nil
	}
	var name string
	if err := tx.Get(ctx, &name, `SELECT time_zone FROM booking_resource WHERE territory_id = @territory AND id = ?`, s.id); err != nil {
		return interval{}, fmt.Errorf("booking: reading the time zone of resource %d: %w", s.id, err)
	}
	zone, err := location(name)
	if err != nil {
		return interval{}, err
	}
	return calendar.DateOf(t, zone).Span(zone), nil
}

// offersAt lists the places where the needs can be served at t exactly.
func (f *fit) offersAt(t int64, diaries []map[store.ID]*diary, needs []Need, c *closed) []offer {
	free := make([][]*lane, len(needs))
	for i := range needs {
		for _, d := range diaries[i] {
			for _, l := range f.lanes(d, &needs[i], c) {
				if i == 0 && f.step > 0 && !f.force {
					if l.seek(t, f); l.next != t {
						continue
					}
				}
				if l.fits(t) {
					free[i] = append(free[i], l)
				}
			}
		}
		order(free[i])
	}
	return f.offers(t, free)
}

// prefer chooses the place and the resources: referent, then who served last
// time, then who has the least time taken that day (S8).
func (f *fit) prefer(needs []Need, offers []offer, diaries []map[store.ID]*diary) *choice {
	best, bestRank := 0, math.MaxInt
	for i, o := range offers {
		for _, id := range o.candidates[0] {
			if at, _ := f.rank(needs, 0, id); at < bestRank {
				best, bestRank = i, at
			}
		}
	}
	o := offers[best]
	for i := range o.candidates {
		load := map[store.ID]int64{}
		for _, id := range o.candidates[i] {
			load[id] = f.load(diaries[i][id]) * 100 / int64(max(1, weight(needs[i].Weights, id)))
		}
		slices.SortFunc(o.candidates[i], func(a, b store.ID) int {
			rankA, _ := f.rank(needs, i, a)
			rankB, _ := f.rank(needs, i, b)
			return cmp.Or(cmp.Compare(rankA, rankB), cmp.Compare(load[a], load[b]), cmp.Compare(a, b))
		})
	}
	c := &choice{place: o.place}
	for i, id := range pick(o.candidates) {
		_, why := f.rank(needs, i, id)
		if why == LeastLoaded && len(o.candidates[i]) == 1 {
			why = Only
		}
		for _, unit := range f.units(diaries[i][id], needs[i].units()) {
			c.pieces = append(c.pieces, piece{i, id, unit, why})
		}
	}
	return c
}

// rank orders the candidates of need i, lower first.
func (f *fit) rank(needs []Need, i int, id store.ID) (int, Reason) {
	n := &needs[i]
	if at := slices.Index(n.Referents, id); at >= 0 {
		return at, Referent
	}
	if f.keep != nil && slices.ContainsFunc(f.keep.Allocations, func(a Allocation) bool { return a.Need == i && a.ResourceID == id }) {
		return len(n.Referents), SameAsLast
	}
	if at := slices.Index(n.Last, id); at >= 0 {
		return len(n.Referents) + 1 + at, SameAsLast
	}
	return len(n.Referents) + 1 + len(n.Last), LeastLoaded
}

func weight(weights map[store.ID]int, id store.ID) int {
	if w, ok := weights[id]; ok {
		return w
	}
	return 100
}

// load is the time taken of a resource on the civil day of the start.
func (f *fit) load(d *diary) int64 {
	today := calendar.DateOf(store.Time(f.starts.Start), d.zone).Span(d.zone)
	var sum int64
	for _, b := range d.busyIn(today) {
		if today.Contains(b.Start) && f.counts(d, b) {
			sum += b.End - b.Start
		}
	}
	return sum
}

// units returns the n lowest units free for the whole reserved time.
func (f *fit) units(d *diary, n int) []int {
	w := between(f.starts.Start-f.before, f.starts.Start+f.duration+f.after)
	taken := map[int32]bool{}
	for _, b := range d.busyIn(w) {
		if b.Overlaps(w) && f.counts(d, b) {
			taken[b.unit] = true
		}
	}
	var out []int
	for unit := 1; unit <= d.capacity && len(out) < n; unit++ {
		if !taken[int32(unit)] {
			out = append(out, unit)
		}
	}
	return out
}
