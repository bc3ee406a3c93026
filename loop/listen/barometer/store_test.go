package barometer_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"parvis/core/notify"
	"parvis/engine/dossier"
	"parvis/loop/listen/barometer"
	"parvis/platform/clock"
	"parvis/platform/event"
	"parvis/platform/fault"
	"parvis/platform/i18n"
	"parvis/platform/job"
	"parvis/platform/mail"
	"parvis/platform/sms"
	"parvis/platform/store"
	"parvis/platform/store/storetest"
)

// town is a territory with a barometer, and everything around it.
type town struct {
	t    *testing.T
	db   *store.DB
	clk  *clock.Fake
	q    *job.Queue
	bus  *event.Bus
	hub  *notify.Hub
	dos  *dossier.Engine
	s    *barometer.Service
	h    store.Handle
	logs *bytes.Buffer

	mu    sync.Mutex
	mails []mail.Message
}

// Send satisfies mail.Sender.
func (w *town) Send(_ context.Context, m mail.Message) (mail.Receipt, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.mails = append(w.mails, m)
	return mail.Receipt{MessageID: m.Ref + "@essai"}, nil
}

var paris, _ = time.LoadLocation("Europe/Paris")

func migrations() []store.Migration {
	return []store.Migration{event.Migration(), notify.Migration(), dossier.Migration(), barometer.Migration()}
}

func each(t *testing.T, body func(t *testing.T, w *town)) {
	storetest.EachClock(t, migrations(), func(t *testing.T, db *store.DB, clk *clock.Fake) {
		body(t, newTown(t, db, clk))
	})
}

