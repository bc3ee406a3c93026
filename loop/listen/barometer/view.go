package barometer

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"parvis/engine/indicator"
	"parvis/platform/i18n"
	"parvis/platform/web/page"
)

// interval is « entre 62,7 % et 90,5 % ».
func interval(ctx context.Context, s indicator.Share) string {
	low, high := s.Interval()
	return i18n.T(ctx, "barometer.interval", "Low", i18n.Percent(ctx, low), "High", i18n.Percent(ctx, high))
}

// meanInterval is « entre 7,3 et 9,7 ».
func meanInterval(ctx context.Context, m indicator.Mean) string {
	return i18n.T(ctx, "barometer.interval", "Low", i18n.Decimal(ctx, m.Low, 1), "High", i18n.Decimal(ctx, m.High, 1))
}

// strengthWord is the label beside a small base; "" for a solid one.
func strengthWord(ctx context.Context, n int) (word, kind string) {
	switch indicator.StrengthOf(n) {
	case indicator.Silent:
		return i18n.T(ctx, "barometer.few"), "line"
	case indicator.Fragile:
		return i18n.T(ctx, "barometer.fragile"), "wait"
	}
	return "", ""
}

// bases is « 412 réponses ».
func bases(ctx context.Context, n int) string { return i18n.N(ctx, "barometer.answers", n) }

// shareStat is a share as a tile, with interval and base; nothing under five.
func shareStat(ctx context.Context, label string, s indicator.Share) page.StatData {
	word, kind := strengthWord(ctx, s.Of)
	d := page.StatData{Label: label, Value: i18n.T(ctx, "barometer.none"), Target: bases(ctx, s.Of), Badge: word, Quality: kind}
	if s.Shown() {
		d.Value, d.Target, d.Since = i18n.Percent(ctx, s.Rate()), interval(ctx, s), bases(ctx, s.Of)
	}
	return d
}

// meanStat is a mean out of ten as a tile.
func meanStat(ctx context.Context, label string, m indicator.Mean) page.StatData {
	word, kind := strengthWord(ctx, m.N)
	d := page.StatData{Label: label, Value: i18n.T(ctx, "barometer.none"), Target: bases(ctx, m.N), Badge: word, Quality: kind}
	if m.N >= indicator.Fewest {
		d.Value, d.Target, d.Since = i18n.T(ctx, "barometer.ten", "Value", i18n.Decimal(ctx, m.Value, 1)), meanInterval(ctx, m), bases(ctx, m.N)
	}
	return d
}

// headTiles are the two figures everything starts with, and the response rate.
func headTiles(ctx context.Context, f Figures) []page.StatData {
	out := []page.StatData{shareStat(ctx, i18n.T(ctx, "barometer.tile.good"), f.Good()), meanStat(ctx, i18n.T(ctx, "barometer.tile.mean"), f.Mean())}
	response := page.StatData{Label: i18n.T(ctx, "barometer.tile.response"), Value: i18n.T(ctx, "barometer.none"), Target: i18n.N(ctx, "barometer.finished", f.Finished)}
	if r := f.Response(); r.Of >= indicator.Fewest {
		response.Value, response.Since = i18n.Percent(ctx, r.Rate()), bases(ctx, f.N)
		if r.Rate() < fewAnswers {
			response.Badge, response.Quality = i18n.T(ctx, "barometer.caveat"), "wait"
		}
	}
	return append(out, response)
}

// jdmaTiles are the other scores of « Je donne mon avis ».
func jdmaTiles(ctx context.Context, f Figures) []page.StatData {
	return []page.StatData{
		meanStat(ctx, i18n.T(ctx, "barometer.tile.clarity"), f.Clarity()), shareStat(ctx, i18n.T(ctx, "barometer.tile.reached"), f.Reached),
		meanStat(ctx, i18n.T(ctx, "barometer.tile.helped"), f.Helped()), shareStat(ctx, i18n.T(ctx, "barometer.tile.autonomy"), f.Autonomy()),
	}
}

// changeWords says what a comparison proves, with its interval.
func changeWords(ctx context.Context, now, before indicator.Share) string {
	if !now.Shown() || !before.Shown() {
		return i18n.T(ctx, "barometer.change.none")
	}
	d := indicator.Compare(now, before)
	args := []any{"Before", i18n.Percent(ctx, before.Rate()), "N", i18n.Number(ctx, before.Of), "Low", points(ctx, d.Low), "High", points(ctx, d.High)}
	switch {
	case d.Low > 0:
		return i18n.T(ctx, "barometer.change.up", args...)
	case d.High < 0:
		return i18n.T(ctx, "barometer.change.down", args...)
	}
	return i18n.T(ctx, "barometer.change.same", args...)
}

