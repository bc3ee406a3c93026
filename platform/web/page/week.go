package page

import (
	"context"
	"strconv"

	"parvis/platform/i18n"
)

// The week is drawn on a grid of five minutes: staff.css has a class rN for each line where an event may
// begin and sN for each number of lines it may span, up to twelve hours. Positions are classes, not style
// attributes, so that they pass the Content-Security-Policy and survive a partial refresh.
const (
	weekStep = 5
	weekRows = 144
)

// WeekEvent is one span of a lane. Start is in minutes since midnight, Minutes its length. Kind is "busy"
// (default), "free" (dashed) or "closed" (hatched, no link). Aria says it in full.
type WeekEvent struct {
	Start, Minutes          int
	Label, Aria, Href, Kind string
}

// WeekLane is one person's day.
type WeekLane struct {
	Owner  Person
	Events []WeekEvent
}

// WeekDay is one day: a lane per person. Aria is the date in full, "lundi 23 novembre".
type WeekDay struct {
	Label, Aria string
	Today       bool
	Lanes       []WeekLane
}

// WeekData is an agenda of five or six days. From and To are minutes since midnight, on the hour for From;
// at most twelve hours apart. Now, in minutes since midnight, draws the line of the present on Today; 0
// draws none.
type WeekData struct {
	From, To, Now int
	Days          []WeekDay
}

// span is the part of the event inside the hours shown, as first line and number of lines; zero lines when
// it is outside.
func (d WeekData) span(start, minutes int) (row, rows int) {
	from := max(start, d.From)
	to := min(start+minutes, d.last())
	if to <= from {
		return 0, 0
	}
	row = (from-d.From)/weekStep + 1
	end := (to - d.From + weekStep - 1) / weekStep
	return row, max(end-row+1, 1)
}

// last is the end of the hours shown, twelve hours after From at most.
func (d WeekData) last() int { return min(d.To, d.From+weekRows*weekStep) }

// place is the class that puts an event on the grid.
func (d WeekData) place(start, minutes int) string {
	row, rows := d.span(start, minutes)
	return "r" + strconv.Itoa(row) + " s" + strconv.Itoa(rows)
}

func (d WeekData) shows(e WeekEvent) bool {
	_, rows := d.span(e.Start, e.Minutes)
	return rows > 0
}

// hours is the labels on the left, one per hour.
func (d WeekData) hours(ctx context.Context) []string {
	var list []string
	for m := d.From; m < d.last() && len(list) < 13; m += 60 {
		list = append(list, i18n.ClockMinutes(ctx, m))
	}
	return list
}

// frame is the class of a whole lane: it gives every lane the same height.
func (d WeekData) frame() string { return d.place(d.From, d.last()-d.From) }

func (d WeekData) hasNow(day WeekDay) bool {
	return day.Today && d.Now >= d.From && d.Now < d.last() && d.Now > 0
}

func (d WeekData) class() string { return "ag j" + strconv.Itoa(min(max(len(d.Days), 1), 7)) }

func (e WeekEvent) class(p Person) string {
	switch e.Kind {
	case "free":
		return "ev libre"
	case "closed":
		return "ev off"
	}
	return "ev a" + strconv.Itoa(min(max(p.Tone, 1), 3))
}

func lanesClass(n int) string { return "ag-l l" + strconv.Itoa(min(max(n, 1), 6)) }
