package intervention

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"time"

	"parvis/core/notify"
	"parvis/core/person"
	"parvis/engine/booking"
	"parvis/platform/calendar"
	"parvis/platform/clock"
	"parvis/platform/event"
	"parvis/platform/file"
	"parvis/platform/job"
	"parvis/platform/store"
	"parvis/platform/sync"
	"parvis/platform/upload"
)

//go:embed migrations/*.sql
var files embed.FS

// Locales holds the service's texts.
//
//go:embed locales/*.json
var Locales embed.FS

// Migration is the package's schema.
func Migration() store.Migration { return store.Migration{Name: "intervention", FS: files} }

// Deps are the rooms the service stands on.
type Deps struct {
	DB      *store.DB
	Clock   clock.Clock
	Booking *booking.Engine
	People  *person.People
	Hub     *notify.Hub
	Bus     *event.Bus
	Queue   *job.Queue
	Files   file.Store
	// Contours are the territory's own lines for the map without network, as
	// GeoJSON, at most 200 kB; nil none.
	Contours func(ctx context.Context, tx *store.Tx) (json.RawMessage, error)
	// Origin is what is known of the thing an order is asked for ("report:12");
	// store.ErrNotFound when it is none of ours. nil: nothing is.
	Origin func(ctx context.Context, tx *store.Tx, ref string) (Asked, error)
	// Where tells the zone of holidays and the hours of the territory.
	Where func(ctx context.Context, tx *store.Tx) (Where, error)
}

// Asked is what a report says of the work that it asks for.
type Asked struct {
	Title, Text, Address string
	Lat, Lon             *float64
	At, Due              time.Time
	Crew                 store.ID
}

// Where is what plans need of the territory.
type Where struct {
	Name     string
	Location *time.Location
	Zone     calendar.Zone
	Lat, Lon float64
}

// Service is the rules of interventions.
type Service struct {
	Deps
	sync    *sync.Sync
	uploads *upload.Uploads
}

// New checks the dependencies.
func New(d Deps) (*Service, error) {
	if d.DB == nil || d.Clock == nil || d.Booking == nil || d.People == nil || d.Hub == nil || d.Bus == nil || d.Queue == nil || d.Files == nil || d.Where == nil {
		return nil, errors.New("intervention: a dependency is missing")
	}
	s := &Service{Deps: d}
	s.uploads = upload.New(d.Files, upload.Options{Done: s.photoCame})
	var err error
	s.sync, err = sync.New(model{s})
	return s, err
}
