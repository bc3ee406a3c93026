package dossier_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"parvis/engine/dossier"
	"parvis/platform/clock"
	"parvis/platform/fault"
	"parvis/platform/store"
	"parvis/platform/store/storetest"
)

// nineToFive works every day from 9 h to 17 h UTC, minute by minute, slowly and
// surely.
type nineToFive struct{}

func working(at time.Time) bool { return at.Hour() >= 9 && at.Hour() < 17 }

func (nineToFive) Add(start time.Time, minutes int) time.Time {
	for at := start; ; at = at.Add(time.Minute) {
		if minutes == 0 {
			return at
		}
		if working(at) {
			minutes--
		}
	}
}

func (nineToFive) Minutes(from, to time.Time) (n int) {
	for at := from; at.Before(to); at = at.Add(time.Minute) {
		if working(at) {
			n++
		}
	}
	return n
}

// clockBench is a desk whose requests take a number of working minutes that
// depends on their priority.
func clockBench(t *testing.T, db *store.DB, clk *clock.Fake) *bench {
	t.Helper()
	b := &bench{db: db, h: db.In("c86281"), clock: clk, events: &heard{}}
	k := kind()
	k.Name, k.DueIn, k.MergeTo = "timed", 0, "refused"
	k.Clock = func(_ context.Context, _ *store.Tx, d dossier.Dossier) (int, error) {
		return map[int64]int{0: 600, 1: 240, 2: 60, 3: 0}[d.Priority], nil
	}
	e, err := dossier.New(dossier.Config{DB: db, Events: b.events, Place: func(context.Context, string) (dossier.Place, error) {
		return dossier.Place{Letters: "V", Working: nineToFive{}}, nil
	}}, k, kind())
	if err != nil {
		t.Fatal(err)
	}
	b.Engine = e
	return b
}

func eachClock(t *testing.T, body func(t *testing.T, b *bench)) {
	t.Helper()
	storetest.EachClock(t, []store.Migration{dossier.Migration()}, func(t *testing.T, db *store.DB, clk *clock.Fake) {
		clk.Set(monday)
		body(t, clockBench(t, db, clk))
	})
}

func (b *bench) timed(t *testing.T, change func(o *dossier.Opening)) dossier.Dossier {
	t.Helper()
	o := b.opening()
	o.Kind = "timed"
	if change != nil {
		change(&o)
	}
	return b.open(t, o)
}

// The due date is the minute at which a counter that runs only while the service
// works and the clock is not stopped has counted what the request may take,
// whatever is done to it and in whatever order.
func TestClockAgainstACounter(t *testing.T) {
	clk := clock.NewFake(monday)
	b := clockBench(t, storetest.Open(t, storetest.SQLiteDSN(t), clk, []store.Migration{dossier.Migration()}), clk)
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		clk.Set(monday.Add(time.Duration(rapid.IntRange(0, 3000).Draw(rt, "start")) * time.Minute))
		d, err := try(t, b.h, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
			return b.Open(ctx, tx, dossier.Opening{Kind: "timed", Subject: fmt.Sprint("timed:", run), Title: "x", Channel: dossier.Web, By: resident})
		})
		if err != nil {
			rt.Fatal(err)
		}
		start, may := clk.Now(), 600
		var stops [][2]time.Time // the last one without end while it lasts
		for range rapid.IntRange(1, 8).Draw(rt, "steps") {
			clk.Advance(time.Duration(rapid.IntRange(0, 900).Draw(rt, "wait")) * time.Minute)
			paused := len(stops) > 0 && stops[len(stops)-1][1].IsZero()
			gesture := rapid.SampledFrom([]string{"pause", "resume", "urgent", "calm"}).Draw(rt, "gesture")
			d, err = try(t, b.h, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
				switch gesture {
				case "pause":
					return b.Pause(ctx, tx, d.ID, staff, "x")
				case "resume":
					return b.Resume(ctx, tx, d.ID, staff)
				case "urgent":
					return b.Classify(ctx, tx, d.ID, staff, dossier.Class{Priority: 1})
				}
				return b.Classify(ctx, tx, d.ID, staff, dossier.Class{Priority: 0})
			})
			switch {
			case gesture == "pause" && paused || gesture == "resume" && !paused:
				if !fault.Is(err, fault.Conflict) {
					rt.Fatalf("%s: %v", gesture, err)
				}
				if d, err = try(t, b.h, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
					return b.BySubject(ctx, tx, fmt.Sprint("timed:", run))
				}); err != nil {
					rt.Fatal(err)
				}
			case err != nil:
				rt.Fatal(err)
			case gesture == "pause":
				stops = append(stops, [2]time.Time{clk.Now(), {}})
			case gesture == "resume":
				stops[len(stops)-1][1] = clk.Now()
			case gesture == "urgent":
				may = 240
			case gesture == "calm":
				may = 600
			}
			if len(stops) > 0 && stops[len(stops)-1][1].IsZero() {
				continue // the date is known when the clock runs
			}
			if want := counted(start, stops, may); !d.DueAt.Equal(want) {
				rt.Fatalf("after %s at %v: due %v, a counter says %v (%v)", gesture, clk.Now(), d.DueAt, want, stops)
			}
		}
	})
}

