package geo

import (
	"cmp"
	"math"
	"slices"
)

// clusterPixels is the side of a square of the map in which points are joined.
const clusterPixels = 64

// Clustered is a group of points of a map.
type Clustered struct {
	Centre Point // the mean of the points
	Count  int
	Bounds Bounds
	Only   int // index of the point when it is alone, else −1
}

// Cluster groups the points that lie in the box and in the same square of 64
// pixels of a map at that zoom (tiles of 256 pixels). Groups come in the order of
// their first point's square, so that the same points give the same map.
func Cluster(points []Point, within Bounds, zoom int) []Clustered {
	side := math.Exp2(float64(min(max(zoom, 0), 22))) * 256 / clusterPixels
	groups := map[[2]int]int{}
	var out []Clustered
	var keys [][2]int
	for i, p := range points {
		if !within.Contains(p) {
			continue
		}
		x, y := mercator(p)
		key := [2]int{int(y * side), int(x * side)}
		g, seen := groups[key]
		if !seen {
			g = len(out)
			groups[key] = g
			out, keys = append(out, Clustered{Only: i, Bounds: Bounds{p.Lat, p.Lon, p.Lat, p.Lon}}), append(keys, key)
		}
		c := &out[g]
		if c.Count++; c.Count > 1 {
			c.Only = -1
		}
		c.Centre.Lat += (p.Lat - c.Centre.Lat) / float64(c.Count)
		c.Centre.Lon += (p.Lon - c.Centre.Lon) / float64(c.Count)
		c.Bounds = c.Bounds.Extend(p)
	}
	order := make([]int, len(out))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(keys[a][0], keys[b][0]), cmp.Compare(keys[a][1], keys[b][1]))
	})
	sorted := make([]Clustered, len(out))
	for i, g := range order {
		sorted[i] = out[g]
	}
	return sorted
}

// mercator is the position on the square map of the web, 0 to 1, from the
// north-west corner.
func mercator(p Point) (x, y float64) {
	const edge = 85.0511287798066 // where the map becomes a square
	lat := radians(min(max(p.Lat, -edge), edge))
	x = (p.Lon + 180) / 360
	y = (1 - math.Asinh(math.Tan(lat))/math.Pi) / 2
	return x, y
}
