package mail

import "strings"

// providers are the mail domains most used in France: what a slip of the finger
// usually meant.
var providers = [...]string{
	"gmail.com", "orange.fr", "hotmail.fr", "hotmail.com", "free.fr", "laposte.net", "wanadoo.fr", "yahoo.fr", "outlook.fr",
	"outlook.com", "sfr.fr", "live.fr", "icloud.com", "yahoo.com", "neuf.fr", "bbox.fr", "msn.com", "protonmail.com",
	"club-internet.fr", "numericable.fr", "aol.com",
}

// genuine domains look like a slip and are not.
var genuine = [...]string{"mail.com", "email.com", "ymail.com", "gmx.fr", "me.com", "mac.com", "pm.me", "live.be", "proton.me", "aol.fr", "msn.fr", "ofree.fr"}

// Suggest returns the address probably meant when the domain is one slip (a
// letter missing, added, changed, or two swapped) from a great provider's:
// gmial.com → gmail.com, orange → orange.fr. It is a question to ask, never a
// correction to make.
func Suggest(raw string) (string, bool) {
	text := trimAddress(raw)
	at := strings.LastIndexByte(text, '@')
	if at <= 0 || len(text) > 254 || !validLocal(text[:at]) {
		return "", false
	}
	local, domain := text[:at], strings.ToLower(text[at+1:])
	for _, known := range genuine {
		if domain == known {
			return "", false
		}
	}
	for _, known := range providers {
		if domain == known {
			return "", false
		}
	}
	for _, known := range providers {
		if name, _, _ := strings.Cut(known, "."); domain == name || oneSlip(domain, known) {
			return local + "@" + known, true
		}
	}
	if domain == "gmail.fr" {
		return local + "@gmail.com", true
	}
	return "", false
}

// oneSlip tells whether a becomes b by one insertion, deletion, change, or swap
// of neighbours.
func oneSlip(a, b string) bool {
	if a == b {
		return false
	}
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	a, b = a[i:], b[i:]
	switch len(a) - len(b) {
	case 1:
		return a[1:] == b
	case -1:
		return a == b[1:]
	case 0:
		return a[1:] == b[1:] || len(a) > 1 && a[0] == b[1] && a[1] == b[0] && a[2:] == b[2:]
	}
	return false
}
