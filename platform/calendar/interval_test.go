package calendar_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"parvis/platform/calendar"
)

type span = calendar.Interval

// line is the naive form of a set: what is true at each instant from 0 to 39.
type line [40]bool

func drawn(set []span) line {
	var l line
	for _, i := range set {
		for at := max(i.Start, 0); at < i.End && at < int64(len(l)); at++ {
			l[at] = true
		}
	}
	return l
}

func combined(a, b line, op func(a, b bool) bool) line {
	var l line
	for i := range l {
		l[i] = op(a[i], b[i])
	}
	return l
}

func intervals() *rapid.Generator[[]span] {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) span {
		start := rapid.Int64Range(0, 39).Draw(t, "start")
		return span{Start: start, End: start + rapid.Int64Range(-2, 12).Draw(t, "length")}
	}), 0, 8)
}

// isSet is the definition: in order, not empty, neither overlapping nor touching.
func isSet(set []span) bool {
	for i, s := range set {
		if s.End <= s.Start || i > 0 && s.Start <= set[i-1].End {
			return false
		}
	}
	return true
}

func clipped(set []span) []span { return calendar.Clip(set, span{Start: 0, End: 40}) }

func TestIntervalAlgebraAgainstTheNaiveLine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rawA, rawB := intervals().Draw(t, "a"), intervals().Draw(t, "b")
		keptA, keptB := slices.Clone(rawA), slices.Clone(rawB)
		a, b := calendar.Union(rawA), calendar.Union(rawB)
		setA, setB := slices.Clone(a), slices.Clone(b)
		within := span{Start: rapid.Int64Range(-3, 42).Draw(t, "from"), End: rapid.Int64Range(-3, 42).Draw(t, "to")}
		results := []struct {
			name string
			got  []span
			want line
		}{
			{"one union", a, drawn(rawA)},
			{"union", calendar.Union(rawA, rawB), combined(drawn(rawA), drawn(rawB), func(a, b bool) bool { return a || b })},
			{"intersect", calendar.Intersect(a, b), combined(drawn(a), drawn(b), func(a, b bool) bool { return a && b })},
			{"subtract", calendar.Subtract(a, b), combined(drawn(a), drawn(b), func(a, b bool) bool { return a && !b })},
			{"clip", calendar.Clip(a, within), combined(drawn(a), drawn([]span{within}), func(a, b bool) bool { return a && b })},
		}
		for _, r := range results {
			if !isSet(r.got) {
				t.Fatalf("%s of %v and %v is not a set: %v", r.name, rawA, rawB, r.got)
			}
			if drawn(r.got) != r.want {
				t.Fatalf("%s of %v and %v (within %v): %v", r.name, rawA, rawB, within, r.got)
			}
		}
		if !slices.Equal(rawA, keptA) || !slices.Equal(rawB, keptB) || !slices.Equal(a, setA) || !slices.Equal(b, setB) {
			t.Fatal("an argument was modified")
		}
	})
}

func TestIntervalLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := calendar.Union(intervals().Draw(t, "a")), calendar.Union(intervals().Draw(t, "b"))
		if parts := calendar.Union(calendar.Subtract(a, b), calendar.Intersect(a, b)); !slices.Equal(parts, a) {
			t.Fatalf("(%v − %v) ∪ (∩) = %v", a, b, parts)
		}
		if rest := calendar.Intersect(calendar.Subtract(a, b), b); len(rest) != 0 {
			t.Fatalf("%v − %v still holds %v", a, b, rest)
		}
		both := calendar.Total(calendar.Union(a, b)) + calendar.Total(calendar.Intersect(a, b))
		if both != calendar.Total(a)+calendar.Total(b) {
			t.Fatalf("lengths of %v and %v", a, b)
		}
		if !slices.Equal(calendar.Intersect(a, b), calendar.Intersect(b, a)) {
			t.Fatalf("intersect %v, %v is not symmetrical", a, b)
		}
		if len(clipped(calendar.Subtract(a, a))) != 0 {
			t.Fatalf("%v − itself is not empty", a)
		}
	})
}

func TestIntervalRelations(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		one := rapid.Custom(func(t *rapid.T) span {
			return span{Start: rapid.Int64Range(0, 20).Draw(t, "start"), End: rapid.Int64Range(0, 20).Draw(t, "end")}
		})
		a, b := one.Draw(t, "a"), one.Draw(t, "b")
		inA, inB := drawn([]span{a}), drawn([]span{b})
		overlaps, covers := false, !b.IsEmpty()
		for at := range inA {
			overlaps = overlaps || inA[at] && inB[at]
			covers = covers && (inA[at] || !inB[at])
			if a.Contains(int64(at)) != inA[at] {
				t.Fatalf("%v contains %d", a, at)
			}
		}
		if a.Overlaps(b) != overlaps || b.Overlaps(a) != overlaps {
			t.Fatalf("%v overlaps %v: %v, want %v", a, b, a.Overlaps(b), overlaps)
		}
		if a.Covers(b) != covers {
			t.Fatalf("%v covers %v: %v, want %v", a, b, a.Covers(b), covers)
		}
		if a.IsEmpty() != (inA == line{}) || a.Duration() != time.Duration(max(a.End-a.Start, 0))*time.Microsecond {
			t.Fatalf("%v lasts %v", a, a.Duration())
		}
	})
}

func TestSpanKeepsMicroseconds(t *testing.T) {
	start := time.Date(2026, 11, 24, 9, 30, 0, 123456000, zone(t, "Europe/Paris"))
	i := calendar.Span(start, start.Add(45*time.Minute))
	if !i.From().Equal(start) || i.From().Location() != time.UTC || i.To().Sub(i.From()) != 45*time.Minute {
		t.Errorf("%v to %v", i.From(), i.To())
	}
}

func BenchmarkSubtract(b *testing.B) {
	var open, busy []span
	for d := range int64(365) {
		open = append(open, span{Start: d * 1000, End: d*1000 + 500})
		busy = append(busy, span{Start: d*1000 + 100, End: d*1000 + 130}, span{Start: d*1000 + 200, End: d*1000 + 230})
	}
	for b.Loop() {
		calendar.Subtract(open, busy)
	}
}
