package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"parvis/core/access"
	"parvis/core/access/team"
	"parvis/core/link"
	"parvis/core/notify"
	"parvis/core/service"
	"parvis/core/territory"
	"parvis/core/territory/official"
	"parvis/core/territory/theme"
	"parvis/engine/booking"
	"parvis/platform/api"
	"parvis/platform/calendar"
	"parvis/platform/event"
	"parvis/platform/fault"
	"parvis/platform/geo"
	"parvis/platform/hours"
	"parvis/platform/job"
	"parvis/platform/mail"
	"parvis/platform/phone"
	"parvis/platform/photo"
	"parvis/platform/sms"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// check refuses an incomplete declaration: the program does not start.
func check(list []Service) error {
	var errs []error
	seen := map[string]bool{}
	granted := map[web.Permission]bool{web.Public: true, web.SignedIn: true}
	for _, s := range list {
		if s.Name == "" || s.Label == "" || seen[s.Name] {
			errs = append(errs, fmt.Errorf("app: service %q has no name, no label, or is declared twice", s.Name))
		}
		seen[s.Name] = true
		for _, p := range s.Permissions {
			if len(p.Roles) == 0 || p.Label == "" {
				errs = append(errs, fmt.Errorf("app: permission %s of %s has no role or no label", p.Name, s.Name))
			}
			granted[p.Name] = true
		}
		for _, r := range s.Retention {
			if r.Table == "" || len(r.Personal) == 0 || r.Purpose == "" || r.Basis == "" || r.Then == "" || (r.Purge != nil && r.Keep == 0) {
				errs = append(errs, fmt.Errorf("app: retention of table %q of %s is incomplete", r.Table, s.Name))
			}
		}
	}
	for _, s := range list {
		for _, r := range s.Routes {
			if !granted[r.Permission] {
				errs = append(errs, fmt.Errorf("app: route %s %s of %s names permission %q, which nobody declares", r.Method, r.Path, s.Name, r.Permission))
			}
		}
		for _, m := range s.Menu {
			if !granted[m.Permission] {
				errs = append(errs, fmt.Errorf("app: menu %s of %s names permission %q, which nobody declares", m.Label, s.Name, m.Permission))
			}
		}
	}
	return errors.Join(errs...)
}

// catalogues are the texts of every service and of the floors below.
func catalogues(list []Service) []fs.FS {
	out := []fs.FS{web.Locales, page.Locales, hours.Locales, calendar.Locales, phone.Locales, mail.Locales, sms.Locales, api.Locales, geo.Locales, photo.Locales, official.Locales,
		territory.Locales, theme.Locales, link.Locales, booking.Locales, locales}
	for _, s := range list {
		if s.Locales != nil {
			out = append(out, s.Locales)
		}
	}
	return out
}

func migrations(list []Service) []store.Migration {
	out := []store.Migration{web.Migration(), event.Migration(), api.Migration(), territory.Migration(), link.Migration()}
	for _, s := range list {
		out = append(out, s.Migrations...)
	}
	return out
}

func permissions(list []Service) []access.Permission {
	var out []access.Permission
	for _, s := range list {
		out = append(out, s.Permissions...)
	}
	return out
}

func subscriptions(list []Service) []event.Subscription {
	var out []event.Subscription
	for _, s := range list {
		out = append(out, s.On...)
	}
	return out
}

func notices(list []Service) []notify.Notice {
	var out []notify.Notice
	for _, s := range list {
		out = append(out, s.Notices...)
	}
	return out
}

func kinds(list []Service) []link.Kind {
	var out []link.Kind
	for _, s := range list {
		out = append(out, s.Kinds...)
	}
	return out
}

// routesOf are the pages of every service. Those of an optional one answer only
// where the territory has opened it.
func routesOf(list []Service) []web.Route {
	var out []web.Route
	for _, s := range list {
		for _, r := range s.Routes {
			if s.Optional && r.Scope == web.OfSite {
				r.Handle = whereOpen(s.Name, r.Handle)
			}
			out = append(out, r)
		}
	}
	return out
}

func whereOpen(name string, h web.Handler) web.Handler {
	return func(c *web.Context) error {
		if t := territory.Of(c); t != nil && !t.Settings.Open(name) {
			return fault.New(fault.NotFound, "app.closed")
		}
		return h(c)
	}
}

// openIn tells whether a territory has a service, for the API.
func (a *App) openIn(found web.Found, name string) bool {
	t, ok := found.Value.(*territory.Territory)
	return !ok || t.Settings.Open(name) || !slices.ContainsFunc(a.Services, func(s Service) bool { return s.Name == name && s.Optional })
}

