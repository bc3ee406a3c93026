package apptest

import (
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
	prefix := in.Slug(t, territory)
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
		if r.Scope == web.OfSite {
			path = prefix + path
		}
		out = append(out, Page{path, roles[r.Permission]})
	}
	return out
}
