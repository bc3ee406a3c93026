package booking

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"parvis/platform/calendar"
	"parvis/platform/store"
)

const minute = int64(60e6)

// world is a small made-up territory, in minutes.
type world struct {
	diaries [][]*diary // per need
	needs   []Need
	closed  *closed
	fit     fit
}

// drawInterval spreads what rapid likes to draw small.
func drawInterval(t *rapid.T, last, shortest, longest int64, label string) interval {
	start := rapid.Int64Range(0, last).Draw(t, label+" start") * 163 % (last + 1)
	length := shortest + rapid.Int64Range(0, longest-shortest).Draw(t, label+" length")*29%(longest-shortest+1)
	return between(start*minute, (start+length)*minute)
}

func drawDiary(t *rapid.T, id store.ID, places []store.ID) *diary {
	d := &diary{resourceFacts: resourceFacts{id: id, capacity: rapid.IntRange(1, 3).Draw(t, "capacity"), longest: 600 * minute, rules: map[store.ID]ruleTags{}}}
	for rule := range store.ID(rapid.IntRange(1, 5).Draw(t, "spans")) {
		tags := []string{rapid.SampledFrom([]string{"a", "b"}).Draw(t, "tag")}
		d.rules[rule] = ruleTags{tags: tags}
		d.spans = append(d.spans, span{drawInterval(t, 400, 40, 200, "span"), rule, rapid.SampledFrom(places).Draw(t, "place")})
	}
	slices.SortFunc(d.spans, func(a, b span) int { return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End)) })
	for range rapid.IntRange(0, 8).Draw(t, "busy") {
		b := busy{interval: drawInterval(t, 500, 1, 90, "busy"), unit: int32(rapid.IntRange(1, d.capacity).Draw(t, "unit"))}
		if rapid.Bool().Draw(t, "hold") {
			b.expires = rapid.Int64Range(90, 110).Draw(t, "expires")
		}
		if !slices.ContainsFunc(d.busy, func(x busy) bool { return x.unit == b.unit && x.Overlaps(b.interval) }) {
			d.busy = append(d.busy, b)
		}
	}
	slices.SortFunc(d.busy, func(a, b busy) int { return cmp.Compare(a.Start, b.Start) })
	return d
}

func drawWorld(t *rapid.T) *world {
	w := &world{closed: &closed{byResource: map[store.ID][]interval{}, byPlace: map[store.ID][]interval{}}}
	places := []store.ID{0, 7, 8}[:rapid.IntRange(1, 3).Draw(t, "places")]
	for range rapid.SampledFrom([]int{1, 1, 2, 3}).Draw(t, "needs") {
		n := Need{Units: rapid.IntRange(0, 2).Draw(t, "units")}
		if rapid.Bool().Draw(t, "tagged") {
			n.Tags = []string{"a"}
		}
		w.needs = append(w.needs, n)
	}
	all := make([]*diary, rapid.IntRange(1, 4).Draw(t, "resources"))
	for i := range all {
		all[i] = drawDiary(t, store.ID(i+1), places)
	}
	for range w.needs {
		set := slices.Clone(all)
		w.diaries = append(w.diaries, slices.DeleteFunc(set, func(d *diary) bool { return rapid.IntRange(0, 3).Draw(t, "left out") == 0 }))
	}
	for range rapid.IntRange(0, 4).Draw(t, "closures") {
		x := drawInterval(t, 500, 1, 150, "closure")
		switch rapid.IntRange(0, 2).Draw(t, "scope") {
		case 0:
			w.closed.all = calendar.Union(w.closed.all, []interval{x})
		case 1:
			w.closed.byResource[1] = calendar.Union(w.closed.byResource[1], []interval{x})
		case 2:
			w.closed.byPlace[7] = calendar.Union(w.closed.byPlace[7], []interval{x})
		}
	}
	draw := func(low, high int64, label string) int64 { return rapid.Int64Range(low, high).Draw(t, label) * minute }
	w.fit = fit{duration: draw(1, 40, "duration"), step: draw(1, 45, "step"), offset: draw(0, 20, "offset"),
		before: draw(0, 20, "before"), after: draw(0, 20, "after"), now: 100, density: rapid.Bool().Draw(t, "density")}
	if rapid.Bool().Draw(t, "somewhere") {
		w.fit.places = places[len(places)-1:]
	}
	return w
}

