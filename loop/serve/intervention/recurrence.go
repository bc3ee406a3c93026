package intervention

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"parvis/platform/geo"
	"parvis/platform/store"
)

// RecurrenceQuery narrows what comes back: a trade, interventions done in
// [From, To).
type RecurrenceQuery struct {
	Trade    store.ID
	From, To time.Time
	Top      int // places listed; 0: 50
}

// PlaceCount is what happened at one place in the period.
type PlaceCount struct {
	Key      string
	Label    string
	AssetID  store.ID
	Lat, Lon *float64
	Count    int
	Quantity float64
	Minutes  int64
	Cents    int64
	Days     float64 // median days until it had to be done again
	Known    bool    // false: longer than Days
	Spans    int     // on how many spans the median stands
	Last     time.Time
	Recent   int // done in the last 90 days of the period
	Before   int // done in the 90 days before
}

// Recurrence is the answer: the places by number, and all of it together.
type Recurrence struct {
	Top     []PlaceCount
	Points  []geo.Point // of every place with a position
	Weights []int       // interventions at each
	Places  int
	Count   int
	Again   int // places where one came more than once
	Days    float64
	Known   bool
	Spans   int
}

// trendDays is the length of the two periods that are compared.
const trendDays = 90

// Recurrence reads every place of a trade and counts. It is a few tens of
// thousands of short rows for five years of a big town.
func (s *Service) Recurrence(ctx context.Context, tx *store.Tx, q RecurrenceQuery) (Recurrence, error) {
	if q.Top <= 0 {
		q.Top = 50
	}
	if q.To.IsZero() || q.To.After(tx.Now()) {
		q.To = tx.Now()
	}
	var out Recurrence
	var all []PlaceCount
	var spans, own []span
	var visits []visit
	err := tx.Each(ctx, `SELECT place, asset_id, lat, lon, label, events FROM intervention_place WHERE territory_id = @territory AND trade_id = ?`, []any{q.Trade}, func(scan func(...any) error) error {
		var p PlaceCount
		var events []byte
		if err := scan(&p.Key, &p.AssetID, &p.Lat, &p.Lon, &p.Label, &events); err != nil {
			return err
		}
		visits = unpack(events, visits)
		own = p.read(visits, q, own[:0])
		if p.Count == 0 {
			return nil
		}
		spans = append(spans, own...)
		p.Spans = len(own)
		p.Days, p.Known = kaplanMeier(own)
		if p.Lat != nil && p.Lon != nil {
			out.Points, out.Weights = append(out.Points, geo.Point{Lat: *p.Lat, Lon: *p.Lon}), append(out.Weights, p.Count)
		}
		out.Places++
		out.Count += p.Count
		if p.Count > 1 {
			out.Again++
		}
		all = append(all, p)
		return nil
	})
	if err != nil {
		return out, fmt.Errorf("intervention: reading places: %w", err)
	}
	out.Days, out.Known = kaplanMeier(spans)
	out.Spans = len(spans)
	slices.SortFunc(all, func(a, b PlaceCount) int { return cmp.Or(-cmp.Compare(a.Count, b.Count), cmp.Compare(a.Key, b.Key)) })
	out.Top = all[:min(q.Top, len(all))]
	return out, nil
}

// read counts the visits of the period and gives the spans between what was
// done and what was noticed next.
func (p *PlaceCount) read(visits []visit, q RecurrenceQuery, spans []span) []span {
	for i, v := range visits {
		if v.Done.IsZero() || v.Done.Before(q.From) || !v.Done.Before(q.To) {
			continue
		}
		p.Count++
		p.Quantity += v.Quantity
		p.Minutes += v.Minutes
		p.Cents += v.Cents
		if v.Done.After(p.Last) {
			p.Last = v.Done
		}
		switch age := q.To.Sub(v.Done); {
		case age < trendDays*24*time.Hour:
			p.Recent++
		case age < 2*trendDays*24*time.Hour:
			p.Before++
		}
		next := time.Time{}
		for _, w := range visits[i+1:] {
			if w.Noticed.After(v.Done) {
				next = w.Noticed
				break
			}
		}
		switch {
		case next.IsZero() && i < len(visits)-1 && visits[i+1].Noticed.Before(v.Done) && !visits[i+1].Done.IsZero():
			// The next one was noticed before this one was done: its own span counts.
		case next.IsZero() || next.After(q.To):
			spans = append(spans, span{q.To.Sub(v.Done).Hours() / 24, false})
		default:
			spans = append(spans, span{next.Sub(v.Done).Hours() / 24, true})
		}
	}
	return spans
}

// hexagon is one tile of the map: its corners in pixels and what it holds.
type hexagon struct {
	Path   string
	Count  int
	Places int
	Class  int // 1 to 5
}

// classes is the number of shades of the map.
const classes = 5

// hexagons joins the places of a recurrence into tiles of a side in pixels,
// busiest last; bounds are the least count of each class.
func hexagons(r Recurrence, f geo.Frame, side float64) (tiles []hexagon, bounds []int) {
	type tile struct{ count, places int }
	held := map[[2]int]*tile{}
	for i, p := range r.Points {
		x, y := f.XY(p)
		key := hexAt(x, y, side)
		t := held[key]
		if t == nil {
			t = &tile{}
			held[key] = t
		}
		t.count += r.Weights[i]
		t.places++
	}
	counts := make([]int, 0, len(held))
	for _, t := range held {
		counts = append(counts, t.count)
	}
	slices.Sort(counts)
	bounds = quantiles(counts)
	for key, t := range held {
		class := 1
		for class < len(bounds) && t.count >= bounds[class] {
			class++
		}
		tiles = append(tiles, hexagon{hexPath(key, side), t.count, t.places, class})
	}
	slices.SortFunc(tiles, func(a, b hexagon) int { return cmp.Or(cmp.Compare(a.Count, b.Count), cmp.Compare(a.Path, b.Path)) })
	return tiles, bounds
}

// quantiles gives the least value of each class, as few classes as there are
// different ones.
func quantiles(sorted []int) []int {
	var out []int
	for c := range classes {
		if len(sorted) == 0 {
			break
		}
		// Half of the tiles are in the lightest class: most places are quiet.
		at := []float64{0, 0.5, 0.75, 0.9, 0.97}[c]
		v := sorted[min(len(sorted)-1, int(at*float64(len(sorted))))]
		if len(out) == 0 || v > out[len(out)-1] {
			out = append(out, v)
		}
	}
	return out
}

// hexAt is the tile of a point: axial coordinates of pointy-topped hexagons,
// rounded on the cube (x + y + z = 0).
func hexAt(x, y, side float64) [2]int {
	q, r := (math.Sqrt(3)/3*x-y/3)/side, 2.0/3*y/side
	a, b, c := math.Round(q), math.Round(r), math.Round(-q-r)
	da, db, dc := math.Abs(a-q), math.Abs(b-r), math.Abs(c+q+r)
	switch {
	case da > db && da > dc:
		a = -b - c
	case db > dc:
		b = -a - c
	}
	return [2]int{int(a), int(b)}
}

func hexPath(key [2]int, side float64) string {
	q, r := float64(key[0]), float64(key[1])
	cx, cy := side*math.Sqrt(3)*(q+r/2), side*1.5*r
	path := ""
	for i := range 6 {
		angle := math.Pi/180*60*float64(i) - math.Pi/6
		letter := "L"
		if i == 0 {
			letter = "M"
		}
		path += fmt.Sprintf("%s%.1f %.1f", letter, cx+side*0.96*math.Cos(angle), cy+side*0.96*math.Sin(angle))
	}
	return path + "Z"
}
