package sms_test

import (
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"parvis/platform/clock"
	"parvis/platform/phone"
	"parvis/platform/sms"
	"parvis/platform/sms/smstest"
)

// The provider's clock runs seven minutes ahead of ours.
const ahead = 7 * time.Minute

var now = time.Date(2026, 11, 24, 9, 30, 0, 0, time.UTC)

type ovhSide struct{}

func (ovhSide) Aside(w http.ResponseWriter, r *http.Request) bool {
	if r.URL.Path != "/1.0/auth/time" {
		return false
	}
	fmt.Fprint(w, now.Add(ahead).Unix())
	return true
}

func (ovhSide) Read(r *http.Request, body []byte) (smstest.Sent, error) {
	if r.Method != http.MethodPost || r.URL.Path != "/1.0/sms/sms-ab12345-1/jobs" {
		return smstest.Sent{}, fmt.Errorf("%s %s", r.Method, r.URL.Path)
	}
	stamp := strconv.FormatInt(now.Add(ahead).Unix(), 10)
	sum := sha1.Sum([]byte("secret+consumer+POST+http://" + r.Host + r.URL.Path + "+" + string(body) + "+" + stamp))
	for header, want := range map[string]string{
		"X-Ovh-Application": "application", "X-Ovh-Consumer": "consumer", "X-Ovh-Timestamp": stamp,
		"X-Ovh-Signature": "$1$" + hex.EncodeToString(sum[:]), "Content-Type": "application/json;charset=utf-8",
	} {
		if got := r.Header.Get(header); got != want {
			return smstest.Sent{}, fmt.Errorf("header %s is %q, want %q", header, got, want)
		}
	}
	var job struct {
		Charset, Class, Coding, Message, Priority, Sender string
		NoStopClause, SenderForResponse                   bool
		Receivers                                         []string
		ValidityPeriod                                    int
	}
	if err := json.Unmarshal(body, &job); err != nil {
		return smstest.Sent{}, err
	}
	coding := "7bit"
	if sms.Count(job.Message).Encoding == sms.UCS2 {
		coding = "8bit"
	}
	if job.Charset != "UTF-8" || job.Class != "phoneDisplay" || job.Priority != "high" || job.ValidityPeriod != 2880 ||
		job.Coding != coding || !job.NoStopClause || job.SenderForResponse != (job.Sender == "") || len(job.Receivers) != 1 {
		return smstest.Sent{}, fmt.Errorf("job %+v", job)
	}
	to, err := phone.FromE164(job.Receivers[0])
	return smstest.Sent{To: to, Sender: job.Sender, Text: job.Message}, err
}

func (ovhSide) Accept(w http.ResponseWriter, sent smstest.Sent, id string) {
	fmt.Fprintf(w, `{"totalCreditsRemoved":1,"invalidReceivers":[],"ids":[%s],"validReceivers":[%q]}`, id, sent.To)
}

func (ovhSide) Refuse(w http.ResponseWriter, sent smstest.Sent) {
	fmt.Fprintf(w, `{"totalCreditsRemoved":0,"invalidReceivers":[%q],"ids":[],"validReceivers":[]}`, sent.To)
}

func ovh(t *testing.T, url string, c sms.Clock, timeout time.Duration) *sms.OVH {
	t.Helper()
	sender, err := sms.NewOVH(sms.OVHConfig{
		Endpoint: url + "/1.0", Service: "sms-ab12345-1", AppKey: "application", AppSecret: "secret", ConsumerKey: "consumer",
		PerPart: 456, Link: sms.Link{Timeout: timeout}, Clock: c,
	})
	if err != nil {
		t.Fatal(err)
	}
	return sender
}

func TestOVH(t *testing.T) {
	smstest.Conformance(t, func(t *testing.T, target smstest.Target) sms.Sender {
		return ovh(t, target.URL, clock.NewFake(now), target.Timeout)
	}, ovhSide{})
}

func alert(t *testing.T, text string) sms.Message {
	t.Helper()
	to, err := phone.FromE164("+33600000001")
	if err != nil {
		t.Fatal(err)
	}
	return sms.Message{To: to, Text: text, Kind: sms.Alert, Ref: "ref-1"}
}

// Nothing leaves when the provider's time cannot be had, and the message is
// free to be tried again.
func TestOVHWithoutTime(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"down":    func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) },
		"garbage": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "soon") },
		"cut": func(w http.ResponseWriter, _ *http.Request) {
			conn, _, _ := w.(http.Hijacker).Hijack()
			conn.Close()
		},
	} {
		var jobs atomic.Int32
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/jobs") {
				jobs.Add(1)
			}
			answer(w, r)
		}))
		_, err := ovh(t, s.URL, clock.NewFake(now), time.Minute).Send(t.Context(), alert(t, "Bonjour"))
		if !errors.Is(err, sms.ErrNotSent) || errors.Is(err, sms.ErrDoubtful) {
			t.Errorf("%s: %v, want not sent", name, err)
		}
		if jobs.Load() != 0 {
			t.Errorf("%s: a message left all the same", name)
		}
		s.Close()
	}
}

