package portal

import (
	"context"
	"net/url"
	"strings"

	"parvis/core/territory"
	"parvis/core/territory/official"
	"parvis/platform/i18n"
	"parvis/platform/web/page"
)

// place says where a hit is: its département, its postal codes, its old name.
func place(ctx context.Context, h hit) string {
	var parts []string
	if h.Alias != "" {
		parts = append(parts, i18n.T(ctx, "portal.find.alias", "Name", h.Alias))
	}
	if d := departement(ctx, h.Entry); d != "" {
		parts = append(parts, d)
	}
	if n := len(h.PostalCodes); n > 0 && n <= 4 {
		parts = append(parts, strings.Join(h.PostalCodes, ", "))
	}
	if h.Population > 0 {
		parts = append(parts, i18n.N(ctx, "portal.find.people", h.Population, "Number", i18n.From(ctx).Integer(int64(h.Population))))
	}
	return strings.Join(parts, " · ")
}

func departement(ctx context.Context, e official.Entry) string {
	if e.Departement == "" || e.Kind == official.Departement {
		return i18n.T(ctx, e.KindKey())
	}
	return i18n.T(ctx, "portal.find.departement", "Code", e.Departement)
}

// common are the needs shown first under the search.
func common(needs []page.Need) []page.Link {
	var out []page.Link
	for round := 0; round < 3; round++ {
		for _, n := range needs {
			if round < len(n.Links) && len(out) < 5 {
				out = append(out, n.Links[round])
			}
		}
	}
	return out
}

func opening(ctx context.Context, s *page.Site, first, open string) page.OpeningData {
	d := page.OpeningData{Sign: s.Sign, Title: s.Place, Text: i18n.T(ctx, "portal.portal.closed")}
	if open != "" {
		d.Text = open
	} else if len(s.Opening) == 0 {
		d.Text = ""
	}
	if s.Phone != "" {
		d.Facts = append(d.Facts, page.Fact{Label: i18n.T(ctx, "portal.portal.phone"), Value: s.Phone, Num: true})
	}
	if len(s.Address) > 0 {
		d.Facts = append(d.Facts, page.Fact{Label: i18n.T(ctx, "portal.portal.counter"), Value: s.Address[0]})
	}
	if first != "" {
		d.Facts = append(d.Facts, page.Fact{Label: i18n.T(ctx, "portal.portal.first"), Value: first})
		d.Action = page.ButtonData{Label: i18n.T(ctx, "portal.home.book"), Href: s.Href("/rendez-vous"), Kind: "primary"}
	}
	return d
}

func rows(lines []keeping) [][]page.Cell {
	out := make([][]page.Cell, len(lines))
	for i, l := range lines {
		out[i] = []page.Cell{{Text: l.Purpose, Note: l.Service, Head: true}, {Text: l.Basis}, {Text: l.Keep}, {Text: l.Then}}
	}
	return out
}

func fieldError(errs []page.FieldError, field string) string {
	for _, e := range errs {
		if e.Field == field {
			return e.Message
		}
	}
	return ""
}

func memberRows(ctx context.Context, list []*territory.Territory) [][]page.Cell {
	out := make([][]page.Cell, len(list))
	for i, t := range list {
		out[i] = []page.Cell{{Text: t.Name, Href: "/" + t.Slug + "/", Head: true}, {Text: i18n.T(ctx, t.Official.KindKey())}, {Text: i18n.Day(ctx, t.ActivatedAt)}}
	}
	return out
}

func nextHref(v membersView) string {
	return v.Href("/bureau/adherents") + "?" + url.Values{"q": {v.Query}, "apres": {v.Next}}.Encode()
}
