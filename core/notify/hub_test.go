package notify_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"parvis/core/notify"
	"parvis/platform/clock"
	"parvis/platform/event"
	"parvis/platform/i18n"
	"parvis/platform/job"
	"parvis/platform/mail"
	"parvis/platform/phone"
	"parvis/platform/sms"
	"parvis/platform/store"
	"parvis/platform/store/storetest"
)

const home = "c86300" // the territory most tests write from

// words are the texts of a service that exists in tests only.
func words() fstest.MapFS {
	return fstest.MapFS{
		"fr.json": {Data: []byte(`{
			"well.notice.reminder": "Rappel",
			"well.notice.reminder.subject": "Votre rendez-vous, {{.When}}",
			"well.notice.reminder.body": "Bonjour,\n\nVous êtes attendu {{.When}}.",
			"well.notice.reminder.sms": "{{.Territory}} : rendez-vous {{.When}}. Répondez OUI ou NON.",
			"well.notice.code": "Code",
			"well.notice.code.subject": "Votre code",
			"well.notice.code.body": "Votre code est {{.Code}}.",
			"well.notice.code.sms": "Code {{.Code}}"}`)},
		"en.json": {Data: []byte(`{
			"well.notice.reminder": "Reminder",
			"well.notice.reminder.subject": "Your appointment, {{.When}}",
			"well.notice.reminder.body": "Hello,\n\nYou are expected {{.When}}.",
			"well.notice.reminder.sms": "{{.Territory}}: appointment {{.When}}. Reply OUI or NON.",
			"well.notice.code": "Code",
			"well.notice.code.subject": "Your code",
			"well.notice.code.body": "Your code is {{.Code}}.",
			"well.notice.code.sms": "Code {{.Code}}"}`)},
	}
}

func testNotices() []notify.Notice {
	both := []notify.Channel{notify.Mail, notify.SMS}
	return append(notify.Notices(),
		notify.Notice{Name: "well.reminder", Label: "well.notice.reminder", Channels: both, Fields: map[string]string{"When": "mercredi 30 septembre à 16 h 45"}},
		notify.Notice{Name: "well.code", Label: "well.notice.code", Channels: both, Urgent: true, Sensitive: true, Required: true, Fields: map[string]string{"Code": "482913"}})
}

// provider is an SMS adapter that does what each test asks of it.
type provider struct {
	mu   sync.Mutex
	left []sms.Message // what left for phones
	// do runs at each call and decides: an error, or nil to accept. nil: accept.
	do func(n int, m sms.Message) error
	n  int
}

func (p *provider) Send(_ context.Context, m sms.Message) (sms.Receipt, error) {
	p.mu.Lock()
	p.n++
	n, do := p.n, p.do
	p.mu.Unlock()
	if do != nil {
		if err := do(n, m); err != nil {
			return sms.Receipt{}, err
		}
	}
	p.take(m)
	return sms.Receipt{ProviderID: fmt.Sprintf("P%d", n), Parts: 1, Cost: 450}, nil
}

func (p *provider) take(m sms.Message) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left = append(p.left, m)
}

func (p *provider) texts() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := []string{}
	for _, m := range p.left {
		out = append(out, m.Text)
	}
	return out
}

// teller is a provider that can say what it has.
type teller struct {
	*provider
	cannot bool
}

