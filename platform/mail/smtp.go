package mail

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/emersion/go-msgauth/dkim"
	gomail "github.com/wneessen/go-mail"
)

// TLS is how the connection to a server is protected.
type TLS string

// The protections.
const (
	StartTLS TLS = "starttls" // asked for, and required, after connecting: usual on port 587
	Implicit TLS = "tls"      // from the first byte: usual on port 465
	None     TLS = "none"     // a server on the same machine or network only; no password is sent
)

// SMTPConfig is a mail server.
type SMTPConfig struct {
	Host     string
	Port     int    // 587, 465 or 25 by default, after TLS
	TLS      TLS    // StartTLS when empty
	User     string // empty when the server asks for nothing
	Password string
	Hello    string        // our name in EHLO; the machine's when empty
	Bounce   string        // where refusals come back; the From address when empty
	Timeout  time.Duration // for each exchange; 30 s when 0
	// Final is how long to wait for the server's word after the end of the
	// message, the moment when giving up makes a doubtful mail: 2 min when 0
	// (RFC 5321 §4.5.3.2.6 advises 10).
	Final time.Duration
	DKIM  *DKIM          // nil: unsigned, or signed by the server
	Roots *x509.CertPool // certificate authorities; the machine's when nil
	Clock Clock          // the machine's when nil
}

// Clock gives the present instant; platform/clock has two.
type Clock interface{ Now() time.Time }

type machineClock struct{}

func (machineClock) Now() time.Time { return time.Now() }

// SMTP sends through a mail server, one connection per message.
type SMTP struct {
	config  SMTPConfig
	signing *dkim.SignOptions // nil: unsigned
}

// NewSMTP checks the settings; it does not call the server.
func NewSMTP(c SMTPConfig) (*SMTP, error) {
	c.TLS = cmp.Or(c.TLS, StartTLS)
	port, known := map[TLS]int{StartTLS: 587, Implicit: 465, None: 25}[c.TLS]
	c.Port = cmp.Or(c.Port, port)
	switch {
	case !known:
		return nil, fmt.Errorf("mail server: protection %q is neither starttls, tls nor none", c.TLS)
	case strings.TrimSpace(c.Host) == "":
		return nil, errors.New("mail server: no host")
	case c.Port < 1 || c.Port > 65535:
		return nil, fmt.Errorf("mail server: port %d", c.Port)
	case c.Password != "" && c.User == "":
		return nil, errors.New("mail server: a password without a user")
	case c.User != "" && c.TLS == None:
		return nil, errors.New("mail server: a password is not sent without TLS")
	}
	if c.Bounce != "" {
		address, err := ParseAddress(c.Bounce)
		if err != nil {
			return nil, fmt.Errorf("mail server: address for refusals: %w", err)
		}
		c.Bounce = address
	}
	c.Timeout = cmp.Or(c.Timeout, 30*time.Second)
	c.Final = cmp.Or(c.Final, 2*time.Minute)
	if c.Clock == nil {
		c.Clock = machineClock{}
	}
	s := &SMTP{config: c}
	if c.DKIM != nil {
		var err error
		if s.signing, err = c.DKIM.read(); err != nil {
			return nil, err
		}
	}
	// The library checks the rest of the settings.
	if _, err := s.client(nil); err != nil {
		return nil, fmt.Errorf("mail server: %w", err)
	}
	return s, nil
}

// dialer opens the connection of one message.
type dialer func(ctx context.Context, network, address string) (net.Conn, error)

// client returns a client of the library for one message: it keeps state that
// is not safe to share.
func (s *SMTP) client(dial dialer) (*gomail.Client, error) {
	c := s.config
	options := []gomail.Option{
		gomail.WithPort(c.Port), gomail.WithTimeout(c.Timeout), gomail.WithTLSConfig(s.tls()), gomail.WithoutSMTPUTF8(),
	}
	if c.Hello != "" {
		options = append(options, gomail.WithHELO(c.Hello))
	}
	switch c.TLS {
	case StartTLS:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	case Implicit:
		options = append(options, gomail.WithSSL())
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	}
	if dial != nil {
		options = append(options, gomail.WithDialContextFunc(gomail.DialContextFunc(dial)))
	}
	if c.User != "" {
		options = append(options, gomail.WithUsername(c.User), gomail.WithPassword(c.Password),
			gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthSCRAMSHA1, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin))
	}
	return gomail.NewClient(c.Host, options...)
}

func (s *SMTP) tls() *tls.Config {
	return &tls.Config{ServerName: s.config.Host, MinVersion: tls.VersionTLS12, RootCAs: s.config.Roots}
}
