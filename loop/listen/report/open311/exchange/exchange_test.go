package exchange

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"parvis/engine/dossier"
	"parvis/loop/listen/report"
	"parvis/loop/listen/report/open311"
	"parvis/platform/fault"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/store/storetest"
)

func TestLocales(t *testing.T) {
	if err := i18n.Check(Locales); err != nil {
		t.Error(err)
	}
	if err := i18n.CheckUsage(".", Locales); err != nil {
		t.Error(err)
	}
}

// second is another instance, with its own database, at the same hour.
func (b *bench) second() *bench {
	b.t.Helper()
	return newBench(b.t, storetest.Open(b.t, storetest.SQLiteDSN(b.t), b.clk, migrations()), b.clk)
}

// hand makes another instance the peer to which b hands categories.
func (b *bench) hand(to *bench, routes map[string]string) Peer {
	b.t.Helper()
	p, err := b.e.SavePeer(b.t.Context(), b.db.In(town), Peer{Name: "Département", URL: to.url(town) + Path, Jurisdiction: "vouneuil", APIKey: to.key, Active: true,
		Routes: store.JSON[map[string]string]{V: routes}})
	b.must(err)
	return p
}

func (b *bench) handed(r report.Report) (x handoff) {
	b.t.Helper()
	b.must(b.db.In(town).View(b.t.Context(), func(tx *store.Tx) error {
		return tx.Get(b.t.Context(), &x, `SELECT `+handoffColumns+` FROM open311_handoff WHERE territory_id = @territory AND report_id = ?`, r.ID)
	}))
	return x
}

func (b *bench) entries(r report.Report) int {
	return b.count(`SELECT COUNT(*) FROM dossier_entry WHERE territory_id = @territory AND dossier_id = ?`, r.DossierID)
}

func staff() dossier.Author { return dossier.Author{Kind: dossier.Staff, ID: 7} }

func after(r report.Report) (n int) {
	for _, p := range r.Photos {
		if p.Role == report.After {
			n++
		}
	}
	return n
}

func (b *bench) withPhoto(code string) report.Report {
	b.t.Helper()
	photo, err := b.e.Reports.KeepPhoto(b.t.Context(), b.db.In(town), bytes.NewReader(picture(b.t)), "")
	b.must(err)
	return b.open(code, func(d *report.Draft) {
		d.Photos, d.Anonymous = []report.PhotoRef{{ID: photo.ID}}, false
		d.Contact = report.Contact{FirstName: "Ginette", LastName: "Ploumagoar", Phone: "0639981234", Email: "ginette.p@exemple.fr"}
		d.Text = "Dalle cassée, appelez Ginette Ploumagoar"
	})
}

