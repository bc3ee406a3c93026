package person

import (
	"context"

	"github.com/a-h/templ"

	"parvis/platform/store"
	"parvis/platform/web"
)

// Section is what a service knows about a resident, and what it does when the
// card is merged or erased. Services give theirs through Wiring; functions that
// are nil do nothing.
type Section struct {
	Name       string // of the service, "appointment"
	Label      string // i18n key of the heading, "Rendez-vous"
	Permission web.Permission
	// Show draws it on the sheet, for who holds Permission; nil: nothing to show.
	Show func(ctx context.Context, h store.Handle, resident store.ID) (templ.Component, error)
	// Export returns what is kept, for the person who asks (GDPR art. 15):
	// anything that encodes as JSON, nil for nothing.
	Export func(ctx context.Context, tx *store.Tx, resident store.ID) (any, error)
	// Merge makes everything of one card belong to another.
	Merge func(ctx context.Context, tx *store.Tx, from, into store.ID) error
	// Needs refuses an erasure, with a Conflict fault whose key says why, while
	// something is under way: an appointment to come.
	Needs func(ctx context.Context, tx *store.Tx, resident store.ID) error
	// Erase forgets the person (GDPR art. 17), once every section agreed.
	Erase func(ctx context.Context, tx *store.Tx, resident store.ID) error
}
