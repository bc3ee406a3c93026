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
// (default), "free" (dashed) or "closed" (hatched, no link). Tint, 1 to 6, colours a busy one by its subject;
// 0 takes the tone of the lane. Aria says it in full.
type WeekEvent struct {
	Start, Minutes          int
	Label, Aria, Href, Kind string
	Tint                    int
}

// WeekLane is one person's day.
type WeekLane struct {
	Owner  Person
	Events []WeekEvent
}

// WeekDay is one day: a lane per person. Aria is the date in full, "lundi 23 novembre"; Href leads to that
// day alone: on a phone, which draws one day, it is the way to the others.
type WeekDay struct {
	Label, Aria, Href string
	Today             bool
	Lanes             []WeekLane
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

// class gives more height to a week with short events, so that each holds its name.
func (d WeekData) class() string {
	class := "ag j" + strconv.Itoa(min(max(len(d.Days), 1), 7))
	for _, day := range d.Days {
		for _, lane := range day.Lanes {
			for _, e := range lane.Events {
				if e.Minutes < shortEvent && e.Kind != "closed" {
					return class + " fin"
				}
			}
		}
	}
	return class
}

// shortEvent is below how many minutes a line of text does not fit at the usual height.
const shortEvent = 15

func (e WeekEvent) class(p Person) string {
	switch e.Kind {
	case "free":
		return "ev libre" + e.short()
	case "closed":
		return "ev off"
	}
	if e.Tint >= 1 && e.Tint <= maxTint {
		return "ev t" + strconv.Itoa(e.Tint) + e.short()
	}
	return "ev a" + strconv.Itoa(min(max(p.Tone, 1), 3)) + e.short()
}

// maxTint is how many tints tell subjects apart in an agenda.
const maxTint = 6

func (e WeekEvent) short() string {
	if e.Minutes < shortEvent {
		return " court"
	}
	return ""
}

// tintClass is the class of the small square of a tint, "" without one.
func tintClass(tint int) string {
	if tint < 1 || tint > maxTint {
		return ""
	}
	return "teinte t" + strconv.Itoa(tint)
}

func lanesClass(n int) string { return "ag-l l" + strconv.Itoa(min(max(n, 1), 6)) }
