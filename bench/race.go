package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"

	"parvis/engine/booking"
	"parvis/platform/calendar"
	"parvis/platform/store"
)

// clients is how many want the same start at once.
const clients = 8

// tally is what became of the requests of a race.
type tally struct{ won, lost, failed int }

func (t *tally) plus(o tally) {
	t.won, t.lost, t.failed = t.won+o.won, t.lost+o.lost, t.failed+o.failed
}

// measureRace lets 8 clients want one start, 1 000 times: inside one process on
// each engine, then from two processes on one PostgreSQL.
func measureRace(ctx context.Context, b *bench) error {
	for _, engine := range b.engines() {
		s, err := b.stage(ctx, engine)
		if err != nil {
			return err
		}
		agent, starts, err := s.arena(ctx, b.tenth(1000))
		if err != nil {
			return err
		}
		start := time.Now()
		sum, bad := tally{}, 0
		for _, at := range starts {
			t := contend(ctx, s.engine, s.db.In(home), agent, at, clients)
			if sum.plus(t); t.won != 1 {
				bad++
			}
		}
		if err := s.verdict(ctx, b, engine, "one process", starts, sum, bad, time.Since(start)); err != nil {
			return err
		}
	}
	return raceProcesses(ctx, b)
}

// arena is an agent nobody has booked, open day and night, and its next starts.
func (s *stage) arena(ctx context.Context, n int) (agent store.ID, starts []time.Time, err error) {
	tag := fmt.Sprint("arena ", store.NewID())
	if agent, err = s.resource(ctx, booking.Person, tag, 0); err != nil {
		return 0, nil, err
	}
	err = s.db.In(home).Update(ctx, func(tx *store.Tx) error {
		_, _, err := s.engine.SaveRule(ctx, tx, booking.Rule{ResourceID: agent, Tags: []string{tag},
			When: calendar.Rule{RRule: "FREQ=DAILY", Start: calendar.DateOf(tx.Now(), time.UTC), From: 0, To: 24 * 60}})
		return err
	})
	if err != nil {
		return 0, nil, err
	}
	d := demand(tag)
	found, err := s.engine.Search(ctx, s.db.In(home), booking.Query{Demand: d, From: time.Now().Add(time.Hour), Limit: n})
	if err != nil || len(found.Slots) < n {
		return 0, nil, errors.Join(err, fmt.Errorf("%d starts of %d", len(found.Slots), n))
	}
	for _, slot := range found.Slots {
		starts = append(starts, slot.Start)
	}
	return agent, starts, nil
}

// contend lets n goroutines book one start of one agent at the same moment.
func contend(ctx context.Context, e *booking.Engine, h store.Handle, agent store.ID, at time.Time, n int) tally {
	var t tally
	var mu sync.Mutex
	var all sync.WaitGroup
	gate := make(chan struct{})
	for range n {
		all.Go(func() {
			<-gate
			err := h.Update(ctx, func(tx *store.Tx) error {
				_, err := e.Book(ctx, tx, booking.Request{Demand: booking.Demand{Needs: []booking.Need{{Resources: []store.ID{agent}}}, Duration: 30 * time.Minute},
					Subject: "appointment", Start: at})
				return err
			})
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				t.won++
			case errors.Is(err, booking.ErrTaken):
				t.lost++
			default:
				t.failed++
			}
		})
	}
	close(gate)
	all.Wait()
	return t
}

func (s *stage) verdict(ctx context.Context, b *bench, engine, who string, starts []time.Time, sum tally, bad int, took time.Duration) error {
	pairs, err := overlapping(ctx, s.db, starts[0].UnixMicro())
	if err != nil {
		return err
	}
	b.report.add("Races", fmt.Sprintf("%d clients on one start, %s rounds, %s", clients, thousands(len(starts)), who), engine,
		fmt.Sprintf("%d double bookings, %d rounds without exactly one winner, %d requests that failed otherwise (%s won, %s told that it is taken), %s a round",
			pairs, bad, sum.failed, thousands(sum.won), thousands(sum.lost), ms(took/time.Duration(len(starts)))),
		"target 0 · the only right figure")
	return nil
}

// raceProcesses runs the race from two processes of this program.
func raceProcesses(ctx context.Context, b *bench) error {
	if b.engine == "SQLite" {
		return nil
	}
	s, err := b.stage(ctx, "PostgreSQL")
	if err != nil {
		return err
	}
	agent, starts, err := s.arena(ctx, b.tenth(1000))
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	var racers []*remote
	for range 2 {
		r, err := dispatch(ctx, self, s.dsn, agent)
		if err != nil {
			return err
		}
		defer r.stop()
		racers = append(racers, r)
	}
	begin := time.Now()
	sum, bad := tally{}, 0
	for _, at := range starts {
		for _, r := range racers {
			if _, err := fmt.Fprintln(r.in, at.UnixMicro()); err != nil {
				return err
			}
		}
		var round tally
		for _, r := range racers {
			t, err := r.answer()
			if err != nil {
				return err
			}
			round.plus(t)
		}
		if sum.plus(round); round.won != 1 {
			bad++
		}
	}
	return s.verdict(ctx, b, "PostgreSQL", "two processes of 4", starts, sum, bad, time.Since(begin))
}

// remote is a process that races.
type remote struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
}

func dispatch(ctx context.Context, self, dsn string, agent store.ID) (*remote, error) {
	cmd := exec.CommandContext(ctx, self, "--child", agent.String())
	cmd.Env = append(os.Environ(), "BENCH_DSN="+dsn)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return &remote{cmd, in, bufio.NewScanner(out)}, cmd.Start()
}

func (r *remote) answer() (t tally, err error) {
	if !r.out.Scan() {
		return t, errors.Join(errors.New("the other process is silent"), r.out.Err())
	}
	_, err = fmt.Sscan(r.out.Text(), &t.won, &t.lost, &t.failed)
	return t, err
}

func (r *remote) stop() {
	_ = r.in.Close()
	_ = r.cmd.Wait()
}

// racer is the other side: it reads starts and answers tallies.
func racer(args []string) error {
	if len(args) != 1 {
		return errors.New("which agent?")
	}
	agent, err := store.ParseID(args[0])
	if err != nil {
		return err
	}
	ctx := context.Background()
	db, err := store.Open(ctx, os.Getenv("BENCH_DSN"), store.Options{})
	if err != nil {
		return err
	}
	defer db.Close()
	if err := db.Migrate(ctx); err != nil { // learns the tables
		return err
	}
	e := booking.New(db, booking.Options{})
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		at, err := strconv.ParseInt(strings.TrimSpace(in.Text()), 10, 64)
		if err != nil {
			return err
		}
		t := contend(ctx, e, db.In(home), agent, store.Time(at), clients/2)
		fmt.Println(t.won, t.lost, t.failed)
	}
	return nil
}
