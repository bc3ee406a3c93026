package mail_test

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-msgauth/dkim"

	"parvis/platform/mail"
	"parvis/platform/mail/mailtest"
)

// verify checks the signatures of a message given the public key as the domain
// would publish it.
func verify(raw []byte, record string) ([]*dkim.Verification, error) {
	return dkim.VerifyWithOptions(bytes.NewReader(raw), &dkim.VerifyOptions{LookupTXT: func(domain string) ([]string, error) {
		if domain != "parvis._domainkey.brandes.exemple.fr" {
			return nil, fmt.Errorf("no record for %s", domain)
		}
		return []string{record}, nil
	}})
}

func pemOf(t *testing.T, key crypto.PrivateKey) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func TestDKIM(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	rsaPublic, err := x509.MarshalPKIXPublicKey(&rsaKey.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	edPublic, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		private, record string
		public          crypto.PublicKey
	}{
		"RSA":     {pemOf(t, rsaKey), "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(rsaPublic), &rsaKey.PublicKey},
		"Ed25519": {pemOf(t, edKey), "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(edPublic), edPublic},
	} {
		t.Run(name, func(t *testing.T) {
			server := mailtest.Start(t)
			config := server.Config()
			config.DKIM = &mail.DKIM{Domain: "brandes.exemple.fr", Selector: "parvis", KeyPEM: c.private}
			sender, err := mail.NewSMTP(config)
			if err != nil {
				t.Fatal(err)
			}
			var wg sync.WaitGroup
			for i := range 8 {
				wg.Go(func() {
					m := letter()
					m.Ref = fmt.Sprint("r", i)
					m.ICS = []byte(ics)
					m.Unsubscribe = &mail.Unsubscribe{URL: "https://parvis.example/d/" + strings.Repeat("long", 40), Mailto: "d@brandes.exemple.fr"}
					m.Text = strings.Repeat("Une ligne. ", i*30) + "\n\n\n"
					if strings.TrimSpace(m.Text) == "" {
						m.Text = "x\n\n"
					}
					if _, err := sender.Send(t.Context(), m); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			if len(server.Messages()) != 8 {
				t.Fatalf("%d messages", len(server.Messages()))
			}
			for _, m := range server.Messages() {
				found, err := verify(m.Raw, c.record)
				if err != nil || len(found) != 1 || found[0].Err != nil || found[0].Domain != "brandes.exemple.fr" {
					t.Fatalf("%+v, %v\n%s", found, err, m.Raw)
				}
				// And once more by the letter of RFC 6376, without that library.
				if err := verifyByHand(m.Raw, c.public); err != nil {
					t.Fatalf("%v\n%s", err, m.Raw)
				}
				for _, header := range []string{"From", "To", "Subject", "Date", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post", "Reply-To"} {
					if !slices.ContainsFunc(found[0].HeaderKeys, func(h string) bool { return strings.EqualFold(h, header) }) {
						t.Errorf("%s is not signed: %v", header, found[0].HeaderKeys)
					}
				}
				for what, forged := range map[string][]byte{
					"subject":     bytes.Replace(m.Raw, []byte("Subject:"), []byte("Subject: Urgent"), 1),
					"unsubscribe": bytes.Replace(m.Raw, []byte("https://parvis.example/d/"), []byte("https://ailleurs.example/"), 1),
					"reply":       append([]byte("Reply-To: <x@ailleurs.example>\r\n"), m.Raw...),
					"body":        bytes.Replace(m.Raw, []byte("mardi"), []byte("lundi"), 1),
				} {
					if bytes.Equal(forged, m.Raw) {
						t.Fatalf("%s is not in the message", what)
					}
					if found, err := verify(forged, c.record); err == nil && len(found) == 1 && found[0].Err == nil {
						t.Errorf("a forged %s passes", what)
					}
					if verifyByHand(forged, c.public) == nil {
						t.Errorf("a forged %s passes by hand", what)
					}
				}
			}
		})
	}
}

// verifyByHand checks the first signature of a message, relaxed/relaxed, as RFC
// 6376 §3.4 and §3.7 describe it.
func verifyByHand(raw []byte, public crypto.PublicKey) error {
	head, body, _ := strings.Cut(string(raw), "\r\n\r\n")
	var headers []string
	for line := range strings.SplitSeq(head, "\r\n") {
		if line[0] == ' ' || line[0] == '\t' {
			headers[len(headers)-1] += line
		} else {
			headers = append(headers, line)
		}
	}
	relaxed := func(header string) (name, whole string) {
		name, value, _ := strings.Cut(header, ":")
		name = strings.ToLower(strings.TrimSpace(name))
		return name, name + ":" + strings.Join(strings.Fields(value), " ")
	}
	signature := slices.IndexFunc(headers, func(h string) bool { return strings.HasPrefix(strings.ToLower(h), "dkim-signature:") })
	if signature < 0 {
		return fmt.Errorf("no signature")
	}
	_, value, _ := strings.Cut(headers[signature], ":")
	tags := map[string]string{}
	for tag := range strings.SplitSeq(value, ";") {
		name, content, _ := strings.Cut(tag, "=")
		tags[strings.TrimSpace(name)] = strings.Join(strings.Fields(content), "")
	}
	var lines []string
	for line := range strings.SplitSeq(body, "\r\n") {
		line = regexp.MustCompile("[ \t]+").ReplaceAllString(line, " ")
		lines = append(lines, strings.TrimRight(line, " "))
	}
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	sum := sha256.Sum256([]byte(strings.Join(lines, "\r\n") + "\r\n"))
	if base64.StdEncoding.EncodeToString(sum[:]) != tags["bh"] {
		return fmt.Errorf("the body is not the signed one")
	}
	var covered strings.Builder
	left := slices.Clone(headers)
	for name := range strings.SplitSeq(tags["h"], ":") {
		for i := len(left) - 1; i >= 0; i-- {
			if have, whole := relaxed(left[i]); have == strings.ToLower(name) {
				covered.WriteString(whole + "\r\n")
				left = slices.Delete(left, i, i+1)
				break
			}
		}
	}
	_, whole := relaxed(headers[signature])
	covered.WriteString(regexp.MustCompile(`(;\s*b=)[^;]*`).ReplaceAllString(whole, "$1"))
	hash := sha256.Sum256([]byte(covered.String()))
	given, err := base64.StdEncoding.DecodeString(tags["b"])
	if err != nil {
		return err
	}
	switch key := public.(type) {
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(key, crypto.SHA256, hash[:], given)
	case ed25519.PublicKey:
		if ed25519.Verify(key, hash[:], given) {
			return nil
		}
	}
	return fmt.Errorf("the signature does not fit")
}

func TestDKIMRefusesShortKeys(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := mail.NewSMTP(mail.SMTPConfig{Host: "h", DKIM: &mail.DKIM{Domain: "d.fr", Selector: "s", KeyPEM: pemOf(t, key)}}); err == nil {
		t.Error("a key of 1024 bits is accepted")
	}
}
