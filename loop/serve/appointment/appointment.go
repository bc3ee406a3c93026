package appointment

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"parvis/platform/fault"
	"parvis/platform/store"
)

// Status is what became of an appointment.
type Status string

// The statuses (reference of RDV Service Public in brackets). A booked
// appointment whose time is past is « à renseigner » [unknown].
const (
	Booked  Status = "booked"
	Seen    Status = "seen"    // honoré
	Excused Status = "excused" // annulé par l'usager
	Revoked Status = "revoked" // annulé par le service
	NoShow  Status = "noshow"  // absent, « lapin »
)

// Statuses lists them in the order of forms.
func Statuses() []Status { return []Status{Booked, Seen, NoShow, Excused, Revoked} }

// Final tells whether the appointment will not take place (any more).
func (s Status) Final() bool { return s == Excused || s == Revoked }

// Channel is how an appointment was asked for.
type Channel string

// The channels.
const (
	ByWeb     Channel = "web"
	ByPhone   Channel = "phone"
	AtCounter Channel = "counter"
	ByAPI     Channel = "api"
)

// Channels lists those that staff choose from.
func Channels() []Channel { return []Channel{ByPhone, AtCounter} }

// Appointment is one rendez-vous.
type Appointment struct {
	ID               store.ID
	BookingID        store.ID
	ReasonID         store.ID
	PlaceID          store.ID // 0 none
	Mode             Mode
	ResidentID       store.ID // 0 once the personal data is gone
	DossierID        store.ID
	Number           string // "V-2026-01184"
	StartsAt, EndsAt time.Time
	Status           Status
	StatusAt         time.Time
	StatusBy         store.ID // staff; 0 the resident or nobody
	ArrivedAt        time.Time
	Channel          Channel
	BookedBy         store.ID // staff who booked it « pour le compte de », 0 the resident
	OnBehalf         string   // the relay: who called for them
	Confirmed        string   // "yes", "no" by SMS or link, "" no answer
	Reminded         bool
	FirstVisit       bool
	Sequence         int64 // rises with each move: ICS and reminders follow it
	TokenHash        string
	Lang             string
	Note             string
	CreatedAt        time.Time
}

const columns = `id, booking_id, reason_id, place_id, mode, resident_id, dossier_id, number, starts_at, ends_at, status, status_at, status_by, arrived_at,
	channel, booked_by, on_behalf, confirmed, reminded, first_visit, sequence, token_hash, lang, note, created_at`

// Unmarked tells whether somebody still has to say what became of it.
func (a Appointment) Unmarked(now time.Time) bool {
	return a.Status == Booked && a.StartsAt.Before(now)
}

// Live tells whether it still takes place after now.
func (a Appointment) Live(now time.Time) bool { return a.Status == Booked && a.EndsAt.After(now) }

// Ref names it for links, events and messages.
func Ref(id store.ID) string { return "appointment:" + id.String() }

// ref of this appointment.
func (a Appointment) ref() string { return Ref(a.ID) }

// Get finds one by id.
func (s *Service) Get(ctx context.Context, tx *store.Tx, id store.ID) (Appointment, error) {
	return s.one(ctx, tx, `id = ?`, id)
}

func (s *Service) one(ctx context.Context, tx *store.Tx, condition string, args ...any) (Appointment, error) {
	var a Appointment
	err := tx.Get(ctx, &a, `SELECT `+columns+` FROM appointment WHERE territory_id = @territory AND `+condition, args...)
	if errors.Is(err, store.ErrNotFound) {
		return a, fault.New(fault.NotFound, "appointment.error.no_appointment").Because(err)
	}
	return a, err
}

// Agents are the resources that serve the appointment.
func (s *Service) Agents(ctx context.Context, tx *store.Tx, id store.ID) ([]store.ID, error) {
	var out []store.ID
	err := tx.Select(ctx, &out, `SELECT resource_id FROM appointment_agent WHERE territory_id = @territory AND appointment_id = ? ORDER BY resource_id`, id)
	return out, err
}

// insert writes a new appointment and its agents.
func (s *Service) insert(ctx context.Context, tx *store.Tx, a Appointment, agents []store.ID) error {
	_, err := tx.Exec(ctx, `INSERT INTO appointment (territory_id, id, booking_id, reason_id, place_id, mode, resident_id, dossier_id, number, starts_at, ends_at,
			status, status_at, status_by, arrived_at, channel, booked_by, on_behalf, confirmed, reminded, first_visit, sequence, token_hash, lang, note, created_at)
		VALUES (@territory, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		a.ID, a.BookingID, a.ReasonID, a.PlaceID, a.Mode, a.ResidentID, a.DossierID, a.Number, a.StartsAt, a.EndsAt, a.Status, a.StatusAt, a.StatusBy, a.ArrivedAt,
		a.Channel, a.BookedBy, a.OnBehalf, a.Confirmed, a.Reminded, a.FirstVisit, a.Sequence, a.TokenHash, a.Lang, a.Note, a.CreatedAt)
	if err != nil {
		return fmt.Errorf("appointment: adding: %w", err)
	}
	return s.setAgents(ctx, tx, a, agents)
}

func (s *Service) setAgents(ctx context.Context, tx *store.Tx, a Appointment, agents []store.ID) error {
	slices.Sort(agents)
	for _, r := range slices.Compact(agents) {
		if _, err := tx.Exec(ctx, `INSERT INTO appointment_agent (territory_id, appointment_id, resource_id, starts_at) VALUES (@territory, ?, ?, ?)`, a.ID, r, a.StartsAt); err != nil {
			return fmt.Errorf("appointment: naming an agent: %w", err)
		}
	}
	return nil
}

// Filter narrows a list of appointments.
type Filter struct {
	From, To time.Time  // starts in [From, To)
	Agents   []store.ID // served by one of these resources
	Place    store.ID
	Reason   store.ID
	Resident store.ID
	Status   Status
	Live     bool // leaves out the cancelled ones
	Limit    int  // at most maxList
}

const maxList = 5000

// List returns the appointments of a period by start.
func (s *Service) List(ctx context.Context, tx *store.Tx, f Filter) ([]Appointment, error) {
	where, args := `territory_id = @territory`, []any{}
	add := func(clause string, v ...any) { where += " AND " + clause; args = append(args, v...) }
	if !f.From.IsZero() {
		add(`starts_at >= ?`, f.From)
	}
	if !f.To.IsZero() {
		add(`starts_at < ?`, f.To)
	}
	if f.Place != 0 {
		add(`place_id = ?`, f.Place)
	}
	if f.Reason != 0 {
		add(`reason_id = ?`, f.Reason)
	}
	if f.Resident != 0 {
		add(`resident_id = ?`, f.Resident)
	}
	if f.Status != "" {
		add(`status = ?`, f.Status)
	}
	if f.Live {
		add(`status IN ('booked', 'seen', 'noshow')`)
	}
	if len(f.Agents) > 0 {
		ids := make([]any, len(f.Agents))
		for i, id := range f.Agents {
			ids[i] = id
		}
		add(`id IN (SELECT appointment_id FROM appointment_agent WHERE territory_id = @territory AND resource_id IN (`+store.In(len(ids))+`))`, ids...)
	}
	if f.Limit <= 0 || f.Limit > maxList {
		f.Limit = maxList
	}
	args = append(args, f.Limit)
	var out []Appointment
	if err := tx.Select(ctx, &out, `SELECT `+columns+` FROM appointment WHERE `+where+` ORDER BY starts_at, id LIMIT ?`, args...); err != nil {
		return nil, fmt.Errorf("appointment: listing: %w", err)
	}
	return out, nil
}
