package hours_test

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"parvis/platform/hours"
	"parvis/platform/i18n"
)

// spans reads "09:00-12:00 13:30-17:00".
func spans(t testing.TB, text string) []hours.Span {
	t.Helper()
	var read []hours.Span
	for _, part := range strings.Fields(text) {
		var fromHour, fromMinute, toHour, toMinute int
		if _, err := fmt.Sscanf(part, "%d:%d-%d:%d", &fromHour, &fromMinute, &toHour, &toMinute); err != nil {
			t.Fatalf("%q: %v", part, err)
		}
		read = append(read, hours.Span{From: 60*fromHour + fromMinute, To: 60*toHour + toMinute})
	}
	return read
}

func TestParseDayAccepts(t *testing.T) {
	const whole = "09:00-12:00 13:30-17:00"
	for value, want := range map[string]string{
		"":                              "",
		"09:00 - 12:00":                 "09:00-12:00",
		"09:00 - 12:00 / 13:30 - 17:00": whole,
		// signs
		"09:00-12:00/13:30-17:00":          whole,
		"09:00-12:0013:30-17:00":           whole,
		"09:00 - 12:00 // 13:30 - 17:00":   whole,
		"09:00 - 12:00 / 13:30 - 17:00 /":  whole,
		"/ 09:00 - 12:00 / 13:30 - 17:00.": whole,
		"09:00 – 12:00 / 13:30 — 17:00":    whole,
		"09:00 -- 12:00 / 13:30 - 17:00":   whole,
		"09:00−12:00 ; 13:30−17:00":        whole,
		"09:00 - 12:00, 13:30 - 17:00":     whole,
		"09:00 - 12:00 13:30 - 17:00":      whole,
		"09:00 - 12:00\n13:30 - 17:00":     whole,
		"09:00 - 12:00 - 13:30 - 17:00":    whole,
		"9h/12h - 13h30/17h":               whole,
		"9h - 12h | 13h30 - 17h":           whole,
		"(9h - 12h) (13h30 - 17h)":         whole,
		// times
		"9h-12h/13h30-17h":                    whole,
		"9H-12H / 13H30-17H":                  whole,
		"9 h – 12 h, 13 h 30 – 17 h":          whole,
		"9\u00a0h\u202f–\u00a012\u00a0h":      "09:00-12:00",
		"9h00 à 12h00 et 13h30 à 17h00":       whole,
		"de 9h à 12h et de 13h30 à 17h":       whole,
		"9.00-12.00 / 13.30-17.00":            whole,
		"0900-1200 1330-1700":                 whole,
		"09:00:00 - 12:00:00":                 "09:00-12:00",
		"9-12":                                "09:00-12:00",
		"9-12h30":                             "09:00-12:30",
		"8h30-12h":                            "08:30-12:00",
		"8h30min - 12h":                       "08:30-12:00",
		"9 heures - 12 heures":                "09:00-12:00",
		"9h - midi":                           "09:00-12:00",
		"minuit - 4h":                         "00:00-04:00",
		"20h - minuit":                        "20:00-24:00",
		"20:00 - 24:00":                       "20:00-24:00",
		"02:00 - 05:00":                       "02:00-05:00",
		"24h/24":                              "00:00-24:00",
		"24/24":                               "00:00-24:00",
		"24 heures sur 24":                    "00:00-24:00",
		"8h-10h 10h30-11h30 14h-15h 16h-17h":  "08:00-10:00 10:30-11:30 14:00-15:00 16:00-17:00",
		"13:30 - 17:00 / 09:00 - 12:00":       whole,
		"09:00 - 12:00 / 12:00 - 15:00":       "09:00-15:00",
		"09:00 - 12:00 / 09:00 - 12:00":       "09:00-12:00",
		"00:00 - 00:00 / 09:00 - 12:00":       "09:00-12:00",
		"00:00 - 00:00 / 00:00 - 00:00":       "",
		"08:45 - 10:00/10:30 - 11:30/13h-14h": "08:45-10:00 10:30-11:30 13:00-14:00",
		// words
		"fermé":                            "",
		"Fermé.":                           "",
		"FERMÉE":                           "",
		"ferme\u0301":                      "", // decomposed accent
		"Fermé le matin et l’après-midi":   "",
		"néant":                            "",
		"-":                                "",
		"--":                               "",
		"–":                                "",
		"/":                                "",
		"- / -":                            "",
		"...":                              "",
		"09:00 - 12:00 / fermé":            "09:00-12:00",
		"09:00 - 12:00 / -":                "09:00-12:00",
		"Fermé / 13:30 - 17:00":            "13:30-17:00",
		"fermé le matin, 13h30-17h":        "13:30-17:00",
		"9h-17h non stop":                  "09:00-17:00",
		"9h-17h (journée continue)":        "09:00-17:00",
		"Matin : 9h-12h":                   "09:00-12:00",
		"matin 9h-12h, après-midi 14h-17h": "09:00-12:00 14:00-17:00",
		"Ouvert de 9h à 12h":               "09:00-12:00",
		"ouverture le matin de 9h jusqu’à 12h": "09:00-12:00",
	} {
		got, err := hours.ParseDay(value)
		if err != nil || !slices.Equal(got, spans(t, want)) {
			t.Errorf("%q: %v, %v; want %s", value, got, err, want)
		}
	}
}

