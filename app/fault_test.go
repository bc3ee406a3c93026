package app_test

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"parvis/app"
	"parvis/app/apptest"
	"parvis/core/notify"
	"parvis/engine/booking"
	"parvis/loop/serve/appointment"
	"parvis/platform/api"
	"parvis/platform/calendar"
	"parvis/platform/clock"
	"parvis/platform/mail/mailtest"
	"parvis/platform/store"
	"parvis/platform/store/storetest"
	"parvis/platform/web"
)

// faultChild names, in the environment, the program that a test starts to kill.
const faultChild = "FAULT_CHILD"

// TestMain lets this binary be the program: a test can then kill -9 it.
func TestMain(m *testing.M) {
	if os.Getenv(faultChild) != "" {
		if err := serveChild(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// childConfig is how a test and the process it starts see the same instance.
type childConfig struct {
	DSN, Data string
	MailPort  int
}

func (c childConfig) build(ctx context.Context) (*app.App, error) {
	cfg, err := app.LoadConfig("", nil)
	if err != nil {
		return nil, err
	}
	cfg.Data, cfg.Database, cfg.Name, cfg.Limits = c.Data, c.DSN, "fault", false
	cfg.MailHost, cfg.MailPort, cfg.MailTLS, cfg.MailFrom = "127.0.0.1", c.MailPort, "none", "ne-pas-repondre@parvis.exemple.fr"
	return app.Build(ctx, cfg, app.Options{Clock: clock.System{}})
}

// serveChild serves until it is killed; its address is its first line.
func serveChild() error {
	var c childConfig
	if err := json.Unmarshal([]byte(os.Getenv(faultChild)), &c); err != nil {
		return err
	}
	a, err := c.build(context.Background())
	if err != nil {
		return err
	}
	if err := a.Start(context.Background()); err != nil {
		return err
	}
	fmt.Println(httptest.NewServer(a.Handler()).URL)
	_, err = io.Copy(io.Discard, os.Stdin) // ends with the test, should it not kill us
	return err
}

// faultTown is a territory with a key and one reason, open day and night.
type faultTown struct {
	id, slug, key string
	reason        store.ID
}

// openFaultTown is in a zone where it is day now: the quiet hours of messages
// stay what they are.
func openFaultTown(t *testing.T, a *app.App, agents int) faultTown {
	t.Helper()
	out := faultTown{id: "c98818"} // Nouméa, UTC+11
	if h := time.Now().UTC().Hour(); h >= 5 && h < 20 {
		out.id = here
	}
	x, err := a.Book.Activate(t.Context(), out.id, "")
	if err != nil {
		t.Fatal(err)
	}
	out.slug = x.Slug
	err = a.DB.In(out.id).Update(t.Context(), func(tx *store.Tx) error {
		r := appointment.NewReason()
		r.Name, r.DurationMin, r.StepMin, r.MinDelayMin = "Essai", 5, 5, 0
		r.Reminders.V = []appointment.Step{{Before: 30, Channel: "mail"}}
		var err error
		if out.reason, err = a.Rdv.SaveReason(t.Context(), tx, r); err != nil {
			return err
		}
		for i := range agents {
			agent, err := a.Booking.AddResource(t.Context(), tx, booking.Resource{Kind: booking.Person, Name: fmt.Sprint("Agent ", i), TimeZone: "UTC",
				HolidayZone: calendar.ZoneMainland, WorksOnHolidays: true, Active: true, HorizonDays: 2})
			if err != nil {
				return err
			}
			if _, _, err := a.Booking.SaveRule(t.Context(), tx, booking.Rule{ResourceID: agent, Tags: []string{appointment.Tag(out.reason)},
				When: calendar.Rule{RRule: "FREQ=DAILY", Start: calendar.DateOf(tx.Now(), time.UTC).AddDays(-1), From: i % 5, To: 24*60 + i%5}}); err != nil {
				return err
			}
		}
		if err := a.Hub.SetSettings(t.Context(), tx, notify.Settings{Quiet: notify.Quiet{From: 23 * 60, To: 5 * 60}}, 0); err != nil {
			return err
		}
		_, out.key, err = a.API.CreateToken(t.Context(), tx, web.Actor{ID: 1, Name: "essai", May: func(web.Permission) bool { return true }},
			api.NewToken{Name: "essai", Permissions: []web.Permission{appointment.MayWrite, appointment.MayRead}})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// book books through the API; the error is that of the connection.
func (f faultTown) book(ctx context.Context, base string, at time.Time, who int) (status int, id store.ID, err error) {
	body := fmt.Sprintf(`{"reason":"%s","start":"%s","firstName":"Ève","lastName":"Essai %d","email":"essai%d@essai.exemple.fr"}`, f.reason, at.UTC().Format(time.RFC3339), who, who)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/api/v1/"+f.slug+"/appointments", strings.NewReader(body))
	if err != nil {
		return 0, 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+f.key)
	res, err := (&http.Client{Timeout: 20 * time.Second}).Do(req)
	if err != nil {
		return 0, 0, err
	}
	defer res.Body.Close()
	var out struct{ ID store.ID }
	if res.StatusCode < 300 {
		err = json.NewDecoder(res.Body).Decode(&out)
	}
	return res.StatusCode, out.ID, err
}

// must fails unless each appointment is booked and holds its time.
func (f faultTown) must(t *testing.T, db *store.DB, confirmed []store.ID) {
	t.Helper()
	for _, id := range confirmed {
		var there bool
		err := db.In(f.id).View(t.Context(), func(tx *store.Tx) error {
			return tx.Get(t.Context(), &there, `SELECT EXISTS (SELECT 1 FROM appointment a JOIN booking b ON b.territory_id = a.territory_id AND b.id = a.booking_id
				WHERE a.territory_id = @territory AND a.id = ? AND a.status = 'booked' AND b.state = 'active')`, id)
		})
		if err != nil || !there {
			t.Errorf("appointment %s was confirmed and is not there (%v)", id, err)
		}
	}
}

// soon is a start whose reminder is due within a few seconds to a minute.
func soon() time.Time {
	return time.Now().Add(30*time.Minute + time.Second).Truncate(time.Minute).Add(time.Minute)
}
