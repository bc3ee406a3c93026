package exchange

import (
	"context"
	"time"

	"parvis/loop/listen/report/open311"
	"parvis/platform/geo"
	"parvis/platform/photo"
	"parvis/platform/store"
	"parvis/platform/web"
)

// Book is what the server stands on: the reports of a territory, as GeoReport v2
// sees them. Errors are faults; store.ErrNotFound is what is not there or not
// public. [Reports] is one.
type Book interface {
	// Catalogue is what may be reported, and when that changed last.
	Catalogue(ctx context.Context, h store.Handle) (Catalogue, error)
	// File takes a report. The same key and body twice is the same report;
	// Conflict when the body is another.
	File(ctx context.Context, h store.Handle, f Filing) (open311.Receipt, error)
	// Token is the identifier behind a token, "" while it is not public.
	Token(ctx context.Context, h store.Handle, token string) (string, error)
	// Find gives public requests, the latest first; more tells that others follow.
	Find(ctx context.Context, h store.Handle, q Query) (found []open311.Request, more bool, err error)
	// Updates is what happened to public requests from q.From to q.To, oldest
	// first, at most a thousand lines; the rest of q says how to write it.
	Updates(ctx context.Context, h store.Handle, q Query) ([]open311.Update, error)
	// Update notes what another program says of a request; fresh is false when it
	// said so before.
	Update(ctx context.Context, h store.Handle, t Told) (id string, fresh bool, err error)
}

// Catalogue is the list of services.
type Catalogue struct {
	Services []Listed
	Changed  time.Time
}

// Listed is a service with what it asks.
type Listed struct {
	open311.Service
	Attributes []open311.Attribute
}

// find is the service of a code, nil when there is none.
func (c Catalogue) find(code string) *Listed {
	for i := range c.Services {
		if c.Services[i].Code == code {
			return &c.Services[i]
		}
	}
	return nil
}

// Filing is a report that a program files; its values are checked but for the
// person's.
type Filing struct {
	Actor              web.Actor
	Service            Listed
	Point              *geo.Point
	Address, AddressID string
	Description        string
	Answers            map[string][]string
	FirstName          string
	LastName           string
	Email, Phone       string
	Photos             []photo.Photo
	MediaURL           string
	Lang               string
	Key                string // Idempotency-Key
	BodyHash           string // of everything that was sent
}

// Query asks for requests.
type Query struct {
	IDs      []string // win over everything else
	Codes    []string
	From, To time.Time // both included
	Open     bool
	Closed   bool
	Page     int // 1 the first
	Size     int
	Extended bool
	Base     string // address of the territory's pages, for photos
	Agency   string // who is in charge
	Lang     func(key string, args ...any) string
}

// Told is what another program says of a request.
type Told struct {
	Origin   string   // "key:77", "peer:12": update identifiers are its own
	Actor    store.ID // the API key, 0 for a peer
	Treats   bool     // it may change the state
	Number   string   // service_request_id
	UpdateID string
	Status   string
	External string
	At       time.Time
	Text     string
	Photos   []photo.Photo
	MediaURL string
}
