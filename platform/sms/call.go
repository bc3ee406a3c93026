package sms

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Link says how a provider is reached.
type Link struct {
	Timeout   time.Duration     // for one call, answer included; 20 s when 0
	Transport http.RoundTripper // when nil: http.DefaultTransport's settings, one connection per message
}

const (
	defaultTimeout = 20 * time.Second
	longestAnswer  = 1 << 20 // bytes of an answer that are read
)

// caller makes the calls of an adapter and says what a failure means.
type caller struct {
	client  *http.Client
	timeout time.Duration
}

func newCaller(l Link) caller {
	if l.Timeout <= 0 {
		l.Timeout = defaultTimeout
	}
	if l.Transport == nil {
		transport := http.DefaultTransport.(*http.Transport).Clone()
		// One connection per message: on a kept one that the provider closes, a
		// message is doubtful, and net/http repeats a GET by itself.
		transport.DisableKeepAlives = true
		transport.MaxResponseHeaderBytes = 64 << 10
		l.Transport = transport
	}
	return caller{
		client: &http.Client{
			Transport: l.Transport,
			// A redirect would send the message a second time, perhaps elsewhere.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		timeout: l.Timeout,
	}
}

// answer is a complete answer.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// do makes one call that sends a message. An answer of any status is returned
// without error once read whole; a nil answer comes with a *Failure.
func (c caller) do(ctx context.Context, req *http.Request) (*answer, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	if err := ctx.Err(); err != nil {
		return nil, &Failure{Outcome: ErrNotSent, Reason: ReasonTimeout, Cause: err}
	}
	// Until the headers are written the provider cannot have seen the message;
	// from then on only an answer tells.
	var written atomic.Bool
	trace := &httptrace.ClientTrace{WroteHeaders: func() { written.Store(true) }}
	resp, err := c.client.Do(req.WithContext(httptrace.WithClientTrace(ctx, trace)))
	if err != nil {
		return nil, broken(err, written.Load(), 0)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, longestAnswer))
	if err != nil {
		if f := statusFailure(resp.StatusCode, resp.Header); f != nil {
			return nil, f
		}
		return nil, broken(err, true, resp.StatusCode)
	}
	return &answer{status: resp.StatusCode, header: resp.Header, body: body}, nil
}

// broken is the failure of a call that got no complete answer.
func broken(err error, written bool, status int) *Failure {
	f := &Failure{Outcome: ErrNotSent, Reason: ReasonConnection, Status: status}
	if written {
		f.Outcome = ErrDoubtful
	}
	// The address may hold the number or a key: only what is under it is kept.
	var at *url.Error
	if errors.As(err, &at) {
		err = at.Err
	}
	f.Cause = err
	var network net.Error
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || errors.As(err, &network) && network.Timeout() {
		f.Reason = ReasonTimeout
	}
	return f
}

// statusFailure says what an HTTP status means for the message, nil for 2xx
// (RFC 9110 §15). Statuses by which a server declares that it did not handle
// the request allow another try; a server that failed while handling it may
// have sent the message.
func statusFailure(status int, header http.Header) *Failure {
	f := &Failure{Status: status}
	switch {
	case status >= 200 && status < 300:
		return nil
	case status < 400:
		f.Outcome, f.Reason, f.Detail = ErrNotSent, ReasonSettings, "redirected elsewhere"
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusProxyAuthRequired:
		f.Outcome, f.Reason = ErrNotSent, ReasonCredential
	case status == http.StatusPaymentRequired:
		f.Outcome, f.Reason = ErrNotSent, ReasonCredit
	case status == http.StatusNotFound, status == http.StatusMethodNotAllowed, status == http.StatusGone,
		status == http.StatusMisdirectedRequest, status == http.StatusNotImplemented:
		f.Outcome, f.Reason = ErrNotSent, ReasonSettings
	case status == http.StatusTooManyRequests:
		f.Outcome, f.Reason = ErrNotSent, ReasonRate
	case status == http.StatusRequestTimeout, status == http.StatusTooEarly, status == http.StatusServiceUnavailable:
		f.Outcome, f.Reason = ErrNotSent, ReasonUnavailable
	case status == http.StatusConflict:
		f.Outcome, f.Reason, f.Detail = ErrDoubtful, ReasonProvider, "the provider knows this message already"
	case status < 500:
		f.Outcome, f.Reason = ErrRefused, ReasonText
	default:
		f.Outcome, f.Reason = ErrDoubtful, ReasonProvider
	}
	f.RetryAfter = retryAfter(header.Get("Retry-After"))
	return f
}

// retryAfter reads the header in seconds, a day at most. Its other form, a
// date, is left aside: it would need the provider's clock to agree with ours.
func retryAfter(value string) time.Duration {
	seconds, err := strconv.Atoi(strings.TrimSpace(value))
	if err != nil || seconds < 0 {
		return 0
	}
	return min(time.Duration(seconds)*time.Second, 24*time.Hour)
}

// garbage is the failure of an accepted call whose answer makes no sense: the
// message probably left.
func garbage(a *answer, detail string) error {
	return &Failure{Outcome: ErrDoubtful, Reason: ReasonAnswer, Status: a.status, Detail: detail}
}

// checkURL refuses, when the program starts, an address that is not one.
func checkURL(provider, address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return fmt.Errorf("SMS provider %s: %q is not an http(s) address", provider, address)
	}
	return nil
}
