package report

import (
	"net/http"
	"slices"

	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

type categoryGroup struct {
	Title   string
	Choices []page.ChoiceData
}

type whatView struct {
	Groups []categoryGroup
	Query  string
	None   bool // the search found nothing
	Closed bool // the territory takes no report
	Errors []page.FieldError
	Action string
	Ways   []page.Way
	All    string
}

// askWhat is the first question.
func (s *Reports) askWhat(c *web.Context) error { return s.renderWhat(c, http.StatusOK, 0, nil) }

func (s *Reports) renderWhat(c *web.Context, status int, chosen store.ID, errs []page.FieldError) error {
	list, err := s.list(c.Ctx(), c.Store)
	if err != nil {
		return err
	}
	if id, err := store.ParseID(c.Query("categorie")); err == nil && chosen == 0 {
		chosen = id
	}
	v := whatView{Query: c.Query("q"), Errors: errs, Action: c.Href(askPath), Ways: ways(c), All: c.Href(listPath)}
	open := 0
	for _, x := range list {
		if !x.Active || !x.Detail.V.InSeason(c.Now()) {
			continue
		}
		open++
		if !x.Matches(v.Query) {
			continue
		}
		i := slices.IndexFunc(v.Groups, func(g categoryGroup) bool { return g.Title == x.Heading })
		if i < 0 {
			i = len(v.Groups)
			v.Groups = append(v.Groups, categoryGroup{Title: x.Heading})
		}
		v.Groups[i].Choices = append(v.Groups[i].Choices, page.ChoiceData{Name: "categorie", Value: x.ID.String(), Title: x.Label, Detail: x.Detail.V.Hint, Checked: x.ID == chosen})
	}
	v.None, v.Closed = open > 0 && len(v.Groups) == 0, open == 0
	p := s.begin(c, c.T("report.ask.title"), c.T("report.ask.question", "N", 1), page.Link{Label: c.T("report.ask.title")})
	p.Heading, p.Lead = p.Title, c.T("report.ask.lead")
	p.Width, p.HasError, p.NoIndex, p.Description = page.Narrow, len(errs) > 0, v.Query != "", c.T("report.ask.about")
	return c.RenderStatus(status, whatPage(p, v))
}

// chooseWhat begins a draft.
func (s *Reports) chooseWhat(c *web.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	list, err := s.list(c.Ctx(), c.Store)
	if err != nil {
		return err
	}
	id, err := store.ParseID(f.Get("categorie"))
	i := slices.IndexFunc(list, func(x Category) bool { return x.ID == id && x.Active && x.Detail.V.InSeason(c.Now()) })
	if err != nil || i < 0 {
		return s.renderWhat(c, http.StatusUnprocessableEntity, 0, []page.FieldError{{Field: "categories", Message: c.T("report.ask.what.error")}})
	}
	token, err := s.newDraft(c.Ctx(), c.Store, list[i].ID)
	if err != nil {
		return err
	}
	next := "lieu"
	if list[i].Complaint() {
		next = "details"
	}
	return c.Redirect(s.step(unsent{Token: token}, next))
}
