package geo

import (
	"math"
	"strconv"

	"github.com/paulmach/orb"
)

// Frame is a picture of a box of the ground, in the projection of web maps, for
// a map drawn by the server: it shows where things are when no tile arrives and
// no script runs. Get one from [NewFrame].
type Frame struct {
	Width, Height int // pixels
	x, y, scale   float64
}

// NewFrame fits the box into a picture of that size with a margin of 4 %, and keeps
// proportions. A box that is a point is shown as 200 m around it.
func NewFrame(b Bounds, width, height int) Frame {
	width, height = max(width, 1), max(height, 1)
	if b.North-b.South < 1e-6 && b.width() < 1e-6 {
		b = Around(b.Centre(), 200)
	}
	west, north := mercator(Point{b.North, b.West})
	_, south := mercator(Point{b.South, b.West})
	spanX, spanY := math.Max(b.width()/360, 1e-9), math.Max(south-north, 1e-9)
	f := Frame{Width: width, Height: height}
	f.scale = 0.92 * math.Min(float64(width)/spanX, float64(height)/spanY)
	f.x = west + spanX/2 - float64(width)/2/f.scale
	f.y = north + spanY/2 - float64(height)/2/f.scale
	return f
}

// XY is the position in pixels from the top left corner; it may lie outside.
func (f Frame) XY(p Point) (x, y float64) {
	x, y = mercator(p)
	return (x - f.x) * f.scale, (y - f.y) * f.scale
}

// Metres is the length on the ground of one pixel in the middle of the frame.
func (f Frame) Metres() float64 {
	middle := f.y + float64(f.Height)/2/f.scale
	lat := math.Atan(math.Sinh(math.Pi * (1 - 2*middle)))
	return 2 * math.Pi * earthRadius * math.Cos(lat) / f.scale
}

// ContoursSVG is the value of the attribute d of an SVG path that draws the area in
// the frame; with fill-rule="evenodd" holes stay empty. Points nearer than half a
// pixel to the one before are left out, so that a coast of 100 000 points is some
// kilobytes.
func ContoursSVG(a Area, f Frame) string {
	var d []byte
	for _, polygon := range a.shape {
		for _, ring := range polygon {
			d = f.appendRing(d, ring)
		}
	}
	return string(d)
}

func (f Frame) appendRing(d []byte, ring orb.Ring) []byte {
	lastX, lastY := math.Inf(1), math.Inf(1)
	for i, p := range ring[:len(ring)-1] {
		x, y := f.XY(Point{Lat: p[1], Lon: p[0]})
		if math.Abs(x-lastX) < 0.5 && math.Abs(y-lastY) < 0.5 {
			continue
		}
		lastX, lastY = x, y
		if i == 0 {
			d = append(d, 'M')
		} else {
			d = append(d, 'L')
		}
		d = strconv.AppendFloat(d, x, 'f', 1, 64)
		d = append(d, ' ')
		d = strconv.AppendFloat(d, y, 'f', 1, 64)
	}
	return append(d, 'Z')
}
