// Package apptest starts the whole program for tests: the demonstration's data
// on either engine, behind a real listener.
package apptest

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"

	"parvis/app"
	"parvis/core/access"
	"parvis/core/person"
	"parvis/platform/clock"
	"parvis/platform/store"
	"parvis/platform/store/storetest"
)

// Instance is a running program.
type Instance struct {
	*app.App
	URL string
}

// Start builds the demonstration on a database and serves it. Background jobs
// run when work is true; otherwise call Queue.Drain.
func Start(t testing.TB, dsn string, clk clock.Clock, work bool) *Instance {
	t.Helper()
	cfg, err := app.LoadConfig("", nil)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Demo, cfg.Data, cfg.Database, cfg.Name, cfg.Limits, cfg.MailFrom = true, t.TempDir(), dsn, "test", false, "ne-pas-repondre@parvis.exemple.fr"
	srv := httptest.NewUnstartedServer(nil)
	cfg.BaseURL = "http://" + srv.Listener.Addr().String() // links in messages lead here
	var out io.Writer = io.Discard
	if os.Getenv("PARVIS_TEST_LOG") != "" {
		out = os.Stderr
	}
	log := slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{Level: slog.LevelWarn}))
	a, err := app.Build(t.Context(), cfg, app.Options{Clock: clk, Logger: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	if _, err := a.FillDemo(t.Context(), func(string) {}); err != nil {
		t.Fatal(err)
	}
	if work {
		if err := a.Start(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	srv.Config.Handler = a.Handler()
	srv.Start()
	t.Cleanup(srv.Close)
	return &Instance{a, srv.URL}
}

// Each runs body on both engines.
func Each(t *testing.T, clk clock.Clock, work bool, body func(t *testing.T, in *Instance)) {
	t.Run("sqlite", func(t *testing.T) { body(t, Start(t, storetest.SQLiteDSN(t), clk, work)) })
	t.Run("postgres", func(t *testing.T) { body(t, Start(t, storetest.PostgresDSN(t), clk, work)) })
}

// Client keeps cookies and does not follow redirects.
func Client(t testing.TB) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// SignIn returns a client signed in as a new member of staff with the role in a
// territory.
func (in *Instance) SignIn(t testing.TB, territory string, role access.Role) *http.Client {
	t.Helper()
	var who person.Person
	err := in.DB.System("a test adds staff to the instance").Update(t.Context(), func(tx *store.Tx) (err error) {
		who, err = in.People.Add(t.Context(), tx, person.NewPerson{Name: "Essai " + strings.ToUpper(string(role[:1])) + string(role[1:]), Email: string(role) + "@" + territory + ".exemple.fr", Joined: true})
		return err
	})
	if err == nil {
		err = in.DB.In(territory).Update(t.Context(), func(tx *store.Tx) error {
			return in.Access.Grant(t.Context(), tx, access.Grant{Person: who.ID, Service: access.Everywhere, Role: role})
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	c := Client(t)
	res, err := c.PostForm(in.URL+"/connexion/demonstration", url.Values{"personne": {who.ID.String()}, "collectivite": {territory}})
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusSeeOther {
		t.Fatalf("signing in as %s: %d", role, res.StatusCode)
	}
	return c
}

// Slug is the address of a territory.
func (in *Instance) Slug(t testing.TB, id string) string {
	t.Helper()
	x, err := in.Book.Get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return "/" + x.Slug
}
