package event

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"parvis/platform/job"
	"parvis/platform/store"
)

//go:embed migrations/*.sql
var files embed.FS

// Migration is the package's schema.
func Migration() store.Migration { return store.Migration{Name: "event", FS: files} }

// Event is something that happened to a subject.
type Event struct {
	Territory string
	ID        store.ID
	Kind      string // "appointment.booked": service, then past participle
	Subject   string // "appointment:77"
	Data      json.RawMessage
	At        time.Time
}

// Decode reads the data into v.
func (e Event) Decode(v any) error {
	if err := json.Unmarshal(e.Data, v); err != nil {
		return fmt.Errorf("event %s: data: %w", e.Kind, err)
	}
	return nil
}

// Subscription is a reaction to one kind of event, or to a family of them
// when Kind ends with ".*". Name identifies it for ever.
type Subscription struct {
	Kind string
	Name string
	Do   func(ctx context.Context, e Event) error
}

// On declares a subscription.
func On(kind, name string, do func(ctx context.Context, e Event) error) Subscription {
	return Subscription{kind, name, do}
}

func (s Subscription) wants(kind string) bool {
	if family, ok := strings.CutSuffix(s.Kind, "*"); ok {
		return strings.HasPrefix(kind, family)
	}
	return s.Kind == kind
}

// Bus appends events and delivers them.
type Bus struct {
	db    *store.DB
	queue *job.Queue
	subs  []Subscription
}

const deliver = "event.deliver"

type delivery struct {
	Territory  string   `json:"territory"`
	Event      store.ID `json:"event"`
	Subscriber string   `json:"subscriber"`
}

// New prepares the bus. Its worker (see Worker) must be in the queue given to
// Connect before events are appended.
func New(db *store.DB) *Bus { return &Bus{db: db} }

// Connect gives the bus its queue and its subscribers.
func (b *Bus) Connect(q *job.Queue, subs []Subscription) error {
	seen := map[string]bool{}
	for _, s := range subs {
		if s.Name == "" || s.Kind == "" || s.Do == nil || seen[s.Name] {
			return fmt.Errorf("event: subscription %q to %q is incomplete or declared twice", s.Name, s.Kind)
		}
		seen[s.Name] = true
	}
	b.queue, b.subs = q, subs
	return nil
}

// Worker delivers one event to one subscriber.
func (b *Bus) Worker() job.Worker {
	return job.Define(deliver, func(ctx context.Context, j job.Job[delivery]) error { return b.deliver(ctx, j.Args) })
}

// Append records the event in the transaction that made it happen; data is
// encoded as JSON and must hold no personal data. Subscribers are told after
// the commit, each in a job of its own.
func (b *Bus) Append(ctx context.Context, tx *store.Tx, kind, subject string, data any) error {
	if data == nil {
		data = struct{}{}
	}
	raw, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("event %s: %w", kind, err)
	}
	id := store.NewID()
	if _, err := tx.Exec(ctx, `INSERT INTO event (territory_id, id, kind, subject, data, occurred_at) VALUES (@territory, ?, ?, ?, ?, ?)`,
		id, kind, subject, string(raw), tx.Now()); err != nil {
		return fmt.Errorf("event: recording %s: %w", kind, err)
	}
	for _, s := range b.subs {
		if s.wants(kind) {
			if err := b.queue.Enqueue(ctx, tx, deliver, delivery{tx.Territory(), id, s.Name}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *Bus) deliver(ctx context.Context, d delivery) error {
	for _, s := range b.subs {
		if s.Name != d.Subscriber {
			continue
		}
		e, err := b.read(ctx, d)
		if errors.Is(err, store.ErrNotFound) {
			return nil // past its retention
		}
		if err != nil {
			return err
		}
		return s.Do(ctx, e)
	}
	return job.Dead(fmt.Errorf("event: subscriber %s is gone", d.Subscriber))
}

func (b *Bus) read(ctx context.Context, d delivery) (Event, error) {
	var row struct {
		Kind, Subject, Data string
		OccurredAt          time.Time
	}
	err := b.db.In(d.Territory).View(ctx, func(tx *store.Tx) error {
		return tx.Get(ctx, &row, `SELECT kind, subject, CAST(data AS TEXT) AS data, occurred_at FROM event WHERE territory_id = @territory AND id = ?`, d.Event)
	})
	return Event{d.Territory, d.Event, row.Kind, row.Subject, json.RawMessage(row.Data), row.OccurredAt}, err
}

// Once runs do in a transaction unless this subscriber already handled the
// event in one: it turns delivery at least once into an effect that happens once.
func (b *Bus) Once(ctx context.Context, e Event, subscriber string, do func(tx *store.Tx) error) error {
	return b.db.In(e.Territory).Update(ctx, func(tx *store.Tx) error {
		n, err := tx.Exec(ctx, `INSERT INTO event_done (territory_id, event_id, subscriber, done_at) VALUES (@territory, ?, ?, ?) ON CONFLICT DO NOTHING`,
			e.ID, subscriber, tx.Now())
		if err != nil || n == 0 {
			return err
		}
		return do(tx)
	})
}
