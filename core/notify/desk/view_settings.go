package desk

import (
	"context"
	"slices"
	"strings"

	"parvis/core/notify"
	"parvis/platform/i18n"
	"parvis/platform/sms"
	"parvis/platform/web/page"
)

// rows of the list of messages.
func (v settingsView) rows(ctx context.Context) [][]page.Cell {
	var out [][]page.Cell
	for _, n := range v.Notices {
		size, price := "–", "–"
		if n.Size.Parts > 0 {
			size, price = i18n.N(ctx, "notify.parts", n.Size.Parts), fraction(ctx, v.Part.Times(n.Size.Parts))
		}
		out = append(out, []page.Cell{
			{Text: n.Label, Href: v.Path + "/reglages/textes/" + n.Name, Head: true},
			{Body: policyWord(n.Notice, n.Policy, notify.Mail)},
			{Body: policyWord(n.Notice, n.Policy, notify.SMS)},
			{Text: size},
			{Text: price},
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
