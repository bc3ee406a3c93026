package indicator_test

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"parvis/engine/indicator"
)

const week = 7 * 24 * time.Hour

// remission is the 6-MP arm of E. J. Freireich et al., Blood 21 (1963): weeks,
// negative when still in remission.
var remission = []int{6, 6, 6, -6, 7, -9, 10, -10, -11, 13, 16, -17, -19, -20, 22, 23, -25, -32, -32, -34, -35}

func lives(weeks []int) (d []time.Duration, censored []bool) {
	for _, w := range weeks {
		d, censored = append(d, time.Duration(max(w, -w))*week), append(censored, w < 0)
	}
	return d, censored
}

func TestKaplanMeier(t *testing.T) {
	s := indicator.KaplanMeier(lives(remission))
	want := []struct {
		at   int
		risk int
		left float64
	}{{6, 21, 0.8571}, {7, 17, 0.8067}, {10, 15, 0.7529}, {13, 12, 0.6902}, {16, 11, 0.6275}, {22, 7, 0.5378}, {23, 6, 0.4482}}
	if s.N != 21 || s.Ended != 9 || len(s.Steps) != len(want) {
		t.Fatalf("%+v", s)
	}
	for i, w := range want {
		if got := s.Steps[i]; got.At != time.Duration(w.at)*week || got.AtRisk != w.risk || math.Abs(got.Left-w.left) > 5e-5 {
			t.Errorf("step %d: %+v, want %+v", i, got, w)
		}
	}
	if m, ok := s.Median(); !ok || m != 23*week {
		t.Errorf("median %v %v, want 23 weeks", m, ok)
	}
	low, _, highKnown, ok := s.MedianInterval()
	if !ok || highKnown || low != 13*week {
		t.Errorf("interval of the median: from %v (%v), upper known %v; want from 13 weeks, upper unknown", low/week, ok, highKnown)
	}
}

func TestMedianIsUnknownWhileMostStillRun(t *testing.T) {
	s := indicator.KaplanMeier(lives([]int{3, -10, -10, -10}))
	if m, ok := s.Median(); ok {
		t.Errorf("median %v of lives three quarters of which still run", m)
	}
	if _, ok := indicator.KaplanMeier(nil, nil).Median(); ok {
		t.Error("median of nothing")
	}
	if s := indicator.KaplanMeier([]time.Duration{-week, week}, []bool{false, false}); s.N != 1 {
		t.Errorf("a negative duration counts: %+v", s)
	}
}

// TestKaplanMeierWithoutCensoring is the plain share of those that last longer.
func TestKaplanMeierWithoutCensoring(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		weeks := rapid.SliceOfN(rapid.IntRange(1, 30), 1, 200).Draw(t, "weeks")
		d, c := lives(weeks)
		for _, step := range indicator.KaplanMeier(d, c).Steps {
			longer := 0
			for _, x := range d {
				if x > step.At {
					longer++
				}
			}
			if math.Abs(step.Left-float64(longer)/float64(len(d))) > 1e-9 {
				t.Fatalf("after %v: %.6f left, %d of %d last longer", step.At, step.Left, longer, len(d))
			}
			if step.Low > step.Left+1e-12 || step.Left > 0 && step.High < step.Left-1e-12 {
				t.Fatalf("%+v", step)
			}
		}
	})
}
