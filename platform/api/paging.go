package api

import (
	"encoding/base64"
	"encoding/json"
	"net/url"

	"parvis/platform/fault"
)

// Paging is embedded in the input of operations that list. Cursor is the value
// received as "next"; Limit is the number of items, 1 to 100.
type Paging struct {
	Cursor string `query:"cursor" maxLength:"1000" doc:"api.parameter.cursor"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"api.parameter.limit"`
}

// Rows is how many rows to ask the store for: one more than the page, so that
// it is known whether another page follows.
func (p Paging) Rows() int { return p.size() + 1 }

func (p Paging) size() int {
	if p.Limit < 1 || p.Limit > 100 {
		return 20
	}
	return p.Limit
}

// First tells whether this is the first page.
func (p Paging) First() bool { return p.Cursor == "" }

// Key reads the sort key of the last item of the page before into dst,
// pointers in the order that [List] was given; Invalid when the cursor is not
// one of ours. Cursors are opaque, not secret: a keyset narrows a list that
// the caller may read anyway.
func (p Paging) Key(dst ...any) error {
	raw, err := base64.RawURLEncoding.DecodeString(p.Cursor)
	if err != nil {
		return badCursor(err)
	}
	var parts []json.RawMessage
	if err := json.Unmarshal(raw, &parts); err != nil {
		return badCursor(err)
	}
	if len(parts) != len(dst) {
		return badCursor(nil)
	}
	for i := range dst {
		if err := json.Unmarshal(parts[i], dst[i]); err != nil {
			return badCursor(err)
		}
	}
	return nil
}

func badCursor(err error) error {
	return &fault.Fault{Kind: fault.Invalid, Fields: []fault.Field{{Name: "cursor", Key: "api.error.cursor"}}, Cause: err}
}

// Page is the output of an operation that lists.
type Page[T any] struct {
	Link string `header:"Link" doc:"api.schema.page.link"`
	Body struct {
		Items []T    `json:"items" nullable:"false" doc:"api.schema.page.items"`
		Next  string `json:"next,omitempty" doc:"api.schema.page.next"`
	}
}

// List makes the page from at most p.Rows() rows; key gives the sort key of an
// item, the values that [Paging.Key] reads back. The Link header leads to the
// next page (RFC 8288).
func List[T any](r *Request, p Paging, rows []T, key func(T) []any) *Page[T] {
	out := &Page[T]{}
	out.Body.Items = rows
	if out.Body.Items == nil {
		out.Body.Items = []T{}
	}
	if n := p.size(); len(rows) > n {
		out.Body.Items = rows[:n]
		raw, err := json.Marshal(key(rows[n-1]))
		if err != nil {
			panic("api: a sort key that JSON cannot write: " + err.Error())
		}
		out.Body.Next = base64.RawURLEncoding.EncodeToString(raw)
		q := r.http.URL.Query()
		q.Set("cursor", out.Body.Next)
		next := url.URL{Path: r.http.URL.Path, RawQuery: q.Encode()}
		out.Link = "<" + r.base + next.String() + `>; rel="next"`
	}
	return out
}
