package i18n_test

import (
	"context"
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"parvis/platform/i18n"
)

// show makes the two non-breaking spaces visible: ~ is U+00A0, _ is U+202F.
func show(s string) string {
	return strings.NewReplacer("\u00a0", "~", "\u202f", "_").Replace(s)
}

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func speakers(t *testing.T) (fr, en context.Context) {
	t.Helper()
	c := catalog(t, demo())
	fr = i18n.With(context.Background(), c.Localizer("fr"))
	en = i18n.With(context.Background(), c.Localizer("en"))
	return fr, en
}

func compare(t *testing.T, tests [][2]string) {
	t.Helper()
	for _, test := range tests {
		if got := show(test[0]); got != test[1] {
			t.Errorf("got %q, want %q", got, test[1])
		}
	}
}

func TestDates(t *testing.T) {
	fr, en := speakers(t)
	day := time.Date(2026, 11, 24, 8, 30, 0, 0, time.UTC) // 9 h 30 in Paris
	first := time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC)
	now := time.Date(2026, 11, 23, 9, 40, 0, 0, time.UTC)
	next := time.Date(2027, 1, 2, 8, 0, 0, 0, time.UTC)
	compare(t, [][2]string{
		{i18n.Day(fr, day), "mardi 24~novembre"},
		{i18n.Day(en, day), "Tuesday 24~November"},
		{i18n.Day(fr, first), "mardi 1er~décembre"},
		{i18n.Day(en, first), "Tuesday 1~December"},
		{i18n.DayWithYear(fr, day, now), "mardi 24~novembre"},
		{i18n.DayWithYear(fr, next, now), "samedi 2~janvier~2027"},
		{i18n.DayWithYear(en, next, now), "Saturday 2~January~2027"},
		{i18n.DayShort(fr, day), "mar.~24~nov."},
		{i18n.DayShort(fr, first), "mar.~1er~déc."},
		{i18n.DayShort(en, day), "Tue~24~Nov"},
		{i18n.Date(fr, first), "1er~décembre~2026"},
		{i18n.Date(en, day), "24~November~2026"},
		{i18n.DateNumeric(fr, first), "01/12/2026"},
		{i18n.Clock(fr, day), "9~h~30"},
		{i18n.Clock(fr, first), "9~h"},
		{i18n.Clock(en, day), "9:30~am"},
		{i18n.Clock(en, first), "9~am"},
		{i18n.DayTime(fr, day), "mardi 24~novembre à 9~h~30"},
		{i18n.DayTime(en, day), "Tuesday 24~November at 9:30~am"},
	})
}

func TestTimesOfDay(t *testing.T) {
	fr, en := speakers(t)
	at := func(hour, minute int) time.Time {
		return time.Date(2026, 11, 24, hour, minute, 0, 0, zone(t, "Europe/Paris"))
	}
	compare(t, [][2]string{
		{i18n.ClockMinutes(fr, 0), "0~h"},
		{i18n.ClockMinutes(fr, 485), "8~h~05"},
		{i18n.ClockMinutes(fr, 1440), "24~h"},
		{i18n.ClockMinutes(en, 0), "12~am"},
		{i18n.ClockMinutes(en, 720), "12~pm"},
		{i18n.ClockMinutes(en, 725), "12:05~pm"},
		{i18n.ClockMinutes(en, 1380), "11~pm"},
		{i18n.ClockMinutes(en, 1440), "12~am"},
		{i18n.ClockRange(fr, at(8, 30), at(12, 0)), "8~h~30~– 12~h"},
		{i18n.ClockRange(fr, at(20, 0), at(24, 0)), "20~h~– 24~h"},
		{i18n.ClockRange(en, at(8, 30), at(12, 0)), "8:30~am~– 12~pm"},
	})
}

