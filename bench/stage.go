package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"parvis/engine/booking"
	"parvis/platform/calendar"
	"parvis/platform/store"
)

// home is the territory of the bare engine's measures.
const home = "d86"

// stage is a database of the bare engine with agents, rooms and years of past
// allocations.
type stage struct {
	dsn    string
	db     *store.DB
	engine *booking.Engine
	past   int
}

// The shapes of the figures: who receives, in how many places.
const (
	team       = 30
	department = 500
	sites      = 120
	rooms      = 64
	ranges     = 28
)

// stage returns the filled database of an engine, filled at the first call.
func (b *bench) stage(ctx context.Context, engine string) (*stage, error) {
	if s := b.stages[engine]; s != nil {
		return s, nil
	}
	address := b.fresh
	if b.keep {
		address = b.kept
	}
	s, err := b.enter(ctx, engine, address)
	if err != nil {
		return nil, err
	}
	if b.keep {
		if s.past, err = s.same(ctx, b.tenth(history)); err == nil && s.past > 0 {
			b.report.add("Data", "past allocations in the table", engine, thousands(s.past), "kept from a run of the same day")
			b.stages[engine] = s
			return s, nil
		}
		if err := errors.Join(err, s.db.Close(), b.empty(ctx, engine)); err != nil {
			return nil, err
		}
		if s, err = b.enter(ctx, engine, address); err != nil {
			return nil, err
		}
	}
	if err := s.people(ctx); err != nil {
		return nil, err
	}
	if err := s.appointments(ctx); err != nil {
		return nil, err
	}
	took, err := s.history(ctx, b.tenth(history))
	if err != nil {
		return nil, err
	}
	if b.keep {
		if err := s.note(ctx, b.tenth(history)); err != nil {
			return nil, err
		}
	}
	b.report.add("Data", "past allocations in the table, and the time to put them there", engine,
		fmt.Sprintf("%s in %s, then indexes and guards in %s", thousands(s.past), took[0].Round(time.Second), took[1].Round(time.Second)),
		"INSERT … SELECT without index nor guard, then all of them put back as they were, and ANALYZE")
	b.stages[engine] = s
	return s, nil
}

// history is how many past allocations the figures are for.
const history = 3_000_000

// enter opens a database with the schema of the engine.
func (b *bench) enter(ctx context.Context, engine string, address func(context.Context, string) (string, error)) (*stage, error) {
	dsn, err := address(ctx, engine)
	if err != nil {
		return nil, err
	}
	db, err := store.Open(ctx, dsn, store.Options{})
	if err != nil {
		return nil, err
	}
	b.undo = append(b.undo, func() { _ = db.Close() })
	if err := db.Migrate(ctx, booking.Migration()); err != nil {
		return nil, err
	}
	return &stage{dsn: dsn, db: db, engine: booking.New(db, booking.Options{})}, nil
}

// same is how many past allocations a kept database has, 0 when it was filled
// another day or with another number.
func (s *stage) same(ctx context.Context, want int) (int, error) {
	if _, err := s.db.SQL().ExecContext(ctx, `CREATE TABLE IF NOT EXISTS bench_stage (day TEXT NOT NULL, want BIGINT NOT NULL, past BIGINT NOT NULL)`); err != nil {
		return 0, err
	}
	var past int
	err := s.db.SQL().QueryRowContext(ctx, `SELECT COALESCE(MAX(past), 0) FROM bench_stage WHERE day = $1 AND want = $2`,
		time.Now().UTC().Format(time.DateOnly), want).Scan(&past)
	return past, err
}

// note writes down what the database was filled with.
func (s *stage) note(ctx context.Context, want int) error {
	if _, err := s.same(ctx, want); err != nil {
		return err
	}
	_, err := s.db.SQL().ExecContext(ctx, `INSERT INTO bench_stage (day, want, past) VALUES ($1, $2, $3)`, time.Now().UTC().Format(time.DateOnly), want, s.past)
	return err
}

