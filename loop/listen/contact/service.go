package contact

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"parvis/core/access"
	"parvis/core/link"
	"parvis/core/notify"
	"parvis/core/service"
	"parvis/engine/dossier"
	"parvis/engine/indicator"
	"parvis/platform/event"
	"parvis/platform/i18n"
	"parvis/platform/job"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

//go:embed migrations/*.sql
var files embed.FS

// Locales holds the service's texts.
//
//go:embed locales/*.json
var Locales embed.FS

// Migration is the package's schema.
func Migration() store.Migration { return store.Migration{Name: "contact", FS: files} }

// Rights of the service.
const (
	MayRead  web.Permission = "contact.read"
	MayWrite web.Permission = "contact.write"
	MayCall  web.Permission = "contact.call"
	MaySet   web.Permission = "contact.settings"
)

// DossierName is the kind of the requests the service opens.
const DossierName = "contact"

const noticeReply = "contact.reply"

// keep is how long the words of people are kept.
const keep = 2 * 365 * 24 * time.Hour

// Reported is what the ledger hands to the service of reports.
type Reported struct {
	Text, Place string
	Channel     dossier.Channel
	Person      Person
	Staff       store.ID
	Key         string // the same key is the same report
}

// Deps are the rooms the service stands on. The last four are optional.
type Deps struct {
	DB       *store.DB
	Dossiers *dossier.Engine
	Hub      *notify.Hub
	Bus      *event.Bus
	Log      *slog.Logger
	// Region reads the telephone numbers of a territory as people write them.
	Region func(ctx context.Context, territory string) string
	// Report opens a report and returns its reference and number. A fault means
	// that reports do not want it.
	Report func(ctx context.Context, tx *store.Tx, r Reported) (ref, number string, err error)
	// Files keeps what is joined to mails.
	Files func(ctx context.Context, key string, r io.Reader, contentType string) error
	// MailFor is the territory that one of the addresses belongs to; "" none.
	MailFor func(ctx context.Context, to []string) (string, error)
	// Mailbox is read every minute; nil: no mail comes in by itself.
	Mailbox *Mailbox
}

// Service is the rules of the ledger.
type Service struct {
	db       *store.DB
	dossiers *dossier.Engine
	hub      *notify.Hub
	bus      *event.Bus
	log      *slog.Logger
	region   func(ctx context.Context, territory string) string
	report   func(ctx context.Context, tx *store.Tx, r Reported) (ref, number string, err error)
	files    func(ctx context.Context, key string, r io.Reader, contentType string) error
	mailFor  func(ctx context.Context, to []string) (string, error)
	mailbox  *Mailbox
}

