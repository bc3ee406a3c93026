package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"time"
	_ "time/tzdata" // zones for machines that have none

	"parvis/core/access"
	"parvis/core/access/team"
	"parvis/core/crew"
	"parvis/core/link"
	"parvis/core/notify"
	"parvis/core/notify/desk"
	"parvis/core/notify/mailbox"
	"parvis/core/person"
	"parvis/core/place"
	"parvis/core/portal"
	"parvis/core/sector"
	"parvis/core/service"
	"parvis/core/territory"
	"parvis/core/territory/official"
	"parvis/engine/booking"
	"parvis/engine/dossier"
	"parvis/loop/listen/barometer"
	"parvis/loop/listen/contact"
	"parvis/loop/listen/report"
	"parvis/loop/listen/report/open311/exchange"
	"parvis/loop/serve/appointment"
	"parvis/loop/serve/intervention"
	"parvis/platform/api"
	"parvis/platform/clock"
	"parvis/platform/event"
	"parvis/platform/file"
	"parvis/platform/i18n"
	"parvis/platform/job"
	"parvis/platform/store"
	"parvis/platform/web"
	assets "parvis/web"
)

// Service is the declaration of a part of the program; see core/service.
type Service = service.Service

// App is the whole program, wired.
type App struct {
	Config   Config
	DB       *store.DB
	Catalog  *i18n.Catalog
	Queue    *job.Queue
	Bus      *event.Bus
	Book     *territory.Book
	Access   *access.Access
	People   *person.People
	Hub      *notify.Hub
	Box      *mailbox.Box // nil outside the demonstration
	Booking  *booking.Engine
	Dossiers *dossier.Engine
	Sectors  *sector.Sectors
	Files    *file.Folder
	Rdv      *appointment.Service

	Reports *report.Reports
	Open311 *exchange.Exchange

	Barometer *barometer.Service
	Contact   *contact.Service

	Field *intervention.Service

	Portal   *portal.Portal
	API      *api.API
	Server   *web.Server
	Services []Service

	log     *slog.Logger
	clock   clock.Clock
	read    *store.DB
	matrix  *access.Matrix
	metrics *metrics
	links   *link.Links
}

// Options of Build that no administrator sets.
type Options struct {
	Clock  clock.Clock
	Logger *slog.Logger
	// Mail and SMS replace the configured adapters: tests.
	Adapters *notify.Adapters
}

// Build opens the database, migrates it, and wires every part. Nothing listens
// and no job runs before Start.
func Build(ctx context.Context, cfg Config, o Options) (a *App, err error) {
	if o.Clock == nil {
		o.Clock = clock.System{}
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	a = &App{Config: cfg, log: o.Logger, clock: o.Clock, metrics: newMetrics()}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close(context.WithoutCancel(ctx)))
		}
	}()
	if err := os.MkdirAll(cfg.Data, 0o750); err != nil {
		return a, fmt.Errorf("app: data folder: %w", err)
	}
	if a.DB, err = store.Open(ctx, cfg.Database, store.Options{Clock: o.Clock}); err != nil {
		return a, err
	}
	if a.read, err = store.Open(ctx, cfg.Database, store.Options{Clock: o.Clock, Conns: 4}); err != nil {
		return a, err
	}
	if err := job.Migrate(ctx, a.DB); err != nil {
		return a, err
	}
	if err := a.DB.Migrate(ctx, ownMigration()); err != nil {
		return a, err
	}
	secrets, err := loadSecrets(ctx, a.DB)
	if err != nil {
		return a, err
	}
	if a.Queue, err = job.New(a.DB, nil, job.Options{Name: cfg.Name, Logger: o.Logger}); err != nil {
		return a, err
	}
	a.Bus = event.New(a.DB)
	if err := a.rooms(cfg, o, secrets); err != nil {
		return a, err
	}
	if err := a.connect(ctx, cfg); err != nil {
		return a, err
	}
	return a, nil
}

// rooms builds every part, from the ground up.
func (a *App) rooms(cfg Config, o Options, secrets secrets) error {
	list, err := official.Load()
	if err != nil {
		return err
	}
	a.Book = territory.New(a.DB, a.read, list, a.Bus)
	a.Access = access.New(a.DB, access.Options{Events: a.Bus, Operators: a.operatorsOf})
	a.People = person.New(person.Options{DB: a.DB, Access: a.Access, Demo: cfg.Demo})
	adapters, webhooks, err := a.adapters(cfg)
	if err != nil {
		return err
	}
	if o.Adapters != nil {
		adapters = *o.Adapters
	}
	if a.Hub, err = notify.New(a.DB, a.Bus, adapters, notify.Options{Who: a.who, Secret: secrets.hub, From: cfg.MailFrom,
		PartCost: partCost(cfg), Webhooks: webhooks, Log: a.log}); err != nil {
		return err
	}
	if a.Box != nil {
		a.Box.Connect(a.Hub.Receive)
		a.Box.Towns(a.townsDemo)
	}
	a.Sectors = sector.New()
	if a.Files, err = openFiles(cfg, o.Clock); err != nil {
		return err
	}
	a.Booking = booking.New(a.DB, booking.Options{})
	if a.Dossiers, err = dossier.New(a.dossierConfig(), a.appointmentKind(), a.reportKind(), contact.DossierKind()); err != nil {
		return err
	}
	if a.Rdv, err = appointment.New(appointment.Deps{Clock: o.Clock, Booking: a.Booking, Dossiers: a.Dossiers, People: a.People, Hub: a.Hub, Bus: a.Bus,
		Where: a.where, Secret: secrets.links}); err != nil {
		return err
	}
	if err := a.reports(secrets.links); err != nil {
		return err
	}
	if a.Field, err = a.interventions(a.Files); err != nil {
		return err
	}
	if err := a.open311(); err != nil {
		return err
	}
	if err = a.barometerRoom(secrets); err != nil {
		return err
	}
	if err = a.contactRoom(cfg); err != nil {
		return err
	}
	a.Portal = portal.New(portal.Deps{Book: a.Book, People: a.People, Queue: a.Queue, Demo: cfg.Demo, Name: cfg.OperatorName, Phone: cfg.OperatorPhone,
		Hours: cfg.OperatorHours, Mail: cfg.OperatorMail, First: a.Rdv.FirstFree})
	return nil
}

