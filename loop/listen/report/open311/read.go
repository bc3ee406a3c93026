package open311

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"parvis/platform/geo"
)

// ReadServices reads a list of services in either format. The error wraps
// ErrNotGeoReport.
func ReadServices(data []byte) ([]Service, error) {
	root, err := parse(data)
	if err != nil {
		return nil, err
	}
	var out []Service
	for _, n := range root.items("service", "service_code") {
		s := Service{Code: n.say("service_code"), Name: n.say("service_name"), Description: n.say("description"), Metadata: n.truth("metadata"),
			Type: strings.ToLower(n.say("type")), Group: n.say("group"), Keywords: keywords(n.say("keywords"))}
		if s.Name == "" {
			s.Name = s.Code
		}
		if s.Type != Batch && s.Type != Blackbox {
			s.Type = Realtime
		}
		if s.Code != "" {
			out = append(out, s)
		}
	}
	return out, nil
}

func keywords(s string) []string {
	var out []string
	for _, k := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ';' }) {
		if k = strings.TrimSpace(k); k != "" {
			out = append(out, k)
		}
	}
	return out
}

// ReadDefinition reads what a service asks, with or without the wrapper around
// its attributes.
func ReadDefinition(data []byte) (Definition, error) {
	root, err := parse(data)
	if err != nil {
		return Definition{}, err
	}
	if found := root.items("service_definition", "service_code"); len(found) == 1 {
		root = found[0]
	}
	d := Definition{ServiceCode: root.say("service_code")}
	for i, n := range root.without("service_code").items("attribute", "code") {
		a := Attribute{Variable: n.say("variable") == "" || n.truth("variable"), Code: n.say("code"), Datatype: strings.ToLower(n.say("datatype")),
			Required: n.truth("required"), DatatypeDescription: n.say("datatype_description"), Description: n.say("description"), Order: i + 1}
		if order, err := strconv.Atoi(n.say("order")); err == nil && order > 0 {
			a.Order = order
		}
		for _, v := range n.child("values").items("value", "key") {
			a.Values = append(a.Values, Value{v.say("key"), v.say("name")})
		}
		if a.Code != "" {
			d.Attributes = append(d.Attributes, a)
		}
	}
	if d.ServiceCode == "" {
		return d, fmt.Errorf("%w: no service_code", ErrNotGeoReport)
	}
	return d, nil
}

// without leaves a member out, so that what it marks is not found again.
func (n node) without(name string) node {
	out := node{name: n.name, kind: n.kind}
	for _, c := range n.children {
		if !strings.EqualFold(c.name, name) {
			out.children = append(out.children, c)
		}
	}
	return out
}

// ReadRequests reads a list of requests. What is missing or cannot be read in one
// is left zero; a request without identifier is returned without it, so that the
// caller can say which row it was.
func ReadRequests(data []byte) ([]Request, error) {
	root, err := parse(data)
	if err != nil {
		return nil, err
	}
	found := root.items("request", "service_request_id")
	out := make([]Request, 0, len(found))
	for _, n := range found {
		out = append(out, readRequest(n))
	}
	return out, nil
}

func readRequest(n node) Request {
	r := Request{ID: n.say("service_request_id"), Status: strings.ToLower(n.say("status")), StatusNotes: n.say("status_notes"),
		ServiceName: n.say("service_name"), ServiceCode: n.say("service_code"), Description: n.say("description"),
		Agency: agency(n), Notice: n.say("service_notice"), Address: n.say("address"), AddressID: n.say("address_id"), Zipcode: n.say("zipcode"),
		RequestedAt: ReadTime(n.say("requested_datetime")), UpdatedAt: ReadTime(n.say("updated_datetime")), ExpectedAt: ReadTime(n.say("expected_datetime")),
		Point: readPoint(n), MediaURL: n.say("media_url")}
	extended := n.child("extended_attributes")
	photos := extended.child("photos").items("photo", "media_url")
	notes := n.child("notes").items("note", "datetime")
	if len(photos) > 0 || len(notes) > 0 {
		r.Extended = &Extended{Channel: extended.say("channel")}
		for _, p := range photos {
			r.Extended.Photos = append(r.Extended.Photos, Photo{MediaURL: p.say("media_url"), Title: p.say("title"), CreatedAt: ReadTime(p.say("created_at"))})
		}
		for _, x := range notes {
			r.Extended.Notes = append(r.Extended.Notes, Note{ReadTime(x.say("datetime")), x.say("description"), x.say("type")})
		}
	}
	return r
}

