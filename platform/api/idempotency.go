package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"parvis/platform/store"
)

const (
	keyHeader = "Idempotency-Key"
	maxKey    = 255
	// minKey makes keys of callers without account unguessable: whoever holds
	// the key and the request reads the answer.
	minKey = 16
	// keepAnswers is how long an answer can be asked for again.
	keepAnswers = 24 * time.Hour
	// running is after how long an operation that never answered is known to
	// have been interrupted; no operation lives longer than timeout.
	running = 2 * time.Minute
)

// answer is a row of api_idempotency.
type answer struct {
	RequestHash string
	Status      int
	Headers     store.JSON[http.Header]
	Body        []byte
	CreatedAt   time.Time
}

// serveOnce runs a write at most once per key: the first request executes, an
// equal one later receives the same answer, another request with the same key
// is refused. What was interrupted before its answer was kept is not run
// again, since it may have had its effect.
func (a *API) serveOnce(w http.ResponseWriter, r *http.Request, c *call, key string) {
	err := a.once(w, r, c, key)
	if err != nil {
		a.fail(w, r, c, err)
	}
}

func (a *API) once(w http.ResponseWriter, r *http.Request, c *call, key string) error {
	ctx := r.Context()
	actor := "public"
	if c.request.Actor.Staff() {
		actor = c.request.Actor.ID.String()
	}
	if len(key) > maxKey || actor == "public" && len(key) < minKey {
		return &refusal{status: http.StatusBadRequest, name: "badkey"}
	}
	hash := requestHash(r, c.body)
	kept, err := a.claim(ctx, c.request.Store, actor, key, hash)
	if err != nil {
		return fmt.Errorf("claiming the key: %w", err)
	}
	switch {
	case kept == nil:
		return a.execute(w, r, c, actor, key)
	case kept.RequestHash != hash:
		return &refusal{status: http.StatusUnprocessableEntity, name: "reused"}
	case kept.Status == 0 && c.request.Now.Sub(kept.CreatedAt) < running:
		return &refusal{status: http.StatusConflict, name: "running", retry: 2}
	case kept.Status == 0:
		return &refusal{status: http.StatusConflict, name: "unknown"}
	}
	for name, values := range kept.Headers.V {
		w.Header()[name] = values
	}
	w.Header().Set("Idempotency-Replayed", "true")
	w.WriteHeader(kept.Status)
	_, _ = w.Write(kept.Body)
	return nil
}

// requestHash tells equal requests: method, address, type and body.
func requestHash(r *http.Request, body []byte) string {
	h := sha256.New()
	for _, part := range []string{r.Method, r.URL.Path, r.URL.RawQuery, r.Header.Get("Content-Type")} {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	h.Write(body)
	return hex.EncodeToString(h.Sum(nil))
}

// claim takes the key, or returns what is kept under it. A row past its time
// is taken over.
func (a *API) claim(ctx context.Context, h store.Handle, actor, key, hash string) (*answer, error) {
	var kept *answer
	err := h.Update(ctx, func(tx *store.Tx) error {
		kept = nil
		n, err := tx.Exec(ctx, `INSERT INTO api_idempotency (territory_id, actor, idempotency_key, request_hash, status, headers, body, created_at)
			VALUES (@territory, ?, ?, ?, 0, '{}', ?, ?)
			ON CONFLICT (territory_id, actor, idempotency_key) DO UPDATE SET request_hash = excluded.request_hash, status = 0,
				headers = excluded.headers, body = excluded.body, created_at = excluded.created_at
			WHERE api_idempotency.created_at < ?`, actor, key, hash, []byte{}, tx.Now(), tx.Now().Add(-keepAnswers))
		if err != nil || n == 1 {
			return err
		}
		kept = &answer{}
		return tx.Get(ctx, kept, `SELECT request_hash, status, headers, body, created_at FROM api_idempotency
			WHERE territory_id = @territory AND actor = ? AND idempotency_key = ?`, actor, key)
	})
	return kept, err
}

// execute runs the operation and keeps its answer, or frees the key when the
// answer is not final.
func (a *API) execute(w http.ResponseWriter, r *http.Request, c *call, actor, key string) error {
	rec := &recording{header: http.Header{}}
	done := false
	// The caller may hang up at any moment: what happened is kept all the same.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), 10*time.Second)
	defer cancel()
	defer func() {
		if !done { // a panic: its transaction was rolled back
			_ = a.free(ctx, c.request.Store, actor, key)
		}
	}()
	a.mux.ServeHTTP(rec, r)
	done = true
	var err error
	if final(rec.status) {
		err = a.keep(ctx, c.request.Store, actor, key, rec)
	} else {
		err = a.free(ctx, c.request.Store, actor, key)
	}
	if err != nil { // the answer is true all the same; a replay will say that its outcome is unknown
		a.cfg.Logger.ErrorContext(ctx, "api answer not kept", "route", c.route(), "cause", err.Error())
	}
	for name, values := range rec.header {
		w.Header()[name] = values
	}
	w.WriteHeader(rec.status)
	_, _ = w.Write(rec.body.Bytes())
	return nil
}

// final tells the answers that a second try would not change: success, and
// what is wrong with the request itself.
func final(status int) bool {
	switch status {
	case http.StatusBadRequest, http.StatusNotFound, http.StatusGone, http.StatusUnprocessableEntity:
		return true
	}
	return status >= 200 && status < 300
}

func (a *API) keep(ctx context.Context, h store.Handle, actor, key string, rec *recording) error {
	return h.Update(ctx, func(tx *store.Tx) error {
		n, err := tx.Exec(ctx, `UPDATE api_idempotency SET status = ?, headers = ?, body = ?
			WHERE territory_id = @territory AND actor = ? AND idempotency_key = ?`,
			rec.status, store.JSON[http.Header]{V: rec.header}, rec.body.Bytes(), actor, key)
		if err == nil && n == 0 {
			err = errors.New("the row is gone")
		}
		return err
	})
}

func (a *API) free(ctx context.Context, h store.Handle, actor, key string) error {
	return h.Update(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM api_idempotency WHERE territory_id = @territory AND actor = ? AND idempotency_key = ? AND status = 0`, actor, key)
		return err
	})
}

// PurgeAnswers erases answers older than before, at most limit, and returns
// how many. It takes a system transaction or a bound one.
func PurgeAnswers(ctx context.Context, tx *store.Tx, before time.Time, limit int) (int64, error) {
	query := `DELETE FROM api_idempotency WHERE (territory_id, actor, idempotency_key) IN (
		SELECT territory_id, actor, idempotency_key FROM api_idempotency WHERE territory_id = @territory AND created_at < ? LIMIT ?)`
	if tx.Territory() == "" {
		query = strings.Replace(query, "territory_id = @territory AND ", "", 1)
	}
	return tx.Exec(ctx, query, before, limit)
}

// KeepAnswers is how long answers are kept, for the register of personal data.
func KeepAnswers() time.Duration { return keepAnswers }

// recording is an answer held back until it is kept.
type recording struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header satisfies http.ResponseWriter.
func (r *recording) Header() http.Header { return r.header }

// WriteHeader notes the status.
func (r *recording) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
}

// Write keeps.
func (r *recording) Write(b []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(b)
}
