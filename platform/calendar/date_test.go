package calendar_test

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"

	"parvis/platform/calendar"
)

// fataler is a testing.TB or a rapid.T.
type fataler interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

func zone(t fataler, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func day(t fataler, s string) calendar.Date {
	t.Helper()
	d, err := calendar.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// anyDate draws a day from 1970 to 2200.
func anyDate() *rapid.Generator[calendar.Date] {
	return rapid.Custom(func(t *rapid.T) calendar.Date {
		return calendar.On(1970, time.January, 1+rapid.IntRange(0, 84000).Draw(t, "day"))
	})
}

func TestParseDate(t *testing.T) {
	for in, want := range map[string]string{
		"2026-11-24": "2026-11-24", "24/11/2026": "2026-11-24", "1/2/2026": "2026-02-01", "01.02.2026": "2026-02-01",
		"1-2-2026": "2026-02-01", "29/02/2028": "2028-02-29", "0001-01-01": "0001-01-01",
	} {
		if got := day(t, in).String(); got != want {
			t.Errorf("ParseDate(%q) = %s, want %s", in, got, want)
		}
	}
	for _, in := range []string{"", "29/02/2026", "31/04/2026", "2026-13-01", "2026-00-10", "2026-1-1", "00/01/2026",
		"24/11/26", "0000-01-01", "2026-11-24T00:00", " 2026-11-24", "24/11/2026x", "demain", "٢٤/١١/٢٠٢٦"} {
		if got, err := calendar.ParseDate(in); err == nil {
			t.Errorf("ParseDate(%q) = %s, want an error", in, got)
		}
	}
}

func TestDateArithmetic(t *testing.T) {
	tests := []struct{ got, want calendar.Date }{
		{day(t, "2026-12-31").AddDays(1), day(t, "2027-01-01")},
		{day(t, "2028-03-01").AddDays(-1), day(t, "2028-02-29")},
		{day(t, "2026-01-31").AddMonths(1), day(t, "2026-02-28")},
		{day(t, "2026-01-31").AddMonths(-2), day(t, "2025-11-30")},
		{day(t, "2026-11-30").AddMonths(3), day(t, "2027-02-28")},
		{calendar.On(2026, time.November, 31), day(t, "2026-12-01")},
	}
	for _, test := range tests {
		if test.got != test.want {
			t.Errorf("got %s, want %s", test.got, test.want)
		}
	}
	if got := day(t, "2027-01-01").Sub(day(t, "2026-01-01")); got != 365 {
		t.Errorf("2026 has %d days", got)
	}
	if day(t, "2026-11-24").Weekday() != time.Tuesday {
		t.Error("24 November 2026 is a Tuesday")
	}
}

func TestDateProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, n := anyDate().Draw(t, "d"), rapid.IntRange(-40000, 40000).Draw(t, "n")
		if back := d.AddDays(n).Sub(d); back != n {
			t.Fatalf("%s + %d days is %d days later", d, n, back)
		}
		if parsed, err := calendar.ParseDate(d.String()); err != nil || parsed != d {
			t.Fatalf("%s reads back %s, %v", d, parsed, err)
		}
		e := d.AddDays(n)
		if d.Before(e) != (n > 0) || d.After(e) != (n < 0) || (d.Compare(e) == 0) != (d == e) {
			t.Fatalf("order of %s and %s", d, e)
		}
		if (d.String() < e.String()) != d.Before(e) {
			t.Fatalf("text order of %s and %s is not that of the days", d, e)
		}
		if !d.AddMonths(n % 500).Valid() {
			t.Fatalf("%s + %d months does not exist", d, n%500)
		}
	})
}

func TestDateAsTextAndInTheDatabase(t *testing.T) {
	type form struct{ Day, None calendar.Date }
	want := form{Day: day(t, "2026-11-24")}
	text, err := json.Marshal(want)
	if err != nil || string(text) != `{"Day":"2026-11-24","None":""}` {
		t.Fatalf("%s, %v", text, err)
	}
	var got form
	if err := json.Unmarshal(text, &got); err != nil || got != want {
		t.Errorf("reads back %v, %v", got, err)
	}
	if err := json.Unmarshal([]byte(`{"Day":"2026-02-30"}`), &got); err == nil {
		t.Error("30 February is read")
	}
	if v, err := want.None.Value(); v != nil || err != nil {
		t.Errorf("no day is stored as %v, %v", v, err)
	}
	if v, err := want.Day.Value(); v != "2026-11-24" || err != nil {
		t.Errorf("stored as %v, %v", v, err)
	}
	for _, source := range []any{"2026-11-24", []byte("2026-11-24")} {
		var d calendar.Date
		if err := d.Scan(source); err != nil || d != want.Day {
			t.Errorf("Scan(%v) gives %s, %v", source, d, err)
		}
	}
	d := want.Day
	if err := d.Scan(nil); err != nil || !d.IsZero() {
		t.Errorf("Scan(nil) gives %s, %v", d, err)
	}
	if err := d.Scan(12); err == nil {
		t.Error("a number is read as a date")
	}
}

