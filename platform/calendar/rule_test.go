package calendar_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"parvis/platform/calendar"
)

// mondays is every Monday from 9 h to 12 h.
func mondays(t testing.TB) calendar.Rule {
	return calendar.Rule{RRule: "FREQ=WEEKLY;BYDAY=MO", Start: day(t, "2026-01-01"), From: 540, To: 720}
}

func TestMondaysStayAtNine(t *testing.T) {
	tests := []struct {
		zone string
		utc  []string // beginnings on 23 and 30 March, 19 and 26 October 2026
	}{
		{"Europe/Paris", []string{"03-23T08", "03-30T07", "10-19T07", "10-26T08"}},
		{"America/Miquelon", []string{"03-23T11", "03-30T11", "10-19T11", "10-26T11"}},
		{"America/Martinique", []string{"03-23T13", "03-30T13", "10-19T13", "10-26T13"}},
		{"America/Cayenne", []string{"03-23T12", "03-30T12", "10-19T12", "10-26T12"}},
		{"Indian/Reunion", []string{"03-23T05", "03-30T05", "10-19T05", "10-26T05"}},
		{"Indian/Mayotte", []string{"03-23T06", "03-30T06", "10-19T06", "10-26T06"}},
		{"Pacific/Noumea", []string{"03-22T22", "03-29T22", "10-18T22", "10-25T22"}},
		{"Pacific/Wallis", []string{"03-22T21", "03-29T21", "10-18T21", "10-25T21"}},
		{"Pacific/Tahiti", []string{"03-23T19", "03-30T19", "10-19T19", "10-26T19"}},
	}
	for _, test := range tests {
		loc := zone(t, test.zone)
		var got []string
		for _, window := range [][2]string{{"2026-03-23", "2026-04-01"}, {"2026-10-19", "2026-10-28"}} {
			found, err := mondays(t).Occurrences(loc, day(t, window[0]).Start(loc), day(t, window[1]).Start(loc))
			if err != nil {
				t.Fatal(err)
			}
			for _, i := range found {
				got = append(got, i.From().Format("01-02T15"))
				if i.From().In(loc).Format(time.TimeOnly) != "09:00:00" || i.Duration() != 3*time.Hour {
					t.Errorf("%s: from %v, %v long", test.zone, i.From().In(loc), i.Duration())
				}
			}
		}
		if !slices.Equal(got, test.utc) {
			t.Errorf("%s: %v, want %v", test.zone, got, test.utc)
		}
	}
}

// The night when the clocks change, whatever the hours of the rule.
func TestHoursOfTheNight(t *testing.T) {
	paris := zone(t, "Europe/Paris")
	tests := []struct {
		day      string
		from, to int
		want     string // in UTC
	}{
		{"2026-03-29", 60, 240, "00:00-02:00"},    // 1 h to 4 h: two hours
		{"2026-03-29", 135, 165, "01:15-01:45"},   // 2 h 15 to 2 h 45: read as 3 h 15 to 3 h 45
		{"2026-03-29", 150, 180, ""},              // 2 h 30 to 3 h: nothing is left
		{"2026-03-28", 1320, 1560, "21:00-01:00"}, // 22 h to 2 h, over midnight
		{"2026-10-25", 60, 240, "23:00-03:00"},    // four hours
		{"2026-10-25", 120, 180, "00:00-02:00"},   // both 2 h
	}
	for _, test := range tests {
		d := day(t, test.day)
		rule := calendar.Rule{Start: d, From: test.from, To: test.to}
		found, err := rule.Occurrences(paris, d.Start(paris), d.AddDays(1).Start(paris))
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, i := range found {
			got += i.From().Format("15:04") + "-" + i.To().Format("15:04")
		}
		if got != test.want {
			t.Errorf("%s, %d to %d: %q, want %q", test.day, test.from, test.to, got, test.want)
		}
	}
}

