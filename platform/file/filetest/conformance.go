// Package filetest checks that a place for files keeps the promises of
// file.Store. For the tests of every store: call [Conformance]. No tables, no
// events, no rights.
package filetest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"parvis/platform/file"
)

// Limit is the size of file, in bytes, that a store under test must accept and
// not exceed.
const Limit = 1 << 20

// Conformance checks the stores made by newStore: each empty, with [Limit] as
// largest file.
func Conformance(t *testing.T, newStore func(t *testing.T) file.Store) {
	t.Helper()
	t.Run("gives back what it was given", func(t *testing.T) { roundTrip(t, newStore(t)) })
	t.Run("replaces", func(t *testing.T) { replaces(t, newStore(t)) })
	t.Run("says what is missing", func(t *testing.T) { missing(t, newStore(t)) })
	t.Run("deletes", func(t *testing.T) { deletes(t, newStore(t)) })
	t.Run("refuses keys that lead elsewhere", func(t *testing.T) { badKeys(t, newStore(t)) })
	t.Run("refuses what is no type", func(t *testing.T) { badTypes(t, newStore(t)) })
	t.Run("stops at its limit", func(t *testing.T) { tooLarge(t, newStore(t)) })
	t.Run("keeps nothing of an interrupted file", func(t *testing.T) { interrupted(t, newStore(t)) })
	t.Run("keeps territories apart", func(t *testing.T) { apart(t, newStore(t)) })
	t.Run("works for many at once", func(t *testing.T) { concurrent(t, newStore(t)) })
}

func put(t *testing.T, s file.Store, key, content, kind string) file.Info {
	t.Helper()
	info, err := s.Put(t.Context(), key, strings.NewReader(content), kind)
	if err != nil {
		t.Fatalf("putting %s: %v", key, err)
	}
	return info
}

func read(t *testing.T, s file.Store, key string) (string, file.Info) {
	t.Helper()
	r, info, err := s.Open(t.Context(), key)
	if err != nil {
		t.Fatalf("opening %s: %v", key, err)
	}
	defer r.Close()
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatalf("reading %s: %v", key, err)
	}
	return string(content), info
}

func sum(content string) string {
	h := sha256.Sum256([]byte(content))
	return hex.EncodeToString(h[:])
}

func roundTrip(t *testing.T, s file.Store) {
	for key, content := range map[string]string{
		"86294/a":                           "un",
		"86294/report/0198c2/photo.jpg":     "\xff\xd8\x00\xff",
		"2A004/export.csv":                  "",
		"86294/" + strings.Repeat("x", 120): "long name",
		"86294/A":                           "une autre lettre",
		"86294/big":                         strings.Repeat("0123456789abcdef", Limit/16),
	} {
		info := put(t, s, key, content, "text/plain; charset=utf-8")
		want := file.Info{Key: key, Size: int64(len(content)), Type: "text/plain; charset=utf-8", SHA256: sum(content), At: info.At}
		if info != want || info.At.IsZero() || info.At.Location() != time.UTC {
			t.Errorf("Put of %.40s: %+v, want %+v", key, info, want)
		}
		got, opened := read(t, s, key)
		if got != content {
			t.Errorf("%.40s: %d bytes came back, want %d", key, len(got), len(content))
		}
		stat, err := s.Stat(t.Context(), key)
		if err != nil || !same(stat, want) || !same(opened, want) {
			t.Errorf("%.40s: Stat %+v, Open %+v, want %+v (%v)", key, stat, opened, want, err)
		}
	}
	info := put(t, s, "86294/untold", "x", "")
	if info.Type != file.Unknown {
		t.Errorf("a file without type is %q", info.Type)
	}
}

// same compares what is known of a file, its time to the second: object stores
// keep no more.
func same(a, b file.Info) bool {
	at := a.At.Sub(b.At).Abs() <= time.Second
	a.At, b.At = time.Time{}, time.Time{}
	return at && a == b
}

func replaces(t *testing.T, s file.Store) {
	put(t, s, "86294/a/b", "avant, plus long", "text/plain")
	put(t, s, "86294/a/b", "après", "text/csv")
	content, info := read(t, s, "86294/a/b")
	if content != "après" || info.Type != "text/csv" || info.Size != int64(len(content)) || info.SHA256 != sum(content) {
		t.Errorf("%q, %+v", content, info)
	}
}

