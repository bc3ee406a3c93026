package mail

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// AddressKind says why an address is refused.
type AddressKind string

// The kinds of refusal.
const (
	AddressEmpty     AddressKind = "empty"      // nothing was typed
	AddressShort     AddressKind = "short"      // under 6 bytes: a@b.fr
	AddressLong      AddressKind = "long"       // over 254 bytes (RFC 5321 §4.5.3.1)
	AddressControl   AddressKind = "control"    // a line end or another control character
	AddressSpace     AddressKind = "space"      // a space inside
	AddressNoAt      AddressKind = "no_at"      // no @
	AddressManyAt    AddressKind = "many_at"    // several @
	AddressLocal     AddressKind = "local"      // what stands before the @ is empty, too long or has a sign mailboxes lack
	AddressDomainDot AddressKind = "domain_dot" // no dot after the @
	AddressDomain    AddressKind = "domain"     // what stands after the @ is not a domain
)

// AddressError is a refused address. It never repeats the address, except in
// Suggestion, which is for the person who typed it.
type AddressError struct {
	Kind       AddressKind
	Suggestion string // the address probably meant, or ""
}

// Error says in English, for logs, what is wrong.
func (e *AddressError) Error() string { return "mail address refused: " + string(e.Kind) }

// Key is the key, in [Locales], of the sentence to show.
func (e *AddressError) Key() string { return "mail.address." + string(e.Kind) }

// AddressKindOf returns the kind of refusal carried by err, or "" when err is none.
func AddressKindOf(err error) AddressKind {
	var e *AddressError
	if errors.As(err, &e) {
		return e.Kind
	}
	return ""
}

// domains lets accents through, in their ASCII form, and refuses what no
// registry sells (RFC 5891).
var domains = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(true), idna.VerifyDNSLength(true))

// ParseAddress checks an address as typed by a person and returns the form to
// keep: without surrounding spaces, domain in lower case and ASCII
// (« accueil@Mairie-Évian.fr » → accueil@xn--mairie-vian-hbb.fr); what stands
// before the @ keeps its case. Quoted names, domain literals and names outside
// ASCII, which hardly any server delivers, are refused. Whether the mailbox
// exists is only known by writing to it. Errors are *[AddressError].
func ParseAddress(raw string) (string, error) {
	address, kind := parseAddress(raw)
	if kind == "" {
		return address, nil
	}
	suggestion, _ := Suggest(raw)
	return "", &AddressError{Kind: kind, Suggestion: suggestion}
}

// trimAddress takes off what copying adds around an address.
func trimAddress(raw string) string {
	return strings.TrimFunc(raw, func(r rune) bool {
		return r == ' ' || r == '\t' || r == '\r' || r == '\n' || unicode.Is(unicode.Zs, r) || unicode.Is(unicode.Cf, r)
	})
}

func parseAddress(raw string) (string, AddressKind) {
	text := trimAddress(raw)
	switch {
	case text == "":
		return "", AddressEmpty
	case len(text) > 254:
		return "", AddressLong
	case !utf8.ValidString(text):
		return "", AddressControl
	}
	for _, r := range text {
		switch {
		case unicode.Is(unicode.Zs, r):
			return "", AddressSpace
		case unicode.IsControl(r), unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp):
			return "", AddressControl
		}
	}
	local, domain, found := strings.Cut(text, "@")
	switch {
	case !found:
		return "", AddressNoAt
	case strings.Contains(domain, "@"):
		return "", AddressManyAt
	case !validLocal(local):
		return "", AddressLocal
	case !strings.Contains(domain, "."):
		return "", AddressDomainDot
	}
	ascii, err := domains.ToASCII(domain)
	if err != nil || !validDomain(ascii) {
		return "", AddressDomain
	}
	address := local + "@" + ascii
	switch {
	case len(address) < 6:
		return "", AddressShort
	case len(address) > 254:
		return "", AddressLong
	}
	return address, ""
}

// validLocal accepts the dot-string of RFC 5321 §4.1.2, at most 64 bytes.
func validLocal(local string) bool {
	if local == "" || len(local) > 64 || local[0] == '.' || local[len(local)-1] == '.' || strings.Contains(local, "..") {
		return false
	}
	for i := 0; i < len(local); i++ {
		c := local[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("!#$%&'*+-/=?^_`{|}~.", c) >= 0) {
			return false
		}
	}
	return true
}

// validDomain asks of an ASCII domain two labels at least and an end that is not
// a number (an IP address is not a domain).
func validDomain(domain string) bool {
	labels := strings.Split(domain, ".")
	if len(labels) < 2 {
		return false
	}
	for _, label := range labels {
		if label == "" {
			return false
		}
	}
	top := labels[len(labels)-1]
	return len(top) >= 2 && strings.IndexFunc(top, func(r rune) bool { return r < '0' || r > '9' }) >= 0
}
