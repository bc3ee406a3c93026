package official

import (
	"math"
	"slices"
)

// earthKm is the mean radius of the Earth (IUGG), in kilometres.
const earthKm = 6371.0088

// Neighbour is a commune and how far it is, as the crow flies.
type Neighbour struct {
	Entry
	Km float64
}

// Near returns the n communes nearest to a point (WGS84, degrees), nearest first.
// Most positions are approximate: trust the order within some kilometres only. It
// returns none when the point is not on Earth or n is not positive.
func (l *List) Near(lat, lon float64, n int) []Neighbour {
	if !(math.Abs(lat) <= 90) || !(math.Abs(lon) <= 180) || n <= 0 {
		return nil
	}
	here := pointOf(lat, lon)
	type candidate struct {
		at     int // in the points
		square float32
	}
	nearest := make([]candidate, 0, min(n, len(l.points()))+1)
	for at, p := range l.points() {
		c := candidate{at, here.square(p)}
		if len(nearest) == n && c.square >= nearest[n-1].square {
			continue
		}
		// After those as near: equal distances stay in the order of codes.
		place, _ := slices.BinarySearchFunc(nearest, c, func(a, b candidate) int {
			if a.square <= b.square {
				return -1
			}
			return 1
		})
		nearest = slices.Insert(nearest, place, c)
		nearest = nearest[:min(len(nearest), n)]
	}
	found := make([]Neighbour, len(nearest))
	for i, c := range nearest {
		half := math.Sqrt(float64(c.square)) / 2 // of the chord, the Earth's radius being 1
		found[i] = Neighbour{l.entry(l.points()[c.at].row), 2 * earthKm * math.Asin(min(half, 1))}
	}
	return found
}

// point is a place on the unit sphere: the chord between two of them grows with
// the distance on the ground and costs no trigonometry. 32 bits are right to a metre.
type point struct {
	x, y, z float32
	row     int32
}

func pointOf(lat, lon float64) point {
	const radian = math.Pi / 180
	sinLat, cosLat := math.Sincos(lat * radian)
	sinLon, cosLon := math.Sincos(lon * radian)
	return point{x: float32(cosLat * cosLon), y: float32(cosLat * sinLon), z: float32(sinLat)}
}

// square is the square of the chord.
func (p point) square(q point) float32 {
	x, y, z := p.x-q.x, p.y-q.y, p.z-q.z
	return x*x + y*y + z*z
}

func communePoints(l *List) []point {
	points := make([]point, 0, len(l.rows))
	for i := range l.rows {
		r := &l.rows[i]
		if r.kind != Commune || r.lat == 0 && r.lon == 0 {
			continue
		}
		p := pointOf(float64(r.lat)/1e4, float64(r.lon)/1e4)
		p.row = int32(i)
		points = append(points, p)
	}
	return points
}
