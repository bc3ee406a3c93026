package appointment

import (
	"testing"

	"parvis/platform/fault"
)

func TestDelaysComeBackAsTheyWereTyped(t *testing.T) {
	for _, d := range delayFields() {
		for _, n := range []int{0, 1, 2, 3, 24, 48, 60, 90} {
			if d.Days*24*60 < n*unitMinutes(d.Base) {
				continue
			}
			text, unit := d.shown(n)
			var wrong fault.Fields
			if got := d.read(&wrong, text, unit); got != n || len(wrong) > 0 {
				t.Errorf("%s: %d is shown as %s %s and read as %d (%v)", d.Name, n, text, unit, got, wrong)
			}
		}
	}
	cancel := delayFields()[2]
	for _, x := range []struct {
		n          int
		text, unit string
	}{{4, "4", "h"}, {48, "2", "j"}, {36, "36", "h"}, {0, "0", "h"}} {
		if text, unit := cancel.shown(x.n); text != x.text || unit != x.unit {
			t.Errorf("%d hours are shown as %s %s", x.n, text, unit)
		}
	}
}

func TestDelaysRefuse(t *testing.T) {
	for _, x := range []struct{ text, unit, key string }{
		{"trois", "j", "appointment.staff.error.number"}, {"", "h", "appointment.staff.error.number"}, {"3", "siècles", "appointment.staff.error.number"},
		{"-1", "j", "appointment.staff.error.delay"}, {"61", "j", "appointment.staff.error.delay"}, {"9223372036854775807", "j", "appointment.staff.error.delay"},
	} {
		var wrong fault.Fields
		delayFields()[0].read(&wrong, x.text, x.unit)
		if len(wrong) != 1 || wrong[0].Name != "min_delay" || wrong[0].Key != x.key {
			t.Errorf("%q %q: %v, want %s", x.text, x.unit, wrong, x.key)
		}
	}
}
