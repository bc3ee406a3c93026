package photo

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"math"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"parvis/platform/fault"
	"parvis/platform/i18n"
)

func TestARefusalIsAFault(t *testing.T) {
	f := fault.Of(fmt.Errorf("keeping: %w", refuse(HEIC, nil)))
	if f.Kind != fault.Invalid || f.Key != "photo.error.heic" {
		t.Errorf("%+v", f)
	}
}

func TestLocales(t *testing.T) {
	if err := i18n.Check(Locales); err != nil {
		t.Error(err)
	}
	cat, err := i18n.New(Locales)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range Kinds() {
		for _, lang := range []string{i18n.French, i18n.English} {
			if text := cat.Localizer(lang).T((&Error{Kind: k}).Key()); strings.Contains(text, "⟦") {
				t.Errorf("%s has no text in %s", k, lang)
			}
		}
	}
}

// Corners of the test picture: A top left, B top right, C bottom left, D bottom right.
var corners = map[byte]color.RGBA{'A': {220, 30, 30, 255}, 'B': {30, 200, 30, 255}, 'C': {30, 30, 220, 255}, 'D': {230, 220, 30, 255}}

// quarters is a picture of four colours.
func quarters(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for name, at := range map[byte]image.Point{'A': {}, 'B': {w / 2, 0}, 'C': {0, h / 2}, 'D': {w / 2, h / 2}} {
		draw.Draw(img, image.Rectangle{at, at.Add(image.Pt((w+1)/2, (h+1)/2))}, image.NewUniform(corners[name]), image.Point{}, draw.Src)
	}
	return img
}

func jpegOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pngOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// exifBlock writes orientation, hour, offset and place in the chosen byte order.
func exifBlock(order binary.AppendByteOrder, orientation uint16, offset string) []byte {
	head := "II*\x00"
	if order.String() == "BigEndian" {
		head = "MM\x00*"
	}
	b := order.AppendUint32([]byte(head), 8)
	entry := func(tag, kind uint16, count, value uint32) {
		b = order.AppendUint16(b, tag)
		b = order.AppendUint16(b, kind)
		b = order.AppendUint32(b, count)
		if kind == 3 {
			b = order.AppendUint16(b, uint16(value))
			b = append(b, 0, 0)
			return
		}
		b = order.AppendUint32(b, value)
	}
	text := func(tag uint16, s string) {
		b = order.AppendUint16(b, tag)
		b = order.AppendUint16(b, 2)
		b = order.AppendUint32(b, 2)
		b = append(b, s[0], 0, 0, 0)
	}
	const exifAt, gpsAt, dataAt = 8 + 2 + 3*12 + 4, 8 + 2 + 3*12 + 4 + 2 + 2*12 + 4, 8 + 2 + 3*12 + 4 + 2 + 2*12 + 4 + 2 + 4*12 + 4
	b = order.AppendUint16(b, 3)
	entry(tagOrientation, 3, 1, uint32(orientation))
	entry(tagExif, 4, 1, exifAt)
	entry(tagGPS, 4, 1, gpsAt)
	b = order.AppendUint32(b, 0)
	b = order.AppendUint16(b, 2)
	entry(tagTaken, 2, 20, dataAt)
	entry(tagOffset, 2, uint32(len(offset)+1), dataAt+20)
	b = order.AppendUint32(b, 0)
	b = order.AppendUint16(b, 4)
	text(tagLatRef, "N")
	entry(tagLat, 5, 3, dataAt+32)
	text(tagLonRef, "W")
	entry(tagLon, 5, 3, dataAt+56)
	b = order.AppendUint32(b, 0)
	b = append(b, "2026:03:29 09:30:00\x00"...)
	b = append(append(b, offset...), make([]byte, 12-len(offset))...)
	for _, n := range []uint32{46, 1, 34, 1, 4872, 100, 1, 1, 30, 1, 0, 1} {
		b = order.AppendUint32(b, n)
	}
	return b
}