// agency is a text, or an object of names at FixMyStreet's.
func agency(n node) string {
	c := n.child("agency_responsible")
	if c.kind != record && c.kind != list {
		return strings.TrimSpace(c.text)
	}
	var names []string
	var walk func(node, int)
	walk = func(n node, depth int) {
		if t := strings.TrimSpace(n.text); t != "" && (n.kind == words || n.kind == literal) {
			names = append(names, t)
		}
		for _, c := range n.children {
			if depth < 4 {
				walk(c, depth+1)
			}
		}
	}
	walk(c, 0)
	return strings.Join(names, ", ")
}

func readPoint(n node) *geo.Point {
	lat, errLat := readDegrees(n.say("lat"))
	long := n.say("long")
	if long == "" {
		long = n.say("lon")
	}
	lon, errLon := readDegrees(long)
	p := geo.Point{Lat: lat, Lon: lon}
	// 0, 0 is what servers write for nowhere.
	if errLat != nil || errLon != nil || !p.Valid() || p == (geo.Point{}) {
		return nil
	}
	return &p
}

func readDegrees(s string) (float64, error) {
	f, err := strconv.ParseFloat(strings.ReplaceAll(s, ",", "."), 64)
	if err == nil && math.IsInf(f, 0) {
		err = strconv.ErrRange
	}
	return f, err
}

// ReadTime reads the forms that servers send; zero when it is none. A time without
// offset is UTC.
func ReadTime(s string) time.Time {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", "2006-01-02 15:04:05Z07:00",
		"2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05", time.DateOnly} {
		if t, err := time.Parse(layout, strings.TrimSpace(s)); err == nil && t.Year() > 1900 {
			return t.UTC()
		}
	}
	return time.Time{}
}

// ReadUpdates reads a list of updates.
func ReadUpdates(data []byte) ([]Update, error) {
	root, err := parse(data)
	if err != nil {
		return nil, err
	}
	var out []Update
	for _, n := range root.items("request_update", "update_id") {
		out = append(out, Update{ID: n.say("update_id"), RequestID: n.say("service_request_id"), Status: n.say("status"), At: ReadTime(n.say("updated_datetime")),
			Description: n.say("description"), MediaURL: n.say("media_url"), ExternalStatus: n.say("external_status_code")})
	}
	return out, nil
}

// ReadReceipt reads the answer to a posted request, or to a token.
func ReadReceipt(data []byte) (Receipt, error) {
	root, err := parse(data)
	if err != nil {
		return Receipt{}, err
	}
	found := append(root.items("request", "service_request_id"), root.items("request", "token")...)
	for _, n := range found {
		r := Receipt{RequestID: n.say("service_request_id"), Token: n.say("token"), Notice: n.say("service_notice"), AccountID: n.say("account_id")}
		if r.RequestID != "" || r.Token != "" {
			return r, nil
		}
	}
	return Receipt{}, fmt.Errorf("%w: neither service_request_id nor token", ErrNotGeoReport)
}

// ReadFaults reads what a server refuses, in the standard form or as bare text; it
// never fails, and returns nothing when nothing is said.
func ReadFaults(data []byte) []Fault {
	root, err := parse(data)
	if err != nil {
		return nil
	}
	var out []Fault
	for _, n := range root.items("error", "description") {
		if f := (Fault{n.say("code"), n.say("description")}); f.Description != "" || f.Code != "" {
			out = append(out, f)
		}
	}
	if len(out) == 0 {
		text := root.text
		if text == "" {
			text = root.say("error")
		}
		if text = strings.TrimSpace(text); text != "" {
			out = append(out, Fault{Description: text})
		}
	}
	return out
}

// ReadDiscovery reads where an interface is.
func ReadDiscovery(data []byte) (Discovery, error) {
	root, err := parse(data)
	if err != nil {
		return Discovery{}, err
	}
	d := Discovery{Changeset: ReadTime(root.say("changeset")), Contact: root.say("contact"), KeyService: root.say("key_service")}
	for _, n := range root.child("endpoints").items("endpoint", "url") {
		e := Endpoint{Specification: n.say("specification"), URL: n.say("url"), Type: n.say("type"), Changeset: ReadTime(n.say("changeset"))}
		for _, f := range n.child("formats").children {
			if t := strings.TrimSpace(f.text); t != "" {
				e.Formats = append(e.Formats, t)
			}
		}
		d.Endpoints = append(d.Endpoints, e)
	}
	return d, nil
}
