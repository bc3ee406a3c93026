package upload

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"strconv"
	"time"

	"parvis/platform/file"
	"parvis/platform/store"
)

//go:embed migrations/*.sql
var files embed.FS

// Migration is the package's schema.
func Migration() store.Migration { return store.Migration{Name: "upload", FS: files} }

// Options are the bounds. The zero value has sensible ones.
type Options struct {
	MaxSize  int64         // of one file, bytes; 0: 12 MiB
	Quota    int64         // of what one person has here, bytes; 0: 512 MiB
	Keep     time.Duration // before what nobody took is erased; 0: 30 days
	MaxPiece int64         // of one request, bytes, held in memory; 0: 2 MiB
	// Done is told of a file that has come whole, in the transaction that notes
	// it; nil nobody.
	Done func(ctx context.Context, tx *store.Tx, x Upload) error
}

// Uploads receives and gives files.
type Uploads struct {
	files file.Store
	o     Options
}

// New prepares the receiver on a store of files.
func New(f file.Store, o Options) *Uploads {
	if o.MaxSize == 0 {
		o.MaxSize = 12 << 20
	}
	if o.Quota == 0 {
		o.Quota = 512 << 20
	}
	if o.Keep == 0 {
		o.Keep = 30 * 24 * time.Hour
	}
	if o.MaxPiece == 0 {
		o.MaxPiece = 2 << 20
	}
	return &Uploads{f, o}
}

// Upload is one file on its way. Received counts the bytes that are safe.
type Upload struct {
	ID        string
	PersonID  store.ID
	SHA256    string // as announced, hexadecimal; "" not announced
	MediaType string
	Size      int64
	Received  int64
	Parts     store.JSON[[]int64] // where each piece begins
	Done      bool                // whole and, when it was announced, of the announced digest
	CreatedAt time.Time
	ExpiresAt time.Time
}

// The refusals; test with errors.Is.
var (
	ErrTooLarge = errors.New("upload: the file is too large")
	ErrQuota    = errors.New("upload: this person has too much under way")
	ErrOffset   = errors.New("upload: another piece is expected")
	ErrDigest   = errors.New("upload: the content is not what was announced")
	ErrGone     = errors.New("upload: no such upload")
)

const columns = `id, person_id, sha256, media_type, size, received, parts, done, created_at, expires_at`

