package barometer

import (
	"context"
	"strconv"

	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// decisionOf is what the form of a comment shows: what was refused, or what
// stands.
func decisionOf(v commentsView, x Comment) Decision {
	if v.Refused == x.ID {
		return v.Decision
	}
	return Decision{Shown: x.Shown, Reason: x.Reason, Reply: x.Reply, Action: x.ActionID}
}

// fieldID is the id of a control; in the form that was refused it is the name of
// the field, which the summary of mistakes leads to.
func fieldID(v commentsView, x Comment, field string) string {
	if v.Refused == x.ID {
		return field
	}
	return field + "-" + x.ID.String()
}

func errorOf(v commentsView, x Comment, field string) string {
	if v.Refused != x.ID {
		return ""
	}
	return web.ErrorOf(v.Errors, field)
}

func actionOptions(ctx context.Context, list []Action, service string, chosen store.ID) []page.Option {
	out := []page.Option{{Value: "", Label: i18n.T(ctx, "barometer.comments.link.none")}}
	for _, a := range list {
		if a.Service == service || a.ID == chosen {
			out = append(out, page.Option{Value: a.ID.String(), Label: a.Title, Selected: a.ID == chosen})
		}
	}
	return out
}

func fiveOptions(ctx context.Context, chosen int) []page.Option {
	out := []page.Option{{Value: "", Label: i18n.T(ctx, "barometer.unanswered")}}
	for _, n := range fives() {
		out = append(out, page.Option{Value: strconv.Itoa(n), Label: i18n.T(ctx, "barometer.clarity.bar."+strconv.Itoa(n)), Selected: n == chosen})
	}
	return out
}

func reachedOptions(ctx context.Context, a Answer, x Aid) []page.Option {
	return []page.Option{{Value: "", Label: i18n.T(ctx, "barometer.unanswered")},
		{Value: "yes", Label: i18n.T(ctx, "barometer.yes"), Selected: a.Reached&x != 0}, {Value: "no", Label: i18n.T(ctx, "barometer.no"), Selected: a.Missed&x != 0}}
}

func helpOptions(ctx context.Context, a Answer, x Aid) []page.Option {
	out := []page.Option{{Value: "", Label: i18n.T(ctx, "barometer.unanswered")}}
	for _, n := range fives() {
		out = append(out, page.Option{Value: strconv.Itoa(n), Label: i18n.T(ctx, "barometer.help."+strconv.Itoa(n)), Selected: a.helpOf(x) == n})
	}
	return out
}

func topicTable(ctx context.Context, p page.Page, list []Topic) page.TableData {
	t := page.TableData{Caption: i18n.T(ctx, "barometer.settings.list"), Columns: []page.Column{{Label: i18n.T(ctx, "barometer.column.service")}, {Label: i18n.T(ctx, "barometer.settings.state")}, {Label: i18n.T(ctx, "barometer.settings.kind")}}}
	for _, x := range list {
		state := i18n.T(ctx, "barometer.settings.state.open")
		switch {
		case !x.Opened:
			state = i18n.T(ctx, "barometer.settings.state.closed")
		case x.National != "":
			state = i18n.T(ctx, "barometer.settings.state.national")
		}
		kind := i18n.T(ctx, "barometer.settings.kind.other")
		if x.Own {
			kind = i18n.T(ctx, "barometer.settings.kind.own")
		}
		t.Rows = append(t.Rows, []page.Cell{{Head: true, Text: x.Label, Href: p.Site.Href("/bureau/avis/reglages?service=" + x.Name)}, {Text: state}, {Text: kind}})
	}
	return t
}

func allTopics(list []Topic) []page.Option {
	var out []page.Option
	for _, t := range list {
		out = append(out, page.Option{Value: t.Name, Label: t.Label})
	}
	return out
}

func exportButtons(p page.Page, service string) []page.ButtonData {
	var out []page.ButtonData
	for _, x := range []struct{ format, label string }{{"csv", "CSV"}, {"xlsx", "XLSX"}, {"json", "JSON"}} {
		out = append(out, page.ButtonData{Label: x.label, Icon: "down", Small: true, Href: p.Site.Href("/bureau/avis/export?format=" + x.format + "&service=" + service)})
	}
	return out
}