// withEXIF puts the block where a phone does, and a comment with a place.
func withEXIF(file, block []byte) []byte {
	app := append([]byte("Exif\x00\x00"), block...)
	out := append([]byte{}, file[:2]...)
	for marker, content := range map[byte][]byte{0xe1: app, 0xfe: []byte("GPS 46.58 secret-place")} {
		out = append(out, 0xff, marker)
		out = binary.BigEndian.AppendUint16(out, uint16(len(content)+2))
		out = append(out, content...)
	}
	return append(out, file[2:]...)
}

func cleaned(t testing.TB, data []byte) Photo {
	t.Helper()
	p, err := Clean(bytes.NewReader(data), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// seen names the colours of the four corners, in reading order.
func seen(t testing.TB, file []byte) string {
	t.Helper()
	img, err := jpeg.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	out := ""
	for _, at := range []image.Point{{w / 4, h / 4}, {3 * w / 4, h / 4}, {w / 4, 3 * h / 4}, {3 * w / 4, 3 * h / 4}} {
		name := byte('?')
		r, g, b, _ := img.At(at.X, at.Y).RGBA()
		for n, c := range corners {
			if near(r>>8, c.R) && near(g>>8, c.G) && near(b>>8, c.B) {
				name = n
			}
		}
		out += string(name)
	}
	return out
}

func near(a uint32, b uint8) bool { return math.Abs(float64(a)-float64(b)) < 24 }

// What each orientation means (CIPA DC-008, 4.6.4 A): where the corners of the
// stored picture are seen.
func TestEveryOrientationIsUpright(t *testing.T) {
	want := map[uint16]string{0: "ABCD", 1: "ABCD", 2: "BADC", 3: "DCBA", 4: "CDAB", 5: "ACBD", 6: "CADB", 7: "DBCA", 8: "BDAC", 9: "ABCD"}
	file := jpegOf(t, quarters(80, 48))
	for orientation, corners := range want {
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			p := cleaned(t, withEXIF(file, exifBlock(order, orientation, "+02:00")))
			if got := seen(t, p.JPEG); got != corners {
				t.Errorf("orientation %d, %s: corners %s, want %s", orientation, order, got, corners)
			}
			w, h := 80, 48
			if orientation >= 5 && orientation <= 8 {
				w, h = h, w
			}
			if p.Width != w || p.Height != h {
				t.Errorf("orientation %d: %d × %d", orientation, p.Width, p.Height)
			}
		}
	}
}

func TestPlaceAndHourAreToldAndGoneFromTheFile(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	for offset, want := range map[string]time.Time{
		"+02:00": time.Date(2026, 3, 29, 7, 30, 0, 0, time.UTC),
		"-03:00": time.Date(2026, 3, 29, 12, 30, 0, 0, time.UTC),
		"":       time.Date(2026, 3, 29, 7, 30, 0, 0, time.UTC), // the zone's own
	} {
		block := exifBlock(binary.BigEndian, 1, offset)
		file := withEXIF(jpegOf(t, quarters(64, 64)), block)
		p, err := Clean(bytes.NewReader(file), Limits{Location: paris})
		if err != nil {
			t.Fatal(err)
		}
		if !p.TakenAt.Equal(want) {
			t.Errorf("offset %q: taken %v, want %v", offset, p.TakenAt, want)
		}
		if p.Where == nil || math.Abs(p.Where.Lat-(46+34/60.0+48.72/3600)) > 1e-9 || math.Abs(p.Where.Lon+1.5) > 1e-9 {
			t.Errorf("place %v", p.Where)
		}
		for _, left := range []string{"Exif", "2026:03", "GPS", "secret", "MM\x00*", "II*\x00", "JFIF"} {
			if bytes.Contains(p.JPEG, []byte(left)) {
				t.Errorf("the kept file holds %q", left)
			}
		}
		for marker := range segments(p.JPEG) {
			if marker >= 0xe0 && marker <= 0xef || marker == 0xfe {
				t.Errorf("the kept file has a segment %x of metadata", marker)
			}
		}
	}
	// 0, 0, and numbers that are no angle, are unsaid.
	for _, bad := range [][]byte{nil, []byte("MM\x00*"), exifBlock(binary.BigEndian, 1, "")[:60], bytes.Repeat([]byte{255}, 300)} {
		if said := readEXIF(bad, time.UTC); said.where != nil || said.orientation < 1 || said.orientation > 8 {
			t.Errorf("%x: %+v", bad, said)
		}
	}
}

func TestOtherFormats(t *testing.T) {
	var moving bytes.Buffer
	pal := func(img image.Image) *image.Paletted {
		p := image.NewPaletted(img.Bounds(), color.Palette{corners['A'], corners['B'], corners['C'], corners['D']})
		draw.Draw(p, p.Rect, img, image.Point{}, draw.Src)
		return p
	}
	blank := image.NewPaletted(image.Rect(0, 0, 64, 64), color.Palette{color.Black})
	if err := gif.EncodeAll(&moving, &gif.GIF{Image: []*image.Paletted{pal(quarters(64, 64)), blank}, Delay: []int{1, 1}}); err != nil {
		t.Fatal(err)
	}
	grey16 := image.NewGray16(image.Rect(0, 0, 9, 9))
	// PNG with the chunk eXIf, turned by 180°.
	plain := pngOf(t, quarters(64, 64))
	block := exifBlock(binary.LittleEndian, 3, "Z")
	inside := append([]byte("eXIf"), block...)
	turned := append([]byte{}, plain[:33]...)
	turned = binary.BigEndian.AppendUint32(turned, uint32(len(block)))
	turned = append(turned, inside...)
	turned = binary.BigEndian.AppendUint32(turned, crc32.ChecksumIEEE(inside))
	turned = append(turned, plain[33:]...)

	for name, x := range map[string]struct {
		file    []byte
		corners string
	}{
		"PNG": {plain, "ABCD"}, "PNG turned": {turned, "DCBA"}, "moving GIF": {moving.Bytes(), "ABCD"}, "PNG of 16 bits": {pngOf(t, grey16), ""},
		"WebP lossless": {decode64(t, "UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA=="), ""},
		"WebP lossy":    {decode64(t, "UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA"), ""},
	} {
		p, err := Clean(bytes.NewReader(x.file), Limits{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if x.corners != "" && seen(t, p.JPEG) != x.corners {
			t.Errorf("%s: corners %s, want %s", name, seen(t, p.JPEG), x.corners)
		}
	}
	if p := cleaned(t, turned); p.Where == nil || p.TakenAt.IsZero() {
		t.Errorf("PNG: place %v, hour %v", p.Where, p.TakenAt)
	}
}

func decode64(t testing.TB, s string) []byte {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestTransparentIsOnWhite(t *testing.T) {
	p := cleaned(t, pngOf(t, image.NewNRGBA(image.Rect(0, 0, 20, 20))))
	img, err := jpeg.Decode(bytes.NewReader(p.JPEG))
	if err != nil {
		t.Fatal(err)
	}
	if r, _, _, _ := img.At(10, 10).RGBA(); r>>8 < 250 {
		t.Errorf("red %d", r>>8)
	}
}

func TestSizes(t *testing.T) {
	for _, x := range []struct{ w, h, wantW, wantH int }{
		{2048, 1000, 2048, 1000}, {2049, 1000, 2048, 999}, {4096, 3072, 2048, 1536}, {1500, 5000, 614, 2048}, {9000, 3, 2048, 1}, {1, 1, 1, 1}, {5000, 1, 2048, 1},
	} {
		p := cleaned(t, jpegOf(t, quarters(x.w, x.h)))
		if math.Abs(float64(p.Width-x.wantW)) > 1 || math.Abs(float64(p.Height-x.wantH)) > 1 || max(p.Width, p.Height) > 2048 {
			t.Errorf("%d × %d became %d × %d, want %d × %d", x.w, x.h, p.Width, p.Height, x.wantW, x.wantH)
		}
		if x.h > 100 && seen(t, p.JPEG) != "ABCD" {
			t.Errorf("%d × %d: corners %s", x.w, x.h, seen(t, p.JPEG))
		}
	}
	small, err := Thumb(cleaned(t, jpegOf(t, quarters(1000, 500))).JPEG, 160)
	if err != nil {
		t.Fatal(err)
	}
	if c, err := jpeg.DecodeConfig(bytes.NewReader(small)); err != nil || c.Width != 160 || c.Height != 80 || seen(t, small) != "ABCD" {
		t.Errorf("thumb %d × %d %v", c.Width, c.Height, err)
	}
}

// header is a PNG that announces a size and holds nothing.
func header(w, h uint32) []byte {
	ihdr := binary.BigEndian.AppendUint32([]byte("IHDR"), w)
	ihdr = append(binary.BigEndian.AppendUint32(ihdr, h), 8, 6, 0, 0, 0)
	out := binary.BigEndian.AppendUint32([]byte("\x89PNG\r\n\x1a\n"), 13)
	return binary.BigEndian.AppendUint32(append(out, ihdr...), crc32.ChecksumIEEE(ihdr))
}

func TestRefusals(t *testing.T) {
	good := jpegOf(t, quarters(400, 300))
	// A progressive frame of 8000 × 6000: height and width follow the precision.
	progressive := append([]byte{}, good...)
	frame := bytes.Index(progressive, []byte{0xff, 0xc0})
	progressive[frame+1] = 0xc2
	copy(progressive[frame+5:], []byte{6000 >> 8, 6000 & 255, 8000 >> 8, 8000 & 255})
	scans := append(append([]byte{}, good[:len(good)-2]...), bytes.Repeat([]byte{0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0}, 100)...)
	for name, x := range map[string]struct {
		file []byte
		want Kind
	}{
		"nothing":           {nil, Empty},
		"26 MB":             {append(append([]byte{}, good...), make([]byte, 26<<20)...), TooHeavy},
		"bomb":              {header(50000, 50000), TooLarge},
		"line":              {header(1<<31-1, 1), TooLarge},
		"progressive 48 MP": {progressive, TooLarge},
		"scan bomb":         {scans, Damaged},
		"HEIC":              {[]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic....."), HEIC},
		"HEIF":              {[]byte("\x00\x00\x00\x14ftypmif1\x00\x00\x00\x00mif1"), HEIC},
		"AVIF":              {[]byte("\x00\x00\x00\x1cftypavif\x00\x00\x00\x00avifmif1miaf"), AVIF},
		"MP4":               {[]byte("\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2"), Video},
		"cut ftyp":          {[]byte("\x00\x00\x00\x18ftyp"), Video},
		"SVG":               {[]byte(`<?xml version="1.0"?><!-- x --><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), SVG},
		"SVG bare":          {[]byte("\xef\xbb\xbf \n<svg/>"), SVG},
		"PDF":               {[]byte("%PDF-1.7\n…"), Document},
		"ZIP":               {[]byte("PK\x03\x04…"), Document},
		"text":              {[]byte("bonjour"), NotPhoto},
		"HTML":              {[]byte("<html><img src=x></html>"), NotPhoto},
		"moving WebP":       {[]byte("RIFF\x20\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00"), Animated},
		"cut JPEG":          {good[:len(good)/2], Damaged},
		"JPEG without end":  {good[:3], Damaged},
		"cut PNG":           {pngOf(t, quarters(300, 300))[:200], Damaged},
		"empty PNG":         {header(10, 10), Damaged},
		"no pixel":          {header(0, 10), Damaged},
		"cut WebP":          {decode64(t, "UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+")[:30], Damaged},
		"cut GIF":           {[]byte("GIF89a\x01\x00\x01\x00"), Damaged},
	} {
		if _, err := Clean(bytes.NewReader(x.file), Limits{}); KindOf(err) != x.want {
			t.Errorf("%s: %v, want %s", name, err, x.want)
		}
	}
	broken := errors.New("the line broke")
	if _, err := Clean(iotest.ErrReader(broken), Limits{}); !errors.Is(err, broken) || KindOf(err) != "" {
		t.Errorf("a failing reader: %v", err)
	}
	if _, err := Thumb([]byte("bonjour"), 100); KindOf(err) == "" {
		t.Errorf("thumb of no photo: %v", err)
	}
}

// Under the squares nothing is left: two photos that differ only there become the
// same file.
func TestBlurLeavesNothing(t *testing.T) {
	part := Rect{0.25, 0.25, 0.5, 0.5}
	face := func(swap bool) []byte {
		img := quarters(256, 256)
		a, b := color.RGBA{0, 0, 0, 255}, color.RGBA{255, 255, 255, 255}
		for y := 64; y < 192; y++ {
			for x := 64; x < 192; x++ {
				// Same mean in each square, other details.
				if ((x/8+y/8)%2 == 0) != swap {
					img.SetRGBA(x, y, a)
				} else {
					img.SetRGBA(x, y, b)
				}
			}
		}
		return pngOf(t, img)
	}
	one, two := cleaned(t, face(false)), cleaned(t, face(true))
	if bytes.Equal(one.JPEG, two.JPEG) {
		t.Fatal("the photos do not differ")
	}
	var out [2]image.Image
	for i, p := range []Photo{one, two} {
		b, err := Blur(p.JPEG, []Rect{part, {math.NaN(), 0, 0, 0}, {2, 2, 1, 1}, {-1, -1, 0.5, 0.5}})
		if err != nil {
			t.Fatal(err)
		}
		if out[i], err = jpeg.Decode(bytes.NewReader(b)); err != nil {
			t.Fatal(err)
		}
		if seen(t, b)[0] == '?' && out[i].Bounds() != image.Rect(0, 0, 256, 256) {
			t.Fatal("the photo changed size")
		}
	}
	for y := 72; y < 184; y++ {
		for x := 72; x < 184; x++ {
			r1, _, _, _ := out[0].At(x, y).RGBA()
			r2, _, _, _ := out[1].At(x, y).RGBA()
			if math.Abs(float64(r1>>8)-float64(r2>>8)) > 6 {
				t.Fatalf("at %d, %d the photos still differ: %d and %d", x, y, r1>>8, r2>>8)
			}
		}
	}
	if r, g, _, _ := out[0].At(10, 10).RGBA(); !near(r>>8, corners['A'].R) || !near(g>>8, corners['A'].G) {
		t.Error("outside the part the photo changed")
	}
}

func TestManyAtOnce(t *testing.T) {
	file := jpegOf(t, quarters(300, 200))
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			if _, err := Clean(bytes.NewReader(file), Limits{}); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if len(turn) != 0 {
		t.Errorf("%d turns never given back", len(turn))
	}
}

// Whatever is sent: a photo within its limits, or a refusal with a kind.
func FuzzClean(f *testing.F) {
	f.Add(withEXIF(jpegOf(f, quarters(16, 16)), exifBlock(binary.BigEndian, 6, "+01:00")))
	f.Add(pngOf(f, quarters(8, 8)))
	f.Add(decode64(f, "UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA=="))
	f.Add([]byte("GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Clean(bytes.NewReader(data), Limits{Memory: 4 << 20, Side: 64})
		if err != nil {
			if KindOf(err) == "" {
				t.Fatalf("refusal without a kind: %v", err)
			}
			return
		}
		c, err := jpeg.DecodeConfig(bytes.NewReader(p.JPEG))
		if err != nil || c.Width != p.Width || c.Height != p.Height || max(c.Width, c.Height) > 64 {
			t.Fatalf("%d × %d, file %d × %d, %v", p.Width, p.Height, c.Width, c.Height, err)
		}
		if p.Where != nil && !p.Where.Valid() {
			t.Fatalf("place %v", p.Where)
		}
	})
}

func BenchmarkClean12MP(b *testing.B) {
	file := jpegOf(b, quarters(4000, 3000))
	for b.Loop() {
		if _, err := Clean(io.LimitReader(bytes.NewReader(file), int64(len(file))), Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}
