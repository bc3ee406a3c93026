package dossier

import (
	"context"
	"fmt"
	"time"

	"parvis/platform/fault"
	"parvis/platform/store"
)

// File is an attachment; its bytes are with platform/file under StorageKey.
type File struct {
	ID         store.ID
	EntryID    store.ID
	Name       string
	MediaType  string
	Size       int64 // bytes
	StorageKey string
	Public     bool // the requester may read it
	CreatedAt  time.Time
}

// maxFiles bounds the attachments of one request.
const maxFiles = 100

// Attach notes that a file was added. The caller has stored its bytes.
func (e *Engine) Attach(ctx context.Context, tx *store.Tx, id store.ID, by Author, f File) (File, error) {
	name, err := clean(f.Name, "title", false)
	if err != nil {
		return File{}, err
	}
	if f.StorageKey == "" || f.Size < 0 {
		return File{}, fmt.Errorf("dossier: attaching a file without storage")
	}
	d, err := e.change(ctx, tx, id, func(*Dossier, Kind) error { return nil })
	if err != nil {
		return File{}, err
	}
	var n int
	if err := tx.Get(ctx, &n, `SELECT COUNT(*) FROM dossier_file WHERE territory_id = @territory AND dossier_id = ?`, id); err != nil {
		return File{}, fmt.Errorf("dossier: counting files: %w", err)
	}
	if n >= maxFiles {
		return File{}, fault.New(fault.Invalid, "dossier.error.files")
	}
	f.ID, f.EntryID, f.Name, f.CreatedAt = store.NewID(), store.NewID(), name, tx.Now()
	if err := e.record(ctx, tx, d, Entry{ID: f.EntryID, Kind: AttachmentEntry, Public: f.Public, Author: by,
		TextKey: "dossier.entry.attached", Args: map[string]string{"Name": name}}); err != nil {
		return File{}, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO dossier_file (territory_id, dossier_id, id, entry_id, name, media_type, size, storage_key, public, created_at)
		VALUES (@territory, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, d.ID, f.ID, f.EntryID, f.Name, f.MediaType, f.Size, f.StorageKey, f.Public, f.CreatedAt)
	if err != nil {
		return File{}, fmt.Errorf("dossier: attaching: %w", err)
	}
	return f, nil
}

// Files lists the attachments of a request, oldest first; public leaves out
// those that only staff read.
func (e *Engine) Files(ctx context.Context, tx *store.Tx, id store.ID, public bool) ([]File, error) {
	query := `SELECT id, entry_id, name, media_type, size, storage_key, public, created_at FROM dossier_file
		WHERE territory_id = @territory AND dossier_id = ?`
	if public {
		query += ` AND public`
	}
	var out []File
	err := tx.Select(ctx, &out, query+` ORDER BY id LIMIT ?`, id, maxFiles)
	return out, err
}