func newTown(t *testing.T, db *store.DB, clk *clock.Fake) *town {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	clk.Set(time.Date(2027, 11, 19, 10, 0, 0, 0, paris))
	w := &town{t: t, db: db, clk: clk, h: db.In("c86300"), logs: &bytes.Buffer{}}
	must(job.Migrate(t.Context(), db))
	w.bus = event.New(db)
	log := slog.New(slog.NewTextHandler(w.logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	var err error
	w.hub, err = notify.New(db, w.bus, notify.Adapters{Mail: w, Provider: "test"}, notify.Options{Who: func(context.Context, *store.Tx) (notify.Territory, error) {
		return notify.Territory{Name: "Commune de Vouneuil", Location: paris}, nil
	}, Secret: []byte("a secret of the test bench"), From: "parvis@parvis.example", Log: log})
	must(err)
	final := func(n string) dossier.Stage { return dossier.Stage{Name: n, Label: "well.stage", Final: true} }
	w.dos, err = dossier.New(dossier.Config{Events: w.bus}, dossier.Kind{Name: "well", Label: "well.label", Keep: time.Hour, DueIn: 5, Reopen: 1000 * time.Hour,
		Stages: []dossier.Stage{{Name: "open", Label: "well.stage", Next: []string{"done", "cancelled"}}, final("done"), final("cancelled")}})
	must(err)
	w.s, err = barometer.New(barometer.Deps{DB: db, Dossiers: w.dos, Hub: w.hub, Bus: w.bus, Secret: []byte("another secret of the bench"),
		Where: func(context.Context, *store.Tx) (barometer.Where, error) {
			return barometer.Where{Name: "Mairie", URL: "https://parvis.example/vouneuil", Zone: paris}, nil
		},
		Reach: func(_ context.Context, _ *store.Tx, d dossier.Dossier) (notify.To, error) {
			return notify.To{Email: d.Email, Lang: "fr"}, nil
		},
		Kinds: []barometer.Kind{{Name: "well", Label: "well.label", Done: func(stage string) bool { return stage == "done" }}}})
	must(err)
	d := w.s.Service()
	cat, err := i18n.New(notify.Locales, sms.Locales, mail.Locales, barometer.Locales, fstest.MapFS{
		"fr.json": {Data: []byte(`{"well.label":"Puits","well.stage":"Étape"}`)}, "en.json": {Data: []byte(`{"well.label":"Well","well.stage":"Stage"}`)}})
	must(err)
	w.q, err = job.New(db, append(append(w.hub.Workers(), w.bus.Worker()), d.Jobs...), job.Options{})
	must(err)
	must(w.bus.Connect(w.q, d.On))
	must(w.hub.Connect(w.q, cat, append(notify.Notices(), d.Notices...)))
	return w
}

// finish opens a request and closes it at a stage, then runs what is due.
func (w *town) finish(subject, email, stage string) store.ID {
	w.t.Helper()
	var d dossier.Dossier
	err := w.h.Update(w.t.Context(), func(tx *store.Tx) (err error) {
		if d, err = w.dos.Open(w.t.Context(), tx, dossier.Opening{Kind: "well", Subject: subject, Title: "Puits", Channel: dossier.Web, By: dossier.Author{Kind: dossier.Resident}, Email: email}); err != nil {
			return err
		}
		d, err = w.dos.Advance(w.t.Context(), tx, d.ID, dossier.Author{Kind: dossier.Staff, ID: 1}, stage)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.drain()
	return d.ID
}

func (w *town) drain() {
	w.t.Helper()
	if _, err := w.q.Drain(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

var tokenOf = regexp.MustCompile(`/avis/([A-Za-z0-9_-]{22})\?`)

// token reads the secret out of the last mail, as its reader does.
func (w *town) token() string {
	w.t.Helper()
	if len(w.mails) == 0 {
		w.t.Fatal("no invitation left")
	}
	m := tokenOf.FindStringSubmatch(w.mails[len(w.mails)-1].HTML)
	if m == nil {
		w.t.Fatalf("no link in %s", w.mails[len(w.mails)-1].Text)
	}
	return m[1]
}

func (w *town) count(query string, args ...any) (n int) {
	w.t.Helper()
	if err := w.h.View(w.t.Context(), func(tx *store.Tx) error { return tx.Get(w.t.Context(), &n, query, args...) }); err != nil {
		w.t.Fatal(err)
	}
	return n
}

func good() url.Values { return url.Values{"satisfaction": {"good"}} }

const answers = `SELECT COUNT(*) FROM barometer_answer WHERE territory_id = @territory`

func TestOneInvitationPerServedRequest(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		w.finish("well:1", "renee@exemple.fr", "cancelled")
		if len(w.mails) != 0 {
			t.Error("a cancelled request was asked about")
		}
		id := w.finish("well:2", "renee@exemple.fr", "done")
		if len(w.mails) != 1 {
			t.Fatalf("%d mails, want 1", len(w.mails))
		}
		// Reopened and closed again: the same request is not asked about twice.
		if err := w.h.Update(t.Context(), func(tx *store.Tx) error {
			if _, err := w.dos.Reopen(t.Context(), tx, id, dossier.Author{Kind: dossier.Staff, ID: 1}, "encore"); err != nil {
				return err
			}
			_, err := w.dos.Advance(t.Context(), tx, id, dossier.Author{Kind: dossier.Staff, ID: 1}, "done")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		w.drain()
		if len(w.mails) != 1 {
			t.Errorf("%d mails after it was closed again", len(w.mails))
		}
		w.finish("well:3", "", "done") // nobody to write to: a card at the counter
		if n := w.count(`SELECT SUM(n) FROM barometer_tally WHERE territory_id = @territory AND field = 'finished'`); n != 2 {
			t.Errorf("%d finished requests counted, want 2", n)
		}
	})
}

func TestOneReminderUnlessAnswered(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		w.finish("well:1", "renee@exemple.fr", "done")
		secret := w.token()
		w.finish("well:2", "paul@exemple.fr", "done")
		if _, err := w.s.Answer(t.Context(), w.h, secret, "", good(), nil, false); err != nil {
			t.Fatal(err)
		}
		w.clk.Advance(8 * 24 * time.Hour)
		w.drain()
		w.clk.Advance(8 * 24 * time.Hour)
		w.drain()
		if len(w.mails) != 3 || !strings.Contains(w.mails[2].To, "paul@exemple.fr") {
			t.Errorf("%d mails, want two invitations and one reminder", len(w.mails))
		}
	})
}

func TestAReaderOfLinksLeavesNoAnswer(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		w.finish("well:1", "renee@exemple.fr", "done")
		for range 5 {
			if _, err := w.s.Read(t.Context(), w.h, w.token()); err != nil {
				t.Fatal(err)
			}
		}
		if n := w.count(answers); n != 0 {
			t.Errorf("%d answers", n)
		}
	})
}

func TestAHundredAtOnceMakeOneAnswer(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		w.finish("well:1", "renee@exemple.fr", "done")
		secret := w.token()
		var all sync.WaitGroup
		for i := range 100 {
			all.Go(func() {
				f := good()
				if i%2 == 1 {
					f.Set("satisfaction", "bad")
				}
				_, err := w.s.Answer(t.Context(), w.h, secret, "", f, nil, i%10 == 9)
				if err != nil && !errors.Is(err, barometer.ErrSpent) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if n := w.count(answers); n != 1 {
			t.Errorf("%d answers, want 1", n)
		}
		if n := w.count(`SELECT SUM(n) FROM barometer_tally WHERE territory_id = @territory AND field = 'satisfaction'`); n != 1 {
			t.Errorf("%d counted, want 1", n)
		}
		if _, err := w.s.Answer(t.Context(), w.h, secret, "", good(), nil, false); !errors.Is(err, barometer.ErrSpent) {
			t.Errorf("after the end: %v", err)
		}
	})
}

func TestBadTokensTellNothing(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		w.finish("well:1", "renee@exemple.fr", "done")
		secret := w.token()
		for _, x := range []string{"", "x", strings.Repeat("A", 22), strings.Repeat("A", 5000), "../../etc", "🙂"} {
			if _, err := w.s.Read(t.Context(), w.h, x); !errors.Is(err, barometer.ErrSpent) {
				t.Errorf("%.20q: %v", x, err)
			}
		}
		if _, err := w.s.Read(t.Context(), w.db.In("c86194"), secret); !errors.Is(err, barometer.ErrSpent) {
			t.Errorf("in another territory: %v", err)
		}
		w.clk.Advance(31 * 24 * time.Hour)
		if _, err := w.s.Answer(t.Context(), w.h, secret, "", good(), nil, false); !errors.Is(err, barometer.ErrSpent) {
			t.Errorf("past its window: %v", err)
		}
	})
}

func TestRefusalStopsInvitations(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		w.finish("well:1", "Renee@exemple.fr", "done")
		code := regexp.MustCompile(`/avis/refus/([0-9a-f]{32})`).FindStringSubmatch(w.mails[0].Text)
		if code == nil {
			t.Fatalf("no way to refuse in %s", w.mails[0].Text)
		}
		for range 2 {
			if err := w.s.Refuse(t.Context(), w.h, code[1]); err != nil {
				t.Fatal(err)
			}
		}
		w.finish("well:2", "renee@exemple.fr", "done")
		if len(w.mails) != 1 {
			t.Errorf("%d mails after a refusal", len(w.mails))
		}
		if err := w.s.Refuse(t.Context(), w.h, "x"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a code that is none: %v", err)
		}
	})
}

