package sms

import (
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// The tables, written out once more from 3GPP TS 23.038 by code: a slip in the
// package's own string shows.
func TestAlphabet(t *testing.T) {
	codes := [128]rune{
		'@', '£', '$', '¥', 'è', 'é', 'ù', 'ì', 'ò', 'Ç', '\n', 'Ø', 'ø', '\r', 'Å', 'å',
		'Δ', '_', 'Φ', 'Γ', 'Λ', 'Ω', 'Π', 'Ψ', 'Σ', 'Θ', 'Ξ', 0x1b, 'Æ', 'æ', 'ß', 'É',
		' ', '!', '"', '#', '¤', '%', '&', '\'', '(', ')', '*', '+', ',', '-', '.', '/',
		'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', ':', ';', '<', '=', '>', '?',
		'¡', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O',
		'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', 'Ä', 'Ö', 'Ñ', 'Ü', '§',
		'¿', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o',
		'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', 'ä', 'ö', 'ñ', 'ü', 'à',
	}
	want := map[rune]int{}
	for _, r := range codes {
		if r != 0x1b { // the escape is not a character
			want[r] = 1
		}
	}
	for _, r := range "\f^{}\\[~]|€" {
		want[r] = 2
	}
	for r := rune(0); r < 0x3000; r++ {
		if got := septets(r); got != want[r] {
			t.Errorf("%q takes %d septets, want %d", r, got, want[r])
		}
	}
}

func TestCount(t *testing.T) {
	a := func(n int) string { return strings.Repeat("a", n) }
	for _, c := range []struct {
		text string
		want Size
	}{
		{"", Size{GSM7, 0, 0, 160, 160}},
		{"a", Size{GSM7, 1, 1, 160, 159}},
		{a(160), Size{GSM7, 160, 1, 160, 0}},
		{a(161), Size{GSM7, 161, 2, 153, 145}},
		{a(306), Size{GSM7, 306, 2, 153, 0}},
		{a(307), Size{GSM7, 307, 3, 153, 152}},
		{a(158) + "€", Size{GSM7, 160, 1, 160, 0}},
		{a(159) + "€", Size{GSM7, 161, 2, 153, 145}},
		// The pair does not fit at the end of the first part: one septet is lost.
		{a(152) + "€" + a(151), Size{GSM7, 305, 2, 153, 0}},
		{a(152) + "€" + a(152), Size{GSM7, 306, 3, 153, 152}},
		{strings.Repeat("€", 80), Size{GSM7, 160, 1, 160, 0}},
		{strings.Repeat("€", 81), Size{GSM7, 162, 2, 153, 153 - 10}},
		{"ê", Size{UCS2, 1, 1, 70, 69}},
		{"€ê", Size{UCS2, 2, 1, 70, 68}},
		{strings.Repeat("ê", 70), Size{UCS2, 70, 1, 70, 0}},
		{strings.Repeat("ê", 71), Size{UCS2, 71, 2, 67, 63}},
		{strings.Repeat("ê", 134), Size{UCS2, 134, 2, 67, 0}},
		{strings.Repeat("ê", 135), Size{UCS2, 135, 3, 67, 66}},
		{"🙂", Size{UCS2, 2, 1, 70, 68}},
		{strings.Repeat("🙂", 35), Size{UCS2, 70, 1, 70, 0}},
		{strings.Repeat("🙂", 36), Size{UCS2, 72, 2, 67, 67 - 6}},
		{"\xff", Size{UCS2, 1, 1, 70, 69}},
	} {
		if got := Count(c.text); got != c.want {
			t.Errorf("Count(%.20q… %d runes) = %+v, want %+v", c.text, utf8.RuneCountInString(c.text), got, c.want)
		}
	}
	for _, r := range "çêëîïôûâœÀÈÊÔ’«»–—…\u00a0\u202f" {
		if got := Count(string(r)).Encoding; got != UCS2 {
			t.Errorf("%q is counted as %s", r, got)
		}
	}
}

var anyText = rapid.OneOf(
	rapid.StringOf(rapid.RuneFrom([]rune(basic+extension))),
	rapid.StringOfN(rapid.RuneFrom([]rune("ab€{ê🙂é\n")), 0, 500, -1),
	rapid.StringOfN(rapid.RuneFrom([]rune("a€")), 0, 700, -1),
	rapid.StringOfN(rapid.RuneFrom([]rune("ê🙂")), 0, 300, -1),
	rapid.String(),
	rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
)

// Joined, the parts give the text back; each fits; none could take the next
// character too; and Count agrees.
func TestSplit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := anyText.Draw(t, "text")
		size, parts := Count(text), Split(text)
		if strings.Join(parts, "") != text {
			t.Fatalf("the parts of %q do not give it back: %q", text, parts)
		}
		if len(parts) != size.Parts {
			t.Fatalf("%d parts, Count says %d", len(parts), size.Parts)
		}
		whole := 0
		for i, part := range parts {
			used := naiveUnits(size.Encoding, part)
			whole += used
			if used > size.PerPart || used == 0 {
				t.Fatalf("part %d of %q takes %d of %d", i, text, used, size.PerPart)
			}
			if i < len(parts)-1 {
				next, _ := utf8.DecodeRuneInString(parts[i+1])
				if used+naiveUnits(size.Encoding, string(next)) <= size.PerPart {
					t.Fatalf("part %d of %q stops before it is full", i, text)
				}
			} else if size.Left != size.PerPart-used {
				t.Fatalf("%d left in the last part, Count says %d", size.PerPart-used, size.Left)
			}
		}
		if whole != size.Units {
			t.Fatalf("%d units, Count says %d", whole, size.Units)
		}
		if single, _ := capacity(size.Encoding); (len(parts) <= 1) != (size.Units <= single) {
			t.Fatalf("%d units of %s in %d parts", size.Units, size.Encoding, len(parts))
		}
	})
}

// naiveUnits counts by encoding: UTF-16 from the standard library, septets by
// looking the characters up in the standard's tables.
func naiveUnits(e Encoding, text string) int {
	if e == UCS2 {
		return len(utf16.Encode([]rune(text)))
	}
	n := 0
	for _, r := range text {
		n++
		if strings.ContainsRune(extension, r) {
			n++
		}
	}
	return n
}

func TestEstimate(t *testing.T) {
	size, cost := Estimate("Bonjour", Alert, 456, 1000)
	if size.Parts != 1 || cost != 456_000 || cost.Cents() != 4560 {
		t.Errorf("%+v, %d", size, cost)
	}
	// Tidied: the curly apostrophe costs nothing.
	if size, _ := Estimate("C’est noté", Alert, 456, 1); size.Encoding != GSM7 {
		t.Errorf("%+v", size)
	}
	// The clause counts: 150 + 11 characters.
	if size, cost := Estimate(strings.Repeat("a", 150), Marketing, 456, 1); size.Parts != 2 || cost != 912 || cost.Cents() != 10 {
		t.Errorf("%+v, %d", size, cost)
	}
	if got := Cost(0).Cents(); got != 0 {
		t.Errorf("nothing costs %d", got)
	}
}