func TestRuleDates(t *testing.T) {
	exceptions := func(days ...string) (all []calendar.Date) {
		for _, d := range days {
			all = append(all, day(t, d))
		}
		return all
	}
	tests := []struct {
		name        string
		rule        calendar.Rule
		first, last string
		want        string
	}{
		{"second Tuesday", calendar.Rule{RRule: "FREQ=MONTHLY;BYDAY=2TU"}, "2026-01-01", "2026-03-31", "01-13 02-10 03-10"},
		{"last Friday", calendar.Rule{RRule: "FREQ=MONTHLY;BYDAY=-1FR"}, "2026-01-01", "2026-03-31", "01-30 02-27 03-27"},
		{"first and third Wednesday", calendar.Rule{RRule: "FREQ=MONTHLY;BYDAY=1WE,3WE"}, "2026-11-01", "2026-12-31", "11-04 11-18 12-02 12-16"},
		{"last working day", calendar.Rule{RRule: "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"}, "2026-01-01", "2026-02-28", "01-30 02-27"},
		{"end of month", calendar.Rule{RRule: "FREQ=MONTHLY;BYMONTHDAY=-1"}, "2028-01-01", "2028-03-31", "01-31 02-29 03-31"},
		{"29 February", calendar.Rule{RRule: "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29"}, "2026-01-01", "2030-12-31", "02-29"},
		{"30 February", calendar.Rule{RRule: "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"}, "2026-01-01", "2200-12-31", ""},
		{"odd weeks", calendar.Rule{RRule: "FREQ=WEEKLY;BYDAY=MO", Weeks: calendar.OddWeeks}, "2026-12-14", "2027-01-31", "12-14 12-28 01-04 01-18"},
		{"even weeks", calendar.Rule{RRule: "FREQ=WEEKLY;BYDAY=MO", Weeks: calendar.EvenWeeks}, "2026-12-14", "2027-01-31", "12-21 01-11 01-25"},
		{"every other week", calendar.Rule{RRule: "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;WKST=MO"}, "2026-01-01", "2026-01-31", "01-04 01-12 01-18 01-26"},
		{"week day of the start", calendar.Rule{RRule: "FREQ=WEEKLY"}, "2026-01-10", "2026-01-31", "01-15 01-22 01-29"},
		{"exceptions", calendar.Rule{RRule: "FREQ=WEEKLY;BYDAY=TH", Exceptions: exceptions("2026-01-08", "2026-01-09")}, "2026-01-01", "2026-01-16", "01-01 01-15"},
		{"until, included", calendar.Rule{RRule: "FREQ=DAILY", Until: day(t, "2026-01-03")}, "2026-01-01", "2026-12-31", "01-01 01-02 01-03"},
		{"UNTIL, included", calendar.Rule{RRule: "FREQ=DAILY;UNTIL=20260103"}, "2026-01-01", "2026-12-31", "01-01 01-02 01-03"},
		{"COUNT from the start", calendar.Rule{RRule: "FREQ=WEEKLY;COUNT=3"}, "2026-01-05", "2026-12-31", "01-08 01-15"},
		{"COUNT is over", calendar.Rule{RRule: "FREQ=WEEKLY;COUNT=3"}, "2026-03-01", "2026-12-31", ""},
		{"COUNT counts the exceptions", calendar.Rule{RRule: "FREQ=DAILY;COUNT=3", Exceptions: exceptions("2026-01-02")}, "2026-01-01", "2026-12-31", "01-01 01-03"},
		{"one day", calendar.Rule{}, "2025-01-01", "2026-12-31", "01-01"},
		{"one day, elsewhere", calendar.Rule{}, "2026-01-02", "2026-12-31", ""},
		{"one day, left out", calendar.Rule{Exceptions: exceptions("2026-01-01")}, "2025-01-01", "2026-12-31", ""},
		{"before the start", calendar.Rule{RRule: "FREQ=DAILY"}, "2025-01-01", "2025-12-31", ""},
		{"window upside down", calendar.Rule{RRule: "FREQ=DAILY"}, "2026-02-01", "2026-01-01", ""},
		{"start that does not match", calendar.Rule{RRule: "FREQ=WEEKLY;BYDAY=MO"}, "2026-01-01", "2026-01-06", "01-05"},
	}
	for _, test := range tests {
		test.rule.Start, test.rule.From, test.rule.To = day(t, "2026-01-01"), 540, 600
		found, err := test.rule.Dates(day(t, test.first), day(t, test.last))
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		var got []string
		for _, d := range found {
			got = append(got, d.String()[5:])
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}

func TestRuleRefuses(t *testing.T) {
	ok := calendar.Rule{RRule: "FREQ=WEEKLY;BYDAY=MO", Start: day(t, "2026-01-01"), From: 540, To: 720}
	if err := ok.Validate(); err != nil {
		t.Fatal(err)
	}
	fields := map[string]func(*calendar.Rule){
		"no start":           func(r *calendar.Rule) { r.Start = calendar.Date{} },
		"start too old":      func(r *calendar.Rule) { r.Start.Year = 1969 },
		"start too far":      func(r *calendar.Rule) { r.Start.Year = 2201 },
		"start not a day":    func(r *calendar.Rule) { r.Start.Day = 32 },
		"until before":       func(r *calendar.Rule) { r.Until = day(t, "2025-12-31") },
		"until not a day":    func(r *calendar.Rule) { r.Until = calendar.Date{Year: 2026, Month: 2, Day: 30} },
		"beginning negative": func(r *calendar.Rule) { r.From = -1 },
		"beginning at 24 h":  func(r *calendar.Rule) { r.From, r.To = 1440, 1500 },
		"no length":          func(r *calendar.Rule) { r.To = 540 },
		"over a day":         func(r *calendar.Rule) { r.To = 540 + 1441 },
		"weeks":              func(r *calendar.Rule) { r.Weeks = "both" },
	}
	for name, change := range fields {
		rule := ok
		change(&rule)
		if rule.Validate() == nil {
			t.Errorf("%s is accepted", name)
		}
		if _, err := rule.Occurrences(time.UTC, time.Unix(0, 0), time.Unix(1, 0)); err == nil {
			t.Errorf("%s is expanded", name)
		}
	}
	for _, text := range []string{"BYDAY=MO", "FREQ=HOURLY", "FREQ=WEEKLY;BYHOUR=9", "FREQ=YEARLY;BYWEEKNO=1", "FREQ=YEARLY;BYEASTER=1",
		"FREQ=WEEKLY;BYDAY=XX", "FREQ=WEEKLY;INTERVAL=0", "FREQ=WEEKLY;INTERVAL=-1", "FREQ=WEEKLY;INTERVAL=1001", "FREQ=WEEKLY;COUNT=0",
		"FREQ=WEEKLY;COUNT=9;UNTIL=20270101", "FREQ=WEEKLY;FREQ=DAILY", "FREQ=WEEKLY;UNTIL=20261231T100000Z", "FREQ=WEEKLY;UNTIL=20269999",
		"FREQ=WEEKLY;BYDAY=2MO", "FREQ=DAILY;BYDAY=-1MO", "FREQ=MONTHLY;BYDAY=6MO", "FREQ=YEARLY;BYMONTH=12;BYDAY=53MO", "FREQ=YEARLY;BYDAY=54MO",
		"FREQ=MONTHLY;BYMONTHDAY=0", "FREQ=MONTHLY;BYMONTHDAY=32", "FREQ=YEARLY;BYMONTH=13", "FREQ=WEEKLY;", "weekly",
		"DTSTART:20260101T000000Z\nRRULE:FREQ=DAILY", "RRULE:FREQ=DAILY", "FREQ=DAILY;DTSTART=20260101",
		"FREQ=MONTHLY;BYMONTHDAY=" + strings.Repeat("1,", 200) + "1"} {
		rule := ok
		rule.RRule = text
		if rule.Validate() == nil {
			t.Errorf("%q is accepted", text)
		}
	}
}

func TestRuleIsBounded(t *testing.T) {
	rule := calendar.Rule{RRule: "FREQ=DAILY", Start: day(t, "2026-01-01"), From: 0, To: 1440}
	_, err := rule.Dates(day(t, "2026-01-01"), day(t, "2026-01-01").AddDays(calendar.OccurrenceLimit))
	if !errors.Is(err, calendar.ErrTooMany) {
		t.Errorf("5001 days: %v, want ErrTooMany", err)
	}
	found, err := rule.Dates(day(t, "2150-01-01"), day(t, "2150-01-01").AddDays(calendar.OccurrenceLimit-1))
	if err != nil || len(found) != calendar.OccurrenceLimit {
		t.Errorf("%d days, %v", len(found), err)
	}
}

// A window cuts no occurrence and forgets none that is under way.
func TestOccurrencesOverlapTheWindow(t *testing.T) {
	paris := zone(t, "Europe/Paris")
	night := calendar.Rule{RRule: "FREQ=DAILY", Start: day(t, "2026-06-01"), From: 1380, To: 1380 + 1440}
	d := day(t, "2026-06-10")
	found, err := night.Occurrences(paris, d.At(600, paris), d.At(610, paris))
	if err != nil || len(found) != 1 || !found[0].From().Equal(d.AddDays(-1).At(1380, paris)) {
		t.Errorf("under way: %v, %v", found, err)
	}
	found, err = mondays(t).Occurrences(paris, day(t, "2026-06-08").At(720, paris), day(t, "2026-06-15").At(540, paris))
	if err != nil || len(found) != 0 {
		t.Errorf("between two Mondays: %v, %v", found, err)
	}
	found, err = mondays(t).Occurrences(paris, day(t, "2026-06-08").Start(paris), day(t, "2026-06-08").Start(paris))
	if err != nil || len(found) != 0 {
		t.Errorf("in no time: %v, %v", found, err)
	}
}

func TestRuleAsJSON(t *testing.T) {
	want := mondays(t)
	want.Exceptions = []calendar.Date{day(t, "2026-05-25")}
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got calendar.Rule
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Every day of the window is asked whether the rule falls on it.
func TestRuleAgainstTheNaiveCalendar(t *testing.T) {
	names := []string{"MO", "TU", "WE", "TH", "FR", "SA", "SU"}
	weekday := func(d calendar.Date) int { return (int(d.Weekday()) + 6) % 7 }
	rapid.Check(t, func(t *rapid.T) {
		rule := calendar.Rule{Start: anyDate().Draw(t, "start"), From: 540, To: 600}
		interval := rapid.IntRange(1, 5).Draw(t, "interval")
		days := rapid.SliceOfNDistinct(rapid.IntRange(0, 6), 1, 4, rapid.ID).Draw(t, "days")
		var list []string
		for _, d := range days {
			list = append(list, names[d])
		}
		freq := rapid.SampledFrom([]string{"DAILY", "WEEKLY", "MONTHLY"}).Draw(t, "freq")
		nth := rapid.SampledFrom([]int{1, 2, 3, 4, 5, -1, -2}).Draw(t, "nth")
		rule.RRule = fmt.Sprintf("FREQ=%s;INTERVAL=%d;BYDAY=%s", freq, interval, strings.Join(list, ","))
		if freq == "MONTHLY" {
			rule.RRule = fmt.Sprintf("FREQ=MONTHLY;INTERVAL=%d;BYDAY=%d%s", interval, nth, names[days[0]])
		}
		rule.Weeks = rapid.SampledFrom([]calendar.Weeks{"", calendar.AllWeeks, calendar.OddWeeks, calendar.EvenWeeks}).Draw(t, "weeks")
		if length := rapid.IntRange(-1, 900).Draw(t, "length"); length >= 0 {
			rule.Until = rule.Start.AddDays(length)
		}
		first := rule.Start.AddDays(rapid.IntRange(-100, 1500).Draw(t, "first"))
		last := first.AddDays(rapid.IntRange(0, 400).Draw(t, "window"))
		rule.Exceptions = []calendar.Date{first.AddDays(rapid.IntRange(0, 20).Draw(t, "exception"))}

		var want []calendar.Date
		for d := first; !d.After(last); d = d.AddDays(1) {
			if d.Before(rule.Start) || !rule.Until.IsZero() && d.After(rule.Until) || d == rule.Exceptions[0] || d.Year > 2200 {
				continue
			}
			_, week := d.Week()
			if rule.Weeks == calendar.OddWeeks && week%2 == 0 || rule.Weeks == calendar.EvenWeeks && week%2 == 1 {
				continue
			}
			falls := slices.Contains(days, weekday(d))
			switch freq {
			case "DAILY":
				falls = falls && d.Sub(rule.Start)%interval == 0
			case "WEEKLY":
				monday := func(d calendar.Date) calendar.Date { return d.AddDays(-weekday(d)) }
				falls = falls && monday(d).Sub(monday(rule.Start))/7%interval == 0
			case "MONTHLY":
				months := (d.Year-rule.Start.Year)*12 + int(d.Month-rule.Start.Month)
				fromStart := (d.Day-1)/7 + 1
				fromEnd := -((d.AddMonths(1).AddDays(-d.AddMonths(1).Day+1).Sub(d) - 1) / 7) - 1
				falls = weekday(d) == days[0] && months%interval == 0 && (nth == fromStart || nth == fromEnd)
			}
			if falls {
				want = append(want, d)
			}
		}
		got, err := rule.Dates(first, last)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%+v from %s to %s:\n got %v\nwant %v", rule, first, last, got, want)
		}
	})
}

// No recurrence that is accepted, however odd, breaks the expansion.
func TestAcceptedRulesExpand(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := func(label string, g *rapid.Generator[string]) string {
			if rapid.Bool().Draw(t, label) {
				return ""
			}
			return ";" + label + "=" + strings.Join(rapid.SliceOfN(g, 1, 3).Draw(t, label), ",")
		}
		number := func(low, high int) *rapid.Generator[string] {
			return rapid.Map(rapid.IntRange(low, high), func(n int) string { return fmt.Sprint(n) })
		}
		byday := rapid.Custom(func(t *rapid.T) string {
			n := rapid.SampledFrom([]string{"", "1", "5", "-5", "53", "-53", "+2"}).Draw(t, "n")
			return n + rapid.SampledFrom([]string{"MO", "WE", "SU"}).Draw(t, "weekday")
		})
		rule := calendar.Rule{Start: anyDate().Draw(t, "start"), From: 0, To: 60}
		rule.RRule = "FREQ=" + rapid.SampledFrom([]string{"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}).Draw(t, "freq") +
			list("BYDAY", byday) + list("BYMONTH", number(1, 12)) + list("BYMONTHDAY", number(-31, 31)) +
			list("BYSETPOS", number(-366, 366)) + ";INTERVAL=" + number(1, 20).Draw(t, "interval") +
			rapid.SampledFrom([]string{"", ";WKST=SU", ";COUNT=7"}).Draw(t, "rest")
		if rule.Validate() != nil {
			return
		}
		first := rule.Start.AddDays(rapid.IntRange(0, 3000).Draw(t, "first"))
		dates, err := rule.Dates(first, first.AddDays(800))
		if err != nil {
			t.Fatal(err)
		}
		for i, d := range dates {
			if d.Before(first) || d.Sub(first) > 800 || i > 0 && !dates[i-1].Before(d) {
				t.Fatalf("%s: %v", rule.RRule, dates)
			}
		}
	})
}

func FuzzRule(f *testing.F) {
	for _, seed := range []string{"FREQ=WEEKLY;BYDAY=MO", "FREQ=MONTHLY;BYDAY=-1FR", "FREQ=YEARLY;BYDAY=53SU", "FREQ=DAILY;BYSETPOS=366"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		rule := calendar.Rule{RRule: text, Start: calendar.Date{Year: 2026, Month: 1, Day: 1}, From: 0, To: 60}
		if rule.Validate() != nil {
			return
		}
		last := calendar.Date{Year: 2028, Month: 1, Day: 1}
		if _, err := rule.Dates(rule.Start, last); err != nil {
			t.Errorf("%q is accepted, then: %v", text, err)
		}
	})
}

func BenchmarkOccurrences(b *testing.B) {
	paris := zone(b, "Europe/Paris")
	rule := calendar.Rule{RRule: "FREQ=WEEKLY;BYDAY=MO,TU,TH", Start: day(b, "2016-01-01"), From: 540, To: 720}
	from := day(b, "2026-11-01").Start(paris)
	for b.Loop() {
		if _, err := rule.Occurrences(paris, from, from.AddDate(0, 0, 30)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRuleThatNeverHappens(b *testing.B) {
	rule := calendar.Rule{RRule: "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", Start: day(b, "2026-01-01"), From: 540, To: 720}
	for b.Loop() {
		if _, err := rule.Dates(rule.Start, day(b, "2026-12-31")); err != nil {
			b.Fatal(err)
		}
	}
}
