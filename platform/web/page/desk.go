package page

import (
	"context"
	"strconv"

	"github.com/a-h/templ"

	"parvis/platform/i18n"
)

// Gesture is something the desk does many times a day. Key is a letter that does it from the keyboard,
// shown beside the words.
type Gesture struct{ Icon, Label, Href, Key string }

// Person is a member of staff as a small square: two letters and one of three tones (1 to 3; 0 is nobody's).
type Person struct {
	Initials, Name string
	Tone           int
}

// DayItem is one line of the day at the counter. State is "past", "now" or "". Badge and Kind as in Word.
// Actions are what can be done with it (arrived, absent).
type DayItem struct {
	Time, Title, Detail, Href string
	Badge, Kind, State        string
	Tint                      int // 1 to 6, square before the detail; 0 none
	Actions                   []ButtonData
}

// QueueRow is one thing to do. ID is the value of its box.
type QueueRow struct {
	ID, Due, Title, Href, Note string // Note: "V-2026-1184 · relancé 2 fois"
	Service, From              string // "Signalements", "Mme Aubépin"
	Tint                       int    // 1 to 6, square before the note; 0 none
	Late, Checked              bool
	Owner                      *Person // nil: nobody yet
}

// QueueGroup is the rows of one urgency; Late colours its title.
type QueueGroup struct {
	Label string // "En retard, 4"
	Late  bool
	Rows  []QueueRow
}

// QueueData is what is late, for today, for this week. Name is the name of the boxes, in the form FormID.
type QueueData struct {
	Caption, Name, FormID string
	Groups                []QueueGroup
	Columns               [4]string // default: Échéance, Demande, Service, demandeur, Chez
}

// BulkData is the bar under a queue: what to do with the chosen rows. FormID is that of the QueueData.
type BulkData struct {
	FormID, Action, Name string
	Count                string // "2 choisies", kept right by the script; "" when nothing is chosen yet
	Options              []Option
	Summary              string // "13 demandes"
	All                  Link   // "tout voir"
}

// PanelData is a framed part of the workspace with its title and tools.
type PanelData struct {
	ID, Title string
	Tools     []ButtonData
	Badge     string
	Legend    []Person
	Bar       templ.Component // filters, before the tools
}

func (p Person) class() string {
	if p.Tone >= 1 && p.Tone <= 3 {
		return "qui a" + strconv.Itoa(p.Tone)
	}
	return "qui"
}

func dayItemClass(state string) string {
	switch state {
	case "past":
		return "passe"
	case "now":
		return "cours"
	}
	return ""
}

// queueColumns is the heads of the four columns, with their defaults.
func queueColumns(ctx context.Context, given [4]string) []string {
	keys := [4]string{"page.queue.due", "page.queue.what", "page.queue.from", "page.queue.owner"}
	heads := make([]string, 0, len(keys))
	for i, k := range keys {
		heads = append(heads, orElse(given[i], i18n.T(ctx, k)))
	}
	return heads
}

// bulkSummary is "13 demandes", followed by a comma when a link comes next.
func bulkSummary(d BulkData) string {
	if d.Summary != "" && d.All.Href != "" {
		return d.Summary + ","
	}
	return d.Summary
}

func small(b ButtonData) ButtonData {
	b.Small = true
	return b
}
