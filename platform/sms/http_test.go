package sms_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"parvis/platform/phone"
	"parvis/platform/sms"
	"parvis/platform/sms/smstest"
)

// A provider that takes JSON under a bearer token and always answers 200, the
// verdict being inside.
type jsonSide struct{}

func (jsonSide) Aside(http.ResponseWriter, *http.Request) bool { return false }

func (jsonSide) Read(r *http.Request, body []byte) (smstest.Sent, error) {
	if r.Method != http.MethodPost || r.URL.Path != "/send" || r.Header.Get("Authorization") != "Bearer jeton" {
		return smstest.Sent{}, fmt.Errorf("%s %s %v", r.Method, r.URL, r.Header)
	}
	var job struct {
		SMS struct {
			Message    struct{ Text, Sender, Pushtype string }
			Recipients []struct{ Value, Ref string }
		}
	}
	if err := json.Unmarshal(body, &job); err != nil {
		return smstest.Sent{}, err
	}
	if job.SMS.Message.Pushtype != "alert" || len(job.SMS.Recipients) != 1 || job.SMS.Recipients[0].Ref != "ref-1" {
		return smstest.Sent{}, fmt.Errorf("job %+v", job)
	}
	to, err := phone.FromE164("+" + job.SMS.Recipients[0].Value)
	return smstest.Sent{To: to, Sender: job.SMS.Message.Sender, Text: job.SMS.Message.Text}, err
}

func (jsonSide) Accept(w http.ResponseWriter, _ smstest.Sent, id string) {
	fmt.Fprintf(w, `{"status":1,"messages":[{"id":%q}]}`, id)
}

func (jsonSide) Refuse(w http.ResponseWriter, sent smstest.Sent) {
	fmt.Fprintf(w, `{"status":-7,"error":"blocked number %s"}`, sent.To)
}

func jsonConfig(target smstest.Target) sms.HTTPConfig {
	return sms.HTTPConfig{
		Name: "essai", URL: target.URL + "/send",
		Headers: map[string]string{"Content-Type": "application/json", "Authorization": "Bearer jeton"},
		Body: `{"sms":{"message":{"text":{{json .Text}},"sender":{{json .Sender}},"pushtype":{{json .Kind}}},
			"recipients":[{"value":{{json .Digits}},"ref":{{json .Ref}}}]}}`,
		AcceptedPath: "status", AcceptedValues: []string{"1"}, ErrorPath: "error", IDPath: "messages.0.id",
		PerPart: target.PerPart, Link: sms.Link{Timeout: target.Timeout},
	}
}

func TestHTTPJSON(t *testing.T) {
	smstest.Conformance(t, func(t *testing.T, target smstest.Target) sms.Sender {
		return newHTTP(t, jsonConfig(target))
	}, jsonSide{})
}

// A provider called by GET, everything in the address, which answers in plain
// words. net/http may repeat a GET by itself: the conformance test counts.
type getSide struct{}

func (getSide) Aside(http.ResponseWriter, *http.Request) bool { return false }

func (getSide) Read(r *http.Request, body []byte) (smstest.Sent, error) {
	q := r.URL.Query()
	if r.Method != http.MethodGet || len(body) != 0 || q.Get("key") != "clé" {
		return smstest.Sent{}, fmt.Errorf("%s %s", r.Method, r.URL)
	}
	to, err := phone.FromE164(q.Get("to"))
	return smstest.Sent{To: to, Sender: q.Get("from"), Text: q.Get("text")}, err
}

func (getSide) Accept(w http.ResponseWriter, _ smstest.Sent, id string) {
	fmt.Fprintf(w, "OK;%s;1\n", id)
}

func (getSide) Refuse(w http.ResponseWriter, _ smstest.Sent) { w.WriteHeader(http.StatusBadRequest) }

func TestHTTPGet(t *testing.T) {
	smstest.Conformance(t, func(t *testing.T, target smstest.Target) sms.Sender {
		return newHTTP(t, sms.HTTPConfig{
			Name: "essai", Method: "get",
			URL:       target.URL + "/?key=cl%C3%A9&to={{query .To}}&from={{query .Sender}}&text={{query .Text}}",
			IDPattern: `^OK;(\d+);`, PerPart: target.PerPart, Link: sms.Link{Timeout: target.Timeout},
		})
	}, getSide{})
}

func newHTTP(t *testing.T, c sms.HTTPConfig) *sms.HTTP {
	t.Helper()
	sender, err := sms.NewHTTP(c)
	if err != nil {
		t.Fatal(err)
	}
	return sender
}

