package calendar_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"parvis/platform/calendar"
	"parvis/platform/i18n"
)

func TestLocales(t *testing.T) {
	if err := i18n.Check(calendar.Locales); err != nil {
		t.Fatal(err)
	}
	catalog, err := i18n.New(calendar.Locales)
	if err != nil {
		t.Fatal(err)
	}
	for _, z := range calendar.Zones() {
		if !catalog.Has(z.Key()) {
			t.Errorf("zone %s has no name", z)
		}
		for _, year := range []int{2017, 2024, 2026} {
			for _, h := range calendar.Holidays(year, z) {
				if !catalog.Has(h.Key) {
					t.Errorf("holiday %s has no name", h.Key)
				}
			}
		}
	}
	school, err := calendar.PublishedSchool()
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range school {
		if !catalog.Has(h.Key()) {
			t.Errorf("school holiday %s has no name", h.Key())
		}
	}
}

// Dates of Easter from the tables of the Bureau des longitudes; 1818 and 2038 are
// the earliest and the latest of their time.
func TestEaster(t *testing.T) {
	for _, want := range []string{"1818-03-22", "1943-04-25", "1961-04-02", "1999-04-04", "2000-04-23", "2008-03-23",
		"2011-04-24", "2016-03-27", "2019-04-21", "2024-03-31", "2025-04-20", "2026-04-05", "2027-03-28", "2028-04-16",
		"2030-04-21", "2035-03-25", "2038-04-25", "2049-04-18", "2076-04-19", "2100-03-28", "2285-03-22"} {
		d := day(t, want)
		if got := calendar.Easter(d.Year); got != d {
			t.Errorf("Easter(%d) = %s, want %s", d.Year, got, want)
		}
	}
}

// paschal computes Easter as the canon defines it, from the epact: the Sunday after
// the fourteenth day of the moon that falls on 21 March or later.
func paschal(year int) calendar.Date {
	golden, century := year%19+1, year/100+1
	solar, lunar := 3*century/4-12, (8*century+5)/25-5
	epact := ((11*golden+20+lunar-solar)%30 + 30) % 30
	if epact == 25 && golden > 11 || epact == 24 {
		epact++
	}
	moon := 44 - epact
	if moon < 21 {
		moon += 30
	}
	full := calendar.On(year, time.March, moon)
	return full.AddDays(7 - int(full.Weekday()))
}

func TestEasterAgainstTheCanon(t *testing.T) {
	for year := 1583; year <= 9999; year++ {
		got := calendar.Easter(year)
		if got != paschal(year) || got.Weekday() != time.Sunday {
			t.Fatalf("Easter(%d) = %s, the canon says %s", year, got, paschal(year))
		}
	}
}

func dates(holidays []calendar.Holiday) []string {
	var all []string
	for _, h := range holidays {
		all = append(all, h.Date.String())
	}
	return all
}

func TestHolidaysOf2026(t *testing.T) {
	want := []calendar.Holiday{
		{Date: day(t, "2026-01-01"), Key: "calendar.holiday.new_year"},
		{Date: day(t, "2026-04-06"), Key: "calendar.holiday.easter_monday"},
		{Date: day(t, "2026-05-01"), Key: "calendar.holiday.labour_day"},
		{Date: day(t, "2026-05-08"), Key: "calendar.holiday.victory_day"},
		{Date: day(t, "2026-05-14"), Key: "calendar.holiday.ascension"},
		{Date: day(t, "2026-05-25"), Key: "calendar.holiday.whit_monday"},
		{Date: day(t, "2026-07-14"), Key: "calendar.holiday.national_day"},
		{Date: day(t, "2026-08-15"), Key: "calendar.holiday.assumption"},
		{Date: day(t, "2026-11-01"), Key: "calendar.holiday.all_saints"},
		{Date: day(t, "2026-11-11"), Key: "calendar.holiday.armistice"},
		{Date: day(t, "2026-12-25"), Key: "calendar.holiday.christmas"},
	}
	if diff := cmp.Diff(want, calendar.Holidays(2026, calendar.ZoneMainland)); diff != "" {
		t.Errorf("mainland (-want +got):\n%s", diff)
	}
	for _, h := range calendar.Holidays(2026, calendar.ZoneAlsaceMoselle) {
		if h.Partial != (h.Date == day(t, "2026-04-03")) {
			t.Errorf("%s: partial %v", h.Key, h.Partial)
		}
	}
}

