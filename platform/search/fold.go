package search

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Fold reduces a text to what matters when it is looked up: lower case, no
// accents, œ as oe, æ as ae, ß as ss, and a single space for any run of
// apostrophes, hyphens, punctuation and blanks. The result holds only letters,
// digits and single inner spaces. Folding twice changes nothing.
//
//	Fold("L’Haÿ-les-Roses") == "l hay les roses"
func Fold(s string) string {
	var out strings.Builder
	out.Grow(len(s))
	blank := false
	for _, r := range norm.NFKD.String(s) {
		switch {
		case unicode.Is(unicode.Mn, r): // an accent, set apart by the normalisation
		case r == '\u02bb': // the ʻokina of Polynesian names: Faʻa is written Faa as well
		case r == '\u02bc': // an apostrophe that Unicode calls a letter: Breton cʼh
			blank = true
		case unicode.IsLetter(r) || unicode.IsNumber(r):
			if blank && out.Len() > 0 {
				out.WriteByte(' ')
			}
			blank = false
			writeFolded(&out, r)
		default:
			blank = true
		}
	}
	return out.String()
}

// writeFolded writes the lower-case letter, or the letters that stand for one
// that has no decomposition in Unicode.
func writeFolded(out *strings.Builder, r rune) {
	switch r = unicode.ToLower(r); r {
	case 'œ':
		out.WriteString("oe")
	case 'æ':
		out.WriteString("ae")
	case 'ß':
		out.WriteString("ss")
	case 'þ':
		out.WriteString("th")
	case 'ø':
		out.WriteByte('o')
	case 'ł':
		out.WriteByte('l')
	case 'đ', 'ð':
		out.WriteByte('d')
	case 'ħ':
		out.WriteByte('h')
	case 'ı':
		out.WriteByte('i')
	default:
		out.WriteRune(r)
	}
}

// FoldName is Fold for names of places and persons: the abbreviations St, Ste,
// Sts, Stes are written in full, so that « St-Étienne » and « Saint-Étienne » are
// the same name.
func FoldName(s string) string {
	words := strings.Fields(Fold(s))
	for i, word := range words {
		words[i] = inFull(word)
	}
	return strings.Join(words, " ")
}

// Words returns the folded words of a text, in order.
func Words(s string) []string { return strings.Fields(Fold(s)) }

func inFull(word string) string {
	switch word {
	case "st":
		return "saint"
	case "ste":
		return "sainte"
	case "sts":
		return "saints"
	case "stes":
		return "saintes"
	}
	return word
}
