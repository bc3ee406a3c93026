package smstest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"parvis/platform/phone"
	"parvis/platform/sms"
)

// Numbers used by the tests. Nothing leaves the machine; the first is outside
// the ranges of fiction, since adapters that really send refuse those.
const (
	mobile   = "+33600000001"
	fiction  = "+33639981234"
	landline = "+33549000001"
)

const (
	patience   = 20 * time.Second        // machines that run tests may be slow
	impatience = 1500 * time.Millisecond // for the one case where nothing answers
	perPart    = sms.Cost(456)
)

// texts that must arrive as they are, one for each border of the alphabets.
var texts = []string{
	"Rappel : votre rendez-vous est demain à 9 h 30, mairie de Brandes.",
	"Coût : 5 € {ou} [moins] ~ ^ \\ |",
	"Ligne une\nligne deux \"entre guillemets\" & <balise> + 100 %",
	"Ça tombe bien, à bientôt 🙂",
	strings.Repeat("a", 152) + "€" + strings.Repeat("b", 100),
	strings.Repeat("é", 300),
	strings.Repeat("🙂", 80),
}

func message(t *testing.T, to, text string) sms.Message {
	t.Helper()
	n, err := phone.FromE164(to)
	if err != nil {
		t.Fatal(err)
	}
	return sms.Message{To: n, Sender: "MAIRIE", Text: text, Kind: sms.Alert, Ref: "ref-1"}
}

// Conformance checks the sender made by newSender. With a Provider, newSender
// must return an adapter that calls target.URL with the given timeout and
// tariff; with nil, the sender stays inside the program and only its own
// promises are checked (target.URL is then empty).
func Conformance(t *testing.T, newSender func(t *testing.T, target Target) sms.Sender, provider Provider) {
	t.Helper()
	if provider == nil {
		sender := newSender(t, Target{Timeout: patience, PerPart: perPart})
		t.Run("accepts", func(t *testing.T) {
			for _, text := range texts {
				got, err := sender.Send(t.Context(), message(t, fiction, text))
				checkReceipt(t, got, err, text)
			}
		})
		t.Run("refuses", func(t *testing.T) { checkRefusals(t, sender, fiction) })
		return
	}
	s := start(t, provider)
	target := Target{URL: s.URL, Timeout: patience, PerPart: perPart}
	sender := newSender(t, target)
	accept := func(w http.ResponseWriter, _ *http.Request, sent Sent) { provider.Accept(w, sent, "4711") }

	t.Run("texts arrive intact", func(t *testing.T) {
		s.behave(accept)
		for _, text := range texts {
			got, err := sender.Send(t.Context(), message(t, mobile, text))
			checkReceipt(t, got, err, text)
			if got.ProviderID != "4711" {
				t.Errorf("identifier %q, want 4711", got.ProviderID)
			}
			want := Sent{To: message(t, mobile, "").To, Sender: "MAIRIE", Text: text}
			if seen := s.taken(); len(seen) != 1 || seen[0] != want {
				t.Errorf("the provider saw %+v, want once %+v", seen, want)
			}
		}
	})
	t.Run("refuses without calling", func(t *testing.T) {
		s.behave(accept)
		checkRefusals(t, sender, mobile)
		_, err := sender.Send(t.Context(), message(t, fiction, "Bonjour"))
		outcome(t, "a number reserved for fiction", err, sms.ErrRefused)
		done, cancel := context.WithCancel(t.Context())
		cancel()
		_, err = sender.Send(done, message(t, mobile, "Bonjour"))
		outcome(t, "a context that is over", err, sms.ErrNotSent)
		if seen := s.taken(); len(seen) != 0 {
			t.Errorf("the provider was called %d times", len(seen))
		}
	})
	t.Run("failures say whether the message left", func(t *testing.T) { checkFaults(t, s, sender) })
	t.Run("no answer in time", func(t *testing.T) {
		s.behave(accept)
		hasty := newSender(t, Target{URL: s.URL, Timeout: impatience, PerPart: perPart})
		if _, err := hasty.Send(t.Context(), message(t, mobile, "Bonjour")); err != nil {
			t.Fatalf("before the provider falls silent: %v", err)
		}
		s.taken()
		s.behave(func(_ http.ResponseWriter, r *http.Request, _ Sent) {
			select {
			case <-s.release:
			case <-r.Context().Done():
			}
		})
		_, err := hasty.Send(t.Context(), message(t, mobile, "Bonjour"))
		outcome(t, "no answer in time", err, sms.ErrDoubtful)
		if seen := s.taken(); len(seen) != 1 {
			t.Errorf("the message was tried %d times, want once", len(seen))
		}
	})
	t.Run("redirects are not followed", func(t *testing.T) { checkRedirect(t, s, sender) })
	t.Run("nobody listens", func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		address := l.Addr().String()
		l.Close()
		nowhere := newSender(t, Target{URL: "http://" + address, Timeout: patience, PerPart: perPart})
		_, err = nowhere.Send(t.Context(), message(t, mobile, "Bonjour"))
		outcome(t, "a closed port", err, sms.ErrNotSent)
	})
	t.Run("many at once", func(t *testing.T) { checkConcurrency(t, s, sender) })
}

