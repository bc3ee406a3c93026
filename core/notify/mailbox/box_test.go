package mailbox_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"parvis/core/notify"
	"parvis/core/notify/mailbox"
	"parvis/platform/clock"
	"parvis/platform/i18n"
	"parvis/platform/mail"
	"parvis/platform/phone"
	"parvis/platform/sms"
	"parvis/platform/sms/smstest"
	"parvis/platform/store"
	"parvis/platform/store/storetest"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

type assets struct{ http.Handler }

func (assets) Path(name string) string { return "/static/" + name }

type nowhere struct{}

func (nowhere) BySegment(context.Context, string) (web.Found, error) {
	return web.Found{}, store.ErrNotFound
}
func (nowhere) ByHost(context.Context, string) (web.Found, error) {
	return web.Found{}, store.ErrNotFound
}

// demo is a box behind a server.
type demo struct {
	t    *testing.T
	clk  *clock.Fake
	db   *store.DB
	box  *mailbox.Box
	srv  *web.Server
	said []sms.Incoming // what the box told the hub
	jar  string
}

func each(t *testing.T, body func(t *testing.T, d *demo)) {
	t.Helper()
	storetest.EachClock(t, []store.Migration{mailbox.Migration(), web.Migration()}, func(t *testing.T, db *store.DB, clk *clock.Fake) {
		clk.Set(time.Date(2026, 11, 16, 9, 40, 0, 0, time.UTC))
		d := &demo{t: t, clk: clk, db: db, box: mailbox.New(db, 450, nil)}
		d.box.Connect(func(_ context.Context, provider, _ string, list []sms.Incoming) error {
			if provider != mailbox.Provider {
				t.Errorf("provider %s", provider)
			}
			d.said = append(d.said, list...)
			return nil
		})
		cat, err := i18n.New(notify.Locales, web.Locales, page.Locales)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if missing := cat.Missing(); len(missing) > 0 {
				t.Errorf("messages missing: %v", missing)
			}
		})
		d.srv, err = web.New(web.Config{DB: db, Catalog: cat, Assets: assets{http.NotFoundHandler()}, Clock: clk,
			Logger: slog.New(slog.DiscardHandler), Sites: nowhere{}}, d.box.Routes())
		if err != nil {
			t.Fatal(err)
		}
		body(t, d)
	})
}

type answer struct {
	*http.Response
	doc  *goquery.Document
	text string
}

func (d *demo) do(method, path string, form url.Values) answer {
	d.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r := httptest.NewRequest(method, "http://parvis.example"+path, body)
	r.Header.Set("Accept-Language", "fr")
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if d.jar != "" {
		r.Header.Set("Cookie", d.jar)
	}
	rec := httptest.NewRecorder()
	d.srv.ServeHTTP(rec, r)
	if list := rec.Result().Cookies(); len(list) > 0 {
		d.jar = list[0].Name + "=" + list[0].Value
	}
	text := rec.Body.String()
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(text))
	if err != nil {
		d.t.Fatal(err)
	}
	return answer{rec.Result(), doc, text}
}

func clean(s *goquery.Selection) string { return strings.Join(strings.Fields(s.Text()), " ") }

func number(s string) phone.Number {
	n, err := phone.Parse(s, "")
	if err != nil {
		panic(err)
	}
	return n
}

func (d *demo) text(to, body, ref string) {
	d.t.Helper()
	if _, err := d.box.SMS().Send(d.t.Context(), sms.Message{To: number(to), Text: body, Kind: sms.Alert, Ref: ref}); err != nil {
		d.t.Fatal(err)
	}
}

func (d *demo) letter(to, subject, ref string) mail.Message {
	d.t.Helper()
	html, text := mail.HTML(mail.Body{From: "Commune de Vouneuil", Title: subject, Blocks: []mail.Block{
		mail.Paragraph("Votre code est 482913. <script>alert(1)</script>"), mail.Button{Label: "Voir", URL: "https://parvis.example/r/abc."}}})
	m := mail.Message{To: mail.Named("Renée Pasquet", to), From: mail.Named("Commune de Vouneuil", "parvis@parvis.example"), Subject: subject, Text: text, HTML: html, Lang: "fr", Ref: ref,
		ICS: []byte("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nPRODID:-//x//y//FR\r\nBEGIN:VEVENT\r\nUID:77@parvis\r\nDTSTAMP:20261123T090000Z\r\nDTSTART:20261124T083000Z\r\nSUMMARY:Rendez-vous\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")}
	if _, err := d.box.Mail().Send(d.t.Context(), m); err != nil {
		d.t.Fatal(err)
	}
	return m
}

