package report

import (
	"context"
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"

	"parvis/platform/geo"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/web"
)

// The size of the drawn maps, in the units of their view box.
const (
	mapSide   = 680
	mapHeight = 680
)

// mapView is a map drawn by the server: the same reports are in the list.
type mapView struct {
	Aria     string
	Contours []string // paths
	Grid     string   // path of a discreet grid
	Places   []mapPlace
	Pins     []mapPin
	Groups   []mapGroup
	Scale    string // "500 m"
	ScaleX   string
	Moves    []mapMove
	Frame    string // "x y scale" for the script that reads a click
	Caption  string
	Height   int
}

// Useful tells whether there is something to find one's way by: on an empty
// paving nobody can show a place.
func (m mapView) Useful() bool { return len(m.Contours)+len(m.Places)+len(m.Pins) > 0 }

type mapPlace struct {
	Transform, Name string
}

type mapPin struct {
	Transform, Class, Text, Href, Label string
}

type mapGroup struct {
	Transform, Class, Text, Href, Label, R string
}

// mapMove leads to another part of the map; Icon is the path of its drawing.
type mapMove struct{ Label, Href, Icon string }

// draw prepares a map of a box.
func (s *Reports) draw(ctx context.Context, h store.Handle, b geo.Bounds, height int) (mapView, geo.Frame, error) {
	f := geo.NewFrame(b, mapSide, height)
	v := mapView{Height: height, Frame: frameWords(f)}
	v.Grid = grid(f, height)
	metres := f.Metres()
	v.Scale, v.ScaleX = scale(ctx, metres)
	if s.Contours != nil {
		areas, err := s.Contours(ctx, h)
		if err != nil {
			return v, f, err
		}
		for _, a := range areas {
			v.Contours = append(v.Contours, geo.ContoursSVG(a, f))
		}
	}
	if s.Landmarks != nil {
		marks, err := s.Landmarks(ctx, h)
		if err != nil {
			return v, f, err
		}
		for _, m := range marks {
			x, y := f.XY(m.Point)
			if x > 20 && x < mapSide-20 && y > 20 && y < float64(height)-20 && len(v.Places) < 12 {
				v.Places = append(v.Places, mapPlace{move(x, y), m.Name})
			}
		}
	}
	return v, f, nil
}

func move(x, y float64) string { return fmt.Sprintf("translate(%.0f %.0f)", x, y) }

// frameWords lets the script turn a click into a position: the positions of two
// corners.
func frameWords(f geo.Frame) string {
	x0, y0 := f.XY(geo.Point{Lat: 0, Lon: 0})
	x1, _ := f.XY(geo.Point{Lat: 0, Lon: 1})
	return fmt.Sprintf("%.3f %.3f %.6f", x0, y0, (x1-x0)*360)
}

// grid is a discreet paving whose squares are a round number of metres.
func grid(f geo.Frame, height int) string {
	var d strings.Builder
	step := round(f.Metres()*120) / f.Metres()
	for x := math.Mod(mapSide/2, step); x < mapSide; x += step {
		fmt.Fprintf(&d, "M%.1f 0V%d", x, height)
	}
	for y := math.Mod(float64(height)/2, step); y < float64(height); y += step {
		fmt.Fprintf(&d, "M0 %.1fH%d", y, mapSide)
	}
	return d.String()
}

// round is the largest of 1, 2, 5 times a power of ten that is not above m.
func round(m float64) float64 {
	p := math.Pow(10, math.Floor(math.Log10(math.Max(m, 1))))
	for _, n := range []float64{5, 2, 1} {
		if m >= n*p {
			return n * p
		}
	}
	return p
}

func scale(ctx context.Context, metres float64) (words, pixels string) {
	length := round(metres * 160)
	words = i18n.T(ctx, "report.map.metres", "N", i18n.Decimal(ctx, length, 0))
	if length >= 1000 {
		words = i18n.T(ctx, "report.map.km", "N", i18n.Decimal(ctx, length/1000, 0))
	}
	return words, strconv.FormatFloat(length/metres, 'f', 0, 64)
}

// readZone reads "south,west,north,east".
func readZone(q string) (b geo.Bounds, ok bool) {
	parts := strings.Split(q, ",")
	if len(parts) != 4 {
		return b, false
	}
	var n [4]float64
	for i, p := range parts {
		x, err := strconv.ParseFloat(p, 64)
		if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
			return b, false
		}
		n[i] = x
	}
	b = geo.Bounds{South: n[0], West: n[1], North: n[2], East: n[3]}
	return b, b.Valid() && b.West <= b.East
}

func writeZone(b geo.Bounds) string {
	return fmt.Sprintf("%.5f,%.5f,%.5f,%.5f", b.South, b.West, b.North, b.East)
}

// widen grows a box around its centre, moved by shares of its size.
func widen(b geo.Bounds, factor, dLat, dLon float64) geo.Bounds {
	h, w := b.North-b.South, b.East-b.West
	h, w = math.Max(h, 0.0008), math.Max(w, 0.0012)
	lat, lon := (b.North+b.South)/2+dLat*h, (b.East+b.West)/2+dLon*w
	out := geo.Bounds{South: lat - h*factor/2, West: lon - w*factor/2, North: lat + h*factor/2, East: lon + w*factor/2}
	out.South, out.North = math.Max(out.South, -89), math.Min(out.North, 89)
	out.West, out.East = math.Max(out.West, -180), math.Min(out.East, 180)
	return out
}

