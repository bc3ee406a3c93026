package indicator_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"parvis/engine/indicator"
)

// TestWilson holds the interval against the rows of the reference (percent, one
// decimal) and against the worked examples of R. G. Newcombe, Stat. Med. 17
// (1998), p. 857, method 3: 81/263, 15/148, 0/20, 1/29.
func TestWilson(t *testing.T) {
	for _, x := range []struct {
		k, n      int
		low, high float64
		within    float64
	}{
		{1, 1, 20.7, 100, 0.05}, {3, 3, 43.9, 100, 0.05}, {5, 5, 56.6, 100, 0.05}, {0, 5, 0, 43.4, 0.05}, {6, 7, 48.7, 97.4, 0.05},
		{9, 10, 59.6, 98.2, 0.05}, {24, 30, 62.7, 90.5, 0.05}, {27, 30, 74.4, 96.5, 0.05}, {45, 50, 78.6, 95.7, 0.05},
		{80, 100, 71.1, 86.7, 0.05}, {90, 100, 82.6, 94.5, 0.05}, {450, 500, 87.1, 92.3, 0.05},
		{81, 263, 25.53, 36.62, 0.005}, {15, 148, 6.24, 16.05, 0.005}, {0, 20, 0, 16.11, 0.005}, {1, 29, 0.61, 17.18, 0.005},
	} {
		low, high := indicator.Share{Count: x.k, Of: x.n}.Interval()
		if math.Abs(100*low-x.low) > x.within || math.Abs(100*high-x.high) > x.within {
			t.Errorf("%d/%d: [%.3f, %.3f], want [%.2f, %.2f]", x.k, x.n, 100*low, 100*high, x.low, x.high)
		}
	}
}

func TestWilsonHoldsTheRate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		of := rapid.IntRange(1, 100000).Draw(t, "of")
		s := indicator.Share{Count: rapid.IntRange(0, of).Draw(t, "count"), Of: of}
		low, high := s.Interval()
		if low < 0 || high > 1 || low > s.Rate()+1e-12 || high < s.Rate()-1e-12 {
			t.Fatalf("%v: %.6f not in [%.6f, %.6f]", s, s.Rate(), low, high)
		}
	})
}

// TestWilsonCoverage enumerates how often the interval holds the truth at
// p = 0.8: between 92.6 % (n = 25) and 98.2 % (n = 15) for n from 10 to 300.
func TestWilsonCoverage(t *testing.T) {
	const p = 0.8
	worst, best := [2]float64{2}, [2]float64{}
	for n := 10; n <= 300; n++ {
		covered := 0.0
		for k := range n + 1 {
			low, high := indicator.Share{Count: k, Of: n}.Interval()
			if low <= p && p <= high {
				covered += binomial(n, k, p)
			}
		}
		if covered < worst[0] {
			worst = [2]float64{covered, float64(n)}
		}
		if covered > best[0] {
			best = [2]float64{covered, float64(n)}
		}
	}
	if got := fmt.Sprintf("%.3f at %.0f, %.3f at %.0f", worst[0], worst[1], best[0], best[1]); got != "0.926 at 25, 0.982 at 15" {
		t.Error(got)
	}
}

func binomial(n, k int, p float64) float64 {
	a, _ := math.Lgamma(float64(n + 1))
	b, _ := math.Lgamma(float64(k + 1))
	c, _ := math.Lgamma(float64(n - k + 1))
	return math.Exp(a - b - c + float64(k)*math.Log(p) + float64(n-k)*math.Log1p(-p))
}

func TestStrength(t *testing.T) {
	for n, want := range map[int]indicator.Strength{0: indicator.Silent, 1: indicator.Silent, 4: indicator.Silent, 5: indicator.Fragile, 29: indicator.Fragile, 30: indicator.Solid} {
		if got := indicator.StrengthOf(n); got != want {
			t.Errorf("%d: %v, want %v", n, got, want)
		}
	}
}

// TestRank puts 90 of 100 before 5 of 5: a perfect score of five proves less.
func TestRank(t *testing.T) {
	list := []indicator.Share{{Count: 5, Of: 5}, {Count: 90, Of: 100}, {Count: 0, Of: 0}, {Count: 0, Of: 9}}
	slices.SortFunc(list, indicator.Rank)
	if want := []indicator.Share{{Count: 90, Of: 100}, {Count: 5, Of: 5}, {Count: 0, Of: 9}, {Count: 0, Of: 0}}; !slices.Equal(list, want) {
		t.Errorf("%v, want %v", list, want)
	}
}
