package person

import (
	"context"

	"parvis/platform/i18n"
	"parvis/platform/web/page"
)

func listTitle(ctx context.Context, v listView) string {
	if v.Text == "" {
		return i18n.T(ctx, "person.list.recent")
	}
	return i18n.N(ctx, "person.list.found", len(v.Rows))
}

func noneActions(ctx context.Context, p page.Page, v listView) []page.ButtonData {
	if !v.Write {
		return nil
	}
	return []page.ButtonData{{Label: i18n.T(ctx, "person.new"), Href: p.Site.Href("/usagers/nouveau")}}
}

func residentTable(ctx context.Context, p page.Page, v listView) page.TableData {
	t := page.TableData{Caption: i18n.T(ctx, "person.list.caption"), CaptionHidden: true, Columns: []page.Column{
		{Label: i18n.T(ctx, "person.column.name")}, {Label: i18n.T(ctx, "person.field.phone")},
		{Label: i18n.T(ctx, "person.field.email")}, {Label: i18n.T(ctx, "person.column.used"), Right: true}}}
	for _, r := range v.Rows {
		t.Rows = append(t.Rows, []page.Cell{{Text: greeted(ctx, r), Href: p.Site.Href("/usagers/" + r.ID.String()), Head: true},
			{Text: r.Phone.National()}, {Text: r.Email}, {Text: i18n.DateNumeric(ctx, r.LastUsedAt)}})
	}
	return t
}

// greeted is the name after the title, when there is one: « Mme Inès Carré ».
func greeted(ctx context.Context, r Resident) string {
	if key := r.Title.Label(); key != "" {
		return i18n.T(ctx, key) + "\u00a0" + r.Name()
	}
	return r.Name()
}

func contactLine(ctx context.Context, r Resident) string {
	switch {
	case r.Phone.IsZero() && r.Email == "":
		return i18n.T(ctx, "person.unreachable")
	case r.Email == "":
		return r.Phone.National()
	case r.Phone.IsZero():
		return r.Email
	}
	return r.Phone.National() + " · " + r.Email
}

func contactFacts(ctx context.Context, v sheetView) []page.Fact {
	r := v.Card
	none := i18n.T(ctx, "person.none")
	facts := []page.Fact{
		{Label: i18n.T(ctx, "person.field.phone"), Value: orElse(r.Phone.National(), none), Num: true},
		{Label: i18n.T(ctx, "person.field.email"), Value: orElse(r.Email, none)},
		{Label: i18n.T(ctx, "person.field.lang"), Value: i18n.T(ctx, "person.lang."+r.Lang)},
	}
	if r.Notes != "" {
		facts = append(facts, page.Fact{Label: i18n.T(ctx, "person.field.notes"), Value: r.Notes})
	}
	return append(facts, page.Fact{Label: i18n.T(ctx, "person.sheet.since"), Value: i18n.Date(ctx, r.CreatedAt)},
		page.Fact{Label: i18n.T(ctx, "person.column.used"), Value: i18n.Date(ctx, r.LastUsedAt)})
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func titleOptions(ctx context.Context, current string) []page.Option {
	list := []page.Option{{Label: i18n.T(ctx, "person.title.none")}}
	for _, t := range []Title{Madam, Sir} {
		list = append(list, page.Option{Value: string(t), Label: i18n.T(ctx, t.Label()), Selected: current == string(t)})
	}
	return list
}

func langOptions(ctx context.Context, current string) []page.Option {
	return []page.Option{{Value: "fr", Label: i18n.T(ctx, "person.lang.fr"), Selected: current != "en"},
		{Value: "en", Label: i18n.T(ctx, "person.lang.en"), Selected: current == "en"}}
}
