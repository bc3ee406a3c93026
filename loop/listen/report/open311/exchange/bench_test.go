package exchange

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"parvis/core/access"
	"parvis/core/notify"
	"parvis/engine/dossier"
	"parvis/loop/listen/report"
	"parvis/loop/listen/report/open311"
	"parvis/platform/api"
	"parvis/platform/clock"
	"parvis/platform/event"
	"parvis/platform/file"
	"parvis/platform/geo"
	"parvis/platform/i18n"
	"parvis/platform/job"
	"parvis/platform/photo"
	"parvis/platform/store"
	"parvis/platform/store/storetest"
	"parvis/platform/web"
	"parvis/platform/web/page"
	assets "parvis/web"
)

// The two territories of the bench.
const (
	town  = "c86297"
	other = "c86194"
)

// failures shows in the test what the server logs as its own mistake.
type failures struct{ t *testing.T }

func (f failures) Write(p []byte) (int, error) {
	f.t.Errorf("the server failed: %s", p)
	return len(p), nil
}

// sites serves both territories under their slug.
type sites struct{}

func (sites) BySegment(_ context.Context, segment string) (web.Found, error) {
	id := map[string]string{"vouneuil": town, "poitiers": other}[segment]
	if id == "" {
		return web.Found{}, store.ErrNotFound
	}
	return web.Found{Territory: id, Location: time.UTC, Site: page.Site{ID: id, Kind: "Commune de", Name: segment, Sign: "vagues", Territory: "#B4532F", Tracking: "-"}}, nil
}

func (sites) ByHost(context.Context, string) (web.Found, error) {
	return web.Found{}, store.ErrNotFound
}

// bench is the interface with everything it stands on, behind the real server.
type bench struct {
	t     *testing.T
	db    *store.DB
	clk   *clock.Fake
	queue *job.Queue
	bus   *event.Bus
	e     *Exchange
	srv   *httptest.Server
	key   string // files and treats
	weak  string // may do something else
	actor web.Actor
}

func (b *bench) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func migrations() []store.Migration {
	return []store.Migration{web.Migration(), event.Migration(), api.Migration(), access.Migration(), notify.Migration(), dossier.Migration(), report.Migration(), Migration()}
}

// benches runs body on both engines, at nine in the morning of a Monday.
func benches(t *testing.T, body func(t *testing.T, b *bench)) {
	t.Helper()
	storetest.EachClock(t, migrations(), func(t *testing.T, db *store.DB, clk *clock.Fake) {
		clk.Set(time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC))
		body(t, newBench(t, db, clk))
	})
}

func newBench(t *testing.T, db *store.DB, clk *clock.Fake) *bench {
	t.Helper()
	b := &bench{t: t, db: db, clk: clk, bus: event.New(db)}
	ctx := t.Context()
	b.must(job.Migrate(ctx, db))
	var err error
	b.queue, err = job.New(db, nil, job.Options{})
	b.must(err)
	var reports *report.Reports
	dossiers, err := dossier.New(dossier.Config{Events: b.bus}, report.DossierKind(func() *report.Reports { return reports }))
	b.must(err)
	files, err := file.OpenFolder(t.TempDir(), file.FolderOptions{})
	b.must(err)
	b.srv = httptest.NewServer(nil)
	t.Cleanup(b.srv.Close)
	reports, err = report.New(report.Deps{Clock: clk, DB: db, Dossiers: dossiers, Bus: b.bus, Files: files, Secret: []byte("a secret of the test bench"),
		Where: func(_ context.Context, tx *store.Tx) (report.Where, error) {
			return report.Where{Name: "Vouneuil", URL: b.url(tx.Territory()), Region: "86", Location: time.UTC}, nil
		}})
	b.must(err)
	var keys *api.API
	cat, err := i18n.New(page.Locales, web.Locales, api.Locales, Locales, report.Locales, dossiers.Service().Locales, photo.Locales, geo.Locales)
	b.must(err)
	b.e, err = New(Deps{Reports: reports, Queue: b.queue, Words: cat.Localizer(i18n.French).T, Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		Here: func(_ context.Context, id string) (Jurisdiction, error) { return b.place(id), nil },
		Named: func(_ context.Context, name string) (Jurisdiction, error) {
			for _, id := range []string{town, other} {
				if j := b.place(id); j.named(name) {
					return j, nil
				}
			}
			return Jurisdiction{}, store.ErrNotFound
		},
		Within: func(_ context.Context, _ string, p geo.Point) (bool, error) {
			return geo.Distance(p, geo.Point{Lat: 46.58, Lon: 0.34}) < 30000, nil
		},
		Key: func(ctx context.Context, territory, secret string) (web.Actor, error) {
			return keys.Actor(ctx, territory, secret)
		}})
	b.must(err)
	service := b.e.Service()
	b.must(b.queue.Declare(append(service.Jobs, b.bus.Worker())...))
	b.must(b.bus.Connect(b.queue, append(service.On, reports.Service().On...)))
	keys = api.New(api.Config{DB: db, Catalog: cat, Clock: clk, Find: sites{}.BySegment})
	service.API(keys.Group(Name))
	keys.Group(Name).Offer("test.other")
	b.actor = web.Actor{ID: 7, Name: "Essai", May: func(web.Permission) bool { return true }}
	b.must(db.In(town).Update(ctx, func(tx *store.Tx) (err error) {
		if _, b.key, err = keys.CreateToken(ctx, tx, b.actor, api.NewToken{Name: "partenaire", Permissions: []web.Permission{MayFile, MayTreat}}); err != nil {
			return err
		}
		_, b.weak, err = keys.CreateToken(ctx, tx, b.actor, api.NewToken{Name: "autre", Permissions: []web.Permission{"test.other"}})
		return err
	}))
	built, err := assets.Load()
	b.must(err)
	routes := service.Routes
	for _, r := range reports.Service().Routes { // the photos
		if strings.Contains(r.Path, "/photo/") && r.Permission == web.Public {
			routes = append(routes, r)
		}
	}
	server, err := web.New(web.Config{DB: db, Catalog: cat, Assets: built, Clock: clk, Sites: sites{}, SignIn: "/connexion",
		Logger: slog.New(slog.NewTextHandler(failures{t}, &slog.HandlerOptions{Level: slog.LevelError}))}, routes)
	b.must(err)
	b.srv.Config.Handler = server
	b.categories()
	return b
}

