package booking

import (
	"cmp"
	"slices"
	"time"

	"parvis/platform/store"
)

// diary is what one resource has open and taken in a window of time.
type diary struct {
	resourceFacts
	spans []span // by start
	busy  []busy // by start
}

// resourceFacts are what a search must know of a resource beside its times.
type resourceFacts struct {
	id       store.ID
	rev      int64
	place    store.ID
	capacity int
	zone     *time.Location
	longest  int64
	rules    map[store.ID]ruleTags
}

// ruleTags is what may be booked in the spans of a rule, and where they may be.
type ruleTags struct {
	places []store.ID
	tags   []string
}

// span is a computed opening.
type span struct {
	interval
	rule, place store.ID
}

// busy is an allocation that counts until it expires (0: for good).
type busy struct {
	interval
	expires int64
	unit    int32
}

// allows tells whether one of the tags may be booked in the rule's spans.
func (d *diary) allows(rule store.ID, tags []string) bool {
	if len(tags) == 0 {
		return true
	}
	for _, t := range d.rules[rule].tags {
		if slices.Contains(tags, t) {
			return true
		}
	}
	return false
}

// spansIn returns the spans that may reach into w, and possibly some before it.
func (d *diary) spansIn(w interval) []span {
	from, _ := slices.BinarySearchFunc(d.spans, w.Start-maxSpan, func(s span, t int64) int { return cmp.Compare(s.Start, t) })
	to, _ := slices.BinarySearchFunc(d.spans[from:], w.End, func(s span, t int64) int { return cmp.Compare(s.Start, t) })
	return d.spans[from : from+to]
}

// busyIn returns the allocations that may reach into w, and possibly some before it.
func (d *diary) busyIn(w interval) []busy {
	from, _ := slices.BinarySearchFunc(d.busy, w.Start-d.longest, func(b busy, t int64) int { return cmp.Compare(b.Start, t) })
	to, _ := slices.BinarySearchFunc(d.busy[from:], w.End, func(b busy, t int64) int { return cmp.Compare(b.Start, t) })
	return d.busy[from : from+to]
}

// within tells whether all that the resource may open for the tags is at the
// places of the set.
func (d *diary) within(set map[store.ID]bool, tags []string) bool {
	for id, r := range d.rules {
		if d.allows(id, tags) && slices.ContainsFunc(r.places, func(p store.ID) bool { return !set[p] }) {
			return false
		}
	}
	return true
}
