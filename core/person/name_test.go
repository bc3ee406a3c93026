package person_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parvis/core/person"
)

func TestParseName(t *testing.T) {
	for in, want := range map[string]string{
		"Aline":                "Aline",
		"  Jean -  Baptiste ":  "Jean - Baptiste",
		"L'Haÿ":                "L’Haÿ",
		"E\u0301lodie":         "Élodie",
		"Nguyễn Thị Minh Khai": "Nguyễn Thị Minh Khai",
		"Faʻatau":              "Faʻatau",
		"J. R.":                "J. R.",
		"Анна":                 "Анна",
		"محمد":                 "محمد",
		"X":                    "X",
	} {
		if got, key := person.ParseName(in); got != want || key != "" {
			t.Errorf("%q: %q, %s", in, got, key)
		}
	}
	for in, want := range map[string]string{
		"": "person.error.name.empty", " \t\n": "person.error.name.empty", "Al1ne": "person.error.name.sign", "Aline@exemple.fr": "person.error.name.sign",
		"-": "person.error.name.sign", "Aline<b>": "person.error.name.sign", "😀": "person.error.name.sign", "A\x00b": "person.error.name.sign",
		"a\u202eb": "person.error.name.sign", "a\xffb": "person.error.name.sign", strings.Repeat("é", 81): "person.error.name.long",
	} {
		if _, key := person.ParseName(in); key != want {
			t.Errorf("%q: %q, want %s", in, key, want)
		}
	}
	if _, key := person.ParseName(strings.Repeat("é", 80)); key != "" {
		t.Errorf("80 letters: %s", key)
	}
}

// A name that was accepted is accepted again, unchanged.
func TestNamesAreStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		once, key := person.ParseName(rapid.String().Draw(t, "raw"))
		if key != "" {
			return
		}
		if twice, key := person.ParseName(once); twice != once || key != "" {
			t.Fatalf("%q became %q, %s", once, twice, key)
		}
	})
}

func TestParseEmail(t *testing.T) {
	if got, key := person.ParseEmail(" Camille.D'Été@x "); key == "" {
		t.Errorf("accepted %q", got)
	}
	if got, key := person.ParseEmail("\u00a0Camille.Dupre+rdv@Exemple.FR "); got != "camille.dupre+rdv@exemple.fr" || key != "" {
		t.Errorf("%q %s", got, key)
	}
}
