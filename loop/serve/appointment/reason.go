package appointment

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"parvis/platform/fault"
	"parvis/platform/store"
)

// Mode is how the appointment takes place.
type Mode string

// The modes.
const (
	OnSite Mode = "onsite" // au guichet
	Phone  Mode = "phone"  // par téléphone
	Video  Mode = "video"  // en visio
	Home   Mode = "home"   // à domicile
)

// Modes lists them in the order of forms.
func Modes() []Mode { return []Mode{OnSite, Phone, Video, Home} }

// Needs are the groups of the portal, in the resident's words.
func Needs() []string {
	return []string{"papers", "children", "home", "association", "street", "help"}
}

// Step is one reminder: how long before the start, by which channels.
type Step struct {
	Before  int    `json:"before"`  // minutes before the start
	Channel string `json:"channel"` // "mail", "sms", "both"
}

// Lead is the step's advance as a duration.
func (s Step) Lead() time.Duration { return time.Duration(s.Before) * time.Minute }

// Reason is a motif: what one comes for, and every rule that follows from it.
type Reason struct {
	ID           store.ID
	Name         string
	Team         string // service that receives, "État civil"
	Need         string // one of Needs
	Colour       int    // 1 to 6, tint in the agenda
	DurationMin  int
	StepMin      int // between two starts offered; 0: the duration (S4)
	BeforeMin    int // buffers kept free around it (S6)
	AfterMin     int
	MinDelayMin  int // booked at the latest so long before (S1)
	MaxDelayDays int // and at the earliest so long before
	CancelHours  int // the resident cancels until so many hours before
	MoveHours    int
	Mode         Mode
	Online       bool // residents book it; otherwise staff only
	Sensitive    bool // messages never name it
	AgentsNeeded int
	Equipment    store.JSON[[]store.ID] // booking resources needed too (S9)
	Reminders    store.JSON[[]Step]
	BeforeText   string // restriction, shown before the slots
	AfterText    string // what to bring, shown on the ticket
	SortRank     int
	Active       bool
	Version      int64
	CreatedAt    time.Time
}

// Duration of the meeting.
func (r Reason) Duration() time.Duration { return time.Duration(r.DurationMin) * time.Minute }

// Tag marks the opening ranges in which the reason can be booked.
func (r Reason) Tag() string { return Tag(r.ID) }

// Tag of the reason with this id.
func Tag(id store.ID) string { return "reason:" + id.String() }

// Window is when a resident may start: [from, to) seen from now (S1).
func (r Reason) Window(now time.Time) (from, to time.Time) {
	return now.Add(time.Duration(r.MinDelayMin) * time.Minute), now.AddDate(0, 0, r.MaxDelayDays)
}

// MayCancel tells whether the resident still may at now.
func (r Reason) MayCancel(start, now time.Time) bool {
	return now.Before(start.Add(-time.Duration(r.CancelHours) * time.Hour))
}

// MayMove tells whether the resident still may at now.
func (r Reason) MayMove(start, now time.Time) bool {
	return r.Online && now.Before(start.Add(-time.Duration(r.MoveHours)*time.Hour))
}

// NewReason is what the form of a new reason starts from.
func NewReason() Reason {
	return Reason{Need: "help", Colour: 1, DurationMin: 30, MinDelayMin: 60, MaxDelayDays: 60, CancelHours: 4, MoveHours: 24, Mode: OnSite,
		Online: true, AgentsNeeded: 1, Active: true,
		Reminders: store.JSON[[]Step]{V: []Step{{Before: 2 * 24 * 60, Channel: "both"}}}}
}

// maxSteps bounds the reminders of one reason: more is a nuisance.
const maxSteps = 5

// Check normalises the reason and returns the mistakes, field by field.
func (r *Reason) Check() error {
	var wrong fault.Fields
	r.Name, r.Team = strings.TrimSpace(r.Name), strings.TrimSpace(r.Team)
	r.BeforeText, r.AfterText = strings.TrimSpace(r.BeforeText), strings.TrimSpace(r.AfterText)
	if n := utf8.RuneCountInString(r.Name); n == 0 {
		wrong.Add("name", "appointment.error.reason_name")
	} else if n > 80 {
		wrong.Add("name", "appointment.error.long", "Max", 80)
	}
	if utf8.RuneCountInString(r.Team) > 80 {
		wrong.Add("team", "appointment.error.long", "Max", 80)
	}
	for name, v := range map[string]string{"before_text": r.BeforeText, "after_text": r.AfterText} {
		if utf8.RuneCountInString(v) > 2000 {
			wrong.Add(name, "appointment.error.long", "Max", 2000)
		}
	}
	for _, b := range []struct {
		name         string
		v, low, high int
	}{{"duration", r.DurationMin, 5, 8 * 60}, {"step", r.StepMin, 0, 8 * 60}, {"before", r.BeforeMin, 0, 240}, {"after", r.AfterMin, 0, 240},
		{"min_delay", r.MinDelayMin, 0, 60 * 24 * 60}, {"max_delay", r.MaxDelayDays, 1, 365}, {"cancel_hours", r.CancelHours, 0, 30 * 24},
		{"move_hours", r.MoveHours, 0, 30 * 24}, {"agents", r.AgentsNeeded, 1, 6}, {"colour", r.Colour, 1, 6}} {
		if b.v < b.low || b.v > b.high {
			wrong.Add(b.name, "appointment.error.between", "Low", b.low, "High", b.high)
		}
	}
	if r.StepMin != 0 && r.StepMin < 5 {
		wrong.Add("step", "appointment.error.step")
	}
	if !wrong.Has("min_delay") && !wrong.Has("max_delay") && r.MinDelayMin >= r.MaxDelayDays*24*60 {
		wrong.Add("min_delay", "appointment.error.delays")
	}
	if !slices.Contains(Modes(), r.Mode) {
		wrong.Add("mode", "appointment.error.mode")
	}
	if !slices.Contains(Needs(), r.Need) {
		wrong.Add("need", "appointment.error.need")
	}
	r.checkReminders(&wrong)
	return wrong.Err()
}

func (r *Reason) checkReminders(wrong *fault.Fields) {
	steps := r.Reminders.V
	if len(steps) > maxSteps {
		wrong.Add("reminders", "appointment.error.steps", "Max", maxSteps)
		return
	}
	slices.SortFunc(steps, func(a, b Step) int { return b.Before - a.Before })
	for i, s := range steps {
		if s.Before < 30 || s.Before > 60*24*60 || (i > 0 && steps[i-1].Before == s.Before) || !slices.Contains([]string{"mail", "sms", "both"}, s.Channel) {
			wrong.Add("reminders", "appointment.error.step_time")
			return
		}
	}
}
