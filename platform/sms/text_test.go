package sms

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

func TestTidy(t *testing.T) {
	for text, want := range map[string]string{
		"L’heure":                     "L'heure",
		"« bonjour »":                 `"bonjour"`,
		"«\u00a0bonjour\u00a0»":       `"bonjour"`,
		"« \u202f bonjour \u00a0 » !": `"bonjour" !`,
		"»":                           `"`,
		"8 h – 9 h — fin…":            "8 h - 9 h - fin...",
		"9\u00a0h\u202f30":            "9 h 30",
		"“a” ‘b’":                     `"a" 'b'`,
		"a\r\nb\rc\u2028d":            "a\nb\nc\nd",
		"a\tb":                        "a b",
		"a\x00b\x1bc\u200bd\u00ade":   "abcde",
		"e\u0301te\u0301":             "été",
		"e\u200b\u0301":               "é",
		"habitant·e·s":                "habitant-e-s",
		"ça, forêt, œuvre, À Évian":   "ça, forêt, œuvre, À Évian", // spelling is the author's
		"🙂":                           "🙂",
		"\xff":                        "\ufffd",
		"   ":                         "   ",
	} {
		if got := Tidy(text); got != want {
			t.Errorf("Tidy(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestTransliterate(t *testing.T) {
	got, changes := Transliterate("Ça, « l’œuvre » de la forêt : À l’ŒIL… ÊTRE n° 2, naïf, Noël, août, âge, 🙂")
	want := "Ça, \"l'oeuvre\" de la foret : A l'OEIL... ETRE no 2, naif, Noel, aout, age, 🙂"
	if got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if diff := cmp.Diff([]Change{
		{"«", `"`, 1, true}, {"’", "'", 2, true}, {"»", `"`, 1, true}, {"…", "...", 1, true},
		{"œ", "oe", 1, false}, {"ê", "e", 1, false}, {"À", "A", 1, false}, {"Œ", "OE", 1, false}, {"Ê", "E", 1, false},
		{"°", "o", 1, false}, {"ï", "i", 1, false}, {"ë", "e", 1, false}, {"û", "u", 1, false}, {"â", "a", 1, false},
	}, changes); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	if got, changes := Transliterate("é è à ù ì ò Ç Ä ö ñ ü ß æ € plain"); got != "é è à ù ì ò Ç Ä ö ñ ü ß æ € plain" || changes != nil {
		t.Errorf("%q, %v: letters of the default alphabet must stay", got, changes)
	}
	// Everything the reference lists as frequent in French ends in the default alphabet.
	if got, _ := Transliterate("çêëîïôûâœÀÈÊÔÂÎÏÛÙËŒŸÿ’«»–—…\u00a0\u202f"); Count(got).Encoding != GSM7 {
		t.Errorf("%q is not in the default alphabet", got)
	}
	if got, _ := Transliterate("12 m², 3 m³, ½ h, 2×4, 5‰, 1ª 2º"); got != "12 m2, 3 m3, 1/2 h, 2x4, 5 pour mille, 1a 2o" {
		t.Errorf("%q", got)
	}
	if got, _ := Transliterate("a\u0301\u0301\u0302b"); got != "ab" {
		t.Errorf("%q: marks piled on a letter", got)
	}
	// What has no neighbour stays.
	if got, _ := Transliterate("مرحبا"); got != "مرحبا" {
		t.Errorf("%q", got)
	}
}

func TestTidyProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(anyText, rapid.StringOf(rapid.RuneFrom([]rune("a «»\u00a0\u202f’…\r\ne\u0301🙂ê\u200b\x00")))).Draw(t, "text")
		tidy := Tidy(text)
		if again := Tidy(tidy); again != tidy {
			t.Fatalf("%q becomes %q then %q", text, tidy, again)
		}
		if !norm.NFC.IsNormalString(tidy) {
			t.Fatalf("%q is not composed", tidy)
		}
		if strings.ContainsAny(tidy, "’«»…–—\u00a0\u202f\r\x00") {
			t.Fatalf("%q keeps a typographic sign", tidy)
		}
		plain, _ := Transliterate(text)
		if again, _ := Transliterate(plain); again != plain {
			t.Fatalf("%q becomes %q then %q", text, plain, again)
		}
		if Count(tidy).Encoding == GSM7 && plain != tidy {
			t.Fatalf("%q needed no transliteration, became %q", tidy, plain)
		}
	})
}

// A text made of spaces alone is read once, not once per space.
func TestTidyIsLinear(t *testing.T) {
	text := strings.Repeat(" ", 1<<20) + "»"
	if got := Tidy(text); got != `"` {
		t.Errorf("%d bytes left", len(got))
	}
	if got := Tidy(strings.Repeat("« ", 1<<18)); len(got) != 1<<18 {
		t.Errorf("%d bytes left", len(got))
	}
}

func TestKeyword(t *testing.T) {
	for text, want := range map[string]Word{
		"STOP": WordStop, "stop": WordStop, " Stop. ": WordStop, "S.T.O.P": WordStop, "«\u00a0STOP\u00a0»": WordStop, "stóp": WordStop,
		"STOP 36111": WordStop, "STOP au 36 111": WordStop, "Stop SMS": WordStop, "stop merci !": WordStop, "ＳＴＯＰ": WordStop,
		"OUI": WordYes, "oui": WordYes, "Oui !": WordYes, "O": WordYes, "o.": WordYes, "OK": WordYes, "O.K.": WordYes, "ok 👍": WordYes,
		"Confirme": WordYes, "confirmé": WordYes, "YES": WordYes,
		"NON": WordNo, "non.": WordNo, "Annule": WordNo, "annulé !": WordNo, "ANNULER": WordNo, "no": WordNo,
		"AIDE": WordHelp, "aide ?": WordHelp, "aidé": WordHelp,
		"": WordNone, " ": WordNone, "?": WordNone, "👍": WordNone, "Non, je viendrai": WordNone, "Oui mais à 10 h": WordNone,
		"Stop, je ne peux pas": WordNone, "STOPPE": WordNone, "Ne stop pas": WordNone, "12": WordNone, "okay": WordNone,
		strings.Repeat("STOP ", 1000): WordNone,
	} {
		if got := Keyword(text); got != want {
			t.Errorf("Keyword(%.40q) = %q, want %q", text, got, want)
		}
	}
}

func TestMasked(t *testing.T) {
	for words, want := range map[string]string{
		"number +33 6 00 00 00 01 is blocked": "number … is blocked",
		"code 123, try 45":                    "code 123, try 45",
		"a\n\tb\xff":                          "a b",
		"code 1234":                           "code …",
	} {
		if got := masked(words); got != want {
			t.Errorf("masked(%q) = %q, want %q", words, got, want)
		}
	}
	if got := masked(strings.Repeat("é", 200)); len(got) > 200 || strings.Contains(got, "\ufffd") {
		t.Errorf("%d bytes: %q", len(got), got)
	}
}
