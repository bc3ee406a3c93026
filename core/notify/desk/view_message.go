package desk

import (
	"context"
	"strconv"
	"time"
	"unicode"
	"unicode/utf8"

	"parvis/core/notify"
	"parvis/platform/i18n"
	"parvis/platform/sms"
	"parvis/platform/web/page"
)

// facts of one message.
func (v messageView) facts(ctx context.Context) []page.Fact {
	out := []page.Fact{
		{Label: i18n.T(ctx, "notify.fact.to"), Value: recipient(ctx, v.Entry), Note: v.Name, Num: v.Channel == notify.SMS},
		{Label: i18n.T(ctx, "notify.fact.channel"), Value: channelWord(ctx, v.Channel)},
		{Label: i18n.T(ctx, "notify.fact.lang"), Value: i18n.T(ctx, "notify.lang."+v.Lang)},
	}
	if v.About.Title != "" {
		out = append(out, page.Fact{Label: i18n.T(ctx, "notify.fact.about"), Value: v.About.Title, Href: v.About.Href, LinkLabel: i18n.T(ctx, "notify.fact.see")})
	}
	if v.Channel == notify.SMS {
		out = append(out, page.Fact{Label: i18n.T(ctx, "notify.fact.size"), Value: i18n.N(ctx, "notify.parts", v.Parts), Note: v.Encoding + ", " + fraction(ctx, v.Cost)})
	}
	if v.Attempts > 1 {
		out = append(out, page.Fact{Label: i18n.T(ctx, "notify.fact.attempts"), Value: strconv.Itoa(v.Attempts)})
	}
	if v.Error != "" {
		out = append(out, page.Fact{Label: i18n.T(ctx, "notify.fact.error"), Value: v.Error})
	}
	return out
}

// steps are what happened to one message.
func (v messageView) steps(ctx context.Context) []page.Step {
	when := func(t time.Time) string { return i18n.DayTimeRelative(ctx, t, v.Now) }
	out := []page.Step{{Title: i18n.T(ctx, "notify.step.created"), When: when(v.CreatedAt), State: "done"}}
	if v.DueAt.Sub(v.CreatedAt) > time.Minute {
		out = append(out, page.Step{Title: i18n.T(ctx, "notify.step.due"), When: when(v.DueAt), State: "done"})
	}
	if !v.SentAt.IsZero() {
		out = append(out, page.Step{Title: i18n.T(ctx, "notify.step.sent."+string(v.Channel)), When: when(v.SentAt), State: "done"})
	}
	last := page.Step{Title: sentence(stateWord(ctx, v.State)), Text: why(ctx, v.Entry), State: "now"}
	switch v.State {
	case notify.Sent:
		last = page.Step{Title: i18n.T(ctx, "notify.step.wait."+string(v.Channel)), State: "todo"}
	case notify.Delivered:
		last.When = when(v.DeliveredAt)
	case notify.Queued:
		last.When = when(v.JobAt)
	case notify.Sending, notify.Failed, notify.Doubtful:
		if !v.SendingAt.IsZero() {
			last.When = when(v.SendingAt)
		}
	}
	return append(out, last)
}

// sentence begins with a capital.
func sentence(s string) string {
	first, width := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[width:]
}

// word is the keyword of a text, as a badge.
func word(ctx context.Context, w sms.Word) (kind, label string) {
	switch w {
	case sms.WordYes:
		return "ok", i18n.T(ctx, "notify.word.yes")
	case sms.WordNo:
		return "wait", i18n.T(ctx, "notify.word.no")
	case sms.WordStop:
		return "late", i18n.T(ctx, "notify.word.stop")
	case sms.WordHelp:
		return "info", i18n.T(ctx, "notify.word.help")
	}
	return "line", i18n.T(ctx, "notify.word.other")
}

func (v inboundView) rows(ctx context.Context) [][]page.Cell {
	var out [][]page.Cell
	for _, in := range v.List {
		kind, label := word(ctx, in.Keyword)
		text := in.Text
		if text == "" {
			text = i18n.T(ctx, "notify.inbound.notext")
		}
		out = append(out, []page.Cell{
			{Text: in.Phone.National(), Head: true},
			{Text: text},
			{Body: page.Word(kind, label)},
			{Text: i18n.DayTimeRelative(ctx, in.ReceivedAt, v.Now)},
		})
	}
	return out
}
