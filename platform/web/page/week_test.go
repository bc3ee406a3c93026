package page

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestWeekPlace(t *testing.T) {
	d := WeekData{From: 480, To: 1050} // 8 h to 17 h 30
	for _, c := range []struct {
		start, minutes int
		want           string
	}{
		{480, 60, "r1 s12"},
		{540, 45, "r13 s9"},
		{545, 20, "r14 s4"},
		{420, 120, "r1 s12"},   // began before
		{1020, 120, "r109 s6"}, // ends after
		{482, 5, "r1 s2"},      // does not fall on five minutes
		{300, 60, "r0 s0"},     // outside
		{1050, 60, "r0 s0"},
	} {
		if got := d.place(c.start, c.minutes); got != c.want {
			t.Errorf("%d + %d min is at %q, want %q", c.start, c.minutes, got, c.want)
		}
	}
}

// Whatever the data, an event is inside the lane and its classes exist in the stylesheet.
func TestWeekPlaceStaysOnTheGrid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := WeekData{From: 60 * rapid.IntRange(0, 23).Draw(t, "from"), To: rapid.IntRange(0, 1440).Draw(t, "to")}
		e := WeekEvent{Start: rapid.IntRange(-100, 1500).Draw(t, "start"), Minutes: rapid.IntRange(0, 1500).Draw(t, "minutes")}
		row, rows := d.span(e.Start, e.Minutes)
		if !d.shows(e) {
			if rows != 0 {
				t.Fatal("hidden, yet it has lines")
			}
			return
		}
		if row < 1 || rows < 1 || row+rows-1 > weekRows {
			t.Fatalf("lines %d to %d leave the grid", row, row+rows-1)
		}
		if begin := d.From + (row-1)*weekStep; begin > e.Start && e.Start >= d.From {
			t.Fatal("drawn later than it begins")
		}
		if end := d.From + (row+rows-1)*weekStep; end < min(e.Start+e.Minutes, d.last()) {
			t.Fatal("drawn shorter than it lasts")
		}
	})
}

func TestWeek(t *testing.T) {
	s := fragment(t, Week(galleryWeek()))
	if s.Find(".ag-d").Length() != 5 || s.Find(".ag-d.today .mnt").Length() != 3 || s.Find(".mnt").Length() != 3 {
		t.Error("days or the line of the present are lost")
	}
	if got := s.Find(".ag-h div").Length(); got != 10 {
		t.Errorf("%d hours, want 10", got)
	}
	first := s.Find(".ag-d").First()
	if got := one(t, first, "a[aria-label^='Pervenche']").Parent().AttrOr("class", ""); got != "r13 s9" {
		t.Errorf("the first appointment is at %q", got)
	}
	if s.Find("a.ev.libre").Length() == 0 || s.Find("span.ev.off").Length() == 0 || s.Find("a.ev.off").Length() != 0 {
		t.Error("free and closed spans are not drawn as they should")
	}
	if got := text(fragment(t, Week(WeekData{From: 480, To: 480}))); got != "" {
		t.Errorf("a week without hours shows %q", got)
	}
}

func TestWeekClassesAreInTheStylesheet(t *testing.T) {
	style := styleSource(t, "_week.scss")
	if want := fmt.Sprintf("from 1 through %d", weekRows); strings.Count(style, want) != 2 {
		t.Errorf("_week.scss does not loop %q for rN and sN", want)
	}
	if want := fmt.Sprintf("calc(var(--h) / %d)", 60/weekStep); !strings.Contains(style, want) {
		t.Errorf("_week.scss has no line of %s", want)
	}
}
