package persontest

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"parvis/core/access"
	"parvis/core/access/team"
	"parvis/core/person"
	"parvis/core/service"
	"parvis/platform/api"
	"parvis/platform/clock"
	"parvis/platform/event"
	"parvis/platform/i18n"
	"parvis/platform/job"
	"parvis/platform/store"
	"parvis/platform/store/storetest"
	"parvis/platform/web"
)

// The territories of the town: a commune, its neighbour, and the operator of the
// first.
const (
	Vouneuil = "commune:86298"
	Brandes  = "commune:86099"
	Operator = "operateur:86"
)

// Town is the real server with everything people need.
type Town struct {
	DB      *store.DB
	Clock   *clock.Fake
	Access  *access.Access
	People  *person.People
	Queue   *job.Queue
	Catalog *i18n.Catalog
	Matrix  *access.Matrix
	Mailbox *Mailbox
	Server  *httptest.Server

	services []service.Service

	t testing.TB
}

// Options of Open.
type Options struct {
	Demo     bool
	Sections []person.Section
	Services []service.Service // beside person and access
	Assets   web.Assets        // nil: none
	Limits   bool              // rate limits as in production
}

// Each runs body in a fresh town on SQLite, then on PostgreSQL, beside the tests
// of other towns.
func Each(t *testing.T, o Options, body func(t *testing.T, town *Town)) {
	t.Helper()
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) { body(t, Open(t, storetest.SQLiteDSN(t), o)) })
	t.Run("postgres", func(t *testing.T) { body(t, Open(t, storetest.PostgresDSN(t), o)) })
}

// Open builds a town on a database.
func Open(t testing.TB, dsn string, o Options) *Town {
	t.Helper()
	// A minute ahead of the machine, by whose time the queue stamps what it takes:
	// jobs are due at once.
	town := &Town{t: t, Clock: clock.NewFake(clock.System{}.Now().Add(time.Minute)), Mailbox: &Mailbox{}}
	town.DB = storetest.Open(t, dsn, town.Clock, []store.Migration{event.Migration(), web.Migration(), api.Migration(), access.Migration(), person.Migration()})
	if err := job.Migrate(t.Context(), town.DB); err != nil {
		t.Fatal(err)
	}
	bus := event.New(town.DB)
	town.Access = access.New(town.DB, access.Options{Events: bus, Operators: operators})
	town.People = person.New(person.Options{DB: town.DB, Access: town.Access, Demo: o.Demo})
	pages := team.New(town.Access, town.People, func() []team.Area { return []team.Area{{Name: "appointment", Label: "person.sheet.rights"}} })
	services := append([]service.Service{town.People.Service(), pages.Service()}, o.Services...)

	var err error
	workers := []job.Worker{bus.Worker()}
	permissions := []access.Permission{{Name: "appointment.read", Label: "person.label", Roles: []access.Role{access.Agent}}}
	var routes []web.Route
	for _, s := range services {
		workers = append(workers, s.Jobs...)
		permissions = append(permissions, s.Permissions...)
		routes = append(routes, s.Routes...)
	}
	if town.Queue, err = job.New(town.DB, workers, job.Options{}); err != nil {
		t.Fatal(err)
	}
	if err := bus.Connect(town.Queue, nil); err != nil {
		t.Fatal(err)
	}
	if town.Matrix, err = access.Compile(permissions); err != nil {
		t.Fatal(err)
	}
	if err := town.People.Connect(person.Wiring{Sender: town.Mailbox, Queue: town.Queue, Places: Places{}, Matrix: town.Matrix, Events: bus, Sections: o.Sections}); err != nil {
		t.Fatal(err)
	}
	town.services = services
	town.Catalog = catalog(t, services)
	town.serve(routes, o)
	return town
}

func catalog(t testing.TB, services []service.Service) *i18n.Catalog {
	t.Helper()
	list := slices.Clone(baseLocales())
	for _, s := range services {
		list = append(list, s.Locales)
	}
	cat, err := i18n.New(list...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if missing := cat.Missing(); len(missing) > 0 {
			t.Errorf("messages missing or incomplete: %v", missing)
		}
	})
	return cat
}

func (town *Town) serve(routes []web.Route, o Options) {
	assets := o.Assets
	if assets == nil {
		assets = noAssets{http.NotFoundHandler()}
	}
	s, err := web.New(web.Config{DB: town.DB, Catalog: town.Catalog, Assets: assets, Clock: town.Clock, Limits: o.Limits,
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil)), Sites: sites{}, SignIn: "/connexion", Identify: town.People.Identify, Rail: rail}, routes)
	if err != nil {
		town.t.Fatal(err)
	}
	town.Server = httptest.NewServer(s)
	town.t.Cleanup(town.Server.Close)
}

// Hire writes somebody who may sign in, with roles in all services of a territory.
func (town *Town) Hire(name, email, territory string, roles ...access.Role) person.Person {
	town.t.Helper()
	ctx := town.t.Context()
	var who person.Person
	err := town.DB.System("a test writes staff").Update(ctx, func(tx *store.Tx) (err error) {
		if who, err = town.People.Add(ctx, tx, person.NewPerson{Name: name, Email: email, Joined: true}); err != nil {
			return err
		}
		for _, r := range roles {
			if err := town.Access.Grant(ctx, tx.Bind(territory), access.Grant{Person: who.ID, Service: access.Everywhere, Role: r}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		town.t.Fatal(err)
	}
	return who
}

// Work runs the jobs that are due.
func (town *Town) Work() {
	town.t.Helper()
	if _, err := town.Queue.Drain(town.t.Context()); err != nil {
		town.t.Fatal(err)
	}
}

func operators(_ context.Context, territory string) ([]string, error) {
	if territory == Vouneuil {
		return []string{Operator}, nil
	}
	return nil, nil
}

// Mailbox keeps messages instead of sending them.
type Mailbox struct {
	mu   sync.Mutex
	kept []person.Message
}

// Send keeps a message once its transaction is committed.
func (m *Mailbox) Send(_ context.Context, tx *store.Tx, msg person.Message) error {
	if tx.Territory() == "" {
		panic("persontest: a message in nobody's name")
	}
	tx.AfterCommit(func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.kept = append(m.kept, msg)
	})
	return nil
}

// All are the messages that left, oldest first.
func (m *Mailbox) All() []person.Message {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.kept)
}

// To are the messages that left for an address.
func (m *Mailbox) To(address string) []person.Message {
	return slices.DeleteFunc(m.All(), func(x person.Message) bool { return x.To != address })
}

// Actor is who somebody is on a page of Vouneuil, for hooks called by hand.
func (town *Town) Actor(who person.Person) web.Actor {
	return web.Actor{ID: who.ID, Name: who.Name, May: func(p web.Permission) bool {
		held, err := town.Access.Roles(town.t.Context(), Vouneuil, who.ID)
		return err == nil && town.Matrix.May(held, p)
	}}
}
