package appointment

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"parvis/core/access"
	"parvis/core/notify"
	"parvis/core/person"
	"parvis/core/place"
	"parvis/core/territory"
	"parvis/core/territory/official"
	"parvis/engine/booking"
	"parvis/engine/dossier"
	"parvis/platform/calendar"
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
	assets "parvis/web"
)

// The two territories of the fixture. Its days are past: sessions keep the hours
// of the machine, and outlive them.
const (
	town  = "c86297"
	other = "d86"
)

func paris(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// outbox keeps what leaves, by mail and by SMS.
type outbox struct {
	mu    sync.Mutex
	sms   []sms.Message
	mails []mail.Message
}

type smsOut struct{ *outbox }

func (l smsOut) Send(_ context.Context, m sms.Message) (sms.Receipt, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sms = append(l.sms, m)
	return sms.Receipt{ProviderID: m.Ref, Parts: 1}, nil
}

type mailOut struct{ *outbox }

func (l mailOut) Send(_ context.Context, m mail.Message) (mail.Receipt, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.mails = append(l.mails, m)
	return mail.Receipt{MessageID: m.Ref + "@test"}, nil
}

// everything said so far, in one text.
func (l *outbox) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var b strings.Builder
	for _, m := range l.sms {
		b.WriteString(m.Text + "\n")
	}
	for _, m := range l.mails {
		b.WriteString(m.Subject + "\n" + m.Text + "\n" + m.HTML + "\n" + string(m.ICS) + "\n")
	}
	return b.String()
}

// sender gives person's messages to the hub, as the program does.
type sender struct{ hub *notify.Hub }

func (s sender) Send(ctx context.Context, tx *store.Tx, m person.Message) error {
	to := notify.To{Name: m.Name, Lang: m.Lang}
	if m.Channel == notify.Mail {
		to.Email = m.To
	} else if n, err := phone.Parse(m.To, ""); err == nil {
		to.Phone = n
	}
	data := map[string]any{}
	for k, v := range m.Fields {
		data[k] = v
	}
	return s.hub.Send(ctx, tx, notify.Message{Notice: m.Notice, To: to, Subject: m.Subject, Data: data, Key: m.Key, Deadline: m.Useful})
}

// failures shows in the test what the server logs as its own mistake.
type failures struct{ t *testing.T }

func (f failures) Write(p []byte) (int, error) {
	f.t.Errorf("the server failed: %s", p)
	return len(p), nil
}

type nowhere struct{}

func (nowhere) Place(context.Context, string) (person.Place, error) {
	return person.Place{}, store.ErrNotFound
}

// bench is the service with everything it stands on, behind the real server.
type bench struct {
	t       *testing.T
	db      *store.DB
	clk     *clock.Fake
	queue   *job.Queue
	s       *Service
	srv     *httptest.Server
	letters *outbox
	slug    string
	hall    store.ID // the town hall
	annex   store.ID
	agents  []store.ID
	paper   Reason // identity card: two agents at the hall, one at the annex
	social  Reason // sensitive, at the hall
	ring    Reason // by phone
	staff   Reason // not online
	foreign Reason // of the other territory
	today   time.Time
}

func benches(t *testing.T, body func(t *testing.T, b *bench)) {
	t.Helper()
	if testing.Short() {
		t.Skip("the whole path, on both engines")
	}
	list, err := official.Load()
	if err != nil {
		t.Fatal(err)
	}
	migrations := []store.Migration{event.Migration(), web.Migration(), access.Migration(), notify.Migration(), person.Migration(), place.Migration(),
		territory.Migration(), booking.Migration(), dossier.Migration(), Migration()}
	storetest.EachClock(t, migrations, func(t *testing.T, db *store.DB, clk *clock.Fake) {
		b := &bench{t: t, db: db, clk: clk, letters: &outbox{}, today: time.Date(2020, 11, 23, 8, 0, 0, 0, paris(t))}
		clk.Set(b.today)
		b.connect(list)
		b.fill()
		body(t, b)
	})
}

