package dossier

import (
	"net/http"
	"time"

	"parvis/core/service"
	"parvis/platform/api"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// Service declares what every kind of request shares: the page where its
// requester follows it, the same by API, and how long everything is kept.
func (e *Engine) Service() service.Service {
	return service.Service{
		Name: "dossier", Verb: page.NoVerb, Label: "dossier.label", About: "dossier.about", Icon: "clock",
		Locales:    locales,
		Migrations: []store.Migration{Migration()},
		Routes: []web.Route{
			{Method: http.MethodGet, Path: "/suivi", Permission: web.Public, Handle: e.askNumber},
			{Method: http.MethodPost, Path: "/suivi", Permission: web.Public, Rate: web.Careful, Handle: e.findNumber},
			{Method: http.MethodGet, Path: "/suivi/{token}", Permission: web.Public, Handle: e.show, Sample: "-"},
			{Method: http.MethodPost, Path: "/suivi/{token}/message", Permission: web.Public, Rate: web.Careful, Handle: e.write},
			{Method: http.MethodPost, Path: "/suivi/{token}/reouverture", Permission: web.Public, Rate: web.Careful, Handle: e.askAgain},
			{Method: http.MethodPost, Path: "/suivi/{token}/arret", Permission: web.Public, Rate: web.Careful, Handle: e.stop},
		},
		Jobs:      e.Jobs(),
		On:        e.On(),
		Notices:   Notices(),
		API:       func(g *api.Group) { e.register(g) },
		Retention: e.retention(),
	}
}

// longest is the longest time that a kind is kept after closing.
func (e *Engine) longest() time.Duration {
	var d time.Duration
	for _, k := range e.kinds {
		d = max(d, k.Keep)
	}
	return d
}

func (e *Engine) retention() []service.Retention {
	with := func(table string, personal ...string) service.Retention {
		return service.Retention{Table: table, Personal: personal, Purpose: "dossier.retention.purpose", Basis: "dossier.retention.basis",
			Then: "dossier.retention.with"}
	}
	main := with("dossier", "title", "phone", "email", "requester_id", "owner_id")
	main.Keep, main.Then, main.Purge = e.longest(), "dossier.retention.then", e.Purge
	links := with("dossier_link", "token_hash")
	links.Keep, links.Then, links.Purge = shortLink, "dossier.retention.then", PurgeLinks
	own := with("dossier_filter", "person_id", "name")
	own.Then = "dossier.retention.filter"
	return []service.Retention{main, with("dossier_entry", "body", "args", "author_id"), with("dossier_file", "name", "storage_key"), links,
		with("dossier_follower", "email", "phone"), with("dossier_merge", "merged_by"), with("dossier_reply", "token_hash"), own}
}

// shortLink is how long the link made from a number and a contact opens the
// page.
const shortLink = 2 * time.Hour
