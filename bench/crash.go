package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"parvis/platform/store"
)

// crash is one series of kills: the program, what it confirmed, the mail
// server that survives it.
type crash struct {
	b    *bench
	town *town
	env  []string
	addr string
	sink *sink

	mu        sync.Mutex
	confirmed []store.ID
	sent      int
	full      int // told that the start was taken
}

// measureCrash kills the program with SIGKILL twenty times while it books and
// reminds, on each engine, then counts what is there.
func measureCrash(ctx context.Context, b *bench) error {
	for _, engine := range b.engines() {
		if err := b.crash(ctx, engine); err != nil {
			return fmt.Errorf("%s: %w", engine, err)
		}
	}
	return nil
}

func (b *bench) crash(ctx context.Context, engine string) (err error) {
	dsn, err := b.fresh(ctx, engine)
	if err != nil {
		return err
	}
	data, err := filepath.Abs(filepath.Join(b.work, "crash-"+engine))
	if err != nil {
		return err
	}
	a, err := build(ctx, dsn, data)
	if err != nil {
		return err
	}
	t, err := settle(ctx, a, awake(time.Now()), 400, 60)
	if err = errors.Join(err, a.Close(ctx)); err != nil {
		return err
	}
	x := &crash{b: b, town: t}
	if x.sink, err = newSink(); err != nil {
		return err
	}
	defer x.sink.close()
	if x.addr, err = port(); err != nil {
		return err
	}
	x.env = settings(dsn, data, x.addr, x.sink)
	kills := b.tenth(20)
	for range kills {
		if err := x.life(ctx); err != nil {
			return err
		}
	}
	s, err := b.launch(ctx, x.addr, x.env, "/healthz", "serve")
	if err != nil {
		return err
	}
	defer s.stop()
	db, err := store.Open(ctx, dsn, store.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := calm(ctx, db); err != nil {
		return err
	}
	return x.verdict(ctx, db, engine, kills)
}

// life starts the program, books from four callers, and kills it at some moment.
func (x *crash) life(ctx context.Context) error {
	s, err := x.b.launch(ctx, x.addr, x.env, "/healthz", "serve")
	if err != nil {
		return err
	}
	living, end := context.WithCancel(ctx)
	defer end()
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() { x.caller(living, s.url) })
	}
	time.Sleep(time.Duration(500+rand.IntN(2000)) * time.Millisecond)
	s.kill()
	end()
	all.Wait()
	return ctx.Err()
}

// caller books starts whose reminder is due within a minute, until the program
// is gone, with a breath in between so that starts are left for the last life.
// What was answered 200 is confirmed; what was not may be there or not.
func (x *crash) caller(ctx context.Context, url string) {
	client := &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	for ; ctx.Err() == nil; time.Sleep(breath) {
		now := time.Now()
		reason := rand.IntN(len(x.town.reasons))
		at := now.Add(time.Duration(shortest+reason)*time.Minute + 5*time.Second).Truncate(time.Minute).Add(time.Minute)
		x.mu.Lock()
		x.sent++
		i := x.sent
		x.mu.Unlock()
		status, id, err := post(ctx, client, url, x.town, opening{x.town.reasons[reason], at}, i)
		x.mu.Lock()
		switch {
		case err == nil && status < 300:
			x.confirmed = append(x.confirmed, id)
		case err == nil && status == http.StatusConflict:
			x.full++
		}
		x.mu.Unlock()
	}
}

// breath is between two bookings of a caller: four of them ask about a hundred a
// second.
const breath = 25 * time.Millisecond

// calm waits until no message is queued or being sent; an interrupted one waits
// for its lease of two minutes.
func calm(ctx context.Context, db *store.DB) error {
	for deadline := time.Now().Add(7 * time.Minute); time.Now().Before(deadline) && ctx.Err() == nil; time.Sleep(500 * time.Millisecond) {
		var n int
		if err := db.SQL().QueryRowContext(ctx, `SELECT COUNT(*) FROM message WHERE state IN ('queued', 'sending')`).Scan(&n); err != nil {
			return err
		}
		if n == 0 {
			return nil
		}
	}
	return errors.New("messages still wait after seven minutes")
}

// verdict compares what was confirmed with the database and with the mail server.
func (x *crash) verdict(ctx context.Context, db *store.DB, engine string, kills int) error {
	alive, err := columns(ctx, db, `SELECT a.id, 'x' FROM appointment a JOIN booking b ON b.territory_id = a.territory_id AND b.id = a.booking_id
		WHERE a.status = 'booked' AND b.state = 'active'`)
	if err != nil {
		return err
	}
	lost := 0
	for _, id := range x.confirmed {
		if _, ok := alive[int64(id)]; !ok {
			lost++
		}
	}
	pairs, err := overlapping(ctx, db, 0)
	if err != nil {
		return err
	}
	title := fmt.Sprintf("kill -9, %d times in the middle of load", kills)
	b := x.b
	b.report.add(title, fmt.Sprintf("%s bookings confirmed to the client of %s asked for (%s told that it is taken), %s in the database", thousands(len(x.confirmed)), thousands(x.sent), thousands(x.full), thousands(len(alive))),
		engine, fmt.Sprintf("%d confirmed ones lost, %d overlaps", lost, pairs), "target 0 and 0")
	taken := x.sink.taken()
	for _, kind := range []struct{ notice, name string }{{"appointment.reminder", "reminders"}, {"appointment.booked", "confirmations"}} {
		rows, err := columns(ctx, db, `SELECT id, COALESCE(provider_id, '') FROM message WHERE notice = '`+kind.notice+`'`)
		if err != nil {
			return err
		}
		once, never, again := 0, 0, 0
		for _, provider := range rows {
			switch n := taken[strings.TrimPrefix(provider, "mail:")]; n {
			case 0:
				never++
			default:
				once++
				again += n - 1
			}
		}
		b.report.add(title, fmt.Sprintf("%s (%s appointments)", kind.name, thousands(len(alive))), engine,
			fmt.Sprintf("%s messages, %s left, %d never, %d copies", thousands(len(rows)), thousands(once), never, again),
			"target: all left, no copy · a copy is a kill between the mail server's 250 and our note of it; it has the same Message-ID, by which receivers drop it")
	}
	return nil
}

// columns reads identifiers and a text.
func columns(ctx context.Context, db *store.DB, query string) (map[int64]string, error) {
	rows, err := db.SQL().QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[int64]string{}
	for rows.Next() {
		var id int64
		var text string
		if err := rows.Scan(&id, &text); err != nil {
			return nil, err
		}
		out[id] = text
	}
	return out, rows.Err()
}
