package web

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"parvis/platform/fault"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/web/page"
)

// fail is the one place that turns an error into a page.
func (s *Server) fail(c *Context, err error) {
	f := fault.Of(err)
	if info, ok := c.Request.Context().Value(requestKey{}).(*request); ok {
		info.cause = err
	}
	if rec, ok := c.Writer.(*recorder); ok && rec.status != 0 {
		return // the answer has begun: nothing sane can follow
	}
	if f.Kind == fault.SignIn && c.Request.Method == http.MethodGet && s.cfg.SignIn != "" {
		c.Site = nil
		c.redirectToSignIn(s.cfg.SignIn)
		return
	}
	status := f.Kind.Status()
	key := strconv.Itoa(status)
	v := failure{Status: status, ProblemData: page.ProblemData{Drawing: drawing(status), Title: c.T("web.failure." + key + ".title"), Lead: c.T("web.failure." + key + ".text")}}
	if f.Key != "" {
		v.Lead = c.T(f.Key, f.Args...)
	} else if len(f.Fields) > 0 {
		v.Lead = c.T(f.Fields[0].Key, f.Fields[0].Args...)
	}
	switch f.Kind {
	case fault.Unavailable:
		c.Writer.Header().Set("Retry-After", "60")
		s.closed(c, &v)
	case fault.TooMany:
		c.Writer.Header().Set("Retry-After", "30")
	case fault.NotFound, fault.Gone:
		_, _, _, sitemap := page.LegalPaths()
		v.Actions = []page.ButtonData{{Label: c.T("web.failure.home"), Href: c.Href("/")}, {Label: c.T("web.failure.map"), Href: c.Href(sitemap)}}
	}
	if len(v.Actions) == 0 {
		v.Actions = []page.ButtonData{{Label: c.T("web.failure.home"), Href: c.Href("/")}}
	}
	p := c.Page(v.Title)
	p.NoIndex, p.Width, p.FootNote = true, page.Narrow, c.T("web.failure.code", "Status", key)
	if err := c.RenderStatus(status, failurePage(p, v)); err != nil {
		http.Error(c.Writer, v.Title, status)
	}
}

// Gone tells whether err means that a thing is not there (any more).
func Gone(err error) bool {
	return errors.Is(err, store.ErrNotFound) || fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone)
}

// redirectToSignIn remembers where the visitor wanted to go.
func (c *Context) redirectToSignIn(path string) {
	q := url.Values{"vers": {c.Request.URL.RequestURI()}}
	if info, ok := c.Request.Context().Value(requestKey{}).(*request); ok && info.prefix != "" {
		q.Set("vers", info.prefix+c.Request.URL.RequestURI())
	}
	c.status = http.StatusSeeOther
	http.Redirect(c.Writer, c.Request, path+"?"+q.Encode(), http.StatusSeeOther)
}

type failure struct {
	Status int
	page.ProblemData
}

// drawing is what a failure shows before it is read.
func drawing(status int) string {
	switch status {
	case http.StatusNotFound:
		return "path"
	case http.StatusUnauthorized, http.StatusForbidden:
		return "hall"
	case http.StatusGone:
		return "calendar"
	case http.StatusTooManyRequests, http.StatusConflict, http.StatusUnprocessableEntity:
		return "bench"
	}
	return "works"
}

// closed completes the page of a service that cannot answer: since when, what is
// safe, whom to call. It asks the database nothing: the territory is what the
// request had already found, or nothing.
func (s *Server) closed(c *Context, v *failure) {
	if info, ok := c.Request.Context().Value(requestKey{}).(*request); ok && c.Site == nil && info.found != nil {
		site := info.found.Site
		site.Path = info.prefix
		c.Site, c.Found = &site, *info.found
		if s.cfg.Prepare != nil {
			s.cfg.Prepare(c)
		}
	}
	zone := c.Found.Location
	if zone == nil {
		zone = i18n.Location(c.Ctx())
	}
	ctx := i18n.WithLocation(c.Ctx(), zone)
	v.Lead = c.T("web.failure.503.since", "Hour", i18n.Clock(ctx, s.outage.since(c.Now())))
	v.Safe, v.More = c.T("web.failure.503.safe"), c.T("web.failure.503.text")
	if c.Site != nil {
		if c.Site.Phone != "" {
			v.Facts = append(v.Facts, page.Fact{Label: c.T("web.failure.phone"), Value: c.Site.Phone, Note: c.Site.PhoneHours, Num: true})
		}
		if len(c.Site.Address) > 0 {
			v.Facts = append(v.Facts, page.Fact{Label: c.T("web.failure.counter"), Value: strings.Join(c.Site.Address, ", "), Note: c.Site.OpenNow})
		}
	}
	again := page.ButtonData{Label: c.T("web.failure.home"), Href: c.Href("/")}
	if c.Request.Method == http.MethodGet {
		again = page.ButtonData{Label: c.T("web.failure.again"), Href: c.Href(c.Request.URL.RequestURI())}
		if c.Site == nil { // the site's address was not taken off
			again.Href = c.Request.URL.RequestURI()
		}
	}
	v.Actions = []page.ButtonData{again}
}

// outage remembers since when answers are refused.
type outage struct {
	mu          sync.Mutex
	first, last time.Time
}

// pause is how long without a refusal ends an outage.
const pause = 5 * time.Minute

// since notes a refusal and returns the first one of those that follow each
// other.
func (o *outage) since(now time.Time) time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.first.IsZero() || now.Sub(o.last) > pause {
		o.first = now
	}
	o.last = now
	return o.first
}
