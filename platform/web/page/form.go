package page

import (
	"context"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"parvis/platform/i18n"
)

// FieldError is a mistake in a form: Field is the id of the control, Message says what to do, in one
// sentence. ErrorSummary links to the control and the control repeats the message.
type FieldError struct{ Field, Message string }

// FormData describes a form. Once stops a second sending while the first is on its way (comfort only: the
// server holds the idempotency key).
type FormData struct {
	Action, ID string
	Method     string // "post" (default) or "get"
	Class      string // default "stack flow-6"
	Label      string // names the form for assistive technology when its heading does not
	Multipart  bool   // for files
	Once       bool
	Attrs      templ.Attributes
}

func (f FormData) method() string {
	if f.Method == "" {
		return "post"
	}
	return f.Method
}

func (f FormData) class() string {
	if f.Class == "" {
		return "stack flow-6"
	}
	return f.Class
}

// FieldData describes an input of one line.
//
// ID is also the anchor of its error. Type is the HTML type ("text" by default, "email", "tel", "date",
// "number", "search", "password", "file"); Autocomplete is the token of WCAG 1.3.5; InputMode the
// keyboard. Size narrows the field to what is expected: "s" 8 rem, "m" 14 rem, "l" 24 rem.
// Required sets the attribute; Optional writes « (facultatif) » beside the label.
type FieldData struct {
	ID, Name, Label, Hint, Error    string
	Type, Value                     string
	Autocomplete, InputMode         string
	Size                            string
	MaxLength                       int
	Required, Optional, HiddenLabel bool
	Attrs                           templ.Attributes
}

// TextAreaData describes a text of several lines. Rows defaults to 5.
type TextAreaData struct {
	ID, Name, Label, Hint, Error, Value string
	Rows, MaxLength                     int
	Required, Optional                  bool
	Attrs                               templ.Attributes
}

// Option is one line of a Select. Options that share a Group, one after the other, are shown under it.
type Option struct {
	Value, Label, Group string
	Selected, Disabled  bool
}

// SelectData describes a list to choose one from. HiddenLabel keeps the label for assistive technology
// only (filters whose first option says what they are).
type SelectData struct {
	ID, Name, Label, Hint, Error    string
	Options                         []Option
	Size                            string
	Required, Optional, HiddenLabel bool
	Attrs                           templ.Attributes
}

// CheckData describes a box to tick, alone or in a Group. ID defaults to name and value.
type CheckData struct {
	ID, Name, Value, Label, Hint, Error string
	Checked, Disabled, Required         bool
	Attrs                               templ.Attributes
}

// ChoiceData describes one answer of a question, a card with a radio button. End is shown on the right
// ("6 places"). Many makes it a tick box, for questions with several answers.
type ChoiceData struct {
	ID, Name, Value, Title, Detail, End string
	Checked, Disabled, Many             bool
}

// GroupData describes controls that answer one question. With Heading the legend is the h1 of the page.
type GroupData struct {
	ID, Legend, Hint, Error string
	Heading                 bool
	Required                bool
}

// ButtonData describes a button or, with Href, a link that looks like one. Kind is "primary", "outline"
// (default) or "link". Type defaults to "submit".
type ButtonData struct {
	Label, Icon, Kind, Href  string
	Name, Value, Type        string
	FormAction               string
	Small, Disabled, NoPrint bool
	Hidden                   string // said after the label by assistive technology only, " le motif"
	Attrs                    templ.Attributes
}

func (b ButtonData) class() string {
	kind := b.Kind
	if kind == "" {
		kind = "outline"
	}
	c := "btn btn-" + kind
	if b.Small {
		c += " btn-sm"
	}
	if b.NoPrint {
		c += " no-print"
	}
	return c
}

// SearchData describes a search: a label, then how to write, never a placeholder alone.
type SearchData struct {
	Action, Name, Label, Hint, Value string
	ID                               string // default "q"
	Button                           string // default « Chercher »
	Placeholder                      string // staff only, where the label is hidden
	HiddenLabel, Small               bool
	Autocomplete                     string
}

func (s SearchData) id() string { return orElse(s.ID, "q") }

func (s SearchData) name() string { return orElse(s.Name, "q") }

func (s SearchData) button(ctx context.Context) string {
	return orElse(s.Button, i18n.T(ctx, "page.search"))
}

func (d FieldData) name() string    { return orElse(d.Name, d.ID) }
func (d FieldData) kind() string    { return orElse(d.Type, "text") }
func (d TextAreaData) name() string { return orElse(d.Name, d.ID) }
func (d SelectData) name() string   { return orElse(d.Name, d.ID) }

func (d TextAreaData) rows() string {
	if d.Rows <= 0 {
		return "5"
	}
	return strconv.Itoa(d.Rows)
}

func (d CheckData) id() string { return orElse(d.ID, anchor(d.Name+"-"+d.Value)) }

func (d ChoiceData) id() string { return orElse(d.ID, anchor(d.Name+"-"+d.Value)) }

func (d ChoiceData) kind() string {
	if d.Many {
		return "checkbox"
	}
	return "radio"
}

func (d GroupData) id() string { return orElse(d.ID, "question") }

// fieldClass is the class of the block around a control.
func fieldClass(err string) string {
	if err != "" {
		return "champ is-invalid"
	}
	return "champ"
}

// controlClass is the class of a control with its width. Numbers and dates are tabular.
func controlClass(base, size, kind string) string {
	switch kind {
	case "tel", "date", "time", "number":
		base += " num"
	}
	switch size {
	case "s", "m", "l":
		base += " w-" + size
	}
	return base
}

// described lists the ids of the hint and of the error of a control, for aria-describedby.
func described(id, hint, err string) string {
	var ids []string
	if hint != "" {
		ids = append(ids, id+"-aide")
	}
	if err != "" {
		ids = append(ids, id+"-erreur")
	}
	return strings.Join(ids, " ")
}

// anchor makes an id out of any text: ASCII letters and digits as they are, spaces as hyphens, everything
// else as its code, so that two texts seldom share an id.
func anchor(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_':
			b.WriteRune(r)
		case r == ' ':
			b.WriteByte('-')
		default:
			b.WriteString(strconv.FormatInt(int64(r), 16))
		}
	}
	return b.String()
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// errorTitle is « Trois réponses sont à corriger »: small numbers in words.
func errorTitle(ctx context.Context, n int) string {
	words := i18n.From(ctx).Integer(int64(n))
	if n >= 2 && n <= 9 {
		words = i18n.T(ctx, "page.number."+strconv.Itoa(n))
	}
	return i18n.N(ctx, "page.error.title", n, "Words", words)
}

type optionGroup struct {
	label   string
	options []Option
}

// optionGroups keeps the order of the options and gathers neighbours of the same group.
func optionGroups(list []Option) []optionGroup {
	var groups []optionGroup
	for _, o := range list {
		if n := len(groups); n == 0 || groups[n-1].label != o.Group {
			groups = append(groups, optionGroup{label: o.Group})
		}
		last := &groups[len(groups)-1]
		last.options = append(last.options, o)
	}
	return groups
}
