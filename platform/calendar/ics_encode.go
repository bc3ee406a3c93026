package calendar

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/emersion/go-ical"
)

// lineLimit is the length of a line in octets, line break excluded (RFC 5545,
// § 3.1).
const lineLimit = 75

// encode writes the calendar and folds its lines, which the library does not.
func encode(calendar *ical.Calendar) ([]byte, error) {
	var plain bytes.Buffer
	if err := ical.NewEncoder(&plain).Encode(calendar); err != nil {
		return nil, fmt.Errorf("writing a calendar: %w", err)
	}
	var out bytes.Buffer
	for line := range bytes.SplitSeq(bytes.TrimSuffix(plain.Bytes(), []byte("\r\n")), []byte("\r\n")) {
		fold(&out, line)
	}
	return out.Bytes(), nil
}

// fold writes a line in pieces that begin with a space, never cutting a character.
func fold(out *bytes.Buffer, line []byte) {
	for limit := lineLimit; len(line) > limit; limit = lineLimit - 1 {
		cut := limit
		for cut > limit-utf8.UTFMax && !utf8.RuneStart(line[cut]) {
			cut--
		}
		out.Write(line[:cut])
		out.WriteString("\r\n ")
		line = line[cut:]
	}
	out.Write(line)
	out.WriteString("\r\n")
}
