package page

import (
	"strconv"

	"github.com/a-h/templ"
)

// SectionData describes a titled block of a page. Band puts it on stone; Tight halves the air.
type SectionData struct {
	ID, Title   string
	Verb        Verb // above the title, when the block belongs to another verb than the page
	VerbNote    string
	Band, Tight bool
	More        Link // on the right of the title
}

func (d SectionData) id() string { return orElse(d.ID, anchor(d.Title)) }

func (d SectionData) class() string {
	c := "section"
	if d.Tight {
		c = "section-sm"
	}
	if d.Band {
		c += " band"
	}
	return c
}

// CardData describes a card: one subject. Accent marks the one block to act on.
type CardData struct {
	ID, Title string
	Verb      Verb
	VerbNote  string
	Accent    bool
	Gap       string // "flow-2" to "flow-6"; default "flow-5"
}

// Step is one line of a Timeline: what happened to one request. State is "done", "now", "todo", "off" (it
// did not happen) or "late" (it should have).
type Step struct{ Title, When, Text, State string }

// Fact is a word and its value. Num is for numbers and references; Note comes under the value; with Href,
// a link on the right.
type Fact struct {
	Label, Value, Note string
	Href, LinkLabel    string
	Num                bool
	Body               templ.Component // instead of Value, when it is more than text
}

// Column is the head of a column of a Table. With SortHref it is a link that sorts by it; Sorted is
// "ascending" or "descending" on the column the rows are sorted by (aria-sort).
type Column struct {
	Label    string
	Right    bool // numbers
	Hidden   bool // said to assistive technology only ("Gestes")
	SortHref string
	Sorted   string
}

// Cell is one cell of a Table. Head makes it the header of its row.
type Cell struct {
	Text, Href, Note string
	Head             bool
	Body             templ.Component // instead of Text
}

// TableData is a table with its caption (RGAA 5.4) and headers. Cells of a Right column are aligned right.
type TableData struct {
	Caption       string
	CaptionHidden bool
	Columns       []Column
	Rows          [][]Cell
	Empty         string // sentence shown when there is no row
}

// Tile is one paving stone: an icon, what one can do, one line on what it is.
type Tile struct{ Icon, Title, Text, Href string }

// Need is a need of the reader and the services that answer it.
type Need struct {
	Icon, Title string
	Links       []Link
}

// Way is another way than online: phone, counter, remote. Strong is the number, unbreakable.
type Way struct{ Icon, Title, Strong, Text string }

// PhoneWay is the way by phone, with its hours.
func PhoneWay(title, number, hours string) Way {
	return Way{Icon: "phone", Title: title, Strong: number, Text: hours}
}

// CounterWay is the way at a counter.
func CounterWay(title, text string) Way { return Way{Icon: "desk", Title: title, Text: text} }

// RemoteWay is the way by video or by call back.
func RemoteWay(title, text string) Way { return Way{Icon: "video", Title: title, Text: text} }

// EmptyData is a list with nothing in it: a drawing, why, one button. Drawing is one of DrawingNames.
type EmptyData struct {
	Drawing, Title, Text string
	Actions              []ButtonData // the first one is drawn as primary
	Small                bool         // inside a panel: no drawing, less air
}

// PagerData leads from a page of a list to the next one (keyset: there are no page numbers).
type PagerData struct {
	PrevHref, NextHref string
	Summary            string // "20 sur 132 demandes"
}

// StatData is a figure with its proof: target, date, source.
type StatData struct {
	Label, Value   string
	Target, Since  string // "cible 90 %", "82 % en janvier"
	Source         string
	SourceHref     string
	Badge, Quality string // word of state and its kind, as in Badge
}

// MeterData is a bar from 0 to 1 with its words; the bar itself is hidden from assistive technology.
type MeterData struct {
	Ratio float64
	Label string // "7 points sur 10"
	Thin  bool
}

// width is the share of the bar, as an SVG length.
func (d MeterData) width() string {
	r := min(max(d.Ratio, 0), 1)
	return strconv.FormatFloat(r*100, 'f', 1, 64) + "%"
}

// badgeClass keeps to the known kinds, so that no text becomes a class.
func badgeClass(kind string) string {
	switch kind {
	case "ok", "wait", "late", "info", "acc", "line":
		return "badge " + kind
	}
	return "badge"
}

func alertClass(kind string) string {
	switch kind {
	case "ok", "wait", "late":
		return "alert " + kind
	}
	return "alert info"
}

func stepClass(state string) string {
	switch state {
	case "done", "todo", "off", "late":
		return state
	}
	return ""
}

// cellName is the head of the column, drawn beside its value where rows are cards; assistive technology has
// the head itself.
func cellName(columns []Column, i int, c Cell) string {
	if i < len(columns) && !columns[i].Hidden && (c.Body != nil || c.Text != "") {
		return columns[i].Label
	}
	return ""
}

// columnClass aligns a cell with its column.
func columnClass(cols []Column, i int) string {
	if i < len(cols) && cols[i].Right {
		return "r num"
	}
	return ""
}

// primaryFirst draws the first of several buttons as the primary one, unless it says otherwise.
func primaryFirst(b ButtonData, i int) ButtonData {
	if i == 0 && b.Kind == "" {
		b.Kind = "primary"
	}
	return b
}
