package hours

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

// moment is a time of day as written.
type moment struct {
	minutes  int
	padded   bool // « 02:00 »: surely the 24-hour clock
	midnight bool // « minuit », « 0 h »
}

// line is a value cut into times and what stands between them.
type line struct {
	times []moment
	shape string // T a time, D a dash or « à », S a slash, P another separator

	words              bool // something was said beside times and signs
	closed             bool // « fermé »
	closedWithTimes    bool // « fermé de 12 h à 14 h »: the contrary of an opening
	morning, afternoon bool // « matin », « après-midi »
}

// normalise puts the value in lower case without accents, with one dash, one
// apostrophe and plain spaces.
func normalise(value string) string {
	plain, _, err := transform.String(transform.Chain(norm.NFKD, runes.Remove(runes.In(unicode.Mn))), value)
	if err != nil {
		plain = value
	}
	return phrases.Replace(strings.Join(strings.Fields(signs.Replace(strings.ToLower(plain))), " "))
}

var (
	signs = strings.NewReplacer(
		"\u2010", "-", "\u2011", "-", "\u2012", "-", "\u2013", "-", "\u2014", "-", "\u2015", "-", "\u2212", "-", "\u00ad", "-", "_", "-",
		"\u2019", "'", "\u2018", "'", "`", "'", "\u2044", "/", "\u200b", "", "\ufeff", "",
		"\n", " / ", "\r", " / ")
	phrases = strings.NewReplacer(
		"apres midi", "apres-midi", "non stop", "non-stop", "journee continue", "non-stop", "en continu", "non-stop",
		"sans interruption", "non-stop", "jusqu'a", "jusqua", "24 heures", "24h")
)

// What a text says when it is not hours. Looked for in this order.
var reasons = []struct {
	reason  Reason
	pattern *regexp.Regexp
}{
	{Appointment, regexp.MustCompile(`rendez.?vous|\br\.? ?d?\.? ?vs?\b`)},
	{Recurrence, regexp.MustCompile(`\b\d+ ?(er|e|eme|nd|nde)\b|semaine|impaire?|\bpaire?s?\b|quinzaine|quinze|tous les|du mois|sur deux|mensuel|\b15 ?j|\b1 ?/ ?2\b|premier|deuxieme|second|troisieme|dernier`)},
	{Season, regexp.MustCompile(`vacances|scolaire|hiver|\bete\b|estival|saison|janvier|fevrier|\bmars\b|avril|\bmai\b|juin|juillet|aout|septembre|octobre|novembre|decembre`)},
	{TwelveHours, regexp.MustCompile(`\d ?[ap]\.?m\b`)},
}

func reasonOf(text string) Reason {
	for _, r := range reasons {
		if r.pattern.MatchString(text) {
			return r.reason
		}
	}
	return Unreadable
}

var (
	ignored = []string{"de", "d", "le", "la", "l", "ouvert", "ouverte", "ouverture", "horaire", "horaires", "non-stop"}
	linking = []string{"a", "au", "jusqua"}
	parting = []string{"et", "puis"}
	closing = []string{"ferme", "fermee", "fermeture", "neant", "aucun"}
)

// scan cuts a normalised value. The reason is empty when every word is understood.
func scan(text string) (line, Reason) {
	var l line
	var here line // what was said since the last separator
	part := func() {
		l.closed = l.closed || here.closed
		l.closedWithTimes = l.closedWithTimes || here.closed && len(here.times) > 0
		if !here.closed { // « fermé le matin » says nothing of the times elsewhere
			l.morning, l.afternoon = l.morning || here.morning, l.afternoon || here.afternoon
		}
		here = line{}
	}
	add := func(m moment) {
		l.times, l.shape, here.times = append(l.times, m), l.shape+"T", append(here.times, m)
	}
	for rest := text; rest != ""; {
		r := rune(rest[0])
		switch {
		case r >= '0' && r <= '9':
			m, width, reason := clock(rest)
			if reason == Unreadable {
				reason = reasonOf(text)
			}
			if reason != "" {
				return l, reason
			}
			add(m)
			rest = rest[width:]
			continue
		case r >= 'a' && r <= 'z':
			width := strings.IndexFunc(rest, func(r rune) bool { return r != '-' && (r < 'a' || r > 'z') })
			if width < 0 {
				width = len(rest)
			}
			word := strings.TrimRight(rest[:width], "-")
			rest = rest[len(word):]
			l.words = true
			switch {
			case slices.Contains(ignored, word):
			case slices.Contains(linking, word):
				l.shape += "D"
			case slices.Contains(parting, word):
				l.shape += "P"
				part()
			case slices.Contains(closing, word):
				here.closed = true
			case word == "matin" || word == "matinee":
				here.morning = true
			case word == "apres-midi":
				here.afternoon = true
			case word == "midi" || word == "minuit":
				m := moment{minutes: 12 * 60}
				if word == "minuit" {
					m = moment{midnight: true}
				}
				add(m)
			default:
				return l, reasonOf(text)
			}
			continue
		case r == '-':
			l.shape += "D"
		case r == '/' || r == '\\':
			l.shape += "S"
			part()
		case strings.ContainsRune(",;|+&", r):
			l.shape += "P"
			part()
		case strings.ContainsRune(" .:'()", r):
		default:
			return l, reasonOf(text)
		}
		rest = rest[1:]
	}
	part()
	return l, ""
}
