package report

import (
	"context"
	"slices"
	"strconv"

	"parvis/platform/i18n"
	"parvis/platform/web/page"
)

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

func has(values []string, v string) bool { return slices.Contains(values, v) }

func optional(ctx context.Context, q Question) string {
	if q.Required {
		return q.Label
	}
	return q.Label + " " + i18n.T(ctx, "page.form.optional")
}

func saidFacts(list []Said) []page.Fact {
	out := make([]page.Fact, len(list))
	for i, x := range list {
		out[i] = page.Fact{Label: x.Question, Value: x.Answer}
	}
	return out
}

// share is a part of a whole as the width of a drawing.
func share(n, of int) string {
	if of <= 0 {
		return "0"
	}
	return strconv.FormatFloat(100*float64(n)/float64(of), 'f', 1, 64) + "%"
}

// mapRole lets links inside a map be reached: an image has none.
func mapRole(m mapView) string {
	if len(m.Groups) > 0 || len(m.Pins) > 0 { // what may hold links is no picture
		return "group"
	}
	return "img"
}

func photoOptions(ctx context.Context, x photoView) []page.Option {
	var out []page.Option
	for _, state := range []PhotoState{PhotoShown, PhotoWaiting, PhotoHidden} {
		chosen := x.State == state
		if x.State == PhotoWaiting { // publishing is what the button says
			chosen = state == PhotoShown
		}
		out = append(out, page.Option{Value: string(state), Label: i18n.T(ctx, "report.photo.state."+string(state)), Selected: chosen})
	}
	return out
}

func choiceFacts(ctx context.Context, sectors, crews []Choice) []page.Fact {
	var out []page.Fact
	for _, x := range []struct {
		label string
		list  []Choice
	}{{i18n.T(ctx, "report.category.sector"), sectors}, {i18n.T(ctx, "report.desk.column.crew"), crews}} {
		for _, c := range x.list {
			out = append(out, page.Fact{Label: x.label + " " + c.Name, Value: c.ID.String(), Num: true})
		}
	}
	return out
}
