package web

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"parvis/platform/fault"
	"parvis/platform/store"
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
	switch f.Kind {
	case fault.Unavailable:
		c.Writer.Header().Set("Retry-After", "60")
		c.Site = nil // its data may be what is missing
	case fault.TooMany:
		c.Writer.Header().Set("Retry-After", "30")
	}
	key := strconv.Itoa(status)
	v := failure{Status: status, Title: c.T("web.failure." + key + ".title"), Text: c.T("web.failure." + key + ".text")}
	if f.Key != "" {
		v.Text = c.T(f.Key, f.Args...)
	} else if len(f.Fields) > 0 {
		v.Text = c.T(f.Fields[0].Key, f.Fields[0].Args...)
	}
	p := c.Page(v.Title)
	p.NoIndex = true
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
	Status      int
	Title, Text string
}