func missing(t *testing.T, s file.Store) {
	put(t, s, "86294/folder/a", "x", "")
	for _, key := range []string{"86294/b", "86294/folder/b", "86294/folder", "86294/folder/a/b", "99999/folder/a", "86294/folder/A"} {
		if _, _, err := s.Open(t.Context(), key); !errors.Is(err, file.ErrNotFound) {
			t.Errorf("Open of %s: %v", key, err)
		}
		if _, err := s.Stat(t.Context(), key); !errors.Is(err, file.ErrNotFound) {
			t.Errorf("Stat of %s: %v", key, err)
		}
		if found, err := file.Exists(t.Context(), s, key); found || err != nil {
			t.Errorf("Exists of %s: %v, %v", key, found, err)
		}
	}
	if found, err := file.Exists(t.Context(), s, "86294/folder/a"); !found || err != nil {
		t.Errorf("Exists of a file: %v, %v", found, err)
	}
}

func deletes(t *testing.T, s file.Store) {
	put(t, s, "86294/a", "x", "image/png")
	put(t, s, "86294/b", "y", "image/png")
	for range 2 {
		if err := s.Delete(t.Context(), "86294/a"); err != nil {
			t.Fatalf("deleting: %v", err)
		}
	}
	if err := s.Delete(t.Context(), "86294/never/was"); err != nil {
		t.Errorf("deleting what never was: %v", err)
	}
	if _, err := s.Stat(t.Context(), "86294/a"); !errors.Is(err, file.ErrNotFound) {
		t.Errorf("still there: %v", err)
	}
	if content, _ := read(t, s, "86294/b"); content != "y" {
		t.Errorf("the neighbour became %q", content)
	}
	// Nothing is remembered of the old file.
	put(t, s, "86294/a", "z", "")
	if _, info := read(t, s, "86294/a"); info.Type != file.Unknown {
		t.Errorf("the type of the deleted file came back: %+v", info)
	}
}

func badKeys(t *testing.T, s file.Store) {
	for _, key := range []string{
		"", "/", "86294", "86294/", "/86294/a", "86294//a", "../86294/a", "86294/../a", "86294/./a", "86294/..", "86294/a/../../b",
		"86294/.a", ".tmp/a", "86294/.a.info", `86294\a`, "86294/a\x00", "86294/a b", "86294/é", "86294/a:b", "C:/a", "86294/a\n", "86294/%2e%2e/a",
		"86294/" + strings.Repeat("x", 121), "86294/" + strings.Repeat("x/", 300) + "x",
	} {
		if _, err := s.Put(t.Context(), key, strings.NewReader("x"), ""); !errors.Is(err, file.ErrKey) {
			t.Errorf("Put of %.60q: %v", key, err)
		}
		if _, _, err := s.Open(t.Context(), key); !errors.Is(err, file.ErrKey) {
			t.Errorf("Open of %.60q: %v", key, err)
		}
		if _, err := s.Stat(t.Context(), key); !errors.Is(err, file.ErrKey) {
			t.Errorf("Stat of %.60q: %v", key, err)
		}
		if err := s.Delete(t.Context(), key); !errors.Is(err, file.ErrKey) {
			t.Errorf("Delete of %.60q: %v", key, err)
		}
	}
}

func badTypes(t *testing.T, s file.Store) {
	for _, kind := range []string{"image", "image/", "text/plain\r\nX: y", "a b/c", strings.Repeat("a", 300) + "/b"} {
		if _, err := s.Put(t.Context(), "86294/a", strings.NewReader("x"), kind); !errors.Is(err, file.ErrType) {
			t.Errorf("type %.40q: %v", kind, err)
		}
	}
	if _, err := s.Stat(t.Context(), "86294/a"); !errors.Is(err, file.ErrNotFound) {
		t.Errorf("a refused file is there: %v", err)
	}
}

