package intervention

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"time"

	"parvis/core/crew"
	"parvis/platform/store"
	"parvis/platform/sync"
)

// model is how work orders merge; see platform/sync.
type model struct{ s *Service }

var _ sync.Model = model{}

// Kind satisfies sync.Model.
func (model) Kind() string { return entityKind }

// Rule satisfies sync.Model.
func (model) Rule(kind string) (sync.Merge, bool) {
	switch kind {
	case "create":
		return sync.Create, true
	case "set":
		return sync.Scalar, true
	case "note", "time", "part", "contractor", "photo", "sign":
		return sync.Commutative, true
	case "state":
		return sync.State, true
	case "check":
		return sync.Latest, true
	}
	return 0, false
}

// Allow satisfies sync.Model: an agent works on what their teams, or nobody's,
// have to do.
func (m model) Allow(ctx context.Context, tx *store.Tx, op *sync.Op) error {
	if op.Who.May == nil || !op.Who.May(string(MayWork)) {
		return sync.Refuse("forbidden")
	}
	if op.Type == "create" || op.Who.All {
		return nil
	}
	o, err := m.s.ByUID(ctx, tx, op.Entity)
	if errors.Is(err, store.ErrNotFound) {
		return nil // a tombstone
	}
	if err != nil {
		return err
	}
	if o.CrewID == 0 || o.PersonID == op.Who.Person || o.CreatedBy == op.Who.Person || slices.Contains(op.Who.Scopes, crewScope(o.CrewID)) {
		return nil
	}
	return sync.Refuse("forbidden")
}

func crewScope(id store.ID) string { return "crew:" + id.String() }

// made is the payload of a creation on a device.
type made struct {
	Trade       store.ID          `json:"trade"`
	Title       string            `json:"title"`
	Description string            `json:"description"`
	Nature      Nature            `json:"nature"`
	Priority    int               `json:"priority"`
	Lat         *float64          `json:"lat"`
	Lon         *float64          `json:"lon"`
	Address     string            `json:"address"`
	Asset       store.ID          `json:"asset"`
	Crew        store.ID          `json:"crew"`
	Answers     map[string]string `json:"answers"`
}

// Create satisfies sync.Model.
func (m model) Create(ctx context.Context, tx *store.Tx, op *sync.Op) error {
	var in made
	if err := op.Read(&in); err != nil {
		return err
	}
	o := Order{UID: op.Entity, TradeID: in.Trade, Title: in.Title, Description: in.Description, Nature: in.Nature, Priority: in.Priority, Lat: in.Lat, Lon: in.Lon, Address: in.Address,
		AssetID: in.Asset, CrewID: in.Crew, Origin: FromField, PersonID: op.Who.Person, CreatedBy: op.Who.Person, CreatedAt: op.When, NoticedAt: op.When}
	if o.CrewID != 0 && !op.Who.All && !slices.Contains(op.Who.Scopes, crewScope(o.CrewID)) {
		o.CrewID = 0
	}
	if o.CrewID == 0 && len(op.Who.Scopes) > 0 {
		crews, err := crew.Of(ctx, tx, op.Who.Person)
		if err != nil {
			return err
		}
		if len(crews) > 0 {
			o.CrewID = crews[0]
		}
	}
	t, err := m.s.Trade(ctx, tx, in.Trade)
	if errors.Is(err, store.ErrNotFound) {
		return sync.Refuse("trade")
	}
	if err != nil {
		return err
	}
	if o.Answers.V, err = fit(t.Config.V, in.Answers); err != nil {
		return err
	}
	o, err = m.s.open(ctx, tx, o)
	return err
}

// fit keeps the answers that the trade asks for.
func fit(c Config, answers map[string]string) (map[string]string, error) {
	out := map[string]string{}
	for key, value := range answers {
		f, ok := c.field(key)
		if !ok {
			continue // of another version of the trade
		}
		kept, ok := f.Fits(value)
		if !ok {
			return nil, sync.Refuse("answer:" + key)
		}
		if kept != "" {
			out[key] = kept
		}
	}
	return out, nil
}

// Value satisfies sync.Model.
func (m model) Value(ctx context.Context, tx *store.Tx, uid, field string) (json.RawMessage, error) {
	o, err := m.s.ByUID(ctx, tx, uid)
	if err != nil {
		return nil, err
	}
	var v any
	switch field {
	case "title":
		v = o.Title
	case "description":
		v = o.Description
	case "address":
		v = o.Address
	case "priority":
		v = o.Priority
	case "quantity":
		v = o.Quantity
	case "outcome":
		v = o.Outcome
	case "point":
		v = point{o.Lat, o.Lon}
	default:
		key, ok := strings.CutPrefix(field, "answer:")
		if !ok {
			return nil, sync.Refuse("field")
		}
		v = o.Answers.V[key]
	}
	return json.Marshal(v)
}

// point is a position as devices write it.
type point struct {
	Lat *float64 `json:"lat"`
	Lon *float64 `json:"lon"`
}

