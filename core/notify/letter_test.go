package notify

import (
	"strings"
	"testing"
	"testing/fstest"

	"parvis/platform/i18n"
	"parvis/platform/mail"
)

func letterOf(t *testing.T, body string, data map[string]any) (html, text string) {
	t.Helper()
	file := &fstest.MapFile{Data: []byte(`{"well.notice.x.subject": "Objet {{.V}}", "well.notice.x.body": "` + body + `"}`)}
	cat, err := i18n.New(Locales, fstest.MapFS{"fr.json": file, "en.json": file})
	if err != nil {
		t.Fatal(err)
	}
	n := Notice{Name: "well.x", Channels: []Channel{Mail}}
	out, err := n.render(cat.Localizer("fr"), Mail, Territory{Name: "Commune de Vouneuil", Phone: "05 36 49 12 40", Mail: "a@b.example"}, data, false)
	if err != nil {
		t.Fatal(err)
	}
	return out.HTML, out.Body
}

func TestLetterReadsTheSignsOfTheCatalogue(t *testing.T) {
	html, text := letterOf(t, `Bonjour,\n\n- Lieu\u00a0: {{.V}}\n- Heure\u00a0: 9 h 30\n\n# Avant de venir\n\n[Voir]({{.URL}})\n\nÀ demain,\nla mairie`,
		map[string]any{"V": "Mairie", "URL": "https://parvis.example/r?a=1"})
	for _, want := range []string{"<h1", "Objet Mairie", "<h2", "Avant de venir", "Lieu", "Mairie", "9 h 30", `href="https://parvis.example/r?a=1"`, "Vous pouvez répondre"} {
		if !strings.Contains(html, want) {
			t.Errorf("HTML lacks %q", want)
		}
	}
	for _, want := range []string{"Lieu\u00a0: Mairie\nHeure\u00a0: 9 h 30", "Avant de venir", "https://parvis.example/r?a=1", "À demain,\nla mairie", "05 36 49 12 40"} {
		if !strings.Contains(text, want) {
			t.Errorf("text lacks %q in\n%s", want, text)
		}
	}
}

func TestLetterTakesWhatPeopleTypeAsText(t *testing.T) {
	for _, evil := range []string{"[Cliquez](https://evil.example/)", "# Titre", "- Code : 1234", "a\n\n[b](https://evil.example/)", "<script>alert(1)</script>", "{{.URL}}", "\ue0001\ue001"} {
		html, _ := letterOf(t, `Votre message\u00a0:\n\n{{.V}}`, map[string]any{"V": evil, "URL": "https://parvis.example/"})
		for _, never := range []string{`href="https://evil`, "<script", "<h2", "<th", `href="https://parvis`} {
			if strings.Contains(html, never) {
				t.Errorf("%q became %s", evil, never)
			}
		}
	}
	html, _ := letterOf(t, `[Voir]({{.V}})`, map[string]any{"V": "javascript:alert(1)"})
	if strings.Contains(html, `href="javascript`) {
		t.Error("a button leads to a script")
	}
}

func TestSubjectIsOneLine(t *testing.T) {
	file := &fstest.MapFile{Data: []byte(`{"well.notice.x.subject": "Objet {{.V}}", "well.notice.x.body": "b"}`)}
	cat, err := i18n.New(Locales, fstest.MapFS{"fr.json": file, "en.json": file})
	if err != nil {
		t.Fatal(err)
	}
	n := Notice{Name: "well.x", Channels: []Channel{Mail}}
	out, err := n.render(cat.Localizer("fr"), Mail, Territory{}, map[string]any{"V": "a\r\nBcc: b@c.example"}, false)
	if err != nil || out.Title != "Objet a Bcc: b@c.example" {
		t.Errorf("%q %v", out.Title, err)
	}
}

func TestPiecesSurviveTheRow(t *testing.T) {
	in := []piece{{Kind: "p", Text: "a\nb"}, {Kind: "f", Facts: []mail.Fact{{Label: "Lieu", Value: "Mairie"}}}, {Kind: "b", Text: "Voir", URL: "https://x.example"}}
	raw, err := encode(in)
	if err != nil {
		t.Fatal(err)
	}
	out, err := decode(raw)
	if err != nil {
		t.Fatal(err)
	}
	a, _ := layout("fr", "T", Territory{}, in)
	b, _ := layout("fr", "T", Territory{}, out)
	if a != b || a == "" {
		t.Error("the mail changed in its row")
	}
	if _, err := decode("{"); err == nil {
		t.Error("half a row is read")
	}
}

func TestCatalogue(t *testing.T) {
	if err := i18n.Check(Locales); err != nil {
		t.Error(err)
	}
	if err := i18n.CheckUsage(".", Locales); err != nil {
		t.Error(err)
	}
}

func TestConnectNamesWhatIsMissing(t *testing.T) {
	fr := &fstest.MapFile{Data: []byte(`{"well.notice.x.sms": "Bonjour {{.Name}}"}`)}
	en := &fstest.MapFile{Data: []byte(`{"well.notice.x.sms": "Hello {{.Name}}", "well.notice.y.sms": "Hi"}`)}
	cat, err := i18n.New(Locales, fstest.MapFS{"fr.json": fr, "en.json": en})
	if err != nil {
		t.Fatal(err)
	}
	x := Notice{Name: "well.x", Label: "l", Channels: []Channel{SMS}, Fields: map[string]string{"Name": "Renée"}}
	h := &Hub{}
	if err := h.Connect(nil, cat, append(Notices(), x)); err != nil {
		t.Errorf("a complete notice is refused: %v", err)
	}
	for name, list := range map[string][]Notice{
		"well.y":                append(Notices(), Notice{Name: "well.y", Label: "l", Channels: []Channel{SMS}}), // no French
		"placeholder":           append(Notices(), Notice{Name: "well.x", Label: "l", Channels: []Channel{SMS}}), // Name is not among the fields
		"declared twice":        append(Notices(), x, x),
		"no channel":            append(Notices(), Notice{Name: "well.x", Label: "l"}),
		"no label":              append(Notices(), Notice{Name: "well.x", Channels: []Channel{SMS}}),
		"not named":             append(Notices(), Notice{Name: "x", Label: "l", Channels: []Channel{SMS}}),
		"unknown or named":      append(Notices(), Notice{Name: "well.x", Label: "l", Channels: []Channel{SMS, SMS}, Fields: x.Fields}),
		"notify.stopped is not": {x},
	} {
		if err := h.Connect(nil, cat, list); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