func TestParseDayRefuses(t *testing.T) {
	for value, want := range map[string]hours.Reason{
		"09:00 - 17:00 / 14:00 - 17:00":                 hours.Overlap,
		"09:00 - 12:00 / 09:00 - 17:00 / 14:00 - 17:00": hours.Overlap,
		"9h-12h / 11h59-17h":                            hours.Overlap,
		"12:00 - 09:00":                                 hours.Reversed,
		"09:00 - 09:00":                                 hours.Reversed,
		"22:00 - 02:00":                                 hours.Reversed,
		"09:00 - 00:00":                                 hours.Reversed,
		"9h-5h":                                         hours.Reversed,
		"9h":                                            hours.Incomplete,
		"9h - 12h / 14h":                                hours.Incomplete,
		"9h - 12h - 14h":                                hours.Incomplete,
		"9h 12h - 13h30 17h":                            hours.Incomplete,
		"9h et 14h":                                     hours.Incomplete,
		"9h, 12h":                                       hours.Incomplete,
		"9:3 - 12:00":                                   hours.Incomplete,
		"ouvert":                                        hours.Incomplete,
		"matin":                                         hours.Incomplete,
		"jusqu’à 12h":                                   hours.Incomplete,
		"25:00 - 26:00":                                 hours.OutOfRange,
		"9h75 - 12h":                                    hours.OutOfRange,
		"9h - 24h30":                                    hours.OutOfRange,
		"9am - 5pm":                                     hours.TwelveHours,
		"9 a.m. - 5 p.m.":                               hours.TwelveHours,
		"9h-12h / 2h-5h":                                hours.TwelveHours,
		"2-5":                                           hours.TwelveHours,
		"après-midi 8h-11h":                             hours.TwelveHours,
		"matin 14h-17h":                                 hours.TwelveHours,
		"sur rendez-vous":                               hours.Appointment,
		"Sur rendez vous":                               hours.Appointment,
		"9h-12h sur RDV":                                hours.Appointment,
		"R.D.V. uniquement":                             hours.Appointment,
		"1er et 3e lundi du mois":                       hours.Recurrence,
		"1ᵉʳ lundi":                                     hours.Recurrence,
		"9h-12h semaines paires":                        hours.Recurrence,
		"un lundi sur deux":                             hours.Recurrence,
		"9h-12h tous les 15 jours":                      hours.Recurrence,
		"dernier vendredi du mois, 9h-12h":              hours.Recurrence,
		"9h-12h hors vacances scolaires":                hours.Season,
		"9h-12h (juillet et août)":                      hours.Season,
		"9h-12h ou 14h-17h":                             hours.Unreadable,
		"fermé de 12h à 14h":                            hours.Unreadable,
		"lundi au vendredi 9h-12h":                      hours.Unreadable,
		"9h-12h*":                                       hours.Unreadable,
		"dès 9h":                                        hours.Unreadable,
		"voir le site":                                  hours.Unreadable,
		"09:00 → 12:00":                                 hours.Unreadable,
		"123 - 456":                                     hours.Unreadable,
		"☎":                                             hours.Unreadable,
		strings.Repeat("9h-12h ", 100):                  hours.TooMany,
		"1h-2h 3h-4h 5h-6h 7h-8h 9h-10h 11h-12h 13h-14h 15h-16h 17h-18h":                   hours.TwelveHours,
		"01:00-02:00 03:00-04:00 05:00-06:00 7h-8h 9h-10h 11h-12h 13h-14h 15h-16h 17h-18h": hours.TooMany,
	} {
		got, err := hours.ParseDay(value)
		var refusal *hours.Refusal
		if !errors.As(err, &refusal) || !errors.Is(err, hours.ErrRefused) || refusal.Reason != want || got != nil {
			t.Errorf("%q: %v, %v; want %s", value, got, err, want)
			continue
		}
		if len(refusal.Value) > 200 || !strings.HasPrefix(value, refusal.Value) {
			t.Errorf("%q: the refusal names %q", value, refusal.Value)
		}
	}
}

