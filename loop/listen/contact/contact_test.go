package contact

import (
	"strings"
	"testing"

	"parvis/core/access"
	"parvis/platform/i18n"
)

func TestLocales(t *testing.T) {
	if err := i18n.Check(Locales); err != nil {
		t.Error(err)
	}
	if err := i18n.CheckUsage(".", Locales); err != nil {
		t.Error(err)
	}
}

func TestPermissions(t *testing.T) {
	if _, err := access.Compile((&Service{}).Service().Permissions); err != nil {
		t.Error(err)
	}
}

func TestKeywords(t *testing.T) {
	w := defaults()
	for text, want := range map[string]struct {
		kind Kind
		rest string
	}{
		"SIGNALER lampadaire éteint rue du Four":  {Report, "lampadaire éteint rue du Four"},
		"  Idée : des bancs":                      {Suggestion, "des bancs"},
		"ideé, un parc à chiens":                  {Suggestion, "un parc à chiens"},
		"QUESTION\nquand ouvre la piscine ?":      {Question, "quand ouvre la piscine ?"},
		"Bonjour, le banc est cassé":              {Message, "Bonjour, le banc est cassé"},
		"IDEES":                                   {Message, "IDEES"},
		"":                                        {Message, ""},
		"اقتراح حديقة جديدة":                      {Message, "اقتراح حديقة جديدة"},
		"🌳🌳 des arbres":                           {Message, "🌳🌳 des arbres"},
		"SIGNALER":                                {Report, ""},
		"idée " + strings.Repeat("très ", 300):    {Suggestion, strings.TrimSpace(strings.Repeat("très ", 300))},
		"signaler\u202e caché \ufeffdessous \x00": {Report, "caché dessous"},
	} {
		kind, rest := w.Read(text)
		if kind != want.kind || strings.TrimSpace(rest) != want.rest {
			t.Errorf("%.30q: %s %.40q, want %s %.40q", text, kind, rest, want.kind, want.rest)
		}
	}
}

func TestChoices(t *testing.T) {
	for text, want := range map[string]bool{"2": true, " 12 ": true, "OUI 2": true, "NON 1": true, "123": false, "rue 2": false, "": false} {
		if got := choice(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