// Set satisfies sync.Model.
func (m model) Set(ctx context.Context, tx *store.Tx, op *sync.Op, field string, value json.RawMessage) error {
	o, err := m.s.ByUID(ctx, tx, op.Entity)
	if err != nil {
		return err
	}
	t, err := m.s.tradeOf(ctx, tx, o)
	if err != nil {
		return err
	}
	read := func(v any) error {
		if json.Unmarshal(value, v) != nil {
			return sync.Refuse("value")
		}
		return nil
	}
	switch field {
	case "title":
		err = read(&o.Title)
	case "description":
		err = read(&o.Description)
	case "address":
		err = read(&o.Address)
	case "priority":
		err = read(&o.Priority)
	case "quantity":
		if err = read(&o.Quantity); err == nil && (o.Quantity < 0 || o.Quantity > 1e6 || math.IsNaN(o.Quantity)) {
			err = sync.Refuse("value")
		}
	case "outcome":
		if err = read(&o.Outcome); err == nil && !t.Config.V.outcome(o.Outcome) {
			err = sync.Refuse("value")
		}
	case "point":
		var p point
		err = read(&p)
		o.Lat, o.Lon = p.Lat, p.Lon
	default:
		key, _ := strings.CutPrefix(field, "answer:")
		var text string
		if err = read(&text); err == nil {
			f, ok := t.Config.V.field(key)
			if !ok {
				return sync.Refuse("field")
			}
			if text, ok = f.Fits(text); !ok {
				return sync.Refuse("value")
			}
			if o.Answers.V == nil {
				o.Answers.V = map[string]string{}
			}
			o.Answers.V[key] = text
		}
	}
	if err != nil {
		return err
	}
	if err := o.Check(); err != nil {
		return err
	}
	return m.s.save(ctx, tx, &o, false)
}

// added is the payload of what is added.
type added struct {
	Text     string  `json:"text"`
	Minutes  int64   `json:"minutes"`
	Code     string  `json:"code"`
	Quantity float64 `json:"quantity"`
	Cents    int64   `json:"cents"`
	Phase    string  `json:"phase"`
	Key      string  `json:"key"`
	Verdict  string  `json:"verdict"`
	Value    string  `json:"value"`
	Note     string  `json:"note"`
}

// Add satisfies sync.Model.
func (m model) Add(ctx context.Context, tx *store.Tx, op *sync.Op) error {
	var in added
	if err := op.Read(&in); err != nil {
		return err
	}
	o, err := m.s.ByUID(ctx, tx, op.Entity)
	if err != nil {
		return err
	}
	t, err := m.s.tradeOf(ctx, tx, o)
	if err != nil {
		return err
	}
	if len(in.Text) > maxText || len(in.Note) > maxText || len(in.Value) > 200 {
		return sync.Refuse("long")
	}
	e := Entry{InterventionID: o.ID, OpID: op.ID, Kind: EntryKind(op.Type), Text: strings.TrimSpace(in.Text), PersonID: op.Who.Person, HappenedAt: op.When}
	switch op.Type {
	case "check":
		return m.check(ctx, tx, op, o, t.Config.V, in)
	case "note":
		if e.Text == "" {
			return sync.Refuse("text")
		}
	case "time":
		if e.Minutes = in.Minutes; e.Minutes < 1 || e.Minutes > 1440 {
			return sync.Refuse("minutes")
		}
	case "part":
		material, known := t.Config.V.material(in.Code)
		if in.Quantity <= 0 || in.Quantity > 1e5 || math.IsNaN(in.Quantity) || !known && e.Text == "" {
			return sync.Refuse("quantity")
		}
		e.Code, e.Quantity = in.Code, in.Quantity
		if known {
			e.Text, e.Cents = material.Label, int64(math.Round(in.Quantity*float64(material.Cents)))
		} else {
			e.Code = ""
		}
	case "contractor":
		if e.Cents = in.Cents; e.Cents < 0 || e.Cents > 100_000_000 || e.Text == "" {
			return sync.Refuse("cents")
		}
	case "photo", "sign":
		return m.photo(ctx, tx, op, o, e, in.Phase)
	}
	return m.count(ctx, tx, o, t.Config.V, e)
}

// count writes the line and the sums of the order.
func (m model) count(ctx context.Context, tx *store.Tx, o Order, c Config, e Entry) error {
	if _, err := m.s.write(ctx, tx, e); err != nil {
		return err
	}
	if err := m.s.addUp(ctx, tx, &o, c); err != nil {
		return err
	}
	return m.s.save(ctx, tx, &o, false)
}

