package sms

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Signature is how a provider signs its calls: HMAC-SHA256 (RFC 2104) of the
// body, or of the address's query when there is no body, in hexadecimal or
// base64, with or without "sha256=" before it. The zero Signature signs nothing.
type Signature struct {
	Header string // of the request, "X-Signature"
	Secret string // shared with the provider, at least 16 bytes
}

// Check refuses, when the program starts, half a signature.
func (s Signature) Check() error {
	switch {
	case s == Signature{}:
		return nil
	case s.Header == "" || s.Secret == "":
		return fmt.Errorf("SMS webhook: a signature needs a header and a secret")
	case len(s.Secret) < 16:
		return fmt.Errorf("SMS webhook: the secret of the signature needs at least 16 characters")
	}
	return nil
}

// Verify reads the body, which can be read again, and compares; its errors wrap
// [ErrWebhook].
func (s Signature) Verify(r *http.Request) error {
	if s == (Signature{}) {
		return nil
	}
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(io.LimitReader(r.Body, longestCall+1)); err != nil {
			return fmt.Errorf("%w: reading its body: %w", ErrWebhook, err)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	signed := body
	if len(signed) == 0 {
		signed = []byte(r.URL.RawQuery)
	}
	mac := hmac.New(sha256.New, []byte(s.Secret))
	mac.Write(signed)
	want := mac.Sum(nil)
	given := strings.TrimPrefix(strings.TrimSpace(r.Header.Get(s.Header)), "sha256=")
	for _, decode := range []func(string) ([]byte, error){hex.DecodeString, base64.StdEncoding.DecodeString, base64.RawURLEncoding.DecodeString} {
		if got, err := decode(given); err == nil && hmac.Equal(got, want) {
			return nil
		}
	}
	return fmt.Errorf("%w: its signature is not the one expected", ErrWebhook)
}
