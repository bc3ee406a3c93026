package sms

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// timeKept is how long the difference between OVHcloud's clock and ours is
// believed.
const timeKept = time.Hour

// signer signs calls to the OVHcloud API with application keys. A signature
// holds the provider's time, so the difference of clocks is asked first and
// kept for an hour.
type signer struct {
	caller                                   caller
	clock                                    Clock
	endpoint, appKey, appSecret, consumerKey string

	mu      sync.Mutex
	known   bool
	delta   time.Duration // provider's time minus ours
	askedAt time.Time
}

// sign adds the four X-Ovh headers. Its errors are failures: nothing was sent.
func (s *signer) sign(ctx context.Context, req *http.Request, body []byte) error {
	delta, err := s.difference(ctx)
	if err != nil {
		return err
	}
	stamp := strconv.FormatInt(s.clock.Now().Add(delta).Unix(), 10)
	req.Header.Set("X-Ovh-Application", s.appKey)
	req.Header.Set("X-Ovh-Consumer", s.consumerKey)
	req.Header.Set("X-Ovh-Timestamp", stamp)
	req.Header.Set("X-Ovh-Signature", ovhSignature(s.appSecret, s.consumerKey, req.Method, req.URL.String(), string(body), stamp))
	return nil
}

// ovhSignature is "$1$" and the SHA-1 the API defines.
func ovhSignature(secret, consumer, method, address, body, stamp string) string {
	sum := sha1.Sum([]byte(strings.Join([]string{secret, consumer, method, address, body, stamp}, "+")))
	return "$1$" + hex.EncodeToString(sum[:])
}

func (s *signer) difference(ctx context.Context) (time.Duration, error) {
	s.mu.Lock()
	known, delta, age := s.known, s.delta, s.clock.Now().Sub(s.askedAt)
	s.mu.Unlock()
	if known && age >= 0 && age < timeKept {
		return delta, nil
	}
	delta, err := s.ask(ctx)
	if err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known, s.delta, s.askedAt = true, delta, s.clock.Now()
	return delta, nil
}

func (s *signer) ask(ctx context.Context) (time.Duration, error) {
	req, err := http.NewRequest(http.MethodGet, s.endpoint+"/auth/time", nil)
	if err != nil {
		return 0, fmt.Errorf("writing an OVHcloud call: %w", err)
	}
	a, err := s.caller.do(ctx, req)
	if err == nil {
		if f := statusFailure(a.status, a.header); f != nil {
			err = f
		}
	}
	if err != nil {
		// Whatever happened here, no message has left.
		failure := &Failure{Outcome: ErrNotSent, Reason: ReasonConnection, Cause: errOVHTime}
		var f *Failure
		if errors.As(err, &f) {
			failure.Reason, failure.Status, failure.RetryAfter = f.Reason, f.Status, f.RetryAfter
			if f.Cause != nil {
				failure.Cause = fmt.Errorf("%w: %w", errOVHTime, f.Cause)
			}
		}
		return 0, failure
	}
	seconds, err := strconv.ParseInt(strings.TrimSpace(string(a.body)), 10, 64)
	if err != nil || seconds <= 0 {
		return 0, &Failure{Outcome: ErrNotSent, Reason: ReasonAnswer, Status: a.status, Cause: errOVHTime}
	}
	return time.Unix(seconds, 0).Sub(s.clock.Now()).Round(time.Second), nil
}

// forget makes the next call ask the time again.
func (s *signer) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known = false
}
