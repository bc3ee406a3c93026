package notify

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"parvis/platform/i18n"
	"parvis/platform/phone"
	"parvis/platform/sms"
)

// Value is a placeholder written when the language of the addressee is known.
type Value func(l *i18n.Localizer) string

// Day is "mardi 24 novembre" in the territory's zone.
func Day(t time.Time) Value { return func(l *i18n.Localizer) string { return l.Day(t) } }

// Clock is "9 h 30" in the territory's zone.
func Clock(t time.Time) Value { return func(l *i18n.Localizer) string { return l.Clock(t) } }

// DayTime is "mardi 24 novembre à 9 h 30" in the territory's zone.
func DayTime(t time.Time) Value { return func(l *i18n.Localizer) string { return l.DayTime(t) } }

// Money is "14 800 €"; cents.
func Money(cents int64) Value { return func(l *i18n.Localizer) string { return l.Money(cents) } }

// Length is "45 minutes".
func Length(d time.Duration) Value { return func(l *i18n.Localizer) string { return l.Duration(d) } }

// Telephone is "05 36 49 12 40".
func Telephone(n phone.Number) Value { return func(*i18n.Localizer) string { return n.National() } }

// Words is the catalogue's message of key, with pairs of placeholders.
func Words(key string, args ...any) Value {
	return func(l *i18n.Localizer) string { return l.T(key, args...) }
}

// Text is one message as it leaves on one channel.
type Text struct {
	Title string   // mail: its subject
	Body  string   // plain text
	HTML  string   // mail
	Size  sms.Size // SMS

	pieces []piece
}

// marker is what i18n shows in place of a message it cannot give.
const marker = "⟦"

// written turns the data into catalogue arguments in one language.
func written(l *i18n.Localizer, data map[string]any) map[string]any {
	out := make(map[string]any, len(data))
	for name, v := range data {
		if f, ok := v.(Value); ok {
			v = f(l)
		}
		out[name] = v
	}
	return out
}

func pairs(data map[string]any) []any {
	args := make([]any, 0, 2*len(data))
	for _, name := range slices.Sorted(maps.Keys(data)) {
		args = append(args, name, data[name])
	}
	return args
}

// render writes a notice for one channel in one language. Plain also replaces
// the letters that would double the price of an SMS.
func (n Notice) render(l *i18n.Localizer, c Channel, from Territory, data map[string]any, plain bool) (Text, error) {
	all := from.data()
	maps.Copy(all, data)
	args := pairs(written(l, all))
	var t Text
	switch c {
	case Mail:
		t.Title = l.T(n.key("subject"), args...)
		t.Title = strings.TrimSpace(strings.NewReplacer("\r", "", "\n", " ").Replace(t.Title))
		t.pieces = append(n.pieces(l, all), foot(l, from)...)
		t.HTML, t.Body = layout(l.Lang(), t.Title, from, t.pieces)
	case SMS:
		t.Body = strings.TrimSpace(sms.Tidy(l.T(n.key("sms"), args...)))
		if plain {
			t.Body, _ = sms.Transliterate(t.Body)
		}
		t.Size = sms.Billed(t.Body, sms.Alert)
	}
	switch {
	case strings.Contains(t.Title, marker) || strings.Contains(t.Body, marker):
		return t, fmt.Errorf("notify: notice %s: no %s text in %q, or a placeholder without value", n.Name, c, l.Lang())
	case len(t.Body) > longestText:
		return t, fmt.Errorf("notify: notice %s: %s text of %d bytes", n.Name, c, len(t.Body))
	}
	return t, nil
}

// sample renders with the longest realistic values.
func (n Notice) sample(l *i18n.Localizer, c Channel, t Territory, plain bool) (Text, error) {
	data := map[string]any{}
	for name, v := range n.Fields {
		data[name] = v
	}
	return n.render(l, c, t, data, plain)
}

// wording names the version of a text: it changes when the words do.
func (n Notice) wording(cat *i18n.Catalog, lang string, c Channel) (string, error) {
	t, err := n.sample(cat.Localizer(lang), c, Territory{Name: "-", Phone: "-"}, false)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(t.Title + "\x00" + t.Body))
	return hex.EncodeToString(sum[:4]), nil
}
