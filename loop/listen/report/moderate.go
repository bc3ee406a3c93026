package report

import (
	"context"
	"fmt"
	"unicode/utf8"

	"parvis/platform/fault"
	"parvis/platform/store"
)

// Verdict is what somebody who looked decides of a report.
type Verdict struct {
	Show    bool   // on the public pages
	Text    string // as everybody reads it
	Address string
	Photos  map[store.ID]PhotoState // those left out stay as they are
	By      store.ID
}

// Moderate writes what was decided. A private report never becomes public.
// Invalid with the field text or address when one is too long.
func (s *Reports) Moderate(ctx context.Context, h store.Handle, id store.ID, v Verdict) (Report, error) {
	v.Text, v.Address = tidy(v.Text), tidy(v.Address)
	var wrong fault.Fields
	if utf8.RuneCountInString(v.Text) > maxText {
		wrong.Add("text", "report.error.text.long", "Max", maxText)
	}
	if utf8.RuneCountInString(v.Address) > maxAddress {
		wrong.Add("address", "report.error.address.long", "Max", maxAddress)
	}
	if err := wrong.Err(); err != nil {
		return Report{}, err
	}
	return s.change(ctx, h, id, func(tx *store.Tx, r Report) error {
		state := Reviewed
		if !v.Show {
			state = Hidden
		}
		r.TextShown, r.Address = v.Text, v.Address
		for _, p := range r.Photos {
			to, ok := v.Photos[p.ID]
			if !ok || to != PhotoShown && to != PhotoHidden && to != PhotoWaiting {
				continue
			}
			if _, err := tx.Exec(ctx, `UPDATE report_photo SET state = ? WHERE territory_id = @territory AND id = ?`, to, p.ID); err != nil {
				return fmt.Errorf("report: moderating a photo: %w", err)
			}
			if to == PhotoWaiting {
				state = Waiting
			}
		}
		if _, err := tx.Exec(ctx, `UPDATE report SET text_shown = ?, address = ?, text_fold = ?, visible = ?, moderation = ?, updated_at = ?, version = version + 1
			WHERE territory_id = @territory AND id = ?`, r.TextShown, r.Address, folded(r), v.Show && !r.Private, state, tx.Now(), id); err != nil {
			return fmt.Errorf("report: moderating: %w", err)
		}
		return s.Bus.Append(ctx, tx, "report.moderated", r.Ref(), map[string]any{"show": v.Show, "by": v.By})
	})
}

// Waits counts the reports that somebody must look at.
func (s *Reports) Waits(ctx context.Context, tx *store.Tx) (n int, err error) {
	err = tx.Get(ctx, &n, `SELECT COUNT(*) FROM report WHERE territory_id = @territory AND moderation = 'waiting'`)
	return n, err
}
