package dossier

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"parvis/platform/phone"
	"parvis/platform/store"
	"parvis/platform/web"
)

func newToken() string {
	var b [24]byte
	_, _ = rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// ByToken is the request that a requester's secret link leads to;
// store.ErrNotFound when the secret is unknown or past its time.
func (e *Engine) ByToken(ctx context.Context, tx *store.Tx, token string) (Dossier, error) {
	d, follower, err := e.ByLink(ctx, tx, token)
	if err == nil && follower != 0 {
		return Dossier{}, store.ErrNotFound
	}
	return d, err
}

// ByLink is the request that a secret link leads to; follower is 0 for its
// requester. A follower reads less: see Entry.Own.
func (e *Engine) ByLink(ctx context.Context, tx *store.Tx, token string) (d Dossier, follower store.ID, err error) {
	if len(token) != base64.RawURLEncoding.EncodedLen(24) {
		return Dossier{}, 0, store.ErrNotFound
	}
	var r struct{ DossierID, FollowerID store.ID }
	err = tx.Get(ctx, &r, `SELECT dossier_id, follower_id FROM dossier_link WHERE territory_id = @territory AND token_hash = ?
		AND (expires_at IS NULL OR expires_at > ?)`, web.HashToken(token), tx.Now())
	if err != nil {
		return Dossier{}, 0, err
	}
	d, err = e.Get(ctx, tx, r.DossierID)
	return d, r.FollowerID, err
}

// ByContact is the request of a number, for who gives the phone or the e-mail
// address of its requester. store.ErrNotFound says no more than that the two
// do not go together.
func (e *Engine) ByContact(ctx context.Context, tx *store.Tx, number, contact string) (Dossier, error) {
	p, err := e.place(ctx, tx.Territory())
	if err != nil {
		return Dossier{}, err
	}
	contact, number = contactForm(contact, p.Region), canonical(number)
	if contact == "" || number == "" {
		return Dossier{}, store.ErrNotFound
	}
	var d Dossier
	err = tx.Get(ctx, &d, `SELECT `+columns+` FROM dossier WHERE territory_id = @territory AND number = ?`, number)
	if err != nil {
		return Dossier{}, err
	}
	known := []string{d.Phone, d.Email}
	if e.cfg.Contacts != nil && d.RequesterID != 0 {
		phones, emails, err := e.cfg.Contacts(ctx, tx, d.RequesterID)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return Dossier{}, fmt.Errorf("dossier: reading the requester's contacts: %w", err)
		}
		known = append(append(known, phones...), emails...)
	}
	match := 0
	for _, k := range known {
		match |= subtle.ConstantTimeCompare([]byte(contactForm(k, p.Region)), []byte(contact))
	}
	if match == 0 {
		return Dossier{}, store.ErrNotFound
	}
	return d, nil
}

func canonical(number string) string {
	n, _ := ParseNumber(number)
	return n
}

// contactForm is how a phone or an address compares: E.164 or lower case; ""
// for neither.
func contactForm(typed, region string) string {
	typed = strings.TrimSpace(typed)
	if strings.Contains(typed, "@") {
		return strings.ToLower(typed)
	}
	n, err := phone.Parse(typed, region)
	if err != nil {
		return ""
	}
	return n.E164()
}

// ByNumber is the request of a number in its canonical form (see ParseNumber).
func (e *Engine) ByNumber(ctx context.Context, tx *store.Tx, number string) (Dossier, error) {
	var d Dossier
	err := tx.Get(ctx, &d, `SELECT `+columns+` FROM dossier WHERE territory_id = @territory AND number = ?`, number)
	return d, err
}
