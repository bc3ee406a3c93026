package booking

import (
	"slices"

	"parvis/platform/calendar"
	"parvis/platform/fault"
	"parvis/platform/store"
)

// Rule is an opening range (plage d'ouverture): hours that come back, at a
// place, in which some things may be booked.
type Rule struct {
	ID         store.ID
	ResourceID store.ID
	PlaceID    store.ID      // 0: the place of the resource
	When       calendar.Rule // in civil time of the resource's zone
	// HolidayZone is that of the place where it differs from the resource's.
	HolidayZone calendar.Zone
	// School keeps only school days, or only school holidays, of SchoolZone (S14).
	School     School
	SchoolZone calendar.SchoolZone
	// Tags are what may be booked in it ("reason:42"). A range without tags
	// serves the needs that ask for none.
	Tags []string
}

// School says which days of the school calendar a rule keeps.
type School string

// The days a rule keeps; days that the school table does not know yet are in
// neither, and are computed once it does.
const (
	AnyDay         School = ""
	SchoolDays     School = "term"
	SchoolHolidays School = "holidays"
)

// Override edits one occurrence of a rule alone: the day of its start.
type Override struct {
	Day       calendar.Date
	Cancelled bool
	From, To  int      // minutes after midnight, as in calendar.Rule; ignored when Cancelled
	PlaceID   store.ID // 0: the place of the rule
}

// Overlap warns that another range of the same resource is open at the same
// time (S17). Both count as one when slots are computed.
type Overlap struct {
	RuleID store.ID
	First  calendar.Date // first day
	Days   int           // number of days, up to the horizon
}

const maxTags = 200

func (r *Rule) check() error {
	var fs fault.Fields
	if r.When.Validate() != nil {
		fs.Add("when", "booking.field.when")
	}
	if r.HolidayZone != "" && !slices.Contains(calendar.Zones(), r.HolidayZone) {
		fs.Add("holiday_zone", "booking.field.holiday_zone")
	}
	switch {
	case r.School != AnyDay && r.School != SchoolDays && r.School != SchoolHolidays:
		fs.Add("school", "booking.field.school")
	case r.School != AnyDay && r.SchoolZone == "":
		fs.Add("school_zone", "booking.field.school_zone")
	}
	if len(r.Tags) > maxTags || slices.Contains(r.Tags, "") {
		fs.Add("tags", "booking.field.tags", "Max", maxTags)
	}
	r.Tags = slices.Compact(slices.Sorted(slices.Values(r.Tags)))
	return fs.Err()
}

func (o *Override) check(r *Rule) error {
	var fs fault.Fields
	if days, err := r.When.Dates(o.Day, o.Day); err != nil || len(days) == 0 {
		fs.Add("day", "booking.field.occurrence")
	}
	if o.Cancelled {
		o.From, o.To, o.PlaceID = r.When.From, r.When.To, 0
	} else if (calendar.Rule{Start: o.Day, From: o.From, To: o.To}).Validate() != nil {
		fs.Add("hours", "booking.field.hours")
	}
	return fs.Err()
}

// Opening is one computed occurrence.
type Opening struct {
	RuleID  store.ID
	PlaceID store.ID
	Day     calendar.Date // of its start, where the resource is
	calendar.Interval
}

// openings computes the occurrences of a rule from first to last, both
// included: public holidays removed unless the resource works on them,
// overrides applied; one on a day off opens it.
func openings(r *Resource, rule *Rule, overrides []Override, school calendar.SchoolTable, first, last calendar.Date) ([]Opening, error) {
	zone, err := location(r.TimeZone)
	if err != nil {
		return nil, err
	}
	days, err := rule.When.Dates(first, last)
	if err != nil || len(days) == 0 {
		return nil, err
	}
	edited := map[calendar.Date]Override{}
	for _, o := range overrides {
		edited[o.Day] = o
	}
	off := holidays(r, rule, days[0].Year, days[len(days)-1].Year)
	place := rule.PlaceID
	if place == 0 {
		place = r.PlaceID
	}
	out := make([]Opening, 0, len(days))
	for _, d := range days {
		when, at := rule.When, place
		if o, ok := edited[d]; ok {
			if o.Cancelled {
				continue
			}
			when.From, when.To = o.From, o.To
			if o.PlaceID != 0 {
				at = o.PlaceID
			}
		} else if off[d] || !rule.inSchool(d, school) {
			continue
		}
		if x := when.IntervalOn(d, zone); !x.IsEmpty() { // the clocks may leave nothing of it
			out = append(out, Opening{RuleID: rule.ID, PlaceID: at, Day: d, Interval: x})
		}
	}
	return out, nil
}

func (r *Rule) inSchool(d calendar.Date, table calendar.SchoolTable) bool {
	if r.School == AnyDay {
		return true
	}
	if first, last, ok := table.Known(r.SchoolZone); !ok || d.Before(first) || d.After(last) {
		return false
	}
	_, holiday := table.On(d, r.SchoolZone)
	return holiday == (r.School == SchoolHolidays)
}

// holidays are the days off of the rule's site (S13).
func holidays(r *Resource, rule *Rule, from, to int) map[calendar.Date]bool {
	out := map[calendar.Date]bool{}
	if r.WorksOnHolidays {
		return out
	}
	zone := r.HolidayZone
	if rule.HolidayZone != "" {
		zone = rule.HolidayZone
	}
	for year := from; year <= to; year++ {
		for _, h := range calendar.Holidays(year, zone) {
			if !h.Partial || r.PartialHolidays {
				out[h.Date] = true
			}
		}
	}
	return out
}
