package app

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"parvis/core/notify"
	"parvis/core/notify/mailbox"
	"parvis/core/person"
	"parvis/core/service"
	"parvis/core/territory"
	"parvis/engine/dossier"
	"parvis/loop/serve/appointment"
	"parvis/platform/fault"
	"parvis/platform/i18n"
	"parvis/platform/mail"
	"parvis/platform/phone"
	"parvis/platform/sms"
	"parvis/platform/store"
)

// partCost is what one SMS part costs, from cents to hundredths of a cent.
func partCost(cfg Config) sms.Cost { return sms.Cost(cfg.SMSPartPrice * 100) }

// adapters are the ways out that the configuration names.
func (a *App) adapters(cfg Config) (notify.Adapters, map[string]notify.Webhook, error) {
	if cfg.Demo {
		a.Box = mailbox.New(a.DB, partCost(cfg), a.log)
		return notify.Adapters{Mail: a.Box.Mail(), SMS: a.Box.SMS(), Provider: "demo"}, nil, nil
	}
	out := notify.Adapters{Provider: cfg.SMSProvider}
	hooks := map[string]notify.Webhook{}
	if cfg.MailHost != "" {
		m, err := mail.NewSMTP(mail.SMTPConfig{Host: cfg.MailHost, Port: cfg.MailPort, TLS: mail.TLS(cfg.MailTLS), User: cfg.MailUser, Password: cfg.MailPassword, Clock: a.clock})
		if err != nil {
			return out, nil, fault.New(fault.Invalid, "app.config.mail").Because(err)
		}
		if _, err := mail.ParseAddress(cfg.MailFrom); err != nil {
			return out, nil, fault.New(fault.Invalid, "app.config.mail_from").Because(err)
		}
		out.Mail = m
	}
	var err error
	var parse sms.Webhook
	switch cfg.SMSProvider {
	case "log":
		out.SMS = sms.NewLog(a.log, partCost(cfg))
	case "ovh":
		out.SMS, err = sms.NewOVH(sms.OVHConfig{Endpoint: cfg.SMSEndpoint, Service: cfg.SMSOVHService, AppKey: cfg.SMSOVHKey, AppSecret: cfg.SMSOVHSecret,
			ConsumerKey: cfg.SMSOVHConsumer, PerPart: partCost(cfg)})
		parse = sms.OVHWebhook{}
	case "brevo":
		out.SMS, err = sms.NewBrevo(sms.BrevoConfig{Endpoint: cfg.SMSEndpoint, APIKey: cfg.SMSBrevoKey, Sender: cfg.SMSSender, PerPart: partCost(cfg),
			WebhookURL: a.webhookURL("brevo")})
		parse = sms.BrevoWebhook{}
	case "http":
		out.SMS, err = sms.NewHTTP(sms.HTTPConfig{Name: "http", URL: cfg.SMSEndpoint, Method: cfg.SMSHTTPMethod, Headers: headers(cfg.SMSHTTPHeaders),
			Body: cfg.SMSHTTPBody, IDPath: cfg.SMSHTTPIDPath, PerPart: partCost(cfg)})
		if err == nil {
			hooks, err = cfg.SMSHook.webhooks(cfg.SMSWebhookToken)
		}
	}
	if err != nil {
		return out, nil, fault.New(fault.Invalid, "app.config.sms").Because(err)
	}
	if parse != nil && cfg.SMSWebhookToken != "" {
		hooks[cfg.SMSProvider] = notify.Webhook{Token: cfg.SMSWebhookToken, Parse: parse}
	}
	return out, hooks, nil
}

func (a *App) webhookURL(provider string) string {
	if a.Config.BaseURL == "" || a.Config.SMSWebhookToken == "" {
		return ""
	}
	return a.Config.BaseURL + "/webhooks/sms/" + provider + "/" + a.Config.SMSWebhookToken
}

// headers reads "Name: value | Other: value": a value may hold a semicolon.
func headers(s string) map[string]string {
	out := map[string]string{}
	for _, line := range strings.Split(s, "|") {
		if name, value, ok := strings.Cut(line, ":"); ok {
			out[strings.TrimSpace(name)] = strings.TrimSpace(value)
		}
	}
	return out
}

