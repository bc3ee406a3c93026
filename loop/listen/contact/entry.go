package contact

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"parvis/engine/dossier"
	"parvis/platform/fault"
	"parvis/platform/search"
	"parvis/platform/store"
)

// Channel is how somebody said it.
type Channel string

// The channels.
const (
	SMS      Channel = "sms"
	Mail     Channel = "mail"
	Phone    Channel = "phone"
	Paper    Channel = "paper"
	Meeting  Channel = "meeting"
	Market   Channel = "market"
	Terminal Channel = "terminal" // at the counter, alone
	Counter  Channel = "counter"  // at the counter, to staff
	Campaign Channel = "campaign" // a call the town made
)

// Channels lists them.
func Channels() []Channel {
	return []Channel{SMS, Mail, Phone, Paper, Meeting, Market, Terminal, Counter, Campaign}
}

// Keyed lists the channels that staff key in.
func Keyed() []Channel { return []Channel{Phone, Paper, Meeting, Market, Counter} }

// dossier is the channel of the request it opens.
func (c Channel) dossier() dossier.Channel {
	switch c {
	case SMS:
		return dossier.SMS
	case Mail:
		return dossier.Mail
	case Phone, Campaign:
		return dossier.Phone
	case Paper:
		return dossier.Paper
	}
	return dossier.Counter
}

// Kind is what it is.
type Kind string

// The kinds.
const (
	Report     Kind = "report"     // something is broken, dirty, dangerous
	Suggestion Kind = "suggestion" // an idea
	Question   Kind = "question"
	Thanks     Kind = "thanks"
	Message    Kind = "message" // anything else: a person reads it
)

// Kinds lists them.
func Kinds() []Kind { return []Kind{Suggestion, Report, Question, Thanks, Message} }

// State is where a contribution stands.
type State string

// The states.
const (
	Open   State = "open" // somebody has to look
	Done   State = "done"
	Undone State = "undone" // keyed by mistake: not counted
)

// Entry is one contribution.
type Entry struct {
	ID         store.ID
	Key        string
	Channel    Channel
	Kind       Kind
	State      State
	Text       string
	Area       string
	Sender     string
	InboundID  store.ID
	SubjectRef string
	Number     string
	BatchID    store.ID
	KeyedBy    store.ID
	Automatic  bool
	SaidOn     string
	ReceivedAt time.Time
}

// longest is the longest contribution, in characters: ten parts of an SMS fit
// several times.
const longest = 10_000

// tidy is text as people write it: NFC, one kind of line end, no control signs
// nor those that hide or turn what follows. Arabic and emoji stay as they are.
func tidy(s string) string {
	s = norm.NFC.String(strings.ToValidUTF8(strings.ReplaceAll(s, "\r\n", "\n"), ""))
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t', r == '\u200d', r == '\u200c', r == '\u200e', r == '\u200f': // joiners and marks of Arabic and Persian
			return r
		case r < ' ', r == 0x7f, r >= 0x80 && r < 0xa0, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0xfeff, r >= 0xe000 && r <= 0xf8ff:
			return -1
		}
		return r
	}, s))
}

// check normalises a contribution that somebody keyed.
func (e *Entry) check() error {
	var wrong fault.Fields
	e.Text, e.Area = tidy(e.Text), tidy(e.Area)
	switch n := utf8.RuneCountInString(e.Text); {
	case n == 0:
		wrong.Add("text", "contact.error.text")
	case n > longest:
		wrong.Add("text", "contact.error.long", "Max", longest)
	}
	if utf8.RuneCountInString(e.Area) > 120 {
		wrong.Add("area", "contact.error.long", "Max", 120)
	}
	if !slices.Contains(Kinds(), e.Kind) {
		wrong.Add("kind", "contact.error.kind")
	}
	if !slices.Contains(Channels(), e.Channel) {
		wrong.Add("channel", "contact.error.channel")
	}
	return wrong.Err()
}

// Words are the keywords of a territory, folded, with what they ask for.
type Words map[string]Kind

// defaults are the words of a territory that chose none.
func defaults() Words {
	return Words{"signaler": Report, "signalement": Report, "signale": Report, "idee": Suggestion, "suggestion": Suggestion, "proposition": Suggestion, "question": Question}
}

// Read tells what a text asks for and what is left of it without its keyword:
// the first word, whatever its case and accents. Without keyword it is a
// Message.
func (w Words) Read(text string) (Kind, string) {
	text = tidy(text)
	first, rest := text, ""
	if i := strings.IndexFunc(text, func(r rune) bool { return strings.ContainsRune(" \n\t:,;.!-\u00a0", r) }); i >= 0 {
		first, rest = text[:i], text[i:]
	}
	if kind, ok := w[search.Fold(first)]; ok {
		return kind, strings.TrimLeft(rest, " \n\t:,;.!-\u00a0")
	}
	return Message, text
}