// labels name services and permissions for the people who make API keys.
func labels(list []Service) map[string]string {
	out := map[string]string{}
	for _, s := range list {
		out[s.Name] = s.Label
		for _, p := range s.Permissions {
			out[string(p.Name)] = p.Label
		}
	}
	return out
}

// jobs are the background tasks of every part, and the nightly purge.
func (a *App) jobs() []job.Worker {
	out := []job.Worker{job.Define("app.purge", func(ctx context.Context, _ job.Job[struct{}]) error { return a.Purge(ctx) },
		job.Every(24*time.Hour), job.Timeout(30*time.Minute), job.Attempts(5))}
	for _, s := range a.Services {
		out = append(out, s.Jobs...)
	}
	return out
}

// purgeBatch is how many rows one transaction erases.
const purgeBatch = 500

// Purge erases what is past its time (GDPR art. 5(1)(e)): the tables of the
// instance once, those of territories in each of them.
func (a *App) Purge(ctx context.Context) error {
	tables, err := a.DB.Tables(ctx)
	if err != nil {
		return err
	}
	bound := map[string]bool{}
	for _, x := range tables {
		bound[x.Name] = x.Territory
	}
	now := a.clock.Now()
	var errs []error
	purge := func(h store.Handle, where string, ofTerritory bool) {
		for _, s := range a.Services {
			for _, r := range s.Retention {
				if r.Purge == nil || bound[r.Table] != ofTerritory {
					continue
				}
				if err := a.purgeTable(ctx, h, r, now.Add(-r.Keep)); err != nil {
					errs = append(errs, fmt.Errorf("app: purging %s of %s: %w", r.Table, where, err))
				}
			}
		}
	}
	purge(a.DB.System("what is past its time in the tables of the instance"), "the instance", false)
	err = a.Book.All(ctx, func(t *territory.Territory) error {
		purge(a.DB.In(t.ID), t.ID, true)
		return ctx.Err()
	})
	return errors.Join(append(errs, err, web.PurgeSessions(ctx, a.DB))...)
}

func (a *App) purgeTable(ctx context.Context, h store.Handle, r service.Retention, before time.Time) error {
	for range 10_000 {
		var n int64
		err := h.Update(ctx, func(tx *store.Tx) (err error) {
			n, err = r.Purge(ctx, tx, before, purgeBatch)
			return err
		})
		if err != nil || n == 0 {
			return err
		}
	}
	return nil
}

// bookingService declares the engine's tables, jobs and texts; its pages are
// those of the services that use it.
func (a *App) bookingService() Service {
	return Service{Name: "booking", Label: "app.booking.label", Migrations: []store.Migration{booking.Migration()}, Jobs: a.Booking.Jobs()}
}

// areas are the services in which roles may be given.
func (a *App) areas() []team.Area {
	var out []team.Area
	for _, s := range a.Services {
		if s.Optional {
			out = append(out, team.Area{Name: s.Name, Label: s.Label})
		}
	}
	return out
}

// duties are what the services know that a member of staff has to do.
func (a *App) duties(c *web.Context, person store.ID) ([]page.Link, error) {
	var out []page.Link
	err := c.Store.View(c.Ctx(), func(tx *store.Tx) error {
		out = nil
		for _, s := range a.Services {
			if s.Duties == nil {
				continue
			}
			list, err := s.Duties(c.Ctx(), tx, person)
			if err != nil {
				return err
			}
			for _, l := range list {
				l.Href = c.Href(l.Href)
				out = append(out, l)
			}
		}
		return nil
	})
	return out, err
}

// regionOf is the département of the territory of a request, for phone numbers.
func regionOf(c *web.Context) string {
	if t := territory.Of(c); t != nil {
		return t.Official.Departement
	}
	return ""
}

// find resolves what a message is about.
func (a *App) find(ctx context.Context, h store.Handle, ref string) (link.Target, error) {
	kind, id, err := link.Ref(ref).Split()
	if err != nil {
		return link.Target{}, store.ErrNotFound
	}
	for _, s := range a.Services {
		for _, k := range s.Kinds {
			if k.Name == kind {
				return k.Resolve(ctx, h, id)
			}
		}
	}
	return link.Target{}, store.ErrNotFound
}

// domain is the right part of message identifiers.
func (a *App) domain() string {
	if _, host, ok := strings.Cut(a.Config.BaseURL, "://"); ok {
		host, _, _ = strings.Cut(host, ":")
		return host
	}
	return "parvis.invalid"
}
