package page

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"
)

func document(t testing.TB, text string) *goquery.Document {
	t.Helper()
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// fragment renders a component alone, in French.
func fragment(t testing.TB, c templ.Component) *goquery.Selection {
	t.Helper()
	return document(t, render(t, galleryContext(t, "fr"), c)).Find("body")
}

func one(t testing.TB, s *goquery.Selection, selector string) *goquery.Selection {
	t.Helper()
	found := s.Find(selector)
	if found.Length() != 1 {
		t.Fatalf("%q found %d times, want 1", selector, found.Length())
	}
	return found
}

func text(s *goquery.Selection) string { return strings.Join(strings.Fields(s.Text()), " ") }

// TestScreens holds every screen of the gallery, in both languages, to what all pages owe.
func TestScreens(t *testing.T) {
	for _, lang := range []string{"fr", "en"} {
		for name, screen := range gallery() {
			t.Run(lang+"/"+name, func(t *testing.T) {
				raw := render(t, galleryContext(t, lang), screen)
				doc := document(t, raw)
				if got := doc.Find("html").AttrOr("lang", ""); got != lang {
					t.Errorf("lang is %q", got)
				}
				if !strings.HasPrefix(strings.ToLower(raw), "<!doctype html>") {
					t.Error("no doctype")
				}
				if strings.Contains(raw, "⟦") {
					t.Errorf("a text is missing: %s", raw[strings.Index(raw, "⟦"):][:40])
				}
				checkLandmarks(t, doc)
				checkHeadings(t, doc)
				checkControls(t, doc)
				checkReferences(t, doc)
				checkPolicy(t, doc)
			})
		}
	}
}

func checkLandmarks(t *testing.T, doc *goquery.Document) {
	for _, selector := range []string{"main#contenu", "[role=banner]", "title", "h1"} {
		if n := doc.Find(selector).Length(); n != 1 {
			t.Errorf("%q found %d times, want 1", selector, n)
		}
	}
	if doc.Find("body.staff").Length() == 0 && doc.Find("[role=contentinfo]").Length() != 1 {
		t.Error("no footer")
	}
	first := doc.Find("body a").First()
	if first.AttrOr("href", "") != "#contenu" || !first.HasClass("skip") {
		t.Error("the skip link is not the first link")
	}
	seen := map[string]bool{}
	doc.Find("nav").Each(func(_ int, nav *goquery.Selection) {
		name := nav.AttrOr("aria-label", "")
		if name == "" || seen[name] {
			t.Errorf("navigation named %q is unnamed or not alone", name)
		}
		seen[name] = true
	})
	doc.Find("table").Each(func(_ int, table *goquery.Selection) {
		if text(table.Find("caption")) == "" || table.Find("th[scope]").Length() == 0 {
			t.Error("a table without caption or headers")
		}
	})
}

func checkHeadings(t *testing.T, doc *goquery.Document) {
	level := 0
	doc.Find("main h1, main h2, main h3, main h4").Each(func(_ int, h *goquery.Selection) {
		n := int(goquery.NodeName(h)[1] - '0')
		if n > level+1 {
			t.Errorf("h%d %q comes after h%d", n, text(h), level)
		}
		level = n
		if text(h) == "" {
			t.Errorf("an empty h%d", n)
		}
	})
}

func checkControls(t *testing.T, doc *goquery.Document) {
	doc.Find("input:not([type=hidden]), select, textarea").Each(func(_ int, c *goquery.Selection) {
		id := c.AttrOr("id", "")
		labelled := c.AttrOr("aria-label", "") != "" ||
			id != "" && doc.Find("label[for='"+id+"']").Length() == 1 ||
			c.ParentsFiltered("label").Length() == 1
		if !labelled {
			h, _ := goquery.OuterHtml(c)
			t.Errorf("no label: %s", h)
		}
	})
	doc.Find("button, a[href], summary").Each(func(_ int, b *goquery.Selection) {
		if text(b) == "" && b.AttrOr("aria-label", "") == "" {
			h, _ := goquery.OuterHtml(b)
			t.Errorf("no name: %s", h)
		}
	})
	doc.Find("svg").Each(func(_ int, s *goquery.Selection) {
		if s.AttrOr("aria-hidden", "") != "true" {
			t.Error("a drawing is read aloud")
		}
	})
}

func checkReferences(t *testing.T, doc *goquery.Document) {
	ids := map[string]bool{}
	doc.Find("[id]").Each(func(_ int, s *goquery.Selection) {
		id := s.AttrOr("id", "")
		if ids[id] {
			t.Errorf("id %q twice", id)
		}
		ids[id] = true
	})
	for _, attr := range []string{"aria-labelledby", "aria-describedby", "for", "form"} {
		doc.Find("[" + attr + "]").Each(func(_ int, s *goquery.Selection) {
			for _, id := range strings.Fields(s.AttrOr(attr, "")) {
				if !ids[id] {
					t.Errorf("%s names %q, which is not on the page", attr, id)
				}
			}
		})
	}
	doc.Find("a[href^='#']").Each(func(_ int, s *goquery.Selection) {
		if target := strings.TrimPrefix(s.AttrOr("href", ""), "#"); target != "" && !ids[target] {
			t.Errorf("link to #%s leads nowhere", target)
		}
	})
}

var handler = regexp.MustCompile(`^on[a-z]+$`)

// checkPolicy: nothing that a Content-Security-Policy without unsafe-inline refuses, nothing from elsewhere.
func checkPolicy(t *testing.T, doc *goquery.Document) {
	doc.Find("*").Each(func(_ int, s *goquery.Selection) {
		for _, a := range s.Nodes[0].Attr {
			if a.Key == "style" || handler.MatchString(a.Key) {
				t.Errorf("<%s> has the attribute %s", goquery.NodeName(s), a.Key)
			}
			if strings.HasPrefix(a.Val, "http") || strings.HasPrefix(a.Val, "//") || strings.HasPrefix(a.Val, "javascript:") {
				if a.Key != "xmlns" {
					t.Errorf("<%s %s> leads to %s", goquery.NodeName(s), a.Key, a.Val)
				}
			}
		}
	})
	doc.Find("style").Each(func(_ int, s *goquery.Selection) {
		if s.AttrOr("nonce", "") == "" {
			t.Error("a style without nonce")
		}
	})
	doc.Find("script").Each(func(_ int, s *goquery.Selection) {
		_, deferred := s.Attr("defer")
		if s.AttrOr("src", "") == "" || !deferred || s.Text() != "" {
			t.Error("a script that is inline or blocks")
		}
	})
}

// TestWeight keeps pages light: a resident page's HTML under 24 kB, the empty frames under 6 kB.
func TestWeight(t *testing.T) {
	ctx := galleryContext(t, "fr")
	staffScreens := []string{"agents", "reglages", "pieces"}
	for name, screen := range gallery() {
		limit := 24_000
		if slices.Contains(staffScreens, name) {
			limit = 40_000
		}
		if n := len(render(t, ctx, screen)); n > limit {
			t.Errorf("%s weighs %d bytes, more than %d", name, n, limit)
		}
	}
	frames := map[string]templ.Component{
		"resident": Resident(Page{Site: vouneuil()}),
		"instance": Instance(Page{Operator: operator()}),
		"bare":     Bare(Page{}),
	}
	for name, frame := range frames {
		if n := len(render(t, ctx, frame)); n > 7_000 {
			t.Errorf("the %s frame weighs %d bytes", name, n)
		}
	}
}