// naive answers for one resource, place and start by looking at each minute.
func (w *world) naive(need int, d *diary, place store.ID, t int64, grid bool) bool {
	n := w.needs[need]
	serves := func(s span) bool { return s.place == place && d.allows(s.rule, n.Tags) }
	var owner *span
	for i, s := range d.spans {
		if serves(s) && s.Contains(t) && (owner == nil || s.Start < owner.Start) {
			owner = &d.spans[i]
		}
	}
	if owner == nil {
		return false
	}
	if since := t - owner.Start - w.fit.offset; grid && (since < 0 || since%w.fit.step != 0) {
		return false
	}
	for m := t; m < t+w.fit.duration; m += minute {
		if !slices.ContainsFunc(d.spans, func(s span) bool { return serves(s) && s.Contains(m) }) {
			return false
		}
		for _, set := range [][]interval{w.closed.all, w.closed.byResource[d.id], w.closed.byPlace[place]} {
			if slices.ContainsFunc(set, func(x interval) bool { return x.Contains(m) }) {
				return false
			}
		}
	}
	free := 0
	for unit := int32(1); unit <= int32(d.capacity); unit++ {
		ok := true
		for m := t - w.fit.before; m < t+w.fit.duration+w.fit.after; m += minute {
			for _, b := range d.busy {
				ok = ok && !(b.unit == unit && b.Contains(m) && (b.expires == 0 || b.expires > w.fit.now))
			}
		}
		if ok {
			free++
		}
	}
	return free >= max(1, n.Units)
}

// distinct looks for one candidate per need, all different, by trying all.
func distinct(candidates [][]store.ID, used []store.ID) bool {
	if len(candidates) == 0 {
		return true
	}
	for _, c := range candidates[0] {
		if !slices.Contains(used, c) && distinct(candidates[1:], append(slices.Clone(used), c)) {
			return true
		}
	}
	return false
}

type found struct {
	Start      int64
	Place      store.ID
	Candidates [][]store.ID
	Touches    bool
}

func (w *world) oracle(from, to int64) []found {
	var out []found
	for t := from; t < to; t += minute {
		places := w.fit.places
		if len(places) == 0 {
			places = []store.ID{0, 7, 8}
		}
		led := false
		for _, d := range w.diaries[0] {
			for _, p := range []store.ID{0, 7, 8} {
				led = led || ((p == 0 || slices.Contains(places, p)) && w.naive(0, d, p, t, true))
			}
		}
		if !led {
			continue
		}
		for _, p := range places {
			candidates := make([][]store.ID, len(w.needs))
			somebodyThere, touches := len(w.fit.places) > 0, false
			for i := range w.needs {
				for _, d := range w.diaries[i] {
					there := w.naive(i, d, p, t, i == 0)
					somebodyThere = somebodyThere || there
					if there || (p != 0 && w.naive(i, d, 0, t, i == 0)) {
						candidates[i] = append(candidates[i], d.id)
						touches = touches || (i == 0 && w.fit.density && w.touches(d, t))
					}
				}
			}
			if somebodyThere && distinct(candidates, nil) {
				out = append(out, found{t, p, candidates, touches})
			}
		}
	}
	return out
}

func (w *world) touches(d *diary, t int64) bool {
	for _, b := range d.busy {
		if b.expires != 0 && b.expires <= w.fit.now {
			continue
		}
		before, after := t-w.fit.before-b.End, b.Start-(t+w.fit.duration+w.fit.after)
		if (before >= 0 && before < w.fit.step) || (after >= 0 && after < w.fit.step) {
			return true
		}
	}
	return false
}

