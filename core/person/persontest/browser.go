package persontest

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

// Browser keeps cookies and follows no redirect. It inspects every page it gets.
type Browser struct {
	t    testing.TB
	base string
	http *http.Client
	Lang string // Accept-Language, "fr" by default
}

// Browser opens a new one, signed in as nobody.
func (town *Town) Browser(t testing.TB) *Browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &Browser{t: t, base: town.Server.URL, Lang: "fr", http: &http.Client{Jar: jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// Page is what came back.
type Page struct {
	Status   int
	Location string // of a redirect
	Header   http.Header
	Body     string
	Doc      *goquery.Document // nil when it is no page
}

// Title is the h1.
func (p Page) Title() string { return strings.TrimSpace(p.Doc.Find("h1").Text()) }

// Errors are the messages beside the fields, by the id of the field, and under ""
// those of the summary that lead to no field.
func (p Page) Errors() map[string]string {
	found := map[string]string{}
	p.Doc.Find(".alert.late li").Each(func(_ int, s *goquery.Selection) {
		field := strings.TrimPrefix(s.Find("a").AttrOr("href", ""), "#")
		found[field] = strings.TrimSpace(s.Text())
	})
	return found
}

// Get asks for a page.
func (b *Browser) Get(path string) Page {
	b.t.Helper()
	return b.Do("GET", path, nil, "Sec-Fetch-Site", "none")
}

// Post sends a form from a page of the same origin.
func (b *Browser) Post(path string, pairs ...string) Page {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return b.Do("POST", path, form, "Sec-Fetch-Site", "same-origin")
}

// Do sends a request with the headers given, by pairs.
func (b *Browser) Do(method, path string, form url.Values, header ...string) Page {
	b.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.base+path, body)
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Accept-Language", b.Lang)
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := b.http.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	p := Page{Status: res.StatusCode, Location: res.Header.Get("Location"), Header: res.Header, Body: string(raw)}
	if strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") && p.Location == "" {
		if p.Doc, err = goquery.NewDocumentFromReader(strings.NewReader(p.Body)); err != nil {
			b.t.Fatal(err)
		}
		inspect(b.t, method+" "+path, p)
	}
	return p
}

// SignIn goes through the pages with an address and the code sent to it.
func (b *Browser) SignIn(town *Town, email string) *Browser {
	b.t.Helper()
	before := len(town.Mailbox.To(email))
	if p := b.Post("/connexion", "email", email); p.Location != "/connexion/code" {
		b.t.Fatalf("asking for a code: %d %s %v", p.Status, p.Location, p.Errors())
	}
	town.Work()
	letters := town.Mailbox.To(email)
	if len(letters) != before+1 {
		b.t.Fatalf("%d letters to %s, want one more than %d", len(letters), email, before)
	}
	if p := b.Post("/connexion/code", "code", letters[before].Fields["Code"]); p.Status != http.StatusSeeOther || p.Location == "/connexion" {
		b.t.Fatalf("typing the code: %d %s", p.Status, p.Location)
	}
	return b
}

// inspect checks what every page owes: one h1, a language, no unknown message, a
// name for each control and one owner for each id, and nothing that the content
// policy would refuse.
func inspect(t testing.TB, where string, p Page) {
	t.Helper()
	if strings.Contains(p.Body, "⟦") {
		t.Errorf("%s: an unknown message: %s", where, p.Body[strings.Index(p.Body, "⟦"):][:60])
	}
	if n := p.Doc.Find("h1").Length(); n != 1 {
		t.Errorf("%s: %d h1", where, n)
	}
	if p.Doc.Find("html").AttrOr("lang", "") == "" || strings.TrimSpace(p.Doc.Find("title").Text()) == "" {
		t.Errorf("%s: no language or no title", where)
	}
	ids := map[string]int{}
	p.Doc.Find("[id]").Each(func(_ int, s *goquery.Selection) { ids[s.AttrOr("id", "")]++ })
	for id, n := range ids {
		if n > 1 {
			t.Errorf("%s: id %q is used %d times", where, id, n)
		}
	}
	p.Doc.Find("input, select, textarea").Each(func(_ int, s *goquery.Selection) {
		if s.AttrOr("type", "") == "hidden" {
			return
		}
		id := s.AttrOr("id", "")
		if s.AttrOr("aria-label", "") == "" && p.Doc.Find(`label[for="`+id+`"]`).Length() != 1 {
			t.Errorf("%s: the control %q has no label of its own", where, s.AttrOr("name", id))
		}
		for _, ref := range strings.Fields(s.AttrOr("aria-describedby", "")) {
			if ids[ref] != 1 {
				t.Errorf("%s: %q is described by %q, which is not there", where, id, ref)
			}
		}
	})
	p.Doc.Find("form").Each(func(_ int, s *goquery.Selection) {
		if s.Find("button[type=submit]").Length() == 0 {
			t.Errorf("%s: a form to %s that the keyboard cannot send", where, s.AttrOr("action", ""))
		}
	})
	p.Doc.Find("button, a[href]").Each(func(_ int, s *goquery.Selection) {
		if strings.TrimSpace(s.Text()) == "" {
			t.Errorf("%s: a button or a link without words", where)
		}
	})
	if n := p.Doc.Find("[style], [onclick], script:not([src])").Length(); n > 0 {
		t.Errorf("%s: %d elements that the content policy refuses", where, n)
	}
	p.Doc.Find(".alert.late a[href^='#']").Each(func(_ int, s *goquery.Selection) {
		if id := strings.TrimPrefix(s.AttrOr("href", ""), "#"); ids[id] != 1 {
			t.Errorf("%s: the summary leads to %q, which is not there", where, id)
		}
	})
	if p.Doc.Find(".alert.late").Length() > 0 && p.Doc.Find(".alert.late[role=alert]").Length() == 0 {
		t.Errorf("%s: the summary is not announced", where)
	}
}