func tooLarge(t *testing.T, s file.Store) {
	put(t, s, "86294/a", "avant", "")
	for name, r := range map[string]io.Reader{
		"one byte more": bytes.NewReader(make([]byte, Limit+1)),
		"endless":       endless{},
	} {
		if _, err := s.Put(t.Context(), "86294/a", r, ""); !errors.Is(err, file.ErrTooLarge) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if content, _ := read(t, s, "86294/a"); content != "avant" {
		t.Errorf("the file became %d bytes", len(content))
	}
	put(t, s, "86294/b", strings.Repeat("x", Limit), "")
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func interrupted(t *testing.T, s file.Store) {
	broken := errors.New("the browser went away")
	for name, r := range map[string]io.Reader{
		"at once":   iotest.ErrReader(broken),
		"later":     io.MultiReader(strings.NewReader(strings.Repeat("x", 100_000)), iotest.ErrReader(broken)),
		"truncated": io.MultiReader(strings.NewReader("x"), iotest.ErrReader(io.ErrUnexpectedEOF)),
	} {
		_, err := s.Put(t.Context(), "86294/a", r, "")
		if !errors.Is(err, broken) && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := s.Stat(t.Context(), "86294/a"); !errors.Is(err, file.ErrNotFound) {
			t.Errorf("%s: something was kept: %v", name, err)
		}
	}
	// A context that ends in the middle.
	ctx, cancel := context.WithCancel(t.Context())
	pieces := 0
	_, err := s.Put(ctx, "86294/a", readerFunc(func(p []byte) (int, error) {
		if pieces++; pieces == 3 {
			cancel()
		}
		return len(p), nil
	}), "")
	if !errors.Is(err, context.Canceled) && !errors.Is(err, file.ErrTooLarge) {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := s.Stat(t.Context(), "86294/a"); !errors.Is(err, file.ErrNotFound) {
		t.Errorf("cancelled: something was kept: %v", err)
	}
	if _, err := s.Put(ctx, "86294/a", strings.NewReader("x"), ""); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled before: %v", err)
	}
	// Slow readers, one byte at a time, are no interruption.
	if _, err := s.Put(t.Context(), "86294/a", iotest.OneByteReader(strings.NewReader("lent")), ""); err != nil {
		t.Error(err)
	}
	if content, _ := read(t, s, "86294/a"); content != "lent" {
		t.Errorf("%q", content)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func apart(t *testing.T, s file.Store) {
	put(t, s, "86294/secret", "ici", "")
	put(t, s, "86295/secret", "là", "")
	if content, _ := read(t, s, "86294/secret"); content != "ici" {
		t.Errorf("%q", content)
	}
	if err := s.Delete(t.Context(), "86295/secret"); err != nil {
		t.Fatal(err)
	}
	if content, _ := read(t, s, "86294/secret"); content != "ici" {
		t.Errorf("%q", content)
	}
}

// Writers of the same key and of neighbours, readers meanwhile: every reader
// gets one whole version, with what is known of that version.
func concurrent(t *testing.T, s file.Store) {
	version := func(i int) string { return strings.Repeat(fmt.Sprintf("version %d ", i), 100*(i+1)) }
	put(t, s, "86294/shared", version(0), "text/version-0")
	var writers, readers sync.WaitGroup
	done := make(chan struct{})
	for i := range 8 {
		writers.Go(func() {
			for range 5 {
				if _, err := s.Put(context.Background(), "86294/shared", strings.NewReader(version(i)), fmt.Sprintf("text/version-%d", i)); err != nil {
					t.Error(err)
				}
			}
			if _, err := s.Put(context.Background(), fmt.Sprintf("86294/own/%d/f", i), strings.NewReader(version(i)), ""); err != nil {
				t.Error(err)
			}
		})
	}
	for range 4 {
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				r, info, err := s.Open(context.Background(), "86294/shared")
				if err != nil {
					t.Error(err)
					return
				}
				content, err := io.ReadAll(r)
				r.Close()
				if err != nil || int64(len(content)) != info.Size || info.SHA256 != sum(string(content)) {
					t.Errorf("%d bytes read, %+v known, %v", len(content), info, err)
					return
				}
				var i int
				if _, err := fmt.Sscanf(info.Type, "text/version-%d", &i); err != nil || string(content) != version(i) {
					t.Errorf("type %s over another version", info.Type)
					return
				}
			}
		})
	}
	writers.Wait()
	close(done)
	readers.Wait()
	for i := range 8 {
		if content, _ := read(t, s, fmt.Sprintf("86294/own/%d/f", i)); content != version(i) {
			t.Errorf("file %d: %d bytes", i, len(content))
		}
	}
}
