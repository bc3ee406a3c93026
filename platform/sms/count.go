package sms

import "unicode/utf8"

// Encoding is the alphabet a text travels in.
type Encoding string

// The two alphabets.
const (
	GSM7 Encoding = "GSM-7" // 160 septets in one message, 153 in each part of several
	UCS2 Encoding = "UCS-2" // 70 UTF-16 units, 67 in each part
)

// Size is how much room a text takes.
type Size struct {
	Encoding Encoding
	Units    int // septets, or UTF-16 units
	Parts    int // messages billed; 0 for an empty text
	PerPart  int // units that fit in each part: 160 or 153, 70 or 67
	Left     int // units still free in the last part
}

func capacity(e Encoding) (single, several int) {
	if e == GSM7 {
		return 160, 153
	}
	return 70, 67
}

func units(e Encoding, r rune) int {
	if e == GSM7 {
		return septets(r)
	}
	return ucs2Units(r)
}

// Count measures a text as it is, before [Tidy]. One character outside the
// default alphabet turns the whole text into UCS-2.
func Count(text string) Size {
	size, _ := measure(text)
	return size
}

// Split cuts a text into the parts it travels in. Joined, they give the text
// back; none ends in the middle of an extension or surrogate pair.
func Split(text string) []string {
	_, cuts := measure(text)
	parts := make([]string, 0, len(cuts))
	start := 0
	for _, end := range cuts {
		parts = append(parts, text[start:end])
		start = end
	}
	return parts
}

// Billed measures what a provider bills: the text after [Tidy] and, for a
// marketing message, the STOP clause it adds.
func Billed(text string, kind Kind) Size {
	text = Tidy(text)
	if kind == Marketing {
		text += StopClause
	}
	return Count(text)
}

// measure returns the size of text and where each part ends, in bytes.
func measure(text string) (Size, []int) {
	size := Size{Encoding: GSM7}
	for _, r := range text {
		n := septets(r)
		if n == 0 {
			size.Encoding = UCS2
			break
		}
		size.Units += n
	}
	if size.Encoding == UCS2 {
		size.Units = 0
		for _, r := range text {
			size.Units += ucs2Units(r)
		}
	}
	single, several := capacity(size.Encoding)
	if size.Units <= single {
		size.PerPart, size.Left = single, single-size.Units
		if text == "" {
			return size, nil
		}
		size.Parts = 1
		return size, []int{len(text)}
	}
	size.PerPart = several
	var cuts []int
	used := 0
	for i := 0; i < len(text); {
		r, width := utf8.DecodeRuneInString(text[i:])
		n := units(size.Encoding, r)
		if used+n > several {
			cuts = append(cuts, i)
			used = 0
		}
		used += n
		i += width
	}
	cuts = append(cuts, len(text))
	size.Parts, size.Left = len(cuts), several-used
	return size, cuts
}
