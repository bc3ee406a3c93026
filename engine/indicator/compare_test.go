package indicator_test

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"parvis/engine/indicator"
)

// TestNewcombe uses the examples of R. G. Newcombe, Stat. Med. 17 (1998),
// p. 873, table II, method 10.
func TestNewcombe(t *testing.T) {
	for _, x := range []struct {
		a, b      indicator.Share
		low, high float64
		proven    bool
	}{
		{indicator.Share{Count: 56, Of: 70}, indicator.Share{Count: 48, Of: 80}, 0.0524, 0.3339, true},
		{indicator.Share{Count: 9, Of: 10}, indicator.Share{Count: 3, Of: 10}, 0.1705, 0.8090, true},
		{indicator.Share{Count: 6, Of: 7}, indicator.Share{Count: 2, Of: 7}, 0.0582, 0.8062, true},
		{indicator.Share{Count: 5, Of: 56}, indicator.Share{Count: 0, Of: 29}, -0.0381, 0.1926, false},
		{indicator.Share{Count: 0, Of: 10}, indicator.Share{Count: 0, Of: 20}, -0.1611, 0.2775, false},
		{indicator.Share{Count: 10, Of: 10}, indicator.Share{Count: 0, Of: 20}, 0.6791, 1, true},
	} {
		d := indicator.Compare(x.a, x.b)
		if math.Abs(d.Low-x.low) > 5e-5 || math.Abs(d.High-x.high) > 5e-5 || d.Proven() != x.proven {
			t.Errorf("%v − %v: [%.4f, %.4f] proven %v, want [%.4f, %.4f] %v", x.a, x.b, d.Low, d.High, d.Proven(), x.low, x.high, x.proven)
		}
	}
	if d := indicator.Compare(indicator.Share{}, indicator.Share{Count: 9, Of: 10}); d.Proven() || d.P != 1 {
		t.Errorf("without base: %+v", d)
	}
}

func TestCompareIsAntisymmetric(t *testing.T) {
	draw := rapid.Custom(func(t *rapid.T) indicator.Share {
		of := rapid.IntRange(1, 5000).Draw(t, "of")
		return indicator.Share{Count: rapid.IntRange(0, of).Draw(t, "count"), Of: of}
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := draw.Draw(t, "a"), draw.Draw(t, "b")
		x, y := indicator.Compare(a, b), indicator.Compare(b, a)
		if math.Abs(x.Value+y.Value) > 1e-12 || math.Abs(x.Low+y.High) > 1e-12 || x.Low > x.Value+1e-12 || x.High < x.Value-1e-12 || x.Low < -1-1e-12 || x.High > 1+1e-12 || x.P < 0 || x.P > 1 || math.Abs(x.P-y.P) > 1e-12 {
			t.Fatalf("%v, %v: %+v and %+v", a, b, x, y)
		}
	})
}

// TestPooledP is the pooled test's textbook value: 20/100 against 10/100,
// z = 1.980, p = 0.0477.
func TestPooledP(t *testing.T) {
	if p := indicator.Compare(indicator.Share{Count: 20, Of: 100}, indicator.Share{Count: 10, Of: 100}).P; math.Abs(p-0.0477) > 5e-5 {
		t.Errorf("p = %.5f", p)
	}
}

func TestHolm(t *testing.T) {
	for _, x := range []struct {
		p    []float64
		want []bool
	}{
		// 0.005 ≤ 0.05/4, 0.01 ≤ 0.05/3, 0.03 > 0.05/2: the last two fall together.
		{[]float64{0.01, 0.04, 0.03, 0.005}, []bool{true, false, false, true}},
		{[]float64{0.04}, []bool{true}},
		{[]float64{0.04, 0.04}, []bool{false, false}},
		{[]float64{math.NaN(), 0.001}, []bool{false, true}},
		{nil, []bool{}},
	} {
		if got := indicator.Holm(x.p, 0.05); !slices.Equal(got, x.want) {
			t.Errorf("%v: %v, want %v", x.p, got, x.want)
		}
	}
}
