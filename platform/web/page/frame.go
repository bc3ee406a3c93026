package page

import (
	"context"
	"regexp"
	"strings"

	"github.com/a-h/templ"

	"parvis/platform/i18n"
)

// Verb is a step of the loop, from 1 to 7; the zero value is a page that belongs to none.
type Verb int

// The seven verbs in the order of the loop.
const (
	NoVerb Verb = iota
	Listen
	Propose
	Choose
	Build
	Serve
	Measure
	Share
)

// Verbs returns the seven verbs in the order of the loop.
func Verbs() []Verb { return []Verb{Listen, Propose, Choose, Build, Serve, Measure, Share} }

// Label is the verb in the language of the page, "Écouter"; empty for NoVerb.
func (v Verb) Label(ctx context.Context) string {
	switch v {
	case Listen:
		return i18n.T(ctx, "page.verb.listen")
	case Propose:
		return i18n.T(ctx, "page.verb.propose")
	case Choose:
		return i18n.T(ctx, "page.verb.choose")
	case Build:
		return i18n.T(ctx, "page.verb.build")
	case Serve:
		return i18n.T(ctx, "page.verb.serve")
	case Measure:
		return i18n.T(ctx, "page.verb.measure")
	case Share:
		return i18n.T(ctx, "page.verb.share")
	}
	return ""
}

// Icon is the name of the verb's icon; empty for NoVerb.
func (v Verb) Icon() string {
	switch v {
	case Listen:
		return "ear"
	case Propose:
		return "idea"
	case Choose:
		return "vote"
	case Build:
		return "tool"
	case Serve:
		return "desk"
	case Measure:
		return "chart"
	case Share:
		return "share"
	}
	return ""
}

// Width is how wide the content of a page is.
type Width int

// Wide is the default, 1180 px. Narrow (780 px) is for questions and forms, Medium (960 px) for
// confirmations. Full puts the children directly in main: they are Sections with their own containers.
const (
	Wide Width = iota
	Narrow
	Medium
	Full
)

// Page is what a frame needs to know of the page it surrounds.
type Page struct {
	Site     *Site    // nil: the instance itself
	Operator Operator // used by the frame of the instance

	Title       string // without the name of the site; the frame adds it, and « Erreur : » before when HasError
	Description string // for search engines and previews
	HasError    bool
	NoIndex     bool // kept out of search engines; always so for Staff and Bare

	Verb     Verb
	VerbNote string // after the verb, "question 3 sur 3"
	Crumbs   []Link // from the home of the site to this page; the last one, without Href, is this page
	Heading  string // the h1; empty when the children hold it (a question's legend, the greeting)
	Lead     string // under the h1
	Kicker   string // staff: above the h1, date and hour
	Width    Width
	Tools    templ.Component // staff: on the right of the h1 (a Search, buttons); residents: under the lead

	Staff     *StaffFrame // nil for residents
	Banner    *Banner
	Languages []Link // one per language, with Lang; the current one has Current
	FootNote  string // Bare: line at the foot, "Code 503, service momentanément fermé."
	Head      templ.Component
}

// Banner is the line above everything: a demonstration, a pause, an alert.
type Banner struct {
	Kind  string // "info" (default), "wait", "late"
	Text  string // "Démonstration : données inventées."
	Links []Link // "Voir les messages envoyés"
}

// StaffFrame is the rail of the staff pages.
type StaffFrame struct {
	Who     string   // "Nadia Mésange"
	Where   string   // "Mairie de Vouneuil"
	Today   RailItem // first entry
	Groups  []RailGroup
	More    []RailItem // after the verbs: settings, team, help
	SignOut string     // address of the form that signs out, POST; "" hides the button
}

// RailGroup is the entries of one verb. Label and Icon default to those of the verb.
type RailGroup struct {
	Verb        Verb
	Label, Icon string
	Items       []RailItem
}

func (g RailGroup) label(ctx context.Context) string {
	if g.Label != "" {
		return g.Label
	}
	return g.Verb.Label(ctx)
}

func (g RailGroup) icon() string {
	if g.Icon != "" {
		return g.Icon
	}
	return g.Verb.Icon()
}

// RailItem is one entry of the rail. Count is shown when positive; Hot puts it in a red pill and says
// that something is late.
type RailItem struct {
	Label, Href  string
	Count        int
	Hot, Current bool
}

// documentTitle is the content of <title>: « Erreur : » first, then the page, then the site.
func (p Page) documentTitle(ctx context.Context) string {
	t := p.Title
	if t == "" {
		t = p.Heading
	}
	name := "Parvis"
	if p.Site != nil {
		name = p.Site.Name
	}
	switch {
	case t == "":
		t = name
	case t != name:
		t += " — " + name
	}
	if p.HasError {
		t = i18n.T(ctx, "page.error.prefix") + t
	}
	return t
}

func (p Page) hasHead() bool {
	return len(p.Crumbs) > 0 || p.Verb != NoVerb || p.Heading != "" || p.Lead != "" || p.Tools != nil
}

func (p Page) containerClass() string {
	switch p.Width {
	case Narrow:
		return "container container-narrow stack flow-6"
	case Medium:
		return "container container-medium stack flow-6"
	}
	return "container stack flow-6"
}

var hexColour = regexp.MustCompile(`^#[0-9A-Fa-f]{6}$`)

// colourStyle is the rule that gives the page the colour of its territory, empty when it has a stylesheet
// of its own or no valid colour.
func (p Page) colourStyle() string {
	if p.Site == nil || p.Site.ThemeHref != "" || !hexColour.MatchString(p.Site.Territory) {
		return ""
	}
	return ":root{--territory:" + p.Site.Territory + "}"
}

// telHref is the tel: address of a phone number written for people (RFC 3966).
func telHref(phone string) templ.SafeURL {
	var b strings.Builder
	for _, r := range phone {
		if r >= '0' && r <= '9' || r == '+' {
			b.WriteRune(r)
		}
	}
	return templ.SafeURL("tel:" + b.String())
}

// bare keeps what a page without database can show.
func bare(p Page) Page {
	p.NoIndex, p.Staff, p.Languages, p.Head = true, nil, nil, nil
	return p
}

// staffPage never lets a staff page into a search engine and always gives it a rail, be it empty.
func staffPage(p Page) Page {
	p.NoIndex = true
	if p.Staff == nil {
		p.Staff = &StaffFrame{}
	}
	return p
}