// On 29 March 2026 at 2 h the clocks of the mainland show 3 h; on 25 October at
// 3 h they show 2 h again. 1 March and 8 November for Saint-Pierre-et-Miquelon.
func TestAtWhenClocksChange(t *testing.T) {
	tests := []struct {
		zone, day string
		minutes   int
		want      string
	}{
		{"Europe/Paris", "2026-03-29", 0, "2026-03-28T23:00:00Z"},
		{"Europe/Paris", "2026-03-29", 119, "2026-03-29T00:59:00Z"},
		{"Europe/Paris", "2026-03-29", 120, "2026-03-29T01:00:00Z"}, // 2 h does not exist: 3 h
		{"Europe/Paris", "2026-03-29", 150, "2026-03-29T01:30:00Z"}, // 2 h 30: 3 h 30
		{"Europe/Paris", "2026-03-29", 180, "2026-03-29T01:00:00Z"},
		{"Europe/Paris", "2026-03-29", 540, "2026-03-29T07:00:00Z"},
		{"Europe/Paris", "2026-03-29", 1440, "2026-03-29T22:00:00Z"},
		{"Europe/Paris", "2026-10-25", 119, "2026-10-24T23:59:00Z"},
		{"Europe/Paris", "2026-10-25", 120, "2026-10-25T00:00:00Z"}, // 2 h comes twice: the first
		{"Europe/Paris", "2026-10-25", 150, "2026-10-25T00:30:00Z"},
		{"Europe/Paris", "2026-10-25", 180, "2026-10-25T02:00:00Z"},
		{"Europe/Paris", "2026-10-24", 1440 + 540, "2026-10-25T08:00:00Z"},
		{"America/Miquelon", "2026-03-08", 150, "2026-03-08T05:30:00Z"},
		{"America/Miquelon", "2026-11-01", 90, "2026-11-01T03:30:00Z"},
		{"Indian/Reunion", "2026-03-29", 150, "2026-03-28T22:30:00Z"},
		{"Pacific/Noumea", "2026-03-29", 150, "2026-03-28T15:30:00Z"},
		{"Pacific/Tahiti", "2026-10-25", 150, "2026-10-25T12:30:00Z"},
		{"Pacific/Marquesas", "2026-10-25", 150, "2026-10-25T12:00:00Z"},
		{"Pacific/Wallis", "2026-10-25", 150, "2026-10-24T14:30:00Z"},
		{"America/Cayenne", "2026-10-25", 150, "2026-10-25T05:30:00Z"},
	}
	for _, test := range tests {
		got := day(t, test.day).At(test.minutes, zone(t, test.zone)).UTC().Format(time.RFC3339)
		if got != test.want {
			t.Errorf("%s, %s at minute %d: %s, want %s", test.zone, test.day, test.minutes, got, test.want)
		}
	}
}

func TestSpanOfADay(t *testing.T) {
	for s, want := range map[string]time.Duration{
		"2026-03-29": 23 * time.Hour, "2026-10-25": 25 * time.Hour, "2026-10-26": 24 * time.Hour,
	} {
		if got := day(t, s).Span(zone(t, "Europe/Paris")).Duration(); got != want {
			t.Errorf("%s lasts %v, want %v", s, got, want)
		}
	}
	// In Santiago, 6 September 2026 has no midnight: the day begins at 1 h.
	if got := day(t, "2026-09-06").Start(zone(t, "America/Santiago")).Format(time.TimeOnly); got != "01:00:00" {
		t.Errorf("a day without midnight begins at %s", got)
	}
}

// Where the wall time exists, At shows it; the first of two; never backwards but
// inside a gap.
func TestAtProperties(t *testing.T) {
	names := []string{"Europe/Paris", "America/Miquelon", "America/Martinique", "Indian/Mayotte", "Pacific/Tahiti",
		"Pacific/Marquesas", "Pacific/Noumea", "Australia/Lord_Howe"}
	rapid.Check(t, func(t *rapid.T) {
		loc, err := time.LoadLocation(rapid.SampledFrom(names).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		d, minutes := anyDate().Draw(t, "d"), rapid.IntRange(0, 1439).Draw(t, "minutes")
		at := d.At(minutes, loc)
		shown := calendar.DateOf(at, loc) == d && at.Hour()*60+at.Minute() == minutes
		// The naive way: look at every instant that could be the one.
		var naive time.Time
		for m := -16 * 60; m <= 16*60 && naive.IsZero(); m++ {
			utc := time.Date(d.Year, d.Month, d.Day, 0, minutes+m, 0, 0, time.UTC).In(loc)
			if calendar.DateOf(utc, loc) == d && utc.Hour()*60+utc.Minute() == minutes && utc.Second() == 0 {
				naive = utc
			}
		}
		if shown != !naive.IsZero() || shown && !at.Equal(naive) {
			t.Fatalf("%s at %d in %s: %v, want %v", d, minutes, loc, at, naive)
		}
	})
}

func TestWeeks(t *testing.T) {
	tests := []struct {
		day  string
		odd  bool
		week int
	}{
		{"2026-11-23", false, 48},
		{"2026-12-28", true, 53}, // 2026 has 53 weeks,
		{"2027-01-03", true, 53},
		{"2027-01-04", true, 1}, // so two odd ones follow
		{"2027-01-11", false, 2},
		{"2025-12-29", true, 1}, // of 2026
	}
	for _, test := range tests {
		d := day(t, test.day)
		if _, week := d.Week(); week != test.week {
			t.Errorf("%s is in week %d, want %d", d, week, test.week)
		}
		if calendar.OddWeeks.Include(d) != test.odd || calendar.EvenWeeks.Include(d) == test.odd {
			t.Errorf("%s: odd %v, want %v", d, !test.odd, test.odd)
		}
		if !calendar.AllWeeks.Include(d) || !calendar.Weeks("").Include(d) {
			t.Errorf("%s is in no week", d)
		}
	}
	if calendar.Weeks("both").Validate() == nil || calendar.OddWeeks.Validate() != nil {
		t.Error("Validate of weeks")
	}
}
