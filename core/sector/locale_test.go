package sector_test

import (
	"testing"

	"parvis/core/sector"
	"parvis/platform/i18n"
)

func TestCatalogues(t *testing.T) {
	if err := i18n.Check(sector.Locales); err != nil {
		t.Error(err)
	}
	if err := i18n.CheckUsage(".", sector.Locales); err != nil {
		t.Error(err)
	}
}
