package appointment

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