func (b *bench) url(id string) string {
	return b.srv.URL + "/" + map[string]string{town: "vouneuil", other: "poitiers"}[id]
}

func (b *bench) place(id string) Jurisdiction {
	slug := strings.TrimPrefix(b.url(id), b.srv.URL+"/")
	return Jurisdiction{Territory: id, Names: []string{slug, id}, Name: slug, URL: b.url(id), Contact: "mairie@vouneuil.example", Test: true}
}

// categories are those that the black-box cases name, and one of each type.
func (b *bench) categories() {
	option := func(codes ...string) (out []report.Option) {
		for _, c := range codes {
			out = append(out, report.Option{Code: c, Label: strings.ToUpper(c[:1]) + c[1:]})
		}
		return out
	}
	detail := func(d report.Detail) report.Detail {
		d.RadiusM, d.Priority, d.Anonymous, d.ReopenDays = 250, report.Normal, true, 60
		return d
	}
	for i, c := range []struct {
		code, label, group string
		detail             report.Detail
	}{
		{"voi-tro", "Trottoir dégradé", "Voirie", report.Detail{Keywords: []string{"pavé", "dalle"}}},
		{"voi-nid", "Nid-de-poule, chaussée « abîmée » & <trou>", "Voirie", report.Detail{Hint: "Un trou", Questions: []report.Question{
			{Code: "profondeur", Label: "Profondeur estimée", Type: "number"}, {Code: "danger", Label: "Danger ?", Type: "single", Required: true, Public: true, Options: option("oui", "non")}}}},
		{"pro-dep", "Dépôt sauvage", "Propreté", report.Detail{Questions: []report.Question{
			{Code: "nature", Label: "Nature", Type: "multi", Required: true, Public: true, Options: option("gravats", "meubles", "verts")}, {Code: "vu_le", Label: "Vu le", Type: "date"}}}},
		{"pro-tag", "Tag", "Propreté", report.Detail{Questions: []report.Question{
			{Code: "support", Label: "Support", Type: "single", Required: true, Options: option("pierre", "enduit")}, {Code: "surface", Label: "Surface", Type: "number"},
			{Code: "injurieux", Label: "Injurieux ?", Type: "single", Required: true, Options: option("oui", "non")}}}},
		{"esp-arb", "Arbre dangereux", "Espaces verts", report.Detail{Warning: "En cas de danger, appelez le 112.", Questions: []report.Question{{Code: "precision", Label: "Précisions", Type: "text"}}}},
		{"ani-nui", "Animal en souffrance", "Animaux", report.Detail{Sensitive: true}},
		{"aut-pri", "Réclamation sur un agent", "Autre", report.Detail{Private: true}},
	} {
		b.must(b.db.In(town).Update(b.t.Context(), func(tx *store.Tx) error {
			// Written as a row: the codes of the published cases are what they are.
			_, err := tx.Exec(b.t.Context(), `INSERT INTO report_category (territory_id, id, code, label, label_fold, heading, rank, active, detail, version, updated_at)
				VALUES (@territory, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?)`, store.NewID(), c.code, c.label, c.label, c.group, i, true, store.JSON[report.Detail]{V: detail(c.detail)}, tx.Now())
			return err
		}))
	}
}

