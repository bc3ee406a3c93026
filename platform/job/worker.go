package job

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/riverqueue/river"
)

// Job is one run of a background task.
type Job[A any] struct {
	ID      int64
	Attempt int  // 1 at the first run
	Last    bool // no further attempt follows a failure
	Args    A
}

// Worker is a kind of background task and the function that does it.
type Worker struct {
	Kind     string
	every    time.Duration
	timeout  time.Duration
	attempts int
	run      func(ctx context.Context, raw []byte, id int64, attempt, max int) error
}

// Option tunes a worker.
type Option func(*Worker)

// Timeout bounds one run; the default is 30 seconds.
func Timeout(d time.Duration) Option { return func(w *Worker) { w.timeout = d } }

// Attempts bounds the number of runs before the job is dead; the default is
// 20, about four days with River's growing pauses.
func Attempts(n int) Option { return func(w *Worker) { w.attempts = n } }

// Every makes the task run at start and then once per interval on one of the
// processes. Its arguments are the zero A.
func Every(d time.Duration) Option { return func(w *Worker) { w.every = d } }

// Define declares a task. A is its arguments, kept as JSON.
func Define[A any](kind string, fn func(ctx context.Context, j Job[A]) error, o ...Option) Worker {
	w := Worker{Kind: kind, timeout: 30 * time.Second, attempts: 20}
	for _, f := range o {
		f(&w)
	}
	w.run = func(ctx context.Context, raw []byte, id int64, attempt, limit int) error {
		j := Job[A]{ID: id, Attempt: attempt, Last: attempt >= limit}
		if len(raw) > 0 {
			if err := json.Unmarshal(raw, &j.Args); err != nil {
				return river.JobCancel(fmt.Errorf("job %s: arguments: %w", kind, err))
			}
		}
		return fn(ctx, j)
	}
	return w
}

// Later is the error of a job that is not due yet: it runs again after d and
// the attempt does not count.
func Later(d time.Duration) error { return river.JobSnooze(d) }

// Dead is the error of a job that must not be tried again.
func Dead(err error) error { return river.JobCancel(err) }

// envelope is what River stores. Key makes a job unique; empty means free.
type envelope struct {
	kind    string
	Key     string          `json:"key,omitempty" river:"unique"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// Kind satisfies River.
func (e envelope) Kind() string { return e.kind }

type adapter struct {
	river.WorkerDefaults[envelope]
	w Worker
}

// Work satisfies River.
func (a *adapter) Work(ctx context.Context, j *river.Job[envelope]) error {
	return a.w.run(ctx, j.Args.Payload, j.ID, j.Attempt, j.MaxAttempts)
}

// Timeout satisfies River.
func (a *adapter) Timeout(*river.Job[envelope]) time.Duration { return a.w.timeout }
