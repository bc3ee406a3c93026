package report

import (
	"regexp"
	"slices"
	"strings"

	"parvis/platform/search"
)

// masked stands in place of what may name somebody.
const masked = "[masqué]"

// What may name somebody in a French text, most precise first: addresses of
// e-mail, telephone numbers, numbers of social security (NIR, decree 82-103),
// number plates (SIV since 2009, FNI before), people named by their title.
var naming = []*regexp.Regexp{
	regexp.MustCompile(`(?i)[\p{L}0-9._%+-]+\s?(?:@|\(at\)|\[at\]|\barobase\b)\s?[\p{L}0-9-]+(?:\s?(?:\.|\bpoint\b)\s?[\p{L}0-9-]+)+`),
	regexp.MustCompile(`\b[12378][\s.\p{Zs}-]?[0-9]{2}[\s.\p{Zs}-]?(?:0[1-9]|1[0-2]|[2-9][0-9])[\s.\p{Zs}-]?(?:[0-9]{2}|2[abAB])[\s.\p{Zs}-]?[0-9]{3}[\s.\p{Zs}-]?[0-9]{3}(?:[\s.\p{Zs}-]?[0-9]{2})?\b`),
	regexp.MustCompile(`(?:(?:\+|\b00)\s?[1-9][0-9]{0,2}(?:[\s.\p{Zs}/-]?\(?0?\)?[\s.\p{Zs}/-]?[0-9]){8,11}|\b0(?:[\s.\p{Zs}/_-]{0,2}[0-9]){9})\b`),
	regexp.MustCompile(`(?i)\b[a-hj-np-tv-z]{2}[\s.\p{Pd}]?[0-9]{3}[\s.\p{Pd}]?[a-hj-np-tv-z]{2}\b`),
	regexp.MustCompile(`\b[0-9]{1,4}[\s\p{Pd}][A-Z]{2,3}[\s\p{Pd}](?:[0-9]{2,3}|2A|2B)\b`),
	regexp.MustCompile(`(?:\bM\.|\bMM\.|\bMr\.?|\bMme\.?|\bMlle\.?|\bMonsieur|\bMadame|\bMademoiselle|\bMaître|\bMe\b|\bDr\.?|\bDocteur)[\s\p{Zs}]+(?:(?:[dD]e|[dD]u|[dD]’|[dD]'|[lL]e|[lL]a)[\s\p{Zs}]*)?\p{Lu}[\p{L}’'-]+(?:[\s\p{Zs}]+\p{Lu}[\p{L}’'-]+){0,2}`),
}

// offices are what follows « Madame » or « Monsieur » without naming anybody.
var offices = []string{"maire", "president", "prefet", "directeur", "directrice", "adjoint", "adjointe", "elu", "elue"}

// mask hides what may name somebody, and the names given besides (those of the
// author); found tells whether there was something.
func mask(text string, names ...string) (out string, found bool) {
	out = text
	for _, r := range naming {
		out = r.ReplaceAllStringFunc(out, func(s string) string {
			words := search.Words(s)
			if len(words) == 2 && slices.Contains(offices, words[1]) {
				return s
			}
			found = true
			return masked
		})
	}
	for _, n := range names {
		n = strings.TrimSpace(n)
		if len([]rune(n)) < 3 {
			continue
		}
		r, err := regexp.Compile(`(?i)(^|[^\p{L}])` + regexp.QuoteMeta(n) + `($|[^\p{L}])`)
		if err != nil {
			continue
		}
		for range 3 { // neighbours share the sign between them
			if !r.MatchString(out) {
				break
			}
			out, found = r.ReplaceAllString(out, "${1}"+masked+"${2}"), true
		}
	}
	return out, found
}

// censor decides what everybody may read of a new report.
func (s *Reports) censor(r *Report, c Category, who Contact, photosWait bool) {
	d := c.Detail.V
	var inText, inPlace bool
	r.TextShown, inText = mask(r.Text, who.FirstName, who.LastName, who.Name())
	address, inPlace := mask(r.Address, who.LastName, who.Name())
	r.Address = address
	r.Moderation = Clear
	if inText || inPlace || photosWait || d.ReviewText || d.Sensitive {
		r.Moderation = Waiting
	}
	if d.ReviewText || d.Sensitive {
		r.TextShown = ""
	}
	r.Visible = !r.Private && !d.Sensitive
}

// folded is what a public search looks into: nothing that is not shown.
func folded(r Report) string {
	return search.Fold(r.Title + " " + r.Address + " " + r.TextShown)
}
