package app_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"parvis/app"
	"parvis/core/notify"
	"parvis/platform/clock"
	"parvis/platform/phone"
	"parvis/platform/store"
	"parvis/platform/store/storetest"
)

// smsProvider takes messages by HTTP and answers with an identifier, or 503
// while it is down.
type smsProvider struct {
	*httptest.Server
	down  bool
	taken []string
}

func newSMSProvider(t *testing.T) *smsProvider {
	p := &smsProvider{}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || p.down {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		p.taken = append(p.taken, string(body))
		_, _ = w.Write([]byte(`{"id":"op-1"}`))
	}))
	t.Cleanup(p.Close)
	return p
}

// config is a program that sends through the provider and reads its calls.
func (p *smsProvider) config(t *testing.T, kind string) app.Config {
	t.Helper()
	cfg, err := app.LoadConfig("", []string{"PARVIS_SMS_PROVIDER=http", "PARVIS_SMS_ENDPOINT=" + p.URL, `PARVIS_SMS_HTTP_BODY={"to":{{json .Digits}},"text":{{json .Text}}}`,
		"PARVIS_SMS_HTTP_HEADERS=Content-Type: application/json", "PARVIS_SMS_HTTP_ID_PATH=id", "PARVIS_SMS_WEBHOOK_TOKEN=0123456789abcdef", "PARVIS_SMS_HTTP_WEBHOOK_KIND=" + kind, "PARVIS_SMS_HTTP_WEBHOOK_DELIVERY=DLR",
		"PARVIS_SMS_HTTP_WEBHOOK_INBOUND=MO", "PARVIS_SMS_HTTP_WEBHOOK_ID=id", "PARVIS_SMS_HTTP_WEBHOOK_FROM=phone", "PARVIS_SMS_HTTP_WEBHOOK_TEXT=text",
		"PARVIS_SMS_HTTP_WEBHOOK_STATUS=status", "PARVIS_SMS_HTTP_WEBHOOK_DELIVERED=DELIVRD", "PARVIS_SMS_HTTP_WEBHOOK_FAILED=UNDELIV,EXPIRED",
		"PARVIS_SMS_HTTP_WEBHOOK_SIGNATURE=X-Signature", "PARVIS_SMS_HTTP_WEBHOOK_SECRET=fedcba9876543210"})
	if err != nil {
		t.Fatal(err)
	}
	cfg.Data, cfg.Database, cfg.Name, cfg.Limits = t.TempDir(), storetest.SQLiteDSN(t), "sms", false
	return cfg
}

func signed(body string) []byte {
	mac := hmac.New(sha256.New, []byte("fedcba9876543210"))
	mac.Write([]byte(body))
	return mac.Sum(nil)
}

// TestCallsOfTheHTTPProvider: what a provider of no particular name says of a
// message reaches its row, when the call is signed as the configuration says.
func TestCallsOfTheHTTPProvider(t *testing.T) {
	for kind, paths := range map[string][2]string{"type": {"http", "http"}, "": {"http-delivery", "http-inbound"}} {
		provider := newSMSProvider(t)
		// Daytime: no quiet hour holds the message back.
		a := build(t, provider.config(t, kind), clock.NewFake(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)))
		if _, err := a.Book.Activate(t.Context(), here, ""); err != nil {
			t.Fatal(err)
		}
		mobile, err := phone.Parse("+33600000001", "")
		if err != nil {
			t.Fatal(err)
		}
		if err := a.DB.In(here).Update(t.Context(), func(tx *store.Tx) error {
			return a.Hub.Send(t.Context(), tx, notify.Message{Notice: "notify.stopped", To: notify.To{Phone: mobile}, Key: "k"})
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := a.Queue.Drain(t.Context()); err != nil || len(provider.taken) != 1 {
			var why string
			_ = a.DB.SQL().QueryRowContext(t.Context(), `SELECT state || ' ' || reason || ' ' || error FROM message`).Scan(&why)
			t.Fatalf("sent %q (%v): %s", provider.taken, err, why)
		}
		srv := httptest.NewServer(a.Handler())
		t.Cleanup(srv.Close)
		call := func(path, body, signature string) int {
			t.Helper()
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL+"/webhooks/sms/"+path, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set("X-Signature", signature)
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			_ = res.Body.Close()
			return res.StatusCode
		}
		state := func() (s string, inbound int) {
			t.Helper()
			if err := a.DB.In(here).View(t.Context(), func(tx *store.Tx) error {
				if err := tx.Get(t.Context(), &s, `SELECT state FROM message WHERE territory_id = @territory AND key = 'k'`); err != nil {
					return err
				}
				return tx.Get(t.Context(), &inbound, `SELECT COUNT(*) FROM message_inbound WHERE territory_id = @territory`)
			}); err != nil {
				t.Fatal(err)
			}
			return s, inbound
		}
		report, answer := `{"type":"DLR","id":"op-1","status":"DELIVRD"}`, `{"type":"MO","phone":"33600000001","text":"Merci"}`
		delivery, inbound := paths[0]+"/0123456789abcdef", paths[1]+"/0123456789abcdef"
		for _, x := range []struct {
			path, body, signature string
			want                  int
		}{
			{delivery, report, "", http.StatusForbidden},
			{delivery, report, hex.EncodeToString(signed(answer)), http.StatusForbidden},
			{delivery, report + " ", hex.EncodeToString(signed(report)), http.StatusForbidden},
			{paths[0] + "/0123456789abcdeX", report, hex.EncodeToString(signed(report)), http.StatusNotFound},
		} {
			if got := call(x.path, x.body, x.signature); got != x.want {
				t.Errorf("%s signed %q: %d, want %d", x.body, x.signature, got, x.want)
			}
			if s, n := state(); s != "sent" || n != 0 {
				t.Fatalf("a refused call left the message %s and %d texts", s, n)
			}
		}
		for range 2 { // twice delivered, once done
			if got := call(delivery, report, "sha256="+hex.EncodeToString(signed(report))); got != http.StatusNoContent {
				t.Errorf("a report: %d", got)
			}
			if got := call(inbound, answer, base64.StdEncoding.EncodeToString(signed(answer))); got != http.StatusNoContent {
				t.Errorf("a text: %d", got)
			}
			if s, n := state(); s != "delivered" || n != 1 {
				t.Errorf("message %s, %d texts", s, n)
			}
		}
	}
}

// TestHTTPProviderHalfDescribed: half a description stops the start.
func TestHTTPProviderHalfDescribed(t *testing.T) {
	provider := newSMSProvider(t)
	for name, change := range map[string]func(*app.Config){
		"no token":         func(c *app.Config) { c.SMSWebhookToken = "" },
		"no secret":        func(c *app.Config) { c.SMSHook.Secret = "" },
		"short secret":     func(c *app.Config) { c.SMSHook.Secret = "short" },
		"no header":        func(c *app.Config) { c.SMSHook.Signature = "" },
		"no word of kinds": func(c *app.Config) { c.SMSHook.Delivery, c.SMSHook.Inbound = nil, nil },
		"nobody named":     func(c *app.Config) { c.SMSHook.ID, c.SMSHook.From = "", "" },
	} {
		cfg := provider.config(t, "type")
		change(&cfg)
		a, err := app.Build(t.Context(), cfg, app.Options{})
		if err == nil {
			t.Errorf("%s: the program starts", name)
			_ = a.Close(t.Context())
		}
	}
}

// build is a program of a configuration, closed with the test.
func build(t *testing.T, cfg app.Config, clk clock.Clock) *app.App {
	t.Helper()
	a, err := app.Build(t.Context(), cfg, app.Options{Clock: clk})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return a
}
