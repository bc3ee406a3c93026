package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"strconv"
	"strings"
	"time"

	gomailsmtp "github.com/wneessen/go-mail/smtp"
)

// exchange is the sending of one message: the connection is kept beside the
// library's client so that it can be cut at any moment, without the courtesies
// by which a client would end a half-written message as if it were whole.
type exchange struct {
	smtp   *SMTP
	conn   net.Conn
	client *gomailsmtp.Client
	uncut  func() bool // the context no longer cuts the connection
}

// Send sends the message.
func (s *SMTP) Send(ctx context.Context, m Message) (Receipt, error) {
	c, err := m.check()
	if err != nil {
		return Receipt{}, err
	}
	now := s.config.Clock.Now()
	content, err := c.compose(now)
	if err == nil && s.signing != nil {
		content, err = sign(content, s.signing)
	}
	if err != nil {
		return Receipt{}, &Failure{Outcome: ErrRefused, Reason: ReasonMessage, Cause: err}
	}
	if err := ctx.Err(); err != nil {
		return Receipt{}, &Failure{Outcome: ErrNotSent, Reason: ReasonTimeout, Cause: err}
	}
	x := &exchange{smtp: s}
	defer x.cut()
	failure := x.open(ctx)
	response := ""
	if failure == nil {
		response, failure = x.deliver(c, content)
	}
	if failure != nil {
		if ctx.Err() != nil {
			failure.Reason = ReasonTimeout
		}
		return Receipt{}, failure
	}
	x.quit()
	return Receipt{MessageID: c.messageID, Response: masked(response), At: now}, nil
}

// open connects, protects the connection and signs in.
func (x *exchange) open(ctx context.Context) *Failure {
	dial := func(dialing context.Context, network, address string) (net.Conn, error) {
		var conn net.Conn
		var err error
		if x.smtp.config.TLS == Implicit {
			conn, err = (&tls.Dialer{Config: x.smtp.tls()}).DialContext(dialing, network, address)
		} else {
			conn, err = (&net.Dialer{}).DialContext(dialing, network, address)
		}
		if err != nil {
			return nil, err
		}
		// A context that ends cuts the connection, whatever is being waited for.
		x.conn, x.uncut = conn, context.AfterFunc(ctx, func() { conn.Close() })
		return conn, nil
	}
	client, err := x.smtp.client(dial)
	if err == nil {
		x.client, err = client.DialToSMTPClientWithContext(ctx)
	}
	if err != nil {
		return opening(err)
	}
	return nil
}

// cut ends the connection without a word.
func (x *exchange) cut() {
	if x.conn != nil {
		x.uncut()
		x.conn.Close()
	}
}

// opening is the failure of a connection that did not come to the message.
func opening(err error) *Failure {
	f := trouble(err)
	f.Outcome = ErrNotSent
	var certificate *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	words := err.Error()
	switch {
	case f.Code == 530, f.Code == 534, f.Code == 535, f.Code == 538:
		f.Reason = ReasonCredential
	case f.Code >= 500, errors.As(err, &certificate), errors.As(err, &authority), errors.As(err, &host),
		strings.Contains(words, "does not support"), strings.Contains(words, "no supported auth"), strings.Contains(words, "unencrypted"):
		f.Reason = ReasonSettings
	}
	return f
}