// What each zone adds to the eleven national days.
func TestLocalHolidays(t *testing.T) {
	tests := []struct {
		zone calendar.Zone
		year int
		want []string
	}{
		{calendar.ZoneAlsaceMoselle, 2026, []string{"2026-04-03", "2026-12-26"}},
		{calendar.ZoneGuadeloupe, 2026, []string{"2026-05-27"}},
		{calendar.ZoneMartinique, 2026, []string{"2026-05-22"}},
		{calendar.ZoneGuyane, 2026, []string{"2026-06-10"}},
		{calendar.ZoneReunion, 2026, []string{"2026-12-20"}},
		{calendar.ZoneMayotte, 2026, []string{"2026-04-27"}},
		{calendar.ZoneSaintBarthelemy, 2026, []string{"2026-10-09"}},
		{calendar.ZoneSaintMartin, 2026, []string{"2026-05-28"}},
		{calendar.ZoneSaintMartin, 2017, []string{"2017-05-27"}},
		{calendar.ZoneSaintMartin, 2018, []string{"2018-05-28"}},
		{calendar.ZonePolynesie, 2025, []string{"2025-03-05", "2025-04-18", "2025-11-20"}},
		{calendar.ZonePolynesie, 2026, []string{"2026-03-05", "2026-04-03", "2026-11-20"}},
		{calendar.ZonePolynesie, 2024, []string{"2024-03-05", "2024-03-29", "2024-06-29"}},
		{calendar.ZoneNouvelleCaledonie, 2026, []string{"2026-09-24"}},
		{calendar.ZoneWallisEtFutuna, 2026, []string{"2026-04-28", "2026-06-29", "2026-07-29"}},
		{calendar.ZoneSaintPierreEtMiquelon, 2026, nil},
		{calendar.ZoneMainland, 2026, nil},
	}
	for _, test := range tests {
		got := dates(calendar.Holidays(test.year, test.zone))
		want := append(dates(calendar.Holidays(test.year, calendar.ZoneMainland)), test.want...)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s in %d: %v, want %v", test.zone, test.year, got, want)
		}
	}
}

// The days of Alsace and Moselle from 1990 to 2060 as the library jours-feries of
// the social ministries (SocialGouv, version 2.0.0) computes them.
func TestHolidaysAgainstAnotherProgram(t *testing.T) {
	file, err := os.ReadFile("testdata/holidays_alsace_1990_2060.csv")
	if err != nil {
		t.Fatal(err)
	}
	year := 1990
	for line := range strings.Lines(string(file)) {
		want := strings.Split(strings.TrimSpace(line), ",")
		if got := dates(calendar.Holidays(year, calendar.ZoneAlsaceMoselle)); !slices.Equal(got, want) {
			t.Errorf("%d: %v, want %v", year, got, want)
		}
		year++
	}
	if year != 2061 {
		t.Errorf("compared up to %d", year-1)
	}
}

func TestHolidaysAreSortedAndBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		year := rapid.IntRange(-10, 12000).Draw(t, "year")
		z := rapid.SampledFrom(calendar.Zones()).Draw(t, "zone")
		holidays := calendar.Holidays(year, z)
		if inside := year >= 1583 && year <= 9999; inside != (len(holidays) >= 11) || !inside && holidays != nil {
			t.Fatalf("%d has %d holidays", year, len(holidays))
		}
		if !slices.IsSorted(dates(holidays)) {
			t.Fatalf("%d, %s: not in order: %v", year, z, holidays)
		}
		for _, h := range holidays {
			if on, ok := calendar.HolidayOn(h.Date, z); !ok || on.Date != h.Date || h.Date.Year != year {
				t.Fatalf("%s is not a holiday on its day", h.Key)
			}
		}
	})
}

