package page

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

const stylesDir = "../../../web/styles"

func styleSource(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(stylesDir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

var (
	classInStyle = regexp.MustCompile(`[.&]([A-Za-z][A-Za-z0-9_-]*)`)
	// Classes that Sass builds in a loop, that Bootstrap brings, or that only name a state or a place.
	builtClass = regexp.MustCompile(`^(r\d+|s\d+|j[1-7]|l[1-6]|e\d+|v[1-7]|col-(md|lg)-\d+|flow-[2-6]|visually-hidden(-focusable)?|i|on|mot)$`)
)

// TestClassesHaveStyles: a class written by a component and drawn by nobody is a fault of spelling.
func TestClassesHaveStyles(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(stylesDir, "*.scss"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no stylesheet: %v", err)
	}
	known := map[string]bool{}
	for _, f := range files {
		for _, m := range classInStyle.FindAllStringSubmatch(styleSource(t, filepath.Base(f)), -1) {
			known[m[1]] = true
		}
	}
	// Names without style of their own: they carry a meaning for tests, printing or a parent's rule.
	bare := []string{"champ", "corps", "pager", "am", "now", "todo", "obj", "srv", "source", "l"}
	var missing []string
	ctx := galleryContext(t, "fr")
	for _, screen := range gallery() {
		document(t, render(t, ctx, screen)).Find("[class]").Each(func(_ int, s *goquery.Selection) {
			for _, c := range strings.Fields(s.AttrOr("class", "")) {
				if !known[c] && !builtClass.MatchString(c) && !slices.Contains(bare, c) && !slices.Contains(missing, c) {
					missing = append(missing, c)
				}
			}
		})
	}
	if len(missing) > 0 {
		slices.Sort(missing)
		t.Errorf("no style for %s", strings.Join(missing, ", "))
	}
}

// TestPrinciples: the look has no shadow, gradient or animation for decoration, and no colour outside the
// tokens but the two tints of foliage and clothes of the drawings.
func TestPrinciples(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(stylesDir, "_*.scss"))
	if err != nil {
		t.Fatal(err)
	}
	colour := regexp.MustCompile(`#[0-9A-Fa-f]{3,8}\b`)
	allowed := []string{"#6F8B57", "#C98A1B", "#12343B", "#FCE9EC", "#A3163A"}
	for _, f := range files {
		name := filepath.Base(f)
		source := styleSource(t, name)
		for _, word := range []string{"animation", "transition:", "filter:", "text-transform", "font-style: italic"} {
			if strings.Contains(source, word) {
				t.Errorf("%s uses %s", name, word)
			}
		}
		if name == "_token.scss" || name == "_print.scss" {
			continue
		}
		for _, c := range colour.FindAllString(source, -1) {
			if !slices.Contains(allowed, c) && !strings.Contains(source, "#{") && c != "#000" {
				t.Errorf("%s writes the colour %s", name, c)
			}
		}
	}
}

func TestDrawings(t *testing.T) {
	icons := IconNames()
	if !slices.IsSorted(icons) || len(icons) < 60 {
		t.Errorf("%d icons, sorted %v", len(icons), slices.IsSorted(icons))
	}
	for _, n := range icons {
		one(t, fragment(t, Icon(n)), "svg.i[aria-hidden=true]")
	}
	if fragment(t, Icon("no such icon")).Children().Length() != 0 {
		t.Error("an unknown icon draws something")
	}
	seen := map[string]string{}
	for _, n := range SignNames() {
		path := signPath(n)
		if path == "" || seen[path] != "" {
			t.Errorf("sign %q is missing or is %q again", n, seen[path])
		}
		seen[path] = n
	}
	if len(seen) < 8 {
		t.Errorf("%d signs, want at least 8", len(seen))
	}
	if got, want := render(t, t.Context(), Sign("?")), render(t, t.Context(), Sign(SignNames()[0])); got != want {
		t.Error("an unknown sign is not the first one")
	}
	for _, n := range DrawingNames() {
		one(t, fragment(t, Drawing(n)), "svg.dessin[aria-hidden=true]")
	}
}

// TestIconsUsedExist reads the names written in the components.
func TestIconsUsedExist(t *testing.T) {
	files, err := filepath.Glob("*.templ")
	if err != nil || len(files) == 0 {
		t.Fatalf("no component: %v", err)
	}
	literal := regexp.MustCompile(`@Icon\("([^"]*)"\)`)
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range literal.FindAllStringSubmatch(string(raw), -1) {
			if iconPath(m[1]) == "" {
				t.Errorf("%s uses the icon %q, which does not exist", f, m[1])
			}
		}
	}
}

func TestRing(t *testing.T) {
	d := RingData{Counts: [7]string{"1", "2", "", "4", "5", "6", "<7>"}, Lit: Serve, Caption: "En 2026.", Source: Link{Label: "Sources", Href: "/s"}}
	s := fragment(t, Ring(d))
	if s.Find("g").Length() != 7 || s.Find("text.n").Length() != 6 {
		t.Error("stones or figures are lost")
	}
	if got := text(one(t, s, "g.on")); got != "5servir" {
		t.Errorf("the lit stone is %q", got)
	}
	if got := s.Find("text.n").Last().Text(); got != "<7>" {
		t.Errorf("figure is %q", got)
	}
	one(t, s, "figcaption a[href='/s']")
}
