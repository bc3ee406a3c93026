package sync

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"parvis/platform/store"
)

// merge applies an operation to its entity.
func (s *Sync) merge(ctx context.Context, tx *store.Tx, op *Op) (Result, error) {
	m := s.models[op.Kind]
	if m == nil {
		return Result{}, Refuse("kind")
	}
	rule, ok := m.Rule(op.Type)
	if !ok && op.Type != resolveType {
		return Result{}, Refuse("type")
	}
	if again, err := sameSeq(ctx, tx, op); err != nil || again {
		if again {
			err = Refuse("seq")
		}
		return Result{}, err
	}
	e, err := find(ctx, tx, op.Kind, op.Entity)
	if err != nil {
		return Result{}, err
	}
	switch {
	case rule == Create && e != nil:
		return Result{Status: Duplicate, Version: e.Version}, nil
	case rule == Create:
		return s.create(ctx, tx, m, op)
	case e == nil:
		return s.orphan(ctx, tx, op)
	}
	if err := m.Allow(ctx, tx, op); err != nil {
		return Result{}, err
	}
	if op.Type == resolveType {
		return s.resolveOp(ctx, tx, m, op, e)
	}
	if e.Deleted {
		return s.propose(ctx, tx, op, e, "", op.Payload, nil)
	}
	switch rule {
	case Scalar:
		return s.scalar(ctx, tx, m, op, e)
	case State:
		return s.state(ctx, tx, m, op, e)
	case Latest:
		return s.latest(ctx, tx, m, op, e)
	}
	if err := m.Add(ctx, tx, op); err != nil {
		return Result{}, err
	}
	return s.applied(ctx, tx, op, e, "")
}

// sameSeq tells whether the device used this order number for another operation.
func sameSeq(ctx context.Context, tx *store.Tx, op *Op) (bool, error) {
	var n int
	err := tx.Get(ctx, &n, `SELECT COUNT(*) FROM sync_op WHERE territory_id = @territory AND device_id = ? AND seq = ? AND status <> 'rejected'`, op.Device, op.Seq)
	if err != nil {
		return false, fmt.Errorf("sync: looking for an order number: %w", err)
	}
	return n > 0, nil
}

func (s *Sync) create(ctx context.Context, tx *store.Tx, m Model, op *Op) (Result, error) {
	if err := m.Allow(ctx, tx, op); err != nil {
		return Result{}, err
	}
	if err := m.Create(ctx, tx, op); err != nil {
		return Result{}, err
	}
	e := &entity{UID: op.Entity, Fields: store.JSON[map[string]mark]{V: map[string]mark{}}}
	return s.applied(ctx, tx, op, e, "")
}

// orphan is an operation on what does not exist: its creation is still to come,
// or was refused.
func (s *Sync) orphan(ctx context.Context, tx *store.Tx, op *Op) (Result, error) {
	var n int
	err := tx.Get(ctx, &n, `SELECT COUNT(*) FROM sync_op WHERE territory_id = @territory AND kind = ? AND entity = ? AND status = 'rejected' AND type = 'create'`, op.Kind, op.Entity)
	if err != nil {
		return Result{}, fmt.Errorf("sync: looking for a creation: %w", err)
	}
	if n > 0 {
		return Result{}, Refuse("creation")
	}
	return Result{Status: Later, Reason: "entity", Retryable: true}, nil
}

// applied raises the version, marks the field, and answers.
func (s *Sync) applied(ctx context.Context, tx *store.Tx, op *Op, e *entity, field string) (Result, error) {
	e.Version++
	if field != "" {
		e.Fields.V[field] = mark{Version: e.Version, Device: op.Device, Seq: op.Seq, At: op.When.UnixMicro()}
	}
	return Result{Status: Applied, Version: e.Version}, s.put(ctx, tx, op.Kind, e)
}

// setting is the payload of a scalar operation.
type setting struct {
	Field string          `json:"field"`
	Value json.RawMessage `json:"value"`
}

func (s *Sync) scalar(ctx context.Context, tx *store.Tx, m Model, op *Op, e *entity) (Result, error) {
	var set setting
	if err := op.Read(&set); err != nil {
		return Result{}, err
	}
	if set.Field == "" || len(set.Field) > maxWord || len(set.Value) == 0 {
		return Result{}, Refuse("payload")
	}
	now, err := m.Value(ctx, tx, op.Entity, set.Field)
	if err != nil {
		return Result{}, err
	}
	last, marked := e.Fields.V[set.Field]
	own := marked && last.Device == op.Device
	switch {
	case own && last.Seq > op.Seq: // an older one of the same device, late
		return Result{Status: Applied, Version: e.Version, Superseded: true}, nil
	case same(now, set.Value):
		return Result{Status: Duplicate, Version: e.Version}, nil
	case marked && !own && last.Version > op.Base:
		return s.propose(ctx, tx, op, e, set.Field, set.Value, now)
	}
	if err := m.Set(ctx, tx, op, set.Field, set.Value); err != nil {
		return Result{}, err
	}
	return s.applied(ctx, tx, op, e, set.Field)
}

func (s *Sync) state(ctx context.Context, tx *store.Tx, m Model, op *Op, e *entity) (Result, error) {
	v, err := m.Move(ctx, tx, op)
	if err != nil {
		return Result{}, err
	}
	switch v.Status {
	case Applied:
		return s.applied(ctx, tx, op, e, "state")
	case Conflict:
		return s.propose(ctx, tx, op, e, "state", op.Payload, v.Server)
	}
	return Result{Status: Duplicate, Version: e.Version}, nil
}

// latest keeps the newest by corrected time; the same time is decided by the
// identifier, so that every order of arrival gives the same.
func (s *Sync) latest(ctx context.Context, tx *store.Tx, m Model, op *Op, e *entity) (Result, error) {
	var k struct {
		Key string `json:"key"`
	}
	if err := op.Read(&k); err != nil {
		return Result{}, err
	}
	if k.Key == "" || len(k.Key) > maxWord {
		return Result{}, Refuse("payload")
	}
	field := "item:" + k.Key
	last, marked := e.Fields.V[field]
	at := op.When.UnixMicro()
	late := marked && (at < last.At || at == last.At && op.Device < last.Device)
	if marked && last.Device == op.Device {
		late = op.Seq < last.Seq // one device knows its own order, whatever its clock
	}
	if late {
		return Result{Status: Applied, Version: e.Version, Superseded: true}, nil
	}
	if err := m.Add(ctx, tx, op); err != nil {
		return Result{}, err
	}
	return s.applied(ctx, tx, op, e, field)
}

// same compares two JSON values, whatever their spacing.
func same(a, b json.RawMessage) bool {
	var x, y any
	if json.Unmarshal(a, &x) != nil || json.Unmarshal(b, &y) != nil {
		return false
	}
	one, errOne := json.Marshal(x)
	two, errTwo := json.Marshal(y)
	return errOne == nil && errTwo == nil && bytes.Equal(one, two)
}
