package calendar

import (
	"cmp"
	"embed"
	"slices"
	"time"
)

// Locales holds the names of holidays, school holidays, zones and weeks, in French
// and English.
//
//go:embed locales/*.json
var Locales embed.FS

// Holiday is a public holiday (jour férié).
type Holiday struct {
	Date Date
	// Key is the key of the name in [Locales].
	Key string
	// Partial marks a day that is a holiday only in some communes of the zone: in
	// Alsace and Moselle, Good Friday is one in communes with a Protestant church
	// or a church shared by both confessions (Code du travail, L. 3134-13, 2°). The
	// territory says whether it is one of them.
	Partial bool
}

// holidayRule is a line of the table: a fixed day, or a distance from Easter.
type holidayRule struct {
	key     string
	month   time.Month
	day     int // of the month, or days after Easter Sunday when month is 0
	since   int // first year, 0 for any
	until   int // last year, 0 for any
	partial bool
}

// national are the days of Code du travail, L. 3133-1.
func national() []holidayRule {
	return []holidayRule{
		{key: "new_year", month: time.January, day: 1},
		{key: "easter_monday", day: 1},
		{key: "labour_day", month: time.May, day: 1},
		{key: "victory_day", month: time.May, day: 8},
		{key: "ascension", day: 39},
		{key: "whit_monday", day: 50},
		{key: "national_day", month: time.July, day: 14},
		{key: "assumption", month: time.August, day: 15},
		{key: "all_saints", month: time.November, day: 1},
		{key: "armistice", month: time.November, day: 11},
		{key: "christmas", month: time.December, day: 25},
	}
}

// local are the days a zone adds.
func local(zone Zone) []holidayRule {
	abolition := func(month time.Month, day int) holidayRule {
		return holidayRule{key: "abolition", month: month, day: day}
	}
	switch zone {
	case ZoneAlsaceMoselle: // Code du travail, L. 3134-13; ordonnance of 16 August 1892
		return []holidayRule{
			{key: "good_friday", day: -2, partial: true},
			{key: "saint_stephen", month: time.December, day: 26},
		}
	// Code du travail, L. 3422-2; loi nº 83-550; décret nº 83-1003, art. 1.
	case ZoneMayotte:
		return []holidayRule{abolition(time.April, 27)}
	case ZoneMartinique:
		return []holidayRule{abolition(time.May, 22)}
	case ZoneGuadeloupe:
		return []holidayRule{abolition(time.May, 27)}
	case ZoneGuyane:
		return []holidayRule{abolition(time.June, 10)}
	case ZoneSaintBarthelemy:
		return []holidayRule{abolition(time.October, 9)}
	case ZoneReunion:
		return []holidayRule{abolition(time.December, 20)}
	case ZoneSaintMartin:
		// The code still prints 27 May; the day kept there is the 28th, by the
		// deliberation of the territorial council of 5 November 2015, loi nº 2017-256
		// and the ministerial circulars of 4 May 2018 and 3 May 2019.
		return []holidayRule{
			{key: "abolition", month: time.May, day: 27, until: 2017},
			{key: "abolition", month: time.May, day: 28, since: 2018},
		}
	case ZonePolynesie:
		// Code du travail de la Polynésie française; the loi du pays voted on 6 May
		// 2025 replaced 29 June by 20 November.
		return []holidayRule{
			{key: "gospel", month: time.March, day: 5},
			{key: "good_friday", day: -2},
			{key: "autonomy", month: time.June, day: 29, until: 2024},
			{key: "matarii", month: time.November, day: 20, since: 2025},
		}
	case ZoneNouvelleCaledonie: // Code du travail de Nouvelle-Calédonie
		return []holidayRule{{key: "citizenship", month: time.September, day: 24}}
	case ZoneWallisEtFutuna: // days kept by the Territory
		return []holidayRule{
			{key: "saint_peter_chanel", month: time.April, day: 28},
			{key: "saints_peter_paul", month: time.June, day: 29},
			{key: "territory_day", month: time.July, day: 29},
		}
	}
	return nil
}

// Holidays returns the public holidays of a year in a zone, in order. Two may fall
// on the same day: on 1 May 2008 it was Ascension too. Today's law is applied to
// past years, except for the changes noted in the table. Years before 1583 and
// after 9999 have none.
//
// In Mayotte, L. 3422-2 leaves room for customary Muslim feasts; their dates are
// announced, not computed: the territory enters them as closures.
func Holidays(year int, zone Zone) []Holiday {
	if year < 1583 || year > 9999 {
		return nil
	}
	easter := Easter(year)
	var days []Holiday
	for _, rule := range append(national(), local(zone)...) {
		if year < rule.since || rule.until != 0 && year > rule.until {
			continue
		}
		date := Date{year, rule.month, rule.day}
		if rule.month == 0 {
			date = easter.AddDays(rule.day)
		}
		days = append(days, Holiday{Date: date, Key: "calendar.holiday." + rule.key, Partial: rule.partial})
	}
	slices.SortFunc(days, func(a, b Holiday) int {
		return cmp.Or(a.Date.Compare(b.Date), cmp.Compare(a.Key, b.Key))
	})
	return days
}

// HolidayOn returns the public holiday of a day in a zone; ok is false on other
// days.
func HolidayOn(d Date, zone Zone) (h Holiday, ok bool) {
	for _, h := range Holidays(d.Year, zone) {
		if h.Date == d {
			return h, true
		}
	}
	return Holiday{}, false
}
