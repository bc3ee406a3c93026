package dossier

import (
	"context"
	"time"

	"parvis/platform/i18n"
)

// Title is a line of the timeline in words, as staff read it.
func (x Entry) Title(ctx context.Context) string { return entryTitle(i18n.From(ctx), x, true) }

// entryTitle is a line of the timeline in words, for the requester or for staff.
func entryTitle(l *i18n.Localizer, x Entry, staff bool) string {
	if x.TextKey == "" {
		switch {
		case x.Kind == NoteEntry:
			return l.T("dossier.entry.note")
		case x.Kind != MessageEntry:
			return l.T("dossier.entry.news")
		case x.Author.Kind == Resident && staff:
			return l.T("dossier.entry.theirs")
		case x.Author.Kind == Resident:
			return l.T("dossier.entry.yours")
		case staff:
			return l.T("dossier.entry.answer")
		}
		return l.T("dossier.entry.ours")
	}
	var args []any
	for name, value := range x.Args {
		// Days are kept as instants and written in the reader's language.
		if at, err := time.Parse(time.RFC3339Nano, value); err == nil {
			value = l.DayWithYear(at, x.At)
		}
		args = append(args, name, value)
	}
	return l.T(x.TextKey, args...)
}
