package calendar_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"parvis/platform/calendar"
)

func published(t *testing.T) calendar.SchoolTable {
	t.Helper()
	table, err := calendar.PublishedSchool()
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func TestPublishedSchool(t *testing.T) {
	table := published(t)
	for _, zone := range []calendar.SchoolZone{calendar.SchoolA, calendar.SchoolB, calendar.SchoolC} {
		names := map[string]int{}
		for _, h := range table {
			if h.Zone != zone {
				continue
			}
			names[h.Name]++
			if h.First.Weekday() != time.Saturday {
				t.Errorf("zone %s: %s begins on a %s", zone, h.First, h.First.Weekday())
			}
			if weeks := h.Last.Sub(h.First) + 1; h.Name != "summer" && weeks != 16 {
				t.Errorf("zone %s: %s lasts %d days, want two weeks and the week-end", zone, h.First, weeks)
			}
		}
		for _, name := range []string{"autumn", "christmas", "winter", "spring", "summer"} {
			if names[name] != 2 {
				t.Errorf("zone %s has %d %s holidays", zone, names[name], name)
			}
		}
		first, last, ok := table.Known(zone)
		if !ok || first != day(t, "2025-10-18") || last != day(t, "2027-09-01") {
			t.Errorf("zone %s is known from %s to %s", zone, first, last)
		}
	}
	if _, _, ok := table.Known(calendar.SchoolCorse); ok {
		t.Error("Corsica is known")
	}
}

func TestSchoolOn(t *testing.T) {
	table := published(t)
	tests := []struct {
		day  string
		zone calendar.SchoolZone
		want string
	}{
		{"2026-02-06", calendar.SchoolA, ""},
		{"2026-02-07", calendar.SchoolA, "winter"},
		{"2026-02-22", calendar.SchoolA, "winter"},
		{"2026-02-23", calendar.SchoolA, ""},
		{"2026-02-23", calendar.SchoolB, "winter"},
		{"2026-04-30", calendar.SchoolC, "spring"},
		{"2026-08-31", calendar.SchoolC, "summer"},
		{"2026-09-01", calendar.SchoolC, ""},
		{"2026-11-24", calendar.SchoolB, ""},
		{"2026-12-24", calendar.SchoolB, "christmas"},
		{"2027-02-10", calendar.SchoolC, "winter"},
		{"2026-12-24", calendar.SchoolCorse, ""},
	}
	for _, test := range tests {
		if h, ok := table.On(day(t, test.day), test.zone); h.Name != test.want || ok != (test.want != "") {
			t.Errorf("%s in zone %s: %q, want %q", test.day, test.zone, h.Name, test.want)
		}
	}
}

// A rule for school days only, as a round or a crèche has.
func TestRuleOnSchoolDays(t *testing.T) {
	table := published(t)
	dates, err := mondays(t).Dates(day(t, "2026-02-01"), day(t, "2026-03-10"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range dates {
		if _, off := table.On(d, calendar.SchoolA); !off {
			got = append(got, d.String()[5:])
		}
	}
	if want := []string{"02-02", "02-23", "03-02", "03-09"}; !slices.Equal(got, want) {
		t.Errorf("Mondays with school: %v, want %v", got, want)
	}
}

func TestSchoolZoneOf(t *testing.T) {
	for departement, want := range map[string]calendar.SchoolZone{
		"86": "A", "38": "A", "69": "A", "35": "B", "59": "B", "67": "B", "13": "B", "76": "B", "75": "C", "31": "C", "34": "C", "2A": "Corse",
	} {
		if got, ok := calendar.SchoolZoneOf(departement); !ok || got != want {
			t.Errorf("SchoolZoneOf(%s) = %s, want %s", departement, got, want)
		}
	}
	for _, departement := range []string{"974", "988", "20", "", "1", "86 38"} {
		if got, ok := calendar.SchoolZoneOf(departement); ok {
			t.Errorf("SchoolZoneOf(%q) = %s", departement, got)
		}
	}
	count := map[calendar.SchoolZone]int{}
	for n := 1; n <= 95; n++ {
		code := []string{string(rune('0'+n/10)) + string(rune('0'+n%10))}
		if n == 20 {
			code = []string{"2A", "2B"}
		}
		for _, c := range code {
			zone, ok := calendar.SchoolZoneOf(c)
			if !ok {
				t.Errorf("department %s has no school zone", c)
			}
			count[zone]++
		}
	}
	if count["A"] != 32 || count["B"] != 41 || count["C"] != 21 || count["Corse"] != 2 {
		t.Errorf("departments per zone: %v", count)
	}
}

func TestReadSchool(t *testing.T) {
	table, err := calendar.ReadSchool(strings.NewReader("zone;nom;début;fin\nRéunion; summer ;19/12/2026;24/01/2027\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := calendar.SchoolHoliday{Zone: "Réunion", Name: "summer", First: day(t, "2026-12-19"), Last: day(t, "2027-01-24")}
	if len(table) != 1 || table[0] != want {
		t.Errorf("read %v", table)
	}
	if _, ok := table.On(day(t, "2027-01-01"), "Réunion"); !ok {
		t.Error("1 January 2027 is not a holiday at La Réunion")
	}
}

func TestReadSchoolRefuses(t *testing.T) {
	head := "zone;name;first;last\n"
	for in, want := range map[string]string{
		head + "A;winter;2026-02-07;2026-02-22\nA;winter;2026-02-30;2026-03-01": `line 3: "2026-02-30"`,
		head + "A;winter;2026-02-07":                                           "line 2: 3 fields",
		head + "A;winter;2026-02-22;2026-02-07":                                `ends on "2026-02-07"`,
		head + ";winter;2026-02-07;2026-02-22":                                 "no zone",
		head + "A;carnival;2026-02-07;2026-02-22":                              `unknown name "carnival"`,
		head + "A;winter;2026-02-07;2026-02-22\nA;other;2026-02-22;2026-02-23": "begins before",
		head + "A;\"winter;2026-02-07;2026-02-22":                              "reading the school holidays",
		head + strings.Repeat("A;winter;2026-02-07;2026-02-22\n", 2001):        "more than 2000 lines",
	} {
		if _, err := calendar.ReadSchool(strings.NewReader(in)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.80q: error %v, want one with %q", in, err, want)
		}
	}
}
