package appointment

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"parvis/platform/calendar"
	"parvis/platform/i18n"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// How often a range comes back, as the form says it: every week, odd or even
// weeks of ISO 8601, one week in n from the first day on, one day, or a rhythm
// that the form cannot write and keeps.
const (
	everyWeek = "all"
	oneDay    = "once"
	keptAsIs  = "kept"
)

// rhythms are the choices of the form, in order.
func rhythms() []string { return []string{everyWeek, "odd", "even", "2", "3", "4", oneDay} }

// weekly is what the form writes: RFC 5545, weekly, on days of the week.
var weekly = regexp.MustCompile(`^FREQ=WEEKLY;(?:INTERVAL=([0-9]+);)?BYDAY=[A-Z,]+$`)

// rhythmOf reads how often a rule comes back.
func rhythmOf(when calendar.Rule) string {
	if when.RRule == "" {
		return oneDay
	}
	m := weekly.FindStringSubmatch(when.RRule)
	switch {
	case m == nil:
		return keptAsIs
	case m[1] != "" && m[1] != "1":
		return m[1]
	case when.Weeks == calendar.OddWeeks || when.Weeks == calendar.EvenWeeks:
		return string(when.Weeks)
	}
	return everyWeek
}

// recur writes how often: days are those of RFC 5545. old is the rhythm kept.
func recur(when *calendar.Rule, rhythm string, days []string, old string) {
	when.Weeks = ""
	switch rhythm {
	case oneDay:
		when.RRule, when.Until, when.Exceptions = "", calendar.Date{}, nil
	case keptAsIs:
		when.RRule = old
	case "odd", "even":
		when.RRule, when.Weeks = "FREQ=WEEKLY;BYDAY="+strings.Join(days, ","), calendar.Weeks(rhythm)
	default:
		when.RRule = "FREQ=WEEKLY;BYDAY=" + strings.Join(days, ",")
		if n, err := strconv.Atoi(rhythm); err == nil {
			when.RRule = fmt.Sprintf("FREQ=WEEKLY;INTERVAL=%d;BYDAY=%s", n, strings.Join(days, ","))
		}
	}
}

// knownRhythm tells whether a form can have sent it: one of the list, or every
// n weeks of a range made elsewhere.
func knownRhythm(rhythm string) bool {
	if n, err := strconv.Atoi(rhythm); err == nil {
		return n > 1 && n <= 53
	}
	return rhythm == "" || rhythm == keptAsIs || slices.Contains(rhythms(), rhythm)
}

// rhythmOptions are the list of the form; a rhythm of another making is one of
// them only where it stands.
func rhythmOptions(c *web.Context, chosen string) []page.Option {
	list := rhythms()
	if chosen == keptAsIs {
		list = append([]string{keptAsIs}, list...)
	}
	if n, err := strconv.Atoi(chosen); err == nil && n > 4 {
		list = append([]string{chosen}, list...)
	}
	var out []page.Option
	for _, r := range list {
		out = append(out, page.Option{Value: r, Label: rhythmWord(c.Ctx(), r), Selected: r == chosen})
	}
	return out
}

// rhythmWord is « une semaine sur deux ».
func rhythmWord(ctx context.Context, rhythm string) string {
	if n, err := strconv.Atoi(rhythm); err == nil {
		return i18n.T(ctx, "appointment.staff.weeks.every", "N", n)
	}
	return i18n.T(ctx, "appointment.staff.weeks."+rhythm)
}
