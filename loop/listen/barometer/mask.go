package barometer

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Flag is a kind of personal data found in a comment.
type Flag string

// The flags. All but Insult are masked before anybody decides; a person reads
// the rest.
const (
	FlagEmail   Flag = "email"
	FlagPhone   Flag = "phone"
	FlagNIR     Flag = "nir" // numéro de sécurité sociale
	FlagPlate   Flag = "plate"
	FlagIBAN    Flag = "iban"
	FlagAddress Flag = "address"
	FlagDossier Flag = "dossier"
	FlagName    Flag = "name" // after « Mme », « je m’appelle » …
	FlagInsult  Flag = "insult"
)

// Flags lists them in the order they are looked for: an IBAN holds digits that
// would pass for a telephone.
func Flags() []Flag {
	return []Flag{FlagEmail, FlagIBAN, FlagNIR, FlagDossier, FlagPlate, FlagPhone, FlagAddress, FlagName, FlagInsult}
}

const space = `[ .\-/_\x{a0}\x{202f}]`

// patterns find what people write in comments. They would rather mask too much:
// a person reads every comment and can show again what was masked for nothing.
func patterns() map[Flag]*regexp.Regexp {
	at := `(?:@|\s?[\[(]\s?(?:a|at|arobase|arobas)\s?[\])]\s?|\s(?:arobase|arobas|at)\s)`
	dot := `(?:\.|\s?[\[(]\s?(?:point|dot)\s?[\])]\s?|\s(?:point|dot)\s)`
	return map[Flag]*regexp.Regexp{
		FlagEmail: regexp.MustCompile(`(?i)[\pL\d][\pL\d._%+'\-]*` + at + `[\pL\d][\pL\d\-]*(?:` + dot + `[\pL\d\-]+)+|[\pL\d._%+\-]+\s@\s[\pL\d\-]+(?:\s?\.\s?[\pL\d\-]+)+`),
		FlagIBAN:  regexp.MustCompile(`(?i)\b[A-Z]{2}` + space + `?\d{2}(?:` + space + `?[A-Z\d]){11,30}\b`),
		FlagNIR: regexp.MustCompile(`(?i)\b[1-478]` + space + `?\d{2}` + space + `?(?:0[1-9]|1[0-2]|[2-9]\d)` + space + `?(?:\d{2}|2[AB])` + space + `?\d{3}` + space + `?\d{3}(?:` +
			space + `{0,2}(?:cl[ée]\s?:?\s?)?\d{2})?\b`),
		FlagDossier: regexp.MustCompile(`(?i)\b[A-Z]{1,4}-\d{4}-\d{3,6}\b`),
		FlagPlate:   regexp.MustCompile(`(?i)\b[A-HJ-NP-TV-Z]{2}` + space + `?\d{3}` + space + `?[A-HJ-NP-TV-Z]{2}\b|\b\d{2,4}` + space + `?[A-Z]{2,3}` + space + `?(?:\d{2}|2[AB]|97[1-6])\b`),
		FlagPhone:   regexp.MustCompile(`(?:(?:\+|00)\s?(?:33|262|590|594|596|508|687|689)` + space + `{0,2}(?:\(0\)` + space + `?)?|\b0)[1-9](?:` + space + `{0,2}\d{2}){4}\b|\b0[1-9]\d(?:` + space + `?\d{3})(?:` + space + `?\d{3})` + space + `?\d\b|(?:\+|\b00)[1-9]\d{0,2}(?:` + space + `?\d){7,11}\b`),
		FlagAddress: regexp.MustCompile(`(?i)\b\d{1,4}\s?(?:bis|ter|quater|[a-d])?\s?,?\s(?:rue|r\.|avenue|av\.?|ave|boulevard|bd\.?|blvd|place|pl\.|chemin|ch\.|impasse|imp\.|all[ée]e|route|rte|quai|cours|square|sq\.|lotissement|lot\.|r[ée]sidence|r[ée]s\.|hameau|lieu-dit|faubourg|fg|passage|sentier|voie|mont[ée]e|ruelle|villa|cit[ée])\s+[\pL\d'’\- ]{2,40}`),
		FlagName:    regexp.MustCompile(`\b(?:(?i:mme|madame|mlle|mademoiselle|monsieur|m\.|mr|docteur|dr|ma[îi]tre)|(?i:je m['’]appelle|je suis|mon nom est|agent|agente))\.?\s+(?:\p{Lu}[\pL'’\-]+)(?:\s+\p{Lu}[\pL'’\-]+){0,3}`),
		FlagInsult:  regexp.MustCompile(`(?i)\b(?:connard|connasse|conne?s?|salop(?:e|ard|erie)s?|encul[ée]s?|put(?:e|ain)s?|bâtard|batard|abruti(?:e?s?)?|d[ée]bile[s]?|cr[ée]tin(?:e?s?)?|imb[ée]ciles?|fils de p\w*|merde)\b`),
	}
}