func TestOverlapOffersTheUnion(t *testing.T) {
	_, err := hours.ParseDay("14:00 - 17:00 / 09:00 - 12:00 / 09:00 - 16:00 / 18:00 - 19:00")
	var refusal *hours.Refusal
	if !errors.As(err, &refusal) || !slices.Equal(refusal.Union, spans(t, "09:00-17:00 18:00-19:00")) {
		t.Errorf("%v, union %v", err, refusal.Union)
	}
}

func TestReadSaysWhatItPutRight(t *testing.T) {
	for value, want := range map[string][]hours.Correction{
		"09:00 - 12:00 / 14:00 - 17:00":                                 nil,
		"00:00 - 00:00 / 00:00 - 00:00":                                 {hours.Filler},
		"14:00 - 17:00 / 09:00 - 12:00":                                 {hours.Reordered},
		"09:00 - 12:00 / 09:00 - 12:00":                                 {hours.Repeated},
		"09:00 - 12:00 / 12:00 - 14:00":                                 {hours.Joined},
		"12:00 - 14:00 / 09:00 - 12:00 / 00:00 - 00:00 / 09:00 - 12:00": {hours.Filler, hours.Reordered, hours.Repeated, hours.Joined},
	} {
		got, err := hours.Read(value)
		if err != nil || !slices.Equal(got.Corrections, want) {
			t.Errorf("%q: %v, %v; want %v", value, got.Corrections, err, want)
		}
	}
}

func TestFormatAndParseAgree(t *testing.T) {
	if got := hours.Format(spans(t, "09:00-12:00 13:30-17:00")); got != "9\u00a0h\u00a0– 12\u00a0h, 13\u00a0h\u00a030\u00a0– 17\u00a0h" {
		t.Errorf("%q", got)
	}
	if got := hours.Format(nil); got != "" {
		t.Errorf("no span: %q", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		// Cut points from 7 h, in order and distinct: nothing is ambiguous.
		cuts := rapid.SliceOfNDistinct(rapid.IntRange(7*60, 24*60), 0, 14, rapid.ID[int]).Draw(t, "cuts")
		slices.Sort(cuts)
		var want []hours.Span
		for i := 0; i+1 < len(cuts); i += 2 {
			want = append(want, hours.Span{From: cuts[i], To: cuts[i+1]})
		}
		var dashed []string
		for _, s := range want {
			dashed = append(dashed, s.String())
		}
		for _, text := range []string{hours.Format(want), strings.Join(dashed, " / "), strings.Join(dashed, "")} {
			if got, err := hours.ParseDay(text); err != nil || !slices.Equal(got, want) {
				t.Fatalf("%q is read as %v, %v; want %v", text, got, err, want)
			}
		}
	})
}

