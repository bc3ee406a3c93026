package intervention

import (
	"context"
	"errors"
	"fmt"
	"time"

	"parvis/core/link"
	"parvis/platform/fault"
	"parvis/platform/store"
	"parvis/platform/sync"
)

// entityKind is the kind of a work order for links, events and synchronisation.
const entityKind = "intervention"

const orderColumns = `id, uid, number, trade_id, trade_version, nature, priority, state, state_at, title, description, lat, lon, address, place, asset_id, crew_id, person_id,
	planned_start, planned_end, booking_id, due_at, origin, origin_ref, plan_id, answers, quantity, outcome, reason, minutes, cents, created_at, created_by, noticed_at,
	done_at, done_received_at, checked_at, checked_by, version`

// Get finds one; store.ErrNotFound.
func (s *Service) Get(ctx context.Context, tx *store.Tx, id store.ID) (Order, error) {
	var o Order
	err := tx.Get(ctx, &o, `SELECT `+orderColumns+` FROM intervention WHERE territory_id = @territory AND id = ?`, id)
	return o, err
}

// ByUID finds one by the identifier that devices use; store.ErrNotFound.
func (s *Service) ByUID(ctx context.Context, tx *store.Tx, uid string) (Order, error) {
	var o Order
	err := tx.Get(ctx, &o, `SELECT `+orderColumns+` FROM intervention WHERE territory_id = @territory AND uid = ?`, uid)
	return o, err
}

// ByOrigin finds the order of a trade made for a thing ("report:12"); trade 0:
// of any trade. store.ErrNotFound.
func (s *Service) ByOrigin(ctx context.Context, tx *store.Tx, ref string, trade store.ID) (Order, error) {
	var o Order
	err := tx.Get(ctx, &o, `SELECT `+orderColumns+` FROM intervention WHERE territory_id = @territory AND origin_ref = ? AND (? = 0 OR trade_id = ?) ORDER BY id LIMIT 1`, ref, trade, trade)
	return o, err
}

// Open makes a work order and says so (event intervention.opened). One that is
// already there for the same origin and trade is returned as it is.
func (s *Service) Open(ctx context.Context, tx *store.Tx, o Order) (Order, error) {
	o, err := s.open(ctx, tx, o)
	if err != nil {
		return o, err
	}
	_, err = s.sync.Touch(ctx, tx, entityKind, o.UID)
	return o, err
}

// open is Open without telling the devices: for what comes from one of them.
func (s *Service) open(ctx context.Context, tx *store.Tx, o Order) (Order, error) {
	if err := o.Check(); err != nil {
		return o, err
	}
	if o.OriginRef != "" {
		old, err := s.ByOrigin(ctx, tx, o.OriginRef, o.TradeID)
		if err == nil || !errors.Is(err, store.ErrNotFound) {
			return old, err
		}
	}
	t, err := s.Trade(ctx, tx, o.TradeID)
	if errors.Is(err, store.ErrNotFound) {
		return o, &fault.Fault{Kind: fault.Invalid, Fields: []fault.Field{{Name: "trade", Key: "intervention.error.trade"}}}
	}
	if err != nil {
		return o, err
	}
	if err := s.complete(ctx, tx, &o, t); err != nil {
		return o, err
	}
	if err := insert(ctx, tx, o); err != nil {
		return o, err
	}
	if err := s.countPlace(ctx, tx, o.TradeID, o.Place); err != nil {
		return o, err
	}
	return o, s.say(ctx, tx, "intervention.opened", o)
}

// complete fills what an order gets from its trade, its asset and the moment.
func (s *Service) complete(ctx context.Context, tx *store.Tx, o *Order, t Trade) error {
	now := tx.Now()
	o.ID, o.TradeVersion, o.Version = store.NewID(), t.Version, 1
	if o.UID == "" {
		o.UID = sync.NewUUID(now)
	}
	if o.State == "" {
		o.State = ToPlan
		if !o.PlannedStart.IsZero() {
			o.State = Planned
		}
	}
	o.StateAt = now
	if o.CreatedAt.IsZero() {
		o.CreatedAt = now
	}
	if o.NoticedAt.IsZero() {
		o.NoticedAt = o.CreatedAt
	}
	if hours := t.Config.V.DueHours[o.Priority-1]; o.DueAt.IsZero() && hours > 0 {
		o.DueAt = o.CreatedAt.Add(time.Duration(hours) * time.Hour)
	}
	if o.Answers.V == nil {
		o.Answers.V = map[string]string{}
	}
	if o.AssetID != 0 {
		a, err := s.Asset(ctx, tx, o.AssetID)
		if errors.Is(err, store.ErrNotFound) {
			return &fault.Fault{Kind: fault.Invalid, Fields: []fault.Field{{Name: "asset", Key: "intervention.error.asset"}}}
		}
		if err != nil {
			return err
		}
		if !o.HasPoint() {
			o.Lat, o.Lon = a.Lat, a.Lon
		}
		if o.Address == "" {
			o.Address = a.Address
		}
	}
	o.Place = placeOf(o.AssetID, o.Lat, o.Lon)
	year := int64(o.CreatedAt.Year())
	var n int64
	if err := tx.Get(ctx, &n, `INSERT INTO intervention_counter (territory_id, year, last) VALUES (@territory, ?, 1)
		ON CONFLICT (territory_id, year) DO UPDATE SET last = intervention_counter.last + 1 RETURNING last`, year); err != nil {
		return fmt.Errorf("intervention: numbering: %w", err)
	}
	o.Number = fmt.Sprintf("I-%d-%05d", year, n)
	return nil
}