// Tomorrow is the next day of the calendar where the territory is, whatever the
// number of hours: on 29 March 2026 the day has 23 of them.
func TestRelativeDays(t *testing.T) {
	fr, en := speakers(t)
	paris := zone(t, "Europe/Paris")
	now := time.Date(2026, 3, 28, 23, 50, 0, 0, paris)
	compare(t, [][2]string{
		{i18n.DayTimeRelative(fr, time.Date(2026, 3, 28, 9, 30, 0, 0, paris), now), "aujourd’hui, 9~h~30"},
		{i18n.DayTimeRelative(fr, time.Date(2026, 3, 29, 0, 0, 0, 0, paris), now), "demain, 0~h"},
		{i18n.DayTimeRelative(fr, time.Date(2026, 3, 29, 23, 59, 0, 0, paris), now), "demain, 23~h~59"},
		{i18n.DayTimeRelative(fr, time.Date(2026, 3, 30, 0, 0, 0, 0, paris), now), "lundi 30~mars à 0~h"},
		{i18n.DayTimeRelative(fr, time.Date(2026, 3, 27, 23, 0, 0, 0, paris), now), "hier, 23~h"},
		{i18n.DayTimeRelative(fr, time.Date(2025, 3, 28, 9, 0, 0, 0, paris), now), "vendredi 28~mars~2025 à 9~h"},
		{i18n.DayTimeRelative(en, time.Date(2026, 3, 29, 9, 0, 0, 0, paris), now), "tomorrow, 9~am"},
	})
	year := time.Date(2026, 12, 31, 12, 0, 0, 0, paris)
	compare(t, [][2]string{{i18n.DayTimeRelative(fr, year.AddDate(0, 0, 1), year), "demain, 12~h"}})
}

func TestTheTerritoryShowsItsOwnTime(t *testing.T) {
	fr, _ := speakers(t)
	instant := time.Date(2026, 7, 1, 22, 15, 0, 0, time.UTC)
	for name, want := range map[string]string{
		"Europe/Paris":     "jeudi 2~juillet à 0~h~15",
		"America/Cayenne":  "mercredi 1er~juillet à 19~h~15",
		"Indian/Reunion":   "jeudi 2~juillet à 2~h~15",
		"Pacific/Noumea":   "jeudi 2~juillet à 9~h~15",
		"Pacific/Tahiti":   "mercredi 1er~juillet à 12~h~15",
		"America/Miquelon": "mercredi 1er~juillet à 20~h~15",
	} {
		ctx := i18n.WithLocation(fr, zone(t, name))
		if got := show(i18n.DayTime(ctx, instant)); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestPeriods(t *testing.T) {
	fr, en := speakers(t)
	day := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 12, 0, 0, 0, time.UTC) }
	compare(t, [][2]string{
		{i18n.Period(fr, day(2026, 11, 24), day(2026, 11, 30)), "du 24 au 30~novembre~2026"},
		{i18n.Period(fr, day(2026, 12, 1), day(2026, 12, 3)), "du 1er au 3~décembre~2026"},
		{i18n.Period(fr, day(2026, 11, 24), day(2026, 12, 1)), "du 24~novembre au 1er~décembre~2026"},
		{i18n.Period(fr, day(2026, 12, 28), day(2027, 1, 3)), "du 28~décembre~2026 au 3~janvier~2027"},
		{i18n.Period(fr, day(2026, 11, 24), day(2026, 11, 24)), "le 24~novembre~2026"},
		{i18n.Period(en, day(2026, 11, 24), day(2026, 11, 30)), "24 to 30~November~2026"},
		{i18n.Period(en, day(2026, 12, 28), day(2027, 1, 3)), "28~December~2026 to 3~January~2027"},
		{i18n.Period(en, day(2026, 11, 24), day(2026, 11, 24)), "24~November~2026"},
	})
}

func TestDurations(t *testing.T) {
	fr, en := speakers(t)
	compare(t, [][2]string{
		{i18n.Duration(fr, 45*time.Minute), "45~minutes"},
		{i18n.Duration(fr, time.Minute), "1~minute"},
		{i18n.Duration(fr, 0), "0~seconde"},
		{i18n.Duration(fr, 30*time.Second), "30~secondes"},
		{i18n.Duration(fr, time.Hour), "1~heure"},
		{i18n.Duration(fr, 90*time.Minute), "1~h~30"},
		{i18n.Duration(fr, 125*time.Minute), "2~h~05"},
		{i18n.Duration(fr, 24*time.Hour), "24~heures"},
		{i18n.Duration(fr, 48*time.Hour), "2~jours"},
		{i18n.Duration(fr, 51*time.Hour+time.Minute), "2~jours 3~h"},
		{i18n.Duration(fr, -90*time.Minute), "−1~h~30"},
		{i18n.Duration(fr, math.MinInt64), "−106_751~jours 23~h"},
		{i18n.Duration(en, 0), "0~seconds"},
		{i18n.Duration(en, 45*time.Minute), "45~minutes"},
		{i18n.Duration(en, time.Hour), "1~hour"},
		{i18n.Duration(en, 90*time.Minute), "1~h~30~min"},
		{i18n.Duration(en, 48*time.Hour), "2~days"},
	})
}

