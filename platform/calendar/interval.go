package calendar

import (
	"cmp"
	"slices"
	"time"
)

// Interval is a half-open span of time [Start, End) in microseconds since
// 1 January 1970 UTC, the form the store keeps. It is empty when End ≤ Start.
type Interval struct {
	Start, End int64
}

// Span returns the interval from start (included) to end (excluded).
func Span(start, end time.Time) Interval { return Interval{start.UnixMicro(), end.UnixMicro()} }

// From returns the first instant, in UTC.
func (i Interval) From() time.Time { return time.UnixMicro(i.Start).UTC() }

// To returns the instant after the last one, in UTC.
func (i Interval) To() time.Time { return time.UnixMicro(i.End).UTC() }

// Duration returns the length, 0 when the interval is empty.
func (i Interval) Duration() time.Duration {
	return time.Duration(max(i.End-i.Start, 0)) * time.Microsecond
}

// IsEmpty reports whether no instant is inside.
func (i Interval) IsEmpty() bool { return i.End <= i.Start }

// Contains reports whether the instant, in microseconds, is inside.
func (i Interval) Contains(at int64) bool { return i.Start <= at && at < i.End }

// Covers reports whether j is not empty and wholly inside i.
func (i Interval) Covers(j Interval) bool {
	return !j.IsEmpty() && i.Start <= j.Start && j.End <= i.End
}

// Overlaps reports whether some instant is inside both; intervals that touch do
// not overlap.
func (i Interval) Overlaps(j Interval) bool {
	return max(i.Start, j.Start) < min(i.End, j.End)
}

// A set, in what follows, is a slice of intervals in order, none empty, no two
// overlapping or touching. Union makes one of any slices; the others want sets and
// return sets, in time linear in their length. Arguments are not modified, but a
// result may share the memory of one.

// Union returns the set of the instants that are in some interval, given in any
// order.
func Union(slicesOfIntervals ...[]Interval) []Interval {
	all := slices.Concat(slicesOfIntervals...)
	all = slices.DeleteFunc(all, Interval.IsEmpty)
	byStart := func(a, b Interval) int { return cmp.Compare(a.Start, b.Start) }
	if !slices.IsSortedFunc(all, byStart) {
		slices.SortFunc(all, byStart)
	}
	set := all[:0]
	for _, next := range all {
		if last := len(set) - 1; last >= 0 && next.Start <= set[last].End {
			set[last].End = max(set[last].End, next.End)
		} else {
			set = append(set, next)
		}
	}
	return set
}

// Intersect returns the set of the instants that are in both sets.
func Intersect(a, b []Interval) []Interval {
	var set []Interval
	for len(a) > 0 && len(b) > 0 {
		if common := (Interval{max(a[0].Start, b[0].Start), min(a[0].End, b[0].End)}); !common.IsEmpty() {
			set = append(set, common)
		}
		if a[0].End < b[0].End {
			a = a[1:]
		} else {
			b = b[1:]
		}
	}
	return set
}

// Subtract returns the set of the instants that are in a and not in b.
func Subtract(a, b []Interval) []Interval {
	if len(a) == 0 || len(b) == 0 {
		return a
	}
	set := make([]Interval, 0, len(a)+min(len(a), len(b)))
	for _, left := range a {
		for len(b) > 0 && b[0].End <= left.Start {
			b = b[1:]
		}
		for _, hole := range b {
			if hole.Start >= left.End {
				break
			}
			if before := (Interval{left.Start, hole.Start}); !before.IsEmpty() {
				set = append(set, before)
			}
			left.Start = hole.End
		}
		if !left.IsEmpty() {
			set = append(set, left)
		}
	}
	return set
}

// Clip returns the part of a set that lies within an interval.
func Clip(set []Interval, within Interval) []Interval {
	if within.IsEmpty() {
		return nil
	}
	return Intersect(set, []Interval{within})
}

// Total returns the time covered by a set.
func Total(set []Interval) time.Duration {
	var total time.Duration
	for _, i := range set {
		total += i.Duration()
	}
	return total
}
