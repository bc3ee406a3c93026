package portal

import (
	"parvis/core/service"
	"parvis/core/territory"
	"parvis/platform/i18n"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

func (p *Portal) crumbs(c *web.Context, title string) []page.Link {
	name := "Parvis"
	if c.Site != nil {
		name = c.Site.Name
	}
	return []page.Link{{Label: name, Href: c.Href("/")}, {Label: title}}
}

func (p *Portal) frame(c *web.Context, key string) page.Page {
	title := c.T(key)
	pg := c.Page(title)
	pg.Width, pg.Heading, pg.Crumbs = page.Narrow, title, p.crumbs(c, title)
	return pg
}

// publisher is who answers for the pages: the territory, or whoever runs the instance.
type publisher struct {
	Name, Of, Address, Phone, Email string
	Legal                           territory.Legal
	Audit                           territory.Accessibility
	Site                            *page.Site
}

func (p *Portal) publisher(c *web.Context) publisher {
	t := territory.Of(c)
	if t == nil {
		return publisher{Name: or(p.Name, "Parvis"), Phone: p.Phone, Email: p.Mail}
	}
	out := publisher{Name: t.Official.Title(), Of: t.Official.Of(), Phone: c.Site.Phone, Email: t.Settings.Email, Legal: t.Settings.Legal,
		Audit: t.Settings.Accessibility, Site: c.Site}
	for i, l := range c.Site.Address {
		if i > 0 {
			out.Address += ", "
		}
		out.Address += l
	}
	return out
}

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func (p *Portal) accessibility(c *web.Context) error {
	return c.Render(accessibilityPage(p.frame(c, "portal.accessibility.title"), p.publisher(c)))
}

func (p *Portal) legal(c *web.Context) error {
	return c.Render(legalPage(p.frame(c, "portal.legal.title"), p.publisher(c)))
}

// keeping is one line of the privacy notice, from a service's declaration.
type keeping struct{ Service, Purpose, Basis, Keep, Then string }

func (p *Portal) privacy(c *web.Context) error {
	var lines []keeping
	list := p.services
	if t := territory.Of(c); t != nil {
		list = p.open(t)
	}
	for _, s := range list {
		for _, r := range s.Retention {
			if r.Purpose == "" {
				continue
			}
			lines = append(lines, keeping{Service: c.T(s.Label), Purpose: c.T(r.Purpose), Basis: c.T(r.Basis), Keep: span(c, r), Then: c.T(r.Then)})
		}
	}
	return c.Render(privacyPage(p.frame(c, "portal.privacy.title"), p.publisher(c), lines))
}

// span says a length of time kept in words: "1 an", "6 mois", "1 jour".
func span(c *web.Context, r service.Retention) string {
	days := int(r.Keep.Hours() / 24)
	switch {
	case r.Keep == 0:
		return c.T("portal.keep.with")
	case days >= 365 && days%365 < 5:
		return i18n.N(c.Ctx(), "portal.keep.years", days/365)
	case days >= 30:
		return i18n.N(c.Ctx(), "portal.keep.months", days/30)
	case days >= 1:
		return i18n.N(c.Ctx(), "portal.keep.days", days)
	}
	return i18n.Duration(c.Ctx(), r.Keep)
}

func (p *Portal) sitemap(c *web.Context) error {
	var links []page.Link
	if t := territory.Of(c); t != nil {
		links = append(links, p.menu(c, t)...)
		entries, err := p.entries(c, t)
		if err != nil {
			return err
		}
		for _, e := range entries {
			links = append(links, page.Link{Label: e.Label, Href: c.Href(e.Path)})
		}
		links = append(links, page.Link{Label: c.T("portal.help.tracking"), Href: c.Href("/suivi")})
	} else {
		links = append(links, page.Link{Label: c.T("portal.menu.home"), Href: "/"}, page.Link{Label: c.T("portal.find.title"), Href: "/recherche"},
			page.Link{Label: c.T("portal.menu.staff"), Href: "/agents"}, page.Link{Label: c.T("portal.footer.api"), Href: "/api/docs"})
	}
	for _, x := range []struct{ key, path string }{{"portal.accessibility.title", "/accessibilite"}, {"portal.legal.title", "/mentions-legales"}, {"portal.privacy.title", "/donnees-personnelles"}} {
		links = append(links, page.Link{Label: c.T(x.key), Href: c.Href(x.path)})
	}
	for i := range links {
		links[i].Current = false
	}
	return c.Render(sitemapPage(p.frame(c, "portal.sitemap.title"), links))
}
