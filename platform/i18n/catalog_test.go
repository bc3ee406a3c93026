package i18n_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"parvis/platform/i18n"
)

func files(fr, en string) fstest.MapFS {
	return fstest.MapFS{"locales/fr.json": {Data: []byte(fr)}, "locales/en.json": {Data: []byte(en)}}
}

func demo() fstest.MapFS {
	return files(`{
  "demo.title": "Quel jour vous convient ?",
  "demo.hello": "Bonjour {{.Name}}, c’est demain.",
  "demo.free": {"one": "{{.Count}} place le {{.Day}}", "other": "{{.Count}} places le {{.Day}}"},
  "demo.people": {"one": "une personne", "many": "{{.Count}} de personnes", "other": "{{.Count}} personnes"},
  "demo.onlyfr": "seulement"
}`, `{
  "demo.title": "Which day suits you?",
  "demo.hello": "Hello {{.Name}}, it is tomorrow.",
  "demo.free": {"one": "{{.Count}} place on {{.Day}}", "other": "{{.Count}} places on {{.Day}}"},
  "demo.people": {"one": "one person", "other": "{{.Count}} people"}
}`)
}

func catalog(t *testing.T, fsys fstest.MapFS) *i18n.Catalog {
	t.Helper()
	c, err := i18n.New(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestMessages(t *testing.T) {
	c := catalog(t, demo())
	fr, en := c.Localizer("fr"), c.Localizer("en")
	tests := []struct{ got, want string }{
		{fr.T("demo.title"), "Quel jour vous convient ?"},
		{en.T("demo.title"), "Which day suits you?"},
		{fr.T("demo.hello", "Name", "Mme Aubépin"), "Bonjour Mme Aubépin, c’est demain."},
		{fr.N("demo.free", 0, "Day", "lundi"), "0 place le lundi"},
		{fr.N("demo.free", 1, "Day", "lundi"), "1 place le lundi"},
		{fr.N("demo.free", 14800, "Day", "lundi"), "14\u202f800 places le lundi"},
		{fr.N("demo.free", 1_000_000, "Day", "lundi"), "1\u202f000\u202f000 places le lundi"},
		{fr.N("demo.people", 2_000_000), "2\u202f000\u202f000 de personnes"},
		{fr.N("demo.people", 0), "une personne"},
		{en.N("demo.free", 0, "Day", "Monday"), "0 places on Monday"},
		{en.N("demo.free", 14800, "Day", "Monday"), "14,800 places on Monday"},
		{en.N("demo.people", 1), "one person"},
	}
	for _, test := range tests {
		if test.got != test.want {
			t.Errorf("got %q, want %q", test.got, test.want)
		}
	}
	if missing := c.Missing(); len(missing) != 0 {
		t.Errorf("missing %v, want none", missing)
	}
}

func TestMissingMessagesShowAndCount(t *testing.T) {
	c := catalog(t, demo())
	fr, en := c.Localizer("fr"), c.Localizer("en")
	tests := []struct{ name, got, want string }{
		{"unknown key", fr.T("demo.unknown"), "⟦demo.unknown⟧"},
		{"unknown key again", fr.T("demo.unknown"), "⟦demo.unknown⟧"},
		{"placeholder without value", fr.T("demo.hello"), "⟦demo.hello⟧"},
		{"odd arguments", fr.T("demo.title", "Name"), "⟦demo.title⟧"},
		{"name is not a text", fr.T("demo.title", 1, 2), "⟦demo.title⟧"},
		{"French stands in for English", en.T("demo.onlyfr"), "seulement"},
	}
	for _, test := range tests {
		if test.got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, test.got, test.want)
		}
	}
	want := map[string]int{"fr:demo.unknown": 2, "fr:demo.hello": 1, "fr:demo.title": 2, "en:demo.onlyfr": 1}
	if diff := cmp.Diff(want, c.Missing()); diff != "" {
		t.Errorf("Missing() (-want +got):\n%s", diff)
	}
}

func TestMissingIsBounded(t *testing.T) {
	c := catalog(t, demo())
	for i := range 3000 {
		c.Localizer().T(strings.Repeat("x", i+1))
	}
	if got := len(c.Missing()); got != 1000 {
		t.Errorf("%d missing keys remembered, want 1000", got)
	}
}