func checkReceipt(t *testing.T, got sms.Receipt, err error, text string) {
	t.Helper()
	if err != nil {
		t.Errorf("sending %.30q: %v", text, err)
		return
	}
	size := sms.Count(text)
	if got.ProviderID == "" || got.Parts != size.Parts || got.Cost != perPart.Times(size.Parts) {
		t.Errorf("sending %.30q gave %+v, want an identifier, %d parts and their cost", text, got, size.Parts)
	}
}

func checkRefusals(t *testing.T, sender sms.Sender, to string) {
	t.Helper()
	for name, change := range map[string]func(*sms.Message){
		"no number":     func(m *sms.Message) { m.To = phone.Number{} },
		"a landline":    func(m *sms.Message) { m.To = message(t, landline, "").To },
		"no text":       func(m *sms.Message) { m.Text = " \u00a0\n" },
		"a novel":       func(m *sms.Message) { m.Text = strings.Repeat("a", 153*sms.MaxParts+1) },
		"no kind":       func(m *sms.Message) { m.Kind = "" },
		"a long sender": func(m *sms.Message) { m.Sender = "MairieDeBrandes" },
		"an odd sender": func(m *sms.Message) { m.Sender = "Mai rie" },
		"digits only":   func(m *sms.Message) { m.Sender = "36111" },
	} {
		m := message(t, to, "Bonjour")
		change(&m)
		_, err := sender.Send(t.Context(), m)
		outcome(t, name, err, sms.ErrRefused)
	}
}

// outcome checks that err is a *sms.Failure of exactly this outcome that tells
// neither number nor text.
func outcome(t *testing.T, name string, err error, want error) {
	t.Helper()
	var f *sms.Failure
	if !errors.As(err, &f) {
		t.Errorf("%s: %v is not a failure", name, err)
		return
	}
	for _, o := range []error{sms.ErrRefused, sms.ErrNotSent, sms.ErrDoubtful} {
		if errors.Is(err, o) != (o == want) {
			t.Errorf("%s: %v, want: %v", name, err, want)
		}
	}
	for _, secret := range []string{mobile[3:], "Bonjour"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("%s: the error tells %q: %v", name, secret, err)
		}
	}
}

