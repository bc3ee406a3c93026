package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"parvis/app"
	"parvis/engine/booking"
	"parvis/loop/serve/appointment"
	"parvis/platform/store"
)

// measureThroughput counts bookings a second on SQLite: by the whole path of
// the service (card, dossier, messages, event), by the bare engine, and beside
// them a bare insert, each in a transaction of its own on the same database.
func measureThroughput(ctx context.Context, b *bench) (err error) {
	dsn, err := b.fresh(ctx, "SQLite")
	if err != nil {
		return err
	}
	a, err := build(ctx, dsn, filepath.Dir(strings.TrimPrefix(dsn, "sqlite:")))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close(context.WithoutCancel(ctx))) }()
	t, err := settle(ctx, a, awake(time.Now()), 20, 1)
	if err != nil {
		return err
	}
	if _, err := a.DB.SQL().ExecContext(ctx, `CREATE TABLE bench_row (territory_id TEXT NOT NULL, id INTEGER NOT NULL, note TEXT NOT NULL, PRIMARY KEY (territory_id, id)) STRICT`); err != nil {
		return err
	}
	h, n := a.DB.In(t.id), b.tenth(600)
	first := time.Now().UTC().Add(24 * time.Hour).Truncate(time.Hour)
	var next atomic.Int64
	// 20 agents, 4 of them at each minute, over 6 days: about 20 bookings an agent and day at the end.
	start := func() time.Time {
		k := next.Add(1) / 4
		return first.AddDate(0, 0, int(k%6)).Add(time.Duration(k/6) * time.Minute)
	}
	demand := booking.Demand{Needs: []booking.Need{{Tags: []string{appointment.Tag(t.reasons[0])}, Kind: booking.Person}}, Duration: 5 * time.Minute, Step: 5 * time.Minute}
	insert := func(i int64) error {
		return h.Update(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO bench_row (territory_id, id, note) VALUES (@territory, ?, 'row')`, i)
			return err
		})
	}
	bare := func(int64) error {
		at := start()
		return h.Update(ctx, func(tx *store.Tx) error {
			_, err := a.Booking.Book(ctx, tx, booking.Request{Demand: demand, Subject: "appointment", Start: at})
			return err
		})
	}
	whole := func(i int64) error { return book(ctx, a, t, start(), i) }
	title := "Bookings a second, SQLite, synchronous=FULL, one transaction each"
	kinds := []kind{
		{"bare insert of one row, 1 caller", "the physical limit: one flush to disk a transaction", 1, insert},
		{"bare engine (booking and allocation), 1 caller", "", 1, bare},
		{"bare engine, 8 callers", "", 8, bare},
		{"whole service (card, dossier, appointment, 2 messages and their jobs, event), 1 caller", "target ≥ 300 a second", 1, whole},
		{"whole service, 8 callers", "target ≥ 300 a second", 8, whole},
	}
	rates, spent := make([][]float64, len(kinds)), make([]times, len(kinds))
	for range runs {
		for i, x := range kinds {
			rate, cpu, err := pace(n, x.callers, x.do)
			if err != nil {
				return fmt.Errorf("%s: %w", x.name, err)
			}
			rates[i], spent[i] = append(rates[i], rate), append(spent[i], cpu)
		}
	}
	for i, x := range kinds {
		for _, r := range rates {
			slices.Sort(r)
		}
		rate := rates[i][runs/2]
		b.report.add(title, x.name, "SQLite", fmt.Sprintf("%.0f a second (%.0f to %.0f) · %s of CPU each · %.2f of the bare insert",
			rate, rates[i][0], rates[i][runs-1], ms(spent[i].at(0.5)), rate/rates[0][runs/2]), x.beside)
	}
	return nil
}

// kind is one kind of transaction and how many ask for it at once.
type kind struct {
	name, beside string
	callers      int
	do           func(i int64) error
}

func book(ctx context.Context, a *app.App, t *town, at time.Time, i int64) error {
	_, err := a.Rdv.Book(ctx, a.DB.In(t.id), appointment.Request{Reason: t.reasons[0], Start: at, Channel: appointment.ByAPI,
		Contact: appointment.Contact{FirstName: "Ève", LastName: fmt.Sprint("Essai ", i), Email: fmt.Sprintf("essai%d@essai.exemple.fr", i)}}, "86")
	return err
}

var serial atomic.Int64

// pace runs do n times from some callers and returns how many a second, and the
// processor time of each.
func pace(n, callers int, do func(i int64) error) (rate float64, cpu time.Duration, err error) {
	var all sync.WaitGroup
	var mu sync.Mutex
	used, begin := processor(), time.Now()
	var done atomic.Int64
	for range callers {
		all.Go(func() {
			for done.Add(1) <= int64(n) {
				if e := do(serial.Add(1)); e != nil {
					mu.Lock()
					err = errors.Join(err, e)
					mu.Unlock()
					return
				}
			}
		})
	}
	all.Wait()
	return float64(n) / time.Since(begin).Seconds(), (processor() - used) / time.Duration(n), err
}
