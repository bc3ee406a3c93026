package report

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"time"

	"parvis/platform/geo"
	"parvis/platform/store"
	"parvis/platform/web"
)

// unsent is what somebody is writing, from page to page. It is kept for a day,
// whatever they type, so that nothing is lost on the way.
type unsent struct {
	Token    string   `json:"-"`
	Category store.ID `json:",omitempty"`
	Located  bool
	Lat, Lon float64
	Accuracy float64
	Address  string
	Asked    bool // the place was asked
	Compared bool // those that say the same were shown
	Text     string
	Answers  map[string][]string
	Told     bool // the details were given
	Contact  Contact
	Secret   bool // anonymous
	Private  bool
	Photos   []Photo  `json:"-"`
	ReportID store.ID `json:"-"` // once it is sent
}

// keepDraft is how long what was not sent is kept.
const keepDraft = 24 * time.Hour

func (d unsent) point() *geo.Point {
	if !d.Located {
		return nil
	}
	return &geo.Point{Lat: d.Lat, Lon: d.Lon}
}

// newDraft begins.
func (s *Reports) newDraft(ctx context.Context, h store.Handle, category store.ID) (string, error) {
	var b [18]byte
	_, _ = rand.Read(b[:])
	token := base64.RawURLEncoding.EncodeToString(b[:])
	err := h.Update(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO report_draft (territory_id, token_hash, data, report_id, created_at, updated_at) VALUES (@territory, ?, ?, 0, ?, ?)`,
			web.HashToken(token), store.JSON[unsent]{V: unsent{Category: category}}, tx.Now(), tx.Now())
		return err
	})
	if err != nil {
		return "", fmt.Errorf("report: beginning a draft: %w", err)
	}
	return token, nil
}

// draft finds what was written so far; store.ErrNotFound when its day is past.
func (s *Reports) draft(ctx context.Context, tx *store.Tx, token string) (unsent, error) {
	var row struct {
		Data      store.JSON[unsent]
		ReportID  store.ID
		UpdatedAt time.Time
	}
	err := tx.Get(ctx, &row, `SELECT data, report_id, updated_at FROM report_draft WHERE territory_id = @territory AND token_hash = ?`, web.HashToken(token))
	if err != nil {
		return unsent{}, err
	}
	if row.UpdatedAt.Before(tx.Now().Add(-keepDraft)) {
		return unsent{}, store.ErrNotFound
	}
	d := row.Data.V
	d.Token, d.ReportID = token, row.ReportID
	d.Photos, err = photosOfDraft(ctx, tx, web.HashToken(token))
	return d, err
}

// saveDraft writes it back, right or wrong.
func (s *Reports) saveDraft(ctx context.Context, h store.Handle, d unsent) error {
	err := h.Update(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE report_draft SET data = ?, updated_at = ? WHERE territory_id = @territory AND token_hash = ? AND report_id = 0`,
			store.JSON[unsent]{V: d}, tx.Now(), web.HashToken(d.Token))
		return err
	})
	if err != nil {
		return fmt.Errorf("report: keeping a draft: %w", err)
	}
	return nil
}

// sent notes that a draft became a report, and forgets what it held.
func (s *Reports) sent(ctx context.Context, tx *store.Tx, token string, id store.ID) error {
	_, err := tx.Exec(ctx, `UPDATE report_draft SET data = ?, report_id = ?, updated_at = ? WHERE territory_id = @territory AND token_hash = ?`,
		store.JSON[unsent]{}, id, tx.Now(), web.HashToken(token))
	if err != nil {
		return fmt.Errorf("report: ending a draft: %w", err)
	}
	return nil
}
