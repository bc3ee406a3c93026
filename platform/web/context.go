package web

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"

	"parvis/platform/fault"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/web/page"
)

// Actor is who makes the request. The zero Actor is a resident without account.
type Actor struct {
	ID   store.ID
	Name string
	May  func(Permission) bool // nil: nothing but Public
}

// Staff tells whether somebody is signed in.
func (a Actor) Staff() bool { return a.ID != 0 }

// Can tells whether the actor holds the permission on the site of the request.
func (a Actor) Can(p Permission) bool {
	switch {
	case p == Public:
		return true
	case p == SignedIn:
		return a.Staff()
	}
	return a.Staff() && a.May != nil && a.May(p)
}

// Found is a site found by its address.
type Found struct {
	Territory string
	Site      page.Site // Path is filled by the server
	Location  *time.Location
	Value     any // what the finder wants to give its own handlers
}

// Context is one request being answered.
type Context struct {
	Writer  http.ResponseWriter
	Request *http.Request
	Site    *page.Site   // nil on the instance's own pages
	Store   store.Handle // bound to the territory; unusable on the instance
	DB      *store.DB
	Actor   Actor
	Found   Found

	server *Server
	route  Route
	base   string
	status int
	langs  []page.Link
}

// Ctx carries the language, the zone and the deadline of the request.
func (c *Context) Ctx() context.Context { return c.Request.Context() }

// Now is the server's time.
func (c *Context) Now() time.Time { return c.server.cfg.Clock.Now() }

// Param is a value of the route's path.
func (c *Context) Param(name string) string { return c.Request.PathValue(name) }

// ID reads a path value as an identifier; anything else is NotFound.
func (c *Context) ID(name string) (store.ID, error) {
	id, err := store.ParseID(c.Param(name))
	if err != nil {
		return 0, fault.New(fault.NotFound, "").Because(err)
	}
	return id, nil
}

// Query is a value of the address's query, trimmed.
func (c *Context) Query(name string) string {
	return strings.TrimSpace(Clean(c.Request.URL.Query().Get(name)))
}

// maxForm bounds the body of a form without files.
const maxForm = 1 << 20

// Form reads the posted form.
func (c *Context) Form() (url.Values, error) {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxForm)
	if err := c.Request.ParseForm(); err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return nil, fault.New(fault.Invalid, "web.error.large").Because(err)
		}
		return nil, fault.New(fault.Invalid, "web.error.form").Because(err)
	}
	for _, values := range c.Request.PostForm {
		for i, v := range values {
			values[i] = Clean(v)
		}
	}
	return c.Request.PostForm, nil
}

// Clean takes out of a text what no keyboard writes and no database keeps: bytes
// that are not UTF-8 and NUL.
func Clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\x00", "")
}

// T is the message of key in the language of the request.
func (c *Context) T(key string, args ...any) string { return i18n.T(c.Ctx(), key, args...) }

// Href is the address of a path of the site, or of the instance.
func (c *Context) Href(path string) string { return c.Site.Href(path) }

// URL is the complete address of a path, for messages and calendar files. Under
// the site's own host name it stays there.
func (c *Context) URL(path string) string {
	if c.Site != nil && c.Site.Path == "" {
		scheme, _, _ := strings.Cut(c.base, "://")
		return scheme + "://" + c.Request.Host + c.Href(path)
	}
	return c.base + c.Href(path)
}

// Nonce allows one inline style element in this answer; the page cannot be
// cached by anybody then.
func (c *Context) Nonce() string {
	if n := page.Nonce(c.Ctx()); n != "" {
		return n
	}
	var b [18]byte
	_, _ = rand.Read(b[:])
	n := base64.StdEncoding.EncodeToString(b[:])
	c.Request = c.Request.WithContext(page.WithNonce(c.Ctx(), n))
	return n
}

// Page starts a page of the site with what every page has.
func (c *Context) Page(title string) page.Page {
	p := page.Page{Site: c.Site, Title: title, Languages: c.langs}
	if c.server.cfg.Operator != nil {
		p.Operator = c.server.cfg.Operator(c)
	}
	if c.server.cfg.Banner != nil {
		p.Banner = c.server.cfg.Banner(c)
	}
	return p
}

