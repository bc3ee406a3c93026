package report

import (
	"math"
	"strings"
	"time"

	"parvis/platform/search"
)

// small words say nothing of what a text is about.
var small = map[string]bool{"le": true, "la": true, "les": true, "l": true, "un": true, "une": true, "des": true, "de": true, "du": true, "d": true,
	"et": true, "a": true, "au": true, "aux": true, "en": true, "est": true, "il": true, "y": true, "dans": true, "sur": true, "ce": true, "cette": true,
	"depuis": true, "pas": true, "plus": true, "qui": true, "que": true, "je": true, "nous": true, "vous": true, "the": true, "of": true, "is": true, "in": true}

// likeness says from 0 to 1 how much two folded texts say the same: the mean of
// what they share in words and in groups of three signs, which forgives endings
// and mistakes (Dice).
func likeness(a, b string) float64 {
	if a == "" || b == "" {
		return 0
	}
	return (dice(words(a), words(b)) + dice(trigrams(a), trigrams(b))) / 2
}

// said is a text whose parts were taken once, to be compared with many.
type said struct{ words, trigrams map[string]bool }

func newWords(folded string) said { return said{words(folded), trigrams(folded)} }

// like is likeness with another folded text.
func (a said) like(folded string) float64 {
	if len(a.words) == 0 || folded == "" {
		return 0
	}
	return (dice(a.words, words(folded)) + dice(a.trigrams, trigrams(folded))) / 2
}

func words(s string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(s) {
		if !small[w] && len(out) < 200 {
			out[w] = true
		}
	}
	return out
}

func trigrams(s string) map[string]bool {
	out := map[string]bool{}
	for w := range words(s) {
		w = " " + w + " "
		for i := 0; i+3 <= len(w) && len(out) < 1000; i++ {
			out[w[i:i+3]] = true
		}
	}
	return out
}

func dice(a, b map[string]bool) float64 {
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	same := 0
	for x := range a {
		if b[x] {
			same++
		}
	}
	return 2 * float64(same) / float64(len(a)+len(b))
}

// score says from 0 to 1 how probably two reports of one category are the same
// thing: near weighs most, then what they say, then how recent it is.
func score(metres, radius, like float64, age time.Duration, openStill bool) float64 {
	near := 0.0
	if radius > 0 {
		near = math.Max(0, 1-metres/radius)
	}
	fresh := math.Exp(-age.Hours() / 24 / 90)
	out := 0.5*near + 0.35*like + 0.15*fresh
	if !openStill {
		out *= 0.8
	}
	return out
}

// addressLike tells how much two descriptions of a place name the same one.
func addressLike(a, b string) float64 { return likeness(search.Fold(a), search.Fold(b)) }