// Two instances exchange a report, its progress, its end and its photos, both ways.
func TestTwoInstances(t *testing.T) {
	benches(t, func(t *testing.T, a *bench) {
		b := a.second()
		a.hand(b, map[string]string{"voi-tro": "voi-tro"})
		b.hand(a, map[string]string{"pro-tag": "esp-arb"})
		for _, way := range []struct {
			from, to     *bench
			code, theirs string
		}{{a, b, "voi-tro", "voi-tro"}, {b, a, "pro-tag", "esp-arb"}} {
			from, to, ctx := way.from, way.to, t.Context()
			ours := from.withPhoto(way.code)
			from.drain()
			x := from.handed(ours)
			if x.State != sent || x.RemoteID == "" {
				t.Fatalf("handed: %+v", x)
			}
			theirs := to.stored(x.RemoteID)
			if c := to.category(way.theirs); theirs.CategoryID != c.ID || theirs.Lat != ours.Lat || theirs.Channel != dossier.API || len(theirs.Photos) != 1 ||
				!strings.Contains(theirs.Text, ours.Number) || !strings.Contains(theirs.Text, "Dalle cassée") {
				t.Errorf("there: %+v", theirs)
			}
			if strings.Contains(theirs.Text, "Ploumagoar") || to.count(`SELECT COUNT(*) FROM report_author WHERE territory_id = @territory AND report_id = ?`, theirs.ID) != 0 {
				t.Errorf("who reported was told: %q", theirs.Text)
			}
			to.drain() // what arrived is not handed back
			if n := to.count(`SELECT COUNT(*) FROM open311_handoff WHERE territory_id = @territory AND report_id = ?`, theirs.ID); n != 0 {
				t.Error("handed on")
			}

			from.clk.Advance(time.Minute)
			_, err := to.e.Reports.Advance(ctx, to.db.In(town), theirs.ID, staff(), report.Planned, time.Time{}, "")
			to.must(err)
			from.clk.Advance(time.Minute)
			from.must(from.e.PullAll(ctx))
			if s := from.stored(ours.Number).State; s != report.Planned {
				t.Errorf("planned there, %s here", s)
			}

			_, err = to.e.Reports.AddPhoto(ctx, to.db.In(town), theirs.ID, report.After, bytes.NewReader(picture(t)))
			to.must(err)
			_, err = to.e.Reports.Close(ctx, to.db.In(town), theirs.ID, staff(), report.Closing{State: report.Fixed, Reason: "Dalle posée"})
			to.must(err)
			from.clk.Advance(time.Minute)
			from.must(from.e.PullAll(ctx))
			from.drain()
			end := from.stored(ours.Number)
			if end.State != report.Fixed || !strings.Contains(end.Reason, "Dalle posée") || after(end) != 1 {
				t.Errorf("closed there; here %s, %q, %d photos of the repair", end.State, end.Reason, after(end))
			}
			lines := from.entries(ours)
			from.must(from.e.PullAll(ctx))
			from.drain()
			to.drain()
			if n := from.entries(ours); n != lines || after(from.stored(ours.Number)) != 1 {
				t.Errorf("read twice: %d lines, then %d", lines, n)
			}
			if s := to.stored(theirs.Number).State; s != report.Fixed {
				t.Errorf("told back: %s", s)
			}

			// And what happens here is told there.
			from.clk.Advance(time.Minute)
			_, err = from.e.Reports.Reopen(ctx, from.db.In(town), ours.ID, staff(), "Cassée de nouveau")
			from.must(err)
			from.drain()
			if to.stored(theirs.Number).Closed() {
				t.Error("reopened here, closed there")
			}
			_, err = from.e.Reports.AddPhoto(ctx, from.db.In(town), ours.ID, report.After, bytes.NewReader(picture(t)))
			from.must(err)
			_, err = from.e.Reports.Close(ctx, from.db.In(town), ours.ID, staff(), report.Closing{State: report.NotFixed, Reason: "Déposée"})
			from.must(err)
			from.drain()
			if last := to.stored(theirs.Number); last.State != report.NotFixed || !strings.Contains(last.Reason, "Déposée") || after(last) < 2 {
				t.Errorf("closed here; there %s, %q, %d photos", last.State, last.Reason, after(last))
			}
		}
	})
}

func TestWhatIsNotHanded(t *testing.T) {
	benches(t, func(t *testing.T, a *bench) {
		b := a.second()
		p := a.hand(b, map[string]string{"voi-tro": "voi-tro", "voi-nid": "voi-nid"})
		private := a.open("voi-tro", func(d *report.Draft) { d.Private = true })
		elsewhere := a.open("pro-dep", nil)
		a.drain()
		if n := a.count(`SELECT COUNT(*) FROM open311_handoff WHERE territory_id = @territory`); n != 0 {
			t.Errorf("%s or %s was handed", private.Number, elsewhere.Number)
		}
		// What the other server refuses is said to the staff, once, and not tried again.
		refusedOne := a.open("voi-nid", nil) // an answer is required there
		a.drain()
		if x := a.handed(refusedOne); x.State != refused || !strings.Contains(x.Failure, "danger") {
			t.Errorf("%+v", x)
		}
		if n := a.count(`SELECT COUNT(*) FROM dossier_entry WHERE territory_id = @territory AND dossier_id = ? AND kind = 'note'`, refusedOne.DossierID); n != 1 {
			t.Errorf("said %d times", n)
		}
		// A server that does not answer is noted, and holds up nobody.
		ok := a.open("voi-tro", nil)
		a.drain()
		if a.handed(ok).State != sent {
			t.Fatal("not handed")
		}
		b.srv.Close()
		a.e.Allow = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
		if err := a.e.PullAll(t.Context()); err == nil {
			t.Error("nobody there, and no error")
		}
		a.must(a.db.In(town).View(t.Context(), func(tx *store.Tx) (err error) {
			p, err = peerByID(t.Context(), tx, p.ID)
			return err
		}))
		if p.FailedAt.IsZero() || p.Failure == "" {
			t.Errorf("%+v", p)
		}
	})
}