func (p teller) Ask(_ context.Context, ref string) (sms.Receipt, bool, error) {
	if p.cannot {
		return sms.Receipt{}, false, fmt.Errorf("the directory is closed")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, m := range p.left {
		if m.Ref == ref {
			return sms.Receipt{ProviderID: fmt.Sprintf("P%d", i+1), Parts: 1, Cost: 450}, true, nil
		}
	}
	return sms.Receipt{}, false, nil
}

// postman is a mail adapter; what it is given counts once per Message-ID, as
// receivers do.
type postman struct {
	mu    sync.Mutex
	calls int
	ids   map[string]int
	last  mail.Message
	do    func(n int) error
}

func (p *postman) Send(_ context.Context, m mail.Message) (mail.Receipt, error) {
	if err := m.Check(); err != nil {
		return mail.Receipt{}, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls++
	if p.do != nil {
		if err := p.do(p.calls); err != nil {
			return mail.Receipt{}, err
		}
	}
	p.take(m)
	return mail.Receipt{MessageID: m.Ref + "@test"}, nil
}

func (p *postman) take(m mail.Message) {
	if p.ids == nil {
		p.ids = map[string]int{}
	}
	p.ids[m.Ref]++
	p.last = m
}

// bench is everything around a hub.
type bench struct {
	t     *testing.T
	db    *store.DB
	clk   *clock.Fake
	q     *job.Queue
	bus   *event.Bus
	hub   *notify.Hub
	cat   *i18n.Catalog
	sms   *provider
	mail  *postman
	heard []event.Event
}

func migrations() []store.Migration {
	return []store.Migration{event.Migration(), notify.Migration()}
}

var paris = func() *time.Location {
	l, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		panic(err)
	}
	return l
}()

// at reads "2026-03-28 19:30" in Paris.
func at(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, paris)
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

// each runs a test on both engines, at ten o'clock of a Monday unless the test
// moves the clock.
func each(t *testing.T, body func(t *testing.T, b *bench)) {
	t.Helper()
	storetest.EachClock(t, migrations(), func(t *testing.T, db *store.DB, clk *clock.Fake) {
		clk.Set(at("2026-11-23 10:00"))
		b := &bench{t: t, db: db, clk: clk, sms: &provider{}, mail: &postman{}}
		b.connect(notify.Adapters{Mail: b.mail, SMS: b.sms, Provider: "test"})
		body(t, b)
	})
}

// connect builds the hub, as a process that starts does.
func (b *bench) connect(a notify.Adapters) {
	b.t.Helper()
	ctx := context.Background()
	if err := job.Migrate(ctx, b.db); err != nil {
		b.t.Fatal(err)
	}
	cat, err := i18n.New(notify.Locales, words(), sms.Locales, mail.Locales)
	if err != nil {
		b.t.Fatal(err)
	}
	b.bus = event.New(b.db)
	hub, err := notify.New(b.db, b.bus, a, notify.Options{
		Who: func(_ context.Context, tx *store.Tx) (notify.Territory, error) {
			return notify.Territory{Name: "Commune de Vouneuil", Mail: "accueil@vouneuil.example", Phone: "05 36 49 12 40", Location: paris}, nil
		},
		Secret: []byte("a secret of the test bench"), From: "parvis@parvis.example", PartCost: 450,
	})
	if err != nil {
		b.t.Fatal(err)
	}
	b.q, err = job.New(b.db, append(hub.Workers(), b.bus.Worker()), job.Options{})
	if err != nil {
		b.t.Fatal(err)
	}
	b.hub, b.cat = hub, cat
	if err := b.bus.Connect(b.q, []event.Subscription{event.On(notify.ReceivedKind, "test.heard", func(_ context.Context, e event.Event) error {
		b.heard = append(b.heard, e)
		return nil
	})}); err != nil {
		b.t.Fatal(err)
	}
	if err := hub.Connect(b.q, cat, testNotices()); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) update(territory string, fn func(tx *store.Tx) error) {
	b.t.Helper()
	if err := b.db.In(territory).Update(b.t.Context(), fn); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) view(territory string, fn func(tx *store.Tx) error) {
	b.t.Helper()
	if err := b.db.In(territory).View(b.t.Context(), fn); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) send(m notify.Message) {
	b.t.Helper()
	b.sendFrom(home, m)
}

func (b *bench) sendFrom(territory string, m notify.Message) {
	b.t.Helper()
	b.update(territory, func(tx *store.Tx) error { return b.hub.Send(b.t.Context(), tx, m) })
}

// drain runs what is due.
func (b *bench) drain() {
	b.t.Helper()
	if _, err := b.q.Drain(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
}

// drainCrashing runs what is due in a program that is killed by a panic of an
// adapter; it tells whether it was.
func (b *bench) drainCrashing() (killed bool) {
	b.t.Helper()
	defer func() {
		if p := recover(); p == "killed" {
			killed = true
		} else if p != nil {
			panic(p)
		}
	}()
	b.drain()
	return false
}

func (b *bench) log(f notify.Filter) []notify.Entry {
	b.t.Helper()
	var out []notify.Entry
	b.view(home, func(tx *store.Tx) (err error) {
		out, err = b.hub.Log(b.t.Context(), tx, f, notify.Cursor{}, 100)
		return err
	})
	return out
}

// one is the only message of the log on a channel.
func (b *bench) one(c notify.Channel) notify.Entry {
	b.t.Helper()
	list := b.log(notify.Filter{Channel: c})
	if len(list) != 1 {
		b.t.Fatalf("%d messages by %s, want 1: %+v", len(list), c, list)
	}
	return list[0]
}

func number(s string) phone.Number {
	n, err := phone.Parse(s, "")
	if err != nil {
		panic(err)
	}
	return n
}

var (
	renee  = notify.To{Name: "Renée Pasquet", Email: "renee.pasquet@exemple.fr", Phone: number("06 39 98 12 34"), Lang: "fr"}
	mobile = notify.To{Name: "Renée Pasquet", Phone: number("06 39 98 12 34"), Lang: "fr"}
	byMail = notify.To{Name: "Renée Pasquet", Email: "renee.pasquet@exemple.fr", Lang: "fr"}
)

func reminder(to notify.To, key string) notify.Message {
	return notify.Message{Notice: "well.reminder", To: to, Subject: "well:77", Key: key,
		Data: map[string]any{"When": notify.DayTime(at("2026-11-24 09:30"))}}
}
