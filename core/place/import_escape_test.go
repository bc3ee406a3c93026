package place

import "testing"

func TestEscapedTextIsReadable(t *testing.T) {
	for in, want := range map[string]string{
		`Le\x20lundi\x20de\x2012\xA0h\xA0\x3A45\x20\xE0\x2017\x3A00`: "Le lundi de 12\u00a0h\u00a0:45 à 17:00",
		`quasi\x2Dtotalit\xE9\x20des\x20communes\u2019\u2013`:        "quasi-totalité des communes’–",
		"Sonner \x5cx0Apuis attendre":                                "Sonner \npuis attendre",
		`Sans rendez-vous`:                                           "Sans rendez-vous",
		`C:\xyz et \x4, \u12`:                                        `C:\xyz et \x4, \u12`,
		`a\x00b\x1Bc\uD83Dd`:                                         "abcd",
		`\x3Cscript\x3E`:                                             "<script>",
	} {
		if got := unescaped(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}
