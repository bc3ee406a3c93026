package desk_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/PuerkitoBio/goquery"

	"parvis/core/link"
	"parvis/core/notify"
	"parvis/core/notify/desk"
	"parvis/core/notify/mailbox"
	"parvis/core/service"
	"parvis/platform/clock"
	"parvis/platform/event"
	"parvis/platform/i18n"
	"parvis/platform/job"
	"parvis/platform/mail"
	"parvis/platform/phone"
	"parvis/platform/sms"
	"parvis/platform/store"
	"parvis/platform/store/storetest"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

const (
	home  = "c86300"
	token = "0123456789abcdef0123"
)

func words() fstest.MapFS {
	return fstest.MapFS{
		"fr.json": {Data: []byte(`{
			"well.notice.reminder": "Rappel de rendez-vous",
			"well.notice.reminder.subject": "Votre rendez-vous, {{.When}}",
			"well.notice.reminder.body": "Bonjour,\n\n- Quand : {{.When}}\n\n[Voir]({{.Link}})",
			"well.notice.reminder.sms": "{{.Territory}} : rendez-vous {{.When}}. Répondez OUI ou NON. {{.Link}}",
			"well.notice.code": "Code de connexion",
			"well.notice.code.subject": "Votre code",
			"well.notice.code.body": "Votre code est {{.Code}}.",
			"well.notice.code.sms": "Voici votre code : {{.Code}}"}`)},
		"en.json": {Data: []byte(`{
			"well.notice.reminder": "Appointment reminder",
			"well.notice.reminder.subject": "Your appointment, {{.When}}",
			"well.notice.reminder.body": "Hello,\n\n- When: {{.When}}\n\n[See]({{.Link}})",
			"well.notice.reminder.sms": "{{.Territory}}: appointment {{.When}}. Reply OUI or NON. {{.Link}}",
			"well.notice.code": "Sign-in code",
			"well.notice.code.subject": "Your code",
			"well.notice.code.body": "Your code is {{.Code}}.",
			"well.notice.code.sms": "Here is your code: {{.Code}}"}`)},
	}
}

func notices() []notify.Notice {
	both := []notify.Channel{notify.Mail, notify.SMS}
	return []notify.Notice{
		{Name: "well.reminder", Label: "well.notice.reminder", Channels: both,
			Fields: map[string]string{"When": "mercredi 30 septembre à 16 h 45, François Lefèvre", "Link": "https://parvis.example/vouneuil/r/AbCdEfGh"}},
		{Name: "well.code", Label: "well.notice.code", Channels: both, Urgent: true, Sensitive: true, Required: true, Fields: map[string]string{"Code": "482913"}},
	}
}

type assets struct{ http.Handler }

func (assets) Path(name string) string { return "/static/" + name }

type finder struct{}

func (finder) BySegment(_ context.Context, segment string) (web.Found, error) {
	ids := map[string]string{"vouneuil": home, "brandes": "c86042"}
	if ids[segment] == "" {
		return web.Found{}, store.ErrNotFound
	}
	paris, err := time.LoadLocation("Europe/Paris")
	return web.Found{Territory: ids[segment], Location: paris, Site: page.Site{ID: ids[segment], Kind: "Commune de", Name: "Vouneuil"}}, err
}

func (finder) ByHost(context.Context, string) (web.Found, error) {
	return web.Found{}, store.ErrNotFound
}

// refusing is an SMS adapter that refuses, when told to, before it keeps.
type refusing struct {
	sms.Sender
	err error
}

func (r *refusing) Send(ctx context.Context, m sms.Message) (sms.Receipt, error) {
	if r.err != nil {
		return sms.Receipt{}, r.err
	}
	return r.Sender.Send(ctx, m)
}

// town is a server with everything around it. may is what the member of staff
// of the next request may do; nil: nobody is signed in.
type town struct {
	t   *testing.T
	db  *store.DB
	clk *clock.Fake
	q   *job.Queue
	hub *notify.Hub
	box *mailbox.Box
	sms *refusing
	srv *web.Server
	def service.Service
	may []web.Permission
	jar []*http.Cookie
}

func each(t *testing.T, body func(t *testing.T, w *town)) {
	t.Helper()
	list := []store.Migration{event.Migration(), notify.Migration(), mailbox.Migration(), web.Migration()}
	storetest.EachClock(t, list, func(t *testing.T, db *store.DB, clk *clock.Fake) {
		clk.Set(time.Date(2026, 11, 16, 9, 40, 0, 0, time.UTC))
		w := &town{t: t, db: db, clk: clk}
		w.build()
		body(t, w)
	})
}

