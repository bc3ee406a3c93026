package appointment

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"parvis/core/place"
	"parvis/platform/i18n"
	"parvis/platform/search"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// manyReasons is from how many on the list has a search.
const manyReasons = 13

// fewReasons are shown as one list, without headings.
const fewReasons = 6

// reasonGroup is the reasons under one need; Title is "" when there is one group.
type reasonGroup struct {
	Title   string
	Choices []page.ChoiceData
}

type reasonsView struct {
	Groups []reasonGroup
	Search bool
	Query  string
	None   bool // no reason at all
	Errors []page.FieldError
	Action string
	Call   string
	Then   string // what is asked next
	Ways   []page.Way
}

// askReason is the first question.
func (s *Service) askReason(c *web.Context) error {
	list, err := s.online(c.Ctx(), c.Store)
	if err != nil {
		return err
	}
	v := reasonsView{Action: c.Href(home), Query: c.Query("q"), Search: len(list) >= manyReasons, None: len(list) == 0, Call: call(c), Ways: s.ways(c, place.Place{})}
	status := http.StatusOK
	if id, err := store.ParseID(c.Query("motif")); err == nil && slices.ContainsFunc(list, func(r Reason) bool { return r.ID == id }) {
		return c.Redirect(home + "/motif/" + id.String())
	} else if c.Request.URL.Query().Has("suite") || c.Query("motif") != "" {
		v.Errors, status = []page.FieldError{{Field: "motif", Message: c.T("appointment.page.reason.error")}}, http.StatusUnprocessableEntity
	}
	v.Groups = groups(c.Ctx(), matching(list, v.Query))
	several, err := s.severalPlaces(c)
	if err != nil {
		return err
	}
	note := c.T("appointment.page.question", "N", 1, "Of", 2)
	v.Then = c.T("appointment.page.place.then")
	if several {
		note, v.Then = c.T("appointment.page.question.first"), c.T("appointment.page.reason.then")
	}
	p := s.begin(c, c.T("appointment.page.reason.title"), note, page.Link{Label: c.T("appointment.page.title")})
	p.Width, p.HasError, p.Description = page.Narrow, status != http.StatusOK, c.T("appointment.page.reason.about")
	p.NoIndex = v.Query != ""
	if v.None {
		p.Heading = c.T("appointment.page.title")
	}
	return c.RenderStatus(status, reasonPage(p, v))
}

// severalPlaces tells whether the place may be asked: how many questions there
// are depends on the reason then.
func (s *Service) severalPlaces(c *web.Context) (several bool, err error) {
	err = c.Store.View(c.Ctx(), func(tx *store.Tx) error {
		list, _, err := place.List(c.Ctx(), tx, "", "", 2, false)
		several = len(list) > 1
		return err
	})
	return several, err
}

// matching keeps the reasons that hold every word of the query.
func matching(list []Reason, query string) []Reason {
	words := strings.Fields(search.Fold(query))
	if len(words) == 0 {
		return list
	}
	var out []Reason
	for _, r := range list {
		text := search.Fold(r.Name + " " + r.Team + " " + r.BeforeText)
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) }) {
			out = append(out, r)
		}
	}
	return out
}

// groups puts reasons under their needs, in the order of the portal.
func groups(ctx context.Context, list []Reason) []reasonGroup {
	var out []reasonGroup
	if len(list) <= fewReasons {
		if len(list) == 0 {
			return nil
		}
		return []reasonGroup{{Choices: choices(ctx, list)}}
	}
	for _, need := range Needs() {
		var of []Reason
		for _, r := range list {
			if r.Need == need {
				of = append(of, r)
			}
		}
		if len(of) > 0 {
			out = append(out, reasonGroup{i18n.T(ctx, "appointment.need."+need), choices(ctx, of)})
		}
	}
	return out
}

func choices(ctx context.Context, list []Reason) []page.ChoiceData {
	out := make([]page.ChoiceData, len(list))
	for i, r := range list {
		out[i] = page.ChoiceData{Name: "motif", Value: r.ID.String(), Title: r.Name, Detail: reasonDetail(ctx, r)}
	}
	return out
}

// reasonDetail is who receives, how long, how.
func reasonDetail(ctx context.Context, r Reason) string {
	list := []string{r.Team, i18n.Duration(ctx, r.Duration())}
	if r.Mode != OnSite {
		list = append(list, i18n.T(ctx, "appointment.mode."+string(r.Mode)))
	}
	if r.Sensitive {
		list = append(list, i18n.T(ctx, "appointment.page.confidential"))
	}
	return strings.Join(slices.DeleteFunc(list, func(s string) bool { return s == "" }), " · ")
}

type placesView struct {
	Reason  Reason
	Choices []page.ChoiceData
	Answers []page.Answer
	Action  string
	Ways    []page.Way
}

// askPlace is the second question, skipped when there is nothing to choose.
func (s *Service) askPlace(c *web.Context) error {
	r, err := s.bookable(c)
	if err != nil {
		return err
	}
	next := slotsPath(r.ID)
	if r.Mode != OnSite {
		return c.Redirect(next)
	}
	slots, err := s.FirstPerPlace(c.Ctx(), c.Store, r)
	if err != nil {
		return err
	}
	ids := make([]store.ID, len(slots))
	for i, slot := range slots {
		ids[i] = slot.Place
	}
	places, err := s.placesOf(c.Ctx(), c.Store, ids)
	if err != nil {
		return err
	}
	if len(slots) < 2 {
		return c.Redirect(next)
	}
	v := placesView{Reason: r, Action: c.Href(next), Ways: s.ways(c, place.Place{}), Answers: []page.Answer{reasonAnswer(c, r)}}
	v.Choices = append(v.Choices, page.ChoiceData{ID: "lieu", Name: "lieu", Value: "0", Title: c.T("appointment.page.place.any"), Checked: true,
		End: c.T("appointment.page.place.first", "When", i18n.DayTimeRelative(c.Ctx(), slots[0].Start, c.Now()))})
	for _, slot := range slots {
		p := places[slot.Place]
		v.Choices = append(v.Choices, page.ChoiceData{Name: "lieu", Value: slot.Place.String(), Title: whereabouts(c.Ctx(), r, p), Detail: placeDetail(c.Ctx(), p),
			End: c.T("appointment.page.place.first", "When", i18n.DayTimeRelative(c.Ctx(), slot.Start, c.Now()))})
	}
	pg := s.begin(c, c.T("appointment.page.place.title"), c.T("appointment.page.question", "N", 2, "Of", 3), crumbHome(c), page.Link{Label: c.T("appointment.page.place")})
	pg.Width = page.Narrow
	return c.Render(placePage(pg, v))
}

func placeDetail(ctx context.Context, p place.Place) string {
	list := p.Lines()
	if p.Accessible {
		list = append(list, i18n.T(ctx, "appointment.page.place.accessible"))
	}
	return strings.Join(list, " · ")
}

func reasonAnswer(c *web.Context, r Reason) page.Answer {
	detail := i18n.Duration(c.Ctx(), r.Duration())
	if r.Sensitive {
		detail += ", " + c.T("appointment.page.confidential")
	}
	return page.Answer{Label: c.T("appointment.page.reason"), Value: r.Name, Detail: detail, Href: c.Href(home), Hidden: c.T("appointment.page.reason.hidden")}
}

// slotsPath is the third question.
func slotsPath(reason store.ID) string { return home + "/motif/" + reason.String() + "/creneaux" }

func withQuery(path string, q url.Values) string {
	for k, v := range q {
		if len(v) == 0 || v[0] == "" || v[0] == "0" {
			delete(q, k)
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}
