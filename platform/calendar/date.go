package calendar

import (
	"cmp"
	"database/sql/driver"
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// Date is a day of the civil calendar, without hour or zone. The zero value is no
// day. Dates are comparable with ==; in JSON and in the database they are
// "2026-11-24", and the zero value is "" in JSON and NULL in the database.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// On returns a day. Values out of range roll over as in time.Date: 31 November is
// 1 December.
func On(year int, month time.Month, day int) Date {
	return fromUTC(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
}

// DateOf returns the day it is at the instant t in the zone.
func DateOf(t time.Time, zone *time.Location) Date {
	year, month, day := t.In(zone).Date()
	return Date{year, month, day}
}

var (
	isoDate    = regexp.MustCompile(`^(\d{4})-(\d{2})-(\d{2})$`)
	frenchDate = regexp.MustCompile(`^(\d{1,2})[/. -](\d{1,2})[/. -](\d{4})$`)
)

// ParseDate reads "2026-11-24" (ISO 8601, the value of a date field) or what a
// French form receives: "24/11/2026", "1.12.2026", "1-12-2026". It refuses days
// that do not exist.
func ParseDate(s string) (Date, error) {
	parts, order := isoDate.FindStringSubmatch(s), [3]int{1, 2, 3}
	if parts == nil {
		parts, order = frenchDate.FindStringSubmatch(s), [3]int{3, 2, 1}
	}
	if parts == nil {
		return Date{}, fmt.Errorf("%q is not a date such as 24/11/2026 or 2026-11-24", s)
	}
	var numbers [3]int
	for i, group := range order {
		numbers[i], _ = strconv.Atoi(parts[group]) // at most four digits
	}
	d := Date{numbers[0], time.Month(numbers[1]), numbers[2]}
	if !d.Valid() {
		return Date{}, fmt.Errorf("%q is not a day of the calendar", s)
	}
	return d, nil
}

// Valid reports whether the day exists, in the years 1 to 9999.
func (d Date) Valid() bool {
	return d.Year >= 1 && d.Year <= 9999 && On(d.Year, d.Month, d.Day) == d
}

// IsZero reports whether d is no day.
func (d Date) IsZero() bool { return d == Date{} }

// String returns "2026-11-24", and "" for no day.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day)
}

// AddDays returns the day n days later, or earlier when n is negative.
func (d Date) AddDays(n int) Date { return On(d.Year, d.Month, d.Day+n) }

// AddMonths returns the same day n months later, or the last day of that month
// when it is shorter (règlement (CEE, Euratom) nº 1182/71, art. 3, § 2, c).
func (d Date) AddMonths(n int) Date {
	first := On(d.Year, d.Month+time.Month(n), 1)
	last := On(first.Year, first.Month+1, 0)
	return Date{first.Year, first.Month, min(d.Day, last.Day)}
}

// Sub returns the number of days from e to d.
func (d Date) Sub(e Date) int { return d.unixDay() - e.unixDay() }

// Compare orders days: -1 when d is before e, 0 the same, +1 after.
func (d Date) Compare(e Date) int {
	return cmp.Or(cmp.Compare(d.Year, e.Year), cmp.Compare(d.Month, e.Month), cmp.Compare(d.Day, e.Day))
}

// Before reports whether d comes before e.
func (d Date) Before(e Date) bool { return d.Compare(e) < 0 }

// After reports whether d comes after e.
func (d Date) After(e Date) bool { return d.Compare(e) > 0 }

// Weekday returns the day of the week.
func (d Date) Weekday() time.Weekday { return d.utc().Weekday() }

// Week returns the ISO 8601 week: its year, which near 1 January may not be that
// of the day, and its number, 1 to 53.
func (d Date) Week() (year, week int) { return d.utc().ISOWeek() }

// Start returns the first instant of the day in the zone.
func (d Date) Start(zone *time.Location) time.Time { return d.At(0, zone) }

// Span returns the whole day in the zone, 23 or 25 hours when the clocks change.
func (d Date) Span(zone *time.Location) Interval {
	return Span(d.Start(zone), d.AddDays(1).Start(zone))
}

// At returns the instant when the clocks of the zone show that many minutes after
// midnight; 1440 and more are the following days. As RFC 5545, § 3.3.5, has it: an
// hour that does not exist (clocks go forward) is read with the offset before the
// change, an hour that comes twice (clocks go back) is the first one.
func (d Date) At(minutes int, zone *time.Location) time.Time {
	wall := d.utc().Add(time.Duration(minutes) * time.Minute)
	before, after := offset(wall.Add(-24*time.Hour), zone), offset(wall.Add(24*time.Hour), zone)
	first, second := wall.Add(-before), wall.Add(-after)
	if second.Before(first) {
		first, second = second, first
	}
	for _, candidate := range [...]time.Time{first, second} {
		if candidate.Add(offset(candidate, zone)).Equal(wall) {
			return candidate.In(zone)
		}
	}
	return wall.Add(-before).In(zone)
}

// offset returns what the clocks of the zone add to UTC at the instant t.
func offset(t time.Time, zone *time.Location) time.Duration {
	_, seconds := t.In(zone).Zone()
	return time.Duration(seconds) * time.Second
}

// MarshalText writes the day as String does.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what ParseDate reads; "" is no day.
func (d *Date) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = Date{}
		return nil
	}
	parsed, err := ParseDate(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

// Value writes the day for the database: "2026-11-24", whose order is that of the
// days, or NULL.
func (d Date) Value() (driver.Value, error) {
	if d.IsZero() {
		return nil, nil
	}
	return d.String(), nil
}

// Scan reads the day from the database.
func (d *Date) Scan(value any) error {
	switch v := value.(type) {
	case nil:
		*d = Date{}
		return nil
	case string:
		return d.UnmarshalText([]byte(v))
	case []byte:
		return d.UnmarshalText(v)
	}
	return fmt.Errorf("a %T is not a date", value)
}

func (d Date) utc() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

func (d Date) unixDay() int { return int(d.utc().Unix() / 86400) }

func fromUTC(t time.Time) Date {
	year, month, day := t.Date()
	return Date{year, month, day}
}
