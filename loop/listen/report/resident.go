package report

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"parvis/platform/fault"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// Addresses.
const (
	askPath  = "/signaler"
	listPath = "/signalements"
	deskPath = "/bureau/signalements"
)

func (s *Reports) residentRoutes() []web.Route {
	get := func(path string, h web.Handler, sample string) web.Route {
		return web.Route{Method: http.MethodGet, Path: path, Permission: web.Public, Handle: h, Sample: sample}
	}
	post := func(path string, h web.Handler) web.Route {
		return web.Route{Method: http.MethodPost, Path: path, Permission: web.Public, Rate: web.Careful, Handle: h}
	}
	list := get(listPath, s.showList, "")
	list.Keep = 5 * time.Second
	return []web.Route{
		get(askPath, s.askWhat, ""),
		post(askPath, s.chooseWhat),
		get(askPath+"/{token}/lieu", s.askWhere, "-"),
		post(askPath+"/{token}/lieu", s.chooseWhere),
		get(askPath+"/{token}/proches", s.askSame, "-"),
		post(askPath+"/{token}/proches", s.chooseSame),
		get(askPath+"/{token}/details", s.askDetails, "-"),
		post(askPath+"/{token}/details", s.giveDetails),
		get(askPath+"/{token}/photo/{id}", s.draftPhoto, "-"),
		get(askPath+"/{token}/contact", s.askWho, "-"),
		post(askPath+"/{token}/contact", s.send),
		get(askPath+"/{token}/recu", s.showReceipt, "-"),
		list,
		get(listPath+"/flux.rss", s.feed, "-"),
		get(listPath+"/donnees.geojson", s.geoJSON, "-"),
		get(listPath+"/suivre", s.askCode, ""),
		post(listPath+"/suivre", s.useCode),
		get(listPath+"/{number}", s.showOne, "-"),
		get(listPath+"/{number}/moi-aussi", s.askFollow, "-"),
		post(listPath+"/{number}/moi-aussi", s.follow),
		get(listPath+"/{number}/rouvrir", s.askReopen, "-"),
		post(listPath+"/{number}/rouvrir", s.reopen),
		get(listPath+"/{number}/photo/{id}", s.publicPhoto, "-"),
		get("/signalements-arret/{token}", s.askStop, "-"),
		post("/signalements-arret/{token}", s.stop),
	}
}

// begin starts a page of the service.
func (s *Reports) begin(c *web.Context, title, note string, crumbs ...page.Link) page.Page {
	p := c.Page(title)
	p.Verb, p.VerbNote = page.Listen, note
	p.Crumbs = append([]page.Link{{Label: c.T("report.home"), Href: c.Href("/")}}, crumbs...)
	p.Head = assets()
	return p
}

func crumbAsk(c *web.Context) page.Link {
	return page.Link{Label: c.T("report.ask.title"), Href: c.Href(askPath)}
}

// ways are the other ways to tell.
func ways(c *web.Context) []page.Way {
	var out []page.Way
	if c.Site.Phone != "" {
		out = append(out, page.PhoneWay(c.T("report.way.phone"), c.Site.Phone, c.T("report.way.phone.text")))
	}
	return append(out, page.CounterWay(c.T("report.way.counter"), c.T("report.way.counter.text")))
}

// current is the draft of the address with its category. A draft that was sent
// leads to its receipt, one that is gone back to the beginning.
func (s *Reports) current(c *web.Context) (d unsent, cat Category, done bool, err error) {
	if _, err = s.list(c.Ctx(), c.Store); err != nil {
		return d, cat, false, err
	}
	err = c.Store.View(c.Ctx(), func(tx *store.Tx) (err error) {
		if d, err = s.draft(c.Ctx(), tx, c.Param("token")); err != nil || d.ReportID != 0 {
			return err
		}
		cat, err = s.Category(c.Ctx(), tx, d.Category)
		return err
	})
	switch {
	case errors.Is(err, store.ErrNotFound):
		return d, cat, false, fault.New(fault.Gone, "report.ask.gone").Because(err)
	case err != nil:
		return d, cat, false, err
	case d.ReportID != 0:
		return d, cat, true, c.Redirect(s.step(d, "recu"))
	}
	return d, cat, false, nil
}

// step is the path of a page of a draft.
func (s *Reports) step(d unsent, name string) string {
	return askPath + "/" + url.PathEscape(d.Token) + "/" + name
}

// answered are the answers so far, each with the way to change it.
func (s *Reports) answered(c *web.Context, d unsent, cat Category, upTo string) []page.Answer {
	out := []page.Answer{{Label: c.T("report.ask.what"), Value: cat.Label, Href: c.Href(askPath), Hidden: c.T("report.ask.what.hidden")}}
	if upTo == "lieu" || cat.Complaint() {
		return out
	}
	where := d.Address
	if where == "" && d.Located {
		where = c.T("report.ask.where.pointed")
	}
	if where == "" {
		where = c.T("report.ask.where.unknown")
	}
	out = append(out, page.Answer{Label: c.T("report.ask.where"), Value: where, Href: c.Href(s.step(d, "lieu")), Hidden: c.T("report.ask.where.hidden")})
	if upTo == "contact" {
		out = append(out, page.Answer{Label: c.T("report.ask.details"), Value: shorten(d.Text, 90), Href: c.Href(s.step(d, "details")), Hidden: c.T("report.ask.details.hidden")})
	}
	return out
}

func shorten(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n-1]) + "…"
}
