package portal

import (
	"context"
	"embed"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"parvis/core/access"
	"parvis/core/person"
	"parvis/core/service"
	"parvis/core/territory"
	"parvis/platform/hours"
	"parvis/platform/i18n"
	"parvis/platform/job"
	"parvis/platform/phone"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// Locales holds the package's texts.
//
//go:embed locales/*.json
var Locales embed.FS

// Rights of the package.
const (
	MaySet     web.Permission = "territory.settings"
	MayMembers web.Permission = "operator.members"
	MayJobs    web.Permission = "operator.jobs"
	MayAudit   web.Permission = "privacy.read"
)

// Deps are the rooms the package stands on.
type Deps struct {
	Book   *territory.Book
	People *person.People
	Queue  *job.Queue
	Demo   bool
	// Contact of whoever runs the instance.
	Name, Phone, Hours, Mail string
	// First is the first free appointment shown in the opening card, "" none.
	First func(ctx context.Context, c *web.Context) (string, error)
}

// Portal serves the pages.
type Portal struct {
	Deps
	services []service.Service
}

// New prepares the pages; Connect gives them the list of services.
func New(d Deps) *Portal { return &Portal{Deps: d} }

// Connect gives the services whose menus, needs and retention the pages show.
func (p *Portal) Connect(services []service.Service) { p.services = services }

// portalKeep is how long the portal may lag behind: the first free appointment
// on it is a promise of nothing, the page behind it asks again.
const portalKeep = 5 * time.Second

// Service declares the pages.
func (p *Portal) Service() service.Service {
	get, post := http.MethodGet, http.MethodPost
	return service.Service{
		Name: "portal", Label: "portal.label", Locales: Locales,
		Permissions: []access.Permission{
			{Name: MaySet, Label: "portal.permission.settings", Roles: []access.Role{access.Admin, access.Operator}},
			{Name: MayMembers, Label: "portal.permission.members", Roles: []access.Role{access.Operator}},
			{Name: MayJobs, Label: "portal.permission.jobs", Roles: []access.Role{access.Operator}},
			{Name: MayAudit, Label: "portal.permission.register", Roles: []access.Role{access.DPO, access.Admin}},
		},
		Routes: []web.Route{
			{Method: get, Path: "/", Scope: web.OfInstance, Permission: web.Public, Handle: p.home},
			{Method: get, Path: "/recherche", Scope: web.OfInstance, Permission: web.Public, Handle: p.find, Sample: "/recherche?q=saint-denis"},
			{Method: get, Path: "/accessibilite", Scope: web.OfInstance, Permission: web.Public, Handle: p.accessibility},
			{Method: get, Path: "/mentions-legales", Scope: web.OfInstance, Permission: web.Public, Handle: p.legal},
			{Method: get, Path: "/donnees-personnelles", Scope: web.OfInstance, Permission: web.Public, Handle: p.privacy},
			{Method: get, Path: "/plan-du-site", Scope: web.OfInstance, Permission: web.Public, Handle: p.sitemap},
			{Method: get, Path: "/robots.txt", Scope: web.OfInstance, Permission: web.Public, Handle: p.robots, Sample: "-"},
			{Method: get, Path: "/favicon.ico", Scope: web.OfInstance, Permission: web.Public, Handle: p.favicon, Sample: "-"},

			{Method: get, Path: "/", Permission: web.Public, Handle: p.portal, Keep: portalKeep},
			{Method: get, Path: "/recherche", Permission: web.Public, Handle: p.search, Sample: "/recherche?q=carte"},
			{Method: get, Path: "/accessibilite", Permission: web.Public, Handle: p.accessibility},
			{Method: get, Path: "/mentions-legales", Permission: web.Public, Handle: p.legal},
			{Method: get, Path: "/donnees-personnelles", Permission: web.Public, Handle: p.privacy},
			{Method: get, Path: "/plan-du-site", Permission: web.Public, Handle: p.sitemap},
			{Method: get, Path: "/theme/{file}", Permission: web.Public, Handle: p.theme, Sample: "-"},

			{Method: get, Path: "/bureau/reglages", Permission: MaySet, Handle: p.settings},
			{Method: post, Path: "/bureau/reglages", Permission: MaySet, Handle: p.saveSettings},
			{Method: get, Path: "/bureau/adherents", Permission: MayMembers, Handle: p.members},
			{Method: post, Path: "/bureau/adherents", Permission: MayMembers, Handle: p.activate},
			{Method: get, Path: "/bureau/taches", Permission: MayJobs, Handle: p.jobs},
			{Method: post, Path: "/bureau/taches", Permission: MayJobs, Handle: p.retry},
			{Method: get, Path: registerPath, Permission: MayAudit, Handle: p.register},
			{Method: get, Path: registerPath + "/registre.csv", Permission: MayAudit, Handle: p.registerFile},
			{Method: get, Path: registerPath + "/journal.csv", Permission: MayAudit, Handle: p.journalFile},
			{Method: get, Path: service.Entrance, Permission: web.SignedIn, Handle: p.enter, Sample: "-"},
		},
		Menu: []service.MenuItem{
			{Label: "portal.menu.settings", Icon: "set", Path: "/bureau/reglages", Permission: MaySet},
			{Label: "portal.menu.members", Icon: "group", Path: "/bureau/adherents", Permission: MayMembers},
			{Label: "portal.menu.jobs", Icon: "repeat", Path: "/bureau/taches", Permission: MayJobs},
			{Label: "portal.menu.register", Icon: "lock", Path: registerPath, Permission: MayAudit},
		},
	}
}

// Fill completes the site of a request with what depends on the hour, the
// language and the services: hours of opening, menu, accessibility mention.
func (p *Portal) Fill(c *web.Context) {
	t := territory.Of(c)
	if t == nil || c.Site == nil {
		return
	}
	l := i18n.From(c.Ctx())
	s := c.Site
	s.Kind = c.T(t.Official.KindKey())
	s.ThemeHref = s.Href("/theme/" + t.ThemeHash() + ".css")
	if s.Place == "" {
		s.Place = c.T("portal.place."+placeOf(t), "Of", t.Official.Of())
	}
	if n, err := phone.Parse(t.Settings.Phone, ""); err == nil {
		s.Phone = n.National()
	}
	s.PhoneHours = t.Settings.Hours
	now := c.Now().In(t.Settings.Location())
	if week := t.Settings.Opening; !week.Closed() {
		for _, g := range week.Groups() {
			s.Opening = append(s.Opening, page.OpeningDay{Label: g.Days(l), Hours: g.Hours(l), Today: g.Has(now.Weekday())})
		}
		if open, _ := hours.OpenNow(week, now); open {
			s.OpenNow = hours.Status(l, week, now)
		}
	}
	s.AccessibilityState = c.T("portal.accessibility.state." + t.Settings.Accessibility.State())
	s.Menu = p.menu(c, t)
	s.Help = []page.Link{{Label: c.T("portal.help.tracking"), Href: s.Href("/suivi")}, {Label: c.T("portal.help.map"), Href: s.Href("/plan-du-site")}}
	if t.Settings.Email != "" {
		s.Help = append(s.Help, page.Link{Label: c.T("portal.help.write"), Href: "mailto:" + t.Settings.Email})
	}
}

func placeOf(t *territory.Territory) string {
	switch t.Official.Kind {
	case "commune", "departement", "region":
		return string(t.Official.Kind)
	}
	return "other"
}

// menu is the residents' menu: the services that are open.
func (p *Portal) menu(c *web.Context, t *territory.Territory) []page.Link {
	path := c.Request.URL.Path
	out := []page.Link{{Label: c.T("portal.menu.home"), Href: c.Href("/"), Current: path == "/"}}
	for _, s := range p.services {
		if s.Optional && !t.Settings.Open(s.Name) {
			continue
		}
		for _, m := range s.Menu {
			if m.Permission == web.Public {
				out = append(out, page.Link{Label: c.T(m.Label), Href: c.Href(m.Path), Current: path == m.Path || strings.HasPrefix(path, m.Path+"/")})
			}
		}
	}
	return out
}

// Rail is the staff's rail: what the actor may do, by verb, with counts.
func (p *Portal) Rail(c *web.Context) (page.StaffFrame, error) {
	t := territory.Of(c)
	frame := page.StaffFrame{Who: c.Actor.Name, SignOut: "/deconnexion", Today: page.RailItem{Label: c.T("portal.menu.today"), Href: c.Href(service.Entrance), Current: c.Request.URL.Path == "/bureau"}}
	if t == nil {
		return frame, nil
	}
	frame.Where = c.Site.Place
	if frame.Where == "" {
		frame.Where = c.Site.Name
	}
	groups := map[page.Verb]*page.RailGroup{}
	for _, s := range p.services {
		if s.Optional && !t.Settings.Open(s.Name) {
			continue
		}
		for _, m := range s.Menu {
			if m.Permission == web.Public || !c.Actor.Can(m.Permission) {
				continue
			}
			item := page.RailItem{Label: c.T(m.Label), Href: c.Href(m.Path), Current: c.Request.URL.Path == m.Path}
			if m.Count != nil {
				n, hot, err := m.Count(c.Ctx(), c.Store, c.Actor)
				if err != nil {
					return frame, err
				}
				item.Count, item.Hot = n, hot
			}
			if s.Verb == page.NoVerb {
				frame.More = append(frame.More, item)
				continue
			}
			g := groups[s.Verb]
			if g == nil {
				g = &page.RailGroup{Verb: s.Verb}
				groups[s.Verb] = g
			}
			g.Items = append(g.Items, item)
		}
	}
	for _, v := range page.Verbs() {
		if g := groups[v]; g != nil {
			frame.Groups = append(frame.Groups, *g)
		}
	}
	return frame, nil
}

// Operator is the frame of the instance's own pages.
func (p *Portal) Operator(c *web.Context) page.Operator {
	return page.Operator{Phone: p.Phone, PhoneHours: p.Hours, StaffHref: "/agents", AccessibilityState: c.T("portal.accessibility.state.none"),
		Groups: []page.LinkGroup{
			{Title: c.T("portal.footer.authorities"), Links: []page.Link{{Label: c.T("portal.footer.open"), Href: "/recherche"}, {Label: c.T("portal.footer.api"), Href: "/api/docs"}}},
			{Title: c.T("portal.footer.know"), Links: []page.Link{{Label: c.T("portal.footer.privacy"), Href: "/donnees-personnelles"}, {Label: c.T("portal.footer.map"), Href: "/plan-du-site"}}},
		}}
}

// Banner is the line above every page: the demonstration, or what the
// territory announces.
func (p *Portal) Banner(c *web.Context) *page.Banner {
	if t := territory.Of(c); t != nil && t.Settings.Notice != "" {
		return &page.Banner{Kind: "wait", Text: t.Settings.Notice}
	}
	if p.Demo {
		return &page.Banner{Kind: "info", Text: c.T("portal.banner.demo"), Links: []page.Link{{Label: c.T("portal.banner.mailbox"), Href: "/demo/messages"}}}
	}
	return nil
}

// open lists the services open in a territory.
func (p *Portal) open(t *territory.Territory) []service.Service {
	return slices.DeleteFunc(slices.Clone(p.services), func(s service.Service) bool { return s.Optional && !t.Settings.Open(s.Name) })
}

// entries gathers the needs that services answer, by group and rank.
func (p *Portal) entries(c *web.Context, t *territory.Territory) ([]service.Entry, error) {
	var out []service.Entry
	var errs []error
	for _, s := range p.open(t) {
		if s.Portal == nil {
			continue
		}
		list, err := s.Portal(c.Ctx(), c.Store)
		if err != nil {
			errs = append(errs, err)
		}
		out = append(out, list...)
	}
	slices.SortStableFunc(out, func(a, b service.Entry) int { return a.Rank - b.Rank })
	return out, errors.Join(errs...)
}