func TestChoosingALanguage(t *testing.T) {
	c := catalog(t, demo())
	tests := []struct {
		tags []string
		want string
	}{
		{nil, "fr"},
		{[]string{""}, "fr"},
		{[]string{"en"}, "en"},
		{[]string{"", "en-GB,en;q=0.9,fr;q=0.8"}, "en"},
		{[]string{"fr", "en-GB,en;q=0.9"}, "fr"},
		{[]string{"de-DE,de;q=0.9"}, "fr"},
		{[]string{"de-DE,de;q=0.9,en;q=0.5"}, "en"},
		{[]string{"fr-CA"}, "fr"},
		{[]string{"***", "en"}, "en"},
		{[]string{strings.Repeat("en,", 1000), "fr"}, "fr"},
	}
	for _, test := range tests {
		if got := c.Localizer(test.tags...).Lang(); got != test.want {
			t.Errorf("Localizer(%.40q) speaks %q, want %q", test.tags, got, test.want)
		}
	}
}

func TestContext(t *testing.T) {
	c := catalog(t, demo())
	bare := context.Background()
	if got := i18n.T(bare, "demo.title"); got != "⟦demo.title⟧" {
		t.Errorf("without localizer: %q", got)
	}
	if got := i18n.Lang(bare); got != "fr" {
		t.Errorf("without localizer: language %q", got)
	}
	ctx := i18n.With(bare, c.Localizer("en"))
	if got := i18n.T(ctx, "demo.title"); got != "Which day suits you?" {
		t.Errorf("T = %q", got)
	}
	if got := i18n.N(ctx, "demo.people", int64(3)); got != "3 people" {
		t.Errorf("N = %q", got)
	}
	if got := i18n.Location(ctx).String(); got != "Europe/Paris" {
		t.Errorf("zone %q, want Europe/Paris when none is given", got)
	}
}

func TestNewRefuses(t *testing.T) {
	ok := `{"demo.a": "a"}`
	tests := []struct {
		name string
		fs   []fstest.MapFS
		want string
	}{
		{"no file", []fstest.MapFS{{}}, "fr.json"},
		{"no English", []fstest.MapFS{{"fr.json": {Data: []byte(ok)}}}, "en.json"},
		{"not an object", []fstest.MapFS{files(`[]`, ok)}, "not a JSON object"},
		{"broken", []fstest.MapFS{files("{\n\"demo.a\": \"a\",\n\"demo.b\" }", ok)}, "line 3"},
		{"text after the end", []fstest.MapFS{files(ok+"{}", ok)}, "after the end"},
		{"not a message", []fstest.MapFS{files(`{"demo.a": ["a"]}`, ok)}, `key "demo.a"`},
		{"nested", []fstest.MapFS{files(`{"demo": {"a": {"other": "a"}}}`, ok)}, `key "demo"`},
		{"empty", []fstest.MapFS{files(`{"demo.a": ""}`, ok)}, "empty message"},
		{"null", []fstest.MapFS{files(`{"demo.a": null}`, ok)}, "empty message"},
		{"plural without other", []fstest.MapFS{files(`{"demo.a": {"one": "a"}}`, ok)}, `without "other"`},
		{"bad template", []fstest.MapFS{files(`{"demo.a": "{{.Name"}`, ok)}, `key "demo.a"`},
		{"twice in a file", []fstest.MapFS{files("{\"demo.a\": \"a\",\n\"demo.a\": \"b\"}", ok)}, `line 2: key "demo.a" is defined twice`},
		{"twice in two files", []fstest.MapFS{files(ok, ok), files(ok, ok)}, `"demo.a" is already defined`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var err error
			switch len(test.fs) {
			case 1:
				_, err = i18n.New(test.fs[0])
			default:
				_, err = i18n.New(test.fs[0], test.fs[1])
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
}

func TestNewAcceptsRootAndSeveralCatalogues(t *testing.T) {
	root := fstest.MapFS{"fr.json": {Data: []byte(`{"other.a": "à"}`)}, "en.json": {Data: []byte(`{"other.a": "at"}`)}}
	c, err := i18n.New(demo(), root)
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Localizer().T("other.a"); got != "à" {
		t.Errorf("T = %q", got)
	}
	if !c.Has("other.a") || !c.Has("demo.title") || c.Has("demo.none") {
		t.Error("Has does not tell known keys from unknown ones")
	}
}

// Pages are made concurrently from one catalogue. Run with -race.
func TestConcurrentUse(t *testing.T) {
	c := catalog(t, demo())
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 200 {
				if got := c.Localizer("en").N("demo.people", 5); got != "5 people" {
					t.Errorf("N = %q", got)
				}
				c.Localizer("fr").T("demo.none")
			}
		})
	}
	group.Wait()
	if got := c.Missing()["fr:demo.none"]; got != 800 {
		t.Errorf("%d misses counted, want 800", got)
	}
}

func BenchmarkT(b *testing.B) {
	c, err := i18n.New(demo())
	if err != nil {
		b.Fatal(err)
	}
	ctx := i18n.With(context.Background(), c.Localizer("fr"))
	for b.Loop() {
		i18n.T(ctx, "demo.hello", "Name", "Mme Aubépin")
	}
}
