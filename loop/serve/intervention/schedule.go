package intervention

import (
	"context"
	"errors"
	"fmt"
	"time"

	"parvis/core/crew"
	"parvis/engine/booking"
	"parvis/platform/fault"
	"parvis/platform/store"
)

// Slot is who goes, and when. Crew or person may be 0; a zero Start takes the
// order off the plan.
type Slot struct {
	Crew, Person store.ID
	Start        time.Time
	Minutes      int
	// Overlap plans although the team has something else then: nothing is taken
	// in its diary.
	Overlap bool
}

// maxMinutes bounds one intervention, in minutes.
const maxMinutes = 14 * 24 * 60

// Schedule plans an order, takes the time in the team's diary, and says so
// (event intervention.planned). A team that has something else then is a
// Conflict.
func (s *Service) Schedule(ctx context.Context, tx *store.Tx, id store.ID, x Slot, by store.ID) (Order, error) {
	o, err := s.Get(ctx, tx, id)
	if err != nil {
		return o, err
	}
	if o.State != ToPlan && o.State != Planned && o.State != Suspended {
		return o, fault.New(fault.Invalid, "intervention.error.move")
	}
	if x.Minutes == 0 {
		t, err := s.tradeOf(ctx, tx, o)
		if err != nil {
			return o, err
		}
		x.Minutes = t.Config.V.Minutes
	}
	if x.Minutes < 1 || x.Minutes > maxMinutes {
		return o, &fault.Fault{Kind: fault.Invalid, Fields: []fault.Field{{Name: "minutes", Key: "intervention.error.minutes"}}}
	}
	if err := s.unbook(ctx, tx, &o); err != nil {
		return o, err
	}
	o.CrewID, o.PersonID = x.Crew, x.Person
	if x.Start.IsZero() {
		o.PlannedStart, o.PlannedEnd = time.Time{}, time.Time{}
		if o.State == Planned {
			o.State, o.StateAt = ToPlan, tx.Now()
		}
		return o, s.save(ctx, tx, &o, true, "planned", "state")
	}
	o.PlannedStart, o.PlannedEnd = x.Start.UTC().Truncate(time.Minute), x.Start.UTC().Truncate(time.Minute).Add(time.Duration(x.Minutes)*time.Minute)
	if x.Crew != 0 && !x.Overlap {
		if err := s.book(ctx, tx, &o); err != nil {
			return o, err
		}
	}
	if o.State == ToPlan {
		if err := s.move(ctx, tx, &o, Move{To: Planned, By: by, Chief: true}); err != nil {
			return o, err
		}
	}
	return o, s.save(ctx, tx, &o, true, "planned", "state")
}

// book takes the planned time of the team.
func (s *Service) book(ctx context.Context, tx *store.Tx, o *Order) error {
	r, err := s.diary(ctx, tx, o.CrewID)
	if err != nil {
		return err
	}
	b, err := s.Booking.Book(ctx, tx, booking.Request{Subject: string(o.ref()), Start: o.PlannedStart, Force: true,
		Demand: booking.Demand{Needs: []booking.Need{{Resources: []store.ID{r}}}, Duration: o.PlannedEnd.Sub(o.PlannedStart)}})
	if errors.Is(err, booking.ErrTaken) {
		return fault.New(fault.Conflict, "intervention.error.taken").Because(err)
	}
	if err != nil {
		return fmt.Errorf("intervention: taking a team's time: %w", err)
	}
	o.BookingID = b.ID
	return nil
}

// unbook gives the time back.
func (s *Service) unbook(ctx context.Context, tx *store.Tx, o *Order) error {
	if o.BookingID == 0 {
		return nil
	}
	b, err := s.Booking.Get(ctx, tx, o.BookingID)
	if err == nil && b.State == booking.Active {
		_, err = s.Booking.Cancel(ctx, tx, b.ID, b.Version)
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("intervention: giving a team's time back: %w", err)
	}
	o.BookingID = 0
	return nil
}

// diary is the resource whose time a team takes, made at its first order.
func (s *Service) diary(ctx context.Context, tx *store.Tx, id store.ID) (store.ID, error) {
	owner := crewScope(id)
	found, err := s.Booking.ResourcesOf(ctx, tx, owner)
	if err != nil {
		return 0, err
	}
	if len(found) > 0 {
		return found[0].ID, nil
	}
	w, err := s.Where(ctx, tx)
	if err != nil {
		return 0, err
	}
	c, err := crew.Get(ctx, tx, id)
	if err != nil {
		return 0, fmt.Errorf("intervention: team of a diary: %w", err)
	}
	return s.Booking.AddResource(ctx, tx, booking.Resource{Kind: booking.Equipment, Name: c.Name, TimeZone: w.Location.String(), HolidayZone: w.Zone, WorksOnHolidays: true, Active: true, OwnerRef: owner})
}
