package report

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"parvis/platform/fault"
	"parvis/platform/file"
	"parvis/platform/geo"
	"parvis/platform/photo"
	"parvis/platform/store"
)

// PhotoRef names a photo that was kept, to be joined to a draft.
type PhotoRef struct{ ID store.ID }

// PhotoState is who may see a photo.
type PhotoState string

// The states of a photo.
const (
	PhotoShown   PhotoState = "shown"
	PhotoWaiting PhotoState = "waiting" // until somebody looked
	PhotoHidden  PhotoState = "hidden"
)

// PhotoRole is what a photo shows.
type PhotoRole string

// The roles: what was reported, then before and after the repair.
const (
	Seen   PhotoRole = "seen"
	Before PhotoRole = "before"
	After  PhotoRole = "after"
)

// Photo is a photo of a report: a JPEG without metadata, at most 2 048 px.
type Photo struct {
	ID            store.ID
	ReportID      store.ID
	Role          PhotoRole
	StorageKey    string
	ThumbKey      string
	Width, Height int
	Size          int64
	State         PhotoState
	TakenAt       time.Time
	Lat, Lon      float64 // where it was taken, for staff and for a report without position
	CreatedAt     time.Time
}

const photoColumns = `id, report_id, role, storage_key, thumb_key, width, height, size, state, taken_at, lat, lon, created_at`

// thumbPx is the longest side of a small copy.
const thumbPx = 480

// maxUpload bounds one photo as it arrives, in bytes: what telephones make.
const maxUpload = 24 << 20

// KeepPhoto cleans an image and keeps it for a draft; it is forgotten after a
// day unless a report takes it. draft is the hash of the draft it belongs to,
// "" for programs. Invalid with the field "photos" when it cannot be read, in
// words that say how to send it otherwise.
func (s *Reports) KeepPhoto(ctx context.Context, h store.Handle, r io.Reader, draft string) (Photo, error) {
	clean, err := photo.Clean(r, photo.Limits{MaxBytes: maxUpload})
	if err != nil {
		return Photo{}, photoFault(err)
	}
	return s.keep(ctx, h, clean, draft, 0, Seen, PhotoWaiting)
}

// photoFault says what is wrong with an image beside its field.
func photoFault(err error) error {
	f := fault.Of(err)
	if f.Kind != fault.Invalid {
		return fmt.Errorf("report: reading a photo: %w", err)
	}
	return fault.Fields{{Name: "photos", Key: f.Key, Args: f.Args}}.Err()
}

// keep writes the row first, then the files: a crash leaves a row that the
// purge of drafts finds, never a file that nobody knows.
func (s *Reports) keep(ctx context.Context, h store.Handle, clean photo.Photo, draft string, report store.ID, role PhotoRole, state PhotoState) (Photo, error) {
	p := Photo{ID: store.NewID(), ReportID: report, Role: role, Width: clean.Width, Height: clean.Height, Size: int64(len(clean.JPEG)), State: state, TakenAt: clean.TakenAt}
	if clean.Where != nil && clean.Where.Valid() {
		p.Lat, p.Lon = clean.Where.Lat, clean.Where.Lon
	}
	if draft == "" && report == 0 {
		draft = "-"
	}
	thumb, err := photo.Thumb(clean.JPEG, thumbPx)
	if err != nil {
		return p, fmt.Errorf("report: a small copy of a photo: %w", err)
	}
	if p.StorageKey, err = file.Key(h.Territory(), Kind, p.ID.String()+".jpg"); err != nil {
		return p, fmt.Errorf("report: naming a photo: %w", err)
	}
	if p.ThumbKey, err = file.Key(h.Territory(), Kind, p.ID.String()+"-s.jpg"); err != nil {
		return p, fmt.Errorf("report: naming a photo: %w", err)
	}
	err = h.Update(ctx, func(tx *store.Tx) error {
		p.CreatedAt = tx.Now()
		var n int
		if err := tx.Get(ctx, &n, `SELECT COUNT(*) FROM report_photo WHERE territory_id = @territory AND report_id = ? AND draft_hash = ? AND role = ?`, report, draft, role); err != nil {
			return err
		}
		if draft != "-" && n >= maxPhotos {
			return fault.Fields{{Name: "photos", Key: "report.error.photos", Args: []any{"Max", maxPhotos}}}.Err()
		}
		_, err := tx.Exec(ctx, `INSERT INTO report_photo (territory_id, draft_hash, rank, `+photoColumns+`)
			VALUES (@territory, ?, ?, `+store.In(13)+`)`, draft, n, p.ID, p.ReportID, p.Role, p.StorageKey, p.ThumbKey, p.Width, p.Height, p.Size, p.State,
			p.TakenAt, p.Lat, p.Lon, p.CreatedAt)
		return err
	})
	if err != nil {
		return p, fmt.Errorf("report: keeping a photo: %w", err)
	}
	return p, s.putPhoto(ctx, p, clean.JPEG, thumb)
}

func (s *Reports) putPhoto(ctx context.Context, p Photo, jpeg, thumb []byte) error {
	for key, body := range map[string][]byte{p.StorageKey: jpeg, p.ThumbKey: thumb} {
		if _, err := s.Files.Put(ctx, key, bytes.NewReader(body), "image/jpeg"); err != nil {
			return fmt.Errorf("report: storing a photo: %w", err)
		}
	}
	return nil
}