func TestBoxShowsWhatWouldHaveLeft(t *testing.T) {
	each(t, func(t *testing.T, d *demo) {
		if got := d.do("GET", "/demo/messages", nil); !strings.Contains(clean(got.doc.Find(".vide")), "Aucun message pour l’instant") {
			t.Errorf("empty box: %s", clean(got.doc.Find("main")))
		}
		d.text("06 39 98 12 34", "Voici votre code : 482913. https://parvis.example/a?b=1, merci", "c86300-1")
		d.clk.Advance(time.Minute)
		d.letter("renee.pasquet@exemple.fr", "Votre rendez-vous", "c86300-2")
		got := d.do("GET", "/demo/messages", nil)
		cards := got.doc.Find("article")
		if cards.Length() != 2 {
			t.Fatalf("%d cards", cards.Length())
		}
		first, second := cards.First(), cards.Last()
		for _, want := range []string{"Votre rendez-vous", "Commune de Vouneuil <parvis@parvis.example>", "Renée Pasquet <renee.pasquet@exemple.fr>", "Votre code 482 913", "<script>alert(1)</script>"} {
			if !strings.Contains(clean(first), want) {
				t.Errorf("the mail's card lacks %q: %s", want, clean(first))
			}
		}
		if strings.Contains(got.text, "<script>alert") {
			t.Error("a script of a mail is in the page")
		}
		if href, _ := first.Find(`.boite-texte a`).Attr("href"); href != "https://parvis.example/r/abc" {
			t.Errorf("link to %q", href)
		}
		if !strings.Contains(clean(second), "SMS au 06 39 98 12 34") || clean(second.Find(".boite-code b")) != "482 913" {
			t.Errorf("the SMS's card: %s", clean(second))
		}
		if href, _ := second.Find(".bulle a").Attr("href"); href != "https://parvis.example/a?b=1" {
			t.Errorf("link to %q", href)
		}
		if len(d.said) != 1 || d.said[0].Kind != sms.Delivery || d.said[0].Status != sms.StatusDelivered || d.said[0].Ref != "c86300-1" {
			t.Errorf("reported %+v", d.said)
		}

		// The mail as it is, in a cage.
		href, _ := first.Find(`a[href$="/courriel"]`).Attr("href")
		raw := d.do("GET", href, nil)
		policy := raw.Header.Get("Content-Security-Policy")
		if raw.StatusCode != 200 || !strings.HasPrefix(policy, "sandbox") || strings.Contains(policy, "allow-scripts") || strings.Contains(policy, "allow-same-origin") || !strings.Contains(policy, "default-src 'none'") {
			t.Errorf("%d, policy %q", raw.StatusCode, policy)
		}
		if !strings.Contains(raw.text, "<h1") {
			t.Errorf("not the mail's own HTML: %.80s", raw.text)
		}
		href, _ = first.Find(`a[href$="/invitation.ics"]`).Attr("href")
		file := d.do("GET", href, nil)
		if file.Header.Get("Content-Type") != "text/calendar; charset=utf-8" || !strings.Contains(file.Header.Get("Content-Disposition"), "invitation.ics") || !strings.HasPrefix(file.text, "BEGIN:VCALENDAR") {
			t.Errorf("calendar: %v", file.Header)
		}
		if css := d.do("GET", "/demo/messages.css", nil); css.Header.Get("Content-Type") != "text/css; charset=utf-8" {
			t.Errorf("style: %v", css.Header)
		}
		for _, path := range []string{"/demo/messages/1/courriel", "/demo/messages/x/courriel", strings.Replace(href, "invitation.ics", "reponse", 1), "/demo/messages?avant=x"} {
			if got := d.do("GET", path, nil); got.StatusCode != 404 {
				t.Errorf("%s: %d", path, got.StatusCode)
			}
		}
	})
}

func TestBoxIsSearchedAndPaged(t *testing.T) {
	each(t, func(t *testing.T, d *demo) {
		for range 25 {
			d.text("06 39 98 12 34", "Bonjour", "c86300-1")
		}
		d.text("06 39 98 55 55", "Bonsoir", "c86300-2")
		d.letter("elodie.guerin@exemple.fr", "100% pour vous", "c86300-3")
		for query, want := range map[string]int{"06 39 98 55 55": 1, "0639985555": 1, "+33639985555": 1, "Élodie": 1, "GUERIN@": 1, "exemple": 1, "%": 0, "nobody": 0} {
			if n := d.do("GET", "/demo/messages?q="+url.QueryEscape(query), nil).doc.Find("article").Length(); n != want {
				t.Errorf("%q finds %d, want %d", query, n, want)
			}
		}
		none := d.do("GET", "/demo/messages?q=nobody", nil)
		if s := clean(none.doc.Find(".vide")); !strings.Contains(s, "Aucun message pour « nobody »") {
			t.Errorf("nothing found: %s", s)
		}
		seen, path := 0, "/demo/messages?q=06+39+98+12+34"
		for range 4 {
			got := d.do("GET", path, nil)
			seen += got.doc.Find("article").Length()
			next, ok := got.doc.Find(`a[rel="next"]`).Attr("href")
			if !ok {
				break
			}
			path = next
		}
		if seen != 25 {
			t.Errorf("%d over all pages, want 25", seen)
		}
	})
}

