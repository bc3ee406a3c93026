package desk_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"parvis/core/notify"
	"parvis/core/notify/desk"
	"parvis/platform/i18n"
	"parvis/platform/mail"
	"parvis/platform/sms"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

func TestWords(t *testing.T) {
	if err := i18n.CheckUsage(".", notify.Locales, page.Locales); err != nil {
		t.Error(err)
	}
	cat, err := i18n.New(notify.Locales, sms.Locales, mail.Locales)
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, s := range notify.States() {
		keys = append(keys, "notify.state."+string(s))
	}
	for _, r := range []string{notify.ReasonLate, notify.ReasonStop, notify.ReasonOff, notify.ReasonCap, notify.ReasonInterrupted, notify.ReasonGaveUp, notify.ReasonUndelivered, notify.ReasonAdapter} {
		keys = append(keys, "notify.reason."+r)
	}
	for _, c := range notify.Channels() {
		keys = append(keys, "notify.channel."+string(c), "notify.step.sent."+string(c), "notify.step.wait."+string(c), "notify.preview."+string(c)+".fr", "notify.preview."+string(c)+".en")
	}
	for _, m := range []notify.Mode{notify.On, notify.Spare, notify.Off} {
		keys = append(keys, "notify.mode."+string(m), "notify.mode.short."+string(m))
	}
	for _, s := range []string{"sms", "provider", "staff"} {
		keys = append(keys, "notify.stop.source."+s)
	}
	for _, k := range keys {
		if !cat.Has(k) {
			t.Errorf("no words for %s", k)
		}
	}
}

func TestDeclarationIsComplete(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		cat, err := i18n.New(notify.Locales)
		if err != nil {
			t.Fatal(err)
		}
		keys := []string{w.def.Label, w.def.About}
		for _, p := range w.def.Permissions {
			keys = append(keys, p.Label)
		}
		for _, m := range w.def.Menu {
			keys = append(keys, m.Label)
		}
		for _, m := range w.def.Metrics {
			keys = append(keys, m.Label, m.Unit)
		}
		covered := map[string]bool{}
		for _, r := range w.def.Retention {
			keys = append(keys, r.Purpose, r.Basis, r.Then)
			for _, c := range r.Personal {
				covered[r.Table+"."+c] = true
			}
			// Each purge runs on the schema as it is, bound and on the instance.
			for _, h := range []store.Handle{w.db.In(home), w.db.System("the nightly purge sweeps every territory")} {
				if err := h.Update(t.Context(), func(tx *store.Tx) error {
					_, err := r.Purge(t.Context(), tx, w.clk.Now().Add(-r.Keep), 10)
					return err
				}); err != nil {
					t.Errorf("purging %s: %v", r.Table, err)
				}
			}
		}
		for _, k := range keys {
			if !cat.Has(k) {
				t.Errorf("no words for %s", k)
			}
		}
		for _, c := range []string{"message.recipient", "message.recipient_name", "message.body", "message_inbound.phone", "message_inbound.text", "message_stop.phone", "message_aside.phone", "mailbox.recipient", "mailbox.body"} {
			if !covered[c] {
				t.Errorf("%s is personal and its retention is not declared", c)
			}
		}
	})
}

func TestPagesNeedTheirPermission(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		for _, r := range w.def.Routes {
			if r.Scope == web.OfInstance {
				continue
			}
			path := "/vouneuil" + strings.NewReplacer("{id}", "1", "{notice}", "well.code").Replace(r.Path)
			other := desk.Read
			if r.Permission == desk.Read {
				other = desk.Settings
			}
			w.may = []web.Permission{other}
			if got := w.do(r.Method, path, nil).StatusCode; got != http.StatusForbidden {
				t.Errorf("%s %s with %s: %d, want 403", r.Method, r.Path, other, got)
			}
			w.may = nil
			if got := w.do(r.Method, path, nil).StatusCode; got != http.StatusUnauthorized {
				t.Errorf("%s %s signed out: %d, want 401", r.Method, r.Path, got)
			}
		}
	})
}