func (b *bench) category(code string) (c report.Category) {
	b.t.Helper()
	b.must(b.db.In(town).View(b.t.Context(), func(tx *store.Tx) (err error) {
		c, err = b.e.Reports.CategoryByCode(b.t.Context(), tx, code)
		return err
	}))
	return c
}

// open files a report as the pages do.
func (b *bench) open(code string, change func(*report.Draft)) report.Report {
	b.t.Helper()
	d := report.Draft{Category: b.category(code).ID, Text: "Une dalle est cassée.", Point: &geo.Point{Lat: 46.58, Lon: 0.34}, Address: "12 rue de la Paix, 86000 Poitiers", Anonymous: true, Trusted: true}
	if change != nil {
		change(&d)
	}
	r, err := b.e.Reports.Open(b.t.Context(), b.db.In(town), d)
	b.must(err)
	return r
}

func (b *bench) drain() {
	b.t.Helper()
	if _, err := b.queue.Drain(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
}

// reply is an answer of the server.
type reply struct {
	status int
	header http.Header
	body   string
}

func (b *bench) send(method, path, body string, header map[string]string) reply {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.srv.URL+path, strings.NewReader(body))
	b.must(err)
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	}
	for k, v := range header {
		req.Header.Set(k, v)
	}
	res, err := http.DefaultClient.Do(req)
	b.must(err)
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	b.must(err)
	return reply{res.StatusCode, res.Header, string(raw)}
}

// get asks the interface of the town.
func (b *bench) get(path string) reply {
	b.t.Helper()
	return b.send(http.MethodGet, "/vouneuil"+Path+path, "", nil)
}

func (b *bench) post(path string, args url.Values) reply {
	b.t.Helper()
	return b.send(http.MethodPost, "/vouneuil"+Path+path, args.Encode(), nil)
}

// args are the arguments of a right posting, changed; "" takes one away.
func (b *bench) args(pairs ...string) url.Values {
	v := url.Values{"api_key": {b.key}, "service_code": {"voi-tro"}, "lat": {"46.58"}, "long": {"0.34"}}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			v.Del(pairs[i])
		} else if strings.HasSuffix(pairs[i], "[]") {
			v.Add(pairs[i], pairs[i+1])
		} else {
			v.Set(pairs[i], pairs[i+1])
		}
	}
	return v
}

func (b *bench) count(query string, args ...any) (n int) {
	b.t.Helper()
	b.must(b.db.In(town).View(b.t.Context(), func(tx *store.Tx) error { return tx.Get(b.t.Context(), &n, query, args...) }))
	return n
}

func (b *bench) reports() int {
	return b.count(`SELECT COUNT(*) FROM report WHERE territory_id = @territory`)
}

// stored reads a report by its number.
func (b *bench) stored(number string) (r report.Report) {
	b.t.Helper()
	b.must(b.db.In(town).View(b.t.Context(), func(tx *store.Tx) (err error) {
		r, err = b.e.Reports.ByNumber(b.t.Context(), tx, number)
		return err
	}))
	return r
}

func (b *bench) receipt(r reply) open311.Receipt {
	b.t.Helper()
	if r.status != http.StatusCreated {
		b.t.Fatalf("posting: %d %s", r.status, r.body)
	}
	got, err := open311.ReadReceipt([]byte(r.body))
	b.must(err)
	return got
}

func (b *bench) listed(r reply) []open311.Request {
	b.t.Helper()
	if r.status != http.StatusOK {
		b.t.Fatalf("listing: %d %s", r.status, r.body)
	}
	got, err := open311.ReadRequests([]byte(r.body))
	b.must(err)
	return got
}

// picture is a JPEG with a place in its metadata.
func picture(t testing.TB) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 80, 60))
	for i := range img.Pix {
		img.Pix[i] = uint8(i * 7)
	}
	img.Set(1, 1, color.White)
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, nil); err != nil {
		t.Fatal(err)
	}
	meta := "Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x00GPS-SECRET"
	segment := append([]byte{0xff, 0xe1, 0, byte(len(meta) + 2)}, meta...)
	return append(append(append([]byte{}, out.Bytes()[:2]...), segment...), out.Bytes()[2:]...)
}

func asJSON(t testing.TB, body string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		t.Fatalf("not JSON: %v\n%s", err, body)
	}
	return v
}
