package desk

import (
	"context"
	_ "embed"
	"time"

	"parvis/core/access"
	"parvis/core/link"
	"parvis/core/notify"
	"parvis/core/notify/mailbox"
	"parvis/core/service"
	"parvis/platform/store"
	"parvis/platform/web"
)

// The permissions.
const (
	Read     web.Permission = "notify.read"
	Settings web.Permission = "notify.settings"
)

//go:embed static/messages.css
var stylesheet []byte

// Options of Service.
type Options struct {
	// Box keeps the messages of a demonstration; nil elsewhere: its pages do not exist.
	Box *mailbox.Box
	// Find finds what a message is about, by its "kind:id"; nil: no link is shown.
	Find func(ctx context.Context, h store.Handle, ref string) (link.Target, error)
}

// desk holds what the handlers need.
type desk struct {
	hub  *notify.Hub
	find func(ctx context.Context, h store.Handle, ref string) (link.Target, error)
}

// Service declares the messages.
func Service(h *notify.Hub, o Options) service.Service {
	d := &desk{hub: h, find: o.Find}
	s := service.Service{
		Name: "notify", Label: "notify.label", About: "notify.about", Icon: "send",
		Locales:    notify.Locales,
		Migrations: []store.Migration{notify.Migration()},
		Permissions: []access.Permission{
			{Name: Read, Label: "notify.permission.read", Roles: []access.Role{access.Admin, access.Manager}},
			{Name: Settings, Label: "notify.permission.settings", Roles: []access.Role{access.Admin}},
		},
		Routes:    d.routes(),
		API:       d.operations,
		Menu:      []service.MenuItem{{Label: "notify.menu", Icon: "send", Path: "/bureau/messages", Permission: Read, Count: d.count}},
		Jobs:      h.Workers(),
		Notices:   notify.Notices(),
		Metrics:   metrics(h),
		Retention: retention(h),
	}
	if o.Box != nil {
		s.Migrations = append(s.Migrations, mailbox.Migration())
		s.Routes = append(s.Routes, o.Box.Routes()...)
		s.Retention = append(s.Retention, service.Retention{Table: "mailbox", Personal: []string{"sender", "recipient", "recipient_fold", "subject", "body", "html", "ics"},
			Purpose: "notify.mailbox.purpose", Basis: "notify.basis.demo", Keep: mailbox.Keep, Then: "notify.then.erased", Purge: o.Box.Purge})
	}
	return s
}

func (d *desk) routes() []web.Route {
	return []web.Route{
		{Method: "GET", Path: "/bureau/messages", Permission: Read, Handle: d.showLog},
		{Method: "GET", Path: "/bureau/messages/style.css", Permission: Read, Handle: style, Sample: "-"},
		{Method: "GET", Path: "/bureau/messages/recus", Permission: Read, Handle: d.showInbound},
		{Method: "GET", Path: "/bureau/messages/{id}", Permission: Read, Handle: d.showMessage, Sample: "-"},
		{Method: "POST", Path: "/bureau/messages/{id}/renvoyer", Permission: Read, Rate: web.Careful, Handle: d.resend},
		{Method: "POST", Path: "/bureau/messages/{id}/classer", Permission: Read, Handle: d.handled},

		{Method: "GET", Path: "/bureau/messages/stop", Permission: Settings, Handle: d.showStops},
		{Method: "POST", Path: "/bureau/messages/stop/{id}/reprendre", Permission: Settings, Handle: d.resume},
		{Method: "GET", Path: "/bureau/messages/reglages", Permission: Settings, Handle: d.showSettings},
		{Method: "POST", Path: "/bureau/messages/reglages", Permission: Settings, Handle: d.saveSettings},
		{Method: "GET", Path: "/bureau/messages/reglages/textes/{notice}", Permission: Settings, Handle: d.showNotice, Sample: "/bureau/messages/reglages/textes/notify.answer"},
		{Method: "POST", Path: "/bureau/messages/reglages/textes/{notice}", Permission: Settings, Handle: d.saveNotice},

		{Method: "POST", Path: "/webhooks/sms/{provider}/{token}", Scope: web.OfInstance, Permission: web.Public, OtherOrigins: true, Handle: d.webhook},
		{Method: "GET", Path: "/webhooks/sms/{provider}/{token}", Scope: web.OfInstance, Permission: web.Public, OtherOrigins: true, Handle: d.webhook, Sample: "-"},
	}
}

func style(c *web.Context) error {
	c.Writer.Header().Set("Cache-Control", "private, max-age=3600")
	return c.File("text/css; charset=utf-8", "", stylesheet)
}

// count is how many messages somebody has to look at.
func (d *desk) count(ctx context.Context, h store.Handle, _ web.Actor) (n int, hot bool, err error) {
	err = h.View(ctx, func(tx *store.Tx) error {
		n, err = d.hub.Attention(ctx, tx)
		return err
	})
	return n, n > 0, err
}

func metrics(h *notify.Hub) []service.Metric {
	return []service.Metric{
		{Name: "notify.delivered", Label: "notify.metric.delivered", Unit: "notify.unit.share",
			Value: func(ctx context.Context, sh store.Handle, from, to time.Time) (float64, int, error) {
				return h.Delivered(ctx, sh, from, to)
			}},
		{Name: "notify.delay", Label: "notify.metric.delay", Unit: "notify.unit.seconds",
			Value: func(ctx context.Context, sh store.Handle, from, to time.Time) (float64, int, error) {
				return h.Delay(ctx, sh, from, to)
			}},
	}
}

func retention(h *notify.Hub) []service.Retention {
	return []service.Retention{
		{Table: "message", Personal: []string{"recipient", "recipient_name", "title", "body", "layout", "ics"}, Purpose: "notify.purpose.message",
			Basis: "notify.basis.task", Keep: notify.KeepRecipient, Then: "notify.then.hashed", Purge: h.PurgeRecipients},
		{Table: "message", Personal: []string{"title", "body", "layout", "ics"}, Purpose: "notify.purpose.sensitive",
			Basis: "notify.basis.task", Keep: notify.KeepSensitive, Then: "notify.then.erased", Purge: h.PurgeSensitive},
		{Table: "message", Personal: []string{"recipient_hash", "subject_ref"}, Purpose: "notify.purpose.message",
			Basis: "notify.basis.task", Keep: notify.KeepMessage, Then: "notify.then.counted", Purge: h.PurgeMessages},
		{Table: "message_inbound", Personal: []string{"phone", "text", "about"}, Purpose: "notify.purpose.inbound",
			Basis: "notify.basis.task", Keep: notify.KeepRecipient, Then: "notify.then.erased", Purge: h.PurgeInbound},
		{Table: "message_stop", Personal: []string{"phone"}, Purpose: "notify.purpose.stop",
			Basis: "notify.basis.stop", Keep: notify.KeepStop, Then: "notify.then.erased", Purge: h.PurgeStops},
		{Table: "message_aside", Personal: []string{"phone", "text"}, Purpose: "notify.purpose.aside",
			Basis: "notify.basis.task", Keep: notify.KeepAside, Then: "notify.then.erased", Purge: h.PurgeAside},
	}
}