// counted runs the counter.
func counted(start time.Time, stops [][2]time.Time, may int) time.Time {
	for at := start; ; at = at.Add(time.Minute) {
		if may == 0 {
			return at
		}
		stopped := slices.ContainsFunc(stops, func(s [2]time.Time) bool { return !at.Before(s[0]) && at.Before(s[1]) })
		if working(at) && !stopped {
			may--
		}
	}
}

// Levels are told once each, in order, however often and by however many the
// watch runs, and again for a target that is new.
func TestEachLevelOnce(t *testing.T) {
	eachClock(t, func(t *testing.T, b *bench) {
		d := b.timed(t, nil) // 600 minutes from 9 h on Monday: 11 h on Tuesday
		watch := func(at time.Time) []string {
			t.Helper()
			b.clock.Set(at)
			b.events.list = nil
			var wg sync.WaitGroup
			for range 3 {
				wg.Go(func() {
					if err := b.Watch(t.Context()); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			if err := b.Watch(t.Context()); err != nil {
				t.Error(err)
			}
			return b.events.list
		}
		day := monday.Truncate(24 * time.Hour)
		hour := func(h, m int) time.Time { return day.Add(time.Duration(h)*time.Hour + time.Duration(m)*time.Minute) }
		once := []string{"dossier.warned " + d.SubjectRef}
		for _, x := range []struct {
			at   time.Time
			want []string
		}{{hour(13, 59), nil}, {hour(14, 0), once}, {hour(16, 59), nil}, {hour(17, 0), once}} {
			if got := watch(x.at); !slices.Equal(got, x.want) {
				t.Errorf("at %v: %v", x.at, got)
			}
		}
		// Less urgent than before: nothing. More urgent: the levels reached at once.
		do(t, b.h, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
			return b.Classify(ctx, tx, d.ID, staff, dossier.Class{Priority: 2})
		})
		if got := watch(hour(17, 1)); len(got) != 1 {
			t.Errorf("an hour's delay that is over: %v", got)
		}
		do(t, b.h, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
			return b.Pause(ctx, tx, d.ID, staff, "x")
		})
		if got := watch(hour(100, 0)); len(got) != 0 {
			t.Errorf("a stopped clock: %v", got)
		}
		late := b.timed(t, nil)
		if got := watch(hour(400, 0)); len(got) != 3 {
			t.Errorf("after a long stop of the program: %v for %s", got, late.SubjectRef)
		}
		if got := b.read(t, late.ID); got.Warned != 100 || !got.WarnAt.IsZero() {
			t.Errorf("warned %d, next %v", got.Warned, got.WarnAt)
		}
	})
}

// A run that fails in the middle is gone on with by the next one.
func TestWatchGoesOnAfterAFailure(t *testing.T) {
	eachClock(t, func(t *testing.T, b *bench) {
		var all []dossier.Dossier
		for range 3 {
			all = append(all, b.timed(t, nil))
		}
		b.clock.Advance(30 * 24 * time.Hour)
		ctx, cancel := context.WithCancel(t.Context())
		b.events.list = nil
		b.events.after = func(n int) {
			if n == 4 {
				cancel() // killed in the middle of the second request
			}
		}
		if err := b.Watch(ctx); err == nil {
			t.Error("a cut run says nothing")
		}
		b.events.after = nil
		b.events.list = nil
		if err := b.Watch(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, d := range all {
			if got := b.read(t, d.ID); got.Warned != 100 {
				t.Errorf("%s: warned %d", d.SubjectRef, got.Warned)
			}
		}
		if len(b.events.list) != 6 {
			t.Errorf("the second run tells %v", b.events.list)
		}
	})
}

func (b *bench) read(t *testing.T, id store.ID) dossier.Dossier {
	t.Helper()
	return do(t, b.h, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) { return b.Get(ctx, tx, id) })
}

func TestDatesThatWereGiven(t *testing.T) {
	eachClock(t, func(t *testing.T, b *bench) {
		promised := monday.Add(72 * time.Hour)
		d := b.timed(t, func(o *dossier.Opening) { o.DueAt = promised })
		if !d.DueAt.Equal(promised) || !d.DueFixed {
			t.Errorf("opened with %v", d.DueAt)
		}
		d = do(t, b.h, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
			return b.Classify(ctx, tx, d.ID, staff, dossier.Class{Priority: 2})
		})
		if !d.DueAt.Equal(promised) {
			t.Errorf("a promise is moved to %v", d.DueAt)
		}
		d = do(t, b.h, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
			return b.SetDue(ctx, tx, d.ID, staff, promised.Add(time.Hour), "")
		})
		list := b.timeline(t, d.ID, true)
		last := list[len(list)-1]
		if last.Kind != dossier.DueEntry || last.Args["Old"] == "" || last.Args["New"] == "" {
			t.Errorf("the timeline says %+v", last)
		}
		_, err := try(t, b.h, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
			return b.SetDue(ctx, tx, d.ID, staff, monday.Add(-time.Hour), "")
		})
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("a date before the opening: %v", err)
		}
		d = do(t, b.h, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
			return b.SetDue(ctx, tx, d.ID, staff, time.Time{}, "")
		})
		if want := (nineToFive{}).Add(monday, 60); !d.DueAt.Equal(want) {
			t.Errorf("given back: %v, want %v", d.DueAt, want)
		}
		none := b.timed(t, func(o *dossier.Opening) { o.Priority = 3 })
		if !none.DueAt.IsZero() || !none.WarnAt.IsZero() {
			t.Errorf("no delay: %v", none.DueAt)
		}
	})
}
