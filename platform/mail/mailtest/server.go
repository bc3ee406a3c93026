package mailtest

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"parvis/platform/mail"
)

// Step is a moment of the conversation at which a [Fault] strikes.
type Step string

// The steps.
const (
	Connecting Step = "connecting" // before the greeting's EHLO is answered
	From       Step = "from"       // MAIL FROM
	To         Step = "to"         // RCPT TO
	Content    Step = "content"    // while the message is being read
	End        Step = "end"        // the message is whole, the server has not answered
)

// Fault is what goes wrong at a step: a refusal when Code is set, silence when
// Stall is, otherwise the connection is cut. At [End] the message is kept all
// the same when Keep is set: it was taken, and the sender does not know.
type Fault struct {
	Code  int    // SMTP reply, 4xx or 5xx
	Text  string // after the code; may start with an enhanced code, "5.1.1 "
	Stall bool
	Keep  bool
}

// Server is a mail server on the loopback. Its methods are safe for concurrent
// use.
type Server struct {
	Roots *x509.CertPool // to trust the server's certificate, valid for 127.0.0.1

	host     string
	port     int
	mode     mail.TLS
	user     string
	password string
	tls      *tls.Config

	mu       sync.Mutex
	smtp     *smtp.Server
	listener net.Listener
	messages []Message
	faults   map[Step]Fault
	wake     chan struct{} // closed when silence ends
	sessions int
	maxBytes int64
}

// Option changes a server before it starts.
type Option func(*Server)

// WithTLS makes the server speak TLS: mail.StartTLS or mail.Implicit. Without
// it the server speaks in clear.
func WithTLS(mode mail.TLS) Option { return func(s *Server) { s.mode = mode } }

// WithUser makes the server ask for this name and password.
func WithUser(name, password string) Option {
	return func(s *Server) { s.user, s.password = name, password }
}

// WithLimit makes the server announce and enforce a size of message, in bytes.
func WithLimit(n int64) Option { return func(s *Server) { s.maxBytes = n } }

// Start starts a server, which stops with the test.
func Start(t testing.TB, options ...Option) *Server {
	t.Helper()
	s := &Server{mode: mail.None, faults: map[Step]Fault{}, wake: make(chan struct{}), host: "127.0.0.1"}
	for _, option := range options {
		option(s)
	}
	certificate, roots, err := selfSigned()
	if err != nil {
		t.Fatal(err)
	}
	s.tls, s.Roots = &tls.Config{Certificates: []tls.Certificate{certificate}}, roots
	if err := s.listen(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Down)
	return s
}

func (s *Server) listen() error {
	l, err := net.Listen("tcp", net.JoinHostPort(s.host, strconv.Itoa(s.port)))
	if err != nil {
		return err
	}
	if s.port == 0 {
		s.port = l.Addr().(*net.TCPAddr).Port
	}
	if s.mode == mail.Implicit {
		l = tls.NewListener(l, s.tls)
	}
	server := smtp.NewServer(smtp.BackendFunc(s.session))
	server.Domain = "mailtest.example"
	server.AllowInsecureAuth = true
	server.ErrorLog = log.New(io.Discard, "", 0)
	server.MaxMessageBytes = s.maxBytes
	if s.mode == mail.StartTLS {
		server.TLSConfig = s.tls
	}
	s.mu.Lock()
	s.smtp, s.listener = server, l
	s.mu.Unlock()
	go server.Serve(l)
	return nil
}

// Host and Port are where the server listens.
func (s *Server) Host() string { return s.host }

// Port is where the server listens; it stays the same after Down and Up.
func (s *Server) Port() int { return s.port }

// Config returns the settings that reach this server, with short waits.
func (s *Server) Config() mail.SMTPConfig {
	return mail.SMTPConfig{
		Host: s.host, Port: s.port, TLS: s.mode, User: s.user, Password: s.password, Roots: s.Roots,
		Hello: "parvis.example", Timeout: 10 * time.Second, Final: 10 * time.Second,
	}
}

// Sender returns a sender that uses this server.
func (s *Server) Sender(t testing.TB) *mail.SMTP {
	t.Helper()
	sender, err := mail.NewSMTP(s.Config())
	if err != nil {
		t.Fatal(err)
	}
	return sender
}

