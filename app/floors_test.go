package app_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path"
	"regexp"
	"strings"
	"testing"
)

type pkg struct {
	ImportPath, Name string
	Imports          []string
	GoFiles          []string
}

func packages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Name,Imports,GoFiles", "parvis/...")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var all []pkg
	for d := json.NewDecoder(out); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	return all
}

var floors = []string{"platform", "core", "engine", "loop", "app", "cmd"}

// floorOf gives the floor of a package, its height, and the room on the floor:
// platform and core are one room each, every engine and service is its own.
func floorOf(importPath string) (height int, room string, inside bool) {
	rest, ok := strings.CutPrefix(importPath, "parvis/")
	if !ok {
		return 0, "", false
	}
	parts := strings.Split(rest, "/")
	for i, f := range floors {
		if parts[0] != f {
			continue
		}
		switch f {
		case "engine":
			return i, path.Join(parts[:min(2, len(parts))]...), true
		case "loop":
			return i, path.Join(parts[:min(3, len(parts))]...), true
		}
		return i, f, true
	}
	return 0, "", false // web, bench, e2e, tools: beside the house
}

// TestFloors refuses an import that runs up, or sideways between engines or
// between services.
func TestFloors(t *testing.T) {
	seen := 0
	for _, p := range packages(t) {
		h, room, ok := floorOf(p.ImportPath)
		if !ok {
			continue
		}
		seen++
		for _, imp := range p.Imports {
			hi, roomi, ok := floorOf(imp)
			if !ok {
				continue
			}
			if hi > h || (hi == h && room != roomi) {
				t.Errorf("%s imports %s: imports go down only (%s)", p.ImportPath, imp, strings.Join(floors, " ← "))
			}
		}
	}
	if seen < 20 {
		t.Fatalf("only %d packages seen: the graph was not read", seen)
	}
}

// TestPackageNamesSaySomething refuses rooms where anything could be put.
func TestPackageNamesSaySomething(t *testing.T) {
	vague := regexp.MustCompile(`^(util|utils|common|helper|helpers|manager|misc|shared|types|models|base|lib)$`)
	for _, p := range packages(t) {
		if vague.MatchString(p.Name) {
			t.Errorf("%s: the name says nothing", p.ImportPath)
		}
	}
}
