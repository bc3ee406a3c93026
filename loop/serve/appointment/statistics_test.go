package appointment

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The reference values are those of the worked examples in R. G. Newcombe,
// Stat. Med. 17 (1998), method 3: 81/263, 15/148, 0/20, 1/29.
func TestWilson(t *testing.T) {
	for _, x := range []struct {
		s         Share
		low, high float64
	}{{Share{81, 263}, 0.2553, 0.3662}, {Share{15, 148}, 0.0624, 0.1605}, {Share{0, 20}, 0, 0.1611}, {Share{1, 29}, 0.0061, 0.1718}} {
		low, high := x.s.Interval()
		if math.Abs(low-x.low) > 5e-5 || math.Abs(high-x.high) > 5e-5 {
			t.Errorf("%v: [%.4f, %.4f], want [%.4f, %.4f]", x.s, low, high, x.low, x.high)
		}
	}
}

func TestWilsonHoldsTheRate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		of := rapid.IntRange(1, 100000).Draw(t, "of")
		s := Share{rapid.IntRange(0, of).Draw(t, "count"), of}
		low, high := s.Interval()
		if low < 0 || high > 1 || low > s.Rate()+1e-12 || high < s.Rate()-1e-12 {
			t.Fatalf("%v: %.6f not in [%.6f, %.6f]", s, s.Rate(), low, high)
		}
	})
}

func TestDelayClasses(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	for hours, want := range map[int]string{0: "0-1", 3: "0-1", 24: "0-1", 25: "2-3", 72: "2-3", 73: "4-7", 168: "4-7", 24 * 14: "8-14", 24 * 30: "15-30", 24 * 31: "31+"} {
		if got := delayClass(now, now.Add(time.Duration(hours)*time.Hour)); got != want {
			t.Errorf("%d hours: %s, want %s", hours, got, want)
		}
	}
}
