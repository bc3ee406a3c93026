package mail

import (
	"crypto"
	"errors"
	"fmt"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// DKIM is the key messages are signed with (RFC 6376; Ed25519: RFC 8463). The
// public half is published by a TXT record of selector._domainkey.domain.
type DKIM struct {
	Domain   string // of the From addresses, or a parent of it
	Selector string
	KeyPEM   string // private, RSA of 2048 bits or Ed25519, PKCS#1 or PKCS#8
}

// dkimKey is a DKIM that was read.
type dkimKey struct {
	domain, selector string
	key              crypto.Signer
}

func (d DKIM) read() (*dkimKey, error) {
	if strings.TrimSpace(d.Domain) == "" || strings.TrimSpace(d.Selector) == "" {
		return nil, errors.New("DKIM: no domain or no selector")
	}
	key, err := gomail.PrivKeyFromPEM([]byte(d.KeyPEM))
	if err != nil {
		return nil, fmt.Errorf("DKIM: reading the private key: %w", err)
	}
	k := &dkimKey{domain: d.Domain, selector: d.Selector, key: key}
	if err := k.signer(time.Time{}).ValidateConfig(); err != nil {
		return nil, fmt.Errorf("DKIM: %w", err)
	}
	return k, nil
}

// signer is made anew for each message: the library's own is not safe for
// concurrent use.
func (k *dkimKey) signer(now time.Time) *gomail.DKIMSigner {
	s := gomail.NewDKIMSigner(k.domain, k.selector, k.key)
	s.NowFunc = func() time.Time { return now }
	s.SignHeaders(signed[:]...)
	return s
}
