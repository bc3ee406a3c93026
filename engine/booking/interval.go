package booking

import (
	"cmp"
	"slices"

	"parvis/platform/calendar"
)

// interval is half-open, in microseconds: the hot loops work on integers,
// time.Time appears only at the edges.
type interval = calendar.Interval

func between(start, end int64) interval { return interval{Start: start, End: end} }

// erode turns the times that are open into the starts from which length fits.
func erode(open []interval, length int64) []interval {
	out := make([]interval, 0, len(open))
	for _, x := range open {
		if x.End-x.Start >= length {
			out = append(out, interval{Start: x.Start, End: x.End - length + 1})
		}
	}
	return out
}

// atLeast returns the set of instants that are in n of the sets or more.
func atLeast(n int, sets [][]interval) []interval {
	if n == 1 && len(sets) == 1 {
		return sets[0]
	}
	type edge struct {
		at    int64
		delta int
	}
	var edges []edge
	for _, set := range sets {
		for _, x := range set {
			edges = append(edges, edge{x.Start, 1}, edge{x.End, -1})
		}
	}
	// At one instant beginnings come before ends, so that pieces that touch are one.
	slices.SortFunc(edges, func(a, b edge) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(b.delta, a.delta)) })
	var out []interval
	depth := 0
	for _, e := range edges {
		depth += e.delta
		switch last := len(out) - 1; {
		case e.delta > 0 && depth == n:
			out = append(out, interval{Start: e.at})
		case e.delta < 0 && depth == n-1 && out[last].Start == e.at:
			out = out[:last] // the sets only met at this instant
		case e.delta < 0 && depth == n-1:
			out[last].End = e.at
		}
	}
	return out
}
