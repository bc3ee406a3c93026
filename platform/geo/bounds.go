package geo

import "math"

// Bounds is a box of latitudes and longitudes, edges included. West is greater
// than East when the box crosses the 180th meridian.
type Bounds struct{ South, West, North, East float64 }

// Around is the smallest box that holds the disc of that many metres around p.
// It holds all longitudes when the disc covers a pole.
func Around(p Point, metres float64) Bounds {
	if metres < 0 {
		metres = 0
	}
	angle := metres / earthRadius
	dLat := degrees(angle)
	b := Bounds{South: p.Lat - dLat, West: -180, North: p.Lat + dLat, East: 180}
	if b.South > -90 && b.North < 90 {
		// The meridians that touch the disc are farther than those through its
		// east and west points.
		dLon := degrees(math.Asin(math.Min(1, math.Sin(angle)/math.Cos(radians(p.Lat)))))
		if dLon < 180 {
			b.West, b.East = wrap(p.Lon-dLon), wrap(p.Lon+dLon)
		}
	}
	b.South, b.North = math.Max(b.South, -90), math.Min(b.North, 90)
	return b
}

// Contains tells whether p is inside or on the edge.
func (b Bounds) Contains(p Point) bool {
	if p.Lat < b.South || p.Lat > b.North {
		return false
	}
	if b.West > b.East {
		return p.Lon >= b.West || p.Lon <= b.East
	}
	return p.Lon >= b.West && p.Lon <= b.East
}

// Valid tells whether the edges are on the globe and in order.
func (b Bounds) Valid() bool {
	return Point{b.South, b.West}.Valid() && Point{b.North, b.East}.Valid() && b.South <= b.North
}

// Centre is the middle of the box.
func (b Bounds) Centre() Point {
	return Point{(b.South + b.North) / 2, wrap(b.West + b.width()/2)}
}

// Extend is the smallest box that holds b and p. It does not cross the 180th
// meridian unless b does; a box without extent (the zero value) becomes p alone.
func (b Bounds) Extend(p Point) Bounds {
	if b == (Bounds{}) {
		return Bounds{p.Lat, p.Lon, p.Lat, p.Lon}
	}
	b.South, b.North = math.Min(b.South, p.Lat), math.Max(b.North, p.Lat)
	switch {
	case b.Contains(Point{b.South, p.Lon}):
	case b.West > b.East && p.Lon-b.East < b.West-p.Lon:
		b.East = p.Lon
	case b.West > b.East:
		b.West = p.Lon
	default:
		b.West, b.East = math.Min(b.West, p.Lon), math.Max(b.East, p.Lon)
	}
	return b
}

// BoundsOf is the smallest box that holds the points, the zero value without any.
func BoundsOf(points []Point) Bounds {
	var b Bounds
	for _, p := range points {
		b = b.Extend(p)
	}
	return b
}

// width is in degrees of longitude.
func (b Bounds) width() float64 {
	if b.West > b.East {
		return b.East + 360 - b.West
	}
	return b.East - b.West
}

// wrap brings a longitude back between −180 and 180.
func wrap(lon float64) float64 {
	switch {
	case lon < -180:
		return lon + 360
	case lon > 180:
		return lon - 360
	}
	return lon
}
