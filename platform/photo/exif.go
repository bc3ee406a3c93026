package photo

import (
	"encoding/binary"
	"math"
	"strings"
	"time"

	"parvis/platform/geo"
)

// camera is what the phone wrote beside the pixels.
type camera struct {
	orientation int // 1 to 8, as in EXIF; 1 when unsaid
	taken       time.Time
	where       *geo.Point
}

// Tags of EXIF 2.32 (CIPA DC-008).
const (
	tagOrientation = 0x0112
	tagExif        = 0x8769
	tagGPS         = 0x8825
	tagTaken       = 0x9003
	tagOffset      = 0x9011
	tagLatRef      = 1
	tagLat         = 2
	tagLonRef      = 3
	tagLon         = 4
)

// readEXIF reads the few tags of use and never fails: what is not well formed is as
// if unsaid.
func readEXIF(block []byte, location *time.Location) camera {
	said := camera{orientation: 1}
	t, ok := newTIFF(block)
	if !ok {
		return said
	}
	main := t.directory(t.uint32At(4))
	if n := main.number(tagOrientation); n >= 1 && n <= 8 {
		said.orientation = n
	}
	if exif := main.number(tagExif); exif > 0 {
		details := t.directory(uint32(exif))
		said.taken = takenAt(details.text(tagTaken), details.text(tagOffset), location)
	}
	if gps := main.number(tagGPS); gps > 0 {
		d := t.directory(uint32(gps))
		lat, okLat := d.angle(tagLat)
		lon, okLon := d.angle(tagLon)
		if d.text(tagLatRef) == "S" {
			lat = -lat
		}
		if d.text(tagLonRef) == "W" {
			lon = -lon
		}
		// 0, 0 is what phones write before they know.
		if p := (geo.Point{Lat: lat, Lon: lon}); okLat && okLon && p.Valid() && p != (geo.Point{}) {
			said.where = &p
		}
	}
	return said
}

func takenAt(text, offset string, location *time.Location) time.Time {
	if t, err := time.Parse("2006:01:02 15:04:05Z07:00", text+offset); err == nil {
		return t.UTC()
	}
	if t, err := time.ParseInLocation("2006:01:02 15:04:05", text, location); err == nil {
		return t.UTC()
	}
	return time.Time{}
}

// tiff is the container of EXIF (TIFF 6.0, section 2).
type tiff struct {
	data  []byte
	order binary.ByteOrder
}

func newTIFF(data []byte) (tiff, bool) {
	if len(data) < 8 {
		return tiff{}, false
	}
	switch string(data[:4]) {
	case "II*\x00":
		return tiff{data, binary.LittleEndian}, true
	case "MM\x00*":
		return tiff{data, binary.BigEndian}, true
	}
	return tiff{}, false
}

func (t tiff) uint32At(at int) uint32 { return t.order.Uint32(t.data[at:]) }

// directory is the entries at an offset, twelve bytes each.
type directory struct {
	tiff
	entries []byte
}

func (t tiff) directory(offset uint32) directory {
	at := int64(offset)
	if at+2 > int64(len(t.data)) {
		return directory{tiff: t}
	}
	count := int64(t.order.Uint16(t.data[at:]))
	end := min(at+2+12*count, int64(len(t.data)))
	return directory{t, t.data[at+2 : end]}
}

// find gives the type, the count and the bytes of a tag's value.
func (d directory) find(tag uint16) (kind uint16, value []byte) {
	for e := d.entries; len(e) >= 12; e = e[12:] {
		if d.order.Uint16(e) != tag {
			continue
		}
		kind = d.order.Uint16(e[2:])
		size := int64(d.order.Uint32(e[4:])) * sizeOf(kind)
		if size <= 4 {
			return kind, e[8 : 8+size]
		}
		at := int64(d.order.Uint32(e[8:]))
		if at+size > int64(len(d.data)) {
			return 0, nil
		}
		return kind, d.data[at : at+size]
	}
	return 0, nil
}

// sizeOf is the bytes of one value, 0 for types not used here.
func sizeOf(kind uint16) int64 {
	switch kind {
	case 1, 2, 7: // BYTE, ASCII, UNDEFINED
		return 1
	case 3: // SHORT
		return 2
	case 4: // LONG
		return 4
	case 5: // RATIONAL
		return 8
	}
	return 0
}

func (d directory) number(tag uint16) int {
	kind, v := d.find(tag)
	switch {
	case kind == 3 && len(v) >= 2:
		return int(d.order.Uint16(v))
	case kind == 4 && len(v) >= 4:
		return int(min(d.order.Uint32(v), math.MaxInt32))
	}
	return 0
}

func (d directory) text(tag uint16) string {
	kind, v := d.find(tag)
	if kind != 2 {
		return ""
	}
	s, _, _ := strings.Cut(string(v), "\x00")
	return strings.TrimSpace(s)
}

// angle reads degrees, minutes and seconds, each a fraction.
func (d directory) angle(tag uint16) (float64, bool) {
	kind, v := d.find(tag)
	if kind != 5 || len(v) < 24 {
		return 0, false
	}
	sum, unit := 0.0, 1.0
	for i := range 3 {
		over, under := d.order.Uint32(v[8*i:]), d.order.Uint32(v[8*i+4:])
		if under == 0 {
			if over != 0 || i == 0 {
				return 0, false
			}
			under = 1
		}
		sum += float64(over) / float64(under) / unit
		unit *= 60
	}
	return sum, true
}