// Masked is a comment with what was hidden in it.
type Masked struct {
	Text  string
	Flags []Flag
}

// masker hides personal data.
type masker struct{ patterns map[Flag]*regexp.Regexp }

func newMasker() *masker { return &masker{patterns()} }

// block stands where something was hidden.
const block = "█████"

// mask hides what looks like personal data and names what it found. An insult
// is named, not hidden: whether it is one depends on the sentence.
func (m *masker) mask(text string) Masked {
	type span struct {
		from, to int
		flag     Flag
	}
	var found []span
	free := func(from, to int) bool {
		return !slices.ContainsFunc(found, func(s span) bool { return from < s.to && s.from < to })
	}
	out := Masked{}
	for _, flag := range Flags() {
		for _, at := range m.patterns[flag].FindAllStringIndex(text, 200) {
			if !free(at[0], at[1]) || !plausible(flag, text[at[0]:at[1]]) {
				continue
			}
			if flag != FlagInsult {
				found = append(found, span{at[0], at[1], flag})
			}
			if !slices.Contains(out.Flags, flag) {
				out.Flags = append(out.Flags, flag)
			}
		}
	}
	slices.SortFunc(found, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	var b strings.Builder
	last := 0
	for _, s := range found {
		b.WriteString(text[last:s.from])
		b.WriteString(block)
		last = s.to
	}
	b.WriteString(text[last:])
	out.Text = b.String()
	return out
}

// plausible refuses what has the shape and cannot be: an IBAN of another
// length, an old plate that is a sum in words, a NIR whose key is wrong when it
// has one.
func plausible(f Flag, s string) bool {
	compact := strings.ToUpper(strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return -1
	}, s))
	switch f {
	case FlagIBAN:
		digits := 0
		for _, r := range compact {
			if r >= '0' && r <= '9' {
				digits++
			}
		}
		return len(compact) >= 15 && len(compact) <= 34 && (strings.HasPrefix(compact, "FR") || digits >= 12)
	case FlagNIR:
		return nirPlausible(compact)
	case FlagPlate:
		// « 15 min 30 », « 12 EUR 50 » are no plates.
		letters := strings.Trim(compact, "0123456789")
		return !slices.Contains([]string{"MIN", "EUR", "CM", "KM", "MM", "KG", "ET", "OU", "AU", "DE", "DU", "LE", "LA", "EN", "UN", "JE", "SI", "ON", "IL", "NI", "PAR", "SUR", "FOIS", "ANS", "MOI", "JRS", "VS", "PM", "AM"}, letters)
	}
	return true
}

// nirPlausible checks the key of a social security number (97 minus the rest of
// the first 13 digits divided by 97; 2A counts as 19, 2B as 18). Without key the
// shape decides. A wrong key is a slip of the pen as often as another number:
// such numbers are hidden too when the shape is unmistakable, with spaces.
func nirPlausible(compact string) bool {
	number := strings.NewReplacer("CLE", "", "CL", "").Replace(compact)
	number = strings.Replace(strings.Replace(number, "2A", "19", 1), "2B", "18", 1)
	if len(number) != 13 && len(number) != 15 {
		return false
	}
	n, err := strconv.ParseInt(number[:13], 10, 64)
	if err != nil {
		return false
	}
	if len(number) == 13 {
		return true
	}
	key, err := strconv.ParseInt(number[13:], 10, 64)
	return err == nil && (97-n%97 == key || key <= 97)
}