func TestPeersAreChecked(t *testing.T) {
	benches(t, func(t *testing.T, b *bench) {
		right := Peer{Name: "D", URL: "https://d.example/open311/v2/", Routes: store.JSON[map[string]string]{V: map[string]string{"voi-tro": "7"}}}
		for field, change := range map[string]func(*Peer){
			"nom":     func(p *Peer) { p.Name = " " },
			"adresse": func(p *Peer) { p.URL = "javascript:alert(1)" },
			"cle":     func(p *Peer) { p.APIKey = strings.Repeat("k", 501) },
			"routes":  func(p *Peer) { p.Routes.V = map[string]string{"zzz": "7"} },
		} {
			p := right
			change(&p)
			_, err := b.e.SavePeer(t.Context(), b.db.In(town), p)
			if f := fault.Of(err); f == nil || !fault.Fields(f.Fields).Has(field) {
				t.Errorf("%s: %v", field, err)
			}
		}
		p, err := b.e.SavePeer(t.Context(), b.db.In(town), right)
		b.must(err)
		p.Version = 1
		_, err = b.e.SavePeer(t.Context(), b.db.In(town), p)
		b.must(err)
		if _, err = b.e.SavePeer(t.Context(), b.db.In(town), p); !fault.Is(err, fault.Conflict) {
			t.Errorf("changed meanwhile: %v", err)
		}
		b.must(b.db.In(other).View(t.Context(), func(tx *store.Tx) error {
			list, err := b.e.Peers(t.Context(), tx)
			if len(list) != 0 {
				t.Error("another territory reads the peers")
			}
			return err
		}))
	})
	for text, line := range map[string]int{"a = b\n\nc=d": 0, "a=b\nc": 2, "= b": 1, "a =": 1, "": 0} {
		if got, n := readRoutes(text); n != line || line == 0 && text != "" && got["a"] != "b" {
			t.Errorf("%q: %v, line %d", text, got, n)
		}
	}
}

const dump = `<service_requests>
<request><service_request_id>1</service_request_id><status>closed</status><status_notes>Fait</status_notes><service_code>7</service_code><service_name>Trottoir DÉGRADÉ</service_name><description>Un</description><requested_datetime>2024-03-01T10:00:00+01:00</requested_datetime><updated_datetime>2024-03-05T10:00:00+01:00</updated_datetime><lat>46.58</lat><long>0.34</long></request>
<request><service_request_id>2</service_request_id><status>open</status><service_code>T</service_code><requested_datetime>2024-03-02T10:00:00Z</requested_datetime><address>1 rue</address></request>
<request><service_request_id>3</service_request_id><status>open</status><service_code>inconnu</service_code><requested_datetime>2024-03-02T10:00:00Z</requested_datetime></request>
<request><status>open</status><service_code>T</service_code></request>
<request><service_request_id>5</service_request_id><status>perdu</status><service_code>T</service_code></request>
<request><service_request_id>6</service_request_id><status>open</status><service_code>T</service_code></request>
</service_requests>`

func TestImportOfADump(t *testing.T) {
	benches(t, func(t *testing.T, b *bench) {
		in := Import{Source: "fichier", Map: map[string]string{"T": "pro-tag"}}
		run := func(text string) Tally {
			tally, err := b.e.FromDump(t.Context(), b.db.In(town), []byte(text), in, "a.xml", func(Tally) {})
			b.must(err)
			return tally
		}
		first := run(dump)
		if first.Read != 6 || first.Created != 2 || len(first.Refused) != 4 {
			t.Fatalf("%+v", first)
		}
		for i, want := range []struct{ where, id, key string }{{"a.xml: 3", "3", "open311.import.category"}, {"a.xml: 4", "", "open311.import.id"},
			{"a.xml: 5", "5", "open311.import.status"}, {"a.xml: 6", "6", "open311.import.date"}} {
			if r := first.Refused[i]; r.Where != want.where || r.ID != want.id || r.Key != want.key {
				t.Errorf("refused %+v, want %+v", r, want)
			}
		}
		var one report.Report
		b.must(b.db.In(town).View(t.Context(), func(tx *store.Tx) (err error) {
			one, err = b.e.Reports.ByExternal(t.Context(), tx, "fichier", "1")
			return err
		}))
		if one.CategoryID != b.category("voi-tro").ID || one.State != report.Fixed || one.Reason != "Fait" || !one.OpenedAt.Equal(time.Date(2024, 3, 1, 9, 0, 0, 0, time.UTC)) ||
			!one.ClosedAt.Equal(time.Date(2024, 3, 5, 9, 0, 0, 0, time.UTC)) {
			t.Errorf("%+v", one)
		}
		if again := run(dump); again.Created != 0 || again.Unchanged != 2 || b.reports() != 2 {
			t.Errorf("twice: %+v, %d reports", again, b.reports())
		}
		if last := run(strings.Replace(dump, "<status>open</status><service_code>T", "<status>closed</status><service_code>T", 1)); last.Updated != 1 || last.Unchanged != 1 {
			t.Errorf("closed since: %+v", last)
		}
		b.drain()
		if n := b.count(`SELECT COUNT(*) FROM open311_handoff WHERE territory_id = @territory`); n != 0 {
			t.Error("what was imported was handed on")
		}
	})
}

