package desk_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"parvis/core/notify"
	"parvis/core/notify/desk"
	"parvis/platform/api"
	"parvis/platform/i18n"
	"parvis/platform/mail"
	"parvis/platform/phone"
	"parvis/platform/sms"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// client calls the interface with a token.
type client struct {
	t *testing.T
	h http.Handler
}

func (w *town) client() client {
	w.t.Helper()
	cat, err := i18n.New(notify.Locales, words(), sms.Locales, mail.Locales, web.Locales, page.Locales, api.Locales)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.db.Migrate(w.t.Context(), api.Migration()); err != nil {
		w.t.Fatal(err)
	}
	a := api.New(api.Config{DB: w.db, Catalog: cat, Clock: w.clk, Find: finder{}.BySegment,
		Authenticate: func(_ context.Context, _, token string) (web.Actor, error) {
			if token == "" {
				return web.Actor{}, store.ErrNotFound
			}
			return web.Actor{ID: 9, Name: "Nadia Roux", May: func(p web.Permission) bool { return string(p) == token }}, nil
		}})
	w.def.API(a.Group("notify"))
	if err := a.Check(); err != nil {
		w.t.Fatal(err)
	}
	return client{w.t, a.Handler()}
}

func (c client) call(method, path string, p web.Permission, out any) int {
	c.t.Helper()
	r := httptest.NewRequest(method, "http://parvis.example/api/v1"+path, http.NoBody)
	r.Header.Set("Authorization", "Bearer "+string(p))
	rec := httptest.NewRecorder()
	c.h.ServeHTTP(rec, r)
	if out != nil && rec.Code < 300 {
		if err := json.Unmarshal(rec.Body.Bytes(), out); err != nil {
			c.t.Fatalf("%s %s: %v: %s", method, path, err, rec.Body)
		}
	}
	return rec.Code
}

type listed struct {
	Items []struct {
		ID, Notice, Channel, State, Reason, Recipient, Subject, Text, Keyword string
		About                                                                 []string
		Cost                                                                  int64
	}
	Next string
}

func TestInterface(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		c := w.client()
		w.sms.err = refused()
		w.send(reminder("k1"))
		w.drain()
		w.sms.err = nil
		for _, key := range []string{"k2", "k3"} {
			w.send(reminder(key))
		}
		w.drain()
		var ids []string
		path := "/vouneuil/messages?limit=4"
		for range 3 {
			var page listed
			if got := c.call("GET", path, desk.Read, &page); got != 200 {
				t.Fatalf("%s: %d", path, got)
			}
			for _, m := range page.Items {
				ids = append(ids, m.ID)
			}
			if len(ids) == 4 && (page.Items[0].State != "failed" || page.Items[0].Reason != "sms.failure.recipient" || page.Items[0].Recipient != "+33639981234" || page.Items[0].Subject != "well:77") {
				t.Errorf("first %+v", page.Items[0])
			}
			if page.Next == "" {
				break
			}
			path = "/vouneuil/messages?limit=4&cursor=" + page.Next
		}
		if len(ids) != 6 {
			t.Errorf("%d messages over all pages, want 6", len(ids))
		}
		var page listed
		if c.call("GET", "/vouneuil/messages?state=delivered&channel=sms", desk.Read, &page); len(page.Items) != 2 || page.Items[0].Cost != 450 {
			t.Errorf("delivered %+v", page.Items)
		}
		for path, want := range map[string]int{
			"/vouneuil/messages?state=lost": 422, "/vouneuil/messages?cursor=x": 422, "/vouneuil/messages/abc": 422,
			"/vouneuil/messages/1": 404, "/brandes/messages/" + ids[0]: 404, "/vouneuil/messages/" + ids[0]: 200,
		} {
			if got := c.call("GET", path, desk.Read, nil); got != want {
				t.Errorf("%s: %d, want %d", path, got, want)
			}
		}
		if got := c.call("GET", "/vouneuil/messages", desk.Settings, nil); got != http.StatusForbidden {
			t.Errorf("without the right: %d", got)
		}
		var one struct{ State string }
		if got := c.call("POST", "/vouneuil/messages/"+ids[0]+"/resend", desk.Read, &one); got != 200 || one.State != "queued" {
			t.Errorf("resend: %d %s", got, one.State)
		}
		if got := c.call("POST", "/vouneuil/messages/"+ids[0]+"/resend", desk.Read, nil); got != http.StatusConflict {
			t.Errorf("resend twice: %d", got)
		}
		if err := w.hub.Receive(t.Context(), "test", "", []sms.Incoming{{Kind: sms.Inbound, From: number("06 39 98 12 34"), Text: "Oui", At: w.clk.Now()}}); err != nil {
			t.Fatal(err)
		}
		if c.call("GET", "/vouneuil/received-messages", desk.Read, &page); len(page.Items) != 1 || page.Items[0].Keyword != "yes" || page.Items[0].Text != "Oui" || page.Items[0].About[0] != "well:77" {
			t.Errorf("received %+v", page.Items)
		}
	})
}

func TestSectionOfACard(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		s := desk.Section(w.hub, func(context.Context, *store.Tx, store.ID) (string, phone.Number, error) {
			return "renee.pasquet@exemple.fr", number("06 39 98 12 34"), nil
		})
		cat, err := i18n.New(notify.Locales, words(), sms.Locales, page.Locales)
		if err != nil {
			t.Fatal(err)
		}
		ctx := i18n.With(t.Context(), cat.Localizer("fr"))
		draw := func() string {
			t.Helper()
			body, err := s.Show(ctx, w.db.In(home), 5)
			if err != nil {
				t.Fatal(err)
			}
			if body == nil {
				return ""
			}
			var b strings.Builder
			if err := body.Render(ctx, &b); err != nil {
				t.Fatal(err)
			}
			return b.String()
		}
		if got := draw(); got != "" {
			t.Errorf("a card without messages shows %s", got)
		}
		w.send(reminder("k1"))
		w.drain()
		if err := w.hub.Receive(t.Context(), "test", "", []sms.Incoming{{Kind: sms.Stop, From: number("06 39 98 12 34"), At: w.clk.Now()}}); err != nil {
			t.Fatal(err)
		}
		got := draw()
		for _, want := range []string{"STOP", "elle ne reçoit plus de SMS", "Rappel de rendez-vous", "remis"} {
			if !strings.Contains(got, want) {
				t.Errorf("the card lacks %q", want)
			}
		}
		if err := w.db.In(home).Update(t.Context(), func(tx *store.Tx) error {
			out, err := s.Export(t.Context(), tx, 5)
			if err != nil {
				return err
			}
			raw, err := json.Marshal(out)
			if err != nil || strings.Count(string(raw), `"notice":"well.reminder"`) != 2 || !strings.Contains(string(raw), "mardi 24") {
				t.Errorf("export %s (%v)", raw, err)
			}
			return s.Erase(t.Context(), tx, 5)
		}); err != nil {
			t.Fatal(err)
		}
		if got := draw(); strings.Contains(got, "Rappel de rendez-vous") || !strings.Contains(got, "STOP") {
			t.Errorf("after erasing: %s", got)
		}
	})
}
