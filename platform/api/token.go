package api

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"parvis/platform/fault"
	"parvis/platform/store"
	"parvis/platform/web"
)

// secretPrefix makes a key that leaked into a repository easy to find.
const secretPrefix = "parvis_"

// Token is a key as staff see it; its secret is not kept.
type Token struct {
	ID          store.ID
	Name        string
	Permissions []web.Permission
	CreatedAt   time.Time
	LastUsedAt  time.Time // to the hour; zero: never
	ExpiresAt   time.Time // zero: does not expire
	RevokedAt   time.Time // zero: in use
}

// Active tells whether the key opens anything at now.
func (t Token) Active(now time.Time) bool {
	return t.RevokedAt.IsZero() && (t.ExpiresAt.IsZero() || now.Before(t.ExpiresAt))
}

type tokenRow struct {
	ID          store.ID
	Name        string
	Permissions store.JSON[[]web.Permission]
	CreatedAt   time.Time
	LastUsedAt  time.Time
	ExpiresAt   time.Time
	RevokedAt   time.Time
}

func (r tokenRow) token() Token {
	return Token{r.ID, r.Name, r.Permissions.V, r.CreatedAt, r.LastUsedAt, r.ExpiresAt, r.RevokedAt}
}

// NewToken is the demand for a key.
type NewToken struct {
	Name        string
	Permissions []web.Permission
	Expires     time.Time // zero: never
}

// maxTokens bounds the keys in use of one territory.
const maxTokens = 100

// CreateToken makes a key and returns its secret, which nobody can read again.
// Nobody can give more than they hold themselves: by's permissions bound the
// key's. Faults: Invalid with fields nom, droits, fin; Forbidden.
func (a *API) CreateToken(ctx context.Context, tx *store.Tx, by web.Actor, n NewToken) (Token, string, error) {
	n.Name = strings.Join(strings.Fields(n.Name), " ")
	var mistakes fault.Fields
	switch {
	case n.Name == "":
		mistakes.Add("nom", "api.keys.error.name")
	case utf8.RuneCountInString(n.Name) > 80:
		mistakes.Add("nom", "api.keys.error.long")
	}
	offered := a.permissions()
	if len(n.Permissions) == 0 {
		mistakes.Add("droits", "api.keys.error.none")
	}
	for _, p := range n.Permissions {
		switch {
		case !slices.Contains(offered, p):
			mistakes.Add("droits", "api.keys.error.unknown")
		case !by.Can(p):
			return Token{}, "", fault.New(fault.Forbidden, "api.keys.error.more")
		}
	}
	if !n.Expires.IsZero() && !n.Expires.After(tx.Now()) {
		mistakes.Add("fin", "api.keys.error.past")
	}
	if err := mistakes.Err(); err != nil {
		return Token{}, "", err
	}
	var inUse int
	if err := tx.Get(ctx, &inUse, `SELECT COUNT(*) FROM api_token WHERE territory_id = @territory AND revoked_at IS NULL`); err != nil {
		return Token{}, "", err
	}
	if inUse >= maxTokens {
		return Token{}, "", fault.New(fault.Invalid, "api.keys.error.many")
	}
	var b [32]byte
	_, _ = rand.Read(b[:])
	secret := secretPrefix + base64.RawURLEncoding.EncodeToString(b[:])
	t := Token{ID: store.NewID(), Name: n.Name, Permissions: n.Permissions, CreatedAt: tx.Now(), ExpiresAt: n.Expires}
	_, err := tx.Exec(ctx, `INSERT INTO api_token (territory_id, id, name, token_hash, permissions, created_by, created_at, expires_at)
		VALUES (@territory, ?, ?, ?, ?, ?, ?, ?)`, t.ID, t.Name, web.HashToken(secret),
		store.JSON[[]web.Permission]{V: t.Permissions}, by.ID, t.CreatedAt, t.ExpiresAt)
	return t, secret, err
}

// RevokeToken ends a key at once; store.ErrNotFound when there is none.
func RevokeToken(ctx context.Context, tx *store.Tx, id store.ID) error {
	n, err := tx.Exec(ctx, `UPDATE api_token SET revoked_at = COALESCE(revoked_at, ?) WHERE territory_id = @territory AND id = ?`, tx.Now(), id)
	if err == nil && n == 0 {
		return store.ErrNotFound
	}
	return err
}

// Tokens lists the keys of the territory, those in use first, newest first, at
// most 500.
func Tokens(ctx context.Context, tx *store.Tx) ([]Token, error) {
	var rows []tokenRow
	err := tx.Select(ctx, &rows, `SELECT id, name, permissions, created_at, last_used_at, expires_at, revoked_at FROM api_token
		WHERE territory_id = @territory ORDER BY CASE WHEN revoked_at IS NULL THEN 0 ELSE 1 END, id DESC LIMIT 500`)
	out := make([]Token, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.token())
	}
	return out, err
}

// Actor tells who holds a key of the territory: an actor whose ID is the
// key's and who may do what the key lists. store.ErrNotFound when it is
// unknown, revoked or past its date.
func (a *API) Actor(ctx context.Context, territory, secret string) (web.Actor, error) {
	if !strings.HasPrefix(secret, secretPrefix) || len(secret) > 200 {
		return web.Actor{}, store.ErrNotFound
	}
	h := a.cfg.DB.In(territory)
	var row tokenRow
	var now time.Time
	err := h.View(ctx, func(tx *store.Tx) error {
		now = tx.Now()
		return tx.Get(ctx, &row, `SELECT id, name, permissions, created_at, last_used_at, expires_at, revoked_at FROM api_token
			WHERE territory_id = @territory AND token_hash = ?`, web.HashToken(secret))
	})
	if err != nil {
		return web.Actor{}, err
	}
	t := row.token()
	if !t.Active(now) {
		return web.Actor{}, store.ErrNotFound
	}
	if now.Sub(t.LastUsedAt) >= time.Hour { // once an hour is enough to see which keys sleep
		if err := h.Update(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE api_token SET last_used_at = ? WHERE territory_id = @territory AND id = ?`, now, t.ID)
			return err
		}); err != nil {
			return web.Actor{}, err
		}
	}
	return web.Actor{ID: t.ID, Name: t.Name, May: func(p web.Permission) bool { return slices.Contains(t.Permissions, p) }}, nil
}

// Offer lets keys carry permissions that no operation asks for: those of another
// interface of the service, such as Open311.
func (g *Group) Offer(permissions ...web.Permission) {
	g.api.offered = append(g.api.offered, permissions...)
}

// permissions are those that operations ask for, in the order of registration,
// then those that are offered.
func (a *API) permissions() []web.Permission {
	var list []web.Permission
	for _, op := range a.ordered {
		if p := op.Permission; p != web.Public && p != web.SignedIn && !slices.Contains(list, p) {
			list = append(list, p)
		}
	}
	for _, p := range a.offered {
		if !slices.Contains(list, p) {
			list = append(list, p)
		}
	}
	return list
}
