package app_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"parvis/app"
)

// guideFile is a file of the example service in docs/service.md: its path in
// bold, then its content.
var guideFile = regexp.MustCompile("(?ms)^\\*\\*`(loop/listen/hello/[^`]+)`\\*\\*\n\n```[a-z]+\n(.*?)^```$")

// TestServiceGuide compiles the example of docs/service.md as if it stood in
// the repository and runs its tests, so that a newcomer who follows the page
// gets what it promises.
func TestServiceGuide(t *testing.T) {
	guide, err := os.ReadFile("../docs/service.md")
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	var names []string
	for _, m := range guideFile.FindAllStringSubmatch(string(guide), -1) {
		name := strings.TrimPrefix(m[1], "loop/listen/hello/")
		names = append(names, name)
		target := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(target), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(target, []byte(m[2]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if len(names) != 12 {
		t.Fatalf("the guide holds %v", names)
	}
	runTool(t, root, "go", "tool", "-modfile=tools/go.mod", "templ", "generate", "-f", filepath.Join(dir, "pages.templ"))
	if out := runTool(t, root, "gofmt", "-l", dir); out != "" {
		t.Errorf("gofmt would change %s", out)
	}
	replace := map[string]string{}
	for _, name := range append(names, "pages_templ.go") {
		replace[filepath.Join(root, "loop/listen/hello", name)] = filepath.Join(dir, name)
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	list := filepath.Join(t.TempDir(), "overlay.json")
	if err := os.WriteFile(list, overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(t.TempDir(), "hello.test")
	runTool(t, root, "go", "test", "-c", "-vet=off", "-overlay", list, "-o", binary, "./loop/listen/hello")
	if out := runTool(t, dir, binary, "-test.v"); strings.Count(out, "\n--- PASS") < 5 {
		t.Errorf("the tests of the guide did not run:\n%s", out)
	}
}

func runTool(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// TestServiceGuideExplainsEveryField finds each field of the declaration in the
// table of the guide, and nothing that is not a field.
func TestServiceGuideExplainsEveryField(t *testing.T) {
	guide, err := os.ReadFile("../docs/service.md")
	if err != nil {
		t.Fatal(err)
	}
	fields := map[string]bool{}
	for f := range reflect.TypeFor[app.Service]().Fields() {
		fields[f.Name] = false
	}
	_, table, found := strings.Cut(string(guide), "Field by field:")
	table, _, _ = strings.Cut(table, "`Metrics` and `Datasets` are declared")
	if !found {
		t.Fatal("the table is gone")
	}
	for _, row := range regexp.MustCompile("(?m)^\\| (`[A-Z][^|]*`) \\|").FindAllStringSubmatch(table, -1) {
		for _, name := range regexp.MustCompile("`([A-Za-z]+)`").FindAllStringSubmatch(row[1], -1) {
			if _, ok := fields[name[1]]; !ok {
				t.Errorf("%s is explained and is no field", name[1])
			}
			fields[name[1]] = true
		}
	}
	for name, explained := range fields {
		if !explained {
			t.Errorf("field %s is not explained", name)
		}
	}
}