// points is a difference of shares in points, « +3,2 » or « −1,5 ».
func points(ctx context.Context, d float64) string {
	s := i18n.Decimal(ctx, 100*d, 1)
	if d > 0 {
		s = "+" + s
	}
	return strings.Replace(s, "-", "−", 1)
}

// bar is one answer of a distribution.
type bar struct {
	Label, Words string
	Ratio        float64
}

func bars(ctx context.Context, labels []string, counts []int) []bar {
	sum := 0
	for _, n := range counts {
		sum += n
	}
	out := make([]bar, len(counts))
	for i, n := range counts {
		s := indicator.Share{Count: n, Of: sum}
		out[i] = bar{labels[i], i18n.T(ctx, "barometer.bar", "N", i18n.Number(ctx, n), "Share", i18n.Percent(ctx, s.Rate())), s.Rate()}
	}
	return out
}

func satisfactionBars(ctx context.Context, f Figures) []bar {
	return bars(ctx, []string{i18n.T(ctx, "barometer.satisfaction.good"), i18n.T(ctx, "barometer.satisfaction.medium"), i18n.T(ctx, "barometer.satisfaction.bad")},
		[]int{f.Satisfaction[2], f.Satisfaction[1], f.Satisfaction[0]})
}

func fiveBars(ctx context.Context, key string, counts [5]int) []bar {
	labels := make([]string, 5)
	for i := range labels {
		labels[i] = i18n.T(ctx, key+strconv.Itoa(i+1))
	}
	return bars(ctx, labels, counts[:])
}

func aidBars(ctx context.Context, f Figures) []bar {
	var out []bar
	for _, a := range Aids() {
		s := indicator.Share{Count: f.Tried[a], Of: f.TriedBase}
		out = append(out, bar{i18n.T(ctx, "barometer.aid."+a.Code()), i18n.T(ctx, "barometer.bar", "N", i18n.Number(ctx, s.Count), "Share", i18n.Percent(ctx, s.Rate())), s.Rate()})
	}
	return out
}

// boardTable is the services, ranked by lower bound.
func boardTable(ctx context.Context, b board, href func(name string) string) page.TableData {
	t := page.TableData{Caption: i18n.T(ctx, "barometer.board.caption"), Columns: []page.Column{{Label: i18n.T(ctx, "barometer.column.service")},
		{Label: i18n.T(ctx, "barometer.tile.good"), Right: true}, {Label: i18n.T(ctx, "barometer.tile.mean"), Right: true}, {Label: i18n.T(ctx, "barometer.column.n"), Right: true},
		{Label: i18n.T(ctx, "barometer.tile.response"), Right: true}, {Label: i18n.T(ctx, "barometer.column.change")}}, Empty: i18n.T(ctx, "barometer.board.none")}
	for _, r := range b.Rows {
		f := r.Figures
		word, _ := strengthWord(ctx, f.N)
		cells := []page.Cell{{Head: true, Text: r.Topic.Label, Href: href(r.Topic.Name), Note: word}}
		switch {
		case f.N < indicator.Fewest:
			cells = append(cells, page.Cell{Text: "–"}, page.Cell{Text: "–"}, page.Cell{Text: i18n.Number(ctx, f.N)}, page.Cell{Text: "–"}, page.Cell{Text: ""})
		case r.Hidden && b.Span.Public:
			cells = append(cells, page.Cell{Text: i18n.T(ctx, "barometer.hidden")}, page.Cell{Text: "–"}, page.Cell{Text: "–"}, page.Cell{Text: "–"}, page.Cell{Text: ""})
		default:
			response := "–"
			if rr := f.Response(); rr.Of >= indicator.Fewest {
				response = i18n.Percent(ctx, rr.Rate())
			}
			cells = append(cells, page.Cell{Text: i18n.Percent(ctx, f.Good().Rate()), Note: interval(ctx, f.Good())},
				page.Cell{Text: i18n.Decimal(ctx, f.Mean().Value, 1), Note: meanInterval(ctx, f.Mean())}, page.Cell{Text: i18n.Number(ctx, f.N)}, page.Cell{Text: response}, page.Cell{Text: rowChange(ctx, r)})
		}
		t.Rows = append(t.Rows, cells)
	}
	return t
}

func rowChange(ctx context.Context, r boardRow) string {
	switch {
	case !r.Tested:
		return i18n.T(ctx, "barometer.change.short.none")
	case r.Flagged && r.Change.Value > 0:
		return i18n.T(ctx, "barometer.change.short.up")
	case r.Flagged:
		return i18n.T(ctx, "barometer.change.short.down")
	}
	return i18n.T(ctx, "barometer.change.short.same")
}

