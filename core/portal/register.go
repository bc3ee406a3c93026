package portal

import (
	"context"
	"net/url"
	"strings"

	"parvis/core/service"
	"parvis/core/territory"
	"parvis/platform/event"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/tabular"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// registerPath is the page of the data protection officer: the register of
// processing (GDPR art. 30) and who gave, took or used which right (art. 32).
// It shows no dossier: references, roles and names of staff only.
const registerPath = "/bureau/donnees-personnelles"

// traced are the families of events that the journal shows.
var traced = []string{"access", "person", "territory"} // read only

// treatment is one line of the register.
type treatment struct {
	Service, Purpose, Basis, Data, Keep, Then string
}

// treatments are the declarations of the services open in the territory.
func (p *Portal) treatments(c *web.Context) []treatment {
	list := p.services
	if t := territory.Of(c); t != nil {
		list = p.open(t)
	}
	var out []treatment
	for _, s := range list {
		for _, r := range s.Retention {
			out = append(out, treatment{c.T(s.Label), c.T(r.Purpose), c.T(r.Basis), r.Table + " : " + strings.Join(r.Personal, ", "), span(c, r), c.T(r.Then)})
		}
	}
	return out
}

// trace is one line of the journal.
type trace struct{ When, What, Who, About string }

// journal reads the newest traces before one; next is the last one's id, "" at
// the end.
func (p *Portal) journal(c *web.Context, before store.ID, limit int) (out []trace, next string, err error) {
	var events []event.Event
	if err := c.Store.View(c.Ctx(), func(tx *store.Tx) (err error) {
		events, err = event.List(c.Ctx(), tx, traced, before, limit+1)
		return err
	}); err != nil {
		return nil, "", err
	}
	if len(events) > limit {
		events = events[:limit]
		next = events[limit-1].ID.String()
	}
	type data struct {
		Role string `json:"role"`
		By   string `json:"by"` // "0" is the program itself
	}
	read := make([]data, len(events))
	by := make([]store.ID, len(events))
	var people []store.ID
	for i, e := range events {
		if err := e.Decode(&read[i]); err != nil {
			return nil, "", err
		}
		if by[i], err = store.ParseID(read[i].By); err == nil {
			people = append(people, by[i])
		}
		if id, ok := staffOf(e.Subject); ok {
			people = append(people, id)
		}
	}
	names, err := p.People.Names(c.Ctx(), people)
	if err != nil {
		return nil, "", err
	}
	for i, e := range events {
		t := trace{When: i18n.DayTime(c.Ctx(), e.At), What: p.what(c, e.Kind), Who: names[by[i]], About: e.Subject}
		if by[i] == 0 {
			t.Who = c.T("portal.register.program")
		} else if t.Who == "" {
			t.Who = c.T("portal.register.gone")
		}
		if id, ok := staffOf(e.Subject); ok && names[id] != "" {
			t.About = names[id]
		}
		if read[i].Role != "" {
			t.About += ", " + c.T("access.role."+read[i].Role)
		}
		out = append(out, t)
	}
	return out, next, nil
}

// staffOf is the member of staff that an event is about.
func staffOf(subject string) (store.ID, bool) {
	raw, ok := strings.CutPrefix(subject, "person:")
	if !ok {
		return 0, false
	}
	id, err := store.ParseID(raw)
	return id, err == nil
}

// what names a kind of event; one that has no words is shown as it is.
func (p *Portal) what(c *web.Context, kind string) string {
	switch kind {
	case "access.granted", "access.revoked", "person.joined", "person.merged", "person.exported", "person.erased", "territory.activated", "territory.changed":
		return c.T("portal.register.kind." + kind)
	}
	return kind
}

type registerView struct {
	Treatments []treatment
	Traces     []trace
	Next       string
	Files      []page.ButtonData
}

func (p *Portal) register(c *web.Context) error {
	before, _ := store.ParseID(c.Query("avant")) // anything else is the first page
	v := registerView{Treatments: p.treatments(c)}
	var err error
	var next string
	if v.Traces, next, err = p.journal(c, before, pageSize); err != nil {
		return err
	}
	if next != "" {
		v.Next = c.Href(registerPath + "?" + url.Values{"avant": {next}}.Encode() + "#journal")
	}
	v.Files = []page.ButtonData{{Label: c.T("portal.register.file"), Href: c.Href(registerPath + "/registre.csv"), Small: true},
		{Label: c.T("portal.register.journal.file"), Href: c.Href(registerPath + "/journal.csv"), Small: true}}
	title := c.T("portal.register.title")
	pg, err := c.StaffPage(title)
	if err != nil {
		return err
	}
	pg.Heading, pg.Lead = title, c.T("portal.register.lead")
	return c.Render(registerPage(pg, v))
}

func (p *Portal) registerFile(c *web.Context) error {
	columns := []string{c.T("portal.register.col.service"), c.T("portal.privacy.col.purpose"), c.T("portal.privacy.col.basis"), c.T("portal.register.col.data"),
		c.T("portal.privacy.col.keep"), c.T("portal.privacy.col.then")}
	var rows [][]string
	for _, t := range p.treatments(c) {
		rows = append(rows, []string{t.Service, t.Purpose, t.Basis, t.Data, t.Keep, t.Then})
	}
	body, err := tabular.CSV(columns, rows)
	if err != nil {
		return err
	}
	return c.File(tabular.CSVType, "registre.csv", body)
}

// journalFile is at most 10 000 lines: a year of a large authority.
func (p *Portal) journalFile(c *web.Context) error {
	var rows [][]string
	before := store.ID(0)
	for range 50 {
		list, next, err := p.journal(c, before, 200)
		if err != nil {
			return err
		}
		for _, t := range list {
			rows = append(rows, []string{t.When, t.What, t.Who, t.About})
		}
		if next == "" {
			break
		}
		if before, err = store.ParseID(next); err != nil {
			return err
		}
	}
	body, err := tabular.CSV([]string{c.T("portal.register.col.when"), c.T("portal.register.col.what"), c.T("portal.register.col.who"), c.T("portal.register.col.about")}, rows)
	if err != nil {
		return err
	}
	return c.File(tabular.CSVType, "journal.csv", body)
}

// enter takes staff to the first page they may read: the day's desk, or the
// first entry of their rail. A data protection officer has no desk.
func (p *Portal) enter(c *web.Context) error {
	t := territory.Of(c)
	for _, s := range p.open(t) {
		for _, r := range s.Routes {
			if r.Path == "/bureau" && r.Scope == web.OfSite && c.Actor.Can(r.Permission) {
				return c.Redirect(r.Path)
			}
		}
	}
	if first := p.firstEntry(c, p.open(t)); first != "" {
		return c.Redirect(first)
	}
	return c.Redirect("/")
}

func (p *Portal) firstEntry(c *web.Context, list []service.Service) string {
	for _, s := range list {
		for _, m := range s.Menu {
			if m.Permission != web.Public && c.Actor.Can(m.Permission) {
				return m.Path
			}
		}
	}
	return ""
}

func treatmentTable(ctx context.Context, list []treatment) page.TableData {
	d := page.TableData{Caption: i18n.T(ctx, "portal.privacy.caption"), CaptionHidden: true, Columns: heads(ctx, "portal.register.col.service", "portal.privacy.col.purpose",
		"portal.privacy.col.basis", "portal.register.col.data", "portal.privacy.col.keep", "portal.privacy.col.then")}
	for _, t := range list {
		d.Rows = append(d.Rows, []page.Cell{{Text: t.Service, Head: true}, {Text: t.Purpose}, {Text: t.Basis}, {Text: t.Data}, {Text: t.Keep}, {Text: t.Then}})
	}
	return d
}

func traceTable(ctx context.Context, list []trace) page.TableData {
	d := page.TableData{Caption: i18n.T(ctx, "portal.register.h.journal"), CaptionHidden: true, Empty: i18n.T(ctx, "portal.register.none"),
		Columns: heads(ctx, "portal.register.col.when", "portal.register.col.what", "portal.register.col.who", "portal.register.col.about")}
	for _, t := range list {
		d.Rows = append(d.Rows, []page.Cell{{Text: t.When, Head: true}, {Text: t.What}, {Text: t.Who}, {Text: t.About}})
	}
	return d
}

func heads(ctx context.Context, keys ...string) []page.Column {
	out := make([]page.Column, len(keys))
	for i, k := range keys {
		out[i] = page.Column{Label: i18n.T(ctx, k)}
	}
	return out
}