// TestRealFile reads every opening time of the list of the France services houses
// (ANCT, 1 August 2024, Licence Ouverte 2.0).
func TestRealFile(t *testing.T) {
	shared := os.Getenv("PARVIS_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "..", "shared")
	}
	path := filepath.Join(shared, "data", "france-services-2024-08-01.csv")
	file, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("%s is absent: put the shared data beside the checkout, or say where they are in PARVIS_SHARED", path)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()

	rows := csv.NewReader(file)
	header, err := rows.Read()
	if err != nil {
		t.Fatal(err)
	}
	var columns []int
	for _, day := range []string{"h_lundi", "h_mardi", "h_mercredi", "h_jeudi", "h_vendredi", "h_samedi"} {
		column := slices.Index(header, day)
		if column < 0 {
			t.Fatalf("no column %s", day)
		}
		columns = append(columns, column)
	}
	values, plain := 0, 0
	accepted, refused := map[string]int{}, map[hours.Reason]int{}
	for line := 2; ; line++ {
		row, err := rows.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, column := range columns {
			value := row[column]
			if value == "" {
				continue
			}
			values++
			reading, err := hours.Read(value)
			var refusal *hours.Refusal
			switch {
			case errors.As(err, &refusal):
				refused[refusal.Reason]++
				t.Logf("line %d: %v; together %v", line, err, hours.Format(refusal.Union))
			case err != nil:
				t.Errorf("line %d: %v", line, err)
			case len(reading.Corrections) == 0:
				plain++
				if again := strings.ReplaceAll(value, " - ", "-"); strings.ReplaceAll(again, " / ", " ") != strings.Trim(fmt.Sprint(reading.Spans), "[]") {
					t.Errorf("line %d: %q was read as %v", line, value, reading.Spans)
				}
			default:
				accepted[fmt.Sprint(reading.Corrections)]++
			}
		}
	}
	corrected, count := 0, 0
	for _, n := range accepted {
		corrected += n
	}
	for _, n := range refused {
		count += n
	}
	t.Logf("%d values: %d read as they are, %d put right %v, %d refused %v", values, plain, corrected, accepted, count, refused)
	if values != 13_949 {
		t.Errorf("%d values, want 13 949", values)
	}
	// Each irregular value was looked at. What overlaps hides several sites, or hours
	// by appointment that only the comment tells: nothing is sure about it.
	if corrected != 109 || count != 48 || refused[hours.Overlap] != 48 {
		t.Errorf("%d put right and %d refused, want 109 and 48", corrected, count)
	}
}

func TestLocales(t *testing.T) {
	if err := i18n.Check(hours.Locales); err != nil {
		t.Error(err)
	}
	if err := i18n.CheckUsage(".", hours.Locales); err != nil {
		t.Error(err)
	}
	catalogue, err := i18n.New(hours.Locales)
	if err != nil {
		t.Fatal(err)
	}
	for _, reason := range hours.Reasons() {
		refusal := &hours.Refusal{Reason: reason, Value: "9h-"}
		for _, lang := range []string{"fr", "en"} {
			if text := catalogue.Localizer(lang).T(refusal.Key(), refusal.Args()...); !strings.Contains(text, "9h-") {
				t.Errorf("%s, %s: %s", lang, reason, text)
			}
		}
	}
	for _, correction := range []hours.Correction{hours.Filler, hours.Repeated, hours.Joined, hours.Reordered} {
		if !catalogue.Has(correction.Key()) {
			t.Errorf("%s has no message", correction)
		}
	}
	if diff := cmp.Diff(map[string]int{}, catalogue.Missing()); diff != "" {
		t.Errorf("messages that could not be given: %s", diff)
	}
}

func FuzzParseDay(f *testing.F) {
	for _, seed := range []string{"09:00 - 12:00 / 13:30 - 17:00", "9h-12h", "fermé", "9:", "é", "\xff", "24h/24", "9h30min-", "1ᵉʳ", "((((", "---"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		reading, err := hours.Read(value)
		if err != nil {
			if !errors.Is(err, hours.ErrRefused) {
				t.Errorf("%q: %v", value, err)
			}
			return
		}
		last := -1
		for _, s := range reading.Spans {
			if s.From <= last || s.To <= s.From || s.To > 1440 {
				t.Errorf("%q was read as %v", value, reading.Spans)
			}
			last = s.To
		}
	})
}
