package geo

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parvis/platform/fault"
	"parvis/platform/i18n"
)

func TestARefusalIsAFault(t *testing.T) {
	f := fault.Of(fmt.Errorf("keeping: %w", refuse(Projected)))
	if f.Kind != fault.Invalid || f.Key != "geo.error.projected" {
		t.Errorf("%+v", f)
	}
}

func TestLocales(t *testing.T) {
	if err := i18n.Check(Locales); err != nil {
		t.Error(err)
	}
	for _, k := range []Kind{NotGeoJSON, NoArea, Projected, Degenerate, TooLarge} {
		cat, err := i18n.New(Locales)
		if err != nil {
			t.Fatal(err)
		}
		if text := cat.Localizer(i18n.French).T(refuse(k).(*Error).Key()); strings.Contains(text, "⟦") {
			t.Errorf("%s has no text", k)
		}
	}
}

func anyPoint(t *rapid.T) Point {
	return Point{rapid.Float64Range(-89, 89).Draw(t, "lat"), rapid.Float64Range(-180, 180).Draw(t, "lon")}
}

// grown forgives the rounding of the last digit.
func grown(b Bounds) Bounds {
	const e = 1e-9
	return Bounds{b.South - e, max(b.West-e, -180), b.North + e, min(b.East+e, 180)}
}

func TestDistance(t *testing.T) {
	for _, x := range []struct {
		a, b Point
		want float64
	}{
		{Point{0, 0}, Point{0, 1}, 111195},
		{Point{48.8566, 2.3522}, Point{45.7640, 4.8357}, 391500}, // Paris to Lyon
		{Point{-21, 179.9}, Point{-21, -179.9}, 20762},           // across the 180th meridian
		{Point{90, 0}, Point{-90, 0}, 20015115},
	} {
		if got := Distance(x.a, x.b); math.Abs(got-x.want) > x.want*0.002 {
			t.Errorf("%v to %v: %.0f m, want %.0f", x.a, x.b, got, x.want)
		}
	}
}

func TestValid(t *testing.T) {
	for _, p := range []Point{{91, 0}, {-90.1, 0}, {0, 181}, {math.NaN(), 0}, {0, math.NaN()}, {math.Inf(1), 0}} {
		if p.Valid() {
			t.Errorf("%v is valid", p)
		}
	}
	if !(Point{-90, 180}).Valid() {
		t.Error("the edge of the globe is refused")
	}
}

// A point at the distance, in any direction, is in the box; the box is not much
// larger than the disc.
func TestAroundHoldsTheDisc(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyPoint(t)
		metres := rapid.Float64Range(0, 50000).Draw(t, "metres")
		bearing := rapid.Float64Range(0, 2*math.Pi).Draw(t, "bearing")
		b := Around(p, metres)
		angle, lat := metres/earthRadius*(1-1e-9), radians(p.Lat)
		lat2 := math.Asin(math.Sin(lat)*math.Cos(angle) + math.Cos(lat)*math.Sin(angle)*math.Cos(bearing))
		lon2 := radians(p.Lon) + math.Atan2(math.Sin(bearing)*math.Sin(angle)*math.Cos(lat), math.Cos(angle)-math.Sin(lat)*math.Sin(lat2))
		q := Point{degrees(lat2), wrap(degrees(lon2))}
		const slack = 1e-9
		wide := Bounds{b.South - slack, wrap(b.West - slack), b.North + slack, wrap(b.East + slack)}
		if !wide.Contains(q) {
			t.Fatalf("%v at %.0f m of %v is not in %v", q, metres, p, b)
		}
		if h := (b.North - b.South) * 111195; math.Abs(h-2*metres) > 1 && b.North < 90 && b.South > -90 {
			t.Fatalf("box %.1f m high for a radius of %.1f", h, metres)
		}
	})
}

