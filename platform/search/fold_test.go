package search_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"parvis/platform/search"
)

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"":                         "",
		"  ":                       "",
		"Poitiers":                 "poitiers",
		"L’Haÿ-les-Roses":          "l hay les roses",
		"L'Haÿ–les‑Roses":          "l hay les roses",
		"Cœur-d’Alène":             "coeur d alene",
		"ŒUVRE":                    "oeuvre",
		"Ex æquo":                  "ex aequo",
		"Straße":                   "strasse",
		"STRAẞE":                   "strasse",
		"Ça ira, là-bas !":         "ca ira la bas",
		"Noël\u00a0: «\u00a0été »": "noel ete",
		"E\u0301cole":              "ecole",
		"n° 12 bis":                "n 12 bis",
		"Søren Łódź Đặng":          "soren lodz dang",
		"İstanbul ıspanak":         "istanbul ispanak",
		"ﬁn ﬀ ① ²":                 "fin ff 1 2",
		"Москва":                   "москва",
		"-Saint-Jean-":             "saint jean",
		"\xff\xfeabc":              "abc",
		"Faʻaʻā":                   "faaa",
		"Plouarcʼhel":              "plouarc hel",
		"a_b.c@d":                  "a b c d",
	} {
		if got := search.Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestFoldName(t *testing.T) {
	for in, want := range map[string]string{
		"St-Étienne":            "saint etienne",
		"Saint-Étienne":         "saint etienne",
		"Ste-Anne":              "sainte anne",
		"Stes-Maries-de-la-Mer": "saintes maries de la mer",
		"Sts-Geosmes":           "saints geosmes",
		"Strasbourg":            "strasbourg",
		"Brest":                 "brest",
	} {
		if got := search.FoldName(in); got != want {
			t.Errorf("FoldName(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestWords(t *testing.T) {
	got := strings.Join(search.Words("L’Isle-d’Abeau (Isère)"), "|")
	if want := "l|isle|d|abeau|isere"; got != want {
		t.Errorf("Words = %q, want %q", got, want)
	}
}

func TestFoldProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.String().Draw(t, "in")
		got := search.Fold(in)
		if again := search.Fold(got); again != got {
			t.Fatalf("Fold(%q) = %q, folded again %q", in, got, again)
		}
		if name := search.FoldName(in); search.FoldName(name) != name {
			t.Fatalf("FoldName(%q) = %q, folded again %q", in, name, search.FoldName(name))
		}
		for _, same := range []string{norm.NFC.String(in), norm.NFD.String(in), " " + in + "-"} {
			if other := search.Fold(same); other != got {
				t.Fatalf("Fold(%q) = %q but Fold(%q) = %q", in, got, same, other)
			}
		}
		if !utf8.ValidString(got) || strings.Contains(got, "  ") || got != strings.TrimSpace(got) {
			t.Fatalf("Fold(%q) = %q is not single-spaced valid text", in, got)
		}
		for _, r := range got {
			if r != ' ' && !unicode.IsLetter(r) && !unicode.IsNumber(r) || unicode.IsUpper(r) && unicode.ToLower(r) != r {
				t.Fatalf("Fold(%q) = %q keeps %q", in, got, r)
			}
		}
	})
}

// French letters only: case and accents never matter.
func TestFoldIgnoresCaseAndAccents(t *testing.T) {
	accents := strings.NewReplacer("é", "e", "è", "e", "ê", "e", "ë", "e", "à", "a", "â", "a", "ù", "u", "û", "u",
		"ü", "u", "ç", "c", "î", "i", "ï", "i", "ô", "o", "ö", "o", "ÿ", "y")
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.StringOfN(rapid.RuneFrom([]rune("abcdefghijklmnopqrstuvwxyzéèêëàâùûüçîïôöÿœæ -’'")), 0, 30, -1).Draw(t, "in")
		want := search.Fold(in)
		for _, variant := range []string{strings.ToUpper(in), accents.Replace(in)} {
			if got := search.Fold(variant); got != want {
				t.Fatalf("Fold(%q) = %q, Fold(%q) = %q", in, want, variant, got)
			}
		}
	})
}

func FuzzFold(f *testing.F) {
	for _, seed := range []string{"L’Haÿ-les-Roses", "ŒUVRE", "\xff", "İ", "e\u0301"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		got := search.Fold(in)
		if again := search.Fold(got); again != got {
			t.Errorf("Fold(%q) = %q, folded again %q", in, got, again)
		}
	})
}
