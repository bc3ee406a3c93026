package i18n

import (
	"time"

	goi18n "github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/nicksnyder/go-i18n/v2/i18n/template"
	"golang.org/x/text/language"
)

// tagLimit bounds the length of an Accept-Language header that is looked at.
const tagLimit = 1024

// Localizer speaks one language, in one time zone. It is immutable and safe for
// concurrent use.
type Localizer struct {
	catalog *Catalog // nil: formats dates and numbers, knows no message
	inner   *goi18n.Localizer
	lang    string
	zone    *time.Location
}

// Localizer chooses the language. Tags are looked at in order: put the explicit
// choice of the person first ("en"), then the Accept-Language header (RFC 9110,
// § 12.5.4). Empty or unreadable tags are skipped; French is the default.
func (c *Catalog) Localizer(tags ...string) *Localizer {
	var wanted []language.Tag
	for _, tag := range tags {
		if len(tag) > tagLimit {
			continue
		}
		parsed, _, err := language.ParseAcceptLanguage(tag)
		if err == nil {
			wanted = append(wanted, parsed...)
		}
	}
	lang := French
	if _, index, confidence := c.matcher.Match(wanted...); confidence > language.No {
		lang = languages()[index]
	}
	return &Localizer{catalog: c, inner: c.localizers[lang], lang: lang}
}

// In returns the same localizer with dates and times shown in zone.
func (l *Localizer) In(zone *time.Location) *Localizer {
	moved := *l
	moved.zone = zone
	return &moved
}

// Lang returns "fr" or "en", for the lang attribute of a page.
func (l *Localizer) Lang() string { return l.lang }

// T returns the message of the key. Arguments are pairs of placeholder name and
// value: T("appointment.reminder", "Name", "Mme Aubépin"). Values are shown as
// they are: format numbers and dates first. An unknown key, or a placeholder
// without value, gives ⟦key⟧.
func (l *Localizer) T(key string, args ...any) string {
	return l.message(key, nil, args)
}

// N returns the plural form of the message that fits n. The placeholder Count
// holds n as the language writes it ("14 800"); further arguments are pairs as
// for T.
func (l *Localizer) N(key string, n int, args ...any) string {
	return l.message(key, n, append([]any{"Count", l.Integer(int64(n))}, args...))
}

func (l *Localizer) message(key string, count any, args []any) string {
	unknown := "⟦" + key + "⟧"
	if l.catalog == nil {
		return unknown
	}
	data, ok := pairs(args)
	if !ok {
		l.catalog.miss(l.lang, key)
		return unknown
	}
	text, err := l.inner.Localize(&goi18n.LocalizeConfig{
		MessageID:      key,
		TemplateData:   data,
		PluralCount:    count,
		TemplateParser: &template.TextParser{Option: "missingkey=error"},
	})
	if err != nil {
		l.catalog.miss(l.lang, key)
	}
	if text == "" {
		return unknown
	}
	return text
}

// pairs turns "Name", value, … into template data.
func pairs(args []any) (map[string]any, bool) {
	data := make(map[string]any, len(args)/2)
	if len(args)%2 != 0 {
		return nil, false
	}
	for i := 0; i < len(args); i += 2 {
		name, ok := args[i].(string)
		if !ok {
			return nil, false
		}
		data[name] = args[i+1]
	}
	return data, true
}
