package calendar_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"parvis/platform/calendar"
	"parvis/platform/hours"
)

func place(t testing.TB, name string) *time.Location {
	t.Helper()
	l, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// worked is the naive form: is the minute that begins at an instant a working one?
// It reads the clock on the wall, and knows nothing of intervals.
func worked(w calendar.Working, at time.Time) bool {
	wall := at.In(w.Location)
	if _, holiday := calendar.HolidayOn(calendar.DateOf(at, w.Location), w.Zone); holiday {
		return false
	}
	for _, c := range w.Closed {
		if c.Contains(at.UnixMicro()) {
			return false
		}
	}
	minute := wall.Hour()*60 + wall.Minute()
	for _, s := range w.Week[wall.Weekday()] {
		if s.From <= minute && minute < s.To {
			return true
		}
	}
	return false
}

func TestWorkingAgainstMinuteByMinute(t *testing.T) {
	towns := []struct {
		zone     calendar.Zone
		location *time.Location
	}{
		{calendar.ZoneMainland, place(t, "Europe/Paris")}, {calendar.ZoneAlsaceMoselle, place(t, "Europe/Paris")},
		{calendar.ZoneReunion, place(t, "Indian/Reunion")}, {calendar.ZoneSaintPierreEtMiquelon, place(t, "America/Miquelon")},
		{calendar.ZonePolynesie, place(t, "Pacific/Marquesas")}, {calendar.ZoneMartinique, place(t, "America/Martinique")},
	}
	// Days about which a mistake would be seen: both changes of clocks in Europe and
	// in Saint-Pierre, the end of the year, May and its holidays.
	days := []calendar.Date{calendar.On(2026, 3, 27), calendar.On(2026, 10, 23), calendar.On(2026, 3, 6), calendar.On(2026, 10, 30),
		calendar.On(2026, 12, 23), calendar.On(2026, 5, 1), calendar.On(2026, 4, 2), calendar.On(2026, 5, 21)}
	rapid.Check(t, func(t *rapid.T) {
		town := rapid.SampledFrom(towns).Draw(t, "town")
		w := calendar.Working{Zone: town.zone, Location: town.location}
		for day := range w.Week {
			at := rapid.IntRange(0, 700).Draw(t, "from")
			for at < 1440 && rapid.Bool().Draw(t, "another") {
				end := min(at+rapid.IntRange(1, 600).Draw(t, "length"), 1440)
				if end-at < 1 {
					break
				}
				w.Week[day] = append(w.Week[day], hours.Span{From: at, To: end})
				at = end + rapid.IntRange(1, 300).Draw(t, "gap")
			}
			// Half hours that a change of clocks skips or repeats in the middle of a span
			// are read differently by a wall clock; whole spans around them are not.
			for i, s := range w.Week[day] {
				if s.From > 0 && s.From <= 180 {
					w.Week[day][i].From = 0
				}
				if s.To <= 180 {
					w.Week[day][i].To = 181
				}
			}
			w.Week[day] = tidy(w.Week[day])
		}
		start := rapid.SampledFrom(days).Draw(t, "day").Start(town.location).Add(time.Duration(rapid.IntRange(-1440, 4320).Draw(t, "start")) * time.Minute)
		for range rapid.IntRange(0, 3).Draw(t, "closures") {
			from := start.Add(time.Duration(rapid.IntRange(-500, 5000).Draw(t, "close")) * time.Minute)
			w.Closed = append(w.Closed, calendar.Span(from, from.Add(time.Duration(rapid.IntRange(1, 2000).Draw(t, "closed"))*time.Minute)))
		}
		const span = 6 * 1440
		count, at := 0, make([]time.Time, 1, 512)
		at[0] = start
		for m := range span {
			if now := start.Add(time.Duration(m) * time.Minute); worked(w, now) {
				count++
				at = append(at, now.Add(time.Minute))
			}
		}
		if got := w.Minutes(start, start.Add(span*time.Minute)); got != count {
			t.Fatalf("Minutes %d, minute by minute %d", got, count)
		}
		n := rapid.IntRange(0, count).Draw(t, "n")
		if got := w.Add(start, n); !got.Equal(at[n]) {
			t.Fatalf("Add %d: %v, minute by minute %v", n, got, at[n].UTC())
		}
		if got := w.Minutes(start, w.Add(start, n)); got != n {
			t.Fatalf("Minutes of Add %d: %d", n, got)
		}
	})
}

// tidy joins what overlaps, as hours.ParseDay gives it.
func tidy(spans []hours.Span) []hours.Span {
	var out []hours.Span
	for _, s := range spans {
		if n := len(out); n > 0 && s.From <= out[n-1].To {
			out[n-1].To = max(out[n-1].To, s.To)
		} else {
			out = append(out, s)
		}
	}
	return out
}

// For any instants, to the microsecond: counting goes forward, splits, and comes
// back to what was added.
func TestWorkingLaws(t *testing.T) {
	paris := place(t, "Europe/Paris")
	w := calendar.Working{Week: calendar.OfficeHours(), Location: paris,
		Closed: []calendar.Interval{calendar.Span(time.Date(2026, 8, 3, 0, 0, 0, 0, paris), time.Date(2026, 8, 10, 0, 0, 0, 0, paris))}}
	rapid.Check(t, func(t *rapid.T) {
		start := time.UnixMicro(rapid.Int64Range(1_770_000_000_000_000, 1_800_000_000_000_000).Draw(t, "start"))
		a, b := rapid.IntRange(0, 20000).Draw(t, "a"), rapid.IntRange(0, 20000).Draw(t, "b")
		if one, two := w.Add(start, a+b), w.Add(w.Add(start, a), b); !one.Equal(two) {
			t.Fatalf("%d then %d: %v, at once %v", a, b, two, one)
		}
		due := w.Add(start, a)
		if got := w.Minutes(start, due); got != a {
			t.Fatalf("%d minutes to %v, want %d", got, due, a)
		}
		if a > 0 && w.Minutes(start, due.Add(-time.Microsecond)) >= a {
			t.Fatal("the due instant is not the first one")
		}
	})
}

func TestWorkingExamples(t *testing.T) {
	paris, reunion := place(t, "Europe/Paris"), place(t, "Indian/Reunion")
	office := calendar.OfficeHours()
	var nights hours.Week
	for d := range nights {
		nights[d] = []hours.Span{{From: 0, To: 24 * 60}}
	}
	for _, x := range []struct {
		name    string
		w       calendar.Working
		start   string
		minutes int
		want    string
	}{
		{"within the morning", calendar.Working{Week: office, Location: paris}, "2026-11-24T09:00:00+01:00", 60, "2026-11-24T10:00:00+01:00"},
		{"over lunch", calendar.Working{Week: office, Location: paris}, "2026-11-24T11:30:00+01:00", 60, "2026-11-24T14:00:00+01:00"},
		{"to the end of the day, not the next morning", calendar.Working{Week: office, Location: paris}, "2026-11-24T08:00:00+01:00", 480, "2026-11-24T17:30:00+01:00"},
		{"over a weekend and its clocks", calendar.Working{Week: office, Location: paris}, "2026-03-27T17:00:00+01:00", 60, "2026-03-30T08:30:00+02:00"},
		{"over the other weekend", calendar.Working{Week: office, Location: paris}, "2026-10-23T17:00:00+02:00", 60, "2026-10-26T08:30:00+01:00"},
		{"a night of 23 hours", calendar.Working{Week: nights, Location: paris}, "2026-03-28T12:00:00+01:00", 1440, "2026-03-29T13:00:00+02:00"},
		{"a night of 25 hours", calendar.Working{Week: nights, Location: paris}, "2026-10-24T12:00:00+02:00", 1440, "2026-10-25T11:00:00+01:00"},
		{"14 July", calendar.Working{Week: office, Location: paris}, "2026-07-13T17:00:00+02:00", 60, "2026-07-15T08:30:00+02:00"},
		{"20 December works in Poitiers", calendar.Working{Week: nights, Location: paris}, "2026-12-20T10:00:00+01:00", 60, "2026-12-20T11:00:00+01:00"},
		{"20 December in Réunion", calendar.Working{Week: nights, Zone: calendar.ZoneReunion, Location: reunion}, "2026-12-20T10:00:00+04:00", 60, "2026-12-21T01:00:00+04:00"},
		{"no minute", calendar.Working{Week: office, Location: paris}, "2026-11-22T09:00:00+01:00", 0, "2026-11-22T09:00:00+01:00"},
		{"never open", calendar.Working{Location: paris}, "2026-11-22T09:00:00+01:00", 60, "2026-11-22T10:00:00+01:00"},
		{"no place said", calendar.Working{Week: office}, "2026-11-24T09:00:00Z", 60, "2026-11-24T10:00:00Z"},
	} {
		start, want := moment(t, x.start), moment(t, x.want)
		if got := x.w.Add(start, x.minutes); !got.Equal(want) {
			t.Errorf("%s: %v, want %v", x.name, got, want.UTC())
		}
	}
	w := calendar.Working{Week: office, Location: paris}
	if got := w.Minutes(moment(t, "2026-11-25T00:00:00+01:00"), moment(t, "2026-11-24T00:00:00+01:00")); got != 0 {
		t.Errorf("backwards: %d", got)
	}
	if got := w.Open(calendar.On(2026, 11, 24)); fmt.Sprint(len(got)) != "2" || calendar.Total(got) != 8*time.Hour {
		t.Errorf("a Tuesday: %v", got)
	}
	if got := w.Open(calendar.On(2026, 11, 11)); len(got) != 0 {
		t.Errorf("11 November: %v", got)
	}
}

func moment(t testing.TB, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func BenchmarkWorkingAdd(b *testing.B) {
	w := calendar.Working{Week: calendar.OfficeHours(), Location: place(b, "Europe/Paris")}
	start := moment(b, "2026-11-24T09:00:00+01:00")
	for b.Loop() {
		w.Add(start, 10*480)
	}
}