func (b *bench) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) connect(list *official.List) {
	t, ctx := b.t, b.t.Context()
	b.must(job.Migrate(ctx, b.db))
	bus := event.New(b.db)
	hub, err := notify.New(b.db, bus, notify.Adapters{Mail: mailOut{b.letters}, SMS: smsOut{b.letters}, Provider: "test"}, notify.Options{
		Who: func(context.Context, *store.Tx) (notify.Territory, error) {
			return notify.Territory{Name: "Commune de Vouneuil", Mail: "mairie@vouneuil.example", Phone: "05 36 49 12 40", Location: paris(t)}, nil
		},
		Secret: []byte("a secret of the test bench"), From: "parvis@parvis.example"})
	b.must(err)
	rights := access.New(b.db, access.Options{})
	people := person.New(person.Options{DB: b.db, Access: rights})
	dossiers, err := dossier.New(dossier.Config{Events: bus}, DossierKind())
	b.must(err)
	b.srv = httptest.NewServer(nil)
	t.Cleanup(b.srv.Close)
	b.s, err = New(Deps{Clock: b.clk, Booking: booking.New(b.db, booking.Options{}), Dossiers: dossiers, People: people, Hub: hub, Bus: bus,
		Secret: []byte("another secret of the bench"), Where: func(context.Context, *store.Tx) (Where, error) {
			return Where{Name: "Mairie de Vouneuil", Email: "mairie@vouneuil.example", URL: b.srv.URL + "/" + b.slug, Domain: "parvis.example",
				Discreet: "Rendez-vous", Departement: "86", Zone: paris(t)}, nil
		}})
	b.must(err)
	b.queue, err = job.New(b.db, append(hub.Workers(), bus.Worker()), job.Options{})
	b.must(err)
	b.must(bus.Connect(b.queue, nil))
	matrix, err := access.Compile(people.Service().Permissions)
	b.must(err)
	b.must(people.Connect(person.Wiring{Sender: sender{hub}, Queue: b.queue, Places: nowhere{}, Matrix: matrix}))
	cat, err := i18n.New(page.Locales, web.Locales, Locales, person.Locales, notify.Locales, booking.Locales, dossiers.Service().Locales, place.Locales,
		territory.Locales, mail.Locales, sms.Locales)
	b.must(err)
	b.must(hub.Connect(b.queue, cat, append(append(notify.Notices(), people.Service().Notices...), notices()...)))
	book := territory.New(b.db, b.db, list, bus)
	for _, id := range []string{town, other} {
		x, err := book.Activate(ctx, id, "")
		b.must(err)
		x.Settings.Place, x.Settings.Address, x.Settings.Phone = "Mairie de Vouneuil", "3, place de la Halle", "05 36 49 12 40"
		b.must(book.Save(ctx, id, territory.Change{Version: x.Version, Name: "Vouneuil", Settings: x.Settings}))
		if id == town {
			b.slug = x.Slug
		}
	}
	built, err := assets.Load()
	b.must(err)
	server, err := web.New(web.Config{DB: b.db, Catalog: cat, Assets: built, Clock: b.clk, Logger: slog.New(slog.NewTextHandler(failures{t}, &slog.HandlerOptions{Level: slog.LevelError})), Sites: book,
		SignIn: "/connexion", Prepare: func(c *web.Context) { c.Site.Phone = "05 36 49 12 40" }}, b.s.residentRoutes())
	b.must(err)
	b.srv.Config.Handler = server
}

// fill opens ranges from Monday to Friday, 9 h to 12 h and 14 h to 16 h.
func (b *bench) fill() {
	ctx := b.t.Context()
	b.must(b.db.In(town).Update(ctx, func(tx *store.Tx) error {
		b.agents = nil
		var err error
		if b.hall, err = place.Save(ctx, tx, place.Place{Name: "Mairie de Vouneuil", Address: "3, place de la Halle", Zip: "86210", City: "Vouneuil", Lat: 46.72, Lon: 0.54,
			Accessible: true, Comment: "Arrêt « Halle », ligne 15, à 80 m", Active: true}); err != nil {
			return err
		}
		if b.annex, err = place.Save(ctx, tx, place.Place{Name: "Annexe des Groges", Address: "place du Four", Zip: "86210", City: "Vouneuil", Lat: 46.75, Lon: 0.60, Active: true}); err != nil {
			return err
		}
		for _, r := range []*Reason{&b.paper, &b.social, &b.ring, &b.staff} {
			*r = NewReason()
			r.DurationMin = 30
		}
		b.paper.Name, b.paper.Team, b.paper.Need, b.paper.AfterText = "Carte d’identité, passeport", "État civil", "papers", "- Une photo de moins de six mois\n- L’ancien titre"
		b.paper.BeforeText = "Un rendez-vous par personne."
		b.social.Name, b.social.Sensitive, b.social.AfterText = "Violences dans la famille", true, "Apportez le courrier de l’avocat"
		b.ring.Name, b.ring.Mode, b.ring.Need = "Question d’urbanisme", Phone, "home"
		b.staff.Name, b.staff.Online = "Mariage", false
		for _, r := range []*Reason{&b.paper, &b.social, &b.ring, &b.staff} {
			if r.ID, err = b.s.SaveReason(ctx, tx, *r); err != nil {
				return err
			}
		}
		for i, at := range []store.ID{b.hall, b.hall, b.annex} {
			id, err := b.s.booking.AddResource(ctx, tx, booking.Resource{Kind: booking.Person, Name: "Guichet " + string(rune('A'+i)), PlaceID: at, TimeZone: "Europe/Paris",
				HolidayZone: calendar.ZoneMainland, Active: true})
			if err != nil {
				return err
			}
			b.agents = append(b.agents, id)
			tags := []string{b.paper.Tag()}
			if at == b.hall {
				tags = append(tags, b.social.Tag(), b.ring.Tag(), b.staff.Tag())
			}
			start := calendar.On(2020, time.November, 23)
			if at == b.annex {
				start = calendar.On(2020, time.November, 25) // opens later than the hall
			}
			for _, hours := range [][2]int{{9 * 60, 12 * 60}, {14 * 60, 16 * 60}} {
				if _, _, err := b.s.booking.SaveRule(ctx, tx, booking.Rule{ResourceID: id, Tags: tags,
					When: calendar.Rule{RRule: "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", Start: start, From: hours[0], To: hours[1]}}); err != nil {
					return err
				}
			}
		}
		return nil
	}))
	b.must(b.db.In(other).Update(ctx, func(tx *store.Tx) error {
		b.foreign = NewReason()
		b.foreign.Name = "Aide sociale"
		var err error
		b.foreign.ID, err = b.s.SaveReason(ctx, tx, b.foreign)
		return err
	}))
}