// insert writes the row of an order.
func insert(ctx context.Context, tx *store.Tx, o Order) error {
	if _, err := tx.Exec(ctx, `INSERT INTO intervention (territory_id, `+orderColumns+`, cell)
		VALUES (@territory, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		o.ID, o.UID, o.Number, o.TradeID, o.TradeVersion, o.Nature, o.Priority, o.State, o.StateAt, o.Title, o.Description, o.Lat, o.Lon, o.Address, o.Place, o.AssetID, o.CrewID, o.PersonID,
		o.PlannedStart, o.PlannedEnd, o.BookingID, o.DueAt, o.Origin, o.OriginRef, o.PlanID, o.Answers, o.Quantity, o.Outcome, o.Reason, o.Minutes, o.Cents, o.CreatedAt, o.CreatedBy, o.NoticedAt,
		o.DoneAt, o.DoneReceivedAt, o.CheckedAt, o.CheckedBy, o.Version, cellKey(o.Lat, o.Lon)); err != nil {
		return fmt.Errorf("intervention: opening: %w", err)
	}
	return nil
}

// Load writes orders of the past, from another software: without events, and
// without telling devices. Their places are to be counted then (CountPlaces).
func (s *Service) Load(ctx context.Context, tx *store.Tx, list []Order) error {
	trades := map[store.ID]Trade{}
	for _, o := range list {
		if err := o.Check(); err != nil {
			return err
		}
		t, ok := trades[o.TradeID]
		if !ok {
			var err error
			if t, err = s.Trade(ctx, tx, o.TradeID); err != nil {
				return err
			}
			trades[o.TradeID] = t
		}
		if err := s.complete(ctx, tx, &o, t); err != nil {
			return err
		}
		if err := insert(ctx, tx, o); err != nil {
			return err
		}
	}
	return nil
}

// told is what an event says of an order: no personal data.
type told struct {
	Number string `json:"number"`
	Trade  string `json:"trade"`
	State  State  `json:"state"`
	Origin string `json:"origin,omitempty"`
}

// say appends the event about an order.
func (s *Service) say(ctx context.Context, tx *store.Tx, kind string, o Order) error {
	return s.Bus.Append(ctx, tx, kind, string(link.To(entityKind, o.ID)), told{o.Number, o.TradeID.String(), o.State, o.OriginRef})
}

// save writes the order back; fields are those that devices must know were
// changed by the office. A device's own change passes none: synchronisation
// keeps its own account.
func (s *Service) save(ctx context.Context, tx *store.Tx, o *Order, office bool, fields ...string) error {
	was, place := o.Version, o.Place
	o.Version++
	o.Place = placeOf(o.AssetID, o.Lat, o.Lon)
	n, err := tx.Exec(ctx, `UPDATE intervention SET nature = ?, priority = ?, state = ?, state_at = ?, title = ?, description = ?, lat = ?, lon = ?, cell = ?, address = ?, place = ?, asset_id = ?,
			crew_id = ?, person_id = ?, planned_start = ?, planned_end = ?, booking_id = ?, due_at = ?, answers = ?, quantity = ?, outcome = ?, reason = ?, minutes = ?, cents = ?,
			done_at = ?, done_received_at = ?, checked_at = ?, checked_by = ?, version = ?
		WHERE territory_id = @territory AND id = ? AND version = ?`,
		o.Nature, o.Priority, o.State, o.StateAt, o.Title, o.Description, o.Lat, o.Lon, cellKey(o.Lat, o.Lon), o.Address, o.Place, o.AssetID, o.CrewID, o.PersonID, o.PlannedStart, o.PlannedEnd,
		o.BookingID, o.DueAt, o.Answers, o.Quantity, o.Outcome, o.Reason, o.Minutes, o.Cents, o.DoneAt, o.DoneReceivedAt, o.CheckedAt, o.CheckedBy, o.Version, o.ID, was)
	if err != nil {
		return fmt.Errorf("intervention: saving: %w", err)
	}
	if n == 0 {
		return fault.New(fault.Conflict, "intervention.error.changed")
	}
	if place != o.Place {
		if err := s.countPlace(ctx, tx, o.TradeID, place); err != nil {
			return err
		}
	}
	if o.Place != "" && (place != o.Place || o.State.Over() || fields != nil) {
		if err := s.countPlace(ctx, tx, o.TradeID, o.Place); err != nil {
			return err
		}
	}
	if office {
		if _, err := s.sync.Touch(ctx, tx, entityKind, o.UID, fields...); err != nil {
			return err
		}
	}
	return nil
}

// Filter narrows a list of orders. Zero values do not narrow.
type Filter struct {
	States   []State
	Open     bool // not over
	Late     bool
	Trade    store.ID
	Crew     store.ID
	Person   store.ID
	Asset    store.ID
	From, To time.Time // planned in this span
	Done     [2]time.Time
	Text     string
	After    store.ID // newest first: identifiers below it
	Since    store.ID // oldest first: identifiers above it
}

// List gives orders, newest first or, with Since or Open, late first, at most limit.
func (s *Service) List(ctx context.Context, tx *store.Tx, f Filter, limit int) ([]Order, error) {
	query, args := `SELECT `+orderColumns+` FROM intervention WHERE territory_id = @territory`, []any(nil)
	add := func(cond string, a ...any) { query += " AND " + cond; args = append(args, a...) }
	if len(f.States) > 0 {
		a := make([]any, len(f.States))
		for i, x := range f.States {
			a[i] = string(x)
		}
		add(`state IN (`+store.In(len(a))+`)`, a...)
	}
	if f.Open || f.Late {
		add(`state NOT IN ('done', 'checked', 'cancelled', 'moot', 'impossible')`)
	}
	if f.Late {
		add(`due_at < ?`, tx.Now())
	}
	for _, x := range []struct {
		column string
		id     store.ID
	}{{"trade_id", f.Trade}, {"crew_id", f.Crew}, {"person_id", f.Person}, {"asset_id", f.Asset}} {
		if x.id != 0 {
			add(x.column+` = ?`, x.id)
		}
	}
	if !f.From.IsZero() {
		add(`planned_start >= ?`, f.From)
	}
	if !f.To.IsZero() {
		add(`planned_start < ?`, f.To)
	}
	if !f.Done[0].IsZero() {
		add(`done_at >= ?`, f.Done[0])
	}
	if !f.Done[1].IsZero() {
		add(`done_at < ?`, f.Done[1])
	}
	if f.Text != "" {
		p := "%" + likeable(f.Text) + "%"
		add(`(number LIKE ? ESCAPE '!' OR title LIKE ? ESCAPE '!' OR address LIKE ? ESCAPE '!')`, p, p, p)
	}
	order := ` ORDER BY id DESC`
	switch {
	case f.After != 0:
		add(`id < ?`, f.After)
	case f.Since != 0:
		add(`id > ?`, f.Since)
		order = ` ORDER BY id`
	case f.Open || f.Late:
		order = ` ORDER BY due_at NULLS LAST, id`
	case !f.From.IsZero():
		order = ` ORDER BY planned_start, id`
	}
	var out []Order
	if err := tx.Select(ctx, &out, query+order+` LIMIT ?`, append(args, limit)...); err != nil {
		return nil, fmt.Errorf("intervention: listing: %w", err)
	}
	return out, nil
}

// Counts are the figures beside the list.
type Counts struct{ Open, Late, ToPlan, ToCheck int }

// Count counts what is open, late, to be planned, to be checked.
func (s *Service) Count(ctx context.Context, tx *store.Tx) (Counts, error) {
	var c Counts
	err := tx.Get(ctx, &c, `SELECT COUNT(*) AS open, COUNT(*) FILTER (WHERE due_at < ?) AS late, COUNT(*) FILTER (WHERE state = 'toplan') AS to_plan,
			(SELECT COUNT(*) FROM intervention WHERE territory_id = @territory AND state = 'done') AS to_check
		FROM intervention WHERE territory_id = @territory AND state NOT IN ('done', 'checked', 'cancelled', 'moot', 'impossible')`, tx.Now())
	if err != nil {
		return c, fmt.Errorf("intervention: counting: %w", err)
	}
	return c, nil
}
