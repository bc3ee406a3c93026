package link

import (
	"context"

	"parvis/platform/store"
	"parvis/platform/web"
)

// Kind is a kind of thing that others may link to, declared by its service.
type Kind struct {
	Name  string // "appointment": a Ref is "appointment:77"
	Label string // i18n key, "Rendez-vous"
	// Resolve finds one; store.ErrNotFound when it is gone.
	Resolve func(ctx context.Context, h store.Handle, id store.ID) (Target, error)
}

// Target is a thing as a link shows it.
type Target struct {
	Title      string
	Href       string         // path of the site
	Permission web.Permission // who may see it; web.Public for everybody
}
