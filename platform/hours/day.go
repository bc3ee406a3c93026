package hours

import (
	"regexp"
	"slices"
	"strings"
)

const (
	valueLimit = 200 // bytes
	spanLimit  = 8
)

// Correction is something that was put right without doubt.
type Correction string

const (
	Filler    Correction = "filler"    // « 00:00 - 00:00 » dropped
	Repeated  Correction = "repeated"  // the same span twice
	Joined    Correction = "joined"    // « 9 h – 12 h, 12 h – 14 h »
	Reordered Correction = "reordered" // the afternoon before the morning
)

// Key returns the message that tells what was put right.
func (c Correction) Key() string { return "hours.corrected." + string(c) }

// Reading is what a value means. No span: closed that day.
type Reading struct {
	Spans       []Span // in order, apart from each other
	Corrections []Correction
}

// ParseDay returns the opening spans of one day, in order and apart from each
// other; none when the place is closed that day (empty value, « fermé », a dash).
// The error is a [*Refusal].
func ParseDay(value string) ([]Span, error) {
	reading, err := Read(value)
	return reading.Spans, err
}

// Read is ParseDay, and says what it put right.
func Read(value string) (Reading, error) {
	if len(value) > valueLimit {
		return Reading{}, refuse(TooMany, value)
	}
	text := normalise(value)
	if allDay.MatchString(text) {
		return Reading{Spans: []Span{{0, dayEnd}}}, nil
	}
	line, reason := scan(text)
	if reason != "" {
		return Reading{}, refuse(reason, value)
	}
	spans, reason := line.spans()
	if reason != "" {
		return Reading{}, refuse(reason, value)
	}
	var done []Correction
	kept := spans[:0]
	for _, s := range spans {
		switch {
		case s == Span{}:
			done = []Correction{Filler}
			continue
		case s.From >= s.To:
			return Reading{}, refuse(Reversed, value)
		}
		kept = append(kept, s)
	}
	if len(kept) > 0 && line.contradicts(kept) {
		return Reading{}, refuse(TwelveHours, value)
	}
	cleaned, corrections, overlapping := clean(kept)
	switch {
	case overlapping:
		refusal := refuse(Overlap, value)
		refusal.Union = union(cleaned)
		return Reading{}, refusal
	case len(cleaned) > spanLimit:
		return Reading{}, refuse(TooMany, value)
	}
	return Reading{Spans: cleaned, Corrections: append(done, corrections...)}, nil
}

// contradicts tells whether the value says « matin » or « après-midi » of hours
// that are not: « après-midi 2 h – 5 h » is written on a 12-hour clock.
func (l line) contradicts(spans []Span) bool {
	const noon = 12 * 60
	return l.morning && !slices.ContainsFunc(spans, func(s Span) bool { return s.From < noon }) ||
		l.afternoon && !slices.ContainsFunc(spans, func(s Span) bool { return s.To > noon })
}

var allDay = regexp.MustCompile(`^\s*24 ?h? ?(/|sur) ?24 ?h?\s*$`)

// How times, links and separators follow each other, one letter each: see line.
var (
	usual    = regexp.MustCompile(`^TDT([SP]?TDT)*$`) // 9 h – 12 h / 14 h – 17 h
	dashes   = regexp.MustCompile(`^TDT(DTDT)+$`)     // 9 h – 12 h – 14 h – 17 h
	inverted = regexp.MustCompile(`^TST(DTST)*$`)     // 9 h/12 h – 14 h/17 h
	// An empty half: « 9 h – 12 h / - ».
	emptyHalf = regexp.MustCompile(`(^|[SP])D($|[SP])`)
	doubled   = strings.NewReplacer("DD", "D", "SS", "S", "PP", "P", "SP", "P", "PS", "P")
)

// simplify removes empty halves and doubled signs.
func simplify(shape string) string {
	for {
		simpler := strings.Trim(emptyHalf.ReplaceAllString(doubled.Replace(shape), "S"), "SP")
		if simpler == shape {
			return shape
		}
		shape = simpler
	}
}

// spans pairs the times of a line.
func (l line) spans() ([]Span, Reason) {
	shape := simplify(l.shape)
	switch {
	case shape == "" && (l.closed || !l.words):
		return nil, ""
	case l.closed && l.closedWithTimes:
		return nil, Unreadable
	case !usual.MatchString(shape) && !dashes.MatchString(shape) && !inverted.MatchString(shape):
		return nil, Incomplete
	}
	spans := make([]Span, 0, len(l.times)/2)
	for i := 0; i+1 < len(l.times); i += 2 {
		from, to := l.times[i], l.times[i+1]
		if from.minutes == dayEnd {
			from.minutes = 0 // « 24:00 » or « minuit » as a start
		}
		if to.midnight && from.minutes > 0 {
			to.minutes = dayEnd // « 20 h – minuit »
		}
		if !from.padded && from.minutes >= 60 && from.minutes < 7*60 && to.minutes > from.minutes && to.minutes <= 7*60 {
			return nil, TwelveHours
		}
		spans = append(spans, Span{from.minutes, to.minutes})
	}
	return spans, ""
}
