package desk

import (
	"context"
	"strconv"

	"parvis/core/notify"
	"parvis/platform/i18n"
	"parvis/platform/web/page"
)

// columns of the log.
func (v logView) columns(ctx context.Context) []page.Column {
	var out []page.Column
	for _, name := range []string{"state", "message", "to", "when"} {
		out = append(out, page.Column{Label: i18n.T(ctx, "notify.log.column."+name)})
	}
	return append(out, page.Column{Label: i18n.T(ctx, "notify.log.column.do"), Hidden: true})
}

func (v logView) rows(ctx context.Context) [][]page.Cell {
	labels := map[string]string{}
	for _, n := range v.Notices {
		labels[n.Name] = i18n.T(ctx, n.Label)
	}
	var out [][]page.Cell
	for _, e := range v.Entries {
		label := labels[e.Notice]
		if label == "" {
			label = e.Notice
		}
		out = append(out, []page.Cell{
			{Body: page.Badge(kind(e.State), stateWord(ctx, e.State)), Note: why(ctx, e)},
			{Text: label, Href: v.Path + "/" + e.ID.String(), Note: channelWord(ctx, e.Channel), Head: true},
			{Text: recipient(ctx, e), Note: e.Name},
			{Text: i18n.DayTimeRelative(ctx, instant(e), v.Now)},
			{Body: rowActions(v, e)},
		})
	}
	return out
}

// options of the three filters.
func (v logView) states(ctx context.Context) []page.Option {
	out := []page.Option{{Label: i18n.T(ctx, "notify.log.all_states")}}
	for _, s := range notify.States() {
		out = append(out, page.Option{Value: string(s), Label: stateWord(ctx, s), Selected: v.Filter.State == s})
	}
	return out
}

func (v logView) channels(ctx context.Context) []page.Option {
	out := []page.Option{{Label: i18n.T(ctx, "notify.log.all_channels")}}
	for _, c := range notify.Channels() {
		out = append(out, page.Option{Value: string(c), Label: channelWord(ctx, c), Selected: v.Filter.Channel == c})
	}
	return out
}

func (v logView) notices(ctx context.Context) []page.Option {
	out := []page.Option{{Label: i18n.T(ctx, "notify.log.all_notices")}}
	for _, n := range v.Notices {
		out = append(out, page.Option{Value: n.Name, Label: i18n.T(ctx, n.Label), Selected: v.Filter.Notice == n.Name})
	}
	return out
}

func (v logView) filtered() bool { return v.Filter != notify.Filter{} }

// stats are the figures above the log: what arrived, what is being looked at,
// what it costs.
func (v logView) stats(ctx context.Context) []page.StatData {
	reached, base, waiting := 0, 0, 0
	for _, c := range v.Counts {
		switch c.State {
		case notify.Sent, notify.Delivered:
			reached += c.Messages
			base += c.Messages
		case notify.Failed, notify.Doubtful:
			base += c.Messages
		case notify.Queued, notify.Sending:
			waiting += c.Messages
		}
	}
	share := page.StatData{Label: i18n.T(ctx, "notify.log.reached"), Value: "–", Since: i18n.T(ctx, "notify.log.days", "Days", days)}
	if base > 0 {
		share.Value = i18n.Percent(ctx, float64(reached)/float64(base))
		share.Target = i18n.N(ctx, "notify.log.of", base)
	}
	spent := page.StatData{Label: i18n.T(ctx, "notify.log.spent"), Value: euros(ctx, v.Spent.Cost),
		Since: i18n.N(ctx, "notify.parts", v.Spent.Parts), Target: i18n.T(ctx, "notify.log.nocap")}
	if v.Set.Cap > 0 {
		spent.Target = i18n.T(ctx, "notify.log.cap", "Cap", euros(ctx, v.Set.Cap))
		switch {
		case v.Spent.Cost >= v.Set.Cap:
			spent.Badge, spent.Quality = i18n.T(ctx, "notify.log.cap.over"), "late"
		case v.Set.Near(v.Spent):
			spent.Badge, spent.Quality = i18n.T(ctx, "notify.log.cap.near"), "wait"
		}
	}
	return []page.StatData{
		share,
		{Label: i18n.T(ctx, "notify.log.waiting"), Value: strconv.Itoa(waiting), Since: i18n.T(ctx, "notify.log.waiting.text")},
		spent,
	}
}

func (v logView) empty(ctx context.Context) page.EmptyData {
	if v.filtered() {
		return page.EmptyData{Small: true, Title: i18n.T(ctx, "notify.log.none"), Actions: []page.ButtonData{{Label: i18n.T(ctx, "notify.log.everything"), Href: v.Path}}}
	}
	return page.EmptyData{Title: i18n.T(ctx, "notify.log.empty"), Text: i18n.T(ctx, "notify.log.empty.text")}
}
