package mail

import (
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"pgregory.net/rapid"
)

func sample() Body {
	return Body{
		Lang: "fr", From: "Commune de Brandes", Title: "Votre rendez-vous est confirmé", Preheader: "Mardi 24 novembre à 9 h 30",
		Accent: "#973811",
		Blocks: []Block{
			Paragraph("Bonjour,\nvoici votre rendez-vous."),
			Heading("Le rendez-vous"),
			Facts{{"Quand", "mardi 24 novembre à 9 h 30"}, {"Lieu", "Mairie\n1 place du Lac"}},
			Button{"Déplacer ce rendez-vous", "https://parvis.example/r/abc?x=1&y=2"},
			Small("Vous recevez ce message parce que vous avez pris rendez-vous."),
		},
	}
}

func parseHTML(t *testing.T, html string) *goquery.Document {
	t.Helper()
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(html))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestHTML(t *testing.T) {
	html, text := HTML(sample())
	doc := parseHTML(t, html)
	for selector, want := range map[string]string{
		"title": "Votre rendez-vous est confirmé", "h1": "Votre rendez-vous est confirmé", "h2": "Le rendez-vous",
		"th[scope=row]": "QuandLieu", "a": "Déplacer ce rendez-vous",
	} {
		if got := doc.Find(selector).Text(); got != want {
			t.Errorf("%s is %q, want %q", selector, got, want)
		}
	}
	if got := doc.Find("html").AttrOr("lang", ""); got != "fr" {
		t.Errorf("language %q", got)
	}
	if got := doc.Find("a").AttrOr("href", ""); got != "https://parvis.example/r/abc?x=1&y=2" {
		t.Errorf("link %q", got)
	}
	// The tables that only lay out say so; the one with facts does not.
	if n := doc.Find("table").Not("[role=presentation]").Length(); n != 1 {
		t.Errorf("%d tables of data, want 1", n)
	}
	want := "Votre rendez-vous est confirmé\n\nBonjour,\nvoici votre rendez-vous.\n\nLe rendez-vous\n\n" +
		"Quand\u00a0: mardi 24 novembre à 9 h 30\nLieu\u00a0: Mairie\n  1 place du Lac\n\n" +
		"Déplacer ce rendez-vous\u00a0:\nhttps://parvis.example/r/abc?x=1&y=2\n\n" +
		"Vous recevez ce message parce que vous avez pris rendez-vous.\n\nCommune de Brandes\n"
	if text != want {
		t.Errorf("text:\n%s\nwant:\n%s", text, want)
	}
}

// Nothing is loaded from elsewhere, nothing runs, nobody is followed.
func TestHTMLLoadsNothing(t *testing.T) {
	html, _ := HTML(sample())
	doc := parseHTML(t, html)
	if n := doc.Find("img, script, link, style, iframe, object, form, [src], [background], [onclick]").Length(); n != 0 {
		t.Errorf("%d elements that load or run something", n)
	}
	if strings.Contains(html, "url(") || strings.Contains(html, "@import") || strings.Contains(html, "ZgotmplZ") {
		t.Error(html)
	}
	if len(html) > 10_000 {
		t.Errorf("%d bytes for a short message", len(html))
	}
}

var (
	colourOf     = regexp.MustCompile(`(?:^|;)color:(#[0-9A-Fa-f]{6})`)
	backgroundOf = regexp.MustCompile(`background-color:(#[0-9A-Fa-f]{6})`)
)

