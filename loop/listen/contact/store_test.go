package contact_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"parvis/core/notify"
	"parvis/engine/dossier"
	"parvis/loop/listen/contact"
	"parvis/platform/clock"
	"parvis/platform/event"
	"parvis/platform/fault"
	"parvis/platform/i18n"
	"parvis/platform/job"
	"parvis/platform/mail"
	"parvis/platform/phone"
	"parvis/platform/sms"
	"parvis/platform/store"
	"parvis/platform/store/storetest"
)

const here = "c86300"

// town is a territory with its ledger, and everything around it.
type town struct {
	t   *testing.T
	db  *store.DB
	clk *clock.Fake
	q   *job.Queue
	hub *notify.Hub
	dos *dossier.Engine
	s   *contact.Service
	h   store.Handle

	mu   sync.Mutex
	sent []sms.Message
}

// Send satisfies sms.Sender.
func (w *town) Send(_ context.Context, m sms.Message) (sms.Receipt, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sent = append(w.sent, m)
	return sms.Receipt{ProviderID: fmt.Sprint(len(w.sent)), Parts: 1}, nil
}

var paris, _ = time.LoadLocation("Europe/Paris")

func each(t *testing.T, body func(t *testing.T, w *town)) {
	storetest.EachClock(t, []store.Migration{event.Migration(), notify.Migration(), dossier.Migration(), contact.Migration()}, func(t *testing.T, db *store.DB, clk *clock.Fake) {
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		clk.Set(time.Date(2027, 11, 19, 10, 0, 0, 0, paris))
		w := &town{t: t, db: db, clk: clk, h: db.In(here)}
		must(job.Migrate(t.Context(), db))
		bus := event.New(db)
		var err error
		w.hub, err = notify.New(db, bus, notify.Adapters{SMS: w, Provider: "test"}, notify.Options{Who: func(context.Context, *store.Tx) (notify.Territory, error) {
			return notify.Territory{Name: "Vouneuil", Phone: "05 36 49 12 40", Location: paris}, nil
		}, Secret: []byte("a secret of the test bench")})
		must(err)
		w.dos, err = dossier.New(dossier.Config{Events: bus, DB: db, Hub: w.hub, Site: func(context.Context, *store.Tx) (dossier.Site, error) {
			return dossier.Site{URL: "https://parvis.example/vouneuil", Location: paris}, nil
		}}, contact.DossierKind())
		must(err)
		w.s, err = contact.New(contact.Deps{DB: db, Dossiers: w.dos, Hub: w.hub, Bus: bus, Region: func(context.Context, string) string { return phone.Mainland }})
		must(err)
		w.hub.Understand(w.s.Understands)
		d, e := w.s.Service(), w.dos.Service()
		cat, err := i18n.New(notify.Locales, sms.Locales, mail.Locales, contact.Locales, e.Locales, fstest.MapFS{"fr.json": {Data: []byte(`{}`)}, "en.json": {Data: []byte(`{}`)}})
		must(err)
		w.q, err = job.New(db, append(append(w.hub.Workers(), bus.Worker()), e.Jobs...), job.Options{})
		must(err)
		must(bus.Connect(w.q, append(d.On, e.On...)))
		must(w.hub.Connect(w.q, cat, append(append(notify.Notices(), d.Notices...), e.Notices...)))
		must(w.h.Update(t.Context(), func(tx *store.Tx) error {
			set := notify.DefaultSettings()
			set.Number = "33536491240"
			return w.hub.SetSettings(t.Context(), tx, set, 1)
		}))
		body(t, w)
	})
}

func (w *town) drain() {
	w.t.Helper()
	if _, err := w.q.Drain(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// receive is an SMS as a provider's call brings it.
func (w *town) receive(ref, from, text string) {
	w.t.Helper()
	n, err := phone.Parse(from, phone.Mainland)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.hub.Receive(w.t.Context(), "test", "33536491240", []sms.Incoming{{Kind: sms.Inbound, Ref: ref, From: n, Text: text, At: w.clk.Now()}}); err != nil {
		w.t.Fatal(err)
	}
}

func (w *town) list(f contact.Filter) (out []contact.Entry) {
	w.t.Helper()
	if err := w.h.View(w.t.Context(), func(tx *store.Tx) (err error) {
		out, err = w.s.List(w.t.Context(), tx, f, 1000)
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
	return out
}

const mobile = "06 39 98 12 34"

// TestASuggestionBySMSIsAcknowledged is scenario 14, without the browser.
func TestASuggestionBySMSIsAcknowledged(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		w.receive("a", mobile, "IDÉE des bancs devant l’école")
		w.receive("a", mobile, "IDÉE des bancs devant l’école") // the gateway tries again
		w.drain()
		list := w.list(contact.Filter{})
		if len(list) != 1 || list[0].Kind != contact.Suggestion || list[0].Channel != contact.SMS || list[0].Number == "" || list[0].Text != "des bancs devant l’école" {
			t.Fatalf("%+v", list)
		}
		if strings.Contains(fmt.Sprint(list[0]), "639981234") {
			t.Error("the ledger holds the number itself")
		}
		if len(w.sent) != 1 || !strings.Contains(w.sent[0].Text, list[0].Number) {
			t.Errorf("acknowledged by %+v, want one SMS with %s", w.sent, list[0].Number)
		}
	})
}

func TestOtherTextsWaitForAPersonAndGetOneAnswerADay(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		for i, text := range []string{"Bonjour ?", "مرحبا", "🙂🙂", strings.Repeat("très long ", 150)} {
			w.receive(fmt.Sprint(i), mobile, text)
		}
		w.receive("short", mobile, "STOP")
		w.drain()
		list := w.list(contact.Filter{State: contact.Open})
		if len(list) != 4 {
			t.Fatalf("%d wait for a person, want 4: %+v", len(list), list)
		}
		for _, e := range list {
			if e.Kind != contact.Message || e.SubjectRef != "" {
				t.Errorf("%+v", e)
			}
		}
		if len(w.sent) > 2 { // one general answer, one confirmation of STOP
			t.Errorf("%d SMS left", len(w.sent))
		}
	})
}