// Every point of the box is in some range; ranges are ordered, apart, few.
func TestCoveringHoldsEveryPoint(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyPoint(t)
		b := Around(p, rapid.Float64Range(0, 200000).Draw(t, "metres"))
		most := rapid.IntRange(1, 40).Draw(t, "ranges")
		ranges := b.Covering(most)
		if len(ranges) == 0 || len(ranges) > most {
			t.Fatalf("%d ranges, at most %d", len(ranges), most)
		}
		for i, r := range ranges {
			if r[0] > r[1] || i > 0 && r[0] <= ranges[i-1][1] {
				t.Fatalf("ranges out of order: %v", ranges)
			}
		}
		inside := func(p Point) bool {
			k := CellKey(p)
			for _, r := range ranges {
				if r[0] <= k && k <= r[1] {
					return true
				}
			}
			return false
		}
		for range 20 {
			q := Point{b.South + rapid.Float64Range(0, 1).Draw(t, "y")*(b.North-b.South),
				wrap(b.West + rapid.Float64Range(0, 1).Draw(t, "x")*b.width())}
			if b.Contains(q) && !inside(q) {
				t.Fatalf("%v, key %d, is in no range of %v", q, CellKey(q), ranges)
			}
		}
		for _, corner := range []Point{{b.South, b.West}, {b.South, b.East}, {b.North, b.West}, {b.North, b.East}} {
			if !inside(corner) {
				t.Fatalf("corner %v is in no range", corner)
			}
		}
	})
}

// What makes the index useful: sixteen ranges hold few cells outside the box.
func TestCoveringIsTight(t *testing.T) {
	worst := 0.0
	for i := range 200 {
		p := Point{46.58 + float64(i)*0.00137, 0.34 + float64(i)*0.00211}
		b := Around(p, 250)
		keys := int64(0)
		for _, r := range b.Covering(16) {
			keys += r[1] - r[0] + 1
		}
		box := (b.North - b.South) * b.width() / cellStep / cellStep
		worst = max(worst, float64(keys)/box)
	}
	if worst > 3 {
		t.Errorf("the ranges hold %.1f times the cells of the box", worst)
	}
}

func TestCoveringOfOddBoxes(t *testing.T) {
	for _, b := range []Bounds{{-90, -180, 90, 180}, {0, 0, 0, 0}, {-14, 179.9, -13, -176}, {89, -180, 90, 180}} {
		for _, most := range []int{-1, 0, 1, 2, 8} {
			ranges := Covering(b, most)
			if len(ranges) == 0 || len(ranges) > max(most, 1) {
				t.Errorf("%v in %d: %d ranges", b, most, len(ranges))
			}
		}
	}
	if r := Covering(Bounds{-90, -180, 90, 180}, 1); r[0][0] != 0 || r[0][1] < CellKey(Point{90, 180}) {
		t.Errorf("the world is %v", r)
	}
}

// Keys are stored: these may never change.
func TestCellKeyIsStable(t *testing.T) {
	for p, want := range map[Point]int64{
		{-90, -180}: 0, {0, 0}: 1<<41 | 1<<38, {46.5802, 0.3404}: 2542690885561,
	} {
		if got := CellKey(p); got != want {
			t.Errorf("%v: %d, want %d", p, got, want)
		}
	}
	if got := CellKey(Point{math.NaN(), math.Inf(1)}); got < 0 || got >= 1<<42 {
		t.Errorf("no number gives %d", got)
	}
}

