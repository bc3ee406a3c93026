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
		{"0690 12 34 56", "FR", "+590690123456"},
		{"0690 12 34 56", "GP", "+590690123456"},
		{"0690 12 34 56", "971", "+590690123456"},
		{"05 36 49 12 40", "86", "+33536491240"},
		{"05 36 49 12 40", "2A004", "+33536491240"},
		{"05 36 49 12 40", "2B", "+33536491240"},
		{"75 12 34", "98818", "+687751234"},
		{"0691 23 45 67", "BL", "+590691234567"},
		{"+33 690 12 34 56", "FR", "+590690123456"},
		{"590690123456", "FR", "+590690123456"},
		{"0696 12 34 56", "MQ", "+596696123456"},
		{"0697 12 34 56", "FR", "+596697123456"},
		{"0694 12 34 56", "GF", "+594694123456"},
		{"0692 12 34 56", "RE", "+262692123456"},
		{"+262 (0)693 12 34 56", "FR", "+262693123456"},
		{"0639 01 23 45", "YT", "+262639012345"},
		{"0709 35 12 34", "FR", "+262709351234"},
		{"0709 30 12 34", "FR", "+594709301234"},
		{"0262 12 34 56", "FR", "+262262123456"},
		{"0508 41 12 34", "FR", "+508411234"},
		{"41 12 34", "PM", "+508411234"},
		{"0708 40 12 34", "PM", "+508708401234"},
		// A mainland number typed overseas stays a mainland number.
		{"06 12 34 56 78", "RE", "+33612345678"},
		// Plans of their own.
		{"75 12 34", "NC", "+687751234"},
		{"87 12 34 56", "PF", "+68987123456"},
		{"72 12 34", "WF", "+681721234"},
		{"+687 75 12 34", "FR", "+687751234"},
		// Neighbours.
		{"+32 470 12 34 56", "FR", "+32470123456"},
		{"0041 78 123 45 67", "FR", "+41781234567"},
		{"09 46 12 34 56", "FR", "+33946123456"},
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
		{"+262 692 12 34 56 7", TooLong},
		{strings.Repeat("0", 500), TooLong},
		{"08 92 12 34 56", Premium},
		{"0 800 12 34 56", Premium},
		{"+33 8 10 12 34 56", Premium},
		{"+590 800 12 34 56", Premium},
		{"07 10 12 34 56", Unknown},
		{"07 00 12 34 56", Unknown},
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
		rest := rapid.StringOfN(rapid.RuneFrom([]rune("0123456789")), length-len(prefix), length-len(prefix), -1).Draw(t, "rest")
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
		raw := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.RuneFrom([]rune("0123456789+() .-/")))).Draw(t, "raw")
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