func TestSomebodyWhoWritesAllDayOpensFiveRequests(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		for i := range 12 {
			w.receive(fmt.Sprint(i), mobile, fmt.Sprintf("IDEE numéro %d", i))
		}
		w.drain()
		opened := 0
		list := w.list(contact.Filter{})
		for _, e := range list {
			if e.SubjectRef != "" {
				opened++
			}
		}
		if len(list) != 12 || opened != 5 {
			t.Errorf("%d kept, %d opened; want 12 and 5", len(list), opened)
		}
	})
}

func TestBatches(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		b, err := w.s.NewBatch(t.Context(), w.h, contact.Batch{Channel: contact.Market, Place: "Marché", HeldOn: "2027-11-18", OpenedBy: 7}, paris)
		if err != nil || b.Number != "L-2027-0001" {
			t.Fatalf("%+v, %v", b, err)
		}
		if c, err := w.s.NewBatch(t.Context(), w.h, contact.Batch{Channel: contact.Paper, Place: "Mairie", HeldOn: "2027-11-18", OpenedBy: 7}, paris); err != nil || c.Number != "L-2027-0002" {
			t.Errorf("%+v, %v", c, err)
		}
		e := contact.Entry{Key: "form:7:1", Channel: contact.Paper, Kind: contact.Suggestion, Text: "Un banc", BatchID: b.ID, KeyedBy: 7}
		var last contact.Entry
		for range 2 { // a double click
			if last, err = w.s.Key(t.Context(), w.h, e, contact.Person{}); err != nil {
				t.Fatal(err)
			}
		}
		list := w.list(contact.Filter{Batch: b.ID})
		if len(list) != 1 || list[0].Channel != contact.Market || list[0].KeyedBy != 7 || list[0].SaidOn != "2027-11-18" {
			t.Fatalf("%+v", list)
		}
		if _, err := w.s.Undo(t.Context(), w.h, last.ID, 8, false); !fault.Is(err, fault.Forbidden) {
			t.Errorf("undone by a colleague: %v", err)
		}
		if _, err := w.s.Undo(t.Context(), w.h, last.ID, 7, false); err != nil {
			t.Error(err)
		}
		if list := w.list(contact.Filter{}); len(list) != 0 {
			t.Errorf("what was undone is listed: %+v", list)
		}
		for field, x := range map[string]contact.Batch{"channel": {Channel: contact.SMS, Place: "x", HeldOn: "2027-11-18"}, "place": {Channel: contact.Paper, HeldOn: "2027-11-18"},
			"held": {Channel: contact.Paper, Place: "x", HeldOn: "hier"}, "future": {Channel: contact.Paper, Place: "x", HeldOn: "2028-01-01"}} {
			if _, err := w.s.NewBatch(t.Context(), w.h, x, paris); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", field, err)
			}
		}
	})
}

