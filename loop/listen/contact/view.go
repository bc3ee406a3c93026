package contact

import (
	"context"
	"slices"

	"parvis/platform/i18n"
	"parvis/platform/web/page"
)

// facts say where a contribution comes from and what became of it.
func facts(ctx context.Context, p page.Page, v entryView) []page.Fact {
	e := v.Entry
	out := []page.Fact{
		{Label: i18n.T(ctx, "contact.column.channel"), Value: i18n.T(ctx, "contact.channel."+string(e.Channel))},
		{Label: i18n.T(ctx, "contact.column.received"), Value: i18n.DayTime(ctx, e.ReceivedAt)},
	}
	if e.Area != "" {
		out = append(out, page.Fact{Label: i18n.T(ctx, "contact.key.area"), Value: e.Area})
	}
	if e.KeyedBy != 0 {
		out = append(out, page.Fact{Label: i18n.T(ctx, "contact.keyed"), Value: i18n.T(ctx, "contact.keyed.staff")})
	}
	if e.Automatic {
		out = append(out, page.Fact{Label: i18n.T(ctx, "contact.automatic"), Value: i18n.T(ctx, "contact.automatic.text")})
	}
	if v.Batch.Number != "" {
		out = append(out, page.Fact{Label: i18n.T(ctx, "contact.batch.number"), Value: v.Batch.Number, Href: p.Site.Href("/bureau/lots/" + v.Batch.ID.String()), LinkLabel: i18n.T(ctx, "contact.batch.see")})
	}
	if e.Number != "" {
		out = append(out, page.Fact{Label: i18n.T(ctx, "contact.opened"), Value: e.Number, Num: true, Href: p.Site.Href("/bureau/demandes?q=" + e.Number), LinkLabel: i18n.T(ctx, "contact.opened.see")})
	}
	return out
}

// of lists the words of a kind, in order.
func (w Words) of(k Kind) []string {
	var out []string
	for word, kind := range w {
		if kind == k {
			out = append(out, word)
		}
	}
	slices.Sort(out)
	return out
}
