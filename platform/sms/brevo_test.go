package sms_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"parvis/platform/phone"
	"parvis/platform/sms"
	"parvis/platform/sms/smstest"
)

type brevoJob struct {
	Sender, Recipient, Content, Type, Tag, WebURL string
	UnicodeEnabled                                bool
}

type brevoSide struct{}

func (brevoSide) Aside(http.ResponseWriter, *http.Request) bool { return false }

func (brevoSide) Read(r *http.Request, body []byte) (smstest.Sent, error) {
	if r.Method != http.MethodPost || r.URL.Path != "/v3/transactionalSMS/send" || r.Header.Get("api-key") != "xkeysib-1" {
		return smstest.Sent{}, fmt.Errorf("%s %s, key %q", r.Method, r.URL.Path, r.Header.Get("api-key"))
	}
	var job brevoJob
	if err := json.Unmarshal(body, &job); err != nil {
		return smstest.Sent{}, err
	}
	if job.Type != "transactional" || job.Tag != "ref-1" || job.WebURL != "https://parvis.example/sms/brevo" ||
		job.UnicodeEnabled != (sms.Count(job.Content).Encoding == sms.UCS2) || strings.HasPrefix(job.Recipient, "+") {
		return smstest.Sent{}, fmt.Errorf("job %+v", job)
	}
	to, err := phone.FromE164("+" + job.Recipient)
	return smstest.Sent{To: to, Sender: job.Sender, Text: job.Content}, err
}

func (brevoSide) Accept(w http.ResponseWriter, _ smstest.Sent, id string) {
	w.WriteHeader(http.StatusCreated)
	fmt.Fprintf(w, `{"messageId":%s}`, id)
}

func (brevoSide) Refuse(w http.ResponseWriter, sent smstest.Sent) {
	w.WriteHeader(http.StatusBadRequest)
	fmt.Fprintf(w, `{"code":"invalid_parameter","message":"Invalid telephone number %s"}`, sent.To)
}

func brevo(t *testing.T, target smstest.Target) *sms.Brevo {
	t.Helper()
	sender, err := sms.NewBrevo(sms.BrevoConfig{
		Endpoint: target.URL + "/v3/", APIKey: "xkeysib-1", Sender: "BRANDES", WebhookURL: "https://parvis.example/sms/brevo",
		PerPart: target.PerPart, Link: sms.Link{Timeout: target.Timeout},
	})
	if err != nil {
		t.Fatal(err)
	}
	return sender
}

func TestBrevo(t *testing.T) {
	smstest.Conformance(t, func(t *testing.T, target smstest.Target) sms.Sender { return brevo(t, target) }, brevoSide{})
}

func TestBrevoMarketing(t *testing.T) {
	var job brevoJob
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := json.NewDecoder(r.Body).Decode(&job); err != nil {
			t.Error(err)
		}
		fmt.Fprint(w, `{"messageId":"abc-1"}`)
	}))
	defer s.Close()
	sender := brevo(t, smstest.Target{URL: s.URL})
	m := alert(t, "Fête du lac samedi")
	m.Kind = sms.Marketing
	got, err := sender.Send(t.Context(), m)
	if err != nil || got.ProviderID != "abc-1" {
		t.Fatalf("%+v, %v", got, err)
	}
	if job.Type != "marketing" || job.Content != "Fête du lac samedi\nSTOP [STOP CODE]" || job.Sender != "BRANDES" {
		t.Errorf("job %+v", job)
	}
	if _, err := sender.Send(t.Context(), alert(t, "Votre [STOP CODE]")); !errors.Is(err, sms.ErrRefused) {
		t.Errorf("an alert that Brevo takes for marketing: %v", err)
	}
}

func TestBrevoWords(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		want   error
		reason sms.Reason
	}{
		{400, `{"code":"not_enough_credits","message":"Insufficient credits"}`, sms.ErrNotSent, sms.ReasonCredit},
		{400, `{"code":"unauthorized","message":"Key not found"}`, sms.ErrNotSent, sms.ReasonCredential},
		{400, `{"code":"invalid_parameter","message":"Sender is not valid"}`, sms.ErrRefused, sms.ReasonSender},
		{400, `{"code":"invalid_parameter","message":"Invalid telephone number"}`, sms.ErrRefused, sms.ReasonRecipient},
		{400, `{"code":"missing_parameter","message":"content is missing"}`, sms.ErrRefused, sms.ReasonText},
		{500, `{"code":"not_enough_credits"}`, sms.ErrDoubtful, sms.ReasonProvider},
		{201, `{"messageId":null}`, sms.ErrDoubtful, sms.ReasonAnswer},
	} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(c.status)
			fmt.Fprint(w, c.body)
		}))
		_, err := brevo(t, smstest.Target{URL: s.URL}).Send(t.Context(), alert(t, "Bonjour"))
		s.Close()
		var f *sms.Failure
		if !errors.As(err, &f) || !errors.Is(err, c.want) || f.Reason != c.reason {
			t.Errorf("%d %s gave %v, want %v (%s)", c.status, c.body, err, c.want, c.reason)
		}
	}
}

func TestBrevoSettings(t *testing.T) {
	good := sms.BrevoConfig{APIKey: "k", Sender: "BRANDES"}
	if _, err := sms.NewBrevo(good); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*sms.BrevoConfig){
		"no key": func(c *sms.BrevoConfig) { c.APIKey = "" }, "no sender": func(c *sms.BrevoConfig) { c.Sender = "" },
		"bad sender": func(c *sms.BrevoConfig) { c.Sender = "Mairie de Brandes" }, "bad address": func(c *sms.BrevoConfig) { c.Endpoint = "brevo" },
		"bad webhook": func(c *sms.BrevoConfig) { c.WebhookURL = "/sms" },
	} {
		c := good
		change(&c)
		if _, err := sms.NewBrevo(c); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