// emitted runs the engine's own walk over [from, to).
func (w *world) emitted(from, to int64) []found {
	f := w.fit
	f.starts = between(from, to)
	lanes := make([][]*lane, len(w.needs))
	for i := range w.needs {
		for _, d := range w.diaries[i] {
			lanes[i] = append(lanes[i], f.lanes(d, &w.needs[i], w.closed)...)
		}
	}
	var out []found
	f.emit(lanes, func(t int64, offers []offer) bool {
		slices.SortFunc(offers, func(a, b offer) int { return cmp.Compare(a.place, b.place) })
		for _, o := range offers {
			out = append(out, found{t, o.place, o.candidates, o.touches})
		}
		return true
	})
	return out
}

// TestSlotsAgainstNaive compares the interval algebra with a walk over each
// minute: openings, closures, capacity, buffers, step and offset, several
// needs, places, expired holds, density.
func TestSlotsAgainstNaive(t *testing.T) {
	starts := 0
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		want := w.oracle(0, 700*minute)
		starts += len(want)
		if diff := gocmp.Diff(want, w.emitted(0, 700*minute), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("slots differ (-naive +engine):\n%s", diff)
		}
		// What is found does not depend on how the window is cut.
		first := rapid.Int64Range(0, 600).Draw(t, "cut")
		for i := range int64(8) {
			cut := (1 + (first+i*83)%690) * minute
			if diff := gocmp.Diff(want, append(w.emitted(0, cut), w.emitted(cut, 700*minute)...), cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("slots differ when the window is cut at %d (-whole +cut):\n%s", cut/minute, diff)
			}
		}
	})
	if starts < 500 {
		t.Errorf("only %d starts compared: the worlds are too empty to prove anything", starts)
	}
}

// TestAtLeast compares with counting at each instant.
func TestAtLeast(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sets := make([][]interval, rapid.IntRange(1, 5).Draw(t, "sets"))
		for i := range sets {
			for range rapid.IntRange(0, 4).Draw(t, "pieces") {
				start := rapid.Int64Range(0, 20).Draw(t, "start")
				sets[i] = append(sets[i], between(start, start+rapid.Int64Range(1, 8).Draw(t, "length")))
			}
			sets[i] = calendar.Union(sets[i])
		}
		n := rapid.IntRange(1, len(sets)).Draw(t, "n")
		got := atLeast(n, sets)
		if diff := gocmp.Diff(calendar.Union(got), got, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("not a set: %s", diff)
		}
		for at := int64(-1); at < 40; at++ {
			count := 0
			for _, set := range sets {
				if slices.ContainsFunc(set, func(x interval) bool { return x.Contains(at) }) {
					count++
				}
			}
			if in := slices.ContainsFunc(got, func(x interval) bool { return x.Contains(at) }); in != (count >= n) {
				t.Fatalf("at %d: %d sets, in the result: %v", at, count, in)
			}
		}
	})
}

func TestPick(t *testing.T) {
	for _, c := range []struct {
		candidates [][]store.ID
		want       string
	}{
		{[][]store.ID{{3, 1}}, "[3]"},
		{[][]store.ID{{}}, "[]"},
		{[][]store.ID{{1, 2}, {1}}, "[2 1]"},           // the first gives way
		{[][]store.ID{{1, 2}, {1, 2}, {1, 2}}, "[]"},   // two for three
		{[][]store.ID{{5, 6}, {6}, {5, 7}}, "[5 6 7]"}, // the last gives way
		{[][]store.ID{{1, 2}, {2, 3}, {2}}, "[1 3 2]"},
	} {
		if got := fmt.Sprint(pick(c.candidates)); got != c.want {
			t.Errorf("pick(%v) = %s, want %s", c.candidates, got, c.want)
		}
	}
}
