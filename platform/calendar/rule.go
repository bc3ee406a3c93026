package calendar

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/teambition/rrule-go"
)

// Limits that keep every expansion short.
const (
	// OccurrenceLimit bounds the occurrences of one rule in one window.
	OccurrenceLimit = 5000
	firstYear       = 1970
	lastYear        = 2200
	textLimit       = 250
	intervalLimit   = 1000
	dayMinutes      = 24 * 60
)

// ErrTooMany is returned when a window holds more than OccurrenceLimit
// occurrences.
var ErrTooMany = errors.New("too many occurrences in this period")

// Rule is something that happens again at the same hours of the civil day: « every
// Monday from 9 h to 12 h » stays so when the clocks change. It has no zone: one is
// given when it is expanded.
type Rule struct {
	// RRule is a recurrence of RFC 5545, § 3.3.10, on days: FREQ is DAILY, WEEKLY,
	// MONTHLY or YEARLY, with INTERVAL, COUNT, UNTIL (a day), WKST, BYDAY, BYMONTH,
	// BYMONTHDAY and BYSETPOS. "" is the day Start alone.
	//
	//	FREQ=WEEKLY;BYDAY=MO,TH       every Monday and Thursday
	//	FREQ=MONTHLY;BYDAY=2TU        the second Tuesday of the month
	//	FREQ=MONTHLY;BYDAY=-1FR       the last Friday
	RRule string `json:"rrule"`
	// Start is the first day on which the rule may apply; it counts only when the
	// recurrence includes it.
	Start Date `json:"start"`
	// From and To are minutes after midnight: 540 is 9 h. To may go past 1440, up to
	// one day after From: 1320 to 1560 is 22 h to 2 h the next morning.
	From int `json:"from"`
	To   int `json:"to"`
	// Until is the last day included; the zero value is no end.
	Until Date `json:"until"`
	// Exceptions are days on which the rule does not apply. COUNT counts them.
	Exceptions []Date `json:"exceptions,omitempty"`
	// Weeks keeps odd or even weeks only. COUNT counts the others too.
	Weeks Weeks `json:"weeks,omitempty"`
}

// Validate refuses a rule that cannot be expanded. The error says what is wrong.
func (r Rule) Validate() error {
	_, err := r.recurrence()
	return err
}

// recurrence checks the rule and reads RRule; it is nil for a single day.
func (r Rule) recurrence() (*rrule.ROption, error) {
	switch {
	case !r.Start.Valid() || r.Start.Year < firstYear || r.Start.Year > lastYear:
		return nil, fmt.Errorf("first day %q: want a day from %d to %d", r.Start, firstYear, lastYear)
	case !r.Until.IsZero() && (!r.Until.Valid() || r.Until.Before(r.Start)):
		return nil, fmt.Errorf("last day %q: want a day from %s on", r.Until, r.Start)
	case r.From < 0 || r.From >= dayMinutes:
		return nil, fmt.Errorf("beginning at %d minutes: want 0 to 1439", r.From)
	case r.To <= r.From || r.To > r.From+dayMinutes:
		return nil, fmt.Errorf("end at %d minutes: want after %d, by one day at most", r.To, r.From)
	}
	if err := r.Weeks.Validate(); err != nil {
		return nil, err
	}
	if r.RRule == "" {
		return nil, nil
	}
	option, err := parseRecurrence(r.RRule)
	if err != nil {
		return nil, fmt.Errorf("recurrence %q: %w", r.RRule, err)
	}
	return option, nil
}

// parseRecurrence accepts the part of RFC 5545 that Rule documents. The library
// takes more, some of which has no meaning for days or no bound.
func parseRecurrence(text string) (*rrule.ROption, error) {
	if len(text) > textLimit {
		return nil, fmt.Errorf("longer than %d characters", textLimit)
	}
	parts := map[string]string{}
	for part := range strings.SplitSeq(text, ";") {
		name, value, _ := strings.Cut(part, "=")
		if _, twice := parts[name]; twice {
			return nil, fmt.Errorf("%s is given twice", name)
		}
		parts[name] = value
		if err := checkPart(name, value); err != nil {
			return nil, err
		}
	}
	if parts["COUNT"] != "" && parts["UNTIL"] != "" {
		return nil, errors.New("COUNT and UNTIL exclude each other")
	}
	option, err := rrule.StrToROption(text)
	if err != nil {
		return nil, err
	}
	for _, day := range option.Byweekday {
		limit := 0 // BYDAY=2MO has a meaning in a month or a year
		switch {
		case option.Freq == rrule.MONTHLY || option.Freq == rrule.YEARLY && len(option.Bymonth) > 0:
			limit = 5
		case option.Freq == rrule.YEARLY:
			limit = 53
		}
		if day.N() > limit || day.N() < -limit {
			return nil, fmt.Errorf("BYDAY=%s has no meaning with FREQ=%s", day, option.Freq)
		}
	}
	if _, err := rrule.NewRRule(*option); err != nil {
		return nil, err
	}
	return option, nil
}

func checkPart(name, value string) error {
	switch name {
	case "FREQ":
		if !slices.Contains([]string{"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}, value) {
			return fmt.Errorf("FREQ=%s: want DAILY, WEEKLY, MONTHLY or YEARLY", value)
		}
	case "INTERVAL", "COUNT":
		limit := intervalLimit
		if name == "COUNT" {
			limit = OccurrenceLimit
		}
		if n, err := strconv.Atoi(value); err != nil || n < 1 || n > limit {
			return fmt.Errorf("%s=%s: want 1 to %d", name, value, limit)
		}
	case "UNTIL":
		if len(value) != len("20061231") {
			return fmt.Errorf("UNTIL=%s: want a day such as 20261231", value)
		}
	case "WKST", "BYDAY", "BYMONTH", "BYMONTHDAY", "BYSETPOS":
	default:
		return fmt.Errorf("%q is not supported", name)
	}
	return nil
}
