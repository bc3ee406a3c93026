package indicator_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"parvis/engine/indicator"
)

// TestStudent holds quantiles against printed tables.
func TestStudent(t *testing.T) {
	for df, want := range map[int]float64{1: 12.7062, 2: 4.3027, 5: 2.5706, 10: 2.2281, 29: 2.0452, 30: 2.0423, 99: 1.9842, 499: 1.9647, 99999: 1.9600} {
		if got := indicator.StudentQuantile(0.975, df); math.Abs(got-want) > 6e-5 {
			t.Errorf("%d degrees: %.5f, want %.4f", df, got, want)
		}
	}
	if !math.IsNaN(indicator.StudentQuantile(0.3, 4)) || !math.IsNaN(indicator.StudentQuantile(0.9, 0)) {
		t.Error("out of range gives a number")
	}
}

// TestMean: 24 times 10, 3 times 5 and 3 times 0 have mean 8.5 and standard
// deviation 3.2563; t(29) = 2.0452 gives ± 1.2159.
func TestMean(t *testing.T) {
	m := indicator.MeanOf([]indicator.Tally{{Value: 10, Count: 24}, {Value: 5, Count: 3}, {Value: 0, Count: 3}}, 7)
	if m.N != 30 || m.Value != 8.5 || m.Seed != 0 || math.Abs(m.Low-7.2841) > 1e-3 || math.Abs(m.High-9.7159) > 1e-3 {
		t.Errorf("%+v", m)
	}
	if m := indicator.MeanOf([]indicator.Tally{{Value: 10, Count: 0}}, 7); m != (indicator.Mean{}) {
		t.Errorf("without answers: %+v", m)
	}
	if m := indicator.MeanOf([]indicator.Tally{{Value: 10, Count: 40}}, 7); m.Low != 10 || m.High != 10 {
		t.Errorf("all alike: %+v", m)
	}
}

// TestBootstrap: the same seed draws the same interval, today and in ten years
// (the figures are those of the first run), another seed nearly the same.
func TestBootstrap(t *testing.T) {
	tallies := []indicator.Tally{{Value: 0, Count: 2}, {Value: 5, Count: 3}, {Value: 10, Count: 7}}
	a, b, c := indicator.MeanOf(tallies, 20261122), indicator.MeanOf(tallies, 20261122), indicator.MeanOf(tallies, 3)
	if a != b || a.Seed != 20261122 {
		t.Errorf("%+v and %+v", a, b)
	}
	if math.Abs(a.Low-c.Low) > 0.5 || math.Abs(a.High-c.High) > 0.5 {
		t.Errorf("seeds disagree: %+v, %+v", a, c)
	}
	// The law of the mean of 12 draws: 95 % between 5 and 9.17 by enumeration.
	if math.Abs(a.Low-5) > 0.43 || math.Abs(a.High-9.17) > 0.43 {
		t.Errorf("%+v", a)
	}
}

func TestMeanStaysOnItsScale(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tallies := []indicator.Tally{}
		for _, v := range []float64{0, 5, 10} {
			tallies = append(tallies, indicator.Tally{Value: v, Count: rapid.IntRange(0, 60).Draw(t, "count")})
		}
		m := indicator.MeanOf(tallies, rapid.Uint64().Draw(t, "seed"))
		if m.N > 0 && (m.Low < 0 || m.High > 10 || m.Low > m.Value+1e-9 || m.High < m.Value-1e-9) {
			t.Fatalf("%v: %+v", tallies, m)
		}
	})
}