func (w *town) build() {
	t := w.t
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(job.Migrate(t.Context(), w.db))
	bus := event.New(w.db)
	w.box = mailbox.New(w.db, 450, nil)
	w.sms = &refusing{Sender: w.box.SMS()}
	var err error
	w.hub, err = notify.New(w.db, bus, notify.Adapters{Mail: w.box.Mail(), SMS: w.sms, Provider: mailbox.Provider}, notify.Options{
		Who: func(context.Context, *store.Tx) (notify.Territory, error) {
			return notify.Territory{Name: "Commune de Vouneuil", Mail: "accueil@vouneuil.example", Phone: "05 36 49 12 40"}, nil
		},
		Secret: []byte("a secret of the test bench"), From: "parvis@parvis.example", PartCost: 450,
		Webhooks: map[string]notify.Webhook{"brevo": {Token: token, Parse: sms.BrevoWebhook{}}},
	})
	must(err)
	w.box.Connect(w.hub.Receive)
	w.def = desk.Service(w.hub, desk.Options{Box: w.box, Find: func(_ context.Context, _ store.Handle, ref string) (link.Target, error) {
		if ref != "well:77" {
			return link.Target{}, store.ErrNotFound
		}
		return link.Target{Title: "Rendez-vous de Renée Pasquet", Href: "/puits/77", Permission: web.SignedIn}, nil
	}})
	cat, err := i18n.New(notify.Locales, words(), sms.Locales, mail.Locales, web.Locales, page.Locales)
	must(err)
	t.Cleanup(func() {
		if missing := cat.Missing(); len(missing) > 0 {
			t.Errorf("messages missing: %v", missing)
		}
	})
	w.q, err = job.New(w.db, append(w.def.Jobs, bus.Worker()), job.Options{})
	must(err)
	must(bus.Connect(w.q, nil))
	must(w.hub.Connect(w.q, cat, append(w.def.Notices, notices()...)))
	w.srv, err = web.New(web.Config{
		DB: w.db, Catalog: cat, Assets: assets{http.NotFoundHandler()}, Clock: w.clk, Logger: slog.New(slog.DiscardHandler), Sites: finder{},
		Identify: func(*web.Context) (web.Actor, error) {
			if w.may == nil {
				return web.Actor{}, nil
			}
			return web.Actor{ID: 9, Name: "Nadia Roux", May: func(p web.Permission) bool {
				for _, x := range w.may {
					if x == p {
						return true
					}
				}
				return false
			}}, nil
		},
	}, w.def.Routes)
	must(err)
}

// answer is what came back.
type answer struct {
	*http.Response
	doc  *goquery.Document
	text string
}

func (w *town) do(method, path string, form url.Values) answer {
	w.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r := httptest.NewRequest(method, "http://parvis.example"+path, body)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Accept-Language", "fr")
	r.AddCookie(&http.Cookie{Name: "parvis_session", Value: "none"})
	for _, c := range w.jar {
		r.Header.Set("Cookie", c.Name+"="+c.Value)
	}
	rec := httptest.NewRecorder()
	w.srv.ServeHTTP(rec, r)
	res := rec.Result()
	if list := res.Cookies(); len(list) > 0 {
		w.jar = list
	}
	raw := rec.Body.String()
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(raw))
	if err != nil {
		w.t.Fatal(err)
	}
	return answer{res, doc, raw}
}

func (w *town) get(path string) answer { w.t.Helper(); return w.do(http.MethodGet, path, nil) }

func (w *town) post(path string, form url.Values) answer {
	w.t.Helper()
	if form == nil {
		form = url.Values{}
	}
	return w.do(http.MethodPost, path, form)
}

func (w *town) send(m notify.Message) {
	w.t.Helper()
	if err := w.db.In(home).Update(w.t.Context(), func(tx *store.Tx) error { return w.hub.Send(w.t.Context(), tx, m) }); err != nil {
		w.t.Fatal(err)
	}
}

func (w *town) drain() {
	w.t.Helper()
	if _, err := w.q.Drain(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

func number(s string) phone.Number {
	n, err := phone.Parse(s, "")
	if err != nil {
		panic(err)
	}
	return n
}

func reminder(key string) notify.Message {
	return notify.Message{Notice: "well.reminder", Key: key, Subject: "well:77",
		To:   notify.To{Name: "Renée Pasquet", Email: "renee.pasquet@exemple.fr", Phone: number("06 39 98 12 34"), Lang: "fr"},
		Data: map[string]any{"When": notify.DayTime(time.Date(2026, 11, 24, 8, 30, 0, 0, time.UTC)), "Link": "https://parvis.example/vouneuil/r/AbCd"},
		ICS:  []byte("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nPRODID:-//x//y//FR\r\nBEGIN:VEVENT\r\nUID:77@parvis\r\nDTSTAMP:20261123T090000Z\r\nDTSTART:20261124T083000Z\r\nSUMMARY:Rendez-vous\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")}
}

func code(key string) notify.Message {
	m := reminder(key)
	m.Notice, m.Data, m.ICS = "well.code", map[string]any{"Code": "482913"}, nil
	return m
}

func refused() error { return &sms.Failure{Outcome: sms.ErrRefused, Reason: sms.ReasonRecipient} }

// clean is a page's text with plain spaces, for comparison.
func clean(s *goquery.Selection) string {
	return strings.Join(strings.Fields(s.Text()), " ")
}

// goquerySelection keeps the tests free of the library's name.
type goquerySelection = goquery.Selection

// raw is a provider's call: JSON from elsewhere, without cookie.
func (w *town) raw(path, body string) int {
	w.t.Helper()
	r := httptest.NewRequest(http.MethodPost, "http://parvis.example"+path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	rec := httptest.NewRecorder()
	w.srv.ServeHTTP(rec, r)
	return rec.Code
}