func TestZoneOf(t *testing.T) {
	tests := []struct {
		departement, commune string
		zone                 calendar.Zone
		clock                string
	}{
		{"86", "86194", calendar.ZoneMainland, "Europe/Paris"},
		{"", "86194", calendar.ZoneMainland, "Europe/Paris"},
		{"2A", "2A004", calendar.ZoneMainland, "Europe/Paris"},
		{"67", "", calendar.ZoneAlsaceMoselle, "Europe/Paris"},
		{"", "68066", calendar.ZoneAlsaceMoselle, "Europe/Paris"},
		{"57", "57463", calendar.ZoneAlsaceMoselle, "Europe/Paris"},
		{"6AE", "", calendar.ZoneAlsaceMoselle, "Europe/Paris"},
		{"971", "97105", calendar.ZoneGuadeloupe, "America/Guadeloupe"},
		{"972", "", calendar.ZoneMartinique, "America/Martinique"},
		{"973", "97302", calendar.ZoneGuyane, "America/Cayenne"},
		{"", "97411", calendar.ZoneReunion, "Indian/Reunion"},
		{"975", "97502", calendar.ZoneSaintPierreEtMiquelon, "America/Miquelon"},
		{"976", "97608", calendar.ZoneMayotte, "Indian/Mayotte"},
		{"", "97701", calendar.ZoneSaintBarthelemy, "America/St_Barthelemy"},
		{"971", "97123", calendar.ZoneSaintBarthelemy, "America/St_Barthelemy"},
		{"978", "97801", calendar.ZoneSaintMartin, "America/Marigot"},
		{"971", "97127", calendar.ZoneSaintMartin, "America/Marigot"},
		{"986", "98613", calendar.ZoneWallisEtFutuna, "Pacific/Wallis"},
		{"987", "98735", calendar.ZonePolynesie, "Pacific/Tahiti"},
		{"987", "98731", calendar.ZonePolynesie, "Pacific/Marquesas"},
		{"987", "98719", calendar.ZonePolynesie, "Pacific/Gambier"},
		{"988", "98818", calendar.ZoneNouvelleCaledonie, "Pacific/Noumea"},
		{"984", "", calendar.ZoneMainland, "Indian/Kerguelen"},
		{"", "", calendar.ZoneMainland, "Europe/Paris"},
		{"??", "x", calendar.ZoneMainland, "Europe/Paris"},
	}
	for _, test := range tests {
		if got := calendar.ZoneOf(test.departement, test.commune); got != test.zone {
			t.Errorf("ZoneOf(%q, %q) = %s, want %s", test.departement, test.commune, got, test.zone)
		}
		if got := calendar.TimeZoneOf(test.departement, test.commune); got != test.clock {
			t.Errorf("TimeZoneOf(%q, %q) = %s, want %s", test.departement, test.commune, got, test.clock)
		}
		zone(t, test.clock)
	}
	if got := calendar.TimeZone("974"); got != "Indian/Reunion" {
		t.Errorf("TimeZone(974) = %s", got)
	}
}

func TestWorkingDays(t *testing.T) {
	tests := []struct {
		from string
		n    int
		zone calendar.Zone
		want string
	}{
		{"2026-05-13", 1, calendar.ZoneMainland, "2026-05-15"},  // over Ascension
		{"2026-05-13", 3, calendar.ZoneMainland, "2026-05-19"},  // and a week-end
		{"2026-12-24", 1, calendar.ZoneMainland, "2026-12-28"},  // over Christmas
		{"2026-12-24", -1, calendar.ZoneMainland, "2026-12-23"}, //
		{"2026-12-28", -1, calendar.ZoneMainland, "2026-12-24"},
		{"2026-04-02", 1, calendar.ZoneMainland, "2026-04-03"},
		{"2026-04-02", 1, calendar.ZoneAlsaceMoselle, "2026-04-07"}, // Good Friday to Easter Monday
		{"2026-05-26", 1, calendar.ZoneGuadeloupe, "2026-05-28"},
		{"2026-05-26", 1, calendar.ZoneSaintMartin, "2026-05-27"},
		{"2026-11-24", 0, calendar.ZoneMainland, "2026-11-24"},
		{"2026-11-28", 0, calendar.ZoneMainland, "2026-11-30"}, // a Saturday
	}
	for _, test := range tests {
		if got := calendar.AddWorkingDays(day(t, test.from), test.n, test.zone); got != day(t, test.want) {
			t.Errorf("%s %+d working days in %s: %s, want %s", test.from, test.n, test.zone, got, test.want)
		}
	}
}

func TestWorkingDayProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, z := anyDate().Draw(t, "d"), rapid.SampledFrom(calendar.Zones()).Draw(t, "zone")
		n := rapid.IntRange(1, 60).Draw(t, "n")
		after := calendar.AddWorkingDays(d, n, z)
		if !calendar.IsWorkingDay(after, z) || calendar.WorkingDays(d, after, z) != n {
			t.Fatalf("%s + %d = %s, %d working days", d, n, after, calendar.WorkingDays(d, after, z))
		}
		if calendar.WorkingDays(after, d, z) != 0 {
			t.Fatal("working days counted backwards")
		}
		if calendar.IsWorkingDay(d, z) {
			if back := calendar.AddWorkingDays(after, -n, z); back != d {
				t.Fatalf("%s + %d - %d = %s", d, n, n, back)
			}
		}
		if next := calendar.NextWorkingDay(d, z); next.Before(d) || next.Sub(d) > 5 || !calendar.IsWorkingDay(next, z) {
			t.Fatalf("the working day after %s is %s", d, next)
		}
	})
}
