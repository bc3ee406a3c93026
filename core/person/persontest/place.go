package persontest

import (
	"context"
	"io/fs"
	"net/http"
	"time"

	"parvis/core/person"
	"parvis/platform/api"
	"parvis/platform/i18n"
	"parvis/platform/mail"
	"parvis/platform/phone"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

func baseLocales() []fs.FS {
	return []fs.FS{web.Locales, page.Locales, api.Locales, mail.Locales, phone.Locales}
}

// slugs are the addresses of the territories.
func slugs() map[string]string {
	return map[string]string{"vouneuil": Vouneuil, "brandes": Brandes, "numerique86": Operator}
}

// Places knows the three territories.
type Places struct{}

// Place finds a territory of the town.
func (Places) Place(_ context.Context, territory string) (person.Place, error) {
	switch territory {
	case Vouneuil:
		return person.Place{Territory: Vouneuil, Kind: "Commune de", Name: "Vouneuil", Sign: "vagues", Desk: "/vouneuil/usagers", Region: "FR"}, nil
	case Brandes:
		return person.Place{Territory: Brandes, Kind: "Commune de", Name: "Brandes-sur-Clouère", Sign: "epi", Desk: "/brandes/usagers", Region: "FR"}, nil
	case Operator:
		return person.Place{Territory: Operator, Kind: "Syndicat", Name: "Numérique 86", Sign: "pont", Desk: "/numerique86/equipe", Region: "FR"}, nil
	}
	return person.Place{}, store.ErrNotFound
}

type sites struct{}

// BySegment finds a site by the first segment of its addresses.
func (sites) BySegment(ctx context.Context, segment string) (web.Found, error) {
	territory, ok := slugs()[segment]
	if !ok {
		return web.Found{}, store.ErrNotFound
	}
	p, err := Places{}.Place(ctx, territory)
	return web.Found{Territory: territory, Location: time.UTC,
		Site: page.Site{ID: territory, Kind: p.Kind, Name: p.Name, Sign: p.Sign, Territory: "#B4532F", Tracking: "-", Phone: "05\u00a036\u00a049\u00a012\u00a040"}}, err
}

// ByHost finds nothing: no territory of the town has its own host.
func (sites) ByHost(context.Context, string) (web.Found, error) {
	return web.Found{}, store.ErrNotFound
}

type noAssets struct{ http.Handler }

// Path is the plain name of a file that is not there.
func (noAssets) Path(name string) string { return "/static/" + name }

// rail shows what the actor may open.
func rail(c *web.Context) (page.StaffFrame, error) {
	f := page.StaffFrame{Who: c.Actor.Name, Where: c.Site.FullName(), SignOut: "/deconnexion"}
	for _, x := range []struct {
		permission  web.Permission
		label, path string
	}{{person.Read, "person.list.title", "/usagers"}, {"access.manage", "access.team.menu", "/equipe"}} {
		if c.Actor.Can(x.permission) {
			f.More = append(f.More, page.RailItem{Label: i18n.T(c.Ctx(), x.label), Href: c.Href(x.path)})
		}
	}
	return f, nil
}
