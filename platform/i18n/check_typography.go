package i18n

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

var (
	action  = regexp.MustCompile(`\{\{.*?\}\}`)
	address = regexp.MustCompile(`(https?://|mailto:)\S+`)
)

// typography lists what French typography refuses in a text (Lexique des règles
// typographiques en usage à l’Imprimerie nationale): an ordinary space, or none,
// before ? ! : ; % € » or after «; the straight apostrophe.
func typography(text string) []string {
	// A placeholder stands for a word, an address is not prose.
	runes := []rune(address.ReplaceAllString(action.ReplaceAllString(text, "x"), "x"))
	at := func(i int) rune {
		if i < 0 || i >= len(runes) {
			return 0
		}
		return runes[i]
	}
	var problems []string
	refuse := func(i int, what string) {
		from, to := max(0, i-12), min(len(runes), i+4)
		problems = append(problems, fmt.Sprintf("%s in “%s”", what, string(runes[from:to])))
	}
	for i, r := range runes {
		before, after := at(i-1), at(i+1)
		switch {
		case r == '\'':
			refuse(i, "straight apostrophe")
		case r == '«':
			if !isNoBreak(after) {
				refuse(i, "no non-breaking space after «")
			}
		case strings.ContainsRune("?!:;%€»", r):
			switch {
			case before == ' ':
				refuse(i, fmt.Sprintf("ordinary space before %c", r))
			case isNoBreak(before), !needsSpace(r, before, after):
			default:
				refuse(i, fmt.Sprintf("no non-breaking space before %c", r))
			}
		}
	}
	return problems
}

func isNoBreak(r rune) bool { return r == '\u00a0' || r == '\u202f' }

// needsSpace tells punctuation from other uses of the same sign: "?!", "(?)",
// "12:30", "a;b" inside a code are left alone.
func needsSpace(r, before, after rune) bool {
	if before == 0 {
		return false
	}
	switch r {
	case '»':
		return true
	case '%', '€':
		return unicode.IsLetter(before) || unicode.IsDigit(before)
	}
	word := unicode.IsLetter(before) || unicode.IsDigit(before) || strings.ContainsRune(")»’%€", before)
	return word && !unicode.IsLetter(after) && !unicode.IsDigit(after)
}