// A server is read by windows; an interrupted import goes on; twice changes nothing.
func TestImportFromAServer(t *testing.T) {
	benches(t, func(t *testing.T, b *bench) {
		ctx, start := t.Context(), time.Date(2025, 11, 1, 0, 0, 0, 0, time.UTC)
		source := b.second()
		var numbers []string
		for i := range 12 {
			numbers = append(numbers, source.open("voi-tro", func(d *report.Draft) { d.RequestedAt = start.AddDate(0, i, 0) }).Number)
		}
		_, err := source.e.Reports.Close(ctx, source.db.In(town), source.stored(numbers[3]).ID, staff(), report.Closing{State: report.Fixed, Reason: "Fait"})
		source.must(err)
		asked, broken := 0, true
		proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if asked++; broken && asked == 3 {
				w.WriteHeader(http.StatusForbidden)
				return
			}
			source.srv.Config.Handler.ServeHTTP(w, r)
		}))
		defer proxy.Close()
		client, err := open311.NewClient(open311.ClientOptions{Base: proxy.URL + "/vouneuil" + Path, Allow: b.e.Allow})
		b.must(err)
		in := Import{Source: client.Base()}
		run := func() (Tally, error) {
			return b.e.FromServer(ctx, b.db.In(town), client, in, start, func(time.Time, Tally) {})
		}
		var no *open311.Refused
		if _, err := run(); !errors.As(err, &no) {
			t.Fatalf("interrupted: %v", err)
		}
		some := b.reports()
		if some == 0 || some == 12 {
			t.Fatalf("%d reports before the interruption", some)
		}
		broken = false
		if tally, err := run(); err != nil || b.reports() != 12 || len(tally.Refused) != 0 || tally.Created != 12-some {
			t.Fatalf("%+v %v, %d reports", tally, err, b.reports())
		}
		asked = 0
		if tally, err := run(); err != nil || tally.Created != 0 || b.reports() != 12 || asked > 3 {
			t.Errorf("again: %+v %v, %d reports, %d calls", tally, err, b.reports(), asked)
		}
		if n := b.count(`SELECT COUNT(*) FROM report WHERE territory_id = @territory AND state = 'fixed'`); n != 1 {
			t.Errorf("%d closed", n)
		}
	})
}

// Two at once with one key are one report.
func TestTwoAtOnceWithOneKey(t *testing.T) {
	benches(t, func(t *testing.T, b *bench) {
		got := make(chan reply, 6)
		body := b.args("description", "en même temps").Encode()
		for range cap(got) {
			go func() {
				req, err := http.NewRequestWithContext(t.Context(), "POST", b.url(town)+Path+"/requests.json", strings.NewReader(body))
				if err != nil {
					got <- reply{}
					return
				}
				req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				req.Header.Set("Idempotency-Key", "ensemble")
				res, err := http.DefaultClient.Do(req)
				if err != nil {
					got <- reply{}
					return
				}
				defer res.Body.Close()
				raw, _ := io.ReadAll(res.Body)
				got <- reply{res.StatusCode, nil, string(raw)}
			}()
		}
		first := <-got
		for range cap(got) - 1 {
			if next := <-got; next.status != 201 || next.body != first.body {
				t.Errorf("%+v, then %+v", first, next)
			}
		}
		if b.reports() != 1 {
			t.Errorf("%d reports", b.reports())
		}
	})
}

// A key that only files does not change a state: what it says is for the staff.
func TestUpdatesOfAKeyThatOnlyFiles(t *testing.T) {
	benches(t, func(t *testing.T, b *bench) {
		r := b.open("voi-tro", nil)
		told := Told{Origin: "key:9", Actor: 9, Number: r.Number, UpdateID: "1", Status: "CLOSED", Text: "On m’a dit que c’était réparé"}
		if _, fresh, err := b.e.book.Update(t.Context(), b.db.In(town), told); err != nil || !fresh {
			t.Fatal(err)
		}
		if s := b.stored(r.Number).State; s != report.Received {
			t.Errorf("state %s", s)
		}
		if n := b.count(`SELECT COUNT(*) FROM dossier_entry WHERE territory_id = @territory AND dossier_id = ? AND kind = 'note' AND NOT public`, r.DossierID); n != 1 {
			t.Errorf("%d notes", n)
		}
	})
}

func TestPurge(t *testing.T) {
	benches(t, func(t *testing.T, b *bench) {
		b.receipt(b.post("/requests.json", url.Values(b.args())))
		for _, x := range []struct {
			shift time.Duration
			left  int
		}{{-time.Hour, 1}, {time.Hour, 0}} {
			b.must(b.db.In(town).Update(t.Context(), func(tx *store.Tx) error {
				_, err := b.e.Service().Retention[0].Purge(t.Context(), tx, tx.Now().Add(x.shift), 10)
				return err
			}))
			if n := b.count(`SELECT COUNT(*) FROM open311_filing WHERE territory_id = @territory`); n != x.left {
				t.Errorf("%d filings left, want %d", n, x.left)
			}
		}
	})
}