// Start announces a file of a size; with a digest that the person has sent or
// begun already, it is that upload again.
func (u *Uploads) Start(ctx context.Context, h store.Handle, person store.ID, size int64, digest, mediaType string) (Upload, error) {
	if size < 0 || size > u.o.MaxSize {
		return Upload{}, ErrTooLarge
	}
	var x Upload
	err := h.Update(ctx, func(tx *store.Tx) error {
		x = Upload{}
		if digest != "" {
			err := tx.Get(ctx, &x, `SELECT `+columns+` FROM upload WHERE territory_id = @territory AND person_id = ? AND sha256 = ? AND size = ? AND expires_at > ?
				ORDER BY done DESC, received DESC, id LIMIT 1`, person, digest, size, tx.Now())
			if err == nil || !errors.Is(err, store.ErrNotFound) {
				return err
			}
		}
		var under int64
		if err := tx.Get(ctx, &under, `SELECT COALESCE(SUM(size), 0) FROM upload WHERE territory_id = @territory AND person_id = ? AND expires_at > ?`, person, tx.Now()); err != nil {
			return err
		}
		if under+size > u.o.Quota {
			return ErrQuota
		}
		var b [16]byte
		_, _ = rand.Read(b[:])
		x = Upload{ID: hex.EncodeToString(b[:]), PersonID: person, SHA256: digest, MediaType: mediaType, Size: size, Parts: store.JSON[[]int64]{V: []int64{}}, Done: size == 0,
			CreatedAt: tx.Now(), ExpiresAt: tx.Now().Add(u.o.Keep)}
		_, err := tx.Exec(ctx, `INSERT INTO upload (territory_id, `+columns+`) VALUES (@territory, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			x.ID, x.PersonID, x.SHA256, x.MediaType, x.Size, x.Received, x.Parts, x.Done, x.CreatedAt, x.ExpiresAt)
		return err
	})
	if err != nil {
		return Upload{}, fmt.Errorf("upload: starting: %w", err)
	}
	return x, nil
}

// Find reads an upload of a person; ErrGone when there is none, or no longer.
func (u *Uploads) Find(ctx context.Context, h store.Handle, person store.ID, id string) (Upload, error) {
	var x Upload
	err := h.View(ctx, func(tx *store.Tx) (err error) {
		x, err = find(ctx, tx, person, id)
		return err
	})
	return x, err
}

func find(ctx context.Context, tx *store.Tx, person store.ID, id string) (Upload, error) {
	var x Upload
	err := tx.Get(ctx, &x, `SELECT `+columns+` FROM upload WHERE territory_id = @territory AND id = ? AND person_id = ? AND expires_at > ?`, id, person, tx.Now())
	if errors.Is(err, store.ErrNotFound) {
		return x, ErrGone
	}
	if err != nil {
		return x, fmt.Errorf("upload: finding: %w", err)
	}
	return x, nil
}

// piece is the key of the piece of an upload that begins at an offset.
func piece(territory, id string, offset int64) (string, error) {
	return file.Key(territory, "upload", id, strconv.FormatInt(offset, 10))
}

// checksum is what a request announced of its own piece.
type checksum struct {
	hash hash.Hash
	want []byte
}

// Append keeps the next piece of an upload, as much of it as came before the
// connection was cut, and returns the upload as it then is. A piece with a
// checksum that does not fit is dropped whole (ErrDigest).
func (u *Uploads) Append(ctx context.Context, h store.Handle, person store.ID, id string, offset int64, r io.Reader, sum *checksum) (Upload, error) {
	x, err := u.Find(ctx, h, person, id)
	if err != nil {
		return x, err
	}
	if offset != x.Received || x.Done {
		return x, ErrOffset
	}
	room := min(u.o.MaxPiece, x.Size-x.Received)
	var b bytes.Buffer
	n, cut := io.Copy(&b, io.LimitReader(r, room))
	if sum != nil {
		if cut != nil {
			return x, ErrDigest
		}
		// The checksum is of the whole request: what does not fit the bound cannot be checked.
		if extra, _ := io.CopyN(io.Discard, r, 1); extra > 0 {
			return x, ErrTooLarge
		}
		sum.hash.Write(b.Bytes())
		if !bytes.Equal(sum.hash.Sum(nil), sum.want) {
			return x, ErrDigest
		}
	}
	if n == 0 {
		return x, nil
	}
	// The connection may be gone: what came is kept all the same.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	key, err := piece(h.Territory(), id, offset)
	if err != nil {
		return x, ErrGone
	}
	if _, err := u.files.Put(ctx, key, &b, file.Unknown); err != nil {
		return x, fmt.Errorf("upload: keeping a piece: %w", err)
	}
	whole := offset+n == x.Size
	if whole && x.SHA256 != "" {
		parts := append(append([]int64{}, x.Parts.V...), offset)
		if got, err := u.digest(ctx, h.Territory(), id, parts); err != nil {
			return x, err
		} else if got != x.SHA256 {
			return u.restart(ctx, h, person, id)
		}
	}
	err = h.Update(ctx, func(tx *store.Tx) error {
		y, err := find(ctx, tx, person, id)
		if err != nil {
			return err
		}
		if y.Received != offset {
			return ErrOffset // another request was faster
		}
		y.Received += n
		y.Parts.V = append(y.Parts.V, offset)
		y.Done = y.Received == y.Size
		changed, err := tx.Exec(ctx, `UPDATE upload SET received = ?, parts = ?, done = ? WHERE territory_id = @territory AND id = ? AND received = ?`, y.Received, y.Parts, y.Done, id, offset)
		if err == nil && changed == 0 {
			err = ErrOffset
		}
		if x = y; err == nil && y.Done && u.o.Done != nil {
			err = u.o.Done(ctx, tx, y)
		}
		return err
	})
	return x, err
}

// digest is the SHA-256 of the pieces one after the other.
func (u *Uploads) digest(ctx context.Context, territory, id string, parts []int64) (string, error) {
	sum := sha256.New()
	if err := u.each(ctx, territory, id, parts, sum); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

func (u *Uploads) each(ctx context.Context, territory, id string, parts []int64, w io.Writer) error {
	for _, offset := range parts {
		key, err := piece(territory, id, offset)
		if err != nil {
			return ErrGone
		}
		r, _, err := u.files.Open(ctx, key)
		if err != nil {
			return fmt.Errorf("upload: reading a piece: %w", err)
		}
		_, err = io.Copy(w, r)
		if err = errors.Join(err, r.Close()); err != nil {
			return fmt.Errorf("upload: reading a piece: %w", err)
		}
	}
	return nil
}

// restart forgets the pieces of an upload that is not what was announced: the
// device sends it again from the beginning.
func (u *Uploads) restart(ctx context.Context, h store.Handle, person store.ID, id string) (Upload, error) {
	var x Upload
	err := h.Update(ctx, func(tx *store.Tx) (err error) {
		if x, err = find(ctx, tx, person, id); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE upload SET received = 0, parts = ?, done = ? WHERE territory_id = @territory AND id = ?`, store.JSON[[]int64]{V: []int64{}}, false, id)
		return err
	})
	return x, errors.Join(ErrDigest, err)
}
