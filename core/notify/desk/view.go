package desk

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

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

// ratio is the part of the budget that is spent.
func (v logView) ratio() float64 {
	if v.Set.Cap == 0 {
		return 0
	}
	return float64(v.Spent.Cost) / float64(v.Set.Cap)
}

func (v logView) empty(ctx context.Context) page.EmptyData {
	if v.filtered() {
		return page.EmptyData{Small: true, Title: i18n.T(ctx, "notify.log.none"), Actions: []page.ButtonData{{Label: i18n.T(ctx, "notify.log.everything"), Href: v.Path}}}
	}
	return page.EmptyData{Title: i18n.T(ctx, "notify.log.empty"), Text: i18n.T(ctx, "notify.log.empty.text")}
}

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

// rows of the list of messages.
func (v settingsView) rows(ctx context.Context) [][]page.Cell {
	var out [][]page.Cell
	for _, n := range v.Notices {
		size, price := "–", "–"
		if n.Size.Parts > 0 {
			size, price = i18n.N(ctx, "notify.parts", n.Size.Parts), fraction(ctx, v.Part.Times(n.Size.Parts))
		}
		cell := func(key string, value templ.Component) page.Cell {
			return page.Cell{Body: named(i18n.T(ctx, key), value)}
		}
		out = append(out, []page.Cell{
			{Text: n.Label, Href: v.Path + "/reglages/textes/" + n.Name, Head: true},
			cell("notify.channel.mail", policyWord(n.Notice, n.Policy, notify.Mail)),
			cell("notify.channel.sms", policyWord(n.Notice, n.Policy, notify.SMS)),
			cell("notify.settings.size", plain(size)),
			cell("notify.settings.price", plain(price)),
		})
	}
	return out
}

// modes are those that suit a message on a channel.
func modes(n notify.Notice, c notify.Channel) []notify.Mode {
	if c == notify.SMS && slices.Contains(n.Channels, notify.Mail) {
		return []notify.Mode{notify.On, notify.Spare, notify.Off}
	}
	if n.Required && len(n.Channels) == 1 {
		return []notify.Mode{notify.On}
	}
	return []notify.Mode{notify.On, notify.Off}
}

// sizeWord is how many parts an SMS takes; "" for a mail.
func sizeWord(ctx context.Context, x preview) string {
	if x.Channel != notify.SMS {
		return ""
	}
	return i18n.N(ctx, "notify.parts", x.Size.Parts)
}

// sizeLine says what an SMS takes and costs: "GSM-7, 143 signes, …".
func sizeLine(ctx context.Context, x preview, part sms.Cost) string {
	return i18n.T(ctx, "notify.preview.size", "Encoding", string(x.Size.Encoding), "Units", x.Size.Units, "PerPart", x.Size.PerPart,
		"Left", x.Size.Left, "Cost", fraction(ctx, part.Times(x.Size.Parts)))
}

// letters lists replacements: "ç → c, ê → e".
func letters(changes []sms.Change) string {
	var out []string
	for _, c := range changes {
		if !c.Automatic {
			out = append(out, c.From+" → "+c.To)
		}
	}
	return strings.Join(out, ", ")
}

func (v stopView) rows(ctx context.Context) [][]page.Cell {
	var out [][]page.Cell
	for _, s := range v.List {
		out = append(out, []page.Cell{
			{Text: s.Phone.National(), Head: true},
			{Text: i18n.Date(ctx, s.StartedAt)},
			{Text: i18n.T(ctx, "notify.stop.source."+s.Source)},
			{Body: resumeButton(v.Path, s)},
		})
	}
	return out
}