func TestCallsAreMadeToThoseWhoAgree(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		agree := func(name, number string) contact.Consent {
			c, err := w.s.Agree(t.Context(), w.h, contact.Consent{Name: name, Phone: number, Wording: "être appelé", GivenOn: "2027-11-01", How: "bulletin", KeyedBy: 7}, phone.Mainland)
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		a, b := agree("Violette Ciboulette", mobile), agree("Armand Fenouil", "05 36 49 01 42")
		if _, err := w.s.Agree(t.Context(), w.h, contact.Consent{Name: "x", Phone: mobile, Wording: "x", GivenOn: "2027-11-01", How: "x"}, phone.Mainland); !fault.Is(err, fault.Invalid) {
			t.Errorf("the same number twice: %v", err)
		}
		c, err := w.s.StartCalls(t.Context(), w.h, "Grand froid", "Tout va bien ?", 7)
		if err != nil || c.Total != 2 {
			t.Fatalf("%+v, %v", c, err)
		}
		one, err := w.s.Next(t.Context(), w.h, c.ID, 7)
		if err != nil || one.ConsentID != a.ID {
			t.Fatalf("%+v, %v", one, err)
		}
		two, err := w.s.Next(t.Context(), w.h, c.ID, 8)
		if err != nil || two.ConsentID != b.ID {
			t.Fatalf("two colleagues hold one sheet: %+v, %v", two, err)
		}
		number, err := w.s.Called(t.Context(), w.h, c.ID, a.ID, 7, contact.FollowUp, "Le chauffage est en panne")
		if err != nil || number == "" {
			t.Errorf("a follow-up opened %q, %v", number, err)
		}
		if err := w.s.Withdraw(t.Context(), w.h, b.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := w.s.Called(t.Context(), w.h, c.ID, b.ID, 8, contact.Reached, ""); !fault.Is(err, fault.Gone) {
			t.Errorf("called after the consent was withdrawn: %v", err)
		}
		if _, err := w.s.Next(t.Context(), w.h, c.ID, 8); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("somebody without consent is next: %v", err)
		}
	})
}

func letterOf(headers, body string) *bytes.Reader {
	return bytes.NewReader([]byte(strings.ReplaceAll(headers+"\n\n"+body, "\n", "\r\n")))
}

func TestMails(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		take := func(headers, body, only string) contact.Filed {
			f, err := w.s.Take(t.Context(), letterOf(headers, body), only)
			if err != nil {
				t.Fatal(err)
			}
			return f
		}
		const first = "From: Renée <renee@exemple.fr>\nTo: mairie@vouneuil.example\nSubject: =?utf-8?q?Lampadaire_=C3=A9teint?=\nMessage-ID: <1@exemple.fr>"
		if f := take(first, "Rue du Four, depuis lundi.", here); f != contact.FiledNew {
			t.Errorf("a mail is filed as %s", f)
		}
		if f := take(first, "Rue du Four, depuis lundi.", here); f != contact.FiledKnown {
			t.Errorf("the same again is filed as %s", f)
		}
		list := w.list(contact.Filter{})
		if len(list) != 1 || list[0].Number == "" || !strings.HasPrefix(list[0].Text, "Lampadaire éteint") {
			t.Fatalf("%+v", list)
		}
		if f := take("From: a@exemple.fr\nTo: x@vouneuil.example\nMessage-ID: <2@x>\nAuto-Submitted: auto-replied", "Je suis absent.", here); f != contact.FiledAside {
			t.Errorf("an absence is filed as %s", f)
		}
		if f := take("From: MAILER-DAEMON@exemple.fr\nTo: x@vouneuil.example\nMessage-ID: <3@x>\nContent-Type: text/plain", "Undelivered.", here); f != contact.FiledAside {
			t.Errorf("a bounce is filed as %s", f)
		}
		if f := take("From: a@exemple.fr\nTo: nobody@nowhere.example\nMessage-ID: <4@x>", "Bonjour", ""); f != contact.FiledNowhere {
			t.Errorf("a mail to nobody is filed as %s", f)
		}
		if f, err := w.s.Take(t.Context(), strings.NewReader("\x00\x01not a mail"), here); err != nil || f != contact.FiledBroken {
			t.Errorf("noise is filed as %s, %v", f, err)
		}
		// An answer finds its request by the token in the address.
		var token string
		var id store.ID
		if err := w.h.Update(t.Context(), func(tx *store.Tx) error {
			d, err := w.dos.BySubject(t.Context(), tx, list[0].SubjectRef)
			if err != nil {
				return err
			}
			id = d.ID
			token, err = w.dos.NewReply(t.Context(), tx, d.ID, 0)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if f := take("From: renee@exemple.fr\nTo: demandes+"+token+"@parvis.example\nMessage-ID: <5@x>", "Toujours éteint.", ""); f != contact.FiledReply {
			t.Errorf("an answer is filed as %s", f)
		}
		var said bool
		if err := w.h.View(t.Context(), func(tx *store.Tx) error {
			lines, err := w.dos.Timeline(t.Context(), tx, id, false)
			for _, l := range lines {
				said = said || strings.Contains(l.Body, "Toujours éteint.")
			}
			return err
		}); err != nil || !said {
			t.Errorf("the answer is not in the request (%v)", err)
		}
		// Two programs that answer each other stop.
		opened := 0
		for i := range 30 {
			if take(fmt.Sprintf("From: loop@exemple.fr\nTo: x@vouneuil.example\nMessage-ID: <loop%d@x>", i), fmt.Sprintf("Encore %d", i), here) == contact.FiledNew {
				opened++
			}
		}
		if opened > 10 {
			t.Errorf("a loop opened %d requests", opened)
		}
	})
}