// purge runs the retention of a table as the night does.
func (w *town) purge() {
	w.t.Helper()
	for _, r := range w.s.Service().Retention {
		if r.Purge == nil {
			continue
		}
		if err := w.h.Update(w.t.Context(), func(tx *store.Tx) error {
			_, err := r.Purge(w.t.Context(), tx, tx.Now().Add(-r.Keep), 1000)
			return err
		}); err != nil {
			w.t.Fatal(r.Table, err)
		}
	}
}

func TestAnswersAreUntiedAfterTheWindow(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		w.finish("well:1", "renee@exemple.fr", "done")
		if _, err := w.s.Answer(t.Context(), w.h, w.token(), "", good(), nil, false); err != nil {
			t.Fatal(err)
		}
		w.purge()
		if n := w.count(`SELECT COUNT(*) FROM barometer_key WHERE territory_id = @territory`); n != 1 {
			t.Fatalf("%d keys in the window", n)
		}
		w.clk.Advance(75 * 24 * time.Hour)
		w.purge()
		for what, query := range map[string]string{"keys": `SELECT COUNT(*) FROM barometer_key WHERE territory_id = @territory`, "tokens": `SELECT COUNT(*) FROM barometer_token WHERE territory_id = @territory`,
			"guards": `SELECT COUNT(*) FROM barometer_guard WHERE territory_id = @territory`, "hashes": answers + ` AND hash <> ''`,
			"messages": `SELECT COUNT(*) FROM message WHERE territory_id = @territory AND key LIKE 'barometer:%'`} {
			if n := w.count(query); n != 0 {
				t.Errorf("%d %s are left", n, what)
			}
		}
		if n := w.count(answers); n != 1 {
			t.Errorf("%d answers are left, want 1", n)
		}
	})
}

