package notify

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"parvis/platform/event"
	"parvis/platform/i18n"
	"parvis/platform/job"
	"parvis/platform/mail"
	"parvis/platform/sms"
	"parvis/platform/store"
)

//go:embed migrations/*.sql
var files embed.FS

// Locales holds the words of the package's own notices and of notify/desk and
// notify/mailbox.
//
//go:embed locales/*.json
var Locales embed.FS

// Migration is the package's schema.
func Migration() store.Migration { return store.Migration{Name: "notify", FS: files} }

// Adapters are the ways out.
type Adapters struct {
	Mail mail.Sender // nil: nothing leaves by mail
	SMS  sms.Sender  // nil: nothing leaves by SMS
	// Provider names the SMS adapter, as in Options.Webhooks: "ovh", "brevo".
	Provider string
}

// Asker is what an SMS adapter may offer besides Send: whether it has taken the
// message with our reference. It decides what becomes of a message during whose
// sending the program stopped.
type Asker interface {
	// Ask returns the receipt and true when the provider has the message, false
	// when it surely has not; any error means that it cannot tell.
	Ask(ctx context.Context, ref string) (sms.Receipt, bool, error)
}

// Webhook is how a provider's calls are recognised and read.
type Webhook struct {
	Token string // secret in the address, at least 16 bytes
	Parse sms.Webhook
	// Provider is whose identifiers the calls hold, when several addresses belong
	// to one; "": the name in the address.
	Provider string
	Sign     sms.Signature // the zero value: the provider signs nothing
}

// Options of New. Who and Secret are required.
type Options struct {
	// Who is the territory of the transaction: name, zone, ways to reach it. It
	// may keep what it read for a few seconds.
	Who func(ctx context.Context, tx *store.Tx) (Territory, error)
	// Secret keys the hash under which recipients stay in the log after six
	// months; at least 16 bytes, for ever the same.
	Secret   []byte
	From     string             // address mails leave from, under the name of the territory
	PartCost sms.Cost           // estimate of one SMS part, for previews and budgets
	Webhooks map[string]Webhook // by provider
	Log      *slog.Logger
}

// Hub queues, sends and follows messages. It is safe for concurrent use once
// connected.
type Hub struct {
	db       *store.DB
	bus      *event.Bus
	adapters Adapters
	o        Options

	queue   *job.Queue
	catalog *i18n.Catalog
	notices map[string]Notice
	names   []string           // in order of declaration
	wording map[textKey]string // version of each text

	understands func(ctx context.Context, tx *store.Tx, text string) (bool, error)
}

// Understand says which texts a service answers by itself: those get no general
// answer. It is called before the hub serves.
func (h *Hub) Understand(fn func(ctx context.Context, tx *store.Tx, text string) (bool, error)) {
	h.understands = fn
}

// Hash names a recipient, a number in E.164 or an address, without telling who
// it is: the same for ever on this instance.
func (h *Hub) Hash(recipient string) string { return h.hash(recipient) }

// textKey is one text of one notice.
type textKey struct {
	notice, lang string
	channel      Channel
}

