package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"parvis/platform/fault"
	"parvis/platform/i18n"
)

const problemType = "application/problem+json"

// Problem is an error as RFC 9457 writes it, in the language of the request.
type Problem struct {
	Type     string    `json:"type" format:"uri-reference" doc:"api.schema.problem.type"`
	Title    string    `json:"title" doc:"api.schema.problem.title"`
	Status   int       `json:"status" doc:"api.schema.problem.status"`
	Detail   string    `json:"detail" doc:"api.schema.problem.detail"`
	Instance string    `json:"instance,omitempty" doc:"api.schema.problem.instance"`
	Errors   []Mistake `json:"errors,omitempty" nullable:"false" doc:"api.schema.problem.errors"`

	retry int // seconds, for Retry-After
}

// Mistake is one thing to put right.
type Mistake struct {
	Location string `json:"location,omitempty" enum:"body,query,path,header" doc:"api.schema.mistake.location"`
	Field    string `json:"field,omitempty" doc:"api.schema.mistake.field"`
	Message  string `json:"message" doc:"api.schema.mistake.message"`
}

// Error is for logs.
func (p *Problem) Error() string { return fmt.Sprintf("%d %s", p.Status, p.Detail) }

// GetStatus satisfies huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType satisfies huma.ContentTypeFilter.
func (p *Problem) ContentType(string) string { return problemType }

// GetHeaders satisfies huma.HeadersError.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="Parvis"`)
	}
	if p.retry > 0 {
		h.Set("Retry-After", strconv.Itoa(p.retry))
	}
	return h
}

// refusal is a problem of the protocol, which platform/fault has no kind for.
// Its texts are api.problem.NAME.title and .detail.
type refusal struct {
	status int
	name   string
	args   []any
	retry  int
	cause  error
}

// Error is for logs.
func (r *refusal) Error() string { return "api refusal: " + r.name }

// Unwrap gives the cause.
func (r *refusal) Unwrap() error { return r.cause }

// kindName is the name of a kind of fault in message keys and in type
// addresses.
func kindName(k fault.Kind) string {
	switch k {
	case fault.NotFound:
		return "notfound"
	case fault.Invalid:
		return "invalid"
	case fault.Forbidden:
		return "forbidden"
	case fault.SignIn:
		return "key"
	case fault.Conflict:
		return "conflict"
	case fault.Gone:
		return "gone"
	case fault.TooMany:
		return "toomany"
	case fault.Unavailable:
		return "unavailable"
	}
	return "internal"
}

// problemNames lists every type of problem, for the documentation.
func problemNames() []string {
	return []string{"invalid", "malformed", "key", "forbidden", "notfound", "gone", "conflict", "badkey", "reused", "running", "unknown",
		"method", "media", "large", "cut", "toomany", "unavailable", "internal"}
}

// problem turns an error into what the caller reads. What is internal is
// logged and never shown.
func (a *API) problem(ctx context.Context, c *call, err error) *Problem {
	var ready *Problem
	if errors.As(err, &ready) {
		return ready
	}
	var r *refusal
	if errors.As(err, &r) {
		p := a.newProblem(ctx, c.path, r.status, r.name, r.args...)
		p.retry = r.retry
		return p
	}
	f := fault.Of(err)
	p := a.newProblem(ctx, c.path, f.Kind.Status(), kindName(f.Kind))
	if f.Key != "" {
		p.Detail = i18n.T(ctx, f.Key, f.Args...)
	}
	for _, x := range f.Fields {
		p.Errors = append(p.Errors, Mistake{Field: x.Name, Message: i18n.T(ctx, x.Key, x.Args...)})
	}
	switch f.Kind {
	case fault.TooMany:
		p.retry = 30
	case fault.Unavailable:
		p.retry = 60
	}
	if p.Status >= 500 {
		a.cfg.Logger.ErrorContext(ctx, "api", "route", c.route(), "status", p.Status, "cause", err.Error())
	}
	return p
}

func (a *API) newProblem(ctx context.Context, path string, status int, name string, args ...any) *Problem {
	return &Problem{
		Type: a.cfg.BaseURL + "/api/docs#probleme-" + name, Status: status, Instance: path,
		Title: i18n.T(ctx, "api.problem."+name+".title"), Detail: i18n.T(ctx, "api.problem."+name+".detail", args...),
	}
}

// fail answers with a problem before or around the operation.
func (a *API) fail(w http.ResponseWriter, r *http.Request, c *call, err error) {
	p := a.problem(r.Context(), c, err)
	body, err := json.Marshal(p)
	if err != nil {
		panic(err) // strings and integers
	}
	for name, values := range p.GetHeaders() {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", problemType)
	w.WriteHeader(p.Status)
	_, _ = w.Write(append(body, '\n'))
}

// translate replaces the library's English error by a problem.
func (a *API) translate(ctx huma.Context, _ string, v any) (any, error) {
	m, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	url := ctx.URL()
	return a.complaint(ctx.Context(), url.Path, m), nil
}
