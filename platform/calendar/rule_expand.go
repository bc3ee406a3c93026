package calendar

import (
	"fmt"
	"slices"
	"time"

	"github.com/teambition/rrule-go"
)

// yearShift is added to every year before the library is asked, and taken off
// its answers. The library looks for a next occurrence up to the year 9999, which
// for a rule that has none (30 February) is long; started in 9570, it gives up
// soon. The Gregorian calendar repeats exactly, week days included, every 400
// years (146 097 days, 20 871 weeks), and 7600 = 19 × 400.
const yearShift = 7600

// Dates returns the days from first to last, both included, on which the rule
// applies, in order. A rule for school days, or that skips holidays, is made by
// filtering them ([SchoolTable.On], [HolidayOn]) before [Rule.IntervalOn].
func (r Rule) Dates(first, last Date) ([]Date, error) {
	option, err := r.recurrence()
	if err != nil {
		return nil, err
	}
	first, last = later(first, r.Start), earlier(last, Date{lastYear, time.December, 31})
	if !r.Until.IsZero() {
		last = earlier(last, r.Until)
	}
	if last.Before(first) {
		return nil, nil
	}
	if option == nil {
		if first == r.Start {
			return r.keep(nil, r.Start)
		}
		return nil, nil
	}
	return r.expand(*option, first, last)
}

func (r Rule) expand(option rrule.ROption, first, last Date) ([]Date, error) {
	if !option.Until.IsZero() {
		last = earlier(last, fromUTC(option.Until))
	}
	option.Dtstart = shifted(near(r.Start, first, option))
	option.Until = shifted(last)
	rule, err := rrule.NewRRule(option)
	if err != nil {
		return nil, fmt.Errorf("recurrence %q: %w", r.RRule, err)
	}
	var dates []Date
	next := rule.Iterator()
	for {
		t, ok := next()
		if !ok {
			return dates, nil
		}
		d := fromUTC(t)
		d.Year -= yearShift
		if d.Before(first) {
			continue
		}
		if dates, err = r.keep(dates, d); err != nil {
			return nil, err
		}
	}
}

// near moves the start of a rule counted in days or weeks forward by whole periods,
// to a little before the window: an old rule costs no more than a new one. It does
// not when occurrences are counted from the start.
func near(start, first Date, option rrule.ROption) Date {
	period := max(option.Interval, 1)
	switch option.Freq {
	case rrule.WEEKLY:
		period *= 7
	case rrule.DAILY:
	default:
		return start
	}
	if option.Count > 0 {
		return start
	}
	periods := (first.Sub(start) - 7) / period
	return start.AddDays(max(periods, 0) * period)
}

func shifted(d Date) time.Time { return Date{d.Year + yearShift, d.Month, d.Day}.utc() }

// keep appends the day unless it is an exception or in a week left out.
func (r Rule) keep(dates []Date, d Date) ([]Date, error) {
	if !r.Weeks.Include(d) || slices.Contains(r.Exceptions, d) {
		return dates, nil
	}
	if len(dates) == OccurrenceLimit {
		return nil, ErrTooMany
	}
	return append(dates, d), nil
}

// IntervalOn returns the hours of the rule on a day, in a zone. Where the clocks
// go forward it may be shorter, or empty; where they go back, longer.
func (r Rule) IntervalOn(d Date, zone *time.Location) Interval {
	return Span(d.At(r.From, zone), d.At(r.To, zone))
}

// Occurrences returns the times, in a zone, at which the rule applies and that
// overlap [from, to), whole and in order. It fails when the rule is not valid, or
// with ErrTooMany.
func (r Rule) Occurrences(zone *time.Location, from, to time.Time) ([]Interval, error) {
	window := Span(from, to)
	if window.IsEmpty() {
		return nil, r.Validate()
	}
	// An occurrence may begin two days before it ends.
	dates, err := r.Dates(DateOf(from, zone).AddDays(-2), DateOf(to, zone))
	if err != nil {
		return nil, err
	}
	var found []Interval
	for _, d := range dates {
		if i := r.IntervalOn(d, zone); !i.IsEmpty() && i.Overlaps(window) {
			found = append(found, i)
		}
	}
	return found, nil
}

func later(a, b Date) Date {
	if a.Before(b) {
		return b
	}
	return a
}

func earlier(a, b Date) Date {
	if b.Before(a) {
		return b
	}
	return a
}
