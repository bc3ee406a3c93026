package apptest

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"parvis/core/access"
	"parvis/platform/web"
)

// Page is one page to visit, with a role that may.
type Page struct {
	Path string // complete path
	Role access.Role
}

var braces = regexp.MustCompile(`\{[a-z.]+\}`)

// samples are what the services found for the samples of their routes.
func (in *Instance) samples(t testing.TB, territory string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, s := range in.Services {
		if s.Samples == nil {
			continue
		}
		found, err := s.Samples(t.Context(), in.DB.In(territory))
		if err != nil {
			t.Fatalf("samples of %s: %v", s.Name, err)
		}
		maps.Copy(all, found)
	}
	return all
}

// Sample is the sample of a route of a territory with its names filled in, as an
// address inside the territory; "" for "-".
func (in *Instance) Sample(t testing.TB, territory string, r web.Route) string {
	t.Helper()
	if r.Sample == "" || r.Sample == "-" {
		return ""
	}
	named := in.samples(t, territory)
	return braces.ReplaceAllStringFunc(r.Sample, func(name string) string { return named[strings.Trim(name, "{}")] })
}

// Pages lists the sample of every page of the instance and of a territory, each
// with the first role that holds its permission. Routes whose sample is "-"
// are visited by tests of their own.
func (in *Instance) Pages(t testing.TB, territory string) []Page {
	t.Helper()
	roles := map[web.Permission]access.Role{web.Public: access.Admin, web.SignedIn: access.Admin}
	for _, s := range in.Services {
		for _, p := range s.Permissions {
			roles[p.Name] = p.Roles[0]
			if slices.Contains(p.Roles, access.Admin) {
				roles[p.Name] = access.Admin
			}
		}
	}
	prefix, named := in.Slug(t, territory), in.samples(t, territory)
	var out []Page
	for _, r := range in.Server.Routes() {
		if r.Method != "GET" || r.Sample == "-" {
			continue
		}
		path := r.Sample
		if path == "" {
			if strings.Contains(r.Path, "{") {
				continue
			}
			path = r.Path
		}
		path = braces.ReplaceAllStringFunc(path, func(name string) string {
			value := named[strings.Trim(name, "{}")]
			if value == "" {
				t.Fatalf("route %s: the demonstration of %s has no %s", r.Path, territory, name)
			}
			return value
		})
		if r.Scope == web.OfSite {
			path = prefix + path
		}
		out = append(out, Page{path, roles[r.Permission]})
	}
	return out
}