// AddPhoto joins a photo of the repair to a report: what an intervention took
// before and after. The image is cleaned again, whoever gives it.
func (s *Reports) AddPhoto(ctx context.Context, h store.Handle, report store.ID, role PhotoRole, r io.Reader) (Photo, error) {
	clean, err := photo.Clean(r, photo.Limits{MaxBytes: maxUpload})
	if err != nil {
		return Photo{}, photoFault(err)
	}
	return s.keep(ctx, h, clean, "", report, role, PhotoShown)
}

// photosOf are those of a report, oldest first by role.
func photosOf(ctx context.Context, tx *store.Tx, report store.ID) ([]Photo, error) {
	var out []Photo
	err := tx.Select(ctx, &out, `SELECT `+photoColumns+` FROM report_photo WHERE territory_id = @territory AND report_id = ? ORDER BY role DESC, rank, id LIMIT 60`, report)
	if err != nil {
		return nil, fmt.Errorf("report: reading photos: %w", err)
	}
	return out, nil
}

func photosOfDraft(ctx context.Context, tx *store.Tx, draft string) ([]Photo, error) {
	var out []Photo
	err := tx.Select(ctx, &out, `SELECT `+photoColumns+` FROM report_photo WHERE territory_id = @territory AND draft_hash = ? AND report_id = 0 ORDER BY rank, id LIMIT ?`, draft, maxPhotos)
	if err != nil {
		return nil, fmt.Errorf("report: reading the photos of a draft: %w", err)
	}
	return out, nil
}

// claim gives the photos of a draft to its report, and returns the first place
// that one of them was taken at.
func claim(ctx context.Context, tx *store.Tx, report store.ID, refs []PhotoRef, state PhotoState) (*geo.Point, error) {
	var where *geo.Point
	for i, ref := range refs {
		n, err := tx.Exec(ctx, `UPDATE report_photo SET report_id = ?, draft_hash = '', rank = ?, state = ? WHERE territory_id = @territory AND id = ? AND report_id = 0`,
			report, i, state, ref.ID)
		if err != nil {
			return nil, fmt.Errorf("report: joining a photo: %w", err)
		}
		if n == 0 {
			return nil, fault.Fields{{Name: "photos", Key: "report.error.photo.gone"}}.Err()
		}
		var p Photo
		if err := tx.Get(ctx, &p, `SELECT `+photoColumns+` FROM report_photo WHERE territory_id = @territory AND id = ?`, ref.ID); err != nil {
			return nil, fmt.Errorf("report: reading a photo: %w", err)
		}
		if where == nil && (p.Lat != 0 || p.Lon != 0) {
			where = &geo.Point{Lat: p.Lat, Lon: p.Lon}
		}
	}
	return where, nil
}

// Image opens the bytes of a photo, or of its small copy; store.ErrNotFound.
func (s *Reports) Image(ctx context.Context, p Photo, small bool) ([]byte, error) {
	key := p.StorageKey
	if small {
		key = p.ThumbKey
	}
	body, info, err := s.Files.Open(ctx, key)
	if errors.Is(err, file.ErrNotFound) {
		return nil, store.ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("report: opening a photo: %w", err)
	}
	defer body.Close()
	out, err := io.ReadAll(io.LimitReader(body, info.Size+1))
	if err != nil {
		return nil, fmt.Errorf("report: reading a photo: %w", err)
	}
	return out, nil
}

// photoByID finds a photo; store.ErrNotFound.
func photoByID(ctx context.Context, tx *store.Tx, id store.ID) (Photo, error) {
	var p Photo
	err := tx.Get(ctx, &p, `SELECT `+photoColumns+` FROM report_photo WHERE territory_id = @territory AND id = ?`, id)
	return p, err
}

// BlurPhoto makes rectangles of a photo unreadable for ever: the bytes are
// written again, those of before are gone.
func (s *Reports) BlurPhoto(ctx context.Context, h store.Handle, id store.ID, areas []photo.Rect, by store.ID) error {
	var p Photo
	if err := h.View(ctx, func(tx *store.Tx) (err error) {
		p, err = photoByID(ctx, tx, id)
		return err
	}); err != nil {
		return err
	}
	body, err := s.Image(ctx, p, false)
	if err != nil {
		return err
	}
	blurred, err := photo.Blur(body, areas)
	if err != nil {
		return photoFault(err)
	}
	thumb, err := photo.Thumb(blurred, thumbPx)
	if err != nil {
		return fmt.Errorf("report: a small copy of a photo: %w", err)
	}
	if err := s.putPhoto(ctx, p, blurred, thumb); err != nil {
		return err
	}
	return h.Update(ctx, func(tx *store.Tx) error {
		if _, err := tx.Exec(ctx, `UPDATE report_photo SET size = ? WHERE territory_id = @territory AND id = ?`, len(blurred), id); err != nil {
			return fmt.Errorf("report: noting a blurred photo: %w", err)
		}
		return s.Bus.Append(ctx, tx, "report.moderated", Kind+":"+p.ReportID.String(), map[string]string{"what": "photo", "by": by.String()})
	})
}

// removePhotos erases photos with their bytes. The bytes go after the commit:
// a crash between leaves bytes that no page leads to, found by the next purge
// of the same rows only if it happens before the commit.
func (s *Reports) removePhotos(ctx context.Context, tx *store.Tx, list []Photo) error {
	for _, p := range list {
		if _, err := tx.Exec(ctx, `DELETE FROM report_photo WHERE territory_id = @territory AND id = ?`, p.ID); err != nil {
			return fmt.Errorf("report: erasing a photo: %w", err)
		}
		for _, key := range []string{p.StorageKey, p.ThumbKey} {
			if err := s.Files.Delete(ctx, key); err != nil {
				return fmt.Errorf("report: erasing the bytes of a photo: %w", err)
			}
		}
	}
	return nil
}
