package sms

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Change is one replacement made in a text.
type Change struct {
	From, To  string
	Times     int
	Automatic bool // typographic, made by [Tidy] in every message; the others are offered to the author
}

// typographic replacements cost nothing to the meaning and often halve the
// price: a phone shows a straight apostrophe as well as a curly one.
func typographic(r rune) (string, bool) {
	switch r {
	case '’', '‘', '‚', '‛', '′', 'ʼ':
		return "'", true
	case '“', '”', '„', '‟', '″':
		return `"`, true
	case '–', '—', '‐', '‑', '‒', '―', '−', '•', '·':
		return "-", true
	case '…':
		return "...", true
	case '\t', '\u00a0', '\u202f', '\u2000', '\u2001', '\u2002', '\u2003', '\u2004', '\u2005', '\u2006', '\u2007', '\u2008', '\u2009', '\u200a', '\u205f', '\u3000':
		return " ", true
	case '\u2028', '\u2029', '\u0085', '\v':
		return "\n", true
	case '\u00ad', '\u200b', '\u2060', '\ufeff':
		return "", true
	}
	if r < ' ' && r != '\n' || r == 0x7f || r >= 0x80 && r < 0xa0 {
		return "", true
	}
	return "", false
}

// offered replacements change spelling: the author decides.
func offered(r rune) (string, bool) {
	switch r {
	case 'ç':
		return "c", true
	case 'œ':
		return "oe", true
	case 'Œ':
		return "OE", true
	case '°', 'º':
		return "o", true
	case 'ª':
		return "a", true
	case '²':
		return "2", true
	case '³':
		return "3", true
	case '½':
		return "1/2", true
	case '×':
		return "x", true
	case '‰':
		return " pour mille", true
	}
	// À → A, ê → e, ş → s: the letter without its marks, when it has one.
	letter := []rune(norm.NFD.String(string(r)))
	if len(letter) > 1 && septets(letter[0]) == 1 {
		return string(letter[0]), true
	}
	return "", false
}

// Tidy makes the automatic replacements: typographic signs the default alphabet
// lacks (’ « » – … and no-break spaces) become plain ones, control characters
// go, letters are composed (NFC). It is idempotent and every message goes
// through it.
func Tidy(text string) string { return tidy(text, func(string, string) {}) }

// Transliterate returns the text with, besides what [Tidy] does, every letter
// outside the default alphabet replaced by its nearest neighbour where there is
// one. The replacements, the automatic ones first, each in order of appearance,
// are to be shown to the author and never applied silently.
func Transliterate(text string) (string, []Change) {
	var changes []Change
	note := func(automatic bool) func(from, to string) {
		index := map[string]int{}
		return func(from, to string) {
			i, seen := index[from]
			if !seen {
				i = len(changes)
				index[from] = i
				changes = append(changes, Change{From: from, To: to, Automatic: automatic})
			}
			changes[i].Times++
		}
	}
	out := tidy(text, note(true))
	return spell(out, note(false)), changes
}

func tidy(text string, note func(from, to string)) string {
	text = norm.NFC.String(strings.ToValidUTF8(text, "\ufffd"))
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	var out strings.Builder
	out.Grow(len(text))
	runes := []rune(text)
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		if spaces := leadingSpaces(runes[i:]); spaces > 0 {
			i += spaces - 1
			// French quotes carry spaces inside them, straight quotes do not.
			if i+1 < len(runes) && runes[i+1] == '»' {
				continue
			}
			for _, space := range runes[i+1-spaces : i+1] {
				out.WriteByte(' ')
				if space != ' ' {
					note(string(space), " ")
				}
			}
			continue
		}
		switch to, ok := typographic(r); {
		case r == '«':
			out.WriteByte('"')
			note("«", `"`)
			i += leadingSpaces(runes[i+1:])
		case r == '»':
			out.WriteByte('"')
			note("»", `"`)
		case ok:
			out.WriteString(to)
			note(string(r), to)
		default:
			out.WriteRune(r)
		}
	}
	// A sign that went may have stood between a letter and its accent.
	return norm.NFC.String(out.String())
}

// spell makes the offered replacements in a tidy text.
func spell(text string, note func(from, to string)) string {
	var out strings.Builder
	out.Grow(len(text))
	latin := false // the last letter is of our script: marks left on it go with its own
	for _, r := range text {
		if septets(r) > 0 {
			out.WriteRune(r)
			latin = unicode.Is(unicode.Latin, r)
			continue
		}
		if to, ok := offered(r); ok {
			out.WriteString(to)
			note(string(r), to)
			latin = true
			continue
		}
		if latin && unicode.Is(unicode.Mn, r) {
			note(string(r), "")
			continue
		}
		out.WriteRune(r)
		latin = unicode.Is(unicode.Latin, r)
	}
	return out.String()
}

// leadingSpaces counts the spaces, of any width, that runes starts with.
func leadingSpaces(runes []rune) int {
	for i, r := range runes {
		if to, ok := typographic(r); r != ' ' && (!ok || to != " ") {
			return i
		}
	}
	return len(runes)
}
