package geo

import (
	"encoding/json"
	"math"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

const (
	maxAreaBytes  = 20 << 20
	maxAreaPoints = 200_000
	maxNesting    = 8 // collections inside collections
)

// Area is a surface on the ground: one or several polygons, with their holes.
// The zero value holds no point.
type Area struct {
	shape  orb.MultiPolygon
	bounds Bounds
}

// geoObject is any object of GeoJSON (RFC 7946).
type geoObject struct {
	Type        string          `json:"type"`
	Coordinates json.RawMessage `json:"coordinates"`
	Geometry    *geoObject      `json:"geometry"`
	Geometries  []geoObject     `json:"geometries"`
	Features    []geoObject     `json:"features"`
}

// ReadArea reads a Polygon or MultiPolygon of GeoJSON, alone or inside features
// and collections, whose surfaces are put together; points and lines beside them
// are left aside. Rings may be left open and turn either way. It does not read
// areas that cross the 180th meridian. Errors are [Error].
func ReadArea(geojson []byte) (Area, error) {
	if len(geojson) > maxAreaBytes {
		return Area{}, refuse(TooLarge)
	}
	var root geoObject
	if err := json.Unmarshal(geojson, &root); err != nil || root.Type == "" {
		return Area{}, refuse(NotGeoJSON)
	}
	var a Area
	if err := a.collect(root, 0); err != nil {
		return Area{}, err
	}
	if len(a.shape) == 0 {
		return Area{}, refuse(NoArea)
	}
	if err := a.check(); err != nil {
		return Area{}, err
	}
	box := a.shape.Bound()
	a.bounds = Bounds{South: box.Min[1], West: box.Min[0], North: box.Max[1], East: box.Max[0]}
	return a, nil
}

func (a *Area) collect(o geoObject, depth int) error {
	if depth > maxNesting {
		return refuse(NotGeoJSON)
	}
	switch o.Type {
	case "Polygon":
		var p orb.Polygon
		if err := json.Unmarshal(o.Coordinates, &p); err != nil {
			return refuse(NotGeoJSON)
		}
		a.shape = append(a.shape, p)
	case "MultiPolygon":
		var m orb.MultiPolygon
		if err := json.Unmarshal(o.Coordinates, &m); err != nil {
			return refuse(NotGeoJSON)
		}
		a.shape = append(a.shape, m...)
	case "Feature":
		if o.Geometry != nil {
			return a.collect(*o.Geometry, depth+1)
		}
	case "FeatureCollection", "GeometryCollection":
		for _, child := range append(o.Features, o.Geometries...) {
			if err := a.collect(child, depth+1); err != nil {
				return err
			}
		}
	case "Point", "MultiPoint", "LineString", "MultiLineString":
	default:
		return refuse(NotGeoJSON)
	}
	return nil
}

// check refuses what cannot be an area, and closes open rings.
func (a *Area) check() error {
	points := 0
	for _, polygon := range a.shape {
		if len(polygon) == 0 {
			return refuse(Degenerate)
		}
		for i, ring := range polygon {
			points += len(ring)
			if points > maxAreaPoints {
				return refuse(TooLarge)
			}
			distinct := map[orb.Point]struct{}{}
			for _, p := range ring {
				if !(Point{Lat: p[1], Lon: p[0]}).Valid() {
					return refuse(Projected)
				}
				if len(distinct) < 3 {
					distinct[p] = struct{}{}
				}
			}
			if len(distinct) < 3 {
				return refuse(Degenerate)
			}
			if !ring.Closed() {
				polygon[i] = append(ring, ring[0])
			}
		}
	}
	return nil
}

// Contains tells whether p is inside or on the edge, and not in a hole.
func (a Area) Contains(p Point) bool {
	return a.bounds.Contains(p) && len(a.shape) > 0 && planar.MultiPolygonContains(a.shape, orb.Point{p.Lon, p.Lat})
}

// Bounds is the smallest box that holds the area.
func (a Area) Bounds() Bounds { return a.bounds }

// Empty tells whether the area is the zero value.
func (a Area) Empty() bool { return len(a.shape) == 0 }

// SquareMetres is the surface, within 1 % for the size of a département.
func (a Area) SquareMetres() float64 {
	cos := math.Cos(radians(a.bounds.Centre().Lat))
	perDegree := radians(1) * earthRadius
	return math.Abs(planar.Area(a.shape)) * cos * perDegree * perDegree
}

// GeoJSON writes the area as a MultiPolygon.
func (a Area) GeoJSON() []byte {
	shape := a.shape
	if shape == nil {
		shape = orb.MultiPolygon{}
	}
	// Slices of finite numbers always have a JSON form.
	b, _ := json.Marshal(struct {
		Type        string           `json:"type"`
		Coordinates orb.MultiPolygon `json:"coordinates"`
	}{"MultiPolygon", shape})
	return b
}
