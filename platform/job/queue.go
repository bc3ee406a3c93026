package job

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"

	"parvis/platform/store"
)

// Queue enqueues and runs jobs.
type Queue struct {
	db      *store.DB
	client  *river.Client[*sql.Tx]
	working *river.Client[*sql.Tx] // nil until Start
	workers map[string]Worker
	options Options
}

// Options of New.
type Options struct {
	// Name identifies this process among those on the same database; after a
	// crash, the process of the same name takes its interrupted jobs back at once.
	Name     string
	Parallel int // jobs at once; 0: 8
	Logger   *slog.Logger
}

func driver(db *store.DB) riverdriver.Driver[*sql.Tx] {
	if db.Engine() == store.Postgres {
		return riverdatabasesql.New(db.SQL())
	}
	return riversqlite.New(db.SQL())
}

// Migrate creates or updates River's tables.
func Migrate(ctx context.Context, db *store.DB) error {
	m, err := rivermigrate.New(driver(db), &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return fmt.Errorf("job: preparing migrations: %w", err)
	}
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("job: migrating: %w", err)
	}
	return nil
}

// New prepares the queue, which can enqueue at once; nothing runs before Start.
func New(db *store.DB, workers []Worker, o Options) (*Queue, error) {
	if o.Parallel == 0 {
		o.Parallel = 8
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	client, err := river.NewClient(driver(db), &river.Config{Logger: o.Logger, SkipUnknownJobCheck: true})
	if err != nil {
		return nil, fmt.Errorf("job: %w", err)
	}
	q := &Queue{db: db, client: client, workers: map[string]Worker{}, options: o}
	return q, q.Declare(workers...)
}

// Declare adds kinds of jobs; call it before Start.
func (q *Queue) Declare(workers ...Worker) error {
	for _, w := range workers {
		if _, twice := q.workers[w.Kind]; twice {
			return fmt.Errorf("job: kind %s is declared twice", w.Kind)
		}
		q.workers[w.Kind] = w
	}
	return nil
}

// worker builds the client that runs the declared jobs.
func (q *Queue) worker() (*river.Client[*sql.Tx], error) {
	set := river.NewWorkers()
	var periodic []*river.PeriodicJob
	for kind, w := range q.workers {
		river.AddWorkerArgs(set, envelope{kind: kind}, &adapter{w: w})
		if w.every > 0 {
			periodic = append(periodic, river.NewPeriodicJob(river.PeriodicInterval(w.every),
				func() (river.JobArgs, *river.InsertOpts) {
					return envelope{kind: kind}, &river.InsertOpts{MaxAttempts: 3, UniqueOpts: river.UniqueOpts{ByArgs: true,
						ByState: []rivertype.JobState{rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning, rivertype.JobStateRetryable, rivertype.JobStateScheduled}}}
				}, &river.PeriodicJobOpts{RunOnStart: true}))
		}
	}
	return river.NewClient(driver(q.db), &river.Config{
		ID: q.options.Name, Logger: q.options.Logger, Workers: set, PeriodicJobs: periodic,
		Queues:        map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: q.options.Parallel}},
		FetchCooldown: 50 * time.Millisecond, FetchPollInterval: 200 * time.Millisecond,
		JobTimeout: 30 * time.Second, RescueStuckJobsAfter: 5 * time.Minute,
		CompletedJobRetentionPeriod: time.Hour, DiscardedJobRetentionPeriod: 90 * 24 * time.Hour,
		SkipUnknownJobCheck: true,
		ErrorHandler:        &failures{log: q.options.Logger},
	})
}

// failures logs what went wrong without the arguments, which may be personal.
type failures struct{ log *slog.Logger }

// HandleError satisfies River.
func (f *failures) HandleError(ctx context.Context, j *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	f.log.WarnContext(ctx, "job failed", "kind", j.Kind, "id", j.ID, "attempt", j.Attempt, "of", j.MaxAttempts, "error", err.Error())
	return nil
}