// Messages returns what the server has taken, oldest first.
func (s *Server) Messages() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Message(nil), s.messages...)
}

// Forget drops the messages taken so far.
func (s *Server) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages = nil
}

// Sessions counts the conversations since the start.
func (s *Server) Sessions() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sessions
}

// Fail makes every conversation go wrong at a step, until [Server.Heal].
func (s *Server) Fail(at Step, f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults[at] = f
}

// Refuse makes the server refuse recipients with a reply such as 550 "5.1.1 no
// such user" or 451 "4.3.0 later".
func (s *Server) Refuse(code int, text string) { s.Fail(To, Fault{Code: code, Text: text}) }

// Stall makes the server fall silent once it has the whole message.
func (s *Server) Stall() { s.Fail(End, Fault{Stall: true}) }

// DropAfterData makes the server cut the connection once it has the whole
// message, which it keeps or not: in both cases the sender cannot know.
func (s *Server) DropAfterData(keep bool) { s.Fail(End, Fault{Keep: keep}) }

// Heal ends every fault and every silence.
func (s *Server) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.faults)
	close(s.wake)
	s.wake = make(chan struct{})
}

// Down stops the server: connections are refused, those open are cut. What it
// has taken stays.
func (s *Server) Down() {
	s.mu.Lock()
	server, listener := s.smtp, s.listener
	s.smtp = nil
	close(s.wake)
	s.wake = make(chan struct{})
	s.mu.Unlock()
	if server != nil {
		listener.Close()
		server.Close()
	}
}

// Up starts the server again on the same port.
func (s *Server) Up(t testing.TB) {
	t.Helper()
	if err := s.listen(); err != nil {
		t.Fatal(err)
	}
}

// session is one conversation.
type session struct {
	server *Server
	conn   *smtp.Conn
	from   string
	to     []string
	signed bool
}

func (s *Server) session(c *smtp.Conn) (smtp.Session, error) {
	s.mu.Lock()
	s.sessions++
	s.mu.Unlock()
	session := &session{server: s, conn: c}
	if err, _ := session.strike(Connecting); err != nil {
		return nil, err
	}
	return session, nil
}

var errCut = errors.New("the connection is cut")

// strike makes the fault of a step happen.
func (x *session) strike(at Step) (err error, keep bool) {
	x.server.mu.Lock()
	fault, found := x.server.faults[at]
	wake := x.server.wake
	x.server.mu.Unlock()
	switch {
	case !found:
		return nil, true
	case fault.Code != 0:
		return &smtp.SMTPError{Code: fault.Code, EnhancedCode: smtp.NoEnhancedCode, Message: fault.Text}, fault.Keep
	case fault.Stall:
		<-wake
	}
	x.conn.Conn().Close()
	return errCut, fault.Keep
}

// AuthMechanisms and Auth make the session ask for the password.
func (x *session) AuthMechanisms() []string {
	if x.server.user == "" {
		return nil
	}
	return []string{sasl.Plain}
}

// Auth checks the password.
func (x *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, name, password string) error {
		if name != x.server.user || password != x.server.password {
			return smtp.ErrAuthFailed
		}
		x.signed = true
		return nil
	}), nil
}

// Mail takes the sender.
func (x *session) Mail(from string, _ *smtp.MailOptions) error {
	if x.server.user != "" && !x.signed {
		return smtp.ErrAuthRequired
	}
	x.from = from
	err, _ := x.strike(From)
	return err
}

// Rcpt takes a recipient.
func (x *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	x.to = append(x.to, to)
	err, _ := x.strike(To)
	return err
}

// Data takes the message.
func (x *session) Data(r io.Reader) error {
	if err, _ := x.strike(Content); err != nil {
		return err
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	failure, keep := x.strike(End)
	if keep {
		m, err := Parse(raw)
		if err != nil {
			return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: "not a message: " + err.Error()}
		}
		m.From, m.To = x.from, x.to
		x.server.mu.Lock()
		x.server.messages = append(x.server.messages, m)
		x.server.mu.Unlock()
	}
	return failure
}

// Reset forgets the message being prepared.
func (x *session) Reset() { x.from, x.to = "", nil }

// Logout ends the conversation.
func (x *session) Logout() error { return nil }