// New checks the dependencies.
func New(d Deps) (*Service, error) {
	if d.DB == nil || d.Dossiers == nil || d.Hub == nil || d.Bus == nil || d.Region == nil {
		return nil, errors.New("contact: a dependency is missing")
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{d.DB, d.Dossiers, d.Hub, d.Bus, d.Log, d.Region, d.Report, d.Files, d.MailFor, d.Mailbox}, nil
}

// DossierKind is the request of somebody who wants an answer: ten working days,
// the requester is written to at each step.
func DossierKind() dossier.Kind {
	return dossier.Kind{Name: DossierName, Label: "contact.request", DueIn: 10, Messages: true, Notify: true, Reopen: 30 * 24 * time.Hour, Keep: keep,
		Stages: []dossier.Stage{
			{Name: "received", Label: "contact.stage.received", Next: []string{"inprogress", "answered", "closed"}},
			{Name: "inprogress", Label: "contact.stage.inprogress", Next: []string{"answered", "closed"}},
			{Name: "answered", Label: "contact.stage.answered", Final: true, Tone: "ok"},
			{Name: "closed", Label: "contact.stage.closed", Final: true},
		}}
}

// Service declares what the ledger adds to a territory.
func (s *Service) Service() service.Service {
	staff := []access.Role{access.Desk, access.Agent, access.Manager, access.Admin}
	d := service.Service{
		Name: "contact", Verb: page.Listen, Label: "contact.label", About: "contact.about", Icon: "sms", Optional: true,
		Locales:    Locales,
		Migrations: []store.Migration{Migration()},
		Permissions: []access.Permission{
			{Name: MayRead, Label: "contact.permission.read", Roles: staff},
			{Name: MayWrite, Label: "contact.permission.write", Roles: staff},
			{Name: MayCall, Label: "contact.permission.call", Roles: staff},
			{Name: MaySet, Label: "contact.permission.settings", Roles: []access.Role{access.Manager, access.Admin}},
		},
		Routes: s.routes(),
		API:    s.operations,
		Menu: []service.MenuItem{
			{Label: "contact.menu.entries", Icon: "sms", Path: "/bureau/contributions", Permission: MayRead, Count: s.rail},
			{Label: "contact.menu.calls", Icon: "phone", Path: "/bureau/appels", Permission: MayCall},
		},
		Kinds: []link.Kind{{Name: "contribution", Label: "contact.kind", Resolve: s.resolve}, {Name: DossierName, Label: "contact.request", Resolve: s.resolve}},
		On:    []event.Subscription{event.On("sms.received", "contact.sms", s.onSMS)},
		Notices: []notify.Notice{{Name: noticeReply, Label: "contact.notice.reply.label", Channels: []notify.Channel{notify.SMS},
			Fields: map[string]string{"Text": "Bonjour, le lampadaire sera réparé jeudi matin. Merci de nous l’avoir dit. Bonne journée."}}},
		Metrics:  []service.Metric{{Name: "contact.entries", Label: "contact.metric.entries", Unit: "contact.metric.unit", Value: s.total}},
		Datasets: []service.Dataset{{Name: "contributions", Label: "contact.dataset", Columns: []string{"mois", "canal", "contributions"}, Rows: s.months}},
		Retention: []service.Retention{
			{Table: "contact_entry", Personal: []string{"text", "sender", "area"}, Purpose: "contact.retention.purpose", Basis: "contact.retention.basis", Keep: keep, Then: "contact.retention.then", Purge: purge},
			{Table: "contact_consent", Personal: []string{"name", "phone", "wording", "how"}, Purpose: "contact.retention.consent", Basis: "contact.retention.agreed", Keep: 365 * 24 * time.Hour, Then: "contact.retention.erased", Purge: purgeConsents},
			{Table: "contact_call", Personal: []string{"note"}, Purpose: "contact.retention.consent", Basis: "contact.retention.agreed", Then: "contact.retention.erased"},
		},
		Demo: s.fillDemo,
	}
	if s.mailbox != nil {
		d.Jobs = []job.Worker{job.Define("contact.poll", func(ctx context.Context, _ job.Job[struct{}]) error {
			if _, err := s.Poll(ctx, *s.mailbox); err != nil {
				// The next minute tries again: a mailbox that is down fills no queue.
				s.log.WarnContext(ctx, "mailbox not read", "error", err)
			}
			return nil
		}, job.Every(time.Minute), job.Timeout(5*time.Minute))}
	}
	return d
}

// rail is what waits for somebody to read it.
func (s *Service) rail(ctx context.Context, h store.Handle, _ web.Actor) (n int, hot bool, err error) {
	err = h.View(ctx, func(tx *store.Tx) error {
		var row struct {
			N      int
			Oldest time.Time
		}
		err := tx.Get(ctx, &row, `SELECT COUNT(*) AS n, MIN(received_at) AS oldest FROM contact_entry WHERE territory_id = @territory AND state = 'open'`)
		n, hot = row.N, row.N > 0 && tx.Now().Sub(row.Oldest) > 48*time.Hour
		return err
	})
	return n, hot, err
}

func (s *Service) resolve(ctx context.Context, h store.Handle, id store.ID) (link.Target, error) {
	var e Entry
	err := h.View(ctx, func(tx *store.Tx) (err error) {
		e, err = s.Get(ctx, tx, id)
		return err
	})
	title := i18n.T(ctx, "contact.kind") + ", " + i18n.T(ctx, "contact.channel."+string(e.Channel))
	if e.Number != "" {
		title = e.Number + " · " + title
	}
	return link.Target{Title: title, Href: "/bureau/contributions/" + id.String(), Permission: MayRead}, err
}

func (s *Service) total(ctx context.Context, h store.Handle, from, to time.Time) (float64, int, error) {
	n := 0
	err := h.View(ctx, func(tx *store.Tx) error {
		counts, err := s.Count(ctx, tx, from, to)
		n = 0
		for _, k := range counts {
			n += k
		}
		return err
	})
	return float64(n), n, err
}

// months opens the counts per month and channel, nothing under five.
func (s *Service) months(ctx context.Context, h store.Handle, emit func([]string) error) error {
	type row struct {
		Month   int64
		Channel string
	}
	counts := map[row]int{}
	var order []row
	err := h.View(ctx, func(tx *store.Tx) error {
		clear(counts)
		order = nil
		return tx.Each(ctx, `SELECT received_at, channel FROM contact_entry WHERE territory_id = @territory AND state <> 'undone' ORDER BY id`, nil, func(scan func(...any) error) error {
			var at int64
			var c string
			if err := scan(&at, &c); err != nil {
				return err
			}
			t := store.Time(at)
			k := row{int64(t.Year())*12 + int64(t.Month()) - 1, c}
			if counts[k] == 0 {
				order = append(order, k)
			}
			counts[k]++
			return nil
		})
	})
	if err != nil {
		return fmt.Errorf("contact: counting by month: %w", err)
	}
	for _, k := range order {
		if counts[k] < indicator.Fewest {
			continue
		}
		if err := emit([]string{fmt.Sprintf("%04d-%02d", k.Month/12, k.Month%12+1), k.Channel, fmt.Sprint(counts[k])}); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) routes() []web.Route {
	get := func(path, sample string, p web.Permission, h web.Handler) web.Route {
		return web.Route{Method: http.MethodGet, Path: path, Permission: p, Handle: h, Sample: sample}
	}
	post := func(path string, p web.Permission, h web.Handler) web.Route {
		return web.Route{Method: http.MethodPost, Path: path, Permission: p, Handle: h}
	}
	return []web.Route{
		get("/sur-place", "", web.Public, s.terminal),
		get("/sur-place/dire", "", web.Public, s.terminalAsk),
		{Method: http.MethodPost, Path: "/sur-place/dire", Permission: web.Public, Rate: web.Careful, Handle: s.terminalSay},
		get("/sur-place/merci", "", web.Public, s.terminalThanks),
		get("/bureau/contributions", "", MayRead, s.entries),
		get("/bureau/contributions/export", "-", MayRead, s.export),
		get("/bureau/contributions/saisir", "", MayWrite, s.newEntry),
		post("/bureau/contributions/saisir", MayWrite, s.keyEntry),
		get("/bureau/lots", "", MayWrite, s.batches),
		post("/bureau/lots", MayWrite, s.openBatch),
		get("/bureau/lots/{id}", "-", MayWrite, s.batch),
		post("/bureau/lots/{id}", MayWrite, s.keyBatch),
		get("/bureau/contributions/mots", "", MaySet, s.words),
		post("/bureau/contributions/mots", MaySet, s.saveWords),
		get("/bureau/contributions/{id}", "-", MayRead, s.entry),
		post("/bureau/contributions/{id}/repondre", MayWrite, s.reply),
		post("/bureau/contributions/{id}/classer", MayWrite, s.settle),
		post("/bureau/contributions/{id}/demande", MayWrite, s.convert),
		post("/bureau/contributions/{id}/annuler", MayWrite, s.undo),
		get("/bureau/appels", "", MayCall, s.calls),
		post("/bureau/appels", MaySet, s.startCalls),
		get("/bureau/accords", "", MayCall, s.consents),
		post("/bureau/accords", MayCall, s.agree),
		post("/bureau/accords/{id}/retirer", MayCall, s.withdraw),
		get("/bureau/appels/{id}", "-", MayCall, s.sheet),
		post("/bureau/appels/{id}", MayCall, s.called),
	}
}