// StaffPage starts a page of the staff desk, with the rail.
func (c *Context) StaffPage(title string) (page.Page, error) {
	p := c.Page(title)
	if c.server.cfg.Rail == nil {
		return p, nil
	}
	rail, err := c.server.cfg.Rail(c)
	p.Staff = &rail
	return p, err
}

// Render writes the component as the page, with status 200.
func (c *Context) Render(v templ.Component) error { return c.RenderStatus(http.StatusOK, v) }

// RenderStatus writes the component with another status: 422 for a form that
// comes back with its mistakes.
func (c *Context) RenderStatus(status int, v templ.Component) error {
	var b strings.Builder
	if err := v.Render(c.Ctx(), &b); err != nil {
		return err
	}
	h := c.Writer.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	c.setPolicy()
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-store")
	}
	c.status = status
	c.Writer.WriteHeader(status)
	_, _ = c.Writer.Write([]byte(b.String()))
	return nil
}

// File writes bytes with their type; name offers them as a download, "" shows them.
func (c *Context) File(contentType, name string, body []byte) error {
	h := c.Writer.Header()
	h.Set("Content-Type", contentType)
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-store")
	}
	if name != "" {
		h.Set("Content-Disposition", `attachment; filename="`+strings.Map(safeName, name)+`"`)
	}
	c.setPolicy()
	c.status = http.StatusOK
	_, _ = c.Writer.Write(body)
	return nil
}

// Stream writes a download as it is made, for files larger than memory should
// hold. An error once something has left cuts the connection: a browser says
// then that the file is not whole.
func (c *Context) Stream(contentType, name string, write func(io.Writer) error) error {
	h := c.Writer.Header()
	h.Set("Content-Type", contentType)
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Disposition", `attachment; filename="`+strings.Map(safeName, name)+`"`)
	c.setPolicy()
	out := &sent{w: c.Writer}
	w := bufio.NewWriterSize(out, 1<<16)
	err := write(w)
	if err == nil {
		err = w.Flush()
	}
	if err != nil && !out.begun {
		for _, name := range []string{"Content-Type", "Content-Disposition"} {
			h.Del(name)
		}
		return err // nothing has left yet: a page can say it
	}
	if err != nil {
		if info, ok := c.Request.Context().Value(requestKey{}).(*request); ok {
			info.cause = err
		}
		panic(http.ErrAbortHandler)
	}
	c.status = http.StatusOK
	return nil
}

// sent knows whether anything has left.
type sent struct {
	w     io.Writer
	begun bool
}

func (s *sent) Write(b []byte) (int, error) {
	s.begun = true
	return s.w.Write(b)
}

func safeName(r rune) rune {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '-', r == '_':
		return r
	}
	return '-'
}

// Redirect answers 303 to a path of the site (or of the instance). Complete
// addresses are refused: nothing typed by a visitor may lead elsewhere.
func (c *Context) Redirect(path string) error {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n") {
		path = "/"
	}
	c.status = http.StatusSeeOther
	http.Redirect(c.Writer, c.Request, c.Href(path), http.StatusSeeOther)
	return nil
}

// RedirectInstance answers 303 to a path outside the site.
func (c *Context) RedirectInstance(path string) error {
	site := c.Site
	c.Site = nil
	defer func() { c.Site = site }()
	return c.Redirect(path)
}

// FieldErrors turns the Invalid fault in err into what forms show; ok is false
// for any other error, which the handler returns.
func (c *Context) FieldErrors(err error) (fields []page.FieldError, ok bool) {
	f := fault.Of(err)
	if f == nil || f.Kind != fault.Invalid {
		return nil, false
	}
	if len(f.Fields) == 0 && f.Key != "" {
		return []page.FieldError{{Message: c.T(f.Key, f.Args...)}}, true
	}
	for _, x := range f.Fields {
		fields = append(fields, page.FieldError{Field: x.Name, Message: c.T(x.Key, x.Args...)})
	}
	return fields, true
}

// ErrorOf is the message of one field among those of FieldErrors.
func ErrorOf(fields []page.FieldError, name string) string {
	for _, f := range fields {
		if f.Field == name {
			return f.Message
		}
	}
	return ""
}
