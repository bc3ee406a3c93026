package intervention

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"parvis/core/access"
	"parvis/platform/calendar"
	"parvis/platform/i18n"
	"parvis/platform/web/page"
)

func TestLocales(t *testing.T) {
	if err := i18n.Check(Locales); err != nil {
		t.Error(err)
	}
	if err := i18n.CheckUsage(".", Locales, page.Locales); err != nil {
		t.Error(err)
	}
}

func TestPermissions(t *testing.T) {
	if _, err := access.Compile((&Service{}).Service().Permissions); err != nil {
		t.Error(err)
	}
}

// TestMedianOfSurvival: by hand, and the example of a textbook (Collett 2015,
// discontinuation of an IUD: the median is 93 weeks).
func TestMedianOfSurvival(t *testing.T) {
	ended := func(days ...float64) (out []span) {
		for _, d := range days {
			out = append(out, span{d, true})
		}
		return out
	}
	watched := func(days ...float64) (out []span) {
		for _, d := range days {
			out = append(out, span{d, false})
		}
		return out
	}
	for name, x := range map[string]struct {
		spans []span
		days  float64
		known bool
	}{
		"nothing":                 {nil, 0, false},
		"all ended, odd":          {ended(3, 1, 2), 2, true},
		"one ended":               {ended(7), 7, true},
		"none ended":              {watched(5, 9), 9, false},
		"half still clean":        {append(ended(2), watched(10)...), 2, true},
		"more than half clean":    {append(ended(2), watched(10, 12)...), 12, false},
		"censored before the end": {append(ended(4, 8), watched(1, 2)...), 4, true},
		"textbook":                {append(ended(10, 19, 30, 36, 59, 75, 93, 97, 107), watched(13, 18, 23, 38, 54, 56, 104, 107, 107)...), 93, true},
	} {
		if days, known := kaplanMeier(slices.Clone(x.spans)); days != x.days || known != x.known {
			t.Errorf("%s: %v %v, want %v %v", name, days, known, x.days, x.known)
		}
	}
}

// TestPackedVisitsComeBack for every visit that a place may hold.
func TestPackedVisitsComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 20).Draw(t, "n")
		var list []visit
		for range n {
			at := time.Unix(rapid.Int64Range(1, 4_000_000_000/60).Draw(t, "at")*60, 0).UTC()
			v := visit{Noticed: at, Minutes: rapid.Int64Range(0, math.MaxUint16).Draw(t, "minutes"), Cents: rapid.Int64Range(0, math.MaxUint32).Draw(t, "cents"), Quantity: float64(rapid.IntRange(0, 1000).Draw(t, "m²")) / 4}
			if rapid.Bool().Draw(t, "done") {
				v.Done = at.Add(time.Hour)
			}
			list = append(list, v)
		}
		if got := unpack(pack(list), nil); !slices.Equal(got, list) {
			t.Fatalf("%v became %v", list, got)
		}
	})
}

// TestSpansBetweenVisits: what was done until what was noticed next, within the
// period.
func TestSpansBetweenVisits(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC).AddDate(0, 0, n) }
	visits := []visit{{Noticed: day(0), Done: day(1)}, {Noticed: day(11), Done: day(13)}, {Noticed: day(12), Done: day(14)}, {Noticed: day(34), Done: day(35)}, {Noticed: day(60)}}
	var p PlaceCount
	got := p.read(visits, RecurrenceQuery{From: day(0), To: day(40)}, nil)
	want := []span{{10, true}, {21, true}, {20, true}, {5, false}}
	if p.Count != 4 || !slices.Equal(got, want) {
		t.Errorf("%d visits, spans %v, want %v", p.Count, got, want)
	}
	p = PlaceCount{}
	if got := p.read(visits, RecurrenceQuery{From: day(30), To: day(100)}, nil); p.Count != 1 || !slices.Equal(got, []span{{25, true}}) {
		t.Errorf("later: %d visits, spans %v", p.Count, got)
	}
}

