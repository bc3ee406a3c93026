package i18n

import (
	"fmt"
	"strconv"
	"sync"
	"time"
	_ "time/tzdata" // the zones are in the program: a bare container shows the right hour
)

const (
	nbsp   = "\u00a0" // no-break space
	narrow = "\u202f" // narrow no-break space, between thousands
	minus  = "\u2212"
)

var paris = sync.OnceValue(func() *time.Location {
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		panic("i18n: the embedded time zones lack Europe/Paris: " + err.Error())
	}
	return zone
})

// Location returns the zone in which the localizer shows times, Europe/Paris
// when none was given.
func (l *Localizer) Location() *time.Location {
	if l.zone != nil {
		return l.zone
	}
	return paris()
}

// Day returns "mardi 24 novembre", "mardi 1er décembre"; "Tuesday 24 November".
func (l *Localizer) Day(t time.Time) string {
	t = t.In(l.Location())
	return l.weekday(t) + " " + l.dayMonth(t)
}

// DayWithYear is Day, with the year when it is not that of now: "samedi
// 2 janvier 2027".
func (l *Localizer) DayWithYear(t, now time.Time) string {
	zone := l.Location()
	if t.In(zone).Year() == now.In(zone).Year() {
		return l.Day(t)
	}
	return l.weekday(t.In(zone)) + " " + l.Date(t)
}

// DayShort returns "mar. 24 nov."; "Tue 24 Nov".
func (l *Localizer) DayShort(t time.Time) string {
	t = t.In(l.Location())
	if l.lang == English {
		return t.Format("Mon") + nbsp + t.Format("2") + nbsp + t.Format("Jan")
	}
	return frenchDays()[t.Weekday()][:3] + "." + nbsp + l.dayNumber(t) + nbsp + frenchShortMonths()[t.Month()-1]
}

// Date returns "24 novembre 2026"; "24 November 2026".
func (l *Localizer) Date(t time.Time) string {
	t = t.In(l.Location())
	return l.dayMonth(t) + nbsp + strconv.Itoa(t.Year())
}

// DateNumeric returns "24/11/2026" in both languages, for tables and as the
// example beside a date field.
func (l *Localizer) DateNumeric(t time.Time) string {
	return t.In(l.Location()).Format("02/01/2006")
}

// Clock returns "9 h 30", "9 h"; "9:30 am", "9 am".
func (l *Localizer) Clock(t time.Time) string {
	t = t.In(l.Location())
	return l.ClockMinutes(60*t.Hour() + t.Minute())
}

// ClockMinutes is Clock for a time of day in minutes after midnight, 0 to 1440.
// In French 1440 is "24 h", the end of a day.
func (l *Localizer) ClockMinutes(minutes int) string {
	hour, minute := minutes/60, minutes%60
	if l.lang == English {
		half := "am"
		if hour%24 >= 12 {
			half = "pm"
		}
		hour = (hour+11)%12 + 1
		if minute == 0 {
			return fmt.Sprintf("%d%s%s", hour, nbsp, half)
		}
		return fmt.Sprintf("%d:%02d%s%s", hour, minute, nbsp, half)
	}
	if minute == 0 {
		return fmt.Sprintf("%d%sh", hour, nbsp)
	}
	return fmt.Sprintf("%d%sh%s%02d", hour, nbsp, nbsp, minute)
}

// ClockRange returns "8 h 30 – 12 h"; "8:30 am – 12 pm". Midnight at the end of
// a range that starts earlier is written "24 h" in French.
func (l *Localizer) ClockRange(from, to time.Time) string {
	end := l.Clock(to)
	if last := to.In(l.Location()); to.After(from) && last.Hour() == 0 && last.Minute() == 0 {
		end = l.ClockMinutes(24 * 60)
	}
	return l.Clock(from) + nbsp + "– " + end
}

// DayTime returns "mardi 24 novembre à 9 h 30"; "Tuesday 24 November at 9:30 am".
func (l *Localizer) DayTime(t time.Time) string {
	return l.Day(t) + l.at() + l.Clock(t)
}

// DayTimeRelative returns "aujourd’hui, 9 h 30", "demain, 9 h 30" or "hier,
// 9 h 30" when it is true in the localizer's zone, else DayTime, with the year
// when it is not that of now.
func (l *Localizer) DayTimeRelative(t, now time.Time) string {
	names := [...]string{"hier", "aujourd’hui", "demain"}
	if l.lang == English {
		names = [...]string{"yesterday", "today", "tomorrow"}
	}
	if days := l.civil(t) - l.civil(now); days >= -1 && days <= 1 {
		return names[days+1] + ", " + l.Clock(t)
	}
	return l.DayWithYear(t, now) + l.at() + l.Clock(t)
}

// Period returns the days from first to last, both included: "du 24 au
// 30 novembre 2026", "du 24 novembre au 3 décembre 2026", "du 28 décembre 2026 au
// 3 janvier 2027", "le 24 novembre 2026"; "24 to 30 November 2026".
func (l *Localizer) Period(first, last time.Time) string {
	a, b := first.In(l.Location()), last.In(l.Location())
	from := l.Date(a)
	switch {
	case l.civil(a) == l.civil(b):
		if l.lang == English {
			return from
		}
		return "le " + from
	case a.Year() == b.Year() && a.Month() == b.Month():
		from = l.dayNumber(a)
	case a.Year() == b.Year():
		from = l.dayMonth(a)
	}
	if l.lang == English {
		return from + " to " + l.Date(b)
	}
	return "du " + from + " au " + l.Date(b)
}

// civil counts the days since 1 January 1970 in the localizer's zone.
func (l *Localizer) civil(t time.Time) int64 {
	y, m, d := t.In(l.Location()).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400
}

func (l *Localizer) at() string {
	if l.lang == English {
		return " at "
	}
	return " à "
}

func (l *Localizer) weekday(t time.Time) string {
	if l.lang == English {
		return t.Weekday().String()
	}
	return frenchDays()[t.Weekday()]
}

func (l *Localizer) dayMonth(t time.Time) string {
	if l.lang == English {
		return l.dayNumber(t) + nbsp + t.Month().String()
	}
	return l.dayNumber(t) + nbsp + frenchMonths()[t.Month()-1]
}

// dayNumber writes the first of the month "1er" in French.
func (l *Localizer) dayNumber(t time.Time) string {
	if t.Day() == 1 && l.lang == French {
		return "1er"
	}
	return strconv.Itoa(t.Day())
}

func frenchDays() [7]string {
	return [7]string{"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"}
}

func frenchMonths() [12]string {
	return [12]string{"janvier", "février", "mars", "avril", "mai", "juin",
		"juillet", "août", "septembre", "octobre", "novembre", "décembre"}
}

func frenchShortMonths() [12]string {
	return [12]string{"janv.", "févr.", "mars", "avr.", "mai", "juin",
		"juil.", "août", "sept.", "oct.", "nov.", "déc."}
}