// TestNothingPlantedReachesTheDisk searches the files of the database, its
// journal and the logs for the token of an answer, and the barometer's tables
// for the address it was sent to.
func TestNothingPlantedReachesTheDisk(t *testing.T) {
	folder := t.TempDir()
	clk := clock.NewFake(time.Date(2027, 11, 19, 9, 0, 0, 0, time.UTC))
	db, err := store.Open(t.Context(), "sqlite:"+filepath.Join(folder, "parvis.db"), store.Options{Clock: clk})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Migrate(t.Context(), migrations()...); err != nil {
		t.Fatal(err)
	}
	w := newTown(t, db, clk)
	w.finish("well:1", "planted.address@exemple.fr", "done")
	secret := w.token()
	for _, x := range []struct {
		step barometer.Step
		form url.Values
		end  bool
	}{{"", good(), false}, {"clarte", url.Values{"comprehension": {"4"}}, false}, {"commentaire", url.Values{"verbatim": {"Le témoin planté est lisible."}}, true}} {
		if _, err := w.s.Answer(t.Context(), w.h, secret, x.step, x.form, nil, x.end); err != nil {
			t.Fatal(err)
		}
	}
	w.clk.Advance(8 * 24 * time.Hour)
	w.drain()
	witness := false
	err = filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		witness = witness || bytes.Contains(raw, []byte("témoin planté"))
		if bytes.Contains(raw, []byte(secret)) {
			t.Errorf("the token is in %s", filepath.Base(path))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if !witness {
		t.Error("the search finds nothing at all: it proves nothing")
	}
	if strings.Contains(w.logs.String(), secret) || strings.Contains(w.logs.String(), "planted.address") {
		t.Errorf("the logs tell: %s", w.logs)
	}
	tables, err := db.Tables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range tables {
		if !strings.HasPrefix(x.Name, "barometer_") {
			continue
		}
		if err := db.System("a test searches every column").View(t.Context(), func(tx *store.Tx) error {
			rows, err := tx.Raw().QueryContext(t.Context(), "SELECT * FROM "+x.Name)
			if err != nil {
				return err
			}
			defer rows.Close()
			names, err := rows.Columns()
			if err != nil {
				return err
			}
			for rows.Next() {
				cells := make([]any, len(names))
				for i := range cells {
					cells[i] = new(any)
				}
				if err := rows.Scan(cells...); err != nil {
					return err
				}
				for i, c := range cells {
					if s, ok := (*c.(*any)).(string); ok && strings.Contains(s, "planted.address") {
						t.Errorf("%s.%s holds the address", x.Name, names[i])
					}
				}
			}
			return rows.Err()
		}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFrozenMonthsStay(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		w.finish("well:1", "renee@exemple.fr", "done")
		secret := w.token()
		w.clk.Set(time.Date(2027, 12, 10, 9, 0, 0, 0, paris))
		if err := w.h.Update(t.Context(), func(tx *store.Tx) error { return w.q.Enqueue(t.Context(), tx, "barometer.close", struct{}{}) }); err != nil {
			t.Fatal(err)
		}
		w.drain()
		if n := w.count(`SELECT COUNT(*) FROM barometer_month WHERE territory_id = @territory AND month = '2027-11'`); n != 1 {
			t.Fatalf("%d frozen months", n)
		}
		a, err := w.s.Answer(t.Context(), w.h, secret, "", good(), nil, false)
		if err != nil || a.Month != "2027-12" {
			t.Errorf("an answer to a frozen month counts in %q, %v", a.Month, err)
		}
	})
}

func TestKeyedAndOpenAnswersStandApart(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		if err := w.s.Key(t.Context(), w.h, "well", good(), nil); err != nil {
			t.Fatal(err)
		}
		secret := "AAAAAAAAAAAAAAAAAAAAAA"
		for range 3 { // a double click, and once more
			if _, err := w.s.AnswerOpenly(t.Context(), w.h, "well", secret, good(), false); err != nil {
				t.Fatal(err)
			}
		}
		for source, want := range map[string]int{"guichet": 1, "libre": 1, "invite": 0} {
			if n := w.count(answers+` AND source = ?`, source); n != want {
				t.Errorf("%s: %d answers, want %d", source, n, want)
			}
		}
		if _, err := w.s.AnswerOpenly(t.Context(), w.h, "nowhere", secret, good(), false); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("an unknown service: %v", err)
		}
		if _, err := w.s.SaveTopic(t.Context(), w.h, barometer.Topic{Name: "well", Own: true, Opened: true, National: "https://exemple.gouv.fr/avis"}, false); err != nil {
			t.Fatal(err)
		}
		if err := w.s.Key(t.Context(), w.h, "well", good(), nil); !errors.Is(err, barometer.ErrSpent) {
			t.Errorf("a service with its national button stores an answer: %v", err)
		}
	})
}