// operatorsOf lists who operates a territory.
func (a *App) operatorsOf(ctx context.Context, id string) ([]string, error) {
	t, err := a.Book.Get(ctx, id)
	if errors.Is(err, store.ErrNotFound) || (err == nil && t.Operator == "") {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return []string{t.Operator}, nil
}

func (a *App) base() string {
	if a.Config.BaseURL != "" {
		return a.Config.BaseURL
	}
	return "http://" + a.Config.Listen
}

// urlOf is the complete address of a territory's pages.
func (a *App) urlOf(t *territory.Territory) string {
	if t.Host != "" {
		return "https://" + t.Host
	}
	return a.base() + "/" + t.Slug
}

func placeName(t *territory.Territory) string {
	if t.Settings.Place != "" {
		return t.Settings.Place
	}
	return t.Official.Title()
}

// who is the territory as messages name it.
func (a *App) who(ctx context.Context, tx *store.Tx) (notify.Territory, error) {
	t, err := a.Book.Get(ctx, tx.Territory())
	if err != nil {
		return notify.Territory{}, fmt.Errorf("app: who sends: %w", err)
	}
	out := notify.Territory{Name: placeName(t), Mail: t.Settings.Email, Hours: t.Settings.Hours, Colour: t.Settings.Colour, URL: a.urlOf(t), Location: t.Settings.Location()}
	if n, err := phone.Parse(t.Settings.Phone, ""); err == nil {
		out.Phone = n.National()
	}
	return out, nil
}

// where is the territory as appointments name it.
func (a *App) where(ctx context.Context, tx *store.Tx) (appointment.Where, error) {
	t, err := a.Book.Get(ctx, tx.Territory())
	if err != nil {
		return appointment.Where{}, fmt.Errorf("app: where: %w", err)
	}
	mailbox := t.Settings.Email
	if mailbox == "" {
		mailbox = "ne-pas-repondre@" + a.domain()
	}
	return appointment.Where{Name: placeName(t), Email: mailbox, URL: a.urlOf(t), Domain: a.domain(), Discreet: a.Catalog.Localizer(i18n.French).T("appointment.notice.discreet"),
		Departement: t.Official.Departement, Zone: t.Settings.Location()}, nil
}

func (a *App) dossierPlace(ctx context.Context, id string) (dossier.Place, error) {
	t, err := a.Book.Get(ctx, id)
	if err != nil {
		return dossier.Place{}, fmt.Errorf("app: place of a dossier: %w", err)
	}
	return dossier.Place{Letters: dossier.Letters(t.Name), Zone: t.HolidayZone(), Location: t.Settings.Location(), Region: phone.Region(t.Official.Departement)}, nil
}

// contacts are a resident's present ways of contact.
func (a *App) contacts(ctx context.Context, tx *store.Tx, id store.ID) (phones, emails []string, err error) {
	r, err := a.People.Residents.Get(ctx, tx, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil, nil
	}
	if r.Phone.E164() != "" {
		phones = append(phones, r.Phone.E164())
	}
	if r.Email != "" {
		emails = append(emails, r.Email)
	}
	return phones, emails, err
}

// reach is what a resident's card says of how to write to them.
func (a *App) reach(ctx context.Context, tx *store.Tx, id store.ID) (string, phone.Number, error) {
	r, err := a.People.Residents.Get(ctx, tx, id)
	return r.Email, r.Phone, err
}

// sender lets people send codes and invitations through the hub.
type sender struct{ hub *notify.Hub }

// Send satisfies person.Sender.
func (s sender) Send(ctx context.Context, tx *store.Tx, m person.Message) error {
	to := notify.To{Name: m.Name, Lang: m.Lang}
	if m.Channel == notify.SMS {
		n, err := phone.Parse(m.To, "")
		if err != nil {
			return fmt.Errorf("app: sending to a number: %w", err)
		}
		to.Phone = n
	} else {
		to.Email = m.To
	}
	data := map[string]any{}
	for k, v := range m.Fields {
		data[k] = v
	}
	return s.hub.Send(ctx, tx, notify.Message{Notice: m.Notice, To: to, Subject: m.Subject, Data: data, Key: m.Key, Deadline: m.Useful})
}

// places shows territories on the pages of people.
type places struct{ a *App }

// Place satisfies person.Places.
func (p places) Place(ctx context.Context, id string) (person.Place, error) {
	t, err := p.a.Book.Get(ctx, id)
	if err != nil {
		return person.Place{}, err
	}
	return person.Place{Territory: id, Name: t.Official.Title(), Sign: t.Settings.Sign, Desk: "/" + t.Slug + service.Entrance, Region: phone.Region(t.Official.Departement)}, nil
}
