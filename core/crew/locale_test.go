package crew_test

import (
	"testing"

	"parvis/core/crew"
	"parvis/platform/i18n"
)

func TestCatalogues(t *testing.T) {
	if err := i18n.Check(crew.Locales); err != nil {
		t.Error(err)
	}
	if err := i18n.CheckUsage(".", crew.Locales); err != nil {
		t.Error(err)
	}
}
