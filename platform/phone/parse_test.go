package phone

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parvis/platform/i18n"
)

func TestParseAccepts(t *testing.T) {
	for _, c := range []struct{ raw, region, want string }{
		{"05 36 49 12 40", "FR", "+33536491240"},
		{"05.36.49.12.40", "", "+33536491240"},
		{"05-36-49-12-40", "FR", "+33536491240"},
		{"05\u00a036\u202f49\u200912\u201140", "FR", "+33536491240"},
		{"+33 (0)5 36 49 12 40", "FR", "+33536491240"},
		{"+33 05 36 49 12 40", "FR", "+33536491240"},
		{"0033 5 36 49 12 40", "FR", "+33536491240"},
		{"tel:+33-5-36-49-12-40", "FR", "+33536491240"},
		{"33536491240", "FR", "+33536491240"},
		{"536491240", "FR", "+33536491240"},
		{"０５３６４９１２４０", "FR", "+33536491240"},
		// The six ranges reserved for fiction, some of which libphonenumber refuses.
		{"01 99 00 12 34", "FR", "+33199001234"},
		{"02 61 91 12 34", "FR", "+33261911234"},
		{"03 53 01 12 34", "FR", "+33353011234"},
		{"04 65 71 12 34", "FR", "+33465711234"},
		{"06 39 98 12 34", "FR", "+33639981234"},
		{"+33 6 39 98 12 34", "RE", "+33639981234"},
		// Overseas numbers typed on the mainland, on the spot, or with the wrong code.
		{"0690 00 00 00", "FR", "+590690000000"},
		{"0690 00 00 00", "GP", "+590690000000"},
		{"0690 00 00 00", "971", "+590690000000"},
		{"05 36 49 12 40", "86", "+33536491240"},
		{"05 36 49 12 40", "2A004", "+33536491240"},
		{"05 36 49 12 40", "2B", "+33536491240"},
		{"75 00 00", "98818", "+687750000"},
		{"0691 00 00 00", "BL", "+590691000000"},
		{"+33 690 00 00 00", "FR", "+590690000000"},
		{"590690000000", "FR", "+590690000000"},
		{"0696 00 00 00", "MQ", "+596696000000"},
		{"0697 00 00 00", "FR", "+596697000000"},
		{"0694 00 00 00", "GF", "+594694000000"},
		{"0692 00 00 00", "RE", "+262692000000"},
		{"+262 (0)693 00 00 00", "FR", "+262693000000"},
		{"0639 00 00 00", "YT", "+262639000000"},
		{"0709 35 00 00", "FR", "+262709350000"},
		{"0709 30 00 00", "FR", "+594709300000"},
		{"0262 00 00 00", "FR", "+262262000000"},
		{"0508 41 00 00", "FR", "+508410000"},
		{"41 00 00", "PM", "+508410000"},
		{"0708 40 00 00", "PM", "+508708400000"},
		// A mainland number typed overseas stays a mainland number.
		{"06 00 00 00 00", "RE", "+33600000000"},
		// Plans of their own.
		{"75 00 00", "NC", "+687750000"},
		{"87 00 00 00", "PF", "+68987000000"},
		{"72 00 00", "WF", "+681720000"},
		{"+687 75 00 00", "FR", "+687750000"},
		// Neighbours.
		{"+32 470 00 00 00", "FR", "+32470000000"},
		{"0041 78 100 00 00", "FR", "+41781000000"},
		{"09 46 00 00 00", "FR", "+33946000000"},
	} {
		got, err := Parse(c.raw, c.region)
		if err != nil {
			t.Errorf("Parse(%q, %q): %v", c.raw, c.region, err)
			continue
		}
		if got.E164() != c.want {
			t.Errorf("Parse(%q, %q) = %s, want %s", c.raw, c.region, got, c.want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct {
		raw  string
		want Kind
	}{
		{"", Empty},
		{" \u00a0\t", Empty},
		{"abc", NotNumber},
		{"+", NotNumber},
		{"()", NotNumber},
		{"06 39 98 12 34 poste 12", NotNumber},
		{"06 39 98 12 3O", NotNumber},
		{"06 39 98 12 34\x00", NotNumber},
		{"accueil@exemple.fr", NotNumber},
		{"115", TooShort},
		{"3939", TooShort},
		{"06 39 98 12 3", TooShort},
		{"+33 6 39 98 12", TooShort},
		{"+590 690 12 34", TooShort},
		{"06 39 98 12 34 5", TooLong},
		{"+33 6 39 98 12 34 5", TooLong},
		{"+262 692 00 00 00 7", TooLong},
		{strings.Repeat("0", 500), TooLong},
		{"08 92 00 00 00", Premium},
		{"0 800 00 00 00", Premium},
		{"+33 8 10 00 00 00", Premium},
		{"+590 800 00 00 00", Premium},
		{"07 10 00 00 00", Unknown},
		{"07 00 00 00 00", Unknown},
		{"+999 123 456 789", Unknown},
	} {
		got, err := Parse(c.raw, "FR")
		if KindOf(err) != c.want {
			t.Errorf("Parse(%q) = %s, %v; want the kind %s", c.raw, got, err, c.want)
		}
		if !got.IsZero() {
			t.Errorf("Parse(%q) gave %s along with an error", c.raw, got)
		}
		if err != nil && len(c.raw) > 4 && strings.Contains(err.Error(), c.raw) {
			t.Errorf("Parse(%q): the error repeats the number: %v", c.raw, err)
		}
	}
}

// A number shown to a person and typed back is the same number.
func TestNationalReadsBack(t *testing.T) {
	prefixes := []string{"+3361", "+3375", "+3353649", "+3363998", "+590690", "+596696", "+594694", "+262692", "+262639"}
	rapid.Check(t, func(t *rapid.T) {
		prefix := rapid.SampledFrom(prefixes).Draw(t, "prefix")
		length := 12
		if !strings.HasPrefix(prefix, "+33") {
			length = 13
		}
		rest := rapid.StringOfN(rapid.RuneFrom([]rune("0000000789")), length-len(prefix), length-len(prefix), -1).Draw(t, "rest")
		n, err := Parse(prefix+rest, "FR")
		if err != nil {
			t.Fatalf("Parse(%s): %v", prefix+rest, err)
		}
		region := rapid.SampledFrom([]string{"FR", "RE", "GP", "GF", "MQ", "YT"}).Draw(t, "region")
		again, err := Parse(n.National(), region)
		if err != nil || again != n {
			t.Fatalf("%s is shown as %q, read back in %s as %s, %v", n, n.National(), region, again, err)
		}
	})
}

// Parse never panics and never returns something that is not E.164.
func TestParseAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.RuneFrom([]rune("0000000789+() .-/")))).Draw(t, "raw")
		n, err := Parse(raw, rapid.SampledFrom([]string{"", "FR", "RE", "NC", "PM", "BE", "??"}).Draw(t, "region"))
		if (err == nil) == n.IsZero() {
			t.Fatalf("Parse(%q) = %q, %v", raw, n, err)
		}
		if err != nil {
			if KindOf(err) == "" {
				t.Fatalf("Parse(%q): %v has no kind", raw, err)
			}
			return
		}
		if _, err := FromE164(n.E164()); err != nil {
			t.Fatalf("Parse(%q) = %s: %v", raw, n, err)
		}
	})
}

func TestEveryKindHasItsSentence(t *testing.T) {
	if err := i18n.Check(Locales); err != nil {
		t.Fatal(err)
	}
	catalog, err := i18n.New(Locales)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []Kind{Empty, NotNumber, TooShort, TooLong, Premium, Unknown} {
		if key := (&Error{Kind: k}).Key(); !catalog.Has(key) {
			t.Errorf("no sentence under %s", key)
		}
	}
}
