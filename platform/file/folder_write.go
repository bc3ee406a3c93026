package file

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"syscall"
)

// write puts what r gives, limit bytes at most, in a temporary file, on the disk,
// and returns its name.
func (f *Folder) write(ctx context.Context, r io.Reader, limit int64) (name string, size int64, err error) {
	name = path.Join(temporary, rand.Text())
	w, err := f.create(name)
	if err != nil {
		return "", 0, full("writing a file", err)
	}
	defer func() {
		if err != nil {
			f.root.Remove(name)
		}
	}()
	size, err = io.Copy(w, &bounded{ctx: ctx, r: r, left: limit})
	if err == nil {
		err = w.Sync()
	}
	if closed := w.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return "", 0, full("writing a file", err)
	}
	return name, size, nil
}

func (f *Folder) writeBytes(ctx context.Context, content []byte) (string, error) {
	name, _, err := f.write(ctx, bytes.NewReader(content), int64(len(content)))
	return name, err
}

// bounded reads at most left bytes, and stops with its context.
type bounded struct {
	ctx  context.Context
	r    io.Reader
	left int64
}

// Read reads the next bytes.
func (b *bounded) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := b.r.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, ErrTooLarge
	}
	return n, err
}

// makeDir makes the directories of a key and puts them on the disk.
func (f *Folder) makeDir(dir string) error {
	if found, err := f.root.Stat(dir); err == nil && found.IsDir() {
		return nil
	}
	if err := f.root.MkdirAll(dir, 0o700); err != nil {
		if errors.Is(err, syscall.ENOTDIR) || errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("%w: a file stands where a folder is needed", ErrKey)
		}
		return full("making a folder of files", err)
	}
	for parent := path.Dir(dir); ; parent = path.Dir(parent) {
		if err := f.syncDir(parent); err != nil {
			return err
		}
		if parent == "." {
			return nil
		}
	}
}

// syncDir puts the names of a directory on the disk.
func (f *Folder) syncDir(dir string) error {
	d, err := f.root.Open(dir)
	if err != nil {
		return fmt.Errorf("opening a folder of files: %w", err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return full("writing a folder of files", err)
	}
	return nil
}

// full wraps an error of the disk, telling a full one from others.
func full(doing string, err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fmt.Errorf("%s: %w: %w", doing, ErrFull, err)
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// absent tells that there is no such file, a file in place of a folder included.
func absent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

func missing(doing string, err error) error {
	// A link that leads outside is nobody's file.
	if absent(err) || strings.Contains(err.Error(), "path escapes from parent") {
		return ErrNotFound
	}
	return fmt.Errorf("%s: %w", doing, err)
}
