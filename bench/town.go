package main

import (
	"context"
	"fmt"
	"time"

	"parvis/app"
	"parvis/core/notify"
	"parvis/engine/booking"
	"parvis/loop/serve/appointment"
	"parvis/platform/api"
	"parvis/platform/calendar"
	"parvis/platform/clock"
	"parvis/platform/mail"
	"parvis/platform/store"
	"parvis/platform/web"
)

// town is a territory of the whole program, open day and night.
type town struct {
	id, slug, key string
	reasons       []store.ID
}

// nowhere takes mails and does nothing.
type nowhere struct{}

// Send satisfies mail.Sender.
func (nowhere) Send(_ context.Context, m mail.Message) (mail.Receipt, error) {
	return mail.Receipt{MessageID: m.Ref, At: time.Now()}, nil
}

// build wires the program on a database; nothing listens, no job runs.
func build(ctx context.Context, dsn, data string) (*app.App, error) {
	cfg, err := app.LoadConfig("", nil)
	if err != nil {
		return nil, err
	}
	cfg.Data, cfg.Database, cfg.Limits, cfg.Name, cfg.MailFrom = data, dsn, false, "bench", sender
	return app.Build(ctx, cfg, app.Options{Clock: clock.System{}, Adapters: &notify.Adapters{Mail: nowhere{}, Provider: "none"}})
}

const sender = "ne-pas-repondre@parvis.exemple.fr"

// awake is a commune where it is day now, so that reminders are not put off to
// the morning: quiet hours are part of the program.
func awake(now time.Time) string {
	if h := now.UTC().Hour(); h >= 5 && h < 20 {
		return "c86194" // Poitiers
	}
	return "c98818" // Nouméa, UTC+11
}

// settle opens the territory with agents at every minute and reasons whose
// reminder leaves 30, 31, 32 … minutes before, and makes a key for the API.
func settle(ctx context.Context, a *app.App, id string, agents, reasons int) (*town, error) {
	t, err := a.Book.Activate(ctx, id, "")
	if err != nil {
		return nil, err
	}
	out := &town{id: id, slug: t.Slug}
	h := a.DB.In(id)
	err = h.Update(ctx, func(tx *store.Tx) error {
		out.reasons = nil
		var tags []string
		for i := range reasons {
			r := appointment.NewReason()
			r.Name, r.DurationMin, r.StepMin, r.MinDelayMin = fmt.Sprint("Motif ", i), 5, 5, 0
			r.Reminders.V = []appointment.Step{{Before: shortest + i, Channel: "mail"}}
			id, err := a.Rdv.SaveReason(ctx, tx, r)
			if err != nil {
				return err
			}
			out.reasons, tags = append(out.reasons, id), append(tags, appointment.Tag(id))
		}
		for i := range agents {
			agent, err := a.Booking.AddResource(ctx, tx, booking.Resource{Kind: booking.Person, Name: fmt.Sprint("Agent ", i), TimeZone: "UTC",
				HolidayZone: calendar.ZoneMainland, WorksOnHolidays: true, Active: true, HorizonDays: 7})
			if err != nil {
				return err
			}
			if _, _, err := a.Booking.SaveRule(ctx, tx, booking.Rule{ResourceID: agent, Tags: tags,
				When: calendar.Rule{RRule: "FREQ=DAILY", Start: calendar.DateOf(tx.Now(), time.UTC), From: i % 5, To: 24 * 60}}); err != nil {
				return err
			}
		}
		if err := a.Hub.SetSettings(ctx, tx, notify.Settings{Quiet: notify.Quiet{From: 23 * 60, To: 5 * 60}}, 0); err != nil {
			return err
		}
		_, secret, err := a.API.CreateToken(ctx, tx, web.Actor{ID: 1, Name: "bench", May: func(web.Permission) bool { return true }},
			api.NewToken{Name: "bench", Permissions: []web.Permission{appointment.MayWrite, appointment.MayRead}})
		out.key = secret
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("opening the town: %w", err)
	}
	return out, nil
}

// shortest is the least advance of a reminder, in minutes.
const shortest = 30
