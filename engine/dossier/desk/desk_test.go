package desk_test

import (
	"testing"

	"parvis/engine/dossier/desk"
	"parvis/platform/i18n"
)

func TestCatalogues(t *testing.T) {
	if err := i18n.Check(desk.Locales); err != nil {
		t.Error(err)
	}
}