func TestCommentsWaitForAPerson(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		f := good()
		f.Set("verbatim", "Appelez le 06 39 98 00 11.")
		if err := w.s.Key(t.Context(), w.h, "well", f, nil); err != nil {
			t.Fatal(err)
		}
		list := func(filter barometer.CommentFilter) (out []barometer.Comment) {
			if err := w.h.View(t.Context(), func(tx *store.Tx) (err error) {
				out, err = w.s.Comments(t.Context(), tx, filter, 10)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return out
		}
		waiting := list(barometer.CommentFilter{State: barometer.Waiting})
		if len(waiting) != 1 || waiting[0].Flags != "phone" || strings.Contains(waiting[0].Shown, "39 98") || len(list(barometer.CommentFilter{Public: true})) != 0 {
			t.Fatalf("%+v", waiting)
		}
		id := waiting[0].ID
		for field, d := range map[string]barometer.Decision{"reason": {State: barometer.Refused}, "state": {State: "perhaps"}, "shown": {State: barometer.Hidden}} {
			if err := w.s.Decide(t.Context(), w.h, id, d); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", field, err)
			}
		}
		if err := w.s.Decide(t.Context(), w.h, id, barometer.Decision{State: barometer.Hidden, Shown: waiting[0].Shown, Reply: "Merci."}); err != nil {
			t.Fatal(err)
		}
		if pub := list(barometer.CommentFilter{Public: true}); len(pub) != 1 || strings.Contains(pub[0].Public(), "39 98") || pub[0].Reply != "Merci." {
			t.Errorf("%+v", pub)
		}
		if err := w.s.Decide(t.Context(), w.h, id, barometer.Decision{State: barometer.Refused, Reason: "hors sujet"}); err != nil {
			t.Fatal(err)
		}
		w.clk.Advance(31 * 24 * time.Hour)
		w.purge()
		if gone := list(barometer.CommentFilter{}); len(gone) != 1 || gone[0].Text != "" {
			t.Errorf("a refused comment is kept: %+v", gone)
		}
	})
}
