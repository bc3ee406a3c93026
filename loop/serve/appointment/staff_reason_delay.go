package appointment

import (
	"strconv"
	"strings"

	"parvis/platform/fault"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// unitMinutes are the units of the form in which delays are typed: minutes,
// hours, days, weeks.
func unitMinutes(unit string) int {
	return map[string]int{"m": 1, "h": 60, "j": 24 * 60, "s": 7 * 24 * 60}[unit]
}

// delayField is a delay of a reason: a number kept in Base, typed in one of
// Units, at most Days long.
type delayField struct {
	Name, Base string
	Units      []string // the smallest first
	Days       int
}

func delayFields() []delayField {
	return []delayField{{"min_delay", "m", []string{"m", "h", "j"}, 60}, {"max_delay", "j", []string{"j", "s"}, 365},
		{"cancel_hours", "h", []string{"h", "j"}, 30}, {"move_hours", "h", []string{"h", "j"}, 30}}
}

// shown is the number in the largest unit that says it whole.
func (d delayField) shown(n int) (text, unit string) {
	minutes := n * unitMinutes(d.Base)
	unit = d.Units[0]
	for _, u := range d.Units {
		if n != 0 && minutes%unitMinutes(u) == 0 {
			unit = u
		}
	}
	return strconv.Itoa(minutes / unitMinutes(unit)), unit
}

// read turns what was typed into the kept number; no unit is that of the kept one.
func (d delayField) read(wrong *fault.Fields, text, unit string) int {
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if unit == "" {
		unit = d.Base
	}
	minutes := unitMinutes(unit)
	switch {
	case err != nil || minutes == 0:
		wrong.Add(d.Name, "appointment.staff.error.number")
	case n < 0 || n > d.Days*24*60 || n*minutes > d.Days*24*60:
		wrong.Add(d.Name, "appointment.staff.error.delay", "Days", d.Days)
	case n*minutes%unitMinutes(d.Base) != 0:
		wrong.Add(d.Name, "appointment.staff.error.number")
	default:
		return n * minutes / unitMinutes(d.Base)
	}
	return 0
}

// options are the units of the list beside the number.
func (d delayField) options(c *web.Context, chosen string) []page.Option {
	var out []page.Option
	for _, u := range d.Units {
		out = append(out, page.Option{Value: u, Label: c.T("appointment.staff.unit." + u), Selected: u == chosen})
	}
	return out
}