// deliver hands the message over. Up to the last dot an error means that it did
// not leave; after it, only the server's word tells.
func (x *exchange) deliver(c checked, content []byte) (string, *Failure) {
	from := c.from.Address
	if x.smtp.config.Bounce != "" {
		from = x.smtp.config.Bounce
	}
	if ok, limit := x.client.Extension("SIZE"); ok {
		if most, err := strconv.Atoi(strings.TrimSpace(limit)); err == nil && most > 0 && len(content) > most {
			return "", &Failure{Outcome: ErrRefused, Reason: ReasonMessage, Detail: "message bigger than the server takes"}
		}
	}
	x.allow(x.smtp.config.Timeout)
	if err := x.client.Mail("<" + from + ">"); err != nil {
		return "", judged(err, ReasonSender)
	}
	x.allow(x.smtp.config.Timeout)
	if err := x.client.Rcpt("<" + c.to.Address + ">"); err != nil {
		return "", judged(err, ReasonRecipient)
	}
	x.allow(x.smtp.config.Timeout)
	data, err := x.client.Data()
	if err != nil {
		return "", judged(err, ReasonMessage)
	}
	const piece = 32 << 10
	for rest := content; len(rest) > 0; {
		n := min(piece, len(rest))
		x.allow(x.smtp.config.Timeout)
		if _, err := data.Write(rest[:n]); err != nil {
			// The connection is cut by the caller: no dot, no message.
			f := trouble(err)
			f.Outcome = ErrNotSent
			return "", f
		}
		rest = rest[n:]
	}
	x.allow(x.smtp.config.Final)
	if err := data.Close(); err != nil {
		var said *textproto.Error
		if errors.As(err, &said) {
			if said.Code >= 200 && said.Code < 300 {
				return said.Msg, nil
			}
			if said.Code >= 400 && said.Code < 600 {
				return "", judged(err, ReasonMessage)
			}
		}
		f := trouble(err)
		f.Outcome = ErrDoubtful
		return "", f
	}
	if closer, ok := data.(*gomailsmtp.DataCloser); ok {
		return closer.ServerResponse(), nil
	}
	return "", nil
}

// allow gives the next exchange its time.
func (x *exchange) allow(d time.Duration) {
	// An error here is a connection already cut: the next write says so.
	_ = x.conn.SetDeadline(time.Now().Add(d))
}

// quit says goodbye; what the server answers changes nothing.
func (x *exchange) quit() {
	x.allow(min(x.smtp.config.Timeout, 5*time.Second))
	_ = x.client.Quit()
}

// trouble reads an error of the connection or of the server.
func trouble(err error) *Failure {
	f := &Failure{Reason: ReasonConnection, Cause: plain(err)}
	var said *textproto.Error
	var network net.Error
	var protocol textproto.ProtocolError
	switch {
	case errors.As(err, &said):
		f.Reason, f.Code, f.Detail, f.Cause = ReasonUnavailable, said.Code, masked(said.Msg), nil
	case errors.As(err, &protocol):
		f.Reason = ReasonAnswer
	case errors.As(err, &network) && network.Timeout(), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		f.Reason = ReasonTimeout
	case errors.Is(err, io.EOF), errors.Is(err, net.ErrClosed):
		f.Reason = ReasonConnection
	}
	return f
}

// judged is the failure of a command before or instead of acceptance: 4xx may
// pass later, 5xx is final (RFC 5321 §4.2.1) unless it is our own settings that
// the server refuses. subject is what a plain 5xx condemns.
func judged(err error, subject Reason) *Failure {
	f := trouble(err)
	f.Outcome = ErrNotSent
	if f.Code < 500 || f.Code > 599 {
		return f
	}
	words := strings.ToLower(f.Detail)
	switch {
	case f.Code == 530, f.Code == 535:
		f.Reason = ReasonCredential
	case strings.Contains(words, "relay"), strings.HasPrefix(words, "5.7.0"), f.Code == 502, f.Code == 503:
		f.Reason = ReasonSettings
	default:
		f.Outcome, f.Reason = ErrRefused, subject
		if strings.HasPrefix(words, "5.1.") || strings.HasPrefix(words, "5.2.") {
			f.Reason = ReasonRecipient
		}
		if subject == ReasonSender {
			f.Reason = ReasonSender
		}
		if f.Code == 552 && !strings.HasPrefix(words, "5.2.2") {
			f.Reason = ReasonMessage
		}
	}
	return f
}

// plain keeps of an error what tells no address.
func plain(err error) error {
	return fmt.Errorf("%s", masked(err.Error()))
}
