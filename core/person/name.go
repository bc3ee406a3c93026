package person

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"parvis/platform/fault"
)

// NameLimit is the largest number of characters of a first or a last name.
const NameLimit = 80

// Title is how somebody wishes to be greeted; it is never required.
type Title string

// The titles. French administrations no longer use « Mademoiselle » (circulaire
// 5575/SG du 21 février 2012).
const (
	NoTitle Title = ""
	Madam   Title = "mme"
	Sir     Title = "m"
)

// Label is the i18n key of the title, "Mme"; "" when there is none.
func (t Title) Label() string {
	switch t {
	case Madam, Sir:
		return "person.title." + string(t)
	}
	return ""
}

// ParseName reads a first or last name as typed: NFC, one space where there were
// several, typographic apostrophe. Letters of any script, accents, hyphens,
// apostrophes and full stops make a name; figures and other signs do not. The key
// is the sentence to show beside the field, "" when the name is right.
func ParseName(raw string) (name, key string) {
	name = strings.Join(strings.Fields(norm.NFC.String(raw)), " ")
	name = strings.ReplaceAll(name, "'", "’")
	letters := 0
	for _, r := range name {
		switch {
		case unicode.IsLetter(r):
			letters++
		case unicode.Is(unicode.M, r), strings.ContainsRune(" -’.‑·ʼʻ", r):
		default:
			return name, "person.error.name.sign"
		}
	}
	switch {
	case name == "":
		return "", "person.error.name.empty"
	case utf8.RuneCountInString(name) > NameLimit:
		return name, "person.error.name.long"
	case letters == 0:
		return name, "person.error.name.sign"
	}
	return name, ""
}

// readName notes the mistake of a field, if any, in words that name the field.
func readName(fs *fault.Fields, field, raw string) string {
	name, key := ParseName(raw)
	switch field {
	case "firstName":
		key = strings.Replace(key, ".name.", ".first.", 1)
	case "lastName":
		key = strings.Replace(key, ".name.", ".last.", 1)
	}
	if key != "" {
		fs.Add(field, key, "Limit", NameLimit)
	}
	return name
}

// initials are two letters of a name, for the small squares of the staff pages.
func initials(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return r == ' ' || r == '-' })
	var out []rune
	for i, w := range words {
		if i == 0 || i == len(words)-1 {
			r, _ := utf8.DecodeRuneInString(w)
			out = append(out, unicode.ToUpper(r))
		}
	}
	return string(out)
}

// plainText keeps of a text what a database takes: valid characters in NFC, line
// breaks, no other control.
func plainText(raw string) string {
	text := norm.NFC.String(strings.ReplaceAll(strings.ToValidUTF8(raw, ""), "\r\n", "\n"))
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' {
			return -1
		}
		return r
	}, text))
}
