package file_test

import (
	"testing"

	"parvis/platform/file"
	"parvis/platform/file/filetest"
)

func TestFolder(t *testing.T) {
	filetest.Conformance(t, func(t *testing.T) file.Store {
		f, err := file.OpenFolder(t.TempDir(), file.FolderOptions{MaxBytes: filetest.Limit})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		return f
	})
}
