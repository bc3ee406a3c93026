package dossier

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"parvis/platform/fault"
	"parvis/platform/store"
	"parvis/platform/web"
)

// mailbox names are read without case: base 32, 192 bits.
var replyForm = regexp.MustCompile(`^([a-z][a-z0-9]{1,15})-([a-z2-7]{39})$`)

// NewReply makes a secret that an answer by mail carries in its address:
// territory, dash, 39 letters and figures, lower case. Only its hash is kept.
func (e *Engine) NewReply(ctx context.Context, tx *store.Tx, id, follower store.ID) (string, error) {
	var b [24]byte
	_, _ = rand.Read(b[:])
	secret := strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b[:]))
	_, err := tx.Exec(ctx, `INSERT INTO dossier_reply (territory_id, token_hash, dossier_id, follower_id, created_at) VALUES (@territory, ?, ?, ?, ?)`,
		web.HashToken(secret), id, follower, tx.Now())
	if err != nil {
		return "", fmt.Errorf("dossier: making a reply address: %w", err)
	}
	return tx.Territory() + "-" + secret, nil
}

// Reply files an answer by mail under the request whose token its address
// carries (see NewReply), without what it quotes. The requester's words are a
// message, and reopen a request that may still be reopened; a follower's are a
// note for the staff. NotFound for a token that is no longer known, Invalid for
// an empty text, Gone when the request is closed for good.
func (e *Engine) Reply(ctx context.Context, token, text string) (Dossier, error) {
	if e.cfg.DB == nil {
		return Dossier{}, errors.New("dossier: replies need a database")
	}
	parts := replyForm.FindStringSubmatch(strings.ToLower(strings.TrimSpace(token)))
	if parts == nil {
		return Dossier{}, fault.New(fault.NotFound, "dossier.error.link")
	}
	text = unquoted(text)
	var d Dossier
	err := e.cfg.DB.In(parts[1]).Update(ctx, func(tx *store.Tx) error {
		var r struct{ DossierID, FollowerID store.ID }
		err := tx.Get(ctx, &r, `SELECT dossier_id, follower_id FROM dossier_reply WHERE territory_id = @territory AND token_hash = ?`, web.HashToken(parts[2]))
		if errors.Is(err, store.ErrNotFound) {
			return fault.New(fault.NotFound, "dossier.error.link").Because(err)
		}
		if err != nil {
			return fmt.Errorf("dossier: reading a reply address: %w", err)
		}
		if d, err = e.Get(ctx, tx, r.DossierID); err != nil {
			return err
		}
		switch {
		case r.FollowerID != 0:
			d, err = e.note(ctx, tx, d.ID, Author{Kind: Resident}, text, "dossier.entry.follower")
		case d.MergedInto != 0:
			// The other request goes on for both, and its own requester does not read this.
			kept, kerr := e.Kept(ctx, tx, d)
			if kerr != nil {
				return kerr
			}
			d, err = e.note(ctx, tx, kept.ID, Author{Kind: Resident, ID: d.RequesterID}, text, "dossier.entry.follower")
		case !d.Closed():
			d, err = e.Say(ctx, tx, d.ID, Author{Resident, d.RequesterID}, text)
		default:
			d, err = e.Reopen(ctx, tx, d.ID, Author{Resident, d.RequesterID}, text)
		}
		return err
	})
	return d, err
}

// introductions begin what a mail program quotes.
var introduction = regexp.MustCompile(`(?i)^(le .{4,120} a écrit\s*:|on .{4,120} wrote:|-{2,} ?(message d'origine|message d’origine|original message|message transféré).*|_{10,}|de\s*:\s.+@.+|from:\s.+@.+)$`)

// unquoted is a text without the message it answers and the signature under it.
func unquoted(text string) string {
	var kept []string
	for _, line := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		flat := strings.Join(strings.Fields(line), " ")
		if introduction.MatchString(flat) || line == "-- " || line == "--" {
			break
		}
		if strings.HasPrefix(flat, ">") {
			continue
		}
		kept = append(kept, line)
	}
	return strings.TrimSpace(strings.Join(kept, "\n"))
}
