package api

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime/debug"
	"strings"

	"parvis/platform/fault"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/web"
)

type callKey struct{}

// call is one request on its way to its operation.
type call struct {
	op      *operation
	request *Request
	body    []byte
	path    string
}

func remoteHost(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// serve finds the operation, lets the request in or refuses it, and runs it.
func (a *API) serve(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), timeout)
	defer cancel()
	speaker := a.cfg.Catalog.Localizer(r.Header.Get("Accept-Language"))
	r = r.WithContext(i18n.With(ctx, speaker))
	h := w.Header()
	h.Set("Content-Language", speaker.Lang())
	h.Add("Vary", "Accept-Language")
	h.Set("Cache-Control", "no-store")
	c := &call{path: r.URL.Path}
	defer func() {
		if p := recover(); p != nil {
			a.cfg.Logger.ErrorContext(ctx, "api panic", "route", c.route(), "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			a.fail(w, r, c, fault.New(fault.Internal, ""))
		}
	}()
	if a.preflight(w, r) {
		return
	}
	r, err := a.open(w, r, c)
	if err != nil {
		a.fail(w, r, c, err)
		return
	}
	if key := r.Header.Get(keyHeader); key != "" && c.op.keyed() {
		a.serveOnce(w, r, c, key)
		return
	}
	a.mux.ServeHTTP(w, r)
}

// cleanQuery takes out of the query what no database keeps, see [web.Clean].
func cleanQuery(r *http.Request) {
	q := r.URL.Query()
	dirty := false
	for _, values := range q {
		for i, v := range values {
			if c := web.Clean(v); c != v {
				values[i], dirty = c, true
			}
		}
	}
	if dirty {
		r.URL.RawQuery = q.Encode()
	}
}

func (c *call) route() string {
	if c.op == nil {
		return "none"
	}
	return c.op.pattern
}

// open finds what the request is about: operation, territory, who acts; and
// reads the body within its limit.
func (a *API) open(w http.ResponseWriter, r *http.Request, c *call) (*http.Request, error) {
	if a.cfg.Limits && !a.limits.allow(a.cfg.ClientIP(r), web.Normal) {
		return r, fault.New(fault.TooMany, "")
	}
	if err := a.match(w, r, c); err != nil {
		return r, err
	}
	cleanQuery(r)
	a.openToAll(w, c.op)
	found, err := a.cfg.Find(r.Context(), r.PathValue("territory"))
	if errors.Is(err, store.ErrNotFound) {
		return r, fault.New(fault.NotFound, "api.error.territory")
	}
	if err != nil {
		return r, fmt.Errorf("finding the territory: %w", err)
	}
	if a.cfg.Open != nil && !a.cfg.Open(found, c.op.service) {
		return r, fault.New(fault.NotFound, "api.error.closed")
	}
	ctx := r.Context()
	if found.Location != nil {
		ctx = i18n.WithLocation(ctx, found.Location)
	}
	c.request = &Request{Store: a.cfg.DB.In(found.Territory), Territory: found.Territory, Now: a.cfg.Clock.Now(),
		Location: i18n.Location(ctx), Found: found, base: a.cfg.BaseURL}
	if c.request.Actor, err = a.admitActor(r, c); err != nil {
		return r, err
	}
	if c.body, err = readBody(w, r, c.op.maxBody); err != nil {
		return r, err
	}
	r = r.WithContext(context.WithValue(ctx, callKey{}, c))
	r.Body = io.NopCloser(bytes.NewReader(c.body))
	c.request.http = r
	return r, nil
}

// match asks the mux which operation this is and fills the path's values.
func (a *API) match(w http.ResponseWriter, r *http.Request, c *call) error {
	if _, pattern := a.mux.Handler(r); pattern != "" {
		c.op = a.operations[pattern]
	}
	rest, _ := strings.CutPrefix(r.URL.Path, "/api/v1/")
	segment, _, _ := strings.Cut(rest, "/")
	r.SetPathValue("territory", segment)
	if c.op != nil {
		return nil
	}
	if allowed := a.allowed(r); len(allowed) > 0 {
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		return &refusal{status: http.StatusMethodNotAllowed, name: "method"}
	}
	return fault.New(fault.NotFound, "api.error.path")
}

// allowed lists the methods that the path knows.
func (a *API) allowed(r *http.Request) []string {
	var list []string
	for _, m := range methods {
		other := &http.Request{Method: m, URL: r.URL, Host: r.Host}
		if _, pattern := a.mux.Handler(other); a.operations[pattern] != nil && a.operations[pattern].Method == m {
			list = append(list, m)
		}
	}
	return list
}

// admitActor checks the bearer token (RFC 6750) and the permission. A token
// that is wrong is refused even where none is needed; each costs the address
// one of its careful tries.
func (a *API) admitActor(r *http.Request, c *call) (web.Actor, error) {
	var actor web.Actor
	if a.cfg.Limits && c.op.Rate != web.Normal && !a.limits.allow(a.cfg.ClientIP(r), c.op.Rate) {
		return actor, fault.New(fault.TooMany, "")
	}
	if header := r.Header.Get("Authorization"); header != "" {
		scheme, token, _ := strings.Cut(header, " ")
		if token = strings.TrimSpace(token); !strings.EqualFold(scheme, "Bearer") || token == "" {
			return actor, fault.New(fault.SignIn, "api.error.scheme")
		}
		var err error
		actor, err = a.cfg.Authenticate(r.Context(), c.request.Territory, token)
		if errors.Is(err, store.ErrNotFound) {
			if a.cfg.Limits && !a.limits.allow(a.cfg.ClientIP(r), web.Careful) {
				return actor, fault.New(fault.TooMany, "")
			}
			return actor, fault.New(fault.SignIn, "api.error.token")
		}
		if err != nil {
			return actor, fmt.Errorf("checking the key: %w", err)
		}
	}
	switch {
	case actor.Can(c.op.Permission):
		return actor, nil
	case !actor.Staff():
		return actor, fault.New(fault.SignIn, "")
	}
	return actor, fault.New(fault.Forbidden, "api.error.permission", "Permission", a.label(r.Context(), string(c.op.Permission)))
}

// label is a service's or a permission's name for people.
func (a *API) label(ctx context.Context, name string) string {
	if key := a.cfg.Labels[name]; key != "" {
		return i18n.T(ctx, key)
	}
	return name
}

func readBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return nil, nil
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, &refusal{status: http.StatusRequestEntityTooLarge, name: "large", args: []any{"Limit", fmt.Sprint(limit / 1024)}}
	case err != nil:
		return nil, &refusal{status: http.StatusBadRequest, name: "cut", cause: err}
	}
	return body, nil
}
