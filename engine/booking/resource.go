package booking

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"parvis/platform/calendar"
	"parvis/platform/fault"
	"parvis/platform/store"
)

// Kind is what a resource is.
type Kind string

// The kinds of resource.
const (
	Person    Kind = "person"
	Room      Kind = "room"
	Equipment Kind = "equipment"
	Vehicle   Kind = "vehicle"
	Seats     Kind = "seats"
)

func (k Kind) valid() bool {
	return slices.Contains([]Kind{Person, Room, Equipment, Vehicle, Seats}, k)
}

// Resource is anything that can be booked. One without opening range is never
// open; a room that is always open has a daily range of 24 hours.
type Resource struct {
	ID       store.ID
	Kind     Kind
	Name     string
	PlaceID  store.ID // 0: none; a range without a place of its own is here
	Capacity int      // numbered units that can be taken at once; 0 means 1
	// TimeZone is an IANA name in which the ranges' civil hours are read.
	TimeZone string
	// HolidayZone says which public holidays its site has; PartialHolidays, that
	// those kept in some communes of the zone only are kept there.
	HolidayZone     calendar.Zone
	PartialHolidays bool
	WorksOnHolidays bool
	Active          bool   // an inactive resource offers nothing and cannot be booked
	OwnerRef        string // "person:123"; empty: nobody
	HorizonDays     int    // days of opening computed ahead; 0 means Horizon
	Rev             int64  // raised by every change of what is open or taken; kept by the engine
}

func (r *Resource) check() error {
	var fs fault.Fields
	r.Name = strings.TrimSpace(r.Name)
	r.Capacity = max(1, r.Capacity)
	if r.HorizonDays == 0 {
		r.HorizonDays = Horizon
	}
	if !r.Kind.valid() {
		fs.Add("kind", "booking.field.kind")
	}
	if r.Name == "" {
		fs.Add("name", "booking.field.name")
	}
	if r.Capacity > maxUnits {
		fs.Add("capacity", "booking.field.units", "Max", maxUnits)
	}
	if _, err := location(r.TimeZone); err != nil {
		fs.Add("time_zone", "booking.field.zone")
	}
	if !slices.Contains(calendar.Zones(), r.HolidayZone) {
		fs.Add("holiday_zone", "booking.field.holiday_zone")
	}
	if r.HorizonDays < 1 || r.HorizonDays > Horizon {
		fs.Add("horizon_days", "booking.field.horizon", "Max", Horizon)
	}
	return fs.Err()
}

// location refuses the empty name and "Local", which mean the machine's zone.
func location(name string) (*time.Location, error) {
	if name == "" || name == "Local" {
		return nil, fmt.Errorf("booking: no time zone %q", name)
	}
	return time.LoadLocation(name)
}

const resourceColumns = `id, kind, name, place_id, capacity, time_zone, holiday_zone, partial_holidays, works_on_holidays, active, owner_ref, horizon_days, rev`
