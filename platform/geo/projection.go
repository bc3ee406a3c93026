package geo

import (
	"fmt"
	"math"
)

// mainland is where Lambert-93 is the official projection, Corsica included.
func mainland() Bounds { return Bounds{South: 41, West: -5.5, North: 51.6, East: 10} }

// Cell is the key of the square of that many metres that holds p, in the official
// projection of the place: "CRS2154RES200mN6600000E700000" is the name the INSEE
// gives to such squares (projection by its EPSG number, side, south-west corner).
// It is stable, and good for counts that are opened as data: a side of 200 m is
// what the INSEE itself publishes. metres below 1 count as 1.
func Cell(p Point, metres int) string {
	metres = max(metres, 1)
	crs, x, y := Project(p)
	square := func(v float64) int64 { return int64(math.Floor(v/float64(metres))) * int64(metres) }
	return fmt.Sprintf("CRS%dRES%dmN%dE%d", crs, metres, square(y), square(x))
}

// Project gives the plane coordinates of p in metres and the EPSG number of the
// projection: 2154 (Lambert-93) in mainland France, elsewhere 326xx or 327xx (UTM
// of WGS84, north or south, zone xx).
func Project(p Point) (crs int, x, y float64) {
	if mainland().Contains(p) {
		x, y = lambert93(p)
		return 2154, x, y
	}
	zone := min(int(math.Floor((p.Lon+180)/6))+1, 60)
	x, y = utm(p, zone)
	if p.Lat < 0 {
		return 32700 + zone, x, y + 10e6
	}
	return 32600 + zone, x, y
}

// lambert93 is the conic projection of IGN, Notes techniques NT/G 71: ALG 0001
// (isometric latitude) and ALG 0003, on the ellipsoid GRS80.
func lambert93(p Point) (x, y float64) {
	const (
		n  = 0.7256077650532670
		c  = 11754255.426096
		xs = 700000.0
		ys = 12655612.049876
		e  = 0.08181919104281579
	)
	lat := radians(p.Lat)
	sin := e * math.Sin(lat)
	isometric := math.Log(math.Tan(math.Pi/4+lat/2) * math.Pow((1-sin)/(1+sin), e/2))
	r, angle := c*math.Exp(-n*isometric), n*radians(p.Lon-3)
	return xs + r*math.Sin(angle), ys - r*math.Cos(angle)
}

// utm is the transverse Mercator projection by the series of L. Krüger (1912) to
// the third order, exact to the millimetre within a zone; y is negative in the
// south.
func utm(p Point, zone int) (x, y float64) {
	const (
		a     = 6378137.0
		f     = 1 / 298.257223563
		n     = f / (2 - f)
		scale = 0.9996
	)
	radius := a / (1 + n) * (1 + n*n/4 + n*n*n*n/64)
	alpha := [3]float64{
		n/2 - 2*n*n/3 + 5*n*n*n/16,
		13*n*n/48 - 3*n*n*n/5,
		61 * n * n * n / 240,
	}
	lat, lon := radians(p.Lat), radians(p.Lon-float64(zone*6-183))
	k := 2 * math.Sqrt(n) / (1 + n)
	t := math.Sinh(math.Atanh(math.Sin(lat)) - k*math.Atanh(k*math.Sin(lat)))
	xi, eta := math.Atan2(t, math.Cos(lon)), math.Atanh(math.Sin(lon)/math.Hypot(1, t))
	x, y = eta, xi
	for i, coefficient := range alpha {
		j := float64(2 * (i + 1))
		x += coefficient * math.Cos(j*xi) * math.Sinh(j*eta)
		y += coefficient * math.Sin(j*xi) * math.Cosh(j*eta)
	}
	return 500000 + scale*radius*x, scale * radius * y
}