func TestCellBoundsUndoesTheKey(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyPoint(t)
		shift := rapid.IntRange(0, 42).Draw(t, "shift")
		if b := CellBounds(CellKey(p), shift); !grown(b).Contains(p) {
			t.Fatalf("%v is not in its cell %v", p, b)
		}
		a, b := anyPoint(t), anyPoint(t)
		s := shift &^ 1
		same := CellKey(a)>>s == CellKey(b)>>s
		if same != (CellBounds(CellKey(a), shift) == CellBounds(CellKey(b), shift)) {
			t.Fatalf("%v and %v: same group %v, but boxes disagree", a, b, same)
		}
	})
	for zoom := -1; zoom < 25; zoom++ {
		s := CellShift(zoom)
		if s%2 != 0 || s < 0 || s > 42 {
			t.Errorf("zoom %d: shift %d", zoom, s)
		}
		b := CellBounds(CellKey(Point{46, 2}), s)
		if px := b.width() / 360 * 256 * math.Exp2(float64(zoom)); zoom >= 0 && zoom <= 16 && (px < 32 || px > 80) {
			t.Errorf("zoom %d: groups of %.0f pixels", zoom, px)
		}
	}
}

// Figures of the definition of Lambert-93 and of UTM.
func TestProjection(t *testing.T) {
	for _, x := range []struct {
		p    Point
		crs  int
		x, y float64
	}{
		{Point{46.5, 3}, 2154, 700000, 6600000},                    // the origin
		{Point{0, -63}, 32620, 500000, 0},                          // Antilles, on the equator
		{Point{45, -57}, 32621, 500000, 0.9996 * 4984944.378},      // meridian arc to 45°
		{Point{-45, 57}, 32740, 500000, 10e6 - 0.9996*4984944.378}, // the same in the south
	} {
		crs, e, n := Project(x.p)
		if crs != x.crs || math.Abs(e-x.x) > 0.01 || math.Abs(n-x.y) > 0.01 {
			t.Errorf("%v: %d %.3f %.3f, want %d %.3f %.3f", x.p, crs, e, n, x.crs, x.x, x.y)
		}
	}
}

// On its two standard parallels, 44° and 49°, Lambert-93 keeps lengths exactly: an arc
// of 0.001° of longitude is that of the ellipsoid GRS80.
func TestLambertIsExactOnItsParallels(t *testing.T) {
	for _, lat := range []float64{44, 49} {
		_, x1, y1 := Project(Point{lat, 5})
		_, x2, y2 := Project(Point{lat, 5.001})
		sin := math.Sin(radians(lat))
		want := 6378137 / math.Sqrt(1-0.00669438002290*sin*sin) * math.Cos(radians(lat)) * radians(0.001)
		if got := math.Hypot(x2-x1, y2-y1); math.Abs(got/want-1) > 1e-6 {
			t.Errorf("%v°: %.6f m, want %.6f", lat, got, want)
		}
	}
}

// Lengths on the plane are those on the ground within the distortion of the
// projection (1 % at most for Lambert-93) and of the sphere.
func TestProjectionKeepsLengths(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := Point{rapid.Float64Range(-60, 60).Draw(t, "lat"), rapid.Float64Range(-179, 179).Draw(t, "lon")}
		q := Point{p.Lat + 0.001, p.Lon + 0.001}
		crs, x1, y1 := Project(p)
		crs2, x2, y2 := Project(q)
		if crs != crs2 {
			t.Skip("two zones")
		}
		if plane, ground := math.Hypot(x2-x1, y2-y1), Distance(p, q); math.Abs(plane/ground-1) > 0.012 {
			t.Fatalf("%v: %.2f m on the plane, %.2f on the ground", p, plane, ground)
		}
	})
}

func TestCellIsASquareWithAName(t *testing.T) {
	for p, want := range map[Point]string{
		{46.5001, 3.0001}: "CRS2154RES200mN6600000E700000",
		{46.4999, 2.9999}: "CRS2154RES200mN6599800E699800",
	} {
		if got := Cell(p, 200); got != want {
			t.Errorf("%v: %s, want %s", p, got, want)
		}
	}
	if got := Cell(Point{-20.88, 55.45}, 200); !strings.HasPrefix(got, "CRS32740RES200mN7") {
		t.Errorf("Réunion: %s", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		p := Point{rapid.Float64Range(42, 51).Draw(t, "lat"), rapid.Float64Range(-5, 9).Draw(t, "lon")}
		side := rapid.IntRange(1, 1000).Draw(t, "side")
		_, x, y := Project(p)
		var crs, res, n, e int
		if _, err := fmt.Sscanf(Cell(p, side), "CRS%dRES%dmN%dE%d", &crs, &res, &n, &e); err != nil {
			t.Fatal(err)
		}
		if dx, dy := x-float64(e), y-float64(n); dx < 0 || dx >= float64(side) || dy < 0 || dy >= float64(side) {
			t.Fatalf("%v is %.1f, %.1f m from the corner of its square of %d", p, dx, dy, side)
		}
	})
}

