package page

import (
	"context"
	"strconv"

	"parvis/platform/i18n"
)

// Answer is one answer already given: the question's name, what was chosen, and where to change it.
// Hidden completes « Modifier » for assistive technology, "le motif".
type Answer struct{ Label, Value, Detail, Href, Hidden string }

// FirstSlotData is the first free slot, always shown with the days. Name and Value are those of the button
// in the surrounding Form.
type FirstSlotData struct {
	When, Detail string // "mardi 24 novembre à 9 h 30", "avec Mme Aubépin, 45 minutes"
	Name, Value  string
	Label        string // default « Premier créneau libre »
	Button       string // default « Choisir ce créneau »
}

// SlotChoice is one free slot. Aria says it in full, "mardi 24 novembre à 9 h 30"; First marks the first
// free one of all.
type SlotChoice struct {
	Label, Value, Aria string
	First              bool
}

// SlotDay is one day of slots. Full is a day without a free slot, with a way to be told; Closed is why
// there never was one ("mairie fermée") and wins over Full.
type SlotDay struct {
	Label, Date        string // "mardi", "24 novembre"
	Morning, Afternoon []SlotChoice
	Full               bool
	Closed             string
	NotifyHref         string
	NotifyHidden       string // "si une place se libère mercredi 25 novembre"
}

// WeekNavData leads to the days before and after. An empty address greys the button.
type WeekNavData struct {
	Title                string // "Du 24 au 30 novembre 2026"
	PrevHref, PrevHidden string // PrevHidden: "le 24 novembre"
	NextHref, NextHidden string
}

// TicketData is the confirmation of something dated; it prints alone.
type TicketData struct {
	Weekday, Day, Month, Time string // "mardi", "24", "novembre", "9 h 30"
	Facts                     []Fact
	Off                       string // why it no longer counts, "annulé": the date is struck out; "" it stands
}

// daysClass gives the paving of days its number of columns, at most seven.
func daysClass(n int) string {
	return "jours j" + strconv.Itoa(min(max(n, 1), 7))
}

// slotAria is what a screen reader says of a slot.
func slotAria(ctx context.Context, s SlotChoice) string {
	text := orElse(s.Aria, s.Label)
	if s.First {
		text += ", " + i18n.T(ctx, "page.slot.first.aria")
	}
	return text
}

func itemID(list string, i int) string { return list + "-" + strconv.Itoa(i+1) }