func TestLogShowsWhatNeedsLookingAtFirst(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		w.may = []web.Permission{desk.Read, desk.Settings}
		if got := w.get("/vouneuil/bureau/messages"); got.StatusCode != 200 || !strings.Contains(clean(got.doc.Find(".vide")), "Aucun message n’est encore parti") {
			t.Errorf("empty log: %d %s", got.StatusCode, clean(got.doc.Find("main")))
		}
		w.sms.err = refused()
		w.send(reminder("k1"))
		w.drain()
		w.sms.err = nil
		w.clk.Advance(time.Minute)
		w.send(reminder("k2"))
		w.drain()
		got := w.get("/vouneuil/bureau/messages")
		if h := clean(got.doc.Find("h1")); h != "Un message demande votre attention" {
			t.Errorf("h1 %q", h)
		}
		rows := got.doc.Find(".msg-liste tbody tr")
		if rows.Length() != 4 {
			t.Fatalf("%d rows, want 4", rows.Length())
		}
		first := clean(rows.First())
		for _, want := range []string{"en échec", "Ce numéro ne peut pas recevoir de SMS", "Rappel de rendez-vous", "06 39 98 12 34", "Renée Pasquet", "Renvoyer", "Classer"} {
			if !strings.Contains(first, want) {
				t.Errorf("first row lacks %q: %s", want, first)
			}
		}
		if s := clean(got.doc.Find(".msg-chiffres")); !strings.Contains(s, "75 %") || !strings.Contains(s, "sur 4 messages") {
			t.Errorf("figures %s", s)
		}
		for query, want := range map[string]int{"etat=delivered": 1, "voie=mail": 2, "message=well.code": 0, "a=06+39+98+12+34": 2, "a=nobody@exemple.fr": 0, "etat=nonsense": 4} {
			if n := w.get("/vouneuil/bureau/messages?" + query).doc.Find(".msg-liste tbody tr").Length(); n != want {
				t.Errorf("%s: %d rows, want %d", query, n, want)
			}
		}
		if n := w.get("/brandes/bureau/messages").doc.Find(".msg-liste tbody tr").Length(); n != 0 {
			t.Errorf("another territory sees %d rows", n)
		}
		if got := w.get("/vouneuil/bureau/messages?apres=x"); got.StatusCode != 404 {
			t.Errorf("bad cursor: %d", got.StatusCode)
		}

		// Send it again from the list.
		action, _ := rows.First().Find("form").First().Attr("action")
		if !strings.HasPrefix(action, "/vouneuil/bureau/messages/") || !strings.HasSuffix(action, "/renvoyer") {
			t.Fatalf("form to %q", action)
		}
		if got := w.post(strings.Replace(action, "vouneuil", "brandes", 1), nil); got.StatusCode != 404 {
			t.Errorf("from another territory: %d", got.StatusCode)
		}
		res := w.post(action, nil)
		if res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != "/vouneuil/bureau/messages" {
			t.Fatalf("%d %s", res.StatusCode, res.Header.Get("Location"))
		}
		w.drain()
		after := w.get("/vouneuil/bureau/messages")
		if s := clean(after.doc.Find(".alert.ok")); s != "Le message repart." {
			t.Errorf("done: %q", s)
		}
		if h := clean(after.doc.Find("h1")); h != "Les messages envoyés" {
			t.Errorf("h1 %q", h)
		}
		if got := w.post(action, nil); got.StatusCode != http.StatusConflict || !strings.Contains(got.text, "a changé d’état") {
			t.Errorf("twice: %d", got.StatusCode)
		}
	})
}