// HandlePanic satisfies River.
func (f *failures) HandlePanic(ctx context.Context, j *rivertype.JobRow, p any, trace string) *river.ErrorHandlerResult {
	f.log.ErrorContext(ctx, "job panicked", "kind", j.Kind, "id", j.ID, "panic", fmt.Sprint(p), "trace", trace)
	return nil
}

// EnqueueOption tunes one job.
type EnqueueOption func(*river.InsertOpts, *envelope)

// At runs the job no earlier than t.
func At(t time.Time) EnqueueOption {
	return func(o *river.InsertOpts, _ *envelope) { o.ScheduledAt = t }
}

// Key makes the job unique among those of its kind that are not dead: a
// second one with the same key is dropped.
func Key(k string) EnqueueOption {
	return func(o *river.InsertOpts, e *envelope) {
		e.Key = k
		o.UniqueOpts = river.UniqueOpts{ByArgs: true}
	}
}

// Enqueue adds a job in the caller's transaction.
func (q *Queue) Enqueue(ctx context.Context, tx *store.Tx, kind string, args any, o ...EnqueueOption) error {
	w, ok := q.workers[kind]
	if !ok {
		return fmt.Errorf("job: kind %s is not declared", kind)
	}
	raw, err := json.Marshal(args)
	if err != nil {
		return fmt.Errorf("job: arguments of %s: %w", kind, err)
	}
	e := envelope{kind: kind, Payload: raw}
	opts := &river.InsertOpts{MaxAttempts: w.attempts}
	for _, f := range o {
		f(opts, &e)
	}
	if e.Key == "" && q.db.Engine() == store.SQLite {
		return q.insert(ctx, tx, e, opts)
	}
	if _, err := q.client.InsertTx(ctx, tx.Raw(), e, opts); err != nil {
		return fmt.Errorf("job: enqueuing %s: %w", kind, err)
	}
	return nil
}

// Start takes back what a former process of the same name left running, then
// works until Stop.
func (q *Queue) Start(ctx context.Context) error {
	if err := q.recover(ctx); err != nil {
		return err
	}
	client, err := q.worker()
	if err != nil {
		return fmt.Errorf("job: preparing workers: %w", err)
	}
	if err := client.Start(ctx); err != nil {
		return fmt.Errorf("job: starting: %w", err)
	}
	q.working = client
	return nil
}

// recover makes jobs available again that this process was running when it
// was killed. Without it they would wait for River's rescuer.
func (q *Queue) recover(ctx context.Context) error {
	if q.options.Name == "" {
		return nil
	}
	query := `UPDATE river_job SET state = 'available' WHERE state = 'running' AND json_extract(attempted_by, '$[#-1]') = $1`
	if q.db.Engine() == store.Postgres {
		query = `UPDATE river_job SET state = 'available' WHERE state = 'running' AND attempted_by[array_upper(attempted_by, 1)] = $1`
	}
	if _, err := q.db.SQL().ExecContext(ctx, query, q.options.Name); err != nil {
		return fmt.Errorf("job: taking interrupted jobs back: %w", err)
	}
	return nil
}

// Stop lets running jobs finish within ctx.
func (q *Queue) Stop(ctx context.Context) error {
	if q.working == nil {
		return nil
	}
	if err := q.working.Stop(ctx); err != nil {
		return errors.Join(fmt.Errorf("job: stopping: %w", err), q.working.StopAndCancel(context.WithoutCancel(ctx)))
	}
	return nil
}

// Failed is a dead job as operators see it: no arguments, they may be personal.
type Failed struct {
	ID       int64
	Kind     string
	Attempts int
	At       time.Time
	Error    string
}

