package geo

import "math"

// earthRadius is the mean radius in metres (IUGG).
const earthRadius = 6371008.8

// Point is a place on the ground in degrees WGS84.
type Point struct {
	Lat float64 `json:"lat"` // −90 to 90, north positive
	Lon float64 `json:"lon"` // −180 to 180, east positive
}

// Valid tells whether both coordinates are numbers within their range.
func (p Point) Valid() bool {
	return p.Lat >= -90 && p.Lat <= 90 && p.Lon >= -180 && p.Lon <= 180
}

// Distance is in metres on the sphere (haversine), within 0.5 % of the
// ellipsoid: for radii and for sorting, not for a land surveyor.
func Distance(a, b Point) float64 {
	dLat, dLon := radians(b.Lat-a.Lat), radians(b.Lon-a.Lon)
	h := math.Pow(math.Sin(dLat/2), 2) + math.Cos(radians(a.Lat))*math.Cos(radians(b.Lat))*math.Pow(math.Sin(dLon/2), 2)
	return 2 * earthRadius * math.Asin(math.Min(1, math.Sqrt(h)))
}

func radians(degrees float64) float64 { return degrees * math.Pi / 180 }

func degrees(radians float64) float64 { return radians * 180 / math.Pi }
