package photo

import (
	"image"
	"image/draw"
	"math"
)

// Rect is a part of a photo, in shares of its width and height from the top left
// corner: 0 to 1, whatever size it is shown at.
type Rect struct{ X, Y, W, H float64 }

// blurSquares is how many squares cover the longer side of a part: too few to
// guess a plate or a face from (patient readers recover text from fine pixelation).
const blurSquares = 4

// Blur covers the parts with squares of their mean colour and writes the photo
// anew: what was under them is nowhere in the file. Parts outside the photo are cut
// to it; one that is empty or not a number is left aside.
func Blur(jpegFile []byte, parts []Rect) ([]byte, error) {
	src, err := decodeOwn(jpegFile)
	if err != nil {
		return nil, err
	}
	size := src.Bounds().Size()
	img := image.NewRGBA(image.Rect(0, 0, size.X, size.Y))
	draw.Draw(img, img.Bounds(), src, src.Bounds().Min, draw.Src)
	for _, p := range parts {
		box := p.pixels(size).Intersect(img.Bounds())
		if !box.Empty() {
			pixelate(img, box)
		}
	}
	return encode(img, 84)
}

func (p Rect) pixels(size image.Point) image.Rectangle {
	at := func(share float64, length int, round func(float64) float64) int {
		if math.IsNaN(share) {
			return 0
		}
		return int(round(min(max(share, 0), 1) * float64(length)))
	}
	return image.Rect(at(p.X, size.X, math.Floor), at(p.Y, size.Y, math.Floor),
		at(p.X+p.W, size.X, math.Ceil), at(p.Y+p.H, size.Y, math.Ceil))
}

func pixelate(img *image.RGBA, box image.Rectangle) {
	side := max((max(box.Dx(), box.Dy())+blurSquares-1)/blurSquares, 1)
	for y := box.Min.Y; y < box.Max.Y; y += side {
		for x := box.Min.X; x < box.Max.X; x += side {
			square := image.Rect(x, y, x+side, y+side).Intersect(box)
			draw.Draw(img, square, image.NewUniform(mean(img, square)), image.Point{}, draw.Src)
		}
	}
}
