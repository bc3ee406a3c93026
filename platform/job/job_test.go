package job_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"parvis/platform/clock"
	"parvis/platform/job"
	"parvis/platform/store"
	"parvis/platform/store/storetest"
)

type args struct {
	Territory string `json:"territory"`
	N         int    `json:"n"`
}

func each(t *testing.T, body func(t *testing.T, db *store.DB)) {
	storetest.Each(t, nil, func(t *testing.T, db *store.DB) {
		if err := job.Migrate(t.Context(), db); err != nil {
			t.Fatal(err)
		}
		body(t, db)
	})
}

func enqueue(t *testing.T, db *store.DB, q *job.Queue, after error, o ...job.EnqueueOption) {
	t.Helper()
	err := db.In("c1").Update(t.Context(), func(tx *store.Tx) error {
		if err := q.Enqueue(t.Context(), tx, "test.count", args{"c1", 1}, o...); err != nil {
			return err
		}
		return after
	})
	if !errors.Is(err, after) {
		t.Fatal(err)
	}
}

func TestEnqueuedOnlyIfCommitted(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		var ran atomic.Int64
		q, err := job.New(db, []job.Worker{job.Define("test.count", func(_ context.Context, j job.Job[args]) error {
			ran.Add(int64(j.Args.N))
			return nil
		})}, job.Options{Name: "a"})
		if err != nil {
			t.Fatal(err)
		}
		enqueue(t, db, q, errors.New("rolled back"))
		enqueue(t, db, q, nil, job.Key("once"))
		enqueue(t, db, q, nil, job.Key("once"))
		enqueue(t, db, q, nil, job.At(time.Now().Add(time.Hour)))
		if n, err := q.Drain(t.Context()); err != nil || n != 1 || ran.Load() != 1 {
			t.Fatalf("drained %d (%v), ran %d, want 1", n, err, ran.Load())
		}
	})
}

func TestRunsAfterStartAndTakesInterruptedJobsBack(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ran := make(chan int, 10)
		workers := []job.Worker{
			job.Define("test.count", func(_ context.Context, j job.Job[args]) error { ran <- j.Args.N; return nil }),
			job.Define("test.tick", func(context.Context, job.Job[args]) error { ran <- 7; return nil }, job.Every(time.Hour)),
		}
		q, err := job.New(db, workers, job.Options{Name: "a"})
		if err != nil {
			t.Fatal(err)
		}
		enqueue(t, db, q, nil)
		// As a killed process leaves it.
		mark := `UPDATE river_job SET state = 'running', attempt = 1, attempted_at = scheduled_at, attempted_by = '["a"]'`
		if db.Engine() == store.Postgres {
			mark = `UPDATE river_job SET state = 'running', attempt = 1, attempted_at = scheduled_at, attempted_by = '{a}'`
		}
		if _, err := db.SQL().Exec(mark); err != nil {
			t.Fatal(err)
		}
		if err := q.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		sum := 0
		for range 2 {
			select {
			case n := <-ran:
				sum += n
			case <-time.After(20 * time.Second):
				t.Fatal("job did not run")
			}
		}
		if sum != 8 {
			t.Errorf("ran %d, want the interrupted job (1) and the periodic one (7)", sum)
		}
		if err := q.Stop(context.Background()); err != nil {
			t.Fatal(err)
		}
	})
}

func TestDeadJobsAreSeenAndRetried(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		var broken atomic.Bool
		broken.Store(true)
		done := make(chan bool, 4)
		q, err := job.New(db, []job.Worker{job.Define("test.count", func(context.Context, job.Job[args]) error {
			defer func() { done <- true }()
			if broken.Load() {
				return errors.New("the mail server is down")
			}
			return nil
		}, job.Attempts(1))}, job.Options{Name: "a"})
		if err != nil {
			t.Fatal(err)
		}
		enqueue(t, db, q, nil)
		if err := q.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		defer q.Stop(context.Background())
		<-done
		var dead []job.Failed
		for range 100 {
			if dead, err = q.Dead(t.Context(), 10); err != nil {
				t.Fatal(err)
			}
			if len(dead) == 1 {
				break
			}
			time.Sleep(50 * time.Millisecond)
		}
		if len(dead) != 1 || dead[0].Kind != "test.count" || dead[0].Error != "the mail server is down" {
			t.Fatalf("dead: %+v", dead)
		}
		broken.Store(false)
		if err := q.Retry(t.Context(), dead[0].ID); err != nil {
			t.Fatal(err)
		}
		<-done
		if err := q.Retry(t.Context(), 987654321); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("unknown job: %v", err)
		}
	})
}

// TestDrainKeepsWhatAskedToRunLater: a snoozed job runs again at its hour, once.
func TestDrainKeepsWhatAskedToRunLater(t *testing.T) {
	start := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	storetest.EachClock(t, nil, func(t *testing.T, db *store.DB, clk *clock.Fake) {
		clk.Set(start)
		if err := job.Migrate(t.Context(), db); err != nil {
			t.Fatal(err)
		}
		ran := 0
		q, err := job.New(db, []job.Worker{job.Define("test.count", func(context.Context, job.Job[args]) error {
			if ran++; ran == 1 {
				return job.Later(90 * time.Second)
			}
			return nil
		})}, job.Options{Name: "a"})
		if err != nil {
			t.Fatal(err)
		}
		enqueue(t, db, q, nil, job.At(start))
		for _, step := range []struct {
			after time.Duration
			ran   int
		}{{0, 1}, {time.Second, 1}, {89 * time.Second, 1}, {90 * time.Second, 2}, {time.Hour, 2}} {
			clk.Set(start.Add(step.after))
			if _, err := q.Drain(t.Context()); err != nil || ran != step.ran {
				t.Fatalf("after %s: ran %d times (%v), want %d", step.after, ran, err, step.ran)
			}
		}
	})
}
