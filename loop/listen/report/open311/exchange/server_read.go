package exchange

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"parvis/loop/listen/report/open311"
	"parvis/platform/store"
)

func (x *exchange) discovery() (open311.Answer, int, error) {
	catalogue, err := x.Book.Catalogue(x.c.Ctx(), x.store)
	if err != nil {
		return open311.Answer{}, 0, err
	}
	kind := "production"
	if x.place.Test {
		kind = "test"
	}
	d := open311.Discovery{Changeset: catalogue.Changed, Contact: x.place.Contact, KeyService: x.c.T("open311.keys", "Address", x.place.URL+"/bureau/cles-api"),
		Endpoints: []open311.Endpoint{{Specification: open311.Specification, URL: x.place.URL + Path, Type: kind, Changeset: catalogue.Changed,
			Formats: []string{"text/xml", "application/json"}}}}
	return d.Answer(), http.StatusOK, nil
}

// services lists what may be reported. With lat and long outside the territory it
// is nothing: that is for somebody else.
func (x *exchange) services() (open311.Answer, int, error) {
	point, given := x.point()
	if len(x.faults) > 0 {
		return open311.Answer{}, 0, nil
	}
	catalogue, err := x.Book.Catalogue(x.c.Ctx(), x.store)
	if err != nil {
		return open311.Answer{}, 0, err
	}
	inside := true
	if given && x.Within != nil {
		if inside, err = x.Within(x.c.Ctx(), x.place.Territory, point); err != nil {
			return open311.Answer{}, 0, err
		}
	}
	var out []open311.Service
	for _, s := range catalogue.Services {
		if inside {
			out = append(out, s.Service)
		}
	}
	return open311.Services(out), http.StatusOK, nil
}

func (x *exchange) definition() (open311.Answer, int, error) {
	catalogue, err := x.Book.Catalogue(x.c.Ctx(), x.store)
	if err != nil {
		return open311.Answer{}, 0, err
	}
	s := catalogue.find(x.id)
	if s == nil {
		x.wrong(http.StatusNotFound, "open311.error.service", "Name", "service_code", "Value", short(x.id))
		return open311.Answer{}, 0, nil
	}
	return open311.ServiceDefinition(open311.Definition{ServiceCode: s.Code, Attributes: s.Attributes}), http.StatusOK, nil
}

// query is what the arguments ask for; from and to are both included.
func (x *exchange) query() Query {
	q := Query{Page: 1, Size: maxRows, Extended: x.form.one("extensions") == "true", Base: x.place.URL, Agency: x.place.Name, Lang: x.c.T}
	if ids := x.list("service_request_id"); ids != nil {
		q.IDs = ids[:min(len(ids), maxRows)]
		return q // they win over everything else, wrong or not
	}
	q.Codes = x.list("service_code")
	for _, s := range x.list("status") {
		switch strings.ToLower(s) {
		case open311.Open:
			q.Open = true
		case open311.Closed:
			q.Closed = true
		default:
			x.wrong(http.StatusBadRequest, "open311.error.status", "Name", "status", "Value", short(s))
		}
	}
	q.Page, q.Size = x.count("page", 1, 1000), x.count("page_size", maxRows, maxRows)
	x.window(&q)
	return q
}

// window is the range of dates: 90 days at most, the latest when nothing is said.
func (x *exchange) window(q *Query) {
	q.From, q.To = x.moment("start_date"), x.moment("end_date")
	if len(x.faults) > 0 {
		return
	}
	now := x.c.Now()
	switch {
	case q.From.IsZero() && q.To.IsZero():
		q.From, q.To = now.Add(-open311.Span), now
	case q.To.IsZero():
		q.To = q.From.Add(open311.Span)
	case q.From.IsZero():
		q.From = q.To.Add(-open311.Span)
	case q.To.Before(q.From):
		x.wrong(http.StatusBadRequest, "open311.error.order")
	case q.To.Sub(q.From) > open311.Span:
		x.wrong(http.StatusBadRequest, "open311.error.span")
	}
}

func (x *exchange) requests() (open311.Answer, int, error) {
	q := x.query()
	if len(x.faults) > 0 {
		return open311.Answer{}, 0, nil
	}
	found, more, err := x.Book.Find(x.c.Ctx(), x.store, q)
	if err != nil {
		return open311.Answer{}, 0, err
	}
	if more {
		next := x.c.Request.URL.Query()
		next.Del("api_key")
		next.Set("page", strconv.Itoa(q.Page+1))
		next.Set("page_size", strconv.Itoa(q.Size))
		x.c.Writer.Header().Set("Link", fmt.Sprintf(`<%s%s/requests.%s?%s>; rel="next"`, x.place.URL, Path, x.format, next.Encode()))
	}
	return open311.Requests(found), http.StatusOK, nil
}

func (x *exchange) request() (open311.Answer, int, error) {
	q := Query{IDs: []string{x.id}, Extended: x.form.one("extensions") == "true", Base: x.place.URL, Agency: x.place.Name, Lang: x.c.T}
	found, _, err := x.Book.Find(x.c.Ctx(), x.store, q)
	if err != nil {
		return open311.Answer{}, 0, err
	}
	if len(found) == 0 {
		return open311.Answer{}, 0, store.ErrNotFound
	}
	return open311.Requests(found), http.StatusOK, nil
}

func (x *exchange) token() (open311.Answer, int, error) {
	id, err := x.Book.Token(x.c.Ctx(), x.store, x.id)
	return open311.Token(x.id, id), http.StatusOK, err
}

func (x *exchange) updates() (open311.Answer, int, error) {
	q := Query{Base: x.place.URL, Agency: x.place.Name, Lang: x.c.T}
	x.window(&q)
	if len(x.faults) > 0 {
		return open311.Answer{}, 0, nil
	}
	found, err := x.Book.Updates(x.c.Ctx(), x.store, q)
	if ids := x.list("service_request_id"); ids != nil {
		found = slices.DeleteFunc(found, func(u open311.Update) bool { return !slices.Contains(ids, u.RequestID) })
	}
	return open311.Updates(found), http.StatusOK, err
}
