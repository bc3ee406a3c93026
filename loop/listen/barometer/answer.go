package barometer

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"parvis/platform/fault"
	"parvis/platform/store"
)

// Answer is what one person said, without who.
type Answer struct {
	ID            store.ID
	Service       string
	Month         string // "2026-11"
	Source        Source
	Channel       string // of the request: "web", "phone", "counter", "sms", "mail", "paper", "api"
	Delay         string // inTime, late or ""
	Satisfaction  Satisfaction
	Comprehension int // 1 to 5; 0: not answered
	Tried         Aid // bits
	Reached       Aid // bits of those tried that answered
	Missed        Aid // bits of those tried that did not
	Help          string
	Locked        bool
}

// longestComment is the longest comment, in characters; longestOther that of
// the precision after « Autres » (JDMA).
const (
	longestComment = 2000
	longestOther   = 250
)

// helpOf is the mark from 1 to 5 given to one of the four channels; 0: none.
func (a Answer) helpOf(x Aid) int {
	i := slices.Index(administrations(), x)
	if i < 0 || i >= len(a.Help) {
		return 0
	}
	return int(a.Help[i] - '0')
}

func (a *Answer) setHelp(x Aid, mark int) {
	i := slices.Index(administrations(), x)
	if i < 0 || mark < 0 || mark > 5 {
		return
	}
	h := []byte(a.Help)
	if len(h) != len(administrations()) {
		h = []byte("0000")
	}
	h[i] = byte('0' + mark)
	a.Help = string(h)
}

// tidy drops what an earlier answer makes meaningless: marks for a channel that
// was not tried, anything beside « je n’ai pas eu besoin d’aide ».
func (a *Answer) tidy() {
	if a.Tried&NoHelp != 0 {
		a.Tried = NoHelp
	}
	a.Reached &= a.Tried & administrationMask
	a.Missed &= a.Tried & administrationMask &^ a.Reached
	for _, x := range administrations() {
		if a.Tried&x == 0 || a.Reached&x == 0 {
			a.setHelp(x, 0)
		}
	}
	if a.Help == "0000" {
		a.Help = ""
	}
}

// cell is one line of the tally.
type cell struct{ Field, Value string }

// cells are what the answer adds to the tally.
func (a Answer) cells() []cell {
	var out []cell
	add := func(field, value string) { out = append(out, cell{field, value}) }
	if code := a.Satisfaction.Code(); code != "" {
		add(FieldSatisfaction, code)
	}
	if a.Comprehension > 0 {
		add(FieldComprehension, strconv.Itoa(a.Comprehension))
	}
	if a.Tried != 0 {
		add(FieldTried, fieldTried)
	}
	for _, x := range Aids() {
		if a.Tried&x != 0 {
			add(FieldTried, x.Code())
		}
	}
	for _, x := range administrations() {
		if a.Reached&x != 0 {
			add(FieldReached, x.Code()+".yes")
		}
		if a.Missed&x != 0 {
			add(FieldReached, x.Code()+".no")
		}
		if n := a.helpOf(x); n > 0 {
			add(FieldHelp, fmt.Sprintf("%s.%d", x.Code(), n))
		}
	}
	return out
}

// Step is one page of the form.
type Step string

// The steps. Each is saved at once.
const (
	StepSatisfaction Step = ""
	StepClarity      Step = "clarte"
	StepAid          Step = "aide"
	StepHelp         Step = "aide-obtenue"
	StepComment      Step = "commentaire"
	StepEnd          Step = "merci"
)

// After is the step that follows for this answer and topic.
func (s Step) After(a Answer, t Topic) Step {
	switch s {
	case StepSatisfaction:
		if t.Clarity {
			return StepClarity
		}
		return StepClarity.After(a, t)
	case StepClarity:
		if t.Help {
			return StepAid
		}
		return StepComment
	case StepAid:
		if a.Tried&administrationMask != 0 {
			return StepHelp
		}
		return StepComment
	case StepHelp:
		return StepComment
	}
	return StepEnd
}

// position is where the step stands, for « question 2 sur 4 ».
func (s Step) position(t Topic) (n, of int) {
	list := []Step{StepSatisfaction}
	if t.Clarity {
		list = append(list, StepClarity)
	}
	if t.Help {
		list = append(list, StepAid)
	}
	list = append(list, StepComment)
	if s == StepHelp {
		s = StepAid
	}
	return slices.Index(list, s) + 1, len(list)
}

// form is the values a step posts.
type form interface{ Get(string) string }

// take reads one step into the answer; mistakes name their field. texts are the
// comments to keep, by field.
func (a *Answer) take(s Step, f form, many []string) (texts map[string]string, err error) {
	var wrong fault.Fields
	texts = map[string]string{}
	switch s {
	case StepSatisfaction:
		if a.Satisfaction = readSatisfaction(f.Get(FieldSatisfaction)); a.Satisfaction == 0 {
			wrong.Add(FieldSatisfaction, "barometer.error.satisfaction")
		}
	case StepClarity:
		a.Comprehension = number(f.Get(FieldComprehension), 1, 5)
	case StepAid:
		a.Tried = 0
		for _, code := range many {
			a.Tried |= readAid(code)
		}
		if a.Tried&NoHelp != 0 && a.Tried != NoHelp {
			wrong.Add(FieldTried, "barometer.error.exclusive")
		}
		if other := clean(f.Get(FieldTriedOther)); a.Tried&OtherAid != 0 && other != "" {
			if utf8.RuneCountInString(other) > longestOther {
				wrong.Add(FieldTriedOther, "barometer.error.long", "Max", longestOther)
			}
			texts[FieldTriedOther] = other
		}
	case StepHelp:
		a.Reached, a.Missed = 0, 0
		for _, x := range administrations() {
			switch f.Get(FieldReached + "." + x.Code()) {
			case "yes":
				a.Reached |= x
			case "no":
				a.Missed |= x
			}
			a.setHelp(x, number(f.Get(FieldHelp+"."+x.Code()), 1, 5))
		}
	case StepComment:
		text := clean(f.Get(FieldComment))
		if utf8.RuneCountInString(text) > longestComment {
			wrong.Add(FieldComment, "barometer.error.long", "Max", longestComment)
		}
		if text != "" {
			texts[FieldComment] = text
		}
	}
	a.tidy()
	return texts, wrong.Err()
}

// clean is text as people write it: no control signs but the end of a line, no
// signs that hide or turn the direction of what follows.
func clean(s string) string {
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\r\n", "\n"), "")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\u200d': // the joiner holds emoji together
			return r
		case r < ' ', r == 0x7f, r >= 0x80 && r < 0xa0, r >= 0x200b && r <= 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0xfeff,
			r >= 0xe000 && r <= 0xf8ff:
			return -1
		}
		return r
	}, s))
}
