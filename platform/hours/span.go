package hours

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"parvis/platform/i18n"
)

// dayEnd is the last minute a span may end at, midnight at the end of the day.
const dayEnd = 24 * 60

const nbsp = "\u00a0"

// Span is a time of opening within one day: From and To are minutes after
// midnight, 0 ≤ From < To ≤ 1440. The last minute is excluded.
type Span struct{ From, To int }

// String returns "09:00-12:00", the form of OpenStreetMap's opening_hours.
func (s Span) String() string {
	return fmt.Sprintf("%02d:%02d-%02d:%02d", s.From/60, s.From%60, s.To/60, s.To%60)
}

// Format returns the spans in French: "9 h – 12 h, 13 h 30 – 17 h". It is empty
// without spans.
func Format(spans []Span) string {
	return FormatIn(i18n.From(context.Background()), spans)
}

// FormatIn is Format in the language of the localizer.
func FormatIn(l *i18n.Localizer, spans []Span) string {
	texts := make([]string, len(spans))
	for i, s := range spans {
		texts[i] = l.ClockMinutes(s.From) + nbsp + "– " + l.ClockMinutes(s.To)
	}
	return strings.Join(texts, ", ")
}

// overlap tells whether two of the sorted spans share a minute.
func overlap(sorted []Span) bool {
	for i := 1; i < len(sorted); i++ {
		if sorted[i].From < sorted[i-1].To {
			return true
		}
	}
	return false
}

// union joins the sorted spans that touch or overlap.
func union(sorted []Span) []Span {
	var joined []Span
	for _, s := range sorted {
		if n := len(joined); n > 0 && s.From <= joined[n-1].To {
			joined[n-1].To = max(joined[n-1].To, s.To)
			continue
		}
		joined = append(joined, s)
	}
	return joined
}

func compare(a, b Span) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To)) }

// clean sorts the spans, drops the repeated ones and joins those that touch. It
// says what it did, and whether two of them overlap; then it joins nothing.
func clean(spans []Span) (cleaned []Span, done []Correction, overlapping bool) {
	if !slices.IsSortedFunc(spans, compare) {
		done = append(done, Reordered)
	}
	sorted := slices.SortedFunc(slices.Values(spans), compare)
	distinct := slices.Compact(sorted)
	if len(distinct) < len(spans) {
		done = append(done, Repeated)
	}
	if overlap(distinct) {
		return distinct, done, true
	}
	joined := union(distinct)
	if len(joined) < len(distinct) {
		done = append(done, Joined)
	}
	return joined, done, false
}
