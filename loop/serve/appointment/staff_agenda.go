package appointment

import (
	"net/url"
	"slices"
	"strings"

	"parvis/platform/calendar"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// agendaAsk is which part of the agenda is read.
type agendaAsk struct {
	Day   calendar.Date
	Week  bool
	Agent store.ID
	Place store.ID
}

func (a agendaAsk) query(day calendar.Date) url.Values {
	q := url.Values{"jour": {day.String()}}
	if a.Week {
		q.Set("vue", "semaine")
	}
	if a.Agent != 0 {
		q.Set("agent", a.Agent.String())
	}
	if a.Place != 0 {
		q.Set("lieu", a.Place.String())
	}
	return q
}

// agendaGroup is the day of one agent.
type agendaGroup struct {
	Panel page.PanelData
	Items []page.DayItem
}

type agendaView struct {
	Done    string
	Nav     page.WeekNavData
	Action  string
	Day     string // as typed
	Views   []page.Option
	Agents  []page.Option
	Places  []page.Option
	Groups  []agendaGroup
	Week    *page.WeekData
	Legend  []page.Person
	Others  string // why some agents are not drawn
	Marks   string // address of the form around the marks
	Return  string
	Empty   page.EmptyData
	Exports []page.ButtonData
}

// showAgenda is one day, agent by agent, or one week.
func (s *Service) showAgenda(c *web.Context) error {
	ctx, zone := c.Ctx(), i18n.Location(c.Ctx())
	ask := agendaAsk{Day: dayAsked(c, "jour", today(c)), Week: c.Query("vue") == "semaine"}
	var err error
	if ask.Agent, err = optionalID(c.Query("agent")); err != nil {
		return err
	}
	if ask.Place, err = optionalID(c.Query("lieu")); err != nil {
		return err
	}
	v := agendaView{Done: c.TakeFlash(), Action: c.Href(agendaPath), Marks: c.Href(deskPath + "/presences")}
	v.Views = []page.Option{{Value: "jour", Label: c.T("appointment.staff.view.day"), Selected: !ask.Week}, {Value: "semaine", Label: c.T("appointment.staff.view.week"), Selected: ask.Week}}
	err = c.Store.View(ctx, func(tx *store.Tx) error {
		r, err := s.roster(ctx, tx)
		if err != nil {
			return err
		}
		if err := s.known(ctx, tx, ask.Agent); err != nil {
			return err
		}
		v.Agents = agentOptions(r, ask.Agent, c.T("appointment.staff.all.agents"))
		v.Places = placeOptions(r, ask.Place, c.T("appointment.staff.all.places"))
		if ask.Week {
			lanes := r.lanes(c, ask.Agent)
			if left := len(r.agents) - len(lanes); left > 0 && ask.Agent == 0 {
				v.Others = i18n.N(ctx, "appointment.staff.week.others", left)
			}
			v.Legend = legend(lanes)
			if ask.Day == today(c) {
				if ask.Day, err = s.weekOf(c, tx, r); err != nil {
					return err
				}
			}
			d, err := s.week(c, tx, r, lanes, ask.Day)
			v.Week = &d
			return err
		}
		f := Filter{From: ask.Day.Start(zone), To: ask.Day.AddDays(1).Start(zone), Place: ask.Place}
		if ask.Agent != 0 {
			f.Agents = []store.ID{ask.Agent}
		}
		list, err := s.List(ctx, tx, f)
		if err != nil {
			return err
		}
		if err := s.meet(ctx, tx, r, list); err != nil {
			return err
		}
		v.Groups = s.dayGroups(c, r, list)
		return nil
	})
	if err != nil {
		return err
	}
	v.Day, v.Return = dateTyped(ask.Day), here(agendaPath, ask.query(ask.Day))
	step, heading := 1, capital(i18n.DayWithYear(ctx, ask.Day.At(720, zone), c.Now()))
	if ask.Week {
		step, heading = 7, weekTitle(ctx, monday(ask.Day), monday(ask.Day).AddDays(6))
	}
	v.Nav = page.WeekNavData{Title: heading, PrevHref: c.Href(here(agendaPath, ask.query(ask.Day.AddDays(-step)))), PrevHidden: c.T("appointment.staff.nav.prev"),
		NextHref: c.Href(here(agendaPath, ask.query(ask.Day.AddDays(step)))), NextHidden: c.T("appointment.staff.nav.next")}
	v.Empty = page.EmptyData{Drawing: "hall", Title: c.T("appointment.staff.agenda.empty"), Text: c.T("appointment.staff.agenda.empty.text")}
	if c.Actor.Can(MayWrite) {
		v.Empty.Actions = []page.ButtonData{{Label: c.T("appointment.staff.gesture.book"), Href: c.Href(here(bookPath, url.Values{"du": {ask.Day.String()}}))}}
	}
	v.Exports = exportLinks(c, ask)
	p, err := s.workspace(c, c.T("appointment.staff.agenda"), "", nil)
	if err != nil {
		return err
	}
	p.Crumbs = deskCrumbs(c, page.Link{Label: c.T("appointment.staff.agenda")})
	return c.Render(agendaPage(p, v))
}

// dayGroups puts the appointments under the agent who serves, the unassigned last.
func (s *Service) dayGroups(c *web.Context, r *roster, list []Appointment) []agendaGroup {
	ctx, now := c.Ctx(), c.Now()
	var out []agendaGroup
	add := func(id, name string, keep func(Appointment) bool) {
		g := agendaGroup{Panel: page.PanelData{ID: id, Title: name}}
		live := 0
		for _, a := range list {
			if !keep(a) {
				continue
			}
			who, reason, at := r.who(ctx, a), r.reasons[a.ReasonID], r.places[a.PlaceID].Name
			if a.Mode != OnSite {
				at = i18n.T(ctx, "appointment.mode."+string(a.Mode))
			}
			it := page.DayItem{Time: i18n.Clock(ctx, a.StartsAt), Title: who, Tint: reason.Colour, Href: c.Href(sheetPath + "/" + a.ID.String())}
			it.Detail = strings.Join(slices.DeleteFunc([]string{reason.Name, i18n.Duration(ctx, a.EndsAt.Sub(a.StartsAt)), at, a.Number}, func(x string) bool { return x == "" }), " · ")
			it.Badge, it.Kind = state(ctx, a, now)
			if a.Status != Booked {
				it.State = "past"
			} else if !a.ArrivedAt.IsZero() {
				it.State = "now"
			}
			if c.Actor.Can(MayWrite) {
				it.Actions = marks(ctx, a, who, now, c.Href)
			}
			if !a.Status.Final() {
				live++
			}
			g.Items = append(g.Items, it)
		}
		if len(g.Items) > 0 {
			g.Panel.Badge = i18n.N(ctx, "appointment.staff.count", live)
			out = append(out, g)
		}
	}
	for _, x := range r.agents {
		add("agent-"+x.ID.String(), x.Name, func(a Appointment) bool { return slices.Contains(r.serving[a.ID], x.ID) })
	}
	add("agent-0", i18n.T(ctx, "appointment.staff.unassigned"), func(a Appointment) bool {
		_, ok := r.agent(a)
		return !ok
	})
	return out
}

func agentOptions(r *roster, chosen store.ID, everybody string) []page.Option {
	out := []page.Option{{Label: everybody}}
	for _, x := range r.agents {
		if x.Active || x.ID == chosen {
			out = append(out, page.Option{Value: x.ID.String(), Label: x.Name, Selected: x.ID == chosen})
		}
	}
	return out
}

func placeOptions(r *roster, chosen store.ID, everywhere string) []page.Option {
	out := []page.Option{{Label: everywhere}}
	for _, x := range r.sites {
		if x.Active || x.ID == chosen {
			out = append(out, page.Option{Value: x.ID.String(), Label: x.Name, Selected: x.ID == chosen})
		}
	}
	return out
}

// exportLinks offer the days shown as a file.
func exportLinks(c *web.Context, ask agendaAsk) []page.ButtonData {
	first, last := ask.Day, ask.Day
	if ask.Week {
		first = monday(ask.Day)
		last = first.AddDays(6)
	}
	return periodExports(c, first, last)
}
