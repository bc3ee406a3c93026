package mail

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parvis/platform/i18n"
)

func TestParseAddress(t *testing.T) {
	for raw, want := range map[string]string{
		"camille@exemple.fr":                        "camille@exemple.fr",
		"  camille@exemple.fr\r\n":                  "camille@exemple.fr",
		"\u00a0\u200bcamille@exemple.fr\ufeff":      "camille@exemple.fr",
		"Camille.Durand+rdv@Exemple.FR":             "Camille.Durand+rdv@exemple.fr",
		"accueil@Mairie-Évian.fr":                   "accueil@xn--mairie-vian-hbb.fr",
		"a@xn--mairie-vian-hbb.fr":                  "a@xn--mairie-vian-hbb.fr",
		"o'brien_{x}@exemple.co.uk":                 "o'brien_{x}@exemple.co.uk",
		"a@b.fr":                                    "a@b.fr",
		"a@1.2.3.4.in-addr.arpa":                    "a@1.2.3.4.in-addr.arpa",
		strings.Repeat("a", 64) + "@exemple.fr":     strings.Repeat("a", 64) + "@exemple.fr",
		"a@exemple.museum":                          "a@exemple.museum",
		"postmaster@sous-domaine.mairie.exemple.fr": "postmaster@sous-domaine.mairie.exemple.fr",
	} {
		got, err := ParseAddress(raw)
		if err != nil || got != want {
			t.Errorf("ParseAddress(%q) = %q, %v; want %q", raw, got, err, want)
		}
	}
}

func TestParseAddressRefuses(t *testing.T) {
	for raw, want := range map[string]AddressKind{
		"":                                      AddressEmpty,
		" \u00a0\t\n":                           AddressEmpty,
		"a@b.f":                                 AddressDomain,
		"camille":                               AddressNoAt,
		"camille.exemple.fr":                    AddressNoAt,
		"a@b@exemple.fr":                        AddressManyAt,
		"@exemple.fr":                           AddressLocal,
		".a@exemple.fr":                         AddressLocal,
		"a.@exemple.fr":                         AddressLocal,
		"a..b@exemple.fr":                       AddressLocal,
		"é@exemple.fr":                          AddressLocal,
		"a,b@exemple.fr":                        AddressLocal,
		"<a@exemple.fr>":                        AddressLocal,
		"\"a\"@exemple.fr":                      AddressLocal,
		"camille@exemple":                       AddressDomainDot,
		"camille@":                              AddressDomainDot,
		"camille@.fr":                           AddressDomain,
		"camille@exemple.":                      AddressDomain,
		"camille@exemple..fr":                   AddressDomain,
		"camille@-exemple.fr":                   AddressDomain,
		"camille@exem_ple.fr":                   AddressDomain,
		"camille@192.168.1.1":                   AddressDomain,
		"camille@[192.0.2.1]":                   AddressDomain,
		"camille@exemple,fr.x":                  AddressDomain,
		"ca mille@exemple.fr":                   AddressSpace,
		"camille@exemple .fr":                   AddressSpace,
		"camille@exemple.fr\r\nBcc: x@y.fr":     AddressControl,
		"camille\x00@exemple.fr":                AddressControl,
		"camille@exemple.fr\u2028x":             AddressControl,
		"camille@exe\u200bmple.fr":              AddressControl,
		"camille@exemple.fr\xff":                AddressControl,
		strings.Repeat("a", 65) + "@exemple.fr": AddressLocal,
		"a@" + strings.Repeat("b", 64) + ".fr":  AddressDomain,
		"a@" + strings.Repeat("exemple.", 40) + "fr": AddressLong,
	} {
		got, err := ParseAddress(raw)
		if got != "" || AddressKindOf(err) != want {
			t.Errorf("ParseAddress(%q) = %q, %v; want the kind %s", raw, got, err, want)
		}
		if err != nil && strings.Contains(raw, "e") && strings.Contains(err.Error(), strings.TrimSpace(raw)) {
			t.Errorf("ParseAddress(%q): the error repeats the address: %v", raw, err)
		}
	}
}

