// Package i18n speaks to people: messages in French and English, and dates,
// times, numbers, amounts and phone numbers as each language writes them.
//
// For every package that shows or sends a sentence. A package keeps its words
// in locales/fr.json and locales/en.json, embedded, flat, with keys that start
// with the package name:
//
//	{
//	  "appointment.slots.title": "Quel jour vous convient ?",
//	  "appointment.reminder":    "Bonjour {{.Name}}, c’est demain.",
//	  "appointment.slots.free":  {"one": "{{.Count}} place", "other": "{{.Count}} places"}
//	}
//
// A page carries a [Localizer] and a time zone in its context ([With],
// [WithLocation]) and calls [T], [N], [Day], [Clock], [Money]… A key that does
// not exist is shown as ⟦key⟧ and counted ([Catalog.Missing]). Tests call
// [Check] and [CheckUsage] so that it does not happen.
//
// French typography follows the Lexique des règles typographiques en usage à
// l’Imprimerie nationale: a non-breaking space (U+00A0) before ? ! : ; % € », after
// «, inside times, dates and phone numbers; a narrow one (U+202F) between
// thousands; the typographic apostrophe (U+2019); the minus sign (U+2212).
// Plural categories are those of Unicode CLDR: in French 0 and 1 are singular.
//
// No tables, no events, no rights.
package i18n
