package main

import (
	"io"
	"log"
	"net"
	"net/mail"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// sink is a mail server on the loopback that counts what it takes, by
// Message-ID. It outlives the program that is killed.
type sink struct {
	server *smtp.Server
	port   int

	mu    sync.Mutex
	count map[string]int
}

func newSink() (*sink, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &sink{port: l.Addr().(*net.TCPAddr).Port, count: map[string]int{}}
	s.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return letterbox{s}, nil }))
	s.server.Domain, s.server.ErrorLog = "sink.example", log.New(io.Discard, "", 0)
	s.server.ReadTimeout, s.server.WriteTimeout = 30*time.Second, 30*time.Second
	go func() { _ = s.server.Serve(l) }()
	return s, nil
}

func (s *sink) close() { _ = s.server.Close() }

// taken is how often each Message-ID was accepted.
func (s *sink) taken() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make(map[string]int, len(s.count))
	for id, n := range s.count {
		out[id] = n
	}
	return out
}

// letterbox is one conversation.
type letterbox struct{ *sink }

// Mail, Rcpt, Reset and Logout take whatever comes.
func (letterbox) Mail(string, *smtp.MailOptions) error { return nil }
func (letterbox) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (letterbox) Reset()                               {}
func (letterbox) Logout() error                        { return nil }

// Data counts a message.
func (b letterbox) Data(r io.Reader) error {
	m, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, m.Body); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.count[strings.Trim(m.Header.Get("Message-Id"), "<>")]++
	return nil
}