// listMap draws the reports of the filter: those of the list with their number,
// the others in groups counted by the database.
func (s *Reports) listMap(c *web.Context, path string, items []listItem, f Filter, here url.Values, zone geo.Bounds, zoned bool) (mapView, error) {
	if !zoned {
		b, err := s.home(c, f)
		if err != nil {
			return mapView{}, err
		}
		zone = b
	}
	v, frame, err := s.draw(c.Ctx(), c.Store, zone, mapHeight)
	if err != nil {
		return v, err
	}
	v.Aria = c.T("report.map.aria", "Name", c.Site.FullName())
	at := func(b geo.Bounds) string {
		q := url.Values{}
		for k := range here {
			q.Set(k, here.Get(k))
		}
		q.Set("zone", writeZone(b))
		return c.Href(path + "?" + q.Encode())
	}
	shift := shiftFor(frame.Metres())
	shown := map[int64]int{}
	for _, x := range items {
		if !x.Located {
			continue
		}
		px, py := frame.XY(x.Point)
		shown[geo.CellKey(x.Point)>>shift]++
		if px < 0 || py < 0 || px > mapSide || py > mapHeight {
			continue
		}
		v.Pins = append(v.Pins, mapPin{move(px, py), x.Pin, strconv.Itoa(x.N), x.Href, x.Title})
	}
	groups, err := s.Groups(c.Ctx(), c.Store, f, zone, frame.Metres())
	if err != nil {
		return v, err
	}
	for _, g := range groups {
		px, py := frame.XY(g.Centre)
		if g.N -= shown[g.Square]; g.N <= 0 { // all of them have their pin
			continue
		}
		n := i18n.From(c.Ctx()).Integer(int64(g.N))
		v.Groups = append(v.Groups, mapGroup{move(px, py), g.Tone.Pin(), n, at(widen(g.Bounds, 1.1, 0, 0)), i18n.N(c.Ctx(), "report.map.group", g.N), strconv.Itoa(12 + 4*len(strconv.Itoa(g.N)))})
	}
	v.Moves = []mapMove{{c.T("report.map.in"), at(widen(zone, 0.5, 0, 0)), "M5 12h14M12 5v14"}, {c.T("report.map.out"), at(widen(zone, 2, 0, 0)), "M5 12h14"},
		{c.T("report.map.west"), at(widen(zone, 1, 0, -0.4)), "M15 5l-7 7 7 7"}, {c.T("report.map.east"), at(widen(zone, 1, 0, 0.4)), "M9 5l7 7-7 7"},
		{c.T("report.map.north"), at(widen(zone, 1, 0.4, 0)), "M5 15l7-7 7 7"}, {c.T("report.map.south"), at(widen(zone, 1, -0.4, 0)), "M5 9l7 7 7-7"}}
	return v, nil
}

// home is the box of the map when nobody chose one.
func (s *Reports) home(c *web.Context, f Filter) (geo.Bounds, error) {
	var b geo.Bounds
	if s.Contours != nil && f.Query == "" {
		areas, err := s.Contours(c.Ctx(), c.Store)
		if err != nil {
			return b, err
		}
		for _, a := range areas {
			x := a.Bounds()
			b = b.Extend(geo.Point{Lat: x.South, Lon: x.West}).Extend(geo.Point{Lat: x.North, Lon: x.East})
		}
		if b != (geo.Bounds{}) {
			return b, nil
		}
	}
	var centre geo.Point
	err := c.Store.View(c.Ctx(), func(tx *store.Tx) error {
		where, args := f.where(tx.Now())
		var row struct{ South, West, North, East *float64 }
		if err := tx.Get(c.Ctx(), &row, `SELECT MIN(lat) AS south, MIN(lon) AS west, MAX(lat) AS north, MAX(lon) AS east FROM
			(SELECT lat, lon FROM report WHERE `+where+` AND cell >= 0 ORDER BY updated_at DESC LIMIT 2000) AS latest`, args...); err != nil {
			return fmt.Errorf("report: the box of the map: %w", err)
		}
		if row.South != nil {
			b = geo.Bounds{South: *row.South, West: *row.West, North: *row.North, East: *row.East}
		}
		w, err := s.Where(c.Ctx(), tx)
		centre = w.Centre
		return err
	})
	if err == nil && b == (geo.Bounds{}) {
		b = geo.Around(centre, 3000)
	}
	return widen(b, 1.08, 0, 0), err
}

// pickMap is the map on which a place is chosen.
func (s *Reports) pickMap(c *web.Context, d unsent) (mapView, error) {
	var b geo.Bounds
	if p := d.point(); p != nil {
		b = geo.Around(*p, 400)
	} else {
		var err error
		if b, err = s.home(c, Filter{Public: true}); err != nil {
			return mapView{}, err
		}
	}
	v, frame, err := s.draw(c.Ctx(), c.Store, b, 420)
	if err != nil {
		return v, err
	}
	v.Aria = c.T("report.map.pick")
	if p := d.point(); p != nil {
		x, y := frame.XY(*p)
		v.Pins = []mapPin{{Transform: move(x, y), Class: "moi"}}
	}
	return v, nil
}