func TestLogPagesByKeyset(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		w.may = []web.Permission{desk.Read}
		m := reminder("")
		m.To.Email = ""
		for i := range 53 {
			m.Key = string(rune('A' + i))
			w.send(m)
		}
		seen := 0
		path := "/vouneuil/bureau/messages?voie=sms"
		for range 5 {
			got := w.get(path)
			seen += got.doc.Find(".msg-liste tbody tr").Length()
			next, ok := got.doc.Find(`a[rel="next"]`).Attr("href")
			if !ok {
				break
			}
			path = next
		}
		if seen != 53 {
			t.Errorf("%d rows over all pages, want 53", seen)
		}
	})
}

func TestMessagePage(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		w.may = []web.Permission{desk.Read}
		w.send(reminder("k1"))
		w.send(code("k2"))
		w.sms.err = &sms.Failure{Outcome: sms.ErrDoubtful, Reason: sms.ReasonTimeout}
		w.drain()
		page := w.get("/vouneuil/bureau/messages?voie=sms")
		var reminderText, codeText string
		page.doc.Find(".msg-liste tbody th a").Each(func(_ int, s *goquerySelection) {
			href, _ := s.Attr("href")
			got := w.get(href)
			if clean(s) == "Rappel de rendez-vous" {
				reminderText = clean(got.doc.Find("main"))
				if link, _ := got.doc.Find(`a[href="/vouneuil/puits/77"]`).Attr("href"); link == "" {
					t.Error("no link to what the message is about")
				}
			} else {
				codeText = clean(got.doc.Find("main"))
			}
			if got := w.get(strings.Replace(href, "vouneuil", "brandes", 1)); got.StatusCode != 404 {
				t.Errorf("another territory reads it: %d", got.StatusCode)
			}
		})
		for _, want := range []string{"On ne sait pas si ce message est arrivé", "rendez-vous mardi 24 novembre à 9 h 30", "Rendez-vous de Renée Pasquet", "GSM-7, 0,045 €", "incertain", "Renvoyer"} {
			if !strings.Contains(reminderText, want) {
				t.Errorf("reminder lacks %q: %s", want, reminderText)
			}
		}
		if strings.Contains(codeText, "482913") || !strings.Contains(codeText, "ce message est confidentiel") {
			t.Errorf("the code is shown: %s", codeText)
		}
		for _, bad := range []string{"/vouneuil/bureau/messages/1", "/vouneuil/bureau/messages/abc"} {
			if got := w.get(bad); got.StatusCode != 404 {
				t.Errorf("%s: %d", bad, got.StatusCode)
			}
		}
	})
}

func TestSettings(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		w.may = []web.Permission{desk.Settings}
		const path = "/vouneuil/bureau/messages/reglages"
		got := w.get(path)
		if got.StatusCode != 200 || got.doc.Find(".msg-liste tbody tr").Length() != 5 {
			t.Fatalf("%d, %d messages", got.StatusCode, got.doc.Find(".msg-liste tbody tr").Length())
		}
		form := url.Values{"quiet_from": {"1260"}, "quiet_to": {"450"}, "cap": {"1 250,50 €"}, "plain": {"1"}, "sender": {"Vouneuil"}, "number": {""}}
		if res := w.post(path, form); res.StatusCode != http.StatusSeeOther {
			t.Fatalf("saving: %d %s", res.StatusCode, clean(res.doc.Find("main")))
		}
		got = w.get(path)
		if v, _ := got.doc.Find("#cap").Attr("value"); strings.Join(strings.Fields(v), "") != "1250,50" {
			t.Errorf("cap %q", v)
		}
		if v := clean(got.doc.Find("#quiet_from option[selected]")); v != "21 h" {
			t.Errorf("quiet from %q", v)
		}
		if _, on := got.doc.Find("#plain").Attr("checked"); !on {
			t.Error("plain is not kept")
		}
		if s := clean(got.doc.Find(".alert.ok")); s != "Les règles sont enregistrées." {
			t.Errorf("done %q", s)
		}
		bad := url.Values{"quiet_from": {"720"}, "quiet_to": {"x"}, "cap": {"beaucoup"}, "sender": {"Mairie de Vouneuil"}, "number": {"12"}}
		res := w.post(path, bad)
		if res.StatusCode != http.StatusUnprocessableEntity || res.doc.Find("title").Text()[:6] != "Erreur" {
			t.Errorf("bad input: %d %q", res.StatusCode, res.doc.Find("title").Text())
		}
		if v, _ := res.doc.Find("#cap").Attr("value"); v != "beaucoup" || clean(res.doc.Find("#cap-erreur")) == "" {
			t.Errorf("what was typed is lost: %q", v)
		}
		bad.Set("cap", "50")
		res = w.post(path, bad)
		for _, field := range []string{"quiet_from", "quiet_to", "sender", "number"} {
			if res.doc.Find("#"+field+"-erreur").Length() != 1 {
				t.Errorf("no error beside %s", field)
			}
		}
		if v, _ := res.doc.Find("#sender").Attr("value"); v != "Mairie de Vouneuil" {
			t.Errorf("sender %q", v)
		}
		if v, _ := w.get(path).doc.Find("#sender").Attr("value"); v != "Vouneuil" {
			t.Errorf("a refused form changed something: %q", v)
		}
	})
}

