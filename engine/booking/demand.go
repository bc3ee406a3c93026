package booking

import (
	"time"

	"parvis/platform/fault"
	"parvis/platform/store"
)

// Limits of a demand. MaxLength bounds what one booking takes of a resource,
// buffers included, so that a window query looks back no further.
const (
	MaxLength = 31 * 24 * time.Hour
	MaxNeeds  = 8
	minStep   = time.Minute
	maxUnits  = 10000
	maxIDs    = 2000
)

// Need is one of the things a booking takes: a resource among candidates. At
// least one of Tags, Resources and Kind must narrow it.
type Need struct {
	Tags      []string   // one of them must be bookable in the opening range ("reason:42"); empty: any range
	Resources []store.ID // only these; empty: any
	Kind      Kind       // only this kind; empty: any
	Units     int        // units of one resource (seats); 0 means 1

	// Preferences of the assignment (S8); they never exclude anybody.
	Referents []store.ID // first of all, in this order
	Last      []store.ID // then those who served last time, in this order
	// Weights makes a resource take a share of the load, in percent of the
	// ordinary one; absent means 100.
	Weights map[store.ID]int
}

// Demand is what is to be booked, whenever that is: the first need is the one
// that leads (its opening ranges give the starts), the others must be free at
// the same time and at the same place, or at none: a range without a place
// serves every place.
type Demand struct {
	Needs  []Need
	Places []store.ID // only there; empty: anywhere

	Duration time.Duration // of the meeting, without buffers
	// Step separates two starts, counted from the beginning of the opening
	// range plus Offset (S4). In a search 0 means Duration; in a request 0
	// accepts any start that fits.
	Step   time.Duration
	Offset time.Duration
	// Buffers are reserved with the meeting (S6): nobody else may take them.
	// They may lie outside the opening range.
	BufferBefore, BufferAfter time.Duration
}

func (d *Demand) check(fs *fault.Fields) {
	if len(d.Needs) == 0 || len(d.Needs) > MaxNeeds {
		fs.Add("needs", "booking.field.needs", "Max", MaxNeeds)
	}
	for i := range d.Needs {
		d.Needs[i].check(fs)
	}
	if d.Duration < time.Minute || d.length() > MaxLength.Microseconds() {
		fs.Add("duration", "booking.field.duration")
	}
	if d.Step != 0 && (d.Step < minStep || d.Step > MaxLength) {
		fs.Add("step", "booking.field.step")
	}
	if d.Offset < 0 || d.Offset > 24*time.Hour {
		fs.Add("offset", "booking.field.offset")
	}
	if d.BufferBefore < 0 || d.BufferAfter < 0 {
		fs.Add("buffer", "booking.field.buffer")
	}
	if len(d.Places) > maxIDs {
		fs.Add("places", "booking.field.many", "Max", maxIDs)
	}
}

func (n *Need) check(fs *fault.Fields) {
	if len(n.Tags) == 0 && len(n.Resources) == 0 && n.Kind == "" {
		fs.Add("needs", "booking.field.need")
	}
	if n.Kind != "" && !n.Kind.valid() {
		fs.Add("kind", "booking.field.kind")
	}
	if n.Units < 0 || n.Units > maxUnits {
		fs.Add("units", "booking.field.units", "Max", maxUnits)
	}
	if len(n.Tags) > maxIDs || len(n.Resources) > maxIDs {
		fs.Add("needs", "booking.field.many", "Max", maxIDs)
	}
}

func (n *Need) units() int { return max(1, n.Units) }

func (d *Demand) before() int64   { return d.BufferBefore.Microseconds() }
func (d *Demand) after() int64    { return d.BufferAfter.Microseconds() }
func (d *Demand) duration() int64 { return d.Duration.Microseconds() }
func (d *Demand) length() int64   { return d.before() + d.duration() + d.after() }

// reserved is what a booking that starts at start takes, buffers included.
func (d *Demand) reserved(start int64) interval {
	return between(start-d.before(), start+d.duration()+d.after())
}
