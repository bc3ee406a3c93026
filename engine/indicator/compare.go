package indicator

import (
	"cmp"
	"math"
	"slices"
)

// Difference is what separates two shares.
type Difference struct {
	Value     float64 // now − before, −1 to 1
	Low, High float64 // 95 % interval
	P         float64 // probability of a gap at least as large if nothing changed
}

// Proven tells that the interval leaves zero out; otherwise « pas de différence
// démontrée ».
func (d Difference) Proven() bool { return d.Low > 0 || d.High < 0 }

// Compare is the difference now − before of two independent shares, with
// Newcombe's hybrid score interval (R. G. Newcombe, Stat. Med. 17, 1998, p. 873,
// method 10) and the two-sided p-value of the pooled test. Without base on one
// side nothing is proven.
func Compare(now, before Share) Difference {
	if now.Of == 0 || before.Of == 0 {
		return Difference{Low: -1, High: 1, P: 1}
	}
	p1, p2 := now.Rate(), before.Rate()
	l1, u1 := now.Interval()
	l2, u2 := before.Interval()
	d := p1 - p2
	out := Difference{Value: d, Low: d - math.Hypot(p1-l1, u2-p2), High: d + math.Hypot(u1-p1, p2-l2), P: 1}
	pooled := float64(now.Count+before.Count) / float64(now.Of+before.Of)
	if se := math.Sqrt(pooled * (1 - pooled) * (1/float64(now.Of) + 1/float64(before.Of))); se > 0 {
		out.P = math.Erfc(math.Abs(d) / se / math.Sqrt2)
	}
	return out
}

// Holm tells which of several p-values survive together at a family-wise level
// such as 0.05 (S. Holm, Scand. J. Stat. 6, 1979): with many services compared
// at once, one in twenty would look changed by chance.
func Holm(p []float64, level float64) []bool {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	value := func(i int) float64 { // what is not a number proves nothing
		if math.IsNaN(p[i]) {
			return 1
		}
		return p[i]
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(value(a), value(b)) })
	kept := make([]bool, len(p))
	for rank, i := range order {
		if value(i) > level/float64(len(p)-rank) {
			break
		}
		kept[i] = true
	}
	return kept
}
