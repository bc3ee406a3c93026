package booking

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"parvis/platform/store"
)

// maxSpan bounds one computed opening: a day, the night after it, and the hour
// a clock change may add.
const maxSpan = 49 * int64(3600e6)

// stamp is a resource and its revision in the transaction's snapshot.
type stamp struct {
	id  store.ID
	rev int64
}

// candidates returns the active resources that a need admits, in no order.
// What a tag or a place excludes here is only what surely has no range for it.
func candidates(ctx context.Context, tx *store.Tx, n *Need, places []store.ID) ([]stamp, error) {
	query := `SELECT id, rev FROM booking_resource WHERE territory_id = @territory AND active = TRUE`
	var args []any
	list := func(ids []store.ID) string {
		in, padding := padded(ids)
		args = append(args, padding...)
		return in
	}
	if n.Kind != "" {
		query += ` AND kind = ?`
		args = append(args, n.Kind)
	}
	if len(n.Resources) > 0 {
		query += ` AND id IN ` + list(n.Resources)
	}
	if len(n.Tags) > 0 {
		in, tags := padded(n.Tags)
		if len(n.Resources) > 0 { // a few known ones: look at their ranges only
			query += ` AND EXISTS (SELECT 1 FROM booking_rule_tag t
				WHERE t.territory_id = @territory AND t.resource_id = booking_resource.id AND t.tag IN ` + in + `)`
		} else {
			query += ` AND id IN (SELECT resource_id FROM booking_rule_tag WHERE territory_id = @territory AND tag IN ` + in + `)`
		}
		args = append(args, tags...)
	}
	if len(places) > 0 {
		query += ` AND (place_id = 0 OR place_id IN ` + list(places) + `
			OR id IN (SELECT resource_id FROM booking_rule WHERE territory_id = @territory AND place_id IN ` + list(places) + `)
			OR id IN (SELECT r.resource_id FROM booking_override o JOIN booking_rule r ON r.territory_id = o.territory_id AND r.id = o.rule_id
				WHERE o.territory_id = @territory AND o.place_id IN ` + list(places) + `))`
	}
	var out []stamp
	err := tx.Each(ctx, query, args, func(scan func(...any) error) error {
		var s stamp
		err := scan(&s.id, &s.rev)
		out = append(out, s)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("booking: listing candidates: %w", err)
	}
	return out, nil
}

// diaries returns what the resources have open and taken in w. Days that are on
// the shelf at the revision this transaction sees are not read again. shelve
// is called with what was read.
func (e *Engine) diaries(ctx context.Context, tx *store.Tx, stamps []stamp, w interval, shelve func(*volume)) (map[store.ID]*diary, error) {
	out := make(map[store.ID]*diary, len(stamps))
	type gap struct {
		known       bool
		first, last int64
	}
	type want struct {
		volume *volume
		fresh  *diary
	}
	missing := map[gap][]want{} // mostly one gap: resources are asked together
	for i, v := range e.shelf.find(tx.Territory(), stamps) {
		g := gap{known: v != nil}
		if v == nil {
			v = &volume{resourceFacts: resourceFacts{id: stamps[i].id, rev: stamps[i].rev}}
		} else if d := v.diary(w); d != nil {
			out[d.id] = d
			continue
		}
		g.first, g.last = v.lacks(w)
		missing[g] = append(missing[g], want{v, &diary{resourceFacts: v.resourceFacts}})
	}
	for g, wants := range missing {
		fresh := make([]*diary, len(wants))
		for i, x := range wants {
			fresh[i] = x.fresh
		}
		if !g.known {
			if err := readFacts(ctx, tx, fresh); err != nil {
				return nil, err
			}
		}
		if err := readTimes(ctx, tx, fresh, between(g.first*oneDay, (g.last+1)*oneDay)); err != nil {
			return nil, err
		}
		for _, x := range wants {
			v := x.volume.with(x.fresh, g.first, g.last)
			shelve(v)
			out[v.id] = v.diary(w)
		}
	}
	return out, nil
}

// readFacts completes diaries of which only identifier and revision are known.
func readFacts(ctx context.Context, tx *store.Tx, ds []*diary) error {
	zones := map[string]*time.Location{}
	for part := range slices.Chunk(ds, batch) {
		index, in, args := indexed(part)
		err := tx.Each(ctx, `SELECT id, place_id, capacity, time_zone, longest FROM booking_resource
			WHERE territory_id = @territory AND id IN `+in, args, func(scan func(...any) error) error {
			var id store.ID
			var x diary
			var zone string
			if err := scan(&id, &x.place, &x.capacity, &zone, &x.longest); err != nil {
				return err
			}
			if zones[zone] == nil {
				loaded, err := location(zone)
				if err != nil {
					return err
				}
				zones[zone] = loaded
			}
			d := index[id]
			d.place, d.capacity, d.zone, d.longest, d.rules = x.place, x.capacity, zones[zone], x.longest, map[store.ID]ruleTags{}
			return nil
		})
		if err != nil {
			return fmt.Errorf("booking: reading resources: %w", err)
		}
		err = tx.Each(ctx, `SELECT r.resource_id, r.id, r.place_id, COALESCE(t.tag, '') FROM booking_rule r
				LEFT JOIN booking_rule_tag t ON t.territory_id = r.territory_id AND t.resource_id = r.resource_id AND t.rule_id = r.id
				WHERE r.territory_id = @territory AND r.resource_id IN `+in+`
			UNION ALL SELECT r.resource_id, r.id, o.place_id, '' FROM booking_override o
				JOIN booking_rule r ON r.territory_id = o.territory_id AND r.id = o.rule_id
				WHERE o.territory_id = @territory AND o.place_id <> 0 AND r.resource_id IN `+in,
			slices.Concat(args, args), func(scan func(...any) error) error {
				var id, rule, place store.ID
				var tag string
				if err := scan(&id, &rule, &place, &tag); err != nil {
					return err
				}
				d := index[id]
				t := d.rules[rule]
				t.places = append(t.places, cmp.Or(place, d.place))
				if tag != "" {
					t.tags = append(t.tags, tag)
				}
				d.rules[rule] = t
				return nil
			})
		if err != nil {
			return fmt.Errorf("booking: reading what may be booked: %w", err)
		}
	}
	return nil
}

// readTimes fills in the spans and live allocations that reach into w.
func readTimes(ctx context.Context, tx *store.Tx, ds []*diary, w interval) error {
	for part := range slices.Chunk(ds, batch) {
		index, in, args := indexed(part)
		longest := int64(0)
		for _, d := range part {
			longest = max(longest, d.longest)
		}
		err := tx.Each(ctx, `SELECT resource_id, starts_at, ends_at, rule_id, place_id FROM booking_span
			WHERE territory_id = @territory AND resource_id IN `+in+` AND starts_at >= ? AND starts_at < ? AND ends_at > ?`,
			append(slices.Clip(args), w.Start-maxSpan, w.End, w.Start), func(scan func(...any) error) error {
				var id store.ID
				var s span
				if err := scan(&id, &s.Start, &s.End, &s.rule, &s.place); err != nil {
					return err
				}
				index[id].spans = append(index[id].spans, s)
				return nil
			})
		if err != nil {
			return fmt.Errorf("booking: reading openings: %w", err)
		}
		err = tx.Each(ctx, `SELECT resource_id, starts_at, ends_at, unit, COALESCE(expires_at, 0) FROM booking_allocation
			WHERE territory_id = @territory AND resource_id IN `+in+` AND state IN ('held', 'active')
				AND starts_at >= ? AND starts_at < ? AND ends_at > ?`,
			append(slices.Clip(args), w.Start-longest, w.End, w.Start), func(scan func(...any) error) error {
				var id store.ID
				var b busy
				if err := scan(&id, &b.Start, &b.End, &b.unit, &b.expires); err != nil {
					return err
				}
				index[id].busy = append(index[id].busy, b)
				return nil
			})
		if err != nil {
			return fmt.Errorf("booking: reading what is taken: %w", err)
		}
		for _, d := range part {
			sorted(d.spans, func(a, b span) int { return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End)) })
			sorted(d.busy, func(a, b busy) int { return cmp.Compare(a.Start, b.Start) })
		}
	}
	return nil
}

func sorted[T any](s []T, by func(a, b T) int) {
	if !slices.IsSortedFunc(s, by) {
		slices.SortFunc(s, by)
	}
}

// batch is the longest list of resources in one statement.
const batch = 512

// indexed prepares a list of resources for SQL.
func indexed(ds []*diary) (index map[store.ID]*diary, in string, args []any) {
	ids := make([]store.ID, len(ds))
	index = make(map[store.ID]*diary, len(ds))
	for i, d := range ds {
		index[d.id], ids[i] = d, d.id
	}
	in, args = padded(ids)
	return index, in, args
}

// padded is a list for SQL, its length rounded up to a power of two by
// repeating the last value, so that few statement texts exist.
func padded[T any](list []T) (in string, args []any) {
	size := 1
	for size < len(list) {
		size *= 2
	}
	args = make([]any, 0, size)
	for i := range size {
		args = append(args, list[min(i, len(list)-1)])
	}
	return "(" + store.In(size) + ")", args
}
