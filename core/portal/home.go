package portal

import (
	"net/http"
	"slices"
	"strings"

	"parvis/core/service"
	"parvis/core/territory"
	"parvis/core/territory/official"
	"parvis/core/territory/theme"
	"parvis/platform/fault"
	"parvis/platform/search"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// home is the page of the instance.
func (p *Portal) home(c *web.Context) error {
	near, err := p.showcase(c)
	if err != nil {
		return err
	}
	pg := c.Page(c.T("portal.home.title"))
	pg.Width, pg.Description = page.Full, c.T("portal.home.lead")
	return c.Render(homePage(pg, near))
}

// showcase are a few territories open here.
func (p *Portal) showcase(c *web.Context) ([]page.Link, error) {
	var out []page.Link
	stop := fault.New(fault.Gone, "")
	err := p.Book.All(c.Ctx(), func(t *territory.Territory) error {
		if len(out) == 6 {
			return stop
		}
		out = append(out, page.Link{Label: t.Name, Href: "/" + t.Slug + "/"})
		return nil
	})
	if err == error(stop) {
		err = nil
	}
	return out, err
}

// hit is a line of the search for a territory.
type hit struct {
	official.Match
	Href    string // "" when not open here
	Through []page.Link
}

// find searches the official list.
func (p *Portal) find(c *web.Context) error {
	q := c.Query("q")
	var hits []hit
	if q != "" {
		matches := p.Book.List().Search(cut(q, 100), official.DefaultLimit)
		ids := make([]string, 0, len(matches)*3)
		for _, m := range matches {
			ids = append(ids, m.ID)
			for _, parent := range p.Book.List().Parents(m.ID) {
				ids = append(ids, parent.ID)
			}
		}
		open, err := p.Book.Opened(c.Ctx(), ids)
		if err != nil {
			return err
		}
		for _, m := range matches {
			h := hit{Match: m}
			if t := open[m.ID]; t != nil {
				h.Href = "/" + t.Slug + "/"
			}
			for _, parent := range p.Book.List().Parents(m.ID) {
				if t := open[parent.ID]; t != nil {
					h.Through = append(h.Through, page.Link{Label: parent.Title(), Href: "/" + t.Slug + "/"})
				}
			}
			hits = append(hits, h)
		}
		if len(hits) == 1 && hits[0].Href != "" {
			return c.Redirect(hits[0].Href)
		}
	}
	pg := c.Page(c.T("portal.find.title"))
	pg.Width, pg.Heading, pg.NoIndex = page.Narrow, c.T("portal.find.heading"), true
	return c.Render(findPage(pg, q, hits))
}

func cut(s string, n int) string {
	r := []rune(s)
	if len(r) > n {
		r = r[:n]
	}
	return string(r)
}

// portal is the page of a territory.
func (p *Portal) portal(c *web.Context) error {
	t := territory.Of(c)
	entries, err := p.entries(c, t)
	if err != nil {
		return err
	}
	first := ""
	if p.First != nil {
		if first, err = p.First(c.Ctx(), c); err != nil {
			return err
		}
	}
	pg := c.Page(c.T("portal.portal.title"))
	pg.Width = page.Full
	pg.Description = c.T("portal.portal.description", "Name", t.Official.Title())
	return c.Render(portalPage(pg, t, needs(c, entries), first, c.Site.OpenNow))
}

// search looks among what the territory offers, in the resident's words.
func (p *Portal) search(c *web.Context) error {
	t := territory.Of(c)
	q := cut(c.Query("q"), 100)
	entries, err := p.entries(c, t)
	if err != nil {
		return err
	}
	var found []page.Link
	for _, e := range entries {
		if _, ok := search.Rank(search.Fold(q), search.Fold(e.Label)); ok && q != "" {
			found = append(found, page.Link{Label: e.Label, Href: c.Href(e.Path)})
		}
	}
	pg := c.Page(c.T("portal.search.title"))
	pg.Width, pg.NoIndex, pg.Heading = page.Narrow, true, c.T("portal.search.heading")
	pg.Crumbs = []page.Link{{Label: c.Site.Name, Href: c.Href("/")}, {Label: c.T("portal.search.title")}}
	return c.Render(searchPage(pg, q, found))
}

// theme is the stylesheet of the territory's colour, kept for ever: its name
// changes with the colour.
func (p *Portal) theme(c *web.Context) error {
	t := territory.Of(c)
	colour, ok := strings.CutSuffix(c.Param("file"), ".css")
	if !ok {
		return fault.New(fault.NotFound, "")
	}
	derived, err := theme.Derive("#" + colour)
	if err != nil || colour != t.ThemeHash() {
		return fault.New(fault.NotFound, "")
	}
	c.Writer.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	return c.File("text/css; charset=utf-8", "", []byte(theme.CSS(derived)))
}

func (p *Portal) robots(c *web.Context) error {
	return c.File("text/plain; charset=utf-8", "", []byte("User-agent: *\nDisallow: /connexion\nDisallow: /agents\nDisallow: /api/v1/\nDisallow: /*/bureau\nDisallow: /*/r/\n"))
}

func (p *Portal) favicon(c *web.Context) error {
	c.Writer.Header().Set("Cache-Control", "public, max-age=86400")
	http.Redirect(c.Writer, c.Request, page.AssetPath(c.Ctx(), "favicon.svg"), http.StatusFound)
	return nil
}

// needs groups entries as the portal shows them.
func needs(c *web.Context, entries []service.Entry) []page.Need {
	groups := []struct{ name, icon string }{{"papers", "id"}, {"children", "kid"}, {"home", "house"}, {"association", "group"}, {"street", "road"}, {"help", "hand"}}
	known := map[string]int{}
	out := make([]page.Need, len(groups))
	for i, g := range groups {
		known[g.name] = i
		out[i] = page.Need{Icon: g.icon, Title: c.T("portal.need." + g.name)}
	}
	for _, e := range entries {
		i, ok := known[e.Need]
		if !ok {
			i = len(groups) - 1
		}
		out[i].Links = append(out[i].Links, page.Link{Label: e.Label, Href: c.Href(e.Path)})
	}
	return slices.DeleteFunc(out, func(n page.Need) bool { return len(n.Links) == 0 })
}
