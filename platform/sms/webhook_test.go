package sms_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"parvis/platform/phone"
	"parvis/platform/sms"
)

func number(t *testing.T, e164 string) phone.Number {
	t.Helper()
	n, err := phone.FromE164(e164)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func get(query string) *http.Request {
	return httptest.NewRequest(http.MethodGet, "/sms/secret?"+query, nil)
}

func post(contentType, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/sms/secret", strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	return r
}

var (
	sameNumber = cmp.Comparer(func(a, b phone.Number) bool { return a == b })
	at         = time.Date(2026, 11, 24, 8, 30, 0, 0, time.UTC)
)

func TestWebhooks(t *testing.T) {
	them := number(t, "+33639981234")
	generic := sms.HTTPWebhook{
		Items: "events", KindPath: "type", Delivery: []string{"DLR"}, Inbound: []string{"MO"}, Stop: []string{"STOP"},
		Ref: "ref", ProviderID: "id", From: "phone.number", Text: "text", Status: "status", At: "ts",
		Sent: []string{"BUFFERED"}, Delivered: []string{"DELIVRD"}, Failed: []string{"UNDELIV", "EXPIRED"},
	}
	for _, c := range []struct {
		name string
		hook sms.Webhook
		call *http.Request
		want []sms.Incoming
	}{
		{"OVH delivered", sms.OVHWebhook{}, get("id=123&ptt=4&date=2026-11-24+09:30:00&description=1&descriptionDlr=Success"),
			[]sms.Incoming{{Kind: sms.Delivery, ProviderID: "123", Status: sms.StatusDelivered, Detail: "Success", At: at}}},
		{"OVH accepted", sms.OVHWebhook{}, get("id=123&ptt=3&description=4"),
			[]sms.Incoming{{Kind: sms.Delivery, ProviderID: "123", Status: sms.StatusSent, Detail: "ptt 3"}}},
		{"OVH blocked number", sms.OVHWebhook{}, get("id=123&ptt=23&description=2&descriptionDlr=Failed"),
			[]sms.Incoming{{Kind: sms.Delivery, ProviderID: "123", Status: sms.StatusFailed, Detail: "Failed"}}},
		{"OVH unknown end", sms.OVHWebhook{}, get("id=123&ptt=6&description=2"),
			[]sms.Incoming{{Kind: sms.Delivery, ProviderID: "123", Detail: "ptt 6"}}},
		{"OVH by description alone", sms.OVHWebhook{}, get("id=123&ptt=0&description=1&descriptionDlr=Success"),
			[]sms.Incoming{{Kind: sms.Delivery, ProviderID: "123", Status: sms.StatusDelivered, Detail: "Success"}}},
		{"OVH answer", sms.OVHWebhook{}, get("event=reply&id=9&sender=%2B33639981234&message=Oui&date=2026-11-24+09:30:00"),
			[]sms.Incoming{{Kind: sms.Inbound, ProviderID: "9", From: them, Text: "Oui", At: at}}},
		{"OVH answer that says stop", sms.OVHWebhook{}, get("id=9&senderid=0033639981234&message=Stop%20!"),
			[]sms.Incoming{{Kind: sms.Stop, ProviderID: "9", From: them, Text: "Stop !"}}},
		{"OVH stop", sms.OVHWebhook{}, get("event=stop&sender=33639981234"),
			[]sms.Incoming{{Kind: sms.Stop, From: them}}},
		{"Brevo delivered", sms.BrevoWebhook{}, post("application/json",
			`{"id":26570,"to":"33639981234","messageId":123,"msg_status":"delivered","date":"2026-11-24 09:30:00","ts_event":1795509000,"tag":["ref-1"]}`),
			[]sms.Incoming{{Kind: sms.Delivery, Ref: "ref-1", ProviderID: "123", From: them, Status: sms.StatusDelivered, Detail: "delivered", At: at}}},
		{"Brevo batch", sms.BrevoWebhook{}, post("application/json; charset=utf-8", `[
			{"to":"33639981234","messageId":1,"msg_status":"sent","tag":"ref-1","date":"2026-11-24 09:30:00"},
			{"to":"33639981234","message_id":"2","msg_status":"hard_bounce","description":"absent +33639981234","tag":"ref-2"},
			{"to":"33639981234","messageId":3,"msg_status":"replied","reply":"NON","tag":"ref-3"},
			{"to":"33639981234","messageId":4,"msg_status":"unsubscribe"},
			{"to":"33639981234","messageId":5,"msg_status":"teleported"}]`),
			[]sms.Incoming{
				{Kind: sms.Delivery, Ref: "ref-1", ProviderID: "1", From: them, Status: sms.StatusSent, Detail: "sent", At: at},
				{Kind: sms.Delivery, Ref: "ref-2", ProviderID: "2", From: them, Status: sms.StatusFailed, Detail: "hard_bounce: absent …"},
				{Kind: sms.Inbound, Ref: "ref-3", ProviderID: "3", From: them, Text: "NON"},
				{Kind: sms.Stop, ProviderID: "4", From: them, Detail: "unsubscribe"},
				{Kind: sms.Delivery, ProviderID: "5", From: them, Detail: "teleported"},
			}},
		{"any provider, JSON", generic, post("text/plain", `{"events":[
			{"type":"DLR","id":77,"ref":"ref-1","phone":{"number":"+33639981234"},"status":"DELIVRD","ts":"2026-11-24T09:30:00+01:00"},
			{"type":"DLR","id":78,"status":"EXPIRED","ts":1795509000},
			{"type":"MO","phone":{"number":"0639981234"},"text":"Bonjour","ts":1795509000000},
			{"type":"CLICKER","id":79},
			{"type":"STOP","phone":{"number":"33639981234"},"ts":"whenever"}]}`),
			[]sms.Incoming{
				{Kind: sms.Delivery, Ref: "ref-1", ProviderID: "77", From: them, Status: sms.StatusDelivered, Detail: "DELIVRD", At: at},
				{Kind: sms.Delivery, ProviderID: "78", Status: sms.StatusFailed, Detail: "EXPIRED", At: at},
				{Kind: sms.Inbound, From: them, Text: "Bonjour", At: at},
				{Kind: sms.Stop, From: them},
			}},
		{"any provider, form, one address per kind", sms.HTTPWebhook{Fixed: sms.Inbound, From: "numero", Text: "texte", At: "date", Layout: "02/01/2006 15h04"},
			post("application/x-www-form-urlencoded", url.Values{"numero": {"0639981234"}, "texte": {"Un & deux = trois"}, "date": {"24/11/2026 08h30"}}.Encode()),
			[]sms.Incoming{{Kind: sms.Inbound, From: them, Text: "Un & deux = trois", At: at}}},
		{"any provider, GET", sms.HTTPWebhook{Fixed: sms.Delivery, ProviderID: "id", Status: "s", Sent: []string{"8"}}, get("id=5&s=8"),
			[]sms.Incoming{{Kind: sms.Delivery, ProviderID: "5", Status: sms.StatusSent, Detail: "8"}}},
	} {
		got, err := sms.ParseWebhook(c.hook, c.call)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if diff := cmp.Diff(c.want, got, sameNumber); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// The states of OVHcloud's own table.
func TestOVHStates(t *testing.T) {
	for query, want := range map[string]sms.Status{
		"ptt=1": sms.StatusSent, "ptt=2": sms.StatusSent, "ptt=3": sms.StatusSent, "ptt=4": sms.StatusDelivered,
		"ptt=5": sms.StatusFailed, "ptt=6": sms.StatusUnknown, "ptt=8": sms.StatusFailed, "ptt=20": sms.StatusFailed,
		"ptt=24": sms.StatusFailed, "ptt=202": sms.StatusFailed,
		"description=0": sms.StatusSent, "description=1": sms.StatusDelivered, "description=2": sms.StatusFailed,
		"description=4": sms.StatusSent, "description=8": sms.StatusSent, "description=16": sms.StatusFailed, "description=99": sms.StatusUnknown,
	} {
		got, err := sms.ParseWebhook(sms.OVHWebhook{}, get("id=1&"+query))
		if err != nil || len(got) != 1 || got[0].Status != want || got[0].Kind != sms.Delivery {
			t.Errorf("%s: %+v, %v; want %q", query, got, err, want)
		}
	}
}

func TestWebhooksRefuse(t *testing.T) {
	form := sms.HTTPWebhook{Fixed: sms.Inbound, From: "numero", Text: "texte"}
	for name, c := range map[string]struct {
		hook sms.Webhook
		call *http.Request
	}{
		"OVH, nothing":          {sms.OVHWebhook{}, get("")},
		"OVH, no identifier":    {sms.OVHWebhook{}, get("ptt=4")},
		"OVH, nobody":           {sms.OVHWebhook{}, get("event=reply&message=oui")},
		"OVH, not a number":     {sms.OVHWebhook{}, get("event=reply&message=oui&sender=mairie")},
		"Brevo, HTML":           {sms.BrevoWebhook{}, post("text/html", "<p>")},
		"Brevo, no status":      {sms.BrevoWebhook{}, post("application/json", `{"to":"33639981234"}`)},
		"Brevo, text":           {sms.BrevoWebhook{}, post("application/json", `"hello"`)},
		"Brevo, half":           {sms.BrevoWebhook{}, post("application/json", `[{"msg_status":"sent"}`)},
		"form, broken":          {form, post("application/x-www-form-urlencoded", "numero=%zz")},
		"form, nobody":          {form, post("application/x-www-form-urlencoded", "texte=oui")},
		"a method of elsewhere": {form, httptest.NewRequest(http.MethodDelete, "/", nil)},
		"too big":               {sms.BrevoWebhook{}, post("application/json", `{"msg_status":"sent","x":"`+strings.Repeat("a", 1<<20)+`"}`)},
		"too many":              {sms.BrevoWebhook{}, post("application/json", "["+strings.Repeat(`{"msg_status":"sent"},`, 1000)+`{"msg_status":"sent"}]`)},
	} {
		if got, err := sms.ParseWebhook(c.hook, c.call); !errors.Is(err, sms.ErrWebhook) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestHTTPWebhookCheck(t *testing.T) {
	for name, w := range map[string]sms.HTTPWebhook{
		"nothing": {}, "no kind": {From: "f"}, "no word": {KindPath: "k", From: "f"}, "nobody": {Fixed: sms.Stop}, "odd kind": {Fixed: "postcard", From: "f"},
	} {
		if err := w.Check(); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if err := (sms.HTTPWebhook{Fixed: sms.Stop, From: "f"}).Check(); err != nil {
		t.Error(err)
	}
}

func TestKey(t *testing.T) {
	a := sms.Incoming{Kind: sms.Inbound, ProviderID: "1", Text: "oui", At: at}
	if b := a; a.Key() != b.Key() {
		t.Error("the same event has two keys")
	}
	if b := a; func() string { b.At = at.In(time.FixedZone("", 3600)); return b.Key() }() != a.Key() {
		t.Error("the key depends on the zone")
	}
	seen := map[string]bool{a.Key(): true}
	for _, change := range []func(*sms.Incoming){
		func(i *sms.Incoming) { i.Kind = sms.Stop }, func(i *sms.Incoming) { i.ProviderID = "2" }, func(i *sms.Incoming) { i.Text = "non" },
		func(i *sms.Incoming) { i.At = time.Time{} }, func(i *sms.Incoming) { i.Status = sms.StatusFailed },
		func(i *sms.Incoming) { i.Ref = "r" }, func(i *sms.Incoming) { i.From = number(t, "+33639981234") },
	} {
		b := a
		change(&b)
		if seen[b.Key()] {
			t.Errorf("%+v has the key of another", b)
		}
		seen[b.Key()] = true
	}
}

// Whatever strangers send, the normaliser neither panics nor lets through an
// event about nobody of an unknown kind.
func TestWebhooksAnything(t *testing.T) {
	hooks := []sms.Webhook{sms.OVHWebhook{}, sms.BrevoWebhook{}, sms.HTTPWebhook{KindPath: "k", Inbound: []string{"a"}, From: "f", ProviderID: "id", At: "at"}}
	piece := rapid.SampledFrom([]string{"{", "}", "[", "]", `"msg_status":"sent"`, `"k":"a"`, `"f":"33639981234"`, `"ts_event":9e99`, `"tag":[]`, ",", "null", `"id":1`, `"at":-1`, "\x00"})
	rapid.Check(t, func(t *rapid.T) {
		body := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(piece), func(p []string) string { return strings.Join(p, "") })).Draw(t, "body")
		contentType := rapid.SampledFrom([]string{"application/json", "application/x-www-form-urlencoded", "", "multipart/form-data"}).Draw(t, "type")
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.Header.Set("Content-Type", contentType)
		events, err := sms.ParseWebhook(rapid.SampledFrom(hooks).Draw(t, "hook"), r)
		if err != nil && !errors.Is(err, sms.ErrWebhook) {
			t.Fatalf("%q: %v", body, err)
		}
		for _, e := range events {
			if e.Kind != sms.Delivery && e.Kind != sms.Inbound && e.Kind != sms.Stop {
				t.Fatalf("%q gave %+v", body, e)
			}
		}
	})
}
