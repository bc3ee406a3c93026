package exchange

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"parvis/engine/dossier"
	"parvis/loop/listen/report"
	"parvis/loop/listen/report/open311"
	"parvis/platform/fault"
	"parvis/platform/store"
)

type filingRow struct {
	ReportID store.ID
	Actor    store.ID
	BodyHash string
	Kind     string
	Token    string
}

// File satisfies Book.
func (b Reports) File(ctx context.Context, h store.Handle, f Filing) (open311.Receipt, error) {
	key := keyHash(f.Actor.ID, f.Key)
	receipt, err := b.filed(ctx, h, key, f.BodyHash)
	if !errors.Is(err, store.ErrNotFound) {
		return receipt, err
	}
	draft := report.Draft{Text: f.Description, Point: f.Point, Address: f.Address, AddressID: f.AddressID, Answers: f.Answers, Channel: dossier.API, Lang: f.Lang,
		Contact: report.Contact{FirstName: f.FirstName, LastName: f.LastName, Phone: f.Phone, Email: f.Email}, Key: "open311:" + key, Trusted: true}
	draft.Anonymous = draft.Contact == report.Contact{}
	for _, p := range f.Photos {
		kept, err := b.KeepPhoto(ctx, h, bytes.NewReader(p.JPEG), "")
		if err != nil {
			return open311.Receipt{}, err
		}
		draft.Photos = append(draft.Photos, report.PhotoRef{ID: kept.ID})
	}
	err = h.Update(ctx, func(tx *store.Tx) error {
		c, err := b.CategoryByCode(ctx, tx, f.Service.Code)
		if err != nil {
			return err
		}
		draft.Category = c.ID
		r, err := b.OpenIn(ctx, tx, draft)
		if err != nil {
			return err
		}
		row := filingRow{r.ID, f.Actor.ID, f.BodyHash, f.Service.Type, ""}
		if row.Kind != open311.Realtime {
			row.Token = newToken()
		}
		if _, err := tx.Exec(ctx, `INSERT INTO open311_filing (territory_id, report_id, actor, key_hash, body_hash, kind, token, created_at)
			VALUES (@territory, ?, ?, ?, ?, ?, ?, ?)`, row.ReportID, row.Actor, key, row.BodyHash, row.Kind, row.Token, tx.Now()); err != nil {
			return fmt.Errorf("open311: noting a filing: %w", err)
		}
		receipt = open311.Receipt{RequestID: r.Number, Token: row.Token}
		if f.MediaURL != "" {
			return b.fetchLater(ctx, tx, media{Report: r.ID, URL: f.MediaURL, Role: report.Seen})
		}
		return nil
	})
	if errors.Is(err, store.ErrConflict) && fault.Of(err).Key == "" {
		// Two at once with one key: the other one wrote first.
		return b.filed(ctx, h, key, f.BodyHash)
	}
	if receipt.Token != "" {
		receipt.RequestID = ""
	}
	return receipt, err
}

// filed is what was answered to the same call before; store.ErrNotFound.
func (b Reports) filed(ctx context.Context, h store.Handle, key, body string) (open311.Receipt, error) {
	var row filingRow
	var number string
	err := h.View(ctx, func(tx *store.Tx) error {
		if err := tx.Get(ctx, &row, `SELECT report_id, actor, body_hash, kind, token FROM open311_filing WHERE territory_id = @territory AND key_hash = ?`, key); err != nil {
			return err
		}
		r, err := b.Get(ctx, tx, row.ReportID)
		number = r.Number
		return err
	})
	switch {
	case err != nil:
		return open311.Receipt{}, err
	case row.BodyHash != body:
		return open311.Receipt{}, fault.New(fault.Conflict, "open311.error.key")
	case row.Token != "":
		return open311.Receipt{Token: row.Token}, nil
	}
	return open311.Receipt{RequestID: number}, nil
}

// keyHash names a call: without Idempotency-Key each is its own.
func keyHash(actor store.ID, key string) string {
	if key == "" {
		return newToken()
	}
	sum := sha256.Sum256([]byte(actor.String() + "\x00" + key))
	return hex.EncodeToString(sum[:])
}

// newToken has 128 bits: whoever holds it reads a number, nothing else.
func newToken() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// Token satisfies Book: the identifier comes once the report is public.
func (b Reports) Token(ctx context.Context, h store.Handle, token string) (id string, err error) {
	if len(token) > 64 || strings.TrimSpace(token) == "" {
		return "", store.ErrNotFound
	}
	err = h.View(ctx, func(tx *store.Tx) error {
		var row filingRow
		if err := tx.Get(ctx, &row, `SELECT report_id, actor, body_hash, kind, token FROM open311_filing WHERE territory_id = @territory AND token = ? AND token <> ''`, token); err != nil {
			return err
		}
		if row.Kind == open311.Blackbox {
			return nil
		}
		r, err := b.Get(ctx, tx, row.ReportID)
		if err == nil && r.Visible {
			id = r.Number
		}
		return err
	})
	return id, err
}