// TestWaysOfTheStates: what an agent may, what only a chief may, what nobody may.
func TestWaysOfTheStates(t *testing.T) {
	for _, from := range States() {
		for _, to := range States() {
			agent, chief := from.may(to, false), from.may(to, true)
			if agent && !chief {
				t.Errorf("%s → %s: an agent may what the chief may not", from, to)
			}
			if from == to && from != Planned && chief {
				t.Errorf("%s → itself", from)
			}
			if (to == Checked || to == Cancelled || to == ToPlan || to == Planned) && agent {
				t.Errorf("%s → %s: an agent may", from, to)
			}
			if from == Checked && chief {
				t.Errorf("%s → %s: what is checked moves", from, to)
			}
		}
	}
	for _, x := range [][2]State{{Planned, Done}, {ToPlan, Started}, {Travelling, Started}, {Started, Suspended}, {Suspended, Started}, {Suspended, Done}, {Started, Impossible}, {Planned, Moot}} {
		if !x[0].may(x[1], false) {
			t.Errorf("%s → %s: an agent may not", x[0], x[1])
		}
	}
}

// TestTradesAreText: what the page shows is what it reads back.
func TestTradesAreText(t *testing.T) {
	for _, trade := range Templates() {
		if err := trade.Check(); err != nil {
			t.Errorf("%s: %v", trade.Code, err)
		}
		trade.Version = 1
		back, err := readTrade(typedTrade(trade))
		if err != nil {
			t.Errorf("%s: %v", trade.Code, err)
			continue
		}
		a, b := trade.Config.V, back.Config.V
		if WriteFields(a.Fields) != WriteFields(b.Fields) || WriteChecklist(a.Checklist) != WriteChecklist(b.Checklist) || WriteMaterials(a.Materials) != WriteMaterials(b.Materials) || WriteOutcomes(a.Outcomes) != WriteOutcomes(b.Outcomes) ||
			a.HourCents != b.HourCents || a.DueHours != b.DueHours || a.After != b.After || a.Unit != b.Unit {
			t.Errorf("%s came back as %+v", trade.Code, b)
		}
		for i, f := range a.Fields {
			if b.Fields[i].Key != f.Key || b.Fields[i].Kind != f.Kind {
				t.Errorf("%s: %+v came back as %+v", trade.Code, f, b.Fields[i])
			}
		}
	}
	for text, want := range map[string]string{"Un\nUn": "fields", " | x": "fields"} {
		if _, err := ReadFields(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, bad := range []string{"Décapant | litre | cher", "x | y | -3", "x | y | 1,234"} {
		if _, err := ReadMaterials(bad); err == nil {
			t.Errorf("%q is read", bad)
		}
	}
}

// TestDaysOfAPlan: over the change of clocks, at holidays.
func TestDaysOfAPlan(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	p := Plan{Holidays: "shift"}
	p.Rule.V = calendar.Rule{RRule: "FREQ=DAILY", Start: calendar.On(2026, 10, 23), From: 150, To: 210} // 2 h 30: twice on the 25th
	days, err := p.Days(calendar.On(2026, 10, 23), calendar.On(2026, 10, 27), calendar.ZoneMainland)
	if err != nil || len(days) != 5 {
		t.Fatalf("%v, %v", days, err)
	}
	for _, d := range days {
		if at := p.Rule.V.IntervalOn(d[1], paris).From().In(paris); at.Hour() != 2 || at.Minute() != 30 {
			t.Errorf("%v begins at %v", d[0], at)
		}
	}
	p.Rule.V = calendar.Rule{RRule: "FREQ=MONTHLY;BYMONTHDAY=1", Start: calendar.On(2026, 1, 1), From: 480, To: 540}
	for holidays, want := range map[string]string{"shift": "2026-05-01→2026-05-04", "skip": "", "keep": "2026-05-01→2026-05-01"} {
		p.Holidays = holidays
		days, err := p.Days(calendar.On(2026, 5, 1), calendar.On(2026, 5, 20), calendar.ZoneMainland)
		got := ""
		for _, d := range days {
			got += d[0].String() + "→" + d[1].String()
		}
		if err != nil || got != want {
			t.Errorf("%s on Labour Day, a Friday: %q (%v), want %q", holidays, got, err, want)
		}
	}
}

func TestHexagonsHoldEveryPlace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, y := rapid.Float64Range(-500, 500).Draw(t, "x"), rapid.Float64Range(-500, 500).Draw(t, "y")
		key := hexAt(x, y, hexSide)
		cx, cy := hexSide*math.Sqrt(3)*(float64(key[0])+float64(key[1])/2), hexSide*1.5*float64(key[1])
		if d := math.Hypot(x-cx, y-cy); d > hexSide+1e-9 {
			t.Fatalf("(%v, %v) is %v from the middle of its tile", x, y, d)
		}
	})
}
