package appointment

import (
	"context"
	"fmt"
	"time"

	"parvis/engine/booking"
	"parvis/platform/store"
)

// Ask is a question for free starts.
type Ask struct {
	Reason Reason
	Place  store.ID   // 0 any
	Agents []store.ID // resources; empty: any who opened a range for the reason
	From   time.Time
	Days   int  // civil days shown from From; 0: no end
	Limit  int  // 0: all of the days
	Staff  bool // delays do not bind staff
}

// demand turns the rules of a reason into what the engine looks for.
func (r Reason) demand(place store.ID, agents []store.ID) booking.Demand {
	d := booking.Demand{Duration: r.Duration(), Step: time.Duration(r.StepMin) * time.Minute,
		BufferBefore: time.Duration(r.BeforeMin) * time.Minute, BufferAfter: time.Duration(r.AfterMin) * time.Minute}
	for range max(1, r.AgentsNeeded) {
		d.Needs = append(d.Needs, booking.Need{Tags: []string{r.Tag()}, Kind: booking.Person, Resources: agents})
		agents = nil // the one asked for leads, the others are anybody
	}
	for _, id := range r.Equipment.V {
		d.Needs = append(d.Needs, booking.Need{Resources: []store.ID{id}})
	}
	if place != 0 {
		d.Places = []store.ID{place}
	}
	return d
}

// onGrid keeps residents, and programs, to the starts that are offered; staff
// may put somebody between two.
func onGrid(d booking.Demand) booking.Demand {
	if d.Step == 0 {
		d.Step = d.Duration
	}
	return d
}

// window applies the delays of the reason to the asked days (S1).
func (a Ask) window(now time.Time) (from, to time.Time) {
	from, to = a.Reason.Window(now)
	if a.Staff {
		from, to = now, now.AddDate(1, 0, 0)
	}
	if a.From.After(from) {
		from = a.From
	}
	if a.Days > 0 {
		if end := a.From.AddDate(0, 0, a.Days); end.Before(to) {
			to = end
		}
	}
	return from, to
}

// Slots returns the free starts of the asked days, each once (S7).
func (s *Service) Slots(ctx context.Context, h store.Handle, a Ask) (booking.Result, error) {
	from, to := a.window(s.clock.Now())
	if !from.Before(to) {
		return booking.Result{}, nil
	}
	res, err := s.booking.Search(ctx, h, booking.Query{Demand: a.Reason.demand(a.Place, a.Agents), From: from, To: to, Limit: a.Limit})
	if err != nil {
		return res, fmt.Errorf("appointment: searching slots: %w", err)
	}
	kept := res.Slots[:0]
	for _, slot := range res.Slots { // the engine looks further when the days are empty
		if slot.Start.Before(to) {
			kept = append(kept, slot)
		}
	}
	res.Slots = kept
	return res, nil
}

// First is the first free start a resident may have, nil when there is none
// within the delays (S16).
func (s *Service) First(ctx context.Context, h store.Handle, r Reason, place store.ID, from time.Time) (*booking.Slot, error) {
	low, high := Ask{Reason: r, From: from}.window(s.clock.Now())
	slot, err := s.booking.Next(ctx, h, booking.Query{Demand: r.demand(place, nil), From: low})
	if err != nil {
		return nil, fmt.Errorf("appointment: searching the first slot: %w", err)
	}
	if slot == nil || !slot.Start.Before(high) {
		return nil, nil
	}
	return slot, nil
}

// FirstPerPlace is the first free start of each place, soonest first.
func (s *Service) FirstPerPlace(ctx context.Context, h store.Handle, r Reason) ([]booking.Slot, error) {
	from, to := r.Window(s.clock.Now())
	slots, err := s.booking.FirstPerPlace(ctx, h, booking.Query{Demand: r.demand(0, nil), From: from, To: to})
	if err != nil {
		return nil, fmt.Errorf("appointment: searching places: %w", err)
	}
	return slots, nil
}

// Nearest are the free starts around one that was just taken.
func (s *Service) Nearest(ctx context.Context, h store.Handle, r Reason, place store.ID, start time.Time, n int) ([]booking.Slot, error) {
	from, to := r.Window(s.clock.Now())
	found, err := s.booking.Nearest(ctx, h, r.demand(place, nil), start, from, n)
	if err != nil {
		return nil, fmt.Errorf("appointment: searching the nearest slots: %w", err)
	}
	kept := found[:0]
	for _, slot := range found {
		if slot.Start.Before(to) {
			kept = append(kept, slot)
		}
	}
	return kept, nil
}