func TestNumbers(t *testing.T) {
	fr, en := speakers(t)
	compare(t, [][2]string{
		{i18n.Number(fr, 14800), "14_800"},
		{i18n.Number(fr, 7.1), "7,1"},
		{i18n.Number(fr, 14800.0), "14_800"},
		{i18n.Number(fr, 0.005), "0,01"},
		{i18n.Number(fr, -0.001), "0"},
		{i18n.Number(fr, -1234567), "−1_234_567"},
		{i18n.Number(fr, int64(math.MinInt64)), "−9_223_372_036_854_775_808"},
		{i18n.Number(fr, int64(math.MaxInt64)), "9_223_372_036_854_775_807"},
		{i18n.Number(fr, uint8(200)), "200"},
		{i18n.Number(fr, math.NaN()), "–"},
		{i18n.Number(fr, 1/math.Inf(1)), "0"},
		{i18n.Number(fr, math.Inf(1)), "–"},
		{i18n.Number(en, 14800), "14,800"},
		{i18n.Number(en, 1234.56), "1,234.56"},
		{i18n.Decimal(fr, 7.1, 2), "7,10"},
		{i18n.Decimal(fr, -7, 0), "−7"},
		{i18n.Percent(fr, 0.071), "7,1~%"},
		{i18n.Percent(fr, 1), "100~%"},
		{i18n.Percent(fr, -0.0004), "0~%"},
		{i18n.Percent(en, 0.071), "7.1%"},
	})
}

func TestMoney(t *testing.T) {
	fr, en := speakers(t)
	compare(t, [][2]string{
		{i18n.Money(fr, 1_480_000), "14_800~€"},
		{i18n.Money(fr, 1250), "12,50~€"},
		{i18n.Money(fr, 5), "0,05~€"},
		{i18n.Money(fr, 0), "0~€"},
		{i18n.Money(fr, -5), "−0,05~€"},
		{i18n.Money(fr, -100_000_000), "−1_000_000~€"},
		{i18n.Money(fr, math.MinInt64), "−92_233_720_368_547_758,08~€"},
		{i18n.Money(en, 1_480_000), "€14,800"},
		{i18n.Money(en, -1250), "−€12.50"},
	})
}

func TestPhones(t *testing.T) {
	fr, en := speakers(t)
	compare(t, [][2]string{
		{i18n.Phone(fr, "+33536491240"), "05~36~49~12~40"},
		{i18n.Phone(en, "+33639980012"), "06~39~98~00~12"},
		{i18n.Phone(fr, "+262262000000"), "02~62~00~00~00"},
		{i18n.Phone(fr, "+687050203"), "+687~05~02~03"},
		{i18n.Phone(fr, "+442079460958"), "+44~20~7946~0958"},
		{i18n.Phone(fr, "3949"), "3949"},
		{i18n.Phone(fr, "+33x"), "+33x"},
		{i18n.Phone(fr, ""), ""},
	})
}

// Whatever the amount, reading the text back gives the cents.
func TestMoneyReadsBack(t *testing.T) {
	fr, _ := speakers(t)
	rapid.Check(t, func(t *rapid.T) {
		cents := rapid.Int64().Draw(t, "cents")
		text := strings.TrimSuffix(i18n.Money(fr, cents), "\u00a0€")
		if !strings.Contains(text, ",") {
			text += ",00"
		}
		text = strings.NewReplacer("\u202f", "", ",", "", "−", "-").Replace(text)
		sign := int64(1)
		if strings.HasPrefix(text, "-") {
			sign, text = -1, text[1:]
		}
		var back int64
		for _, digit := range text {
			back = back*10 + sign*int64(digit-'0')
		}
		if back != cents {
			t.Fatalf("%d cents shown %q", cents, i18n.Money(fr, cents))
		}
	})
}
