package hours

import (
	"slices"
	"strings"
	"time"

	"parvis/platform/i18n"
)

// Week holds the opening spans of each day, by [time.Weekday]: Sunday is 0. The
// spans of a day are in order and apart from each other, as ParseDay gives them.
type Week [7][]Span

// Group is a run of days, Monday first, that have the same spans. First equals
// Last for one day.
type Group struct {
	First, Last time.Weekday
	Spans       []Span // none: closed
}

// Groups returns the week from Monday to Sunday, with equal days that follow each
// other together.
func (w Week) Groups() []Group {
	var groups []Group
	for _, day := range weekdays() {
		if n := len(groups); n > 0 && slices.Equal(groups[n-1].Spans, w[day]) {
			groups[n-1].Last = day
			continue
		}
		groups = append(groups, Group{First: day, Last: day, Spans: w[day]})
	}
	return groups
}

// Closed tells whether the week has no opening at all.
func (w Week) Closed() bool {
	return !slices.ContainsFunc(w[:], func(spans []Span) bool { return len(spans) > 0 })
}

// Has tells whether the day is in the group.
func (g Group) Has(day time.Weekday) bool {
	return fromMonday(g.First) <= fromMonday(day) && fromMonday(day) <= fromMonday(g.Last)
}

// Days returns "Lundi", "Lundi et mardi", "Mardi au jeudi"; "Tuesday to Thursday".
func (g Group) Days(l *i18n.Localizer) string {
	first, last := l.T(dayKey(g.First)), l.T(dayKey(g.Last))
	text := first
	switch fromMonday(g.Last) - fromMonday(g.First) {
	case 0:
	case 1:
		text = l.T("hours.days.two", "First", first, "Last", last)
	default:
		text = l.T("hours.days.more", "First", first, "Last", last)
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// Hours returns the spans of the group, or "fermé".
func (g Group) Hours(l *i18n.Localizer) string {
	if len(g.Spans) == 0 {
		return l.T("hours.closed")
	}
	return FormatIn(l, g.Spans)
}

func weekdays() [7]time.Weekday {
	return [7]time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday}
}

func fromMonday(day time.Weekday) int { return (int(day) + 6) % 7 }

// dayKey is the message with the name of a day, in lower case in French.
func dayKey(day time.Weekday) string { return "hours.day." + strings.ToLower(day.String()) }