// The difference of clocks is asked once an hour, and again when the provider
// refuses the signature.
func TestOVHAsksTheTime(t *testing.T) {
	var asked atomic.Int32
	var refuse atomic.Bool
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/auth/time") {
			asked.Add(1)
			fmt.Fprint(w, now.Unix())
			return
		}
		if refuse.Load() {
			w.WriteHeader(400)
			fmt.Fprint(w, `{"errorCode":"INVALID_SIGNATURE","message":"Invalid signature"}`)
			return
		}
		fmt.Fprint(w, `{"ids":[1],"validReceivers":["+33600000001"],"invalidReceivers":[]}`)
	}))
	defer s.Close()
	fake := clock.NewFake(now)
	sender := ovh(t, s.URL, fake, time.Minute)
	send := func(want int32) {
		t.Helper()
		if _, err := sender.Send(t.Context(), alert(t, "Bonjour")); err != nil {
			t.Fatal(err)
		}
		if got := asked.Load(); got != want {
			t.Fatalf("the time was asked %d times, want %d", got, want)
		}
	}
	send(1)
	send(1)
	fake.Advance(59 * time.Minute)
	send(1)
	fake.Advance(2 * time.Minute)
	send(2)
	refuse.Store(true)
	_, err := sender.Send(t.Context(), alert(t, "Bonjour"))
	var f *sms.Failure
	if !errors.As(err, &f) || !errors.Is(err, sms.ErrNotSent) || f.Reason != sms.ReasonCredential || !f.Operator() {
		t.Fatalf("a refused signature gave %v", err)
	}
	refuse.Store(false)
	send(3)
}

func TestOVHWords(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		want   error
		reason sms.Reason
	}{
		{403, `{"errorCode":"INVALID_CREDENTIAL","message":"This credential is not valid"}`, sms.ErrNotSent, sms.ReasonCredential},
		{400, `{"message":"You do not have enough credits"}`, sms.ErrNotSent, sms.ReasonCredit},
		{403, `{"message":"Your account has no credit left"}`, sms.ErrNotSent, sms.ReasonCredit},
		{400, `{"message":"Sender PREFECTURE is not valid"}`, sms.ErrRefused, sms.ReasonSender},
		{400, `{"message":"Receivers +33600000001 malformed"}`, sms.ErrRefused, sms.ReasonRecipient},
		{400, `{"message":"Something else"}`, sms.ErrRefused, sms.ReasonText},
		{500, `{"message":"credit check crashed"}`, sms.ErrDoubtful, sms.ReasonProvider},
		{200, `{"ids":[1,2],"validReceivers":["+33600000001"]}`, sms.ErrDoubtful, sms.ReasonAnswer},
		{200, `{"ids":[],"validReceivers":["+33600000001"]}`, sms.ErrDoubtful, sms.ReasonAnswer},
	} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if (ovhSide{}).Aside(w, r) {
				return
			}
			w.WriteHeader(c.status)
			fmt.Fprint(w, c.body)
		}))
		_, err := ovh(t, s.URL, clock.NewFake(now), time.Minute).Send(t.Context(), alert(t, "Bonjour"))
		s.Close()
		var f *sms.Failure
		if !errors.As(err, &f) || !errors.Is(err, c.want) || f.Reason != c.reason {
			t.Errorf("%d %s gave %v, want %v (%s)", c.status, c.body, err, c.want, c.reason)
			continue
		}
		if strings.Contains(f.Detail, "600000001") {
			t.Errorf("the number is in %q", f.Detail)
		}
	}
}

// A marketing message lets OVHcloud add its STOP clause, and counts it.
func TestOVHMarketing(t *testing.T) {
	var job struct {
		NoStopClause      bool
		SenderForResponse bool
		Message           string
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if (ovhSide{}).Aside(w, r) {
			return
		}
		if err := json.NewDecoder(r.Body).Decode(&job); err != nil {
			t.Error(err)
		}
		fmt.Fprint(w, `{"ids":[5],"validReceivers":["+33600000001"],"invalidReceivers":[]}`)
	}))
	defer s.Close()
	m := alert(t, strings.Repeat("a", 155))
	m.Kind = sms.Marketing
	got, err := ovh(t, s.URL, clock.NewFake(now), time.Minute).Send(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	if job.NoStopClause || !job.SenderForResponse || job.Message != m.Text {
		t.Errorf("job %+v", job)
	}
	if got.Parts != 2 || got.Cost != 912 {
		t.Errorf("%+v, want the clause counted: 2 parts", got)
	}
}

func TestOVHSettings(t *testing.T) {
	good := sms.OVHConfig{Service: "s", AppKey: "a", AppSecret: "b", ConsumerKey: "c"}
	if _, err := sms.NewOVH(good); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*sms.OVHConfig){
		"no service": func(c *sms.OVHConfig) { c.Service = "" }, "no key": func(c *sms.OVHConfig) { c.AppKey = " " },
		"no secret": func(c *sms.OVHConfig) { c.AppSecret = "" }, "no consumer": func(c *sms.OVHConfig) { c.ConsumerKey = "" },
		"no address": func(c *sms.OVHConfig) { c.Endpoint = "ovh-eu" },
	} {
		c := good
		change(&c)
		if _, err := sms.NewOVH(c); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
