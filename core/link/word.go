package link

import (
	"context"
	"slices"

	"parvis/platform/i18n"
)

// Word says how the first end led to the second.
type Word string

// The words. Read from the first end: "became"; from the second: "comes from".
const (
	Became     Word = "became"     // a report became an idea, an idea a project
	Answers    Word = "answers"    // an action answers a proposal
	Implements Word = "implements" // a work order carries out a decision
	Measures   Word = "measures"   // an indicator measures an action
	Concerns   Word = "concerns"   // a message concerns an appointment
	Funds      Word = "funds"      // an envelope funds a project
	Follows    Word = "follows"    // an appointment follows another
	Duplicates Word = "duplicates" // two reports of the same thing
)

// Words lists them.
func Words() []Word {
	return []Word{Became, Answers, Implements, Measures, Concerns, Funds, Follows, Duplicates}
}

func (w Word) known() bool { return slices.Contains(Words(), w) }

// Label is the word as one of the ends reads it, in the language of the
// context: "est devenu", or "vient de" from the second end.
func (w Word) Label(ctx context.Context, forward bool) string {
	side := "back"
	if forward {
		side = "forth"
	}
	return i18n.T(ctx, "link.word."+string(w)+"."+side)
}
