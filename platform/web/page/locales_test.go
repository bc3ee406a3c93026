package page

import (
	"testing"

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

// Keys that the code builds are out of reach of CheckUsage: verbs, numbers, columns of the queue.
func TestLocalesBuiltKeys(t *testing.T) {
	for _, lang := range []string{"fr", "en"} {
		ctx := galleryContext(t, lang)
		for _, v := range Verbs() {
			if got := v.Label(ctx); got == "" || got[0] == 0xe2 {
				t.Errorf("%s: verb %d is %q", lang, v, got)
			}
		}
		for n := range 12 {
			if got := errorTitle(ctx, n); got == "" || got[0] == 0xe2 {
				t.Errorf("%s: title of %d errors is %q", lang, n, got)
			}
		}
		for _, head := range queueColumns(ctx, [4]string{}) {
			if head == "" || head[0] == 0xe2 {
				t.Errorf("%s: head of the queue is %q", lang, head)
			}
		}
	}
}
