package upload

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"parvis/platform/store"
)

// Take reads the whole content of a finished upload of a person by its digest,
// at most MaxSize bytes; ErrGone when it has not come yet. It stays until
// [Uploads.Drop] or its expiry, so that a service that fails may try again.
func (u *Uploads) Take(ctx context.Context, h store.Handle, person store.ID, digest string) ([]byte, error) {
	var x Upload
	err := h.View(ctx, func(tx *store.Tx) error {
		return tx.Get(ctx, &x, `SELECT `+columns+` FROM upload WHERE territory_id = @territory AND person_id = ? AND sha256 = ? AND done ORDER BY id LIMIT 1`, person, digest)
	})
	if errors.Is(err, store.ErrNotFound) {
		return nil, ErrGone
	}
	if err != nil {
		return nil, fmt.Errorf("upload: finding by digest: %w", err)
	}
	var b bytes.Buffer
	if err := u.each(ctx, h.Territory(), x.ID, x.Parts.V, &b); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// Drop erases the pieces of the uploads of a person with a digest but keeps the
// line, so that the same photo sent again is known; the line goes at its expiry.
func (u *Uploads) Drop(ctx context.Context, h store.Handle, person store.ID, digest string) error {
	var list []Upload
	err := h.Update(ctx, func(tx *store.Tx) error {
		list = nil
		if err := tx.Select(ctx, &list, `SELECT `+columns+` FROM upload WHERE territory_id = @territory AND person_id = ? AND sha256 = ? AND done LIMIT 50`, person, digest); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE upload SET parts = ? WHERE territory_id = @territory AND person_id = ? AND sha256 = ? AND done`, store.JSON[[]int64]{V: []int64{}}, person, digest)
		return err
	})
	if err != nil {
		return fmt.Errorf("upload: dropping: %w", err)
	}
	return u.erase(ctx, h.Territory(), list)
}

func (u *Uploads) erase(ctx context.Context, territory string, list []Upload) error {
	var errs []error
	for _, x := range list {
		for _, offset := range x.Parts.V {
			key, err := piece(territory, x.ID, offset)
			if err == nil {
				err = u.files.Delete(ctx, key)
			}
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// Terminate erases an upload of a person; ErrGone when there is none.
func (u *Uploads) Terminate(ctx context.Context, h store.Handle, person store.ID, id string) error {
	x, err := u.Find(ctx, h, person, id)
	if err != nil {
		return err
	}
	if err := h.Update(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM upload WHERE territory_id = @territory AND id = ? AND person_id = ?`, id, person)
		return err
	}); err != nil {
		return fmt.Errorf("upload: terminating: %w", err)
	}
	return u.erase(ctx, h.Territory(), []Upload{x})
}

// Purge erases what was created before, at most limit lines: pieces first, so
// that none is left without its line.
func (u *Uploads) Purge(ctx context.Context, tx *store.Tx, before time.Time, limit int) (int64, error) {
	var list []Upload
	if err := tx.Select(ctx, &list, `SELECT `+columns+` FROM upload WHERE territory_id = @territory AND created_at < ? ORDER BY created_at LIMIT ?`, before, limit); err != nil {
		return 0, fmt.Errorf("upload: finding what is past its time: %w", err)
	}
	if err := u.erase(ctx, tx.Territory(), list); err != nil {
		return 0, err
	}
	for _, x := range list {
		if _, err := tx.Exec(ctx, `DELETE FROM upload WHERE territory_id = @territory AND id = ?`, x.ID); err != nil {
			return 0, fmt.Errorf("upload: erasing a line: %w", err)
		}
	}
	return int64(len(list)), nil
}

// drain reads what is left of a body, within reason, so that the answer reaches
// a client that is still sending.
func drain(r io.Reader) { _, _ = io.CopyN(io.Discard, r, 1<<20) }
