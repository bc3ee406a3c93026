package intervention

import (
	"context"
	"fmt"
	"slices"
	"time"

	"parvis/core/link"
	"parvis/platform/fault"
	"parvis/platform/store"
)

// Move is one change of state.
type Move struct {
	To      State
	Reason  string
	Outcome string
	By      store.ID
	Chief   bool
	At      time.Time // when it happened, corrected; zero: now
	OpID    string    // of the device's operation
}

// needsReason are the states that say why.
func needsReason(s State) bool {
	return s == Suspended || s == Impossible || s == Moot || s == Cancelled
}

// Advance moves an order from the office: Invalid when the way is not open.
func (s *Service) Advance(ctx context.Context, tx *store.Tx, id store.ID, m Move) (Order, error) {
	o, err := s.Get(ctx, tx, id)
	if err != nil {
		return o, err
	}
	if !o.State.may(m.To, m.Chief) {
		return o, fault.New(fault.Invalid, "intervention.error.move")
	}
	if needsReason(m.To) && m.Reason == "" {
		return o, &fault.Fault{Kind: fault.Invalid, Fields: []fault.Field{{Name: "reason", Key: "intervention.error.reason"}}}
	}
	if err := s.move(ctx, tx, &o, m); err != nil {
		return o, err
	}
	return o, s.save(ctx, tx, &o, true, "state")
}

// move changes the order in memory, writes the journal and appends the event;
// the caller saves.
func (s *Service) move(ctx context.Context, tx *store.Tx, o *Order, m Move) error {
	now := tx.Now()
	if m.At.IsZero() {
		m.At = now
	}
	was := o.State
	o.State, o.StateAt = m.To, m.At
	if m.Reason != "" {
		o.Reason = m.Reason
	}
	switch m.To {
	case Done:
		o.DoneAt, o.DoneReceivedAt, o.Reason = m.At, now, ""
		if m.Outcome != "" {
			o.Outcome = m.Outcome
		}
		t, err := s.tradeOf(ctx, tx, *o)
		if err != nil {
			return err
		}
		if err := s.addUp(ctx, tx, o, t.Config.V); err != nil {
			return err
		}
	case Checked:
		o.CheckedAt, o.CheckedBy = m.At, m.By
	case Started:
		if was == Done { // sent back
			o.DoneAt, o.DoneReceivedAt = time.Time{}, time.Time{}
		}
		o.Reason = ""
	}
	if _, err := s.write(ctx, tx, Entry{InterventionID: o.ID, OpID: m.OpID, Kind: StateLine, Code: string(m.To), Text: m.Reason, PersonID: m.By, HappenedAt: m.At}); err != nil {
		return err
	}
	if m.To.stopped() || m.To == Done {
		if err := s.release(ctx, tx, o); err != nil {
			return err
		}
	}
	if kind := eventOf(m.To); kind != "" {
		if err := s.say(ctx, tx, kind, *o); err != nil {
			return err
		}
	}
	return nil
}

// eventOf is the event of a state, "" none.
func eventOf(s State) string {
	if !slices.Contains([]State{Planned, Started, Suspended, Done, Checked, Cancelled, Moot, Impossible}, s) {
		return ""
	}
	return "intervention." + string(s)
}

// release gives back the time an order had taken in somebody's diary, when it
// is over before that time.
func (s *Service) release(ctx context.Context, tx *store.Tx, o *Order) error {
	if o.BookingID == 0 || !o.PlannedStart.After(tx.Now()) {
		return nil
	}
	err := s.unbook(ctx, tx, o)
	if err != nil {
		return fmt.Errorf("intervention: giving time back: %w", err)
	}
	return nil
}

// Note adds a line of the office: note, contractor with its cost, time.
func (s *Service) Note(ctx context.Context, tx *store.Tx, id store.ID, e Entry) (Order, error) {
	o, err := s.Get(ctx, tx, id)
	if err != nil {
		return o, err
	}
	var wrong fault.Fields
	checkText(&wrong, "text", e.Text, maxText)
	if e.Cents < 0 || e.Cents > 100_000_000 {
		wrong.Add("cents", "intervention.error.cents")
	}
	if e.Minutes < 0 || e.Minutes > 6000 {
		wrong.Add("minutes", "intervention.error.minutes")
	}
	if e.Text == "" && e.Cents == 0 && e.Minutes == 0 {
		wrong.Add("text", "intervention.error.note")
	}
	if err := wrong.Err(); err != nil {
		return o, err
	}
	e.InterventionID = o.ID
	if _, err := s.write(ctx, tx, e); err != nil {
		return o, err
	}
	t, err := s.tradeOf(ctx, tx, o)
	if err != nil {
		return o, err
	}
	if err := s.addUp(ctx, tx, &o, t.Config.V); err != nil {
		return o, err
	}
	return o, s.save(ctx, tx, &o, true)
}

// later enqueues background work.
func (s *Service) later(ctx context.Context, tx *store.Tx, kind string, args any) error {
	return s.Queue.Enqueue(ctx, tx, kind, args)
}

// ref is the reference of an order.
func (o Order) ref() link.Ref { return link.To(entityKind, o.ID) }
