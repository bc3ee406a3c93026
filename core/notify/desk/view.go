package desk

import (
	"context"
	"strings"
	"time"

	"github.com/a-h/templ"

	"parvis/core/notify"
	"parvis/platform/i18n"
	"parvis/platform/sms"
	"parvis/platform/web/page"
)

// kind is the colour of a state; the word stands beside it, always.
func kind(s notify.State) string {
	switch s {
	case notify.Failed:
		return "late"
	case notify.Doubtful:
		return "wait"
	case notify.Delivered, notify.Sent:
		return "ok"
	case notify.Queued, notify.Sending:
		return "info"
	}
	return "line"
}

// stateWord is the word of a state; a mail that is sent cannot be followed further.
func stateWord(ctx context.Context, s notify.State) string {
	return i18n.T(ctx, "notify.state."+string(s))
}

// why says in a sentence why a message stands where it stands; "" when there is
// nothing to explain.
func why(ctx context.Context, e notify.Entry) string {
	switch {
	case e.Reason == "":
		return ""
	case strings.HasPrefix(e.Reason, "sms.") || strings.HasPrefix(e.Reason, "mail."):
		return i18n.T(ctx, e.Reason)
	}
	return i18n.T(ctx, "notify.reason."+e.Reason)
}

func channelWord(ctx context.Context, c notify.Channel) string {
	return i18n.T(ctx, "notify.channel."+string(c))
}

// recipient is who got the message, as far as it is still known.
func recipient(ctx context.Context, e notify.Entry) string {
	switch {
	case e.Recipient == "":
		return i18n.T(ctx, "notify.log.erased")
	case e.Channel == notify.SMS:
		return i18n.Phone(ctx, e.Recipient)
	}
	return e.Recipient
}

// instant is when the last thing happened to a message.
func instant(e notify.Entry) time.Time {
	for _, t := range []time.Time{e.DeliveredAt, e.SentAt, e.SendingAt} {
		if !t.IsZero() {
			return t
		}
	}
	return e.DueAt
}

// euros writes an amount with its cents, hundredths of a cent rounded up.
func euros(ctx context.Context, c sms.Cost) string { return i18n.Money(ctx, c.Cents()) }

// fraction writes the cost of one message, where cents are too coarse: "0,045 €".
func fraction(ctx context.Context, c sms.Cost) string {
	return i18n.T(ctx, "notify.cost", "Amount", i18n.Decimal(ctx, float64(c)/10_000, 3))
}

func tabLinks(ctx context.Context, path, here string, settings bool) []page.Link {
	out := []page.Link{
		{Label: i18n.T(ctx, "notify.tab.sent"), Href: path, Current: here == "sent"},
		{Label: i18n.T(ctx, "notify.tab.received"), Href: path + "/recus", Current: here == "received"},
	}
	if settings {
		out = append(out, page.Link{Label: i18n.T(ctx, "notify.tab.stop"), Href: path + "/stop", Current: here == "stop"},
			page.Link{Label: i18n.T(ctx, "notify.tab.settings"), Href: path + "/reglages", Current: here == "settings"})
	}
	return out
}

func placeholder(text string) templ.Attributes { return templ.Attributes{"placeholder": text} }

// bodyOf is a mail's text without the subject that stands above it.
func bodyOf(title, body string) string {
	return strings.TrimSpace(strings.TrimPrefix(body, title))
}
