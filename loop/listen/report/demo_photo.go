package report

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math"
)

// The scenes that are drawn for the demonstration: no photograph, nobody.
const (
	sceneHole  = "hole"
	sceneLamp  = "lamp"
	sceneDump  = "dump"
	sceneTag   = "tag"
	sceneBench = "bench"
)

type canvas struct{ *image.RGBA }

func hex(c uint32) color.RGBA {
	return color.RGBA{uint8(c >> 16), uint8(c >> 8), uint8(c), 255}
}

// fill paints a polygon given as x, y pairs (even-odd).
func (c canvas) fill(shade uint32, xy ...float64) {
	minY, maxY := math.Inf(1), math.Inf(-1)
	for i := 1; i < len(xy); i += 2 {
		minY, maxY = math.Min(minY, xy[i]), math.Max(maxY, xy[i])
	}
	b := c.Bounds()
	for y := max(int(minY), 0); y <= min(int(maxY), b.Dy()-1); y++ {
		for x := range b.Dx() {
			if inside(float64(x)+0.5, float64(y)+0.5, xy) {
				c.SetRGBA(x, y, hex(shade))
			}
		}
	}
}

func inside(x, y float64, xy []float64) bool {
	in := false
	for i, j := 0, len(xy)-2; i < len(xy); j, i = i, i+2 {
		if (xy[i+1] > y) != (xy[j+1] > y) && x < (xy[j]-xy[i])*(y-xy[i+1])/(xy[j+1]-xy[i+1])+xy[i] {
			in = !in
		}
	}
	return in
}

func (c canvas) disc(shade uint32, cx, cy, rx, ry float64) {
	for y := max(int(cy-ry), 0); y <= min(int(cy+ry), c.Bounds().Dy()-1); y++ {
		for x := max(int(cx-rx), 0); x <= min(int(cx+rx), c.Bounds().Dx()-1); x++ {
			dx, dy := (float64(x)-cx)/rx, (float64(y)-cy)/ry
			if dx*dx+dy*dy <= 1 {
				c.SetRGBA(x, y, hex(shade))
			}
		}
	}
}

func (c canvas) box(shade uint32, x, y, w, h float64) { c.fill(shade, x, y, x+w, y, x+w, y+h, x, y+h) }

// demoPhoto draws a scene, before or after the repair.
func demoPhoto(scene string, mended bool) ([]byte, error) {
	c := canvas{image.NewRGBA(image.Rect(0, 0, 480, 360))}
	c.box(0xDAE3E3, 0, 0, 480, 360)
	c.box(0xC9BFAE, 0, 150, 480, 210)
	for i, x := range []float64{40, 150, 250, 380} {
		top := 105 - float64(i%2)*18
		c.box(0xCFC6B6, x, top, 70, 60)
		c.fill(0xB5A894, x-4, top, x+35, top-26, x+74, top)
		c.box(0xA99B84, x+26, top+24, 16, 36)
	}
	c.box(0xB3A790, 0, 165, 480, 20)
	c.fill(0x7E8789, 190, 185, 290, 185, 480, 360, 0, 360)
	for y := 195.0; y < 360; y += 42 {
		w := 3 + (y-185)/40
		c.box(0xE9E6DF, 240-w/2, y, w, 20)
	}
	switch scene {
	case sceneHole:
		if mended {
			c.fill(0x5F676A, 200, 255, 330, 250, 352, 305, 190, 308)
		} else {
			c.disc(0x565D60, 265, 280, 70, 30)
			c.disc(0x33393B, 265, 284, 48, 18)
			c.fill(0xC4552D, 372, 290, 388, 240, 404, 290)
		}
	case sceneLamp:
		c.box(0x3C474B, 96, 60, 7, 230)
		c.fill(0x3C474B, 96, 60, 103, 60, 150, 46, 150, 40)
		shade := uint32(0x6A7072)
		if mended {
			shade = 0xFFE39A
		}
		c.disc(shade, 152, 50, 16, 9)
	case sceneDump:
		if !mended {
			c.disc(0x2E3E46, 90, 305, 42, 34)
			c.disc(0x3B4E58, 148, 312, 36, 28)
			c.box(0x8B6B4A, 30, 300, 46, 40)
			c.fill(0xA98B63, 170, 336, 250, 300, 262, 312, 186, 346)
		}
	case sceneTag:
		c.box(0xC2B7A4, 0, 120, 180, 190)
		if !mended {
			for i := range 6 {
				c.fill(uint32(0x7B3F6E), 20+float64(i)*24, 190, 34+float64(i)*24, 170, 44+float64(i)*24, 232, 30+float64(i)*24, 238)
			}
		}
	case sceneBench:
		c.box(0x7C5A38, 60, 270, 130, 10)
		if mended {
			c.box(0x7C5A38, 60, 246, 130, 10)
		} else {
			c.fill(0x7C5A38, 60, 246, 120, 246, 142, 300, 132, 304)
		}
		c.box(0x3C474B, 70, 280, 8, 38)
		c.box(0x3C474B, 172, 280, 8, 38)
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, c, &jpeg.Options{Quality: 80}); err != nil {
		return nil, fmt.Errorf("report: drawing a photo: %w", err)
	}
	return out.Bytes(), nil
}