// people opens the ranges: 30 agents in one house, 500 agents in 120 places,
// 64 rooms with 28 ranges each.
func (s *stage) people(ctx context.Context) error {
	for i := range team {
		if _, err := s.agent(ctx, "team", store.ID(1), i, "MO,TU,WE,TH,FR"); err != nil {
			return err
		}
	}
	weeks := []string{"MO,TU,WE,TH,FR", "MO,TU,TH,FR", "MO,WE,TH"}
	for i := range department {
		if _, err := s.agent(ctx, "department", store.ID(100+i%sites), i, weeks[i%len(weeks)]); err != nil {
			return err
		}
	}
	for i := range rooms {
		id, err := s.resource(ctx, booking.Room, fmt.Sprint("room ", i), store.ID(1000+i))
		if err != nil {
			return err
		}
		days := []string{"MO", "TU", "WE", "TH", "FR", "SA", "SU"}
		for n := range ranges {
			from := 8*60 + 180*(n/len(days))
			if err := s.open(ctx, id, "room", days[n%len(days)], from, from+150); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *stage) agent(ctx context.Context, tag string, place store.ID, n int, week string) (store.ID, error) {
	id, err := s.resource(ctx, booking.Person, fmt.Sprint(tag, " ", n), place)
	if err != nil {
		return 0, err
	}
	for _, span := range [][2]int{{9 * 60, 12 * 60}, {13*60 + 30, 17 * 60}} {
		if err := s.open(ctx, id, tag, week, span[0], span[1]); err != nil {
			return 0, err
		}
	}
	return id, nil
}

func (s *stage) resource(ctx context.Context, kind booking.Kind, name string, place store.ID) (id store.ID, err error) {
	err = s.db.In(home).Update(ctx, func(tx *store.Tx) error {
		id, err = s.engine.AddResource(ctx, tx, booking.Resource{Kind: kind, Name: name, PlaceID: place, TimeZone: "Europe/Paris",
			HolidayZone: calendar.ZoneMainland, Active: true})
		return err
	})
	return id, err
}

func (s *stage) open(ctx context.Context, id store.ID, tag, week string, from, to int) error {
	return s.db.In(home).Update(ctx, func(tx *store.Tx) error {
		start := calendar.DateOf(tx.Now(), time.UTC)
		_, _, err := s.engine.SaveRule(ctx, tx, booking.Rule{ResourceID: id, Tags: []string{tag},
			When: calendar.Rule{RRule: "FREQ=WEEKLY;BYDAY=" + week, Start: start, From: from, To: to}})
		return err
	})
}

// demand asks for half an hour of somebody of a team.
func demand(tag string) booking.Demand {
	return booking.Demand{Needs: []booking.Need{{Tags: []string{tag}}}, Duration: 30 * time.Minute}
}

// appointments takes about two thirds of the starts of the next month, and all
// of the first days of the département, so that a search has to look.
func (s *stage) appointments(ctx context.Context) error {
	dice := rand.New(rand.NewPCG(1, 2))
	for _, x := range []struct {
		tag          string
		full, sparse int // days full, then days two thirds full
	}{{"team", 0, 31}, {"department", 3, 7}, {"room", 0, 14}} {
		var agents []store.ID
		err := s.db.In(home).Update(ctx, func(tx *store.Tx) error {
			agents = nil
			return tx.Select(ctx, &agents, `SELECT DISTINCT resource_id FROM booking_rule_tag WHERE territory_id = @territory AND tag = ?`, x.tag)
		})
		if err != nil {
			return err
		}
		for _, a := range agents {
			if err := s.fill(ctx, a, x.tag, x.full, x.sparse, dice); err != nil {
				return err
			}
		}
	}
	return nil
}

// fill takes an agent's starts straight in the table, guards on: thousands of
// transactions would take longer than the measures.
func (s *stage) fill(ctx context.Context, agent store.ID, tag string, full, sparse int, dice *rand.Rand) error {
	d := demand(tag)
	d.Needs[0].Resources = []store.ID{agent}
	now := time.Now()
	found, err := s.engine.Search(ctx, s.db.In(home), booking.Query{Demand: d, From: now, To: now.AddDate(0, 0, full+sparse)})
	if err != nil {
		return err
	}
	var rows []string
	var args []any
	for _, slot := range found.Slots {
		if slot.Start.After(now.AddDate(0, 0, full)) && dice.Float64() > 0.66 {
			continue
		}
		rows = append(rows, `(@territory, ?, ?, 0, ?, 1, 'active', 'only', ?, ?, NULL)`)
		args = append(args, store.NewID(), store.NewID(), agent, slot.Start, slot.End)
	}
	if len(rows) == 0 {
		return nil
	}
	return s.db.In(home).Update(ctx, func(tx *store.Tx) error {
		if _, err := tx.Exec(ctx, `INSERT INTO booking_allocation (territory_id, id, booking_id, need, resource_id, unit, state, reason, starts_at, ends_at, expires_at)
			VALUES `+strings.Join(rows, ", "), args...); err != nil {
			return fmt.Errorf("filling the agenda: %w", err)
		}
		_, err := tx.Exec(ctx, `UPDATE booking_resource SET rev = rev + 1, longest = ? WHERE territory_id = @territory AND id = ?`, slotLength, agent)
		return err
	})
}

// slotLength is half an hour, in microseconds.
const slotLength = int64(30 * 60 * 1e6)

// history writes n allocations of half an hour in the years behind, shared by
// all resources, straight into the table. It returns how long the rows took, then
// the indexes and guards.
func (s *stage) history(ctx context.Context, n int) (took [2]time.Duration, err error) {
	each := n / (team + department + rooms)
	last := time.Now().Add(-24 * time.Hour).Truncate(30 * time.Minute).UnixMicro()
	guard, series := sqliteGuards(), `WITH RECURSIVE n(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n WHERE k < $1)`
	if s.db.Engine() == store.Postgres {
		guard, series = postgresGuards(), `WITH n(k) AS (SELECT generate_series(1, $1::bigint))`
	}
	c, err := s.db.SQL().Conn(ctx)
	if err != nil {
		return took, err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	back, err := guard.drop(ctx, c)
	if err != nil {
		return took, err
	}
	start := time.Now()
	// 16 half hours a day, then the night.
	_, err = c.ExecContext(ctx, series+` INSERT INTO booking_allocation (territory_id, id, booking_id, need, resource_id, unit, state, reason, starts_at, ends_at, expires_at)
		SELECT '`+home+`', r.rank * 1000000 + n.k, r.rank * 1000000 + n.k, 0, r.id, 1, 'active', 'least_loaded',
			$2 - $3 * (n.k + 32 * (n.k / 16)), $2 - $3 * (n.k + 32 * (n.k / 16)) + $3, NULL
		FROM (SELECT id, ROW_NUMBER() OVER (ORDER BY id) AS rank FROM booking_resource WHERE territory_id = '`+home+`') r CROSS JOIN n`, each, last, slotLength)
	if err != nil {
		return took, fmt.Errorf("loading the past: %w", err)
	}
	took[0], start = time.Since(start), time.Now()
	for _, q := range append(back, "ANALYZE booking_allocation") {
		if _, err := c.ExecContext(ctx, q); err != nil {
			return took, fmt.Errorf("%s: %w", q, err)
		}
	}
	took[1] = time.Since(start)
	err = c.QueryRowContext(ctx, `SELECT COUNT(*) FROM booking_allocation WHERE ends_at < $1`, time.Now().UnixMicro()).Scan(&s.past)
	return took, err
}
