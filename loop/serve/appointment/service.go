package appointment

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"errors"
	"time"

	"parvis/core/notify"
	"parvis/core/person"
	"parvis/engine/booking"
	"parvis/engine/dossier"
	"parvis/platform/clock"
	"parvis/platform/event"
	"parvis/platform/store"
	"parvis/platform/web"
)

//go:embed migrations/*.sql
var files embed.FS

// Locales holds the service's texts.
//
//go:embed locales/*.json
var Locales embed.FS

// Migration is the package's schema.
func Migration() store.Migration { return store.Migration{Name: "appointment", FS: files} }

// Where is what messages and calendar files say of the territory.
type Where struct {
	Name        string // "Mairie de Vouneuil"
	Email       string // replies go there; "" none
	URL         string // "https://parvis.example/vouneuil", without final slash
	Domain      string // right part of calendar UIDs
	Discreet    string // "Rendez-vous", in place of a sensitive reason
	Departement string
	Zone        *time.Location
}

// Deps are the rooms the service stands on.
type Deps struct {
	Clock    clock.Clock
	Booking  *booking.Engine
	Dossiers *dossier.Engine
	People   *person.People
	Hub      *notify.Hub
	Bus      *event.Bus
	Where    func(ctx context.Context, tx *store.Tx) (Where, error)
	// Secret makes the residents' links; at least 16 bytes, for ever the same.
	Secret []byte
}

// Service is the rules of rendez-vous.
type Service struct {
	clock    clock.Clock
	booking  *booking.Engine
	dossiers *dossier.Engine
	people   *person.People
	hub      *notify.Hub
	bus      *event.Bus
	where    func(ctx context.Context, tx *store.Tx) (Where, error)
	secret   []byte
}

// New checks the dependencies.
func New(d Deps) (*Service, error) {
	if d.Clock == nil || d.Booking == nil || d.Dossiers == nil || d.People == nil || d.Hub == nil || d.Bus == nil || d.Where == nil || len(d.Secret) < 16 {
		return nil, errors.New("appointment: a dependency is missing")
	}
	return &Service{d.Clock, d.Booking, d.Dossiers, d.People, d.Hub, d.Bus, d.Where, d.Secret}, nil
}

// Link is the secret part of the resident's address: the same for the life of
// the appointment, made again at will, so that none is stored (HMAC-SHA256, 144
// bits).
func (s *Service) Link(territory string, id store.ID) string {
	mac := hmac.New(sha256.New, s.secret)
	mac.Write([]byte("appointment\x00" + territory + "\x00" + id.String()))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:18])
}

// linkTo is the complete address of the resident's page.
func (s *Service) linkTo(ctx context.Context, tx *store.Tx, link string) string {
	w, err := s.where(ctx, tx)
	if err != nil || link == "" {
		return ""
	}
	return w.URL + "/r/" + link
}

// FirstFree is the first free appointment in words, for the portal's card; ""
// when there is none.
func (s *Service) FirstFree(ctx context.Context, c *web.Context) (string, error) {
	return s.firstFree(ctx, c)
}