// at is a local time of the fixture's week: at(24, 9, 30) is Tuesday 9 h 30.
func (b *bench) at(day, hour, minute int) time.Time {
	return time.Date(2020, 11, day, hour, minute, 0, 0, paris(b.t))
}

// drain sends what is due.
func (b *bench) drain() {
	b.t.Helper()
	_, err := b.queue.Drain(b.t.Context())
	b.must(err)
}

var sixDigits = regexp.MustCompile(`\b\d{6}\b`)

// code is the last one sent.
func (b *bench) code() string {
	b.t.Helper()
	b.drain()
	all := b.letters.text()
	found := sixDigits.FindAllString(all, -1)
	if len(found) == 0 {
		b.t.Fatalf("no code was sent:\n%s", all)
	}
	return found[len(found)-1]
}

// visitor is a browser without JavaScript.
type visitor struct {
	b      *bench
	client *http.Client
	lang   string
}

func (b *bench) visitor() *visitor {
	jar, err := cookiejar.New(nil)
	b.must(err)
	return &visitor{b: b, client: &http.Client{Jar: jar}}
}

// view is a page as the visitor has it.
type view struct {
	*goquery.Document
	t      *testing.T
	Status int
	URL    *url.URL
	Header http.Header
	Body   string
}

func (v *visitor) do(method, target string, form url.Values) view {
	v.b.t.Helper()
	if !strings.HasPrefix(target, "http") {
		if !strings.HasPrefix(target, "/"+v.b.slug) {
			target = "/" + v.b.slug + target
		}
		target = v.b.srv.URL + target
	}
	var body io.Reader
	if method == http.MethodPost {
		body = strings.NewReader(form.Encode())
	}
	req, err := http.NewRequestWithContext(v.b.t.Context(), method, target, body)
	v.b.must(err)
	if body != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	if v.lang != "" {
		req.Header.Set("Accept-Language", v.lang)
	}
	res, err := v.client.Do(req)
	v.b.must(err)
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	v.b.must(err)
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(string(raw)))
	v.b.must(err)
	out := view{Document: doc, t: v.b.t, Status: res.StatusCode, URL: res.Request.URL, Header: res.Header, Body: string(raw)}
	if strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
		accessible(v.b.t, out)
		v.b.keep(out)
	}
	return out
}

func (v *visitor) get(target string) view { v.b.t.Helper(); return v.do(http.MethodGet, target, nil) }

// path of the page, without the territory.
func (p view) path(b *bench) string { return strings.TrimPrefix(p.URL.Path, "/"+b.slug) }

