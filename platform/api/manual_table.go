package api

import (
	"context"

	"parvis/platform/i18n"
	"parvis/platform/web/page"
)

// title is what a folded operation shows.
func (op manualOperation) title() string { return op.Summary + ", " + op.Method + " " + op.Path }

func manualFacts(ctx context.Context, base string) []page.Fact {
	return []page.Fact{
		{Label: i18n.T(ctx, "api.manual.address"), Body: code(base + "{territory}/…"), Note: i18n.T(ctx, "api.manual.address.text")},
		{Label: i18n.T(ctx, "api.manual.keys"), Body: code("Authorization: Bearer parvis_…"), Note: i18n.T(ctx, "api.manual.keys.text")},
		{Label: i18n.T(ctx, "api.manual.errors"), Body: code(problemType), Note: i18n.T(ctx, "api.manual.errors.text")},
		{Label: i18n.T(ctx, "api.manual.twice"), Body: code(keyHeader + ": 8e03978e-40d5-43dd-bc93-6894a57f9324"), Note: i18n.T(ctx, "api.manual.twice.text")},
		{Label: i18n.T(ctx, "api.manual.lists"), Body: code("?limit=50&cursor=…"), Note: i18n.T(ctx, "api.manual.lists.text")},
		{Label: i18n.T(ctx, "api.manual.language"), Body: code("Accept-Language: fr"), Note: i18n.T(ctx, "api.manual.language.text")},
	}
}

func inputRows(ctx context.Context, fields []manualField) [][]page.Cell {
	rows := make([][]page.Cell, 0, len(fields))
	for _, f := range fields {
		note := i18n.T(ctx, "api.manual.optional")
		if f.Required {
			note = i18n.T(ctx, "api.manual.required")
		}
		rows = append(rows, []page.Cell{{Body: code(f.Name), Head: true, Note: note}, {Text: f.Place}, {Text: f.Kind}, {Text: f.Text}})
	}
	return rows
}

func outputRows(fields []manualField) [][]page.Cell {
	rows := make([][]page.Cell, 0, len(fields))
	for _, f := range fields {
		rows = append(rows, []page.Cell{{Body: code(f.Name), Head: true}, {Text: f.Kind}, {Text: f.Text}})
	}
	return rows
}
