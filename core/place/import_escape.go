package place

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// escape is how the publisher's export writes the characters of some rows:
// \xE9 is U+00E9, \u2019 is U+2019 (as OWASP's ESAPI encodes for JavaScript).
var escape = regexp.MustCompile(`\\x[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}`)

// unescaped puts back the characters of a text that was encoded on its way. Line
// ends stay; other control characters and halves of a pair become nothing.
func unescaped(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	return escape.ReplaceAllStringFunc(s, func(code string) string {
		n, err := strconv.ParseUint(code[2:], 16, 32)
		if r := rune(n); err == nil && (r == '\n' || unicode.IsPrint(r) || unicode.IsSpace(r) && !unicode.IsControl(r)) {
			return string(r)
		}
		return ""
	})
}
