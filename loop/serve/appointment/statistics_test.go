package appointment

import (
	"testing"
	"time"
)

func TestDelayClasses(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	for hours, want := range map[int]string{0: "0-1", 3: "0-1", 24: "0-1", 25: "2-3", 72: "2-3", 73: "4-7", 168: "4-7", 24 * 14: "8-14", 24 * 30: "15-30", 24 * 31: "31+"} {
		if got := delayClass(now, now.Add(time.Duration(hours)*time.Hour)); got != want {
			t.Errorf("%d hours: %s, want %s", hours, got, want)
		}
	}
}