func TestNoticePreviewAndPolicy(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		w.may = []web.Permission{desk.Settings}
		const path = "/vouneuil/bureau/messages/reglages/textes/well.reminder"
		got := w.get(path)
		text := clean(got.doc.Find("main"))
		for _, want := range []string{"SMS en français", "Courriel en anglais", "mercredi 30 septembre à 16 h 45, François Lefèvre", "UCS-2", "SMS facturés", "ç → c", "hors taxes"} {
			if !strings.Contains(text, want) {
				t.Errorf("preview lacks %q: %s", want, text)
			}
		}
		if n := got.doc.Find(`input[type="radio"]`).Length(); n != 5 {
			t.Errorf("%d choices, want 2 for the mail and 3 for the SMS", n)
		}
		if res := w.post(path, url.Values{"mail": {"off"}, "sms": {"spare"}}); res.StatusCode != http.StatusSeeOther {
			t.Fatalf("%d", res.StatusCode)
		}
		list := clean(w.get("/vouneuil/bureau/messages/reglages").doc.Find("main"))
		if !strings.Contains(list, "« Rappel de rendez-vous » est réglé.") || !strings.Contains(list, "Rappel de rendez-vous fermésans courriel") {
			t.Errorf("list %s", list)
		}
		if res := w.post(path, url.Values{"mail": {"on"}}); res.StatusCode != http.StatusUnprocessableEntity || res.doc.Find("#sms-erreur").Length() != 1 {
			t.Errorf("a channel without answer: %d", res.StatusCode)
		}
		res := w.post("/vouneuil/bureau/messages/reglages/textes/well.code", url.Values{"mail": {"off"}, "sms": {"off"}})
		if res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(res.text, "Gardez au moins une voie") {
			t.Errorf("a required message switched off: %d", res.StatusCode)
		}
		if got := w.get("/vouneuil/bureau/messages/reglages/textes/well.none"); got.StatusCode != 404 {
			t.Errorf("unknown message: %d", got.StatusCode)
		}
	})
}