// check ticks an item; what is not in order is told in the journal too.
func (m model) check(ctx context.Context, tx *store.Tx, op *sync.Op, o Order, c Config, in added) error {
	item, ok := c.item(in.Key)
	if !ok || !slices.Contains([]string{"ok", "nok", "na"}, in.Verdict) {
		return sync.Refuse("item")
	}
	if item.Unit != "" && in.Verdict != "na" && in.Value != "" {
		if _, ok := (Field{Kind: "number"}).Fits(in.Value); !ok {
			return sync.Refuse("value")
		}
	}
	return m.s.tick(ctx, tx, o.ID, ItemResult{Item: in.Key, Verdict: in.Verdict, Value: strings.TrimSpace(in.Value), Note: strings.TrimSpace(in.Note), PersonID: op.Who.Person, HappenedAt: op.When})
}

// moved is the payload of a change of state.
type moved struct {
	To      State  `json:"to"`
	Reason  string `json:"reason"`
	Outcome string `json:"outcome"`
}

// Move satisfies sync.Model: what is done in the street stands over what the
// office planned; what the chief stopped stands over the street. Both are in
// the journal.
func (m model) Move(ctx context.Context, tx *store.Tx, op *sync.Op) (sync.Verdict, error) {
	var in moved
	if err := op.Read(&in); err != nil {
		return sync.Verdict{}, err
	}
	chief := op.Who.May != nil && op.Who.May(string(MayPlan))
	if !slices.Contains(States(), in.To) || len(in.Reason) > maxText || !chief && slices.Contains([]State{ToPlan, Planned, Checked, Cancelled}, in.To) {
		return sync.Verdict{}, sync.Refuse("state")
	}
	if needsReason(in.To) && strings.TrimSpace(in.Reason) == "" {
		return sync.Verdict{}, sync.Refuse("reason")
	}
	o, err := m.s.ByUID(ctx, tx, op.Entity)
	if err != nil {
		return sync.Verdict{}, err
	}
	server, err := json.Marshal(map[string]string{"to": string(o.State), "reason": o.Reason})
	if err != nil {
		return sync.Verdict{}, err
	}
	move := Move{To: in.To, Reason: strings.TrimSpace(in.Reason), Outcome: in.Outcome, By: op.Who.Person, Chief: chief, At: op.When, OpID: op.ID}
	switch {
	case o.State == in.To:
		return sync.Verdict{Status: sync.Duplicate}, nil
	case o.State.may(in.To, chief):
		t, err := m.s.tradeOf(ctx, tx, o)
		if err != nil {
			return sync.Verdict{}, err
		}
		if !t.Config.V.outcome(in.Outcome) {
			move.Outcome = ""
		}
		if err := m.s.move(ctx, tx, &o, move); err != nil {
			return sync.Verdict{}, err
		}
		return sync.Verdict{Status: sync.Applied}, m.s.save(ctx, tx, &o, false)
	case o.State.rank() > 0 && in.To.rank() > 0 && in.To.rank() < o.State.rank(), o.State == Done && in.To == Suspended, o.State == Checked && in.To == Done:
		// It happened, and more has happened since: the journal tells it.
		_, err := m.s.write(ctx, tx, Entry{InterventionID: o.ID, OpID: op.ID, Kind: StateLine, Code: string(in.To), Text: move.Reason, PersonID: move.By, HappenedAt: move.At})
		return sync.Verdict{Status: sync.Duplicate}, err
	}
	_, err = m.s.write(ctx, tx, Entry{InterventionID: o.ID, OpID: op.ID, Kind: StateLine, Code: string(in.To), Text: move.Reason, Phase: "proposed", PersonID: move.By, HappenedAt: move.At})
	return sync.Verdict{Status: sync.Conflict, Server: server}, err
}

// keepOnDevice is how long what is over stays on the devices.
const keepOnDevice = 3 * 24 * time.Hour

// Scope satisfies sync.Model.
func (m model) Scope(ctx context.Context, tx *store.Tx, uid string) (sync.Scope, error) {
	o, err := m.s.ByUID(ctx, tx, uid)
	if err != nil {
		return sync.Scope{}, err
	}
	var out sync.Scope
	if o.CrewID != 0 {
		out.Name = crewScope(o.CrewID)
	}
	if o.State.Over() {
		out.Until = o.StateAt.Add(keepOnDevice)
	}
	return out, nil
}

// Rows satisfies sync.Model.
func (m model) Rows(ctx context.Context, tx *store.Tx, uids []string) (map[string]json.RawMessage, error) {
	out := map[string]json.RawMessage{}
	for len(uids) > 0 {
		n := min(len(uids), 100)
		args := make([]any, n)
		for i, u := range uids[:n] {
			args[i] = u
		}
		uids = uids[n:]
		var list []Order
		if err := tx.Select(ctx, &list, `SELECT `+orderColumns+` FROM intervention WHERE territory_id = @territory AND uid IN (`+store.In(n)+`)`, args...); err != nil {
			return nil, err
		}
		sheets, err := m.s.sheets(ctx, tx, list)
		if err != nil {
			return nil, err
		}
		for _, x := range sheets {
			raw, err := json.Marshal(x)
			if err != nil {
				return nil, err
			}
			out[x.UID] = raw
		}
	}
	return out, nil
}
