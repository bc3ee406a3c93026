package sms

import "unicode/utf16"

// The default alphabet of 3GPP TS 23.038 §6.2.1, in the order of its codes, and
// its extension table (§6.2.1.1), each character of which is sent after an
// escape and so takes two septets.
const (
	basic     = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	extension = "\f^{}\\[~]|€"
)

// septets returns what r takes in the default alphabet: 1, 2, or 0 when it is
// not there. A table by ranges keeps it free of maps on the path of editors
// that count at every key.
func septets(r rune) int {
	if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r == ' ' {
		return 1
	}
	for _, c := range basic {
		if c == r {
			return 1
		}
	}
	for _, c := range extension {
		if c == r {
			return 2
		}
	}
	return 0
}

// ucs2Units returns what r takes in UTF-16: 1, or 2 for a surrogate pair.
func ucs2Units(r rune) int {
	if n := utf16.RuneLen(r); n > 0 {
		return n
	}
	return 1
}
