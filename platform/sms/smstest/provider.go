package smstest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"parvis/platform/phone"
	"parvis/platform/sms"
)

// Target is where the adapter under test must send.
type Target struct {
	URL     string        // of the imitated provider, without path
	Timeout time.Duration // to give to the adapter
	PerPart sms.Cost      // tariff to give to the adapter
}

// Sent is one message as the provider's side understood it.
type Sent struct {
	To     phone.Number
	Sender string
	Text   string
}

// Provider imitates the provider's side of an adapter.
type Provider interface {
	// Aside answers the calls that send nothing (asking the time…) and returns
	// true; it returns false for a call that sends a message.
	Aside(w http.ResponseWriter, r *http.Request) bool
	// Read understands a sending, and fails when a key, a signature or a field
	// is not what the provider documents.
	Read(r *http.Request, body []byte) (Sent, error)
	// Accept answers that the message was taken under this identifier, made of
	// digits.
	Accept(w http.ResponseWriter, sent Sent, id string)
	// Refuse answers that the number will never be served.
	Refuse(w http.ResponseWriter, sent Sent)
}

// server is a provider that can be told to fail.
type server struct {
	*httptest.Server
	provider Provider
	release  chan struct{}

	mu      sync.Mutex
	sent    []Sent
	faults  []error
	handler func(w http.ResponseWriter, r *http.Request, sent Sent)
}

func start(t *testing.T, p Provider) *server {
	t.Helper()
	s := &server{provider: p, release: make(chan struct{})}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(func() {
		close(s.release)
		s.Server.Close()
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, err := range s.faults {
			t.Errorf("the provider does not understand the call: %v", err)
		}
	})
	return s
}

func (s *server) serve(w http.ResponseWriter, r *http.Request) {
	if s.provider.Aside(w, r) {
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	sent, err := s.provider.Read(r, body)
	s.mu.Lock()
	if err != nil {
		s.faults = append(s.faults, err)
	}
	s.sent = append(s.sent, sent)
	handler := s.handler
	s.mu.Unlock()
	handler(w, r, sent)
}

// behave changes what happens to the next messages.
func (s *server) behave(handler func(w http.ResponseWriter, r *http.Request, sent Sent)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handler = handler
}

// taken returns the messages seen so far and forgets them.
func (s *server) taken() []Sent {
	s.mu.Lock()
	defer s.mu.Unlock()
	seen := s.sent
	s.sent = nil
	return seen
}

// cut breaks the connection without a word.
func cut(w http.ResponseWriter) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		conn.Close()
	}
}
