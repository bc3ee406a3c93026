package place

import (
	"context"
	"strings"

	"parvis/platform/i18n"
	"parvis/platform/web/page"
)

func rows(ctx context.Context, s *page.Site, places []Place) [][]page.Cell {
	out := make([][]page.Cell, len(places))
	for i, p := range places {
		state := i18n.T(ctx, "place.open")
		if !p.Active {
			state = i18n.T(ctx, "place.closed")
		}
		out[i] = []page.Cell{{Text: p.Name, Href: s.Href(Path + "/" + p.ID.String()), Head: true}, {Text: strings.Join(p.Lines(), ", ")}, {Text: state}}
	}
	return out
}

// upper writes the first letter as a capital: « lundi » begins a label.
func upper(s string) string {
	r := []rune(s)
	return strings.ToUpper(string(r[:1])) + string(r[1:])
}
