package sms

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Word is what an inbound text asks for.
type Word string

// The words understood.
const (
	WordNone Word = ""     // anything else: a person reads it
	WordStop Word = "stop" // STOP: never write again
	WordYes  Word = "yes"  // OUI, O, OK, CONFIRME
	WordNo   Word = "no"   // NON, ANNULE
	WordHelp Word = "help" // AIDE
)

// Keyword recognises the one word a text is made of; case, accents, spaces and
// punctuation do not count, so that « S.T.O.P » and « Annulé ! » are understood.
// STOP is also recognised before the short number or the words people copy from
// the clause: « STOP au 36111 », « STOP SMS ». A sentence is never a keyword:
// « Non, je viendrai » goes to a person.
func Keyword(text string) Word {
	var folded strings.Builder
	for _, r := range norm.NFKD.String(text) {
		switch {
		case unicode.IsLetter(r):
			folded.WriteRune(unicode.ToUpper(r))
		case unicode.IsDigit(r):
			folded.WriteRune(r)
		}
		if folded.Len() > 40 {
			return WordNone
		}
	}
	word := folded.String()
	if rest, ok := strings.CutPrefix(word, "STOP"); ok {
		switch rest = strings.TrimLeft(strings.TrimPrefix(rest, "AU"), "0123456789"); rest {
		case "", "SMS", "PUB", "SVP", "MERCI":
			return WordStop
		}
	}
	switch word {
	case "OUI", "O", "OK", "CONFIRME", "CONFIRMER", "YES", "CONFIRM":
		return WordYes
	case "NON", "ANNULE", "ANNULER", "NO", "CANCEL":
		return WordNo
	case "AIDE", "HELP":
		return WordHelp
	}
	return WordNone
}
