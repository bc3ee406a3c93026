package report

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"parvis/platform/geo"
	"parvis/platform/store"
)

// Group is reports near each other on a map.
type Group struct {
	Centre geo.Point
	Bounds geo.Bounds
	N      int
	Tone   PublicState // the most pressing of them
	Square int64       // its number

	lat, lon float64 // sums
}

// groupPixels is about how wide a group is on the map.
const groupPixels = 56

// tileShift is how many bits of a cell's key the table of squares leaves out.
const tileShift = 10

// maxPoints bounds what one map reads.
const maxPoints = 300_000

// shiftFor is how many bits of a cell's key name a square of about that width.
func shiftFor(metres float64) int {
	shift := 0
	for size := 19.0; size < metres*groupPixels*0.75 && shift < 40; size *= 2 {
		shift += 2
	}
	return shift
}

// groups gathers points, or squares of points, by the squares of a map.
type groups map[int64]*Group

func (g groups) add(square int64, n int, lat, lon float64, tone PublicState, b geo.Bounds) {
	x := g[square]
	if x == nil {
		x = &Group{Square: square, Tone: tone, Bounds: b}
		g[square] = x
	}
	x.N, x.lat, x.lon, x.Tone = x.N+n, x.lat+lat, x.lon+lon, min(x.Tone, tone)
	x.Bounds.South, x.Bounds.North = math.Min(x.Bounds.South, b.South), math.Max(x.Bounds.North, b.North)
	x.Bounds.West, x.Bounds.East = math.Min(x.Bounds.West, b.West), math.Max(x.Bounds.East, b.East)
}

func (g groups) list() []Group {
	out := make([]Group, 0, len(g))
	for _, square := range slices.Sorted(maps.Keys(g)) {
		x := *g[square]
		if x.N > 0 {
			x.Centre = geo.Point{Lat: x.lat / float64(x.N), Lon: x.lon / float64(x.N)}
			out = append(out, x)
		}
	}
	// The largest are drawn last, above the others.
	slices.SortStableFunc(out, func(a, b Group) int { return cmp.Compare(a.N, b.N) })
	return out
}

// Groups counts the reports of a filter in a box, by squares of the map: what a
// map of 100 000 points sends is some dozens of lines. metres is the length of
// a pixel. The public map from afar reads the table of squares, everything else
// the points of the box.
func (s *Reports) Groups(ctx context.Context, h store.Handle, f Filter, b geo.Bounds, metres float64) ([]Group, error) {
	shift := shiftFor(metres)
	var g groups
	err := h.View(ctx, func(tx *store.Tx) error {
		g = groups{}
		for _, span := range geo.Covering(b, 2*nearRanges) {
			var err error
			if shift >= tileShift && f.tiled() {
				err = g.tiles(ctx, tx, f, span, shift)
			} else {
				err = g.points(ctx, tx, f, b, span, shift)
			}
			if err != nil {
				return fmt.Errorf("report: grouping points: %w", err)
			}
		}
		return nil
	})
	return g.list(), err
}

// tiled tells whether the table of squares knows what the filter asks.
func (f Filter) tiled() bool {
	tones := f.Tones
	f.Tones, f.Bounds, f.Open = nil, nil, false
	return f.Public && f.plain() && (len(tones) == 0 || !slices.Contains(tones, Mended))
}

// plain tells whether nothing but Public is asked.
func (f Filter) plain() bool {
	return len(f.States)+len(f.Tones)+len(f.Categories) == 0 && f.Category == 0 && f.Crew == 0 && f.Sector == 0 && !f.Late && !f.Open && f.Moderation == "" &&
		f.Bounds == nil && f.Query == "" && f.From.IsZero() && f.To.IsZero() && f.Since.IsZero() && f.ClosedFrom.IsZero() && !f.Merged && f.Source == "" && f.Number == ""
}

func (g groups) tiles(ctx context.Context, tx *store.Tx, f Filter, span [2]int64, shift int) error {
	return tx.Each(ctx, `SELECT square, tone, n, lat, lon FROM report_tile WHERE territory_id = @territory AND square BETWEEN ? AND ? AND n > 0 LIMIT ?`,
		[]any{span[0] >> tileShift, span[1] >> tileShift, maxPoints}, func(scan func(...any) error) error {
			var square int64
			var tone, n int
			var lat, lon float64
			if err := scan(&square, &tone, &n, &lat, &lon); err != nil {
				return err
			}
			if len(f.Tones) > 0 && !slices.Contains(f.Tones, PublicState(tone)) {
				return nil
			}
			g.add(square>>(shift-tileShift), n, lat, lon, PublicState(tone), geo.CellBounds(square<<tileShift, tileShift))
			return nil
		})
}

func (g groups) points(ctx context.Context, tx *store.Tx, f Filter, b geo.Bounds, span [2]int64, shift int) error {
	f.Bounds = nil
	where, args := f.where(tx.Now())
	return tx.Each(ctx, `SELECT cell, lat, lon, tone FROM report WHERE `+where+` AND cell BETWEEN ? AND ? LIMIT ?`, append(args, span[0], span[1], maxPoints),
		func(scan func(...any) error) error {
			var cell int64
			var p geo.Point
			var tone int
			if err := scan(&cell, &p.Lat, &p.Lon, &tone); err != nil {
				return err
			}
			if b.Contains(p) {
				g.add(cell>>shift, 1, p.Lat, p.Lon, PublicState(tone), geo.Bounds{South: p.Lat, West: p.Lon, North: p.Lat, East: p.Lon})
			}
			return nil
		})
}
