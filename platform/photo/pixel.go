package photo

import (
	"image"
	"image/color"
	"image/draw"

	scale "golang.org/x/image/draw"
)

// shrink brings the longer side to at most side pixels, on white where the picture
// is transparent. It first averages whole squares of pixels, strip by strip, so
// that the memory needed beside the source is that of the result.
func shrink(src image.Image, side int) *image.RGBA {
	size := src.Bounds().Size()
	longer := max(size.X, size.Y)
	small := average(src, max(longer/side, 1))
	size = small.Bounds().Size()
	if longer = max(size.X, size.Y); longer <= side {
		return small
	}
	out := image.NewRGBA(image.Rect(0, 0, max(size.X*side/longer, 1), max(size.Y*side/longer, 1)))
	scale.ApproxBiLinear.Scale(out, out.Bounds(), small, small.Bounds(), draw.Src, nil)
	return out
}

// average makes one pixel of each square of n × n; a remainder at the right and at
// the bottom joins the last square.
func average(src image.Image, n int) *image.RGBA {
	from := src.Bounds()
	w, h := max(from.Dx()/n, 1), max(from.Dy()/n, 1)
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	if n == 1 {
		flatten(out, src, from.Min)
		return out
	}
	strip := image.NewRGBA(image.Rect(0, 0, from.Dx(), min(2*n, from.Dy())))
	for y := range h {
		top, bottom := y*n, (y+1)*n
		if y == h-1 {
			bottom = from.Dy()
		}
		strip.Rect.Max.Y = bottom - top
		flatten(strip, src, image.Pt(from.Min.X, from.Min.Y+top))
		for x := range w {
			left, right := x*n, (x+1)*n
			if x == w-1 {
				right = from.Dx()
			}
			c := mean(strip, image.Rect(left, 0, right, bottom-top))
			copy(out.Pix[out.PixOffset(x, y):], []uint8{c.R, c.G, c.B, 255})
		}
	}
	return out
}

// flatten draws src from a point on over white.
func flatten(dst *image.RGBA, src image.Image, at image.Point) {
	op := draw.Src
	if o, known := src.(interface{ Opaque() bool }); !known || !o.Opaque() {
		draw.Draw(dst, dst.Bounds(), image.White, image.Point{}, draw.Src)
		op = draw.Over
	}
	draw.Draw(dst, dst.Bounds(), src, at, op)
}

// mean is the average colour of a box.
func mean(img *image.RGBA, box image.Rectangle) color.RGBA {
	var r, g, b uint64
	for y := box.Min.Y; y < box.Max.Y; y++ {
		row := img.Pix[img.PixOffset(box.Min.X, y):img.PixOffset(box.Max.X, y)]
		for i := 0; i+4 <= len(row); i += 4 {
			r, g, b = r+uint64(row[i]), g+uint64(row[i+1]), b+uint64(row[i+2])
		}
	}
	n := uint64(max(box.Dx()*box.Dy(), 1))
	return color.RGBA{uint8(r / n), uint8(g / n), uint8(b / n), 255}
}

// upright turns the picture as the orientation of EXIF asks (CIPA DC-008, 4.6.4 A).
func upright(img *image.RGBA, orientation int) *image.RGBA {
	if orientation < 2 || orientation > 8 {
		return img
	}
	w, h := img.Rect.Dx(), img.Rect.Dy()
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	if orientation >= 5 {
		out = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	for y := range h {
		for x := range w {
			var to image.Point
			switch orientation {
			case 2:
				to = image.Pt(w-1-x, y)
			case 3:
				to = image.Pt(w-1-x, h-1-y)
			case 4:
				to = image.Pt(x, h-1-y)
			case 5:
				to = image.Pt(y, x)
			case 6:
				to = image.Pt(h-1-y, x)
			case 7:
				to = image.Pt(h-1-y, w-1-x)
			case 8:
				to = image.Pt(y, w-1-x)
			}
			i, j := img.PixOffset(x, y), out.PixOffset(to.X, to.Y)
			copy(out.Pix[j:j+4], img.Pix[i:i+4])
		}
	}
	return out
}