// New prepares the hub; Connect completes it. An incomplete configuration is an
// error.
func New(db *store.DB, bus *event.Bus, a Adapters, o Options) (*Hub, error) {
	switch {
	case o.Who == nil:
		return nil, errors.New("notify: nobody tells whose messages these are")
	case a.Mail != nil && o.From == "":
		return nil, errors.New("notify: mails need an address to leave from")
	case len(o.Secret) < 16:
		return nil, errors.New("notify: the secret needs at least 16 bytes")
	}
	for name, w := range o.Webhooks {
		if len(w.Token) < 16 || w.Parse == nil {
			return nil, fmt.Errorf("notify: webhook %s: its token needs at least 16 bytes, and something must read it", name)
		}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Hub{db: db, bus: bus, adapters: a, o: o}, nil
}

// Workers are the background tasks; they must be in the queue given to Connect.
func (h *Hub) Workers() []job.Worker {
	return []job.Worker{
		job.Define(deliverKind, func(ctx context.Context, j job.Job[delivery]) error { return h.deliver(ctx, j.Args) }, job.Timeout(jobTimeout)),
		job.Define(sweepKind, func(ctx context.Context, _ job.Job[struct{}]) error { return h.sweep(ctx) }, job.Every(sweepEvery), job.Timeout(jobTimeout)),
	}
}

// Connect gives the hub its queue, its words and the notices of every service,
// its own included. A notice without text in a language is an error that names
// it: the program does not start.
func (h *Hub) Connect(q *job.Queue, cat *i18n.Catalog, notices []Notice) error {
	h.queue, h.catalog, h.notices, h.names, h.wording = q, cat, map[string]Notice{}, nil, map[textKey]string{}
	var errs []error
	for _, n := range notices {
		if _, twice := h.notices[n.Name]; twice {
			errs = append(errs, fmt.Errorf("notify: notice %s is declared twice", n.Name))
			continue
		}
		h.notices[n.Name] = n
		h.names = append(h.names, n.Name)
		if err := n.check(); err != nil {
			errs = append(errs, err)
			continue
		}
		for _, c := range n.Channels {
			for _, lang := range []string{i18n.French, i18n.English} {
				version, err := n.wording(cat, lang, c)
				if err != nil {
					errs = append(errs, err)
				}
				h.wording[textKey{n.Name, lang, c}] = version
			}
		}
	}
	for _, n := range Notices() {
		if _, ok := h.notices[n.Name]; !ok {
			errs = append(errs, fmt.Errorf("notify: notice %s is not declared", n.Name))
		}
	}
	return errors.Join(errs...)
}

// Notices lists the declared notices, in order of declaration.
func (h *Hub) Notices() []Notice {
	out := make([]Notice, 0, len(h.names))
	for _, name := range h.names {
		out = append(out, h.notices[name])
	}
	return out
}

// Notice finds a declared notice.
func (h *Hub) Notice(name string) (Notice, bool) {
	n, ok := h.notices[name]
	return n, ok
}

// Preview writes a notice with the longest realistic values of its Fields.
func (h *Hub) Preview(n Notice, c Channel, lang string, from Territory, plain bool) (Text, error) {
	return n.sample(h.localizer(lang, from), c, from, plain)
}

// Territory is who writes in the transaction, as Options.Who says.
func (h *Hub) Territory(ctx context.Context, tx *store.Tx) (Territory, error) {
	return h.o.Who(ctx, tx)
}

// Webhook finds how a provider's calls are recognised and read.
func (h *Hub) Webhook(provider string) (Webhook, bool) {
	w, ok := h.o.Webhooks[provider]
	return w, ok
}

// Has tells whether something leaves by the channel.
func (h *Hub) Has(c Channel) bool {
	if c == Mail {
		return h.adapters.Mail != nil
	}
	return h.adapters.SMS != nil
}

// PartCost is the estimated cost of one SMS part.
func (h *Hub) PartCost() sms.Cost { return h.o.PartCost }

// hash names a recipient without telling who it is.
func (h *Hub) hash(recipient string) string {
	mac := hmac.New(sha256.New, h.o.Secret)
	mac.Write([]byte(strings.ToLower(recipient)))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// localizer speaks lang ("fr" unless it is "en") in the territory's zone.
func (h *Hub) localizer(lang string, t Territory) *i18n.Localizer {
	if lang != i18n.English {
		lang = i18n.French
	}
	return h.catalog.Localizer(lang).In(t.zone())
}

// all is the handle for what a provider says, which names no territory, and for
// the sweep of all of them.
func (h *Hub) all() store.Handle {
	return h.db.System("a provider's call names no territory, and the sweep looks for messages left behind in all of them")
}

// missing lists the Fields that data lacks.
func (n Notice) missing(data map[string]any) []string {
	var out []string
	for name := range n.Fields {
		if _, ok := data[name]; !ok {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// lease is how long a message in "sending" belongs to whoever put it there: no
// call lasts longer, so that what is older was interrupted.
const (
	callTimeout = 45 * time.Second
	jobTimeout  = 90 * time.Second
	lease       = 2 * time.Minute
)