// connect makes the one list of services and derives everything from it.
func (a *App) connect(ctx context.Context, cfg Config) error {
	a.Services = a.list()
	if err := check(a.Services); err != nil {
		return err
	}
	catalog, err := i18n.New(catalogues(a.Services)...)
	if err != nil {
		return err
	}
	a.Catalog = catalog
	if err := a.DB.Migrate(ctx, migrations(a.Services)...); err != nil {
		return err
	}
	if err := a.read.Migrate(ctx); err != nil { // learns which tables have a territory
		return err
	}
	if a.matrix, err = access.Compile(permissions(a.Services)); err != nil {
		return err
	}
	if err := a.People.Connect(person.Wiring{Sender: sender{a.Hub}, Queue: a.Queue, Places: places{a}, Matrix: a.matrix, Events: a.Bus, Sections: []person.Section{a.Rdv.Section(), desk.Section(a.Hub, a.reach)}}); err != nil {
		return err
	}
	if err := a.Queue.Declare(append(a.jobs(), a.Bus.Worker())...); err != nil {
		return err
	}
	if err := a.Bus.Connect(a.Queue, subscriptions(a.Services)); err != nil {
		return err
	}
	if err := a.Hub.Connect(a.Queue, catalog, notices(a.Services)); err != nil {
		return err
	}
	if a.links, err = link.New(kinds(a.Services)); err != nil {
		return err
	}
	a.Portal.Connect(a.Services)
	return a.serve(cfg)
}

// serve builds the pages and the API.
func (a *App) serve(cfg Config) error {
	built, err := assets.Load()
	if err != nil {
		return err
	}
	a.API = api.New(api.Config{ClientIP: func(r *http.Request) string { return a.Server.ClientIP(r) }, DB: a.DB, Catalog: a.Catalog, Clock: a.clock, Logger: a.log, Find: a.Book.BySegment, Open: a.openIn, Version: Version(), BaseURL: cfg.BaseURL,
		Limits: cfg.Limits, Labels: labels(a.Services)})
	for _, s := range a.Services {
		if s.API != nil {
			s.API(a.API.Group(s.Name))
		}
	}
	routes := append(routesOf(a.Services), a.API.Routes()...)
	a.Server, err = web.New(web.Config{DB: a.DB, Catalog: a.Catalog, Assets: built, Clock: a.clock, Logger: a.log, BaseURL: cfg.BaseURL, Proxies: cfg.Proxies,
		Limits: cfg.Limits, Sites: a.Book, Identify: a.People.Identify, Rail: a.Portal.Rail, Operator: a.Portal.Operator, Banner: a.Portal.Banner,
		SignIn: "/connexion", Prepare: a.Portal.Fill, Observe: a.metrics.observe}, routes)
	if err != nil {
		return err
	}
	if err := a.API.Mount(a.Server); err != nil {
		return err
	}
	a.health()
	return nil
}

// Start runs the background work.
func (a *App) Start(ctx context.Context) error { return a.Queue.Start(ctx) }

// Handler answers everything, compressed.
func (a *App) Handler() http.Handler { return compressed(a.Server) }

// Close finishes running jobs and closes the database.
func (a *App) Close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	var errs []error
	if a.Queue != nil {
		errs = append(errs, a.Queue.Stop(ctx))
	}
	if a.Files != nil {
		errs = append(errs, a.Files.Close())
	}
	for _, db := range []*store.DB{a.read, a.DB} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

// list is the one list of services, the core first.
func (a *App) list() []Service {
	return []Service{
		a.own(),
		a.Portal.Service(),
		a.People.Service(),
		team.New(a.Access, a.People, a.areas).WithDuties(a.duties).Service(),
		place.Service(regionOf),
		crew.Service(a.People, regionOf),
		a.sectorService(),
		a.Dossiers.Service(),
		a.deskService(),
		desk.Service(a.Hub, desk.Options{Box: a.Box, Find: a.find}),
		a.bookingService(),
		a.Reports.Service(),
		a.Open311.Service(),
		a.Contact.Service(),
		a.Barometer.Service(),
		a.Rdv.Service(),
		a.fieldService(),
	}
}

// dataFile is a path in the data folder.
func (a *App) dataFile(name string) string { return filepath.Join(a.Config.Data, name) }
