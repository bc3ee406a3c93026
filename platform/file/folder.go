package file

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"hash/maphash"
	"io"
	"io/fs"
	"os"
	"path"
	"sync"
	"time"
)

// Folder is a [Store] in a directory: territory/…/name holds the content,
// territory/…/.name.info what is known of it. A file appears under its key once
// it is whole and on the disk; after a power cut it is there whole or absent.
type Folder struct {
	root    *os.Root
	options FolderOptions
	seed    maphash.Seed
	locks   [64]sync.RWMutex // by key: content and info change together
	create  func(name string) (writer, error)
}

// FolderOptions are the limits of a [Folder].
type FolderOptions struct {
	MaxBytes int64 // of one file; 50 MB when 0
	Clock    Clock // the machine's when nil
}

// Clock gives the present instant; platform/clock has two.
type Clock interface{ Now() time.Time }

type machineClock struct{}

func (machineClock) Now() time.Time { return time.Now() }

// writer is a file being written.
type writer interface {
	io.WriteCloser
	Sync() error
}

// temporary is where files are while they are being written; no key starts with
// a dot, so none leads there.
const temporary = ".tmp"

// OpenFolder opens a directory as store, making it if need be, and clears what
// interrupted writes left more than a day ago.
func OpenFolder(dir string, o FolderOptions) (*Folder, error) {
	if o.MaxBytes <= 0 {
		o.MaxBytes = 50 << 20
	}
	if o.Clock == nil {
		o.Clock = machineClock{}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, full("making the folder of files", err)
	}
	// os.Root refuses every path that leads out of dir, through links too.
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("opening the folder of files: %w", err)
	}
	f := &Folder{root: root, options: o, seed: maphash.MakeSeed()}
	f.create = func(name string) (writer, error) {
		return f.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	}
	if err := f.clear(); err != nil {
		root.Close()
		return nil, err
	}
	return f, nil
}

// Close releases the directory.
func (f *Folder) Close() error { return f.root.Close() }

// clear makes the temporary folder and drops old leftovers from it.
func (f *Folder) clear() error {
	if err := f.root.Mkdir(temporary, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return full("making the folder of files", err)
	}
	left, err := fs.ReadDir(f.root.FS(), temporary)
	if err != nil {
		return fmt.Errorf("looking for interrupted files: %w", err)
	}
	for _, entry := range left {
		// Another process may be writing: only what is old goes. The age is that
		// of the disk, so it is the machine's clock that tells it.
		if info, err := entry.Info(); err == nil && time.Since(info.ModTime()) > 24*time.Hour {
			if err := f.root.Remove(path.Join(temporary, entry.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("clearing an interrupted file: %w", err)
			}
		}
	}
	return nil
}

func (f *Folder) lock(key string) *sync.RWMutex {
	return &f.locks[maphash.String(f.seed, key)%uint64(len(f.locks))]
}

// infoPath is where what is known of a file is kept.
func infoPath(key string) string { return path.Join(path.Dir(key), "."+path.Base(key)+".info") }

// kept is the JSON of an info file.
type kept struct {
	Size   int64     `json:"size"`
	Type   string    `json:"type"`
	SHA256 string    `json:"sha256"`
	At     time.Time `json:"at"`
}

// Put stores a file.
func (f *Folder) Put(ctx context.Context, key string, r io.Reader, contentType string) (Info, error) {
	if err := CheckKey(key); err != nil {
		return Info{}, err
	}
	kind, err := checkType(contentType)
	if err != nil {
		return Info{}, err
	}
	sum := sha256.New()
	content, size, err := f.write(ctx, io.TeeReader(r, sum), f.options.MaxBytes)
	if err != nil {
		return Info{}, err
	}
	defer f.root.Remove(content) // gone once renamed
	info := Info{Key: key, Size: size, Type: kind, SHA256: hexSum(sum), At: f.options.Clock.Now().UTC()}
	known, err := json.Marshal(kept{Size: info.Size, Type: info.Type, SHA256: info.SHA256, At: info.At})
	if err != nil {
		return Info{}, fmt.Errorf("describing a file: %w", err)
	}
	description, err := f.writeBytes(ctx, known)
	if err != nil {
		return Info{}, err
	}
	defer f.root.Remove(description)
	if err := ctx.Err(); err != nil {
		return Info{}, fmt.Errorf("storing a file: %w", err)
	}
	lock := f.lock(key)
	lock.Lock()
	defer lock.Unlock()
	if err := f.makeDir(path.Dir(key)); err != nil {
		return Info{}, err
	}
	// The description first: without content it is invisible.
	if err := f.root.Rename(description, infoPath(key)); err != nil {
		return Info{}, full("storing a file", err)
	}
	if err := f.root.Rename(content, key); err != nil {
		return Info{}, full("storing a file", err)
	}
	return info, f.syncDir(path.Dir(key))
}

func hexSum(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }

// Open opens a file. The reader is an *os.File: it can seek.
func (f *Folder) Open(ctx context.Context, key string) (io.ReadCloser, Info, error) {
	if err := CheckKey(key); err != nil {
		return nil, Info{}, err
	}
	if err := ctx.Err(); err != nil {
		return nil, Info{}, fmt.Errorf("opening a file: %w", err)
	}
	lock := f.lock(key)
	lock.RLock()
	defer lock.RUnlock()
	content, err := f.root.Open(key)
	if err != nil {
		return nil, Info{}, missing("opening a file", err)
	}
	found, err := content.Stat()
	if err == nil && !found.Mode().IsRegular() {
		err = fs.ErrNotExist
	}
	if err != nil {
		content.Close()
		return nil, Info{}, missing("opening a file", err)
	}
	return content, f.describe(key, found), nil
}

// Stat tells what is known of a file.
func (f *Folder) Stat(ctx context.Context, key string) (Info, error) {
	if err := CheckKey(key); err != nil {
		return Info{}, err
	}
	if err := ctx.Err(); err != nil {
		return Info{}, fmt.Errorf("looking at a file: %w", err)
	}
	lock := f.lock(key)
	lock.RLock()
	defer lock.RUnlock()
	found, err := f.root.Stat(key)
	if err == nil && !found.Mode().IsRegular() {
		err = fs.ErrNotExist
	}
	if err != nil {
		return Info{}, missing("looking at a file", err)
	}
	return f.describe(key, found), nil
}

// describe reads the info of a file, and falls back on what the disk says when
// there is none, or one that is not of this content: files copied by hand, a
// power cut while replacing.
func (f *Folder) describe(key string, found fs.FileInfo) Info {
	info := Info{Key: key, Size: found.Size(), Type: Unknown, At: found.ModTime().UTC()}
	content, err := f.root.ReadFile(infoPath(key))
	if err != nil {
		return info
	}
	var known kept
	if json.Unmarshal(content, &known) != nil || known.Size != info.Size {
		return info
	}
	info.Type, info.SHA256, info.At = known.Type, known.SHA256, known.At
	return info
}

// Delete removes a file.
func (f *Folder) Delete(ctx context.Context, key string) error {
	if err := CheckKey(key); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("deleting a file: %w", err)
	}
	lock := f.lock(key)
	lock.Lock()
	defer lock.Unlock()
	if found, err := f.root.Stat(key); err == nil && !found.Mode().IsRegular() {
		return nil
	}
	for _, name := range []string{key, infoPath(key)} {
		if err := f.root.Remove(name); err != nil && !absent(err) {
			return fmt.Errorf("deleting a file: %w", err)
		}
	}
	if err := f.syncDir(path.Dir(key)); err != nil && !absent(err) {
		return err
	}
	return nil
}