func TestAnswersGoWhereAProviderWouldSendThem(t *testing.T) {
	each(t, func(t *testing.T, d *demo) {
		d.text("06 39 98 12 34", "OUI ou NON ?", "c86300-1")
		d.said = nil
		page := d.do("GET", "/demo/messages", nil)
		action, _ := page.doc.Find(".boite-reponse form").First().Attr("action")
		if n := page.doc.Find(`.boite-reponse button[name="text"]`).Length(); n != 3 {
			t.Errorf("%d quick answers", n)
		}
		for i, c := range []struct {
			text string
			kind sms.Event
		}{{"OUI", sms.Inbound}, {"stop", sms.Stop}, {"Je serai en retard", sms.Inbound}} {
			res := d.do("POST", action, url.Values{"text": {c.text}})
			if res.StatusCode != http.StatusSeeOther || !strings.HasPrefix(res.Header.Get("Location"), "/demo/messages#m-") {
				t.Fatalf("%d to %s", res.StatusCode, res.Header.Get("Location"))
			}
			if len(d.said) != i+1 || d.said[i].Kind != c.kind || d.said[i].Text != c.text || d.said[i].From != number("06 39 98 12 34") || d.said[i].Ref != "c86300-1" {
				t.Errorf("said %+v", d.said)
			}
		}
		after := d.do("GET", "/demo/messages", nil)
		if n := after.doc.Find("article").Length(); n != 1 {
			t.Errorf("%d cards: an answer belongs to its message", n)
		}
		if s := clean(after.doc.Find(".bulle.moi").Last()); s != "Votre réponse : Je serai en retard" {
			t.Errorf("last bubble %q", s)
		}
		if s := clean(after.doc.Find(".alert.ok")); !strings.Contains(s, "Réponse envoyée") {
			t.Errorf("done %q", s)
		}
		long := strings.Repeat("é", 460)
		for text, want := range map[string]string{"": "Écrivez votre réponse", "  ": "Écrivez votre réponse", long: "dépasse 459 signes"} {
			res := d.do("POST", action, url.Values{"text": {text}})
			if res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(clean(res.doc.Find(".alert.late")), want) || res.doc.Find(".invalid-feedback").Length() != 1 {
				t.Errorf("%.10q: %d %s", text, res.StatusCode, clean(res.doc.Find(".alert.late")))
			}
			if v, _ := res.doc.Find("article input").Attr("value"); v != strings.TrimSpace(text) {
				t.Errorf("what was typed is lost: %.10q", v)
			}
		}
		if len(d.said) != 3 {
			t.Errorf("a refused answer was sent: %d", len(d.said))
		}
	})
}

func TestSameMailComesOnce(t *testing.T) {
	each(t, func(t *testing.T, d *demo) {
		m := d.letter("renee.pasquet@exemple.fr", "Votre rendez-vous", "c86300-2")
		r, err := d.box.Mail().Send(t.Context(), m)
		if err != nil || !strings.Contains(r.MessageID, "@parvis.example") {
			t.Errorf("%+v %v", r, err)
		}
		if list, err := d.box.List(t.Context(), "", 0, 10); err != nil || len(list) != 1 {
			t.Errorf("%d mails (%v), want 1", len(list), err)
		}
		if _, err := d.box.Mail().Send(t.Context(), mail.Message{To: "x"}); err == nil {
			t.Error("a mail to nobody is kept")
		}
	})
}

func TestBoxTellsWhatItHas(t *testing.T) {
	each(t, func(t *testing.T, d *demo) {
		ask := d.box.SMS().(notify.Asker)
		if _, there, err := ask.Ask(t.Context(), "c86300-1"); there || err != nil {
			t.Errorf("%v %v", there, err)
		}
		d.text("06 39 98 12 34", "Bonjour", "c86300-1")
		if r, there, err := ask.Ask(t.Context(), "c86300-1"); !there || err != nil || r.Parts != 1 || r.Cost != 450 {
			t.Errorf("%+v %v %v", r, there, err)
		}
	})
}

func TestPurge(t *testing.T) {
	each(t, func(t *testing.T, d *demo) {
		d.text("06 39 98 12 34", "Bonjour", "c86300-1")
		d.clk.Advance(mailbox.Keep)
		d.text("06 39 98 12 34", "Bonsoir", "c86300-2")
		for _, h := range []store.Handle{d.db.In("c86300"), d.db.System("the nightly purge of the instance")} {
			if err := h.Update(t.Context(), func(tx *store.Tx) error {
				_, err := d.box.Purge(t.Context(), tx, d.clk.Now().Add(time.Second-mailbox.Keep), 10)
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		if list, err := d.box.List(t.Context(), "", 0, 10); err != nil || len(list) != 1 || list[0].Body != "Bonsoir" {
			t.Errorf("%+v (%v)", list, err)
		}
	})
}

func TestWords(t *testing.T) {
	if err := i18n.CheckUsage(".", notify.Locales, page.Locales); err != nil {
		t.Error(err)
	}
}

func TestBoxIsASender(t *testing.T) {
	each(t, func(t *testing.T, d *demo) {
		smstest.Conformance(t, func(_ *testing.T, target smstest.Target) sms.Sender {
			return mailbox.New(d.db, target.PerPart, nil).SMS()
		}, nil)
	})
}
