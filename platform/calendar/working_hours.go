package calendar

import (
	"sort"
	"time"

	"parvis/platform/hours"
)

// Working is when a service works: the hours of each day of the week, on the clock
// of the place, less the public holidays of the zone and the closures. It counts
// time for promised delays. The zero Location is UTC, the zero Zone the mainland.
//
// Time counted is time that passes: where the clocks go forward, a service open
// from 1 h to 4 h works two hours that night; where they go back, four.
type Working struct {
	Week     hours.Week
	Zone     Zone
	Closed   []Interval // in any order; they may overlap
	Location *time.Location
}

// workingHorizon is how many days a due instant is looked for: twenty years.
const workingHorizon = 366 * 20

// Add returns the first instant at which so many minutes have been worked since
// start; start itself when minutes is not positive. A service that does not work
// that much in twenty years counts every minute of the clock: a date must exist.
func (w Working) Add(start time.Time, minutes int) time.Time {
	if minutes <= 0 {
		return start.UTC()
	}
	left := int64(minutes) * time.Minute.Microseconds()
	from, closed := start.UnixMicro(), Union(w.Closed)
	// A span of the day before may reach midnight, none goes beyond.
	day := DateOf(start, w.location())
	for range workingHorizon {
		for _, span := range w.open(day, closed) {
			span.Start = max(span.Start, from)
			if length := span.End - span.Start; length > 0 {
				if left <= length {
					return time.UnixMicro(span.Start + left).UTC()
				}
				left -= length
			}
		}
		day = day.AddDays(1)
	}
	return start.Add(time.Duration(minutes) * time.Minute).UTC()
}

// Minutes counts the whole minutes worked from one instant (included) to another
// (excluded), so that w.Minutes(t, w.Add(t, n)) == n. It is 0 when to is not after
// from, and looks at twenty years at most.
func (w Working) Minutes(from, to time.Time) int {
	if !to.After(from) {
		return 0
	}
	within, closed, worked := Span(from, to), Union(w.Closed), int64(0)
	day, last := DateOf(from, w.location()), DateOf(to, w.location())
	for range workingHorizon {
		if day.After(last) {
			break
		}
		for _, span := range Clip(w.open(day, closed), within) {
			worked += span.End - span.Start
		}
		day = day.AddDays(1)
	}
	return int(worked / time.Minute.Microseconds())
}

// Open returns the set of intervals in which the service works on a day.
func (w Working) Open(d Date) []Interval { return w.open(d, Union(w.Closed)) }

// open takes the closures as a set.
func (w Working) open(d Date, closed []Interval) []Interval {
	spans := w.Week[d.Weekday()]
	if len(spans) == 0 {
		return nil
	}
	if _, holiday := HolidayOn(d, w.zone()); holiday {
		return nil
	}
	set := make([]Interval, 0, len(spans))
	for _, s := range spans {
		set = append(set, Span(d.At(s.From, w.location()), d.At(s.To, w.location())))
	}
	set = Union(set)
	if len(set) == 0 {
		return nil
	}
	// Only the closures that may touch the day.
	first := sort.Search(len(closed), func(i int) bool { return closed[i].End > set[0].Start })
	return Subtract(set, closed[first:])
}

func (w Working) location() *time.Location {
	if w.Location == nil {
		return time.UTC
	}
	return w.Location
}

func (w Working) zone() Zone {
	if w.Zone == "" {
		return ZoneMainland
	}
	return w.Zone
}

// OfficeHours is the week of a town hall whose hours are unknown: Monday to Friday
// from 8 h to 12 h and from 13 h 30 to 17 h 30, 480 minutes a day.
func OfficeHours() hours.Week {
	var week hours.Week
	for day := time.Monday; day <= time.Friday; day++ {
		week[day] = []hours.Span{{From: 8 * 60, To: 12 * 60}, {From: 13*60 + 30, To: 17*60 + 30}}
	}
	return week
}