const square = `{"type":"Polygon","coordinates":[[[0,46],[1,46],[1,47],[0,47],[0,46]],[[0.4,46.4],[0.6,46.4],[0.6,46.6],[0.4,46.6]]]}`

func TestReadArea(t *testing.T) {
	for name, text := range map[string]string{
		"polygon":    square,
		"feature":    `{"type":"Feature","properties":{"nom":"x"},"geometry":` + square + `}`,
		"features":   `{"type":"FeatureCollection","features":[{"type":"Feature","geometry":null},{"type":"Feature","geometry":{"type":"Point","coordinates":[9,9]}},{"type":"Feature","geometry":` + square + `}]}`,
		"collection": `{"type":"GeometryCollection","geometries":[` + square + `]}`,
		"altitude":   strings.ReplaceAll(square, "[1,46]", "[1,46,120]"),
	} {
		a, err := ReadArea([]byte(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for p, want := range map[Point]bool{{46.2, 0.2}: true, {46.5, 0.5}: false, {46.2, 1.2}: false, {46, 0.5}: true, {46.5, 0.3}: true} {
			if a.Contains(p) != want {
				t.Errorf("%s: %v inside: %v", name, p, !want)
			}
		}
		if a.Bounds() != (Bounds{46, 0, 47, 1}) {
			t.Errorf("%s: bounds %v", name, a.Bounds())
		}
		again, err := ReadArea(a.GeoJSON())
		if err != nil || !again.Contains(Point{46.2, 0.2}) || again.Contains(Point{46.5, 0.5}) {
			t.Errorf("%s: written and read: %v", name, err)
		}
		if km2 := a.SquareMetres() / 1e6; math.Abs(km2-8169) > 80 {
			t.Errorf("%s: %.0f km²", name, km2)
		}
	}
	if (Area{}).Contains(Point{}) || !(Area{}).Empty() {
		t.Error("no area holds a point")
	}
}

func TestReadAreaRefuses(t *testing.T) {
	many := `{"type":"Polygon","coordinates":[[` + strings.Repeat("[0,46],[1,46],", 110_000) + `[0,47]]]}`
	for text, want := range map[string]Kind{
		``: NotGeoJSON, `[]`: NotGeoJSON, `{}`: NotGeoJSON, `{"type":"Circle"}`: NotGeoJSON,
		`{"type":"Polygon","coordinates":"non"}`:                                            NotGeoJSON,
		`{"type":"MultiPolygon","coordinates":[[[1]]]}`:                                     NotGeoJSON,
		`{"type":"Point","coordinates":[0,46]}`:                                             NoArea,
		`{"type":"FeatureCollection","features":[]}`:                                        NoArea,
		`{"type":"Polygon","coordinates":[[[500000,6600000],[500100,6600000],[5e5,66e5]]]}`: Projected,
		`{"type":"Polygon","coordinates":[[[0,46],[1,46],[0,46]]]}`:                         Degenerate,
		`{"type":"Polygon","coordinates":[]}`:                                               Degenerate,
		`{"type":"Polygon","coordinates":[[]]}`:                                             Degenerate,
		many:                                                                                TooLarge,
		strings.Repeat(`{"type":"GeometryCollection","geometries":[`, 20) + strings.Repeat(`]}`, 20): NotGeoJSON,
	} {
		if _, err := ReadArea([]byte(text)); KindOf(err) != want {
			t.Errorf("%.60s: %v, want %s", text, err, want)
		}
	}
}

func FuzzReadArea(f *testing.F) {
	f.Add([]byte(square))
	f.Add([]byte(`{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"MultiPolygon","coordinates":[[[[0,1],[1,1],[1,0]]]]}}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		a, err := ReadArea(text)
		if err != nil {
			if KindOf(err) == "" {
				t.Fatalf("refusal without a kind: %v", err)
			}
			return
		}
		a.Contains(a.Bounds().Centre())
		ContoursSVG(a, NewFrame(a.Bounds(), 400, 300))
	})
}

// Every point of the box is counted once, in a square it belongs to.
func TestClusterCountsEveryPoint(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		points := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Point {
			return Point{rapid.Float64Range(46, 47).Draw(t, "lat"), rapid.Float64Range(0, 1).Draw(t, "lon")}
		}), 0, 60).Draw(t, "points")
		within := Bounds{46.2, 0.2, 46.9, 0.9}
		want := 0
		for _, p := range points {
			if within.Contains(p) {
				want++
			}
		}
		got := 0
		for _, c := range Cluster(points, within, rapid.IntRange(-1, 23).Draw(t, "zoom")) {
			got += c.Count
			if !grown(c.Bounds).Contains(c.Centre) || (c.Only >= 0) != (c.Count == 1) || c.Only >= 0 && points[c.Only] != c.Centre {
				t.Fatalf("group %+v", c)
			}
		}
		if got != want {
			t.Fatalf("%d points in groups, %d in the box", got, want)
		}
	})
	if got := Cluster([]Point{{46.58, 0.34}, {46.5801, 0.3401}}, Bounds{46, 0, 47, 1}, 10); len(got) != 1 || got[0].Count != 2 {
		t.Errorf("neighbours seen from afar: %+v", got)
	}
	if got := Cluster([]Point{{46.58, 0.34}, {46.59, 0.35}}, Bounds{46, 0, 47, 1}, 18); len(got) != 2 {
		t.Errorf("1 km apart, seen from near: %+v", got)
	}
}

func TestFrameShowsTheWholeBox(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := Point{rapid.Float64Range(-60, 60).Draw(t, "lat"), rapid.Float64Range(-170, 170).Draw(t, "lon")}
		b := Around(p, rapid.Float64Range(10, 100000).Draw(t, "metres"))
		f := NewFrame(b, rapid.IntRange(50, 2000).Draw(t, "w"), rapid.IntRange(50, 2000).Draw(t, "h"))
		for _, corner := range []Point{{b.South, b.West}, {b.North, b.East}, p} {
			if x, y := f.XY(corner); x < 0 || y < 0 || x > float64(f.Width) || y > float64(f.Height) {
				t.Fatalf("%v is drawn at %.1f, %.1f of %d × %d", corner, x, y, f.Width, f.Height)
			}
		}
		_, south := f.XY(Point{b.South, b.West})
		if _, north := f.XY(Point{b.North, b.West}); north >= south {
			t.Fatal("north is not up")
		}
	})
	f := NewFrame(Bounds{46.58, 0.34, 46.58, 0.34}, 400, 400)
	if across := f.Metres() * 400; across < 350 || across > 600 {
		t.Errorf("a point is shown with %.0f m around", across)
	}
}

func TestContoursSVG(t *testing.T) {
	a, err := ReadArea([]byte(square))
	if err != nil {
		t.Fatal(err)
	}
	d := ContoursSVG(a, NewFrame(a.Bounds(), 200, 200))
	if strings.Count(d, "M") != 2 || strings.Count(d, "Z") != 2 || strings.Count(d, "L") != 6 {
		t.Errorf("path %q", d)
	}
	if ContoursSVG(Area{}, NewFrame(Bounds{}, 10, 10)) != "" {
		t.Error("nothing draws something")
	}
}
