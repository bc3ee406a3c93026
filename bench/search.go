package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"parvis/engine/booking"
	"parvis/platform/store"
)

// question is one of the three searches of the figures.
type question struct {
	name, tag, target string
	find              func(ctx context.Context, e *booking.Engine, h store.Handle) (int, error)
}

func questions() []question {
	ask := func(tag string, days, limit int) func(context.Context, *booking.Engine, store.Handle) (int, error) {
		return func(ctx context.Context, e *booking.Engine, h store.Handle) (int, error) {
			now := time.Now()
			q := booking.Query{Demand: demand(tag), From: now, Limit: limit}
			if days > 0 {
				q.To = now.AddDate(0, 0, days)
			}
			r, err := e.Search(ctx, h, q)
			return len(r.Slots), err
		}
	}
	return []question{
		{"30 agents × 1 month, every start", "team", "target ≤ 10 ms p95 · Easy!Appointments 1.6.0, same size, stops at the first day: 339 ms p50, 353 ms p95", ask("team", 31, 0)},
		{"500 agents in 120 places, first 20 slots", "department", "target ≤ 20 ms p95 · no peer publishes one", ask("department", 0, 20)},
		{"64 places × 28 recurring ranges, every start of a week", "room", "target ≤ 20 ms p95 · no peer publishes one", ask("room", 7, 0)},
		{"64 places × 28 recurring ranges, first start of each place", "room", "target ≤ 20 ms p95", func(ctx context.Context, e *booking.Engine, h store.Handle) (int, error) {
			slots, err := e.FirstPerPlace(ctx, h, booking.Query{Demand: demand("room"), From: time.Now()})
			return len(slots), err
		}},
	}
}

// measureSearch times the searches in three states: each one right after a
// booking of somebody who is in the answer (what a busy day looks like), on an
// engine that has read nothing (the first question after a start), and again
// with nothing changed.
func measureSearch(ctx context.Context, b *bench) error {
	for _, engine := range b.engines() {
		s, err := b.stage(ctx, engine)
		if err != nil {
			return err
		}
		for _, q := range questions() {
			if err := s.time(ctx, b, engine, q); err != nil {
				return fmt.Errorf("%s: %w", q.name, err)
			}
		}
	}
	return nil
}

func (s *stage) time(ctx context.Context, b *bench, engine string, q question) error {
	h := s.db.In(home)
	found := 0
	once := func(e *booking.Engine) (time.Duration, time.Duration, error) {
		cpu, start := processor(), time.Now()
		n, err := q.find(ctx, e, h)
		took := time.Since(start)
		found = n
		if err == nil && n == 0 {
			err = errors.New("found nothing")
		}
		return took, processor() - cpu, err
	}
	var busy, cold, warm series
	var spent [3]time.Duration
	for range runs {
		if err := s.sample(ctx, b, q, once, &busy, &cold, &warm, &spent); err != nil {
			return err
		}
	}
	per := func(total time.Duration, n int) string { return ms(total / time.Duration(max(1, n))) }
	title := fmt.Sprintf("Slot search, %s past allocations in the table", thousands(s.past))
	b.report.add(title, fmt.Sprintf("%s (%s found)", q.name, thousands(found)), engine, fmt.Sprintf("%s · CPU %s", busy, per(spent[0], busy.count())), q.target)
	b.report.add(title, "— the same, nothing booked since the last search", engine, fmt.Sprintf("%s · CPU %s", warm, per(spent[1], warm.count())), "")
	b.report.add(title, "— the same, first search of a process", engine, fmt.Sprintf("%s · CPU %s", cold, per(spent[2], cold.count())), "once per start")
	return nil
}

// runs is how often a measure is repeated; the report has the median.
const runs = 3

// sample is one run: the times of the three states and the processor time they took.
func (s *stage) sample(ctx context.Context, b *bench, q question, once func(e *booking.Engine) (time.Duration, time.Duration, error),
	busy, cold, warm *series, spent *[3]time.Duration) error {
	var taken [3]times
	note := func(state int, e *booking.Engine) error {
		d, cpu, err := once(e)
		taken[state], spent[state] = append(taken[state], d), spent[state]+cpu
		return err
	}
	if _, _, err := once(s.engine); err != nil { // fills the shelf
		return err
	}
	for range b.tenth(150) {
		if err := s.disturb(ctx, q.tag); err != nil {
			return err
		}
		if err := errors.Join(note(0, s.engine), note(1, s.engine)); err != nil {
			return err
		}
	}
	for range b.tenth(30) {
		if err := note(2, booking.New(s.db, booking.Options{})); err != nil {
			return err
		}
	}
	*busy, *warm, *cold = append(*busy, taken[0]), append(*warm, taken[1]), append(*cold, taken[2])
	return nil
}

// disturb books the first free start of the team and gives it back, so that what
// the engine knew of one of its agents is out of date.
func (s *stage) disturb(ctx context.Context, tag string) error {
	h := s.db.In(home)
	slot, err := s.engine.Next(ctx, h, booking.Query{Demand: demand(tag), From: time.Now().Add(time.Hour)})
	if err != nil || slot == nil {
		return errors.Join(err, errNoSlot(slot))
	}
	return h.Update(ctx, func(tx *store.Tx) error {
		r, err := s.engine.Book(ctx, tx, booking.Request{Demand: demand(tag), Subject: "appointment", Start: slot.Start})
		if err != nil {
			return err
		}
		_, err = s.engine.Cancel(ctx, tx, r.ID, 0)
		return err
	})
}

func errNoSlot(s *booking.Slot) error {
	if s == nil {
		return errors.New("no free start left")
	}
	return nil
}
