package photo

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"strings"

	"golang.org/x/image/webp"
)

// format is a kind of file that is read.
type format int

const (
	jpegFormat format = iota
	pngFormat
	gifFormat
	webpFormat
)

const (
	maxSide  = 65500 // JPEG cannot hold more; nothing of use does
	maxScans = 64    // passes of a progressive JPEG; cameras and web tools make ten
)

// formatOf looks at the first bytes, never at a name or a declared type.
func formatOf(data []byte) (format, error) {
	is := func(offset int, magic string) bool {
		return len(data) >= offset+len(magic) && string(data[offset:offset+len(magic)]) == magic
	}
	switch {
	case is(0, "\xff\xd8\xff"):
		return jpegFormat, nil
	case is(0, "\x89PNG\r\n\x1a\n"):
		return pngFormat, nil
	case is(0, "GIF87a"), is(0, "GIF89a"):
		return gifFormat, nil
	case is(0, "RIFF") && is(8, "WEBP"):
		// VP8X, the extended header: bit 1 of its flags says moving images.
		if is(12, "VP8X") && len(data) > 20 && data[20]&2 != 0 {
			return 0, refuse(Animated, nil)
		}
		return webpFormat, nil
	case is(4, "ftyp"):
		return 0, refuse(isoKind(data), nil)
	case is(0, "%PDF"), is(0, "PK\x03\x04"), is(0, "\xd0\xcf\x11\xe0"), is(0, "{\\rtf"):
		return 0, refuse(Document, nil)
	case is(0, "\x1aE\xdf\xa3"), is(0, "RIFF") && is(8, "AVI "):
		return 0, refuse(Video, nil)
	case looksSVG(data):
		return 0, refuse(SVG, nil)
	}
	return 0, refuse(NotPhoto, nil)
}

// isoKind reads the brands of an ISO base media file (ISO/IEC 14496-12): HEIC, AVIF
// and videos share the container.
func isoKind(data []byte) Kind {
	size := min(int(binary.BigEndian.Uint32(data)), len(data), 256)
	brands := string(data[8:max(size, min(12, len(data)))])
	switch {
	case strings.Contains(brands, "avif"), strings.Contains(brands, "avis"):
		return AVIF
	case strings.Contains(brands, "hei"), strings.Contains(brands, "hev"), strings.Contains(brands, "mif1"), strings.Contains(brands, "msf1"):
		return HEIC
	}
	return Video
}

func looksSVG(data []byte) bool {
	head := bytes.ToLower(data[:min(len(data), 1024)])
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	return bytes.HasPrefix(head, []byte("<")) && bytes.Contains(head, []byte("<svg"))
}

// decode reads the size, refuses what needs more memory than allowed, then reads
// the pixels.
func (f format) decode(data []byte, memory int64) (image.Image, error) {
	header, pixels := f.readers()
	config, err := header(bytes.NewReader(data))
	if err != nil {
		return nil, refuse(Damaged, err)
	}
	w, h := int64(config.Width), int64(config.Height)
	if w <= 0 || h <= 0 {
		return nil, refuse(Damaged, errors.New("no pixel"))
	}
	if w > maxSide || h > maxSide || w*h > memory || int64(float64(w*h)*f.weight(data, config.ColorModel)) > memory {
		return nil, refuse(TooLarge, nil)
	}
	if f == jpegFormat && bytes.Count(data, []byte{0xff, 0xda}) > maxScans {
		return nil, refuse(Damaged, errors.New("too many scans"))
	}
	img, err := pixels(bytes.NewReader(data))
	if err != nil {
		return nil, refuse(Damaged, err)
	}
	return img, nil
}

type (
	headerReader = func(*bytes.Reader) (image.Config, error)
	pixelReader  = func(*bytes.Reader) (image.Image, error)
)

func (f format) readers() (headerReader, pixelReader) {
	switch f {
	case pngFormat:
		return func(r *bytes.Reader) (image.Config, error) { return png.DecodeConfig(r) },
			func(r *bytes.Reader) (image.Image, error) { return png.Decode(r) }
	case gifFormat:
		return func(r *bytes.Reader) (image.Config, error) { return gif.DecodeConfig(r) },
			func(r *bytes.Reader) (image.Image, error) { return gif.Decode(r) }
	case webpFormat:
		return func(r *bytes.Reader) (image.Config, error) { return webp.DecodeConfig(r) },
			func(r *bytes.Reader) (image.Image, error) { return webp.Decode(r) }
	}
	return func(r *bytes.Reader) (image.Config, error) { return jpeg.DecodeConfig(r) },
		func(r *bytes.Reader) (image.Image, error) { return jpeg.Decode(r) }
}

// weight is how many bytes a pixel costs while it is decoded.
func (f format) weight(data []byte, model color.Model) float64 {
	switch model {
	case color.RGBA64Model, color.NRGBA64Model:
		return 8
	case color.Gray16Model:
		return 2
	}
	switch f {
	case jpegFormat:
		components, subsampled, progressive := frameOf(data)
		bytesPerPixel := float64(components)
		if subsampled {
			bytesPerPixel = 1.5
		}
		if progressive { // all coefficients are kept, four bytes each
			bytesPerPixel *= 5
		}
		return bytesPerPixel
	case gifFormat:
		return 1
	}
	return 4
}

// frameOf reads the start of frame of a JPEG (ITU-T T.81, B.2.2). Without one it
// answers the costliest case.
func frameOf(data []byte) (components int, subsampled, progressive bool) {
	for marker, segment := range segments(data) {
		if marker < 0xc0 || marker > 0xcf || marker == 0xc4 || marker == 0xc8 || marker == 0xcc || len(segment) < 6 {
			continue
		}
		components = int(segment[5])
		if components == 3 && len(segment) >= 9 {
			subsampled = segment[7] == 0x22 // 4:2:0, what cameras write
		}
		return components, subsampled, marker == 0xc2
	}
	return 4, false, true
}