func checkFaults(t *testing.T, s *server, sender sms.Sender) {
	status := func(code int) func(http.ResponseWriter, *http.Request, Sent) {
		return func(w http.ResponseWriter, _ *http.Request, _ Sent) { w.WriteHeader(code) }
	}
	body := func(text string) func(http.ResponseWriter, *http.Request, Sent) {
		return func(w http.ResponseWriter, _ *http.Request, _ Sent) { fmt.Fprint(w, text) }
	}
	for _, c := range []struct {
		name   string
		want   error
		answer func(w http.ResponseWriter, r *http.Request, sent Sent)
	}{
		{"a number refused for good", sms.ErrRefused, func(w http.ResponseWriter, _ *http.Request, sent Sent) { s.provider.Refuse(w, sent) }},
		{"400", sms.ErrRefused, status(400)},
		{"422", sms.ErrRefused, status(422)},
		{"401", sms.ErrNotSent, status(401)},
		{"402", sms.ErrNotSent, status(402)},
		{"403", sms.ErrNotSent, status(403)},
		{"404", sms.ErrNotSent, status(404)},
		{"429", sms.ErrNotSent, status(429)},
		{"503", sms.ErrNotSent, status(503)},
		{"409", sms.ErrDoubtful, status(409)},
		{"500", sms.ErrDoubtful, status(500)},
		{"502", sms.ErrDoubtful, status(502)},
		{"504", sms.ErrDoubtful, status(504)},
		{"an empty answer", sms.ErrDoubtful, status(200)},
		{"a page instead of an answer", sms.ErrDoubtful, body("<html><body>Maintenance</body></html>")},
		{"another service's JSON", sms.ErrDoubtful, body(`{"hello":["world"]}`)},
		{"half an answer", sms.ErrDoubtful, func(w http.ResponseWriter, _ *http.Request, _ Sent) {
			w.Header().Set("Content-Length", "500")
			fmt.Fprint(w, `{"ids":[47`)
		}},
		{"an endless answer", sms.ErrDoubtful, func(w http.ResponseWriter, _ *http.Request, _ Sent) {
			for range 64 {
				if _, err := w.Write([]byte(strings.Repeat(" ", 64<<10))); err != nil {
					return
				}
			}
		}},
		{"a cut connection", sms.ErrDoubtful, func(w http.ResponseWriter, _ *http.Request, _ Sent) { cut(w) }},
	} {
		s.behave(c.answer)
		_, err := sender.Send(t.Context(), message(t, mobile, "Bonjour"))
		outcome(t, c.name, err, c.want)
		if seen := s.taken(); len(seen) != 1 {
			t.Errorf("%s: the message was tried %d times, want once", c.name, len(seen))
		}
	}
	t.Run("waits as long as asked", func(t *testing.T) {
		s.behave(func(w http.ResponseWriter, _ *http.Request, _ Sent) {
			w.Header().Set("Retry-After", "120")
			w.WriteHeader(http.StatusTooManyRequests)
		})
		_, err := sender.Send(t.Context(), message(t, mobile, "Bonjour"))
		var f *sms.Failure
		if !errors.As(err, &f) || f.RetryAfter != 2*time.Minute {
			t.Errorf("%v does not ask to wait two minutes", err)
		}
	})
	t.Run("works again afterwards", func(t *testing.T) {
		s.taken()
		s.behave(func(w http.ResponseWriter, _ *http.Request, sent Sent) { s.provider.Accept(w, sent, "4712") })
		if got, err := sender.Send(t.Context(), message(t, mobile, "Bonjour")); err != nil || got.ProviderID != "4712" {
			t.Errorf("%+v, %v", got, err)
		}
		s.taken()
	})
}

func checkRedirect(t *testing.T, s *server, sender sms.Sender) {
	s.behave(func(w http.ResponseWriter, r *http.Request, _ Sent) {
		http.Redirect(w, r, s.URL+r.URL.Path, http.StatusTemporaryRedirect)
	})
	_, err := sender.Send(t.Context(), message(t, mobile, "Bonjour"))
	outcome(t, "a redirect", err, sms.ErrNotSent)
	if seen := s.taken(); len(seen) != 1 {
		t.Errorf("the message was sent %d times", len(seen))
	}
}

func checkConcurrency(t *testing.T, s *server, sender sms.Sender) {
	s.taken()
	s.behave(func(w http.ResponseWriter, _ *http.Request, sent Sent) {
		s.provider.Accept(w, sent, strings.TrimPrefix(sent.Text, "Message "))
	})
	const many = 30
	var wg sync.WaitGroup
	for i := range many {
		wg.Go(func() {
			id := strconv.Itoa(1000 + i)
			got, err := sender.Send(context.Background(), message(t, mobile, "Message "+id))
			if err != nil || got.ProviderID != id {
				t.Errorf("message %s: %+v, %v", id, got, err)
			}
		})
	}
	wg.Wait()
	seen := map[string]int{}
	for _, sent := range s.taken() {
		seen[sent.Text]++
	}
	if len(seen) != many {
		t.Errorf("%d different messages arrived, want %d", len(seen), many)
	}
	for text, n := range seen {
		if n != 1 {
			t.Errorf("%q arrived %d times", text, n)
		}
	}
}