// Every text stands out from its ground: WCAG 2.1, 1.4.3, contrast of 4.5.
func TestHTMLContrast(t *testing.T) {
	for _, accent := range []string{"#973811", "#FFFF00", "#ffffff", "#000000", "", "red", "#12", "url(x)", "#0000GG", "#777777", "#767676"} {
		body := sample()
		body.Accent = accent
		html, _ := HTML(body)
		checked := 0
		parseHTML(t, html).Find("[style]").Each(func(_ int, s *goquery.Selection) {
			style := s.AttrOr("style", "")
			colour := colourOf.FindStringSubmatch(style)
			if colour == nil {
				return
			}
			ground := ""
			for at := s; at.Length() > 0 && ground == ""; at = at.Parent() {
				if m := backgroundOf.FindStringSubmatch(at.AttrOr("style", "")); m != nil {
					ground = m[1]
				}
			}
			front, ok1 := luminance(colour[1])
			back, ok2 := luminance(ground)
			if !ok1 || !ok2 || contrast(front, back) < 4.5 {
				t.Errorf("accent %q: %s on %s, contrast %.2f: %s", accent, colour[1], ground, contrast(front, back), style)
			}
			checked++
		})
		if checked < 6 {
			t.Errorf("accent %q: only %d colours found", accent, checked)
		}
	}
	html, _ := HTML(sample())
	if !strings.Contains(html, "background-color:#973811") {
		t.Error("the accent of the territory is not on the button")
	}
}

func TestContrastKnownValues(t *testing.T) {
	// Values of the WCAG formula: white on black 21, white on #767676 4.54.
	for colour, want := range map[string]float64{"#000000": 21, "#767676": 4.54, "#FFFFFF": 1} {
		l, ok := luminance(colour)
		if got := contrast(1, l); !ok || got < want-0.01 || got > want+0.01 {
			t.Errorf("white on %s: %.3f, want %.2f", colour, got, want)
		}
	}
}

func TestHTMLRefusesOddLinks(t *testing.T) {
	for _, odd := range []string{"javascript:alert(1)", "data:text/html,x", "/relative", "", "https:", "vbscript:x", "https://a.example/\r\nX: y", "mailto:", "//a.example"} {
		html, text := HTML(Body{Title: "T", Blocks: []Block{Button{"Cliquer", odd}}})
		doc := parseHTML(t, html)
		if doc.Find("a").Length() != 0 || !strings.Contains(doc.Find("p").Text(), "Cliquer") {
			t.Errorf("%q is made a link: %s", odd, html)
		}
		if strings.Contains(text, "javascript") {
			t.Errorf("%q is in the text", odd)
		}
	}
	for _, good := range []string{"mailto:accueil@exemple.fr", "tel:+33536491240", "http://parvis.example/a"} {
		html, _ := HTML(Body{Title: "T", Blocks: []Block{Button{"B", good}}})
		if got := parseHTML(t, html).Find("a").AttrOr("href", ""); got != good {
			t.Errorf("%q became %q", good, got)
		}
	}
}

// Whatever people typed ends as text, in HTML that closes what it opens.
func TestHTMLEscapes(t *testing.T) {
	anything := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{`<script>x</script>`, `"><img src=x>`, `{{.}}`, `</td></table>`, `&amp;`, `'`, `<!--`}))
	rapid.Check(t, func(t *rapid.T) {
		title, label, value := anything.Draw(t, "title"), anything.Draw(t, "label"), anything.Draw(t, "value")
		html, text := HTML(Body{
			Lang: "en", From: label, Title: title, Preheader: value,
			Blocks: []Block{Paragraph(value), Heading(label), Facts{{label, value}}, Small(title), Button{label, "https://parvis.example/"}},
		})
		doc, err := goquery.NewDocumentFromReader(strings.NewReader(html))
		if err != nil {
			t.Fatal(err)
		}
		if n := doc.Find("script, img").Length(); n != 0 {
			t.Fatalf("%d injected elements: %s", n, html)
		}
		if doc.Find("table").Length() > 3 || doc.Find("h1").Length() != 1 {
			t.Fatalf("the frame is broken: %s", html)
		}
		if strings.TrimSpace(value) != "" && !strings.Contains(text, strings.TrimSpace(value)) {
			t.Fatalf("%q is not in the text %q", value, text)
		}
	})
}

func TestHTMLIsWellFormed(t *testing.T) {
	html, _ := HTML(sample())
	html = regexp.MustCompile(`<(meta|br)([^>]*)>`).ReplaceAllString(strings.Replace(html, "<!doctype html>", "", 1), "<$1$2/>")
	decoder := xml.NewDecoder(strings.NewReader(html))
	decoder.Entity = xml.HTMLEntity
	for {
		if _, err := decoder.Token(); err != nil {
			if !errors.Is(err, io.EOF) {
				t.Fatal(err)
			}
			return
		}
	}
}
