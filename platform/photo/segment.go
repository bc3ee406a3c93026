package photo

import (
	"encoding/binary"
	"iter"
)

// segments walks the marker segments of a JPEG up to the first scan.
func segments(data []byte) iter.Seq2[byte, []byte] {
	return func(yield func(byte, []byte) bool) {
		for i := 2; i+4 <= len(data); {
			if data[i] != 0xff {
				return
			}
			marker := data[i+1]
			if marker == 0xff { // a fill byte
				i++
				continue
			}
			size := int(binary.BigEndian.Uint16(data[i+2:]))
			if marker == 0xda || size < 2 || i+2+size > len(data) || !yield(marker, data[i+4:i+2+size]) {
				return
			}
			i += 2 + size
		}
	}
}

// exif finds the TIFF block in which cameras write, or nil: the APP1 of a JPEG, the
// chunk eXIf of a PNG, EXIF of a WebP.
func (f format) exif(data []byte) []byte {
	const name = "Exif\x00\x00"
	switch f {
	case jpegFormat:
		for marker, segment := range segments(data) {
			if marker == 0xe1 && len(segment) > len(name) && string(segment[:len(name)]) == name {
				return segment[len(name):]
			}
		}
	case pngFormat:
		return chunk(data, 8, "eXIf", func(head []byte) (string, int, int) {
			return string(head[4:8]), int(binary.BigEndian.Uint32(head)), 4
		})
	case webpFormat:
		block := chunk(data, 12, "EXIF", func(head []byte) (string, int, int) {
			size := int(binary.LittleEndian.Uint32(head[4:]))
			return string(head[:4]), size, size & 1
		})
		if len(block) > len(name) && string(block[:len(name)]) == name { // some writers add it
			return block[len(name):]
		}
		return block
	}
	return nil
}

// chunk walks chunks with a head of eight bytes, read by head into a name, the
// length of the content and what follows it.
func chunk(data []byte, at int, want string, head func([]byte) (name string, size, after int)) []byte {
	for at+8 <= len(data) {
		name, size, after := head(data[at : at+8])
		if size < 0 || size > len(data)-at-8 {
			return nil
		}
		if name == want {
			return data[at+8 : at+8+size]
		}
		at += 8 + size + after
	}
	return nil
}
