package i18n_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parvis/platform/i18n"
)

func TestCheckAccepts(t *testing.T) {
	fsys := files(`{
  "demo.title": "Quel jour vous convient\u00a0?",
  "demo.quote": "Dites «\u00a0bonjour\u00a0»\u202f; c’est dit (ou pas\u00a0?).",
  "demo.rate": "{{.Rate}}\u00a0% à 12:30, voir https://example.fr/?a=b;c",
  "demo.free": {"one": "une place", "other": "{{.Count}} places"},
  "demo.pair": "{{.A}} et {{.B}}",
  "demo.if": "Bonjour{{if .Name}} {{.Name}}{{end}}"
}`, `{
  "demo.title": "Which day suits you?",
  "demo.quote": "Say “hello”; it's said (or not?).",
  "demo.rate": "{{.Rate}}% at 12:30, see https://example.fr/?a=b;c",
  "demo.free": {"one": "one place", "other": "{{.Count}} places"},
  "demo.pair": "{{.B}} and {{.A}}",
  "demo.if": "Hello{{if .Name}} {{.Name}}{{end}}"
}`)
	if err := i18n.Check(fsys); err != nil {
		t.Error(err)
	}
}

func TestCheckRefuses(t *testing.T) {
	tests := []struct{ name, fr, en, want string }{
		{"key missing in English", `{"demo.a": "a"}`, `{}`, "en.json: demo.a: missing"},
		{"key missing in French", `{}`, `{"demo.a": "a"}`, "fr.json: demo.a: missing"},
		{"odd key", `{"Demo": "a"}`, `{"Demo": "a"}`, "not a key"},
		{"placeholder differs", `{"demo.a": "{{.Name}}"}`, `{"demo.a": "{{.Nom}}"}`, "placeholders [Nom], in French [Name]"},
		{"placeholder inside a condition", `{"demo.a": "{{if .X}}{{.Y}}{{end}}"}`, `{"demo.a": "{{.X}}"}`, "placeholders"},
		{"plural on one side", `{"demo.a": {"one": "a", "other": "b"}}`, `{"demo.a": "a"}`, "plural in one language only"},
		{"no singular", `{"demo.a": {"other": "b"}}`, `{"demo.a": {"one": "a", "other": "b"}}`, `fr.json: demo.a: plural form "one" missing`},
		{"no English singular", `{"demo.a": {"one": "a", "other": "b"}}`, `{"demo.a": {"other": "b"}}`, `en.json: demo.a: plural form "one" missing`},
		{"foreign form", `{"demo.a": {"one": "a", "few": "c", "other": "b"}}`, `{"demo.a": {"one": "a", "other": "b"}}`, `"few" does not exist`},
		{"English has no many", `{"demo.a": {"one": "a", "many": "c", "other": "b"}}`, `{"demo.a": {"one": "a", "many": "c", "other": "b"}}`, `"many" does not exist`},
		{"ordinary space", `{"demo.a": "Quoi ?"}`, `{"demo.a": "What?"}`, "ordinary space before ?"},
		{"no space", `{"demo.a": "Quoi?"}`, `{"demo.a": "What?"}`, "no non-breaking space before ?"},
		{"no space inside a sentence", `{"demo.a": "Attention: ici"}`, `{"demo.a": "Mind"}`, "before :"},
		{"ordinary space before percent", `{"demo.a": "{{.Rate}} %"}`, `{"demo.a": "{{.Rate}}%"}`, "ordinary space before %"},
		{"no space before euro", `{"demo.a": "12€"}`, `{"demo.a": "€12"}`, "before €"},
		{"opening quote", `{"demo.a": "« a\u00a0»"}`, `{"demo.a": "a"}`, "after «"},
		{"closing quote", `{"demo.a": "«\u00a0a»"}`, `{"demo.a": "a"}`, "before »"},
		{"semicolon in a plural", `{"demo.a": {"one": "a ; b", "other": "c"}}`, `{"demo.a": {"one": "a", "other": "b"}}`, "one: ordinary space before ;"},
		{"straight apostrophe", `{"demo.a": "l'arbre"}`, `{"demo.a": "the tree"}`, "straight apostrophe"},
		{"unreadable", `{`, `{}`, "fr.json"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := i18n.Check(files(test.fr, test.en))
			if err == nil || !strings.Contains(strings.ReplaceAll(err.Error(), "locales/", ""), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
}

func write(t *testing.T, name, content string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestCheckUsageFindsUnknownKeys(t *testing.T) {
	tests := []struct{ name, file, content, want string }{
		{"Go", "pages.go", "package p\nvar a = i18n.T(ctx, \"demo.nope\")", `pages.go:2: unknown message "demo.nope"`},
		{"templ", "pages.templ", "<h1>{ i18n.T(ctx, \"demo.nope\", \"Name\", n) }</h1>", `pages.templ:1: unknown message "demo.nope"`},
		{"over two lines", "pages.go", "i18n.T(\n\tr.Context(),\n\t\"demo.nope\")", "unknown"},
		{"localizer", "pages.go", `l.N("demo.nope", 3)`, "unknown"},
		{"typed plural", "pages.go", `i18n.N[int64](ctx, "demo.nope", 3)`, "unknown"},
		{"no dot", "pages.go", `i18n.T(ctx, "nope")`, `unknown message "nope"`},
		{"T on plural", "pages.go", `i18n.T(ctx, "demo.free")`, "use N"},
		{"N on singular", "pages.go", `i18n.N(ctx, "demo.title", 3)`, "use T"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := i18n.CheckUsage(write(t, test.file, test.content), demo())
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
}

func TestCheckUsageAccepts(t *testing.T) {
	other := files(`{"web.save": "Enregistrer"}`, `{"web.save": "Save"}`)
	for name, content := range map[string]string{
		"pages.go":      "i18n.T(ctx, \"demo.title\")\ni18n.N(ctx, \"demo.free\", n)\nl.T(\"demo.hello\", \"Name\", x)",
		"borrowed.go":   `i18n.T(ctx, "web.save")`,
		"computed.go":   `i18n.T(ctx, "demo.state." + state)`,
		"comment.go":    `	// i18n.T(ctx, "demo.nope")`,
		"strange.go":    `tree.T("nope")`,
		"pages_test.go": `i18n.T(ctx, "demo.nope")`,
		"notes.txt":     `i18n.T(ctx, "demo.nope")`,
	} {
		if err := i18n.CheckUsage(write(t, name, content), demo(), other); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := i18n.CheckUsage(filepath.Join(t.TempDir(), "none"), demo()); err == nil {
		t.Error("an absent folder is accepted")
	}
}
