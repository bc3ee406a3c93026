package hours

import (
	"time"

	"parvis/platform/i18n"
)

// OpenNow tells whether the place is open at t, and when that changes: the
// closing time when open, the next opening when closed. The change is zero when
// the place never opens, or never closes. Days and hours are those of t's
// location: pass t in the zone of the place. An opening that runs through
// midnight (« … – 24 h », « 0 h – … ») is one opening.
func OpenNow(week Week, t time.Time) (open bool, change time.Time) {
	for offset := 0; offset <= 7; offset++ { // today a week later included
		for _, s := range week[(int(t.Weekday())+offset)%7] {
			from, to := at(t, offset, s.From), at(t, offset, s.To)
			switch {
			case open && from.Equal(change):
				change = to // runs on from the span before
			case open:
				return true, change
			case !to.After(t):
			case from.After(t):
				return false, from
			default:
				open, change = true, to
			}
		}
		if open && change.Before(at(t, offset+1, 0)) {
			return true, change
		}
	}
	if open {
		return true, time.Time{}
	}
	return false, time.Time{}
}

// at is the given minute of the wall clock, some days after the day of t. On the
// night the clock changes, a minute that does not exist is the one it becomes.
func at(t time.Time, days, minutes int) time.Time {
	year, month, day := t.Date()
	return time.Date(year, month, day+days, 0, minutes, 0, 0, t.Location())
}

// Status says it in one sentence: "Ouvert jusqu’à 17 h", "Ouvre demain à 9 h",
// "Ouvre mardi à 9 h", "Fermé". t as in OpenNow.
func Status(l *i18n.Localizer, week Week, t time.Time) string {
	open, change := OpenNow(week, t)
	if change.IsZero() {
		if open {
			return l.T("hours.status.always")
		}
		return l.T("hours.status.closed")
	}
	l = l.In(t.Location())
	clock := l.Clock(change)
	days := 0
	for !at(t, days+1, 0).After(change) && days < 8 {
		days++
	}
	switch {
	case open && change.Equal(at(t, 1, 0)):
		return l.T("hours.status.untilmidnight")
	case open && days == 0:
		return l.T("hours.status.until", "Time", clock)
	case open && days == 1:
		return l.T("hours.status.untiltomorrow", "Time", clock)
	case open:
		return l.T("hours.status.untilday", "Day", l.T(dayKey(change.Weekday())), "Time", clock)
	case days == 0:
		return l.T("hours.status.today", "Time", clock)
	case days == 1:
		return l.T("hours.status.tomorrow", "Time", clock)
	case days == 7:
		return l.T("hours.status.nextweek", "Day", l.T(dayKey(change.Weekday())), "Time", clock)
	}
	return l.T("hours.status.day", "Day", l.T(dayKey(change.Weekday())), "Time", clock)
}
