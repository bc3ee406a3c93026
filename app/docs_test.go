package app_test

import (
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
)

// document is a Markdown file: where it leads and where one can land in it.
type document struct {
	links   []string
	anchors []string
}

// documents reads every Markdown file of the repository.
func documents(t *testing.T) map[string]document {
	t.Helper()
	out := map[string]document{}
	root := os.DirFS("..")
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && name != "." || d.Name() == "node_modules" || d.Name() == "dist") {
			return fs.SkipDir
		}
		if d.IsDir() || path.Ext(name) != ".md" {
			return nil
		}
		source, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		out[name] = readDocument(source)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func readDocument(source []byte) document {
	var d document
	tree := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(text.NewReader(source))
	_ = ast.Walk(tree, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Link:
			d.links = append(d.links, string(n.Destination))
		case *ast.Image:
			d.links = append(d.links, string(n.Destination))
		case *ast.Heading:
			d.anchors = append(d.anchors, headingAnchor(headingText(n, source)))
		}
		return ast.WalkContinue, nil
	})
	return d
}

func headingText(n ast.Node, source []byte) string {
	var b strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if t, ok := c.(*ast.Text); ok {
			b.Write(t.Segment.Value(source))
		} else {
			b.WriteString(headingText(c, source))
		}
	}
	return b.String()
}

// headingAnchor is the fragment that forges give a heading: lower case, spaces as
// hyphens, punctuation dropped.
func headingAnchor(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
			return unicode.ToLower(r)
		}
		return -1
	}, heading)
}

// TestLinksOfDocuments follows every relative link of the Markdown files, to
// the heading where one is named.
func TestLinksOfDocuments(t *testing.T) {
	all := documents(t)
	followed := 0
	for name, d := range all {
		for _, link := range d.links {
			u, err := url.Parse(link)
			if err != nil {
				t.Errorf("%s: link %q: %v", name, link, err)
				continue
			}
			if u.Scheme != "" {
				continue
			}
			followed++
			target := name
			if u.Path != "" {
				target = path.Join(path.Dir(name), u.Path)
			}
			if strings.HasPrefix(target, "../") || strings.HasPrefix(u.Path, "/") {
				t.Errorf("%s: link %q leads out of the repository", name, link)
				continue
			}
			if _, err := os.Stat(path.Join("..", target)); err != nil {
				t.Errorf("%s: link %q: there is no %s", name, link, target)
				continue
			}
			if u.Fragment != "" && !slices.Contains(all[target].anchors, u.Fragment) {
				t.Errorf("%s: link %q: no such heading in %s", name, link, target)
			}
		}
	}
	if len(all) < 25 || followed < 80 {
		t.Fatalf("only %d files and %d links: the documents were not read", len(all), followed)
	}
}

// TestDecisionsAreNumbered finds each decision in the list, numbered without a
// hole, with its three parts.
func TestDecisionsAreNumbered(t *testing.T) {
	entries, err := os.ReadDir("../docs/decisions")
	if err != nil {
		t.Fatal(err)
	}
	list, err := os.ReadFile("../docs/decisions/README.md")
	if err != nil {
		t.Fatal(err)
	}
	name := regexp.MustCompile(`^(\d{3})-[a-z0-9-]+\.md$`)
	n := 0
	for _, e := range entries {
		if e.Name() == "README.md" {
			continue
		}
		n++
		m := name.FindStringSubmatch(e.Name())
		if m == nil || m[1] != fmt.Sprintf("%03d", n) {
			t.Errorf("%s: want %03d-title.md", e.Name(), n)
			continue
		}
		if !strings.Contains(string(list), "("+e.Name()+")") {
			t.Errorf("%s is not in the list", e.Name())
		}
		page, err := os.ReadFile("../docs/decisions/" + e.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range []string{"# " + m[1] + " — ", "\n## Context\n", "\n## Choice\n", "\n## What it costs\n"} {
			if !strings.Contains(string(page), part) {
				t.Errorf("%s: no %q", e.Name(), strings.TrimSpace(part))
			}
		}
	}
	if n < 12 {
		t.Errorf("%d decisions", n)
	}
}
