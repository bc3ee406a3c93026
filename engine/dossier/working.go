package dossier

import (
	"time"

	"parvis/platform/calendar"
)

// week is the hours of an office whose own are unknown.
type week struct {
	zone calendar.Zone
	at   *time.Location
}

// office works on weekdays that are no public holiday, from 8 h to 12 h and
// from 13 h 30 to 17 h 30: 480 minutes a day.
func office(zone calendar.Zone, at *time.Location) Working { return week{zone, at} }

// longest a due date may be searched for, in days.
const horizon = 366 * 20

func (w week) hours(d calendar.Date) []calendar.Interval {
	if !calendar.IsWorkingDay(d, w.zone) {
		return nil
	}
	clock := func(h, m int) time.Time { return time.Date(d.Year, d.Month, d.Day, h, m, 0, 0, w.at) }
	return []calendar.Interval{calendar.Span(clock(8, 0), clock(12, 0)), calendar.Span(clock(13, 30), clock(17, 30))}
}

// Add satisfies Working.
func (w week) Add(start time.Time, minutes int) time.Time {
	left := int64(minutes) * time.Minute.Microseconds()
	now := start.UnixMicro()
	day := calendar.DateOf(start, w.at)
	for range horizon {
		for _, span := range w.hours(day) {
			from := max(span.Start, now)
			if from > span.End {
				continue
			}
			if from+left <= span.End {
				return time.UnixMicro(from + left).UTC()
			}
			left -= span.End - from
		}
		day = day.AddDays(1)
	}
	return start.Add(time.Duration(minutes) * time.Minute)
}

// Minutes satisfies Working.
func (w week) Minutes(from, to time.Time) int {
	if !to.After(from) {
		return 0
	}
	whole, total := calendar.Span(from, to), int64(0)
	for day, last := calendar.DateOf(from, w.at), calendar.DateOf(to, w.at); !day.After(last); day = day.AddDays(1) {
		for _, i := range calendar.Clip(w.hours(day), whole) {
			total += i.End - i.Start
		}
	}
	return int(total / time.Minute.Microseconds())
}
