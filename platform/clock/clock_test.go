package clock_test

import (
	"sync"
	"testing"
	"time"

	"parvis/platform/clock"
)

var start = time.Date(2026, 3, 29, 0, 59, 0, 123456789, time.UTC)

func TestSystemIsMicrosecondUTC(t *testing.T) {
	before := time.Now().Add(-time.Microsecond)
	got := clock.System{}.Now()
	if got.Location() != time.UTC {
		t.Errorf("location %v, want UTC", got.Location())
	}
	if got.Nanosecond()%1000 != 0 {
		t.Errorf("%v keeps nanoseconds", got)
	}
	if got.Before(before) || got.After(time.Now()) {
		t.Errorf("%v is not now", got)
	}
}

func TestFakeStandsStill(t *testing.T) {
	f := clock.NewFake(start.In(time.FixedZone("CET", 3600)))
	want := time.Date(2026, 3, 29, 0, 59, 0, 123456000, time.UTC)
	for range 2 {
		if got := f.Now(); got != want {
			t.Fatalf("Now() = %v, want %v", got, want)
		}
	}
}

func TestFakeMovesWhenTold(t *testing.T) {
	f := clock.NewFake(start)
	before := f.Now()
	if got := f.Advance(time.Hour); !got.Equal(before.Add(time.Hour)) || got != f.Now() {
		t.Errorf("Advance(1h) = %v, Now() = %v", got, f.Now())
	}
	if got := f.Advance(-2 * time.Hour); !got.Equal(before.Add(-time.Hour)) {
		t.Errorf("Advance(-2h) = %v", got)
	}
	f.Set(before)
	if f.Now() != before {
		t.Errorf("Set(%v) then Now() = %v", before, f.Now())
	}
}

// Every advance counts, whoever makes it. Run with -race.
func TestFakeIsSafeForConcurrentUse(t *testing.T) {
	f := clock.NewFake(start)
	before := f.Now()
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 500 {
				f.Advance(time.Second)
				if f.Now().Before(before) {
					t.Error("time went backwards")
				}
			}
		})
	}
	group.Wait()
	if got, want := f.Now().Sub(before), 4000*time.Second; got != want {
		t.Errorf("after 4000 advances of one second: %v, want %v", got, want)
	}
}

var (
	_ clock.Clock = clock.System{}
	_ clock.Clock = (*clock.Fake)(nil)
)
