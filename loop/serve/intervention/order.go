package intervention

import (
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"parvis/platform/fault"
	"parvis/platform/store"
)

// State is where a work order stands.
type State string

// The states, in the order of the work; then those it may be put in.
const (
	ToPlan     State = "toplan"
	Planned    State = "planned"
	Travelling State = "travelling"
	Started    State = "started"
	Done       State = "done"
	Checked    State = "checked"
	Suspended  State = "suspended"
	Cancelled  State = "cancelled"
	Moot       State = "moot" // sans objet
	Impossible State = "impossible"
)

// States lists every state.
func States() []State {
	return []State{ToPlan, Planned, Travelling, Started, Suspended, Done, Checked, Cancelled, Moot, Impossible}
}

// rank is the place on the way forward; 0 beside it.
func (s State) rank() int {
	return slices.Index([]State{"", ToPlan, Planned, Travelling, Started, Done, Checked}, s)
}

// Over tells whether no more work is expected.
func (s State) Over() bool {
	return s == Done || s == Checked || s.stopped()
}

// stopped is an end without the work.
func (s State) stopped() bool { return s == Cancelled || s == Moot || s == Impossible }

// may tells whether the way from s leads to next; chief may check, cancel, and
// send back what is not well done.
func (s State) may(next State, chief bool) bool {
	switch next {
	case ToPlan:
		return chief && (s == Planned || s.stopped())
	case Planned:
		return chief && (s == ToPlan || s == Planned || s == Suspended)
	case Travelling, Started:
		return s == Suspended || s.rank() > 0 && s.rank() < next.rank() || chief && next == Started && s == Done
	case Suspended:
		return s == Started || s == Travelling
	case Done:
		return s == Suspended || s.rank() > 0 && s.rank() < Done.rank()
	case Checked:
		return chief && s == Done
	case Cancelled:
		return chief && !s.Over()
	case Moot, Impossible:
		return !s.Over()
	}
	return false
}

// Nature is what kind of work it is.
type Nature string

// The natures.
const (
	Corrective Nature = "corrective"
	Preventive Nature = "preventive"
	Inspection Nature = "inspection"
	Urgent     Nature = "urgent"
)

// Natures lists them.
func Natures() []Nature { return []Nature{Corrective, Preventive, Inspection, Urgent} }

// Origin is where a work order comes from.
type Origin string

// The origins.
const (
	FromOffice Origin = "office"
	FromField  Origin = "field"
	FromReport Origin = "report"
	FromAlert  Origin = "alert"
	FromPlan   Origin = "plan"
)

// Order is a work order. Lat and Lon are WGS84 degrees, NaN unknown.
type Order struct {
	ID             store.ID
	UID            string
	Number         string // "I-2026-00042"
	TradeID        store.ID
	TradeVersion   int64
	Nature         Nature
	Priority       int // 1 urgent, 2 ordinary, 3 when possible
	State          State
	StateAt        time.Time
	Title          string
	Description    string
	Lat, Lon       *float64
	Address        string
	Place          string // key of the place for recurrence, see placeOf
	AssetID        store.ID
	CrewID         store.ID
	PersonID       store.ID
	PlannedStart   time.Time
	PlannedEnd     time.Time
	BookingID      store.ID
	DueAt          time.Time
	Origin         Origin
	OriginRef      string // "report:12"
	PlanID         store.ID
	Answers        store.JSON[map[string]string]
	Quantity       float64 // in the trade's unit
	Outcome        string
	Reason         string // why suspended, impossible, cancelled
	Minutes        int64
	Cents          int64
	CreatedAt      time.Time
	CreatedBy      store.ID
	NoticedAt      time.Time // when the need was seen: the report's time, or created
	DoneAt         time.Time // on the device, corrected
	DoneReceivedAt time.Time
	CheckedAt      time.Time
	CheckedBy      store.ID
	Version        int64
}

// Late tells whether its date has passed and the work is not done.
func (o Order) Late(now time.Time) bool {
	return !o.State.Over() && !o.DueAt.IsZero() && o.DueAt.Before(now)
}

// HasPoint tells whether the position is known.
func (o Order) HasPoint() bool { return o.Lat != nil && o.Lon != nil }

// Bounds of what is typed, in characters.
const (
	maxTitle   = 160
	maxText    = 4000
	maxAddress = 200
)

// Check normalises and returns the mistakes, field by field.
func (o *Order) Check() error {
	var wrong fault.Fields
	o.Title, o.Description, o.Address = strings.TrimSpace(o.Title), strings.TrimSpace(o.Description), strings.TrimSpace(o.Address)
	if o.Nature == "" {
		o.Nature = Corrective
	}
	if o.Priority == 0 {
		o.Priority = 2
	}
	if o.Origin == "" {
		o.Origin = FromOffice
	}
	if o.TradeID == 0 {
		wrong.Add("trade", "intervention.error.trade")
	}
	if o.Title == "" {
		wrong.Add("title", "intervention.error.title")
	}
	checkText(&wrong, "title", o.Title, maxTitle)
	checkText(&wrong, "description", o.Description, maxText)
	checkText(&wrong, "address", o.Address, maxAddress)
	if !slices.Contains(Natures(), o.Nature) {
		wrong.Add("nature", "intervention.error.nature")
	}
	if o.Priority < 1 || o.Priority > 3 {
		wrong.Add("priority", "intervention.error.priority")
	}
	if !validPoint(o.Lat, o.Lon) {
		wrong.Add("point", "intervention.error.point")
	}
	if !o.PlannedEnd.IsZero() && !o.PlannedEnd.After(o.PlannedStart) {
		wrong.Add("planned", "intervention.error.planned")
	}
	return wrong.Err()
}

// checkText notes what is too long or is no text.
func checkText(wrong *fault.Fields, field, s string, most int) {
	if utf8.RuneCountInString(s) > most {
		wrong.Add(field, "intervention.error.long", "Max", most)
	} else if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
		wrong.Add(field, "intervention.error.text")
	}
}

// validPoint accepts no point, or one on the earth.
func validPoint(lat, lon *float64) bool {
	if lat == nil || lon == nil {
		return lat == nil && lon == nil
	}
	return !math.IsNaN(*lat) && !math.IsNaN(*lon) && math.Abs(*lat) <= 90 && math.Abs(*lon) <= 180 && (*lat != 0 || *lon != 0)
}
