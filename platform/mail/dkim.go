package mail

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"errors"
	"fmt"
	"strings"

	"github.com/emersion/go-msgauth/dkim"
	gomail "github.com/wneessen/go-mail"
)

// DKIM is the key messages are signed with (RFC 6376; Ed25519: RFC 8463). The
// public half is published by a TXT record of selector._domainkey.domain.
type DKIM struct {
	Domain   string // of the From addresses, or a parent of it
	Selector string
	KeyPEM   string // private, RSA of 2048 bits or more, or Ed25519; PKCS#1 or PKCS#8
}

// signed are the headers a signature covers: those people see, those that say
// what the message is, and those RFC 8058 asks for. Each is named once more than
// it occurs, so that nobody can add another (RFC 6376 §8.15).
var signed = [...]string{
	"From", "From", "To", "To", "Reply-To", "Reply-To", "Subject", "Subject", "Date", "Date", "Message-ID", "MIME-Version",
	"Content-Type", "Content-Type", "Content-Transfer-Encoding", "Content-Language", "Auto-Submitted",
	"List-Unsubscribe", "List-Unsubscribe", "List-Unsubscribe-Post", "List-Unsubscribe-Post",
}

// read checks the key, and signs a trial message with it.
func (d DKIM) read() (*dkim.SignOptions, error) {
	if strings.TrimSpace(d.Domain) == "" || strings.TrimSpace(d.Selector) == "" {
		return nil, errors.New("DKIM: no domain or no selector")
	}
	key, err := gomail.PrivKeyFromPEM([]byte(d.KeyPEM))
	if err != nil {
		return nil, fmt.Errorf("DKIM: reading the private key: %w", err)
	}
	if short, ok := key.(*rsa.PrivateKey); ok && short.N.BitLen() < 2048 {
		return nil, fmt.Errorf("DKIM: an RSA key of %d bits is too short (RFC 8301)", short.N.BitLen())
	}
	options := &dkim.SignOptions{
		Domain: d.Domain, Selector: d.Selector, Signer: key, Hash: crypto.SHA256, HeaderKeys: signed[:],
		HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed,
	}
	if _, err := sign([]byte("From: <a@example.org>\r\n\r\n.\r\n"), options); err != nil {
		return nil, err
	}
	return options, nil
}

// sign returns the message with its signature in front. The mail library can
// sign too, but cuts long lists of headers in the middle of a name.
func sign(content []byte, options *dkim.SignOptions) ([]byte, error) {
	var out bytes.Buffer
	if err := dkim.Sign(&out, bytes.NewReader(content), options); err != nil {
		return nil, fmt.Errorf("DKIM: signing: %w", err)
	}
	return out.Bytes(), nil
}
