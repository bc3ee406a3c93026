package calendar

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/emersion/go-ical"
)

// spanLimit bounds the years a VTIMEZONE tells about.
const spanLimit = 100

// change is a moment when the clocks of a zone change.
type change struct {
	at       time.Time // UTC
	from, to int       // offsets in seconds
	name     string    // abbreviation after it
	summer   bool
}

// wall is what the clocks showed at the change, in the old offset, as UTC: the
// DTSTART of an observance (RFC 5545, § 3.6.5).
func (c change) wall() time.Time { return c.at.Add(time.Duration(c.from) * time.Second) }

// timezones returns a VTIMEZONE for each zone the events use, which RFC 5545,
// § 3.6.5, requires for every TZID, in the order of their names.
func timezones(events []Event) ([]*ical.Component, error) {
	spans := map[string]Interval{}
	locations := map[string]*time.Location{}
	var names []string
	for _, e := range events {
		if !e.zoned() {
			continue
		}
		name, span := e.TZ.String(), Span(e.Start, e.End)
		if known, ok := spans[name]; ok {
			span = Interval{min(known.Start, span.Start), max(known.End, span.End)}
		} else {
			names = append(names, name)
		}
		spans[name], locations[name] = span, e.TZ
	}
	slices.Sort(names)
	var components []*ical.Component
	for _, name := range names {
		component, err := timezone(locations[name], spans[name])
		if err != nil {
			return nil, fmt.Errorf("zone %s: %w", name, err)
		}
		components = append(components, component)
	}
	return components, nil
}

// timezone describes a zone from the year before the span to the year after it.
func timezone(zone *time.Location, span Interval) (*ical.Component, error) {
	first, last := span.From().Year()-1, span.To().Year()+1
	if first < 1 || last-first > spanLimit {
		return nil, errors.New("events too far apart")
	}
	component := ical.NewComponent(ical.CompTimezone)
	component.Props.SetText(ical.PropTimezoneID, zone.String())
	changes := changesBetween(zone, first, last)
	if summer, winter, ok := yearly(changes, last-first+1); ok {
		component.Children = append(component.Children, winter, summer)
		return component, nil
	}
	// No yearly rule: what held at the beginning, then every change by itself.
	start := time.Date(first, time.January, 1, 0, 0, 0, 0, time.UTC)
	name, seconds := start.In(zone).Zone()
	component.Children = append(component.Children, observance(
		change{start, seconds, seconds, name, start.In(zone).IsDST()}, ""))
	for _, c := range changes {
		component.Children = append(component.Children, observance(c, ""))
	}
	return component, nil
}

// changesBetween lists the changes of offset in the years first to last, in UTC.
// It looks at the clocks week by week and halves the weeks in which they changed:
// from 2038 on, time.Time.ZoneBounds also stops at New Year, and on the last day
// of a leap year returns a bound that does not move forward.
func changesBetween(zone *time.Location, first, last int) []change {
	const week = 7 * 24 * time.Hour
	var changes []change
	end := time.Date(last+1, time.January, 1, 0, 0, 0, 0, time.UTC)
	for t := time.Date(first, time.January, 1, 0, 0, 0, 0, time.UTC); t.Before(end); t = t.Add(week) {
		from := offset(t, zone)
		before, after := t, t.Add(week)
		if offset(after, zone) == from {
			continue
		}
		for after.Sub(before) > time.Second {
			middle := before.Add(after.Sub(before) / 2).Truncate(time.Second)
			if offset(middle, zone) == from {
				before = middle
			} else {
				after = middle
			}
		}
		if !after.Before(end) {
			break
		}
		local := after.In(zone)
		name, to := local.Zone()
		changes = append(changes, change{after, int(from / time.Second), to, name, local.IsDST()})
	}
	return changes
}

// yearly finds the two rules of a zone whose clocks change twice a year on the
// same Sunday of the same month: mainland France (directive 2000/84/CE) and
// Saint-Pierre-et-Miquelon.
func yearly(changes []change, years int) (summer, winter *ical.Component, ok bool) {
	var forward, back []change
	for _, c := range changes {
		if c.summer {
			forward = append(forward, c)
		} else {
			back = append(back, c)
		}
	}
	if len(forward) != years || len(back) != years {
		return nil, nil, false
	}
	summerRule, okSummer := commonRule(forward)
	winterRule, okWinter := commonRule(back)
	if !okSummer || !okWinter {
		return nil, nil, false
	}
	return observance(forward[0], summerRule), observance(back[0], winterRule), true
}

// commonRule returns the RRULE that all the changes, one a year, follow.
func commonRule(changes []change) (string, bool) {
	first := changes[0].wall()
	week, last := (first.Day()+6)/7, true
	sameWeek := true
	for i, c := range changes {
		wall := c.wall()
		if wall.Year() != first.Year()+i || wall.Month() != first.Month() || wall.Weekday() != first.Weekday() ||
			wall.Hour() != first.Hour() || wall.Minute() != first.Minute() ||
			c.from != changes[0].from || c.to != changes[0].to || c.name != changes[0].name {
			return "", false
		}
		last = last && wall.AddDate(0, 0, 7).Month() != wall.Month()
		sameWeek = sameWeek && (wall.Day()+6)/7 == week
	}
	switch {
	case last:
		week = -1
	case !sameWeek:
		return "", false
	}
	day := [...]string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}[first.Weekday()]
	return fmt.Sprintf("FREQ=YEARLY;BYMONTH=%d;BYDAY=%d%s", int(first.Month()), week, day), true
}

func observance(c change, rule string) *ical.Component {
	kind := ical.CompTimezoneStandard
	if c.summer {
		kind = ical.CompTimezoneDaylight
	}
	component := ical.NewComponent(kind)
	set := func(name, value string) {
		prop := ical.NewProp(name)
		prop.Value = value
		component.Props.Set(prop)
	}
	set(ical.PropDateTimeStart, c.wall().Format("20060102T150405"))
	set(ical.PropTimezoneOffsetFrom, offsetText(c.from))
	set(ical.PropTimezoneOffsetTo, offsetText(c.to))
	component.Props.SetText(ical.PropTimezoneName, c.name)
	if rule != "" {
		set(ical.PropRecurrenceRule, rule)
	}
	return component
}

// offsetText writes an offset as RFC 5545, § 3.3.14: +0100, -0930, +001140.
func offsetText(seconds int) string {
	sign := '+'
	if seconds < 0 {
		sign, seconds = '-', -seconds
	}
	text := fmt.Sprintf("%c%02d%02d", sign, seconds/3600, seconds/60%60)
	if seconds%60 != 0 {
		text += fmt.Sprintf("%02d", seconds%60)
	}
	return text
}