func TestInboundAndStopPages(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		w.may = []web.Permission{desk.Read, desk.Settings}
		for path, want := range map[string]string{"/recus": "Personne n’a répondu par SMS", "/stop": "Personne n’a demandé d’arrêter les SMS"} {
			if got := w.get("/vouneuil/bureau/messages" + path); !strings.Contains(clean(got.doc.Find(".vide")), want) {
				t.Errorf("%s: %s", path, clean(got.doc.Find("main")))
			}
		}
		w.send(reminder("k1"))
		w.drain()
		for i, text := range []string{"OUI", "Je viendrai avec ma fille", "STOP"} {
			in := sms.Incoming{Kind: sms.Inbound, From: number("06 39 98 12 34"), Text: text, At: w.clk.Now().Add(time.Duration(i) * time.Second)}
			if text == "STOP" {
				in.Kind = sms.Stop
			}
			if err := w.hub.Receive(t.Context(), "test", "", []sms.Incoming{in}); err != nil {
				t.Fatal(err)
			}
		}
		got := clean(w.get("/vouneuil/bureau/messages/recus").doc.Find("tbody"))
		for _, want := range []string{"06 39 98 12 34 STOP stop", "Je viendrai avec ma fille à lire", "OUI oui"} {
			if !strings.Contains(got, want) {
				t.Errorf("received lacks %q: %s", want, got)
			}
		}
		list := w.get("/vouneuil/bureau/messages/stop").doc
		action, _ := list.Find("tbody form").Attr("action")
		if clean(list.Find("tbody th")) != "06 39 98 12 34" || action == "" {
			t.Fatalf("stop list %s", clean(list.Find("main")))
		}
		if res := w.post(strings.Replace(action, "vouneuil", "brandes", 1), nil); res.StatusCode != 404 {
			t.Errorf("another territory resumes: %d", res.StatusCode)
		}
		if res := w.post(action, nil); res.StatusCode != http.StatusSeeOther {
			t.Errorf("resume: %d", res.StatusCode)
		}
		if res := w.post(action, nil); res.StatusCode != 404 {
			t.Errorf("resume twice: %d", res.StatusCode)
		}
	})
}

func TestBudgetIsShown(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		w.may = []web.Permission{desk.Read}
		set := notify.DefaultSettings()
		set.Cap = 2 * 450
		if err := w.db.In(home).Update(t.Context(), func(tx *store.Tx) error { return w.hub.SetSettings(t.Context(), tx, set, 1) }); err != nil {
			t.Fatal(err)
		}
		for _, key := range []string{"k1", "k2"} {
			w.send(code(key))
		}
		w.drain()
		got := w.get("/vouneuil/bureau/messages")
		if s := clean(got.doc.Find(".alert.late")); !strings.Contains(s, "Budget SMS dépensé") {
			t.Errorf("alert %q in %s", s, clean(got.doc.Find("main")))
		}
		if s := clean(got.doc.Find(".msg-chiffres")); !strings.Contains(s, "0,09 €") || !strings.Contains(s, "2 SMS facturés") {
			t.Errorf("figures %s", s)
		}
	})
}

func TestWebhook(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		w.send(reminder("k1"))
		w.drain()
		call := func(path, body string) int {
			t.Helper()
			return w.raw(path, body)
		}
		answered := `{"msg_status":"replied","to":"33639981234","reply":"OUI","messageId":5,"ts_event":1795426800}`
		for path, want := range map[string]int{
			"/webhooks/sms/brevo/" + token:         http.StatusNoContent,
			"/webhooks/sms/brevo/wrong":            http.StatusNotFound,
			"/webhooks/sms/brevo/" + token + "x":   http.StatusNotFound,
			"/webhooks/sms/nobody/" + token:        http.StatusNotFound,
			"/webhooks/sms/nobody/e3b0c44298fc1c1": http.StatusNotFound,
		} {
			if got := call(path, answered); got != want {
				t.Errorf("%s: %d, want %d", path, got, want)
			}
		}
		for _, odd := range []string{answered, "not json", "", `{"a":1}`, `{"msg_status":"delivered","to":"33639981234","messageId":999}`} {
			if got := call("/webhooks/sms/brevo/"+token, odd); got != http.StatusNoContent {
				t.Errorf("%q: %d, want a polite answer", odd, got)
			}
		}
		var list []notify.Inbound
		if err := w.db.In(home).View(t.Context(), func(tx *store.Tx) (err error) {
			list, err = w.hub.Inbounds(t.Context(), tx, 0, 10)
			return err
		}); err != nil || len(list) != 1 || list[0].Text != "OUI" {
			t.Errorf("received %+v (%v), want the answer once", list, err)
		}
	})
}
