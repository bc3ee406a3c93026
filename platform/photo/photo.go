package photo

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"runtime"
	"time"

	"parvis/platform/geo"
)

// Limits bounds the work. A zero field has its default.
type Limits struct {
	MaxBytes int64          // of the file sent; 25 MB
	Memory   int64          // bytes of decoded pixels; 200 MB: 130 megapixels of a phone
	Side     int            // of the picture kept, in pixels; 2048
	Quality  int            // of JPEG, 1 to 100; 84
	Location *time.Location // of a hour of shooting without offset; UTC
}

func (l Limits) orDefault() Limits {
	if l.MaxBytes <= 0 {
		l.MaxBytes = 25 << 20
	}
	if l.Memory <= 0 {
		l.Memory = 200 << 20
	}
	if l.Side <= 0 {
		l.Side = 2048
	}
	if l.Quality <= 0 || l.Quality > 100 {
		l.Quality = 84
	}
	if l.Location == nil {
		l.Location = time.UTC
	}
	return l
}

// Photo is a picture ready to keep. JPEG holds no metadata at all.
type Photo struct {
	JPEG          []byte
	Width, Height int        // pixels, as seen
	TakenAt       time.Time  // UTC; zero when the file did not say
	Where         *geo.Point // nil when the file did not say
}

// turn lets as many photos be decoded at once as there are processors: a decoded
// photo is a hundred times its file. It holds no state between calls.
var turn = make(chan struct{}, runtime.GOMAXPROCS(0))

// Clean reads one photo whole. Errors are [Error], or that of r.
func Clean(r io.Reader, l Limits) (Photo, error) {
	l = l.orDefault()
	data, err := io.ReadAll(io.LimitReader(r, l.MaxBytes+1))
	switch {
	case err != nil:
		return Photo{}, fmt.Errorf("read a photo: %w", err)
	case len(data) == 0:
		return Photo{}, refuse(Empty, nil)
	case int64(len(data)) > l.MaxBytes:
		return Photo{}, refuse(TooHeavy, nil)
	}
	turn <- struct{}{}
	defer func() { <-turn }()
	return clean(data, l)
}

func clean(data []byte, l Limits) (Photo, error) {
	f, err := formatOf(data)
	if err != nil {
		return Photo{}, err
	}
	img, err := f.decode(data, l.Memory)
	if err != nil {
		return Photo{}, err
	}
	said := readEXIF(f.exif(data), l.Location)
	img = upright(shrink(img, l.Side), said.orientation)
	out, err := encode(img, l.Quality)
	if err != nil {
		return Photo{}, err
	}
	size := img.Bounds().Size()
	return Photo{JPEG: out, Width: size.X, Height: size.Y, TakenAt: said.taken, Where: said.where}, nil
}

// Thumb makes a smaller JPEG whose longer side is at most px pixels, from what
// Clean made.
func Thumb(jpegFile []byte, px int) ([]byte, error) {
	img, err := decodeOwn(jpegFile)
	if err != nil {
		return nil, err
	}
	return encode(shrink(img, max(px, 1)), 80)
}

// decodeOwn decodes a JPEG that is ours: the same bounds, no more trust.
func decodeOwn(jpegFile []byte) (image.Image, error) {
	turn <- struct{}{}
	defer func() { <-turn }()
	return jpegFormat.decode(jpegFile, Limits{}.orDefault().Memory)
}

func encode(img image.Image, quality int) ([]byte, error) {
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, &jpeg.Options{Quality: quality}); err != nil {
		return nil, fmt.Errorf("write a photo: %w", err)
	}
	return out.Bytes(), nil
}
