package hours_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"parvis/platform/hours"
	"parvis/platform/i18n"
)

func localizer(t testing.TB, lang string) *i18n.Localizer {
	t.Helper()
	catalogue, err := i18n.New(hours.Locales)
	if err != nil {
		t.Fatal(err)
	}
	return catalogue.Localizer(lang)
}

func townHall(t testing.TB) hours.Week {
	t.Helper()
	whole := spans(t, "09:00-12:00 13:30-17:00")
	return hours.Week{
		time.Monday: spans(t, "13:30-17:00"), time.Tuesday: whole, time.Wednesday: whole, time.Thursday: whole,
		time.Friday: spans(t, "09:00-12:00"),
	}
}

func TestGroups(t *testing.T) {
	show := func(lang string, week hours.Week) []string {
		l := localizer(t, lang)
		var lines []string
		for _, g := range week.Groups() {
			lines = append(lines, g.Days(l)+"|"+g.Hours(l))
		}
		return lines
	}
	const n = "\u00a0"
	if diff := cmp.Diff([]string{
		"Lundi|13" + n + "h" + n + "30" + n + "– 17" + n + "h",
		"Mardi au jeudi|9" + n + "h" + n + "– 12" + n + "h, 13" + n + "h" + n + "30" + n + "– 17" + n + "h",
		"Vendredi|9" + n + "h" + n + "– 12" + n + "h",
		"Samedi et dimanche|fermé",
	}, show("fr", townHall(t))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{
		"Monday|1:30" + n + "pm" + n + "– 5" + n + "pm",
		"Tuesday to Thursday|9" + n + "am" + n + "– 12" + n + "pm, 1:30" + n + "pm" + n + "– 5" + n + "pm",
		"Friday|9" + n + "am" + n + "– 12" + n + "pm",
		"Saturday and Sunday|closed",
	}, show("en", townHall(t))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"Lundi au dimanche|fermé"}, show("fr", hours.Week{})); diff != "" {
		t.Error(diff)
	}
	if !(hours.Week{}).Closed() || townHall(t).Closed() {
		t.Error("Closed is wrong")
	}
	for _, g := range townHall(t).Groups() {
		if got, want := g.Has(time.Sunday), g.First == time.Saturday; got != want {
			t.Errorf("%v has Sunday: %v", g, got)
		}
	}
}

func TestOpenNowAndStatus(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	always := hours.Week{}
	for day := range always {
		always[day] = spans(t, "00:00-24:00")
	}
	night := hours.Week{time.Friday: spans(t, "20:00-24:00"), time.Saturday: spans(t, "00:00-04:00")}
	monday := hours.Week{time.Monday: spans(t, "09:00-12:00")}
	// 24 November 2026 is a Tuesday.
	for _, c := range []struct {
		week   hours.Week
		now    string
		open   bool
		change string
		status string
	}{
		{townHall(t), "2026-11-24 08:59", false, "2026-11-24 09:00", "Ouvre à 9 h"},
		{townHall(t), "2026-11-24 09:00", true, "2026-11-24 12:00", "Ouvert jusqu’à 12 h"},
		{townHall(t), "2026-11-24 11:59", true, "2026-11-24 12:00", "Ouvert jusqu’à 12 h"},
		{townHall(t), "2026-11-24 12:00", false, "2026-11-24 13:30", "Ouvre à 13 h 30"},
		{townHall(t), "2026-11-24 17:00", false, "2026-11-25 09:00", "Ouvre demain à 9 h"},
		{townHall(t), "2026-11-27 18:00", false, "2026-11-30 13:30", "Ouvre lundi à 13 h 30"},
		{monday, "2026-11-23 12:00", false, "2026-11-30 09:00", "Ouvre lundi prochain à 9 h"},
		{monday, "2026-11-23 08:00", false, "2026-11-23 09:00", "Ouvre à 9 h"},
		{monday, "2026-11-22 23:59", false, "2026-11-23 09:00", "Ouvre demain à 9 h"},
		{night, "2026-11-27 23:00", true, "2026-11-28 04:00", "Ouvert jusqu’à demain, 4 h"},
		{night, "2026-11-28 00:00", true, "2026-11-28 04:00", "Ouvert jusqu’à 4 h"},
		{hours.Week{time.Tuesday: spans(t, "20:00-24:00")}, "2026-11-24 21:00", true, "2026-11-25 00:00", "Ouvert jusqu’à minuit"},
		{hours.Week{time.Tuesday: spans(t, "20:00-24:00"), time.Wednesday: spans(t, "00:00-24:00"), time.Thursday: spans(t, "00:00-08:00")},
			"2026-11-24 21:00", true, "2026-11-26 08:00", "Ouvert jusqu’à jeudi, 8 h"},
		{always, "2026-11-24 21:00", true, "", "Ouvert jour et nuit"},
		{hours.Week{}, "2026-11-24 21:00", false, "", "Fermé"},
		// The clock goes back on 25 October 2026: the wall clock counts, not the elapsed time.
		{hours.Week{time.Sunday: spans(t, "00:00-10:00")}, "2026-10-25 01:00", true, "2026-10-25 10:00", "Ouvert jusqu’à 10 h"},
		{hours.Week{time.Sunday: spans(t, "09:00-10:00")}, "2026-03-28 23:00", false, "2026-03-29 09:00", "Ouvre demain à 9 h"},
	} {
		now, err := time.ParseInLocation("2006-01-02 15:04", c.now, paris)
		if err != nil {
			t.Fatal(err)
		}
		open, change := hours.OpenNow(c.week, now)
		got := ""
		if !change.IsZero() {
			got = change.Format("2006-01-02 15:04")
		}
		if open != c.open || got != c.change {
			t.Errorf("%s: open %v until %s; want %v until %s", c.now, open, got, c.open, c.change)
		}
		if got := plain(hours.Status(localizer(t, "fr"), c.week, now)); got != c.status {
			t.Errorf("%s: %q, want %q", c.now, got, c.status)
		}
	}
}

func plain(text string) string {
	out := []rune(text)
	for i, r := range out {
		if r == '\u00a0' {
			out[i] = ' '
		}
	}
	return string(out)
}

// TestOpenNowAgainstEveryMinute compares with the naive answer: look at each
// minute until the state differs.
func TestOpenNowAgainstEveryMinute(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var week hours.Week
		isOpen := func(minute int) bool { // minutes since Sunday 0 h
			for _, s := range week[minute/1440%7] {
				if m := minute % 1440; s.From <= m && m < s.To {
					return true
				}
			}
			return false
		}
		for day := range week {
			if rapid.Bool().Draw(t, "open") {
				from := rapid.SampledFrom([]int{0, 540, 600}).Draw(t, "from")
				to := rapid.SampledFrom([]int{720, 1020, 1440}).Draw(t, "to")
				week[day] = []hours.Span{{From: from, To: to}}
			}
		}
		start := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC) // a Sunday
		minute := rapid.IntRange(0, 7*1440-1).Draw(t, "minute")
		open, change := hours.OpenNow(week, start.Add(time.Duration(minute)*time.Minute))
		want := minute + 1
		for want <= minute+7*1440 && isOpen(want) == isOpen(minute) {
			want++
		}
		switch {
		case open != isOpen(minute):
			t.Fatalf("minute %d of %v: open %v", minute, week, open)
		case want > minute+7*1440:
			if !change.IsZero() {
				t.Fatalf("minute %d of %v never changes, got %v", minute, week, change)
			}
		case !change.Equal(start.Add(time.Duration(want) * time.Minute)):
			t.Fatalf("minute %d of %v changes at %v, want minute %d", minute, week, change, want)
		}
	})
}