func TestSuggest(t *testing.T) {
	for raw, want := range map[string]string{
		"camille@gmial.com": "camille@gmail.com", "camille@gmal.com": "camille@gmail.com", "camille@gmail.con": "camille@gmail.com",
		"camille@gmail.co": "camille@gmail.com", "camille@gamil.com": "camille@gmail.com", "camille@gmaill.com": "camille@gmail.com",
		"camille@gmail": "camille@gmail.com", "camille@orange": "camille@orange.fr", "camille@gmail.fr": "camille@gmail.com",
		"camille@ornage.fr": "camille@orange.fr", "camille@hotmial.fr": "camille@hotmail.fr", "camille@wanado.fr": "camille@wanadoo.fr",
		"camille@LAPOSTE.NTE": "camille@laposte.net", "Camille@yahooo.fr": "Camille@yahoo.fr", "camille@free.f": "camille@free.fr",
	} {
		if got, ok := Suggest(raw); !ok || got != want {
			t.Errorf("Suggest(%q) = %q, %v; want %q", raw, got, ok, want)
		}
	}
	for _, raw := range []string{
		"camille@gmail.com", "camille@orange.fr", "camille@mail.com", "camille@ymail.com", "camille@exemple.fr", "camille@proton.me",
		"camille", "", "@gmial.com", "ca mille@gmial.com", "camille@grandpoitiers.fr",
	} {
		if got, ok := Suggest(raw); ok {
			t.Errorf("Suggest(%q) = %q", raw, got)
		}
	}
	for _, known := range providers {
		if got, ok := Suggest("a@" + known); ok {
			t.Errorf("%s is a provider, %q is suggested", known, got)
		}
	}
	_, err := ParseAddress("camille@gmail")
	var e *AddressError
	if !errors.As(err, &e) || e.Suggestion != "camille@gmail.com" {
		t.Errorf("a refused address comes without suggestion: %v", err)
	}
}

// What is accepted is stable, one line, ASCII, and of a lawful length.
func TestParseAddressProperties(t *testing.T) {
	piece := rapid.SampledFrom([]string{"a", "B", "é", ".", "@", "-", "+", "fr", "exemple", "xn--", " ", "\n", "\u00a0", "ß", "日本", "<", "\"", "\x00"})
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOfN(piece, 0, 12), func(p []string) string { return strings.Join(p, "") })).Draw(t, "raw")
		got, err := ParseAddress(raw)
		if err != nil {
			if AddressKindOf(err) == "" || got != "" {
				t.Fatalf("%q, %v", got, err)
			}
			return
		}
		if len(got) < 6 || len(got) > 254 || strings.Count(got, "@") != 1 || !oneLine(got) || strings.ContainsFunc(got, func(r rune) bool { return r >= 0x80 || r == ' ' }) {
			t.Fatalf("ParseAddress(%q) = %q", raw, got)
		}
		if again, err := ParseAddress(got); err != nil || again != got {
			t.Fatalf("%q, kept as %q, is read again as %q, %v", raw, got, again, err)
		}
	})
}

func TestEveryKindAndReasonHasItsSentence(t *testing.T) {
	if err := i18n.Check(Locales); err != nil {
		t.Fatal(err)
	}
	catalog, err := i18n.New(Locales)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []AddressKind{
		AddressEmpty, AddressShort, AddressLong, AddressControl, AddressSpace, AddressNoAt, AddressManyAt, AddressLocal, AddressDomainDot, AddressDomain,
	} {
		if key := (&AddressError{Kind: k}).Key(); !catalog.Has(key) {
			t.Errorf("no sentence under %s", key)
		}
	}
	for _, r := range []Reason{
		ReasonRecipient, ReasonMessage, ReasonSender, ReasonCredential, ReasonSettings, ReasonUnavailable, ReasonConnection, ReasonTimeout, ReasonAnswer,
	} {
		if key := (&Failure{Reason: r}).Key(); !catalog.Has(key) {
			t.Errorf("no sentence under %s", key)
		}
	}
}