// cutTable is a table by channel or delay, small cells and what would betray
// them hidden.
func cutTable(ctx context.Context, caption, first, key string, cuts []Cut) page.TableData {
	t := page.TableData{Caption: caption, Columns: []page.Column{{Label: first}, {Label: i18n.T(ctx, "barometer.tile.good"), Right: true}, {Label: i18n.T(ctx, "barometer.tile.mean"), Right: true}, {Label: i18n.T(ctx, "barometer.column.n"), Right: true}}}
	for _, c := range cuts {
		label := c.Key
		if key != "" {
			if label == "" {
				label = "none"
			}
			label = i18n.T(ctx, key+label)
		} else {
			label = monthName(ctx, c.Key)
		}
		if c.Hidden {
			text := i18n.T(ctx, "barometer.hidden")
			if c.Figures.N == 0 {
				text = i18n.T(ctx, "barometer.none")
			}
			t.Rows = append(t.Rows, []page.Cell{{Head: true, Text: label}, {Text: text}, {Text: "–"}, {Text: "–"}})
			continue
		}
		f := c.Figures
		t.Rows = append(t.Rows, []page.Cell{{Head: true, Text: label}, {Text: i18n.Percent(ctx, f.Good().Rate()), Note: interval(ctx, f.Good())},
			{Text: i18n.Decimal(ctx, f.Mean().Value, 1), Note: meanInterval(ctx, f.Mean())}, {Text: i18n.Number(ctx, f.N)}})
	}
	return t
}

// dot is one month of the drawing, in its units.
type dot struct {
	X, Y, Low, High int
	Label           string
	Shown           bool
}

// The drawing of twelve months.
const (
	trendWidth, trendHeight = 720, 200
	trendTop, trendBottom   = 10, 160
)

func dots(ctx context.Context, cuts []Cut) []dot {
	y := func(share float64) int { return trendBottom - int(share*(trendBottom-trendTop)+0.5) }
	out := make([]dot, len(cuts))
	for i, c := range cuts {
		out[i] = dot{X: 70 + i*56, Label: monthShort(ctx, c.Key)}
		if c.Hidden {
			continue
		}
		low, high := c.Figures.Good().Interval()
		out[i].Y, out[i].Low, out[i].High, out[i].Shown = y(c.Figures.Good().Rate()), y(low), y(high), true
	}
	return out
}

func trendAria(ctx context.Context, cuts []Cut) string {
	var known []string
	for _, c := range cuts {
		if !c.Hidden {
			known = append(known, monthName(ctx, c.Key)+" "+i18n.Percent(ctx, c.Figures.Good().Rate()))
		}
	}
	if len(known) == 0 {
		return i18n.T(ctx, "barometer.trend.none")
	}
	return i18n.T(ctx, "barometer.trend.aria", "List", strings.Join(known, ", "))
}

// periodLinks are the lengths one may choose, the address kept otherwise.
func periodLinks(ctx context.Context, path string, now int) []page.Link {
	var out []page.Link
	for _, n := range periodChoices() {
		out = append(out, page.Link{Label: i18n.N(ctx, "barometer.period.months", n), Href: path + "?" + url.Values{"mois": {strconv.Itoa(n)}}.Encode(), Current: n == now})
	}
	return out
}

// apartWords says how many answers came another way, never added to the rest.
func apartWords(ctx context.Context, v sheet) []string {
	var out []string
	for _, s := range Sources()[1:] {
		f := v.Apart[s]
		if f.N == 0 {
			continue
		}
		if f.N < indicator.Fewest {
			out = append(out, i18n.T(ctx, "barometer.apart.few", "Source", i18n.T(ctx, "barometer.source."+string(s)), "N", i18n.Number(ctx, f.N)))
			continue
		}
		out = append(out, i18n.T(ctx, "barometer.apart", "Source", i18n.T(ctx, "barometer.source."+string(s)), "N", i18n.Number(ctx, f.N), "Good", i18n.Percent(ctx, f.Good().Rate()), "Interval", interval(ctx, f.Good())))
	}
	return out
}

func frozenTable(ctx context.Context, list []Frozen) page.TableData {
	t := page.TableData{Caption: i18n.T(ctx, "barometer.frozen.caption"), Columns: []page.Column{{Label: i18n.T(ctx, "barometer.column.month")}, {Label: i18n.T(ctx, "barometer.frozen.on")}, {Label: i18n.T(ctx, "barometer.frozen.hash")}}, Empty: i18n.T(ctx, "barometer.frozen.none")}
	for _, f := range list {
		t.Rows = append(t.Rows, []page.Cell{{Head: true, Text: monthName(ctx, f.Month)}, {Text: i18n.Date(ctx, f.FrozenAt)}, {Text: f.Hash[:16] + "…"}})
	}
	return t
}

func box(w, h int) string { return fmt.Sprintf("0 0 %d %d", w, h) }

func unit(n int) string { return strconv.Itoa(n) }
