package notify

import (
	"time"

	"parvis/platform/i18n"
)

// Territory is what a message says of its sender, and the zone it keeps hours in.
type Territory struct {
	Name     string // "Commune de Vouneuil"
	Mail     string // answers by mail go there; empty: nowhere
	Phone    string // as people read it, "05 36 49 12 40"; empty: none
	Hours    string // of the telephone, "du lundi au vendredi, 9 h – 17 h"
	Colour   string // "#B4532F", for the heading of mails
	URL      string // complete address of its pages
	Location *time.Location
}

// zone is the territory's, Europe/Paris when it says none.
func (t Territory) zone() *time.Location {
	if t.Location != nil {
		return t.Location
	}
	return new(i18n.Localizer).Location()
}

// data is what every text may use.
func (t Territory) data() map[string]any {
	return map[string]any{"Territory": t.Name, "Phone": t.Phone}
}
