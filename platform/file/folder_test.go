package file

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func open(t *testing.T, dir string) *Folder {
	t.Helper()
	f, err := OpenFolder(dir, FolderOptions{MaxBytes: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// tree lists the files of a directory.
func tree(t *testing.T, dir string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			relative, _ := filepath.Rel(dir, name)
			found = append(found, filepath.ToSlash(relative))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(found)
	return found
}

// An administrator finds plain files, and nothing temporary.
func TestFolderOnDisk(t *testing.T) {
	dir := t.TempDir()
	f := open(t, filepath.Join(dir, "files"))
	if _, err := f.Put(t.Context(), "86294/report/1/photo.jpg", strings.NewReader("image"), "image/jpeg"); err != nil {
		t.Fatal(err)
	}
	if got, want := tree(t, dir), []string{"files/86294/report/1/.photo.jpg.info", "files/86294/report/1/photo.jpg"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	content, err := os.ReadFile(filepath.Join(dir, "files/86294/report/1/photo.jpg"))
	if err != nil || string(content) != "image" {
		t.Errorf("%q, %v", content, err)
	}
	for name, want := range map[string]fs.FileMode{"files": 0o700, "files/86294": 0o700, "files/86294/report/1/photo.jpg": 0o600} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
	// What was written is found again by another process.
	r, info, err := open(t, filepath.Join(dir, "files")).Open(t.Context(), "86294/report/1/photo.jpg")
	if err != nil || info.Type != "image/jpeg" || info.Size != 5 {
		t.Fatalf("%+v, %v", info, err)
	}
	defer r.Close()
	if _, seeks := r.(io.ReadSeeker); !seeks {
		t.Error("a file of the folder cannot seek")
	}
	if err := f.Delete(t.Context(), "86294/report/1/photo.jpg"); err != nil {
		t.Fatal(err)
	}
	if got := tree(t, dir); len(got) != 0 {
		t.Errorf("%v remain", got)
	}
}

// fullDevice is a file on a device that is always full: the kernel answers ENOSPC.
type fullDevice struct{ *os.File }

func TestFolderFull(t *testing.T) {
	dir := t.TempDir()
	f := open(t, dir)
	if _, err := f.Put(t.Context(), "86294/a", strings.NewReader("avant"), "text/plain"); err != nil {
		t.Fatal(err)
	}
	disk := f.create
	f.create = func(string) (writer, error) {
		device, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		return fullDevice{device}, err
	}
	_, err := f.Put(t.Context(), "86294/a", strings.NewReader("après"), "text/csv")
	if !errors.Is(err, ErrFull) || !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("a full disk gives %v", err)
	}
	// Room for the content, none for its description.
	calls := 0
	f.create = func(name string) (writer, error) {
		if calls++; calls == 1 {
			return disk(name)
		}
		device, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		return fullDevice{device}, err
	}
	if _, err := f.Put(t.Context(), "86294/a", strings.NewReader("après"), "text/csv"); !errors.Is(err, ErrFull) {
		t.Errorf("a disk full at the second file gives %v", err)
	}
	f.create = func(string) (writer, error) { return nil, &fs.PathError{Op: "open", Err: syscall.EDQUOT} }
	if _, err := f.Put(t.Context(), "86294/b", strings.NewReader("x"), ""); !errors.Is(err, ErrFull) {
		t.Errorf("a full quota gives %v", err)
	}
	f.create = func(string) (writer, error) { return nil, &fs.PathError{Op: "open", Err: syscall.EIO} }
	if _, err := f.Put(t.Context(), "86294/b", strings.NewReader("x"), ""); err == nil || errors.Is(err, ErrFull) {
		t.Errorf("a broken disk gives %v", err)
	}
	f.create = disk
	info, err := f.Stat(t.Context(), "86294/a")
	if err != nil || info.Size != 5 || info.Type != "text/plain" {
		t.Errorf("the old file became %+v, %v", info, err)
	}
	if got, want := tree(t, dir), []string{"86294/.a.info", "86294/a"}; !slices.Equal(got, want) {
		t.Errorf("%v on the disk, want %v", got, want)
	}
}

// Links laid in the folder do not lead out of it.
func TestFolderLinks(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	f := open(t, dir)
	if err := os.WriteFile(filepath.Join(outside, "secret"), []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "86294"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, target := range map[string]string{"86294/file": filepath.Join(outside, "secret"), "86294/folder": outside, "86295": outside} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, key := range []string{"86294/file", "86294/folder/secret", "86295/secret"} {
		if _, _, err := f.Open(t.Context(), key); !errors.Is(err, ErrNotFound) {
			t.Errorf("Open of %s: %v", key, err)
		}
		if _, err := f.Stat(t.Context(), key); !errors.Is(err, ErrNotFound) {
			t.Errorf("Stat of %s: %v", key, err)
		}
	}
	for _, key := range []string{"86294/folder/new", "86295/new", "86295/folder/new"} {
		if _, err := f.Put(t.Context(), key, strings.NewReader("x"), ""); err == nil {
			t.Errorf("Put of %s: accepted", key)
		}
	}
	for _, key := range []string{"86294/folder/secret", "86295/secret"} {
		_ = f.Delete(t.Context(), key)
	}
	if got := tree(t, outside); !slices.Equal(got, []string{"secret"}) {
		t.Errorf("outside: %v", got)
	}
}

// Files copied by hand, and descriptions that do not fit, are served as files
// of which nothing is known.
func TestFolderWithoutInfo(t *testing.T) {
	dir := t.TempDir()
	f := open(t, dir)
	if _, err := f.Put(t.Context(), "86294/a", strings.NewReader("page"), "text/html"); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func() error{
		"replaced by hand": func() error { return os.WriteFile(filepath.Join(dir, "86294/a"), []byte("autre chose"), 0o600) },
		"garbage":          func() error { return os.WriteFile(filepath.Join(dir, "86294/.a.info"), []byte("{"), 0o600) },
		"no description":   func() error { return os.Remove(filepath.Join(dir, "86294/.a.info")) },
	} {
		if err := spoil(); err != nil {
			t.Fatal(err)
		}
		info, err := f.Stat(t.Context(), "86294/a")
		if err != nil || info.Type != Unknown || info.SHA256 != "" || info.At.IsZero() {
			t.Errorf("%s: %+v, %v", name, info, err)
		}
	}
}

// A description alone, as a power cut between two names leaves it, is no file.
func TestFolderInfoAlone(t *testing.T) {
	dir := t.TempDir()
	f := open(t, dir)
	if _, err := f.Put(t.Context(), "86294/a", strings.NewReader("x"), ""); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "86294/a")); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Stat(t.Context(), "86294/a"); !errors.Is(err, ErrNotFound) {
		t.Errorf("%v", err)
	}
}

// What a killed process left goes after a day; what is being written stays.
func TestFolderClears(t *testing.T) {
	dir := t.TempDir()
	open(t, dir)
	for name, age := range map[string]time.Duration{"old": 25 * time.Hour, "new": time.Hour} {
		name = filepath.Join(dir, temporary, name)
		if err := os.WriteFile(name, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(name, time.Now().Add(-age), time.Now().Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	open(t, dir)
	if got, want := tree(t, dir), []string{".tmp/new"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestFolderFileInTheWay(t *testing.T) {
	f := open(t, t.TempDir())
	if _, err := f.Put(t.Context(), "86294/a", strings.NewReader("x"), ""); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Put(t.Context(), "86294/a/b", strings.NewReader("x"), ""); !errors.Is(err, ErrKey) {
		t.Errorf("a file used as folder: %v", err)
	}
}

func TestOpenFolderFails(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenFolder(name, FolderOptions{}); err == nil {
		t.Error("a file is opened as folder")
	}
}

func TestKey(t *testing.T) {
	key, err := Key("86294", "report", "0198c2", "photo-1.jpg")
	if err != nil || key != "86294/report/0198c2/photo-1.jpg" {
		t.Errorf("%q, %v", key, err)
	}
	for _, elements := range [][]string{{}, {""}, {".."}, {"a/b"}, {"a", "../b"}, {"é"}, {"a", ""}} {
		if key, err := Key("86294", elements...); !errors.Is(err, ErrKey) {
			t.Errorf("Key of %q = %q, %v", elements, key, err)
		}
	}
	if _, err := Key("../86294", "a"); !errors.Is(err, ErrKey) {
		t.Errorf("%v", err)
	}
}

// An accepted key is a clean relative path that stays under its territory.
func TestCheckKeyProperties(t *testing.T) {
	piece := rapid.SampledFrom([]string{"a", "86294", "/", "..", ".", "\\", "-", "_", "\x00", "é", " ", "~", "C:", "%2e"})
	rapid.Check(t, func(t *rapid.T) {
		var raw strings.Builder
		for _, p := range rapid.SliceOfN(piece, 1, 8).Draw(t, "pieces") {
			raw.WriteString(p)
		}
		key := raw.String()
		if CheckKey(key) != nil {
			return
		}
		if filepath.ToSlash(filepath.Clean(key)) != key || filepath.IsAbs(key) || !filepath.IsLocal(key) || !fs.ValidPath(key) {
			t.Fatalf("%q is accepted", key)
		}
		if territory, _, found := strings.Cut(key, "/"); !found || territory == "" || strings.HasPrefix(territory, ".") {
			t.Fatalf("%q has no territory", key)
		}
		if strings.Contains(infoPath(key), "//") || CheckKey(infoPath(key)) == nil {
			t.Fatalf("%s is a key too: %s", infoPath(key), fmt.Sprint(key))
		}
	})
}