// Dead lists the newest dead jobs, at most limit.
func (q *Queue) Dead(ctx context.Context, limit int) ([]Failed, error) {
	res, err := q.client.JobList(ctx, river.NewJobListParams().
		States(rivertype.JobStateDiscarded, rivertype.JobStateCancelled).First(min(limit, 1000)).OrderBy(river.JobListOrderByID, river.SortOrderDesc))
	if err != nil {
		return nil, fmt.Errorf("job: listing dead jobs: %w", err)
	}
	var out []Failed
	for _, j := range res.Jobs {
		f := Failed{ID: j.ID, Kind: j.Kind, Attempts: j.Attempt}
		if j.FinalizedAt != nil {
			f.At = *j.FinalizedAt
		}
		if n := len(j.Errors); n > 0 {
			f.Error = j.Errors[n-1].Error
		}
		out = append(out, f)
	}
	return out, nil
}

// Retry makes a dead job available again.
func (q *Queue) Retry(ctx context.Context, id int64) error {
	if _, err := q.client.JobRetry(ctx, id); err != nil {
		if errors.Is(err, rivertype.ErrNotFound) {
			return store.ErrNotFound
		}
		return fmt.Errorf("job: retrying: %w", err)
	}
	return nil
}

// Drain runs every job due at the database's clock, one after the other in
// the caller's goroutine, until none is left: for tests and for commands that
// must finish before they answer. Jobs that fail stop it with their error; those
// that ask to run later wait for their hour.
func (q *Queue) Drain(ctx context.Context) (int, error) {
	done := 0
	for range 10000 {
		j, err := q.nextDue(ctx)
		if err != nil || j == nil {
			return done, err
		}
		w, ok := q.workers[j.Kind]
		if !ok {
			return done, fmt.Errorf("job: kind %s is not declared", j.Kind)
		}
		var e envelope
		if err := json.Unmarshal(j.EncodedArgs, &e); err != nil {
			return done, fmt.Errorf("job: arguments of %s: %w", j.Kind, err)
		}
		err = w.run(ctx, e.Payload, j.ID, j.Attempt+1, j.MaxAttempts)
		var snooze *rivertype.JobSnoozeError
		if errors.As(err, &snooze) {
			if err := q.putOff(ctx, j.ID, q.db.Clock().Now().Add(snooze.Duration)); err != nil {
				return done, err
			}
			done++
			continue
		}
		if err != nil {
			return done, fmt.Errorf("job %s: %w", j.Kind, err)
		}
		if _, err := q.client.JobDelete(ctx, j.ID); err != nil {
			return done, fmt.Errorf("job: finishing %s: %w", j.Kind, err)
		}
		done++
	}
	return done, errors.New("job: more than 10 000 jobs due")
}

// putOff moves a waiting job to an hour, as the working client does with one
// that asked to run later. The library has no call for it.
func (q *Queue) putOff(ctx context.Context, id int64, at time.Time) error {
	var err error
	if q.db.Engine() == store.Postgres {
		_, err = q.db.SQL().ExecContext(ctx, `UPDATE river_job SET state = 'scheduled', scheduled_at = $1 WHERE id = $2`, at.UTC(), id)
	} else { // the library's own form of a time in SQLite
		_, err = q.db.SQL().ExecContext(ctx, `UPDATE river_job SET state = 'scheduled', scheduled_at = $1 WHERE id = $2`, at.UTC().Round(time.Millisecond).Format("2006-01-02 15:04:05.999"), id)
	}
	if err != nil {
		return fmt.Errorf("job: putting off: %w", err)
	}
	return nil
}

func (q *Queue) nextDue(ctx context.Context) (*rivertype.JobRow, error) {
	res, err := q.client.JobList(ctx, river.NewJobListParams().First(1000).OrderBy(river.JobListOrderByID, river.SortOrderAsc).
		States(rivertype.JobStateAvailable, rivertype.JobStateScheduled, rivertype.JobStateRetryable))
	if err != nil {
		return nil, fmt.Errorf("job: listing due jobs: %w", err)
	}
	now := q.db.Clock().Now()
	i := slices.IndexFunc(res.Jobs, func(j *rivertype.JobRow) bool { return !j.ScheduledAt.After(now) })
	if i < 0 {
		return nil, nil
	}
	return res.Jobs[i], nil
}