func TestHTTPFormAndXML(t *testing.T) {
	text := "Été <b> & \"c\" 'd' 1+1 100 %"
	var body string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		content, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		body = string(content)
	}))
	defer s.Close()
	form := newHTTP(t, sms.HTTPConfig{
		Name: "form", URL: s.URL, Headers: map[string]string{"Content-Type": "application/x-www-form-urlencoded"},
		Body: "to={{query .To}}&msg={{query .Text}}&parts={{.Parts}}{{if .Marketing}}&stop=1{{end}}",
	})
	got, err := form.Send(t.Context(), alert(t, text))
	if err != nil || got.ProviderID != "ref-1" {
		t.Fatalf("%+v, %v: without a place for the identifier, our reference stands in", got, err)
	}
	values, err := url.ParseQuery(body)
	if err != nil || values.Get("msg") != text || values.Get("to") != "+33600000001" || values.Get("parts") != "1" || values.Has("stop") {
		t.Errorf("form %v, %v", values, err)
	}
	xml := newHTTP(t, sms.HTTPConfig{
		Name: "xml", URL: s.URL, Headers: map[string]string{"Content-Type": "text/xml"},
		Body: `<sms to="{{.Digits}}"><text>{{xml .Text}}</text></sms>`,
	})
	if _, err := xml.Send(t.Context(), alert(t, text)); err != nil {
		t.Fatal(err)
	}
	if want := `<sms to="33600000001"><text>Été &lt;b&gt; &amp; &#34;c&#34; &#39;d&#39; 1+1 100 %</text></sms>`; body != want {
		t.Errorf("XML %s\nwant %s", body, want)
	}
}

func TestHTTPSaysNo(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"status":-7,"error":"blocked number +33600000001"}`)
	}))
	defer s.Close()
	_, err := newHTTP(t, jsonConfig(smstest.Target{URL: s.URL})).Send(t.Context(), alert(t, "Bonjour"))
	var f *sms.Failure
	if !errors.As(err, &f) || !errors.Is(err, sms.ErrRefused) || f.Detail != "blocked number …" {
		t.Errorf("%v", err)
	}
}

func TestHTTPRefusesBadSettings(t *testing.T) {
	for name, change := range map[string]func(*sms.HTTPConfig){
		"text not escaped":      func(c *sms.HTTPConfig) { c.Body = `{"text":"{{.Text}}","to":{{json .To}}}` },
		"text forgotten":        func(c *sms.HTTPConfig) { c.Body = `{"to":{{json .To}}}` },
		"unknown field":         func(c *sms.HTTPConfig) { c.Body = `{"text":{{json .Message}}}` },
		"unknown function":      func(c *sms.HTTPConfig) { c.Body = `{"text":{{quote .Text}}}` },
		"not an address":        func(c *sms.HTTPConfig) { c.URL = "sms.example/send" },
		"no address":            func(c *sms.HTTPConfig) { c.URL = "" },
		"pattern without group": func(c *sms.HTTPConfig) { c.IDPattern = `OK \d+` },
		"pattern that is none":  func(c *sms.HTTPConfig) { c.IDPattern = `(` },
		"no word for yes":       func(c *sms.HTTPConfig) { c.AcceptedValues = nil },
		"a method with a space": func(c *sms.HTTPConfig) { c.Method = "PO ST" },
		"text not escaped, form": func(c *sms.HTTPConfig) {
			c.Headers["Content-Type"] = "application/x-www-form-urlencoded"
			c.Body = "t={{.Text}}"
		},
		"text not escaped, XML": func(c *sms.HTTPConfig) { c.Headers["Content-Type"] = "text/xml"; c.Body = "<t>{{.Text}}</t>" },
	} {
		c := jsonConfig(smstest.Target{URL: "https://sms.example"})
		change(&c)
		if _, err := sms.NewHTTP(c); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// A provider that dies between two messages: each is tried once, whatever the
// state of the connection.
func TestHTTPNeverRepeatsByItself(t *testing.T) {
	var calls atomic.Int32
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if calls.Add(1)%2 == 0 {
			conn, _, _ := w.(http.Hijacker).Hijack()
			conn.Close()
			return
		}
		fmt.Fprint(w, "OK")
	}))
	defer s.Close()
	sender := newHTTP(t, sms.HTTPConfig{Name: "essai", Method: "GET", URL: s.URL + "/?t={{query .Text}}"})
	for i := range 10 {
		_, err := sender.Send(t.Context(), alert(t, "Bonjour"))
		if i%2 == 0 && err != nil || i%2 == 1 && !errors.Is(err, sms.ErrDoubtful) {
			t.Errorf("message %d: %v", i, err)
		}
	}
	if got := calls.Load(); got != 10 {
		t.Errorf("10 messages made %d calls", got)
	}
}

func TestFailureTellsNoSecret(t *testing.T) {
	_, err := newHTTP(t, sms.HTTPConfig{Name: "essai", Method: "GET", URL: "http://127.0.0.1:1/?key=motdepasse&to={{query .To}}&t={{query .Text}}"}).
		Send(t.Context(), alert(t, "Bonjour"))
	if !errors.Is(err, sms.ErrNotSent) {
		t.Fatal(err)
	}
	for _, secret := range []string{"motdepasse", "600000001", "Bonjour"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("%q is in %v", secret, err)
		}
	}
}
