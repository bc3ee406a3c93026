package web

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"

	"parvis/platform/store"
)

//go:embed migrations/*.sql
var files embed.FS

// Locales holds the texts of error pages.
//
//go:embed locales/*.json
var Locales embed.FS

// Migration is the package's schema.
func Migration() store.Migration { return store.Migration{Name: "web", FS: files} }

const cookieName = "parvis_session"

// sessions are for staff and for the few steps a resident's booking takes.
type sessions struct{ *scs.SessionManager }

// newSessions: the library reads the machine's clock and lets nobody give it
// another (scs v2.9, SessionManager has no clock): the deadlines it writes are
// those of the machine, while rows are found and purged by the instance's clock.
// In production both are the same; a test that moves the clock by more than two
// hours signs in again.
func newSessions(db *store.DB, secure bool) *sessions {
	m := scs.New()
	m.Store = &sessionStore{db.System("sessions belong to the instance: one person works for several territories")}
	m.Lifetime = 12 * time.Hour
	m.IdleTimeout = 2 * time.Hour
	m.Cookie.Name = cookieName
	m.Cookie.HttpOnly = true
	m.Cookie.SameSite = http.SameSiteLaxMode
	m.Cookie.Secure = secure
	m.Cookie.Path = "/"
	m.HashTokenInStore = true
	return &sessions{m}
}

func (s *sessions) secure() bool { return s.Cookie.Secure }

func (s *sessions) has(r *http.Request) bool {
	c, err := r.Cookie(cookieName)
	return err == nil && c.Value != ""
}

// wrap loads the session before and saves it after; a lost database shows the
// 503 page instead of the library's plain text.
func (s *sessions) wrap(h http.Handler, server *Server) http.Handler {
	m := *s.SessionManager
	m.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) {
		server.fail(server.bareContext(w, r), err)
	}
	return m.LoadAndSave(h)
}

// Session values are strings; what is not there is "".
func (c *Context) Session(key string) string { return c.server.sessions.GetString(c.Ctx(), key) }

// SetSession keeps a value; "" removes it.
func (c *Context) SetSession(key, value string) {
	if value == "" {
		c.server.sessions.Remove(c.Ctx(), key)
		return
	}
	c.server.sessions.Put(c.Ctx(), key, value)
}

// RenewSession changes the token, so that a token seen before signing in is
// worth nothing after (OWASP session fixation).
func (c *Context) RenewSession() error { return c.server.sessions.RenewToken(c.Ctx()) }

// EndSession forgets everything.
func (c *Context) EndSession() error { return c.server.sessions.Destroy(c.Ctx()) }

// Flash keeps a sentence for the next page.
func (c *Context) Flash(text string) { c.SetSession("flash", text) }

// TakeFlash returns the sentence kept by the page before, once.
func (c *Context) TakeFlash() string {
	if !c.server.sessions.has(c.Request) {
		return ""
	}
	return c.server.sessions.PopString(c.Ctx(), "flash")
}

type sessionStore struct{ h store.Handle }

var (
	_ scs.CtxStore = (*sessionStore)(nil)
)

func (s *sessionStore) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	var data []byte
	err := s.h.View(ctx, func(tx *store.Tx) error {
		return tx.Each(ctx, `SELECT data FROM web_session WHERE token = ? AND expires_at > ?`, []any{token, tx.Now()},
			func(scan func(...any) error) error { return scan(&data) })
	})
	return data, data != nil, err
}

func (s *sessionStore) CommitCtx(ctx context.Context, token string, b []byte, expiry time.Time) error {
	return s.h.Update(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO web_session (token, data, expires_at) VALUES (?, ?, ?)
			ON CONFLICT (token) DO UPDATE SET data = excluded.data, expires_at = excluded.expires_at`, token, b, expiry)
		return err
	})
}

func (s *sessionStore) DeleteCtx(ctx context.Context, token string) error {
	return s.h.Update(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM web_session WHERE token = ?`, token)
		return err
	})
}

var errNoContext = errors.New("web: sessions need a context")

// Find, Commit and Delete without context are never called by the library when
// the ones with a context exist.
func (s *sessionStore) Find(string) ([]byte, bool, error)      { return nil, false, errNoContext }
func (s *sessionStore) Commit(string, []byte, time.Time) error { return errNoContext }
func (s *sessionStore) Delete(string) error                    { return errNoContext }

// PurgeSessions erases expired sessions; the nightly sweep calls it.
func PurgeSessions(ctx context.Context, db *store.DB) error {
	return db.System("expired sessions of the whole instance").Update(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM web_session WHERE expires_at < ?`, tx.Now())
		return err
	})
}

// HashToken is how secrets that come back in an address are stored: SHA-256,
// hexadecimal. They are random, so no salt and no slow hash is needed.
func HashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
