package file

import (
	"context"
	"errors"
	"io"
	"time"
)

// Store keeps files under keys. It is safe for concurrent use.
type Store interface {
	// Put stores what r gives, whole or not at all, replacing what stood under
	// the key. Errors: ErrKey, ErrType, ErrTooLarge, ErrFull, or what r or the
	// store failed with.
	Put(ctx context.Context, key string, r io.Reader, contentType string) (Info, error)
	// Open returns the content, to be closed. Errors: ErrKey, ErrNotFound.
	Open(ctx context.Context, key string) (io.ReadCloser, Info, error)
	// Stat returns what is known of a file. Errors: ErrKey, ErrNotFound.
	Stat(ctx context.Context, key string) (Info, error)
	// Delete removes a file; it is no error when there is none. Errors: ErrKey.
	Delete(ctx context.Context, key string) error
}

// Info is what a store knows of a file.
type Info struct {
	Key    string
	Size   int64     // bytes
	Type   string    // as given to Put, "application/octet-stream" when unknown
	SHA256 string    // of the content, in hexadecimal; empty when unknown
	At     time.Time // when it was written, UTC
}

// Errors of every store; test with errors.Is.
var (
	ErrNotFound = errors.New("no such file")
	ErrKey      = errors.New("not a key of a file")
	ErrType     = errors.New("not a type of content")
	ErrTooLarge = errors.New("file too large")
	ErrFull     = errors.New("no room left for files")
)

// Unknown is the type of a file of which nothing is known.
const Unknown = "application/octet-stream"

// Exists tells whether there is a file under key.
func Exists(ctx context.Context, s Store, key string) (bool, error) {
	_, err := s.Stat(ctx, key)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}