// submit sends the form whose button carries these words, with the fields of
// the page and those given.
func (v *visitor) submit(p view, button string, fields ...string) view {
	v.b.t.Helper()
	var hit *goquery.Selection
	p.Find("main button").EachWithBreak(func(_ int, s *goquery.Selection) bool {
		label, _ := s.Attr("aria-label")
		if strings.Contains(plain(s.Text()), button) || strings.Contains(plain(label), button) {
			hit = s
		}
		return hit == nil
	})
	if hit == nil {
		v.b.t.Fatalf("no button %q on %s:\n%s", button, p.URL.Path, plain(p.Find("main").Text()))
	}
	form := hit.Closest("form")
	values := url.Values{}
	form.Find("input, textarea, select").Each(func(_ int, s *goquery.Selection) {
		name, _ := s.Attr("name")
		value, _ := s.Attr("value")
		kind, _ := s.Attr("type")
		_, checked := s.Attr("checked")
		if name != "" && (kind != "radio" && kind != "checkbox" || checked) {
			values.Set(name, value)
		}
	})
	if name, ok := hit.Attr("name"); ok {
		values.Set(name, hit.AttrOr("value", ""))
	}
	for i := 0; i+1 < len(fields); i += 2 {
		values.Set(fields[i], fields[i+1])
	}
	action := form.AttrOr("action", p.URL.Path)
	if strings.EqualFold(form.AttrOr("method", "get"), "get") {
		return v.get(action + "?" + values.Encode())
	}
	return v.do(http.MethodPost, action, values)
}

// plain is a text with ordinary spaces.
func plain(s string) string {
	return strings.Join(strings.Fields(strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(s)), " ")
}

func (p view) says(words ...string) {
	p.t.Helper()
	text := plain(p.Find("main").Text())
	for _, w := range words {
		if !strings.Contains(text, w) {
			p.t.Errorf("%s does not say %q:\n%s", p.URL.Path, w, text)
		}
	}
}

func (p view) status(want int) view {
	p.t.Helper()
	if p.Status != want {
		p.t.Fatalf("%s: status %d, want %d:\n%s", p.URL, p.Status, want, plain(p.Find("main").Text()))
	}
	return p
}

// accessible checks on every page met what can be checked by reading it: one
// h1, levels without a gap, unique ids, names of fields and buttons, hints and
// errors that exist, no message key left in the text.
func accessible(t *testing.T, p view) {
	t.Helper()
	if n := p.Find("h1").Length(); n != 1 {
		t.Errorf("%s: %d h1", p.URL, n)
	}
	level := 0
	p.Find("main h1, main h2, main h3, main h4").Each(func(_ int, s *goquery.Selection) {
		next := int(goquery.NodeName(s)[1] - '0')
		if next > level+1 && level > 0 {
			t.Errorf("%s: h%d after h%d: %s", p.URL, next, level, plain(s.Text()))
		}
		level = next
	})
	seen := map[string]bool{}
	p.Find("[id]").Each(func(_ int, s *goquery.Selection) {
		id := s.AttrOr("id", "")
		if seen[id] {
			t.Errorf("%s: id %q twice", p.URL, id)
		}
		seen[id] = true
	})
	p.Find("[aria-describedby], [aria-labelledby]").Each(func(_ int, s *goquery.Selection) {
		for _, id := range strings.Fields(s.AttrOr("aria-describedby", "") + " " + s.AttrOr("aria-labelledby", "")) {
			if !seen[id] {
				t.Errorf("%s: %s is described by %q, which does not exist", p.URL, goquery.NodeName(s), id)
			}
		}
	})
	p.Find("main input:not([type=hidden]), main select, main textarea").Each(func(_ int, s *goquery.Selection) {
		if id := s.AttrOr("id", ""); p.Find(`label[for="`+id+`"]`).Length() == 0 && s.AttrOr("aria-label", "") == "" {
			t.Errorf("%s: field %q has no label", p.URL, s.AttrOr("name", ""))
		}
	})
	p.Find("main a[href^='#']").Each(func(_ int, s *goquery.Selection) {
		if id := strings.TrimPrefix(s.AttrOr("href", ""), "#"); !seen[id] {
			t.Errorf("%s: a link leads to #%s, which does not exist", p.URL, id)
		}
	})
	p.Find("main a, main button").Each(func(_ int, s *goquery.Selection) {
		if plain(s.Text()) == "" && s.AttrOr("aria-label", "") == "" {
			t.Errorf("%s: a link or button without a name", p.URL)
		}
	})
	if i := strings.Index(p.Body, "appointment."); i >= 0 {
		t.Errorf("%s: a message key is shown: %s", p.URL, p.Body[i:min(len(p.Body), i+60)])
	}
	if strings.Contains(p.Body, "style=") {
		t.Errorf("%s: an inline style", p.URL)
	}
}

// keep writes the pages met to the folder of PARVIS_GALLERY, to look at them.
func (b *bench) keep(p view) {
	dir := os.Getenv("PARVIS_GALLERY")
	if dir == "" || b.db.Engine() != store.SQLite {
		return
	}
	name := strings.NewReplacer("/", "_", " ", "_").Replace(b.t.Name()+"_"+p.path(b)) + "_" + time.Now().Format("150405.000000") + ".html"
	b.must(os.WriteFile(dir+"/"+name, []byte(strings.ReplaceAll(p.Body, `"/static/`, `"static/`)), 0o600))
}
