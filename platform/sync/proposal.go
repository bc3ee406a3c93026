package sync

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"parvis/platform/store"
)

// Proposal is a value from the field that met another one and waits for a
// person. Its identifier is that of the operation.
type Proposal struct {
	ID            string
	Entity        string
	Type          string
	Field         string // "" when the entity had been deleted
	Value         store.JSON[json.RawMessage]
	ServerValue   store.JSON[json.RawMessage]
	ServerVersion int64
	DeviceID      string
	PersonID      store.ID
	HappenedAt    time.Time
	CreatedAt     time.Time
}

// Choice is how a proposal is settled.
type Choice string

// The choices: the field's value, or what the server has. Replaced is a
// proposal that a newer one of the same device and field stands for.
const (
	Mine     Choice = "mine"
	Theirs   Choice = "theirs"
	replaced Choice = "replaced"
)

const proposalColumns = `id, entity, type, field, value, server_value, server_version, device_id, person_id, happened_at, created_at`

// propose keeps the device's value beside the server's.
func (s *Sync) propose(ctx context.Context, tx *store.Tx, op *Op, e *entity, field string, value, server json.RawMessage) (Result, error) {
	if len(value) == 0 {
		value = json.RawMessage("null")
	}
	if len(server) == 0 {
		server = json.RawMessage("null")
	}
	if field != "" {
		if _, err := tx.Exec(ctx, `UPDATE sync_proposal SET choice = ?, resolved_at = ? WHERE territory_id = @territory AND kind = ? AND entity = ? AND field = ? AND device_id = ? AND choice = ''`,
			replaced, tx.Now(), op.Kind, op.Entity, field, op.Device); err != nil {
			return Result{}, fmt.Errorf("sync: replacing a proposal: %w", err)
		}
	}
	if _, err := tx.Exec(ctx, `INSERT INTO sync_proposal (territory_id, id, kind, entity, type, field, value, server_value, server_version, device_id, person_id, happened_at, created_at)
		VALUES (@territory, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, op.ID, op.Kind, op.Entity, op.Type, field, string(value), string(server), e.Version, op.Device, op.Who.Person, op.When, tx.Now()); err != nil {
		return Result{}, fmt.Errorf("sync: keeping a proposal: %w", err)
	}
	return Result{Status: Conflict, Field: field, Server: server, ServerAt: e.Version, Version: e.Version}, nil
}

// Proposals lists those that wait, oldest first, at most 200; uid "": of every
// entity of the kind.
func (s *Sync) Proposals(ctx context.Context, tx *store.Tx, kind, uid string) ([]Proposal, error) {
	var out []Proposal
	err := tx.Select(ctx, &out, `SELECT `+proposalColumns+` FROM sync_proposal
		WHERE territory_id = @territory AND kind = ? AND (? = '' OR entity = ?) AND choice = '' ORDER BY created_at, id LIMIT 200`, kind, uid, uid)
	if err != nil {
		return nil, fmt.Errorf("sync: listing proposals: %w", err)
	}
	return out, nil
}

// Resolve settles a proposal for the person by. Mine writes the field's value;
// the model may refuse it. store.ErrNotFound when it is settled already.
func (s *Sync) Resolve(ctx context.Context, tx *store.Tx, kind, id string, choice Choice, by Who) error {
	m := s.models[kind]
	if m == nil || (choice != Mine && choice != Theirs) {
		return fmt.Errorf("sync: resolving a %q with %q", kind, choice)
	}
	var p Proposal
	if err := tx.Get(ctx, &p, `SELECT `+proposalColumns+` FROM sync_proposal WHERE territory_id = @territory AND kind = ? AND id = ? AND choice = ''`, kind, id); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE sync_proposal SET choice = ?, resolved_at = ?, resolved_by = ? WHERE territory_id = @territory AND id = ?`, choice, tx.Now(), by.Person, id); err != nil {
		return fmt.Errorf("sync: settling a proposal: %w", err)
	}
	e, err := find(ctx, tx, kind, p.Entity)
	if err != nil || e == nil {
		return err
	}
	field := p.Field
	if choice == Mine {
		if e.Deleted || field == "" {
			return Refuse("deleted")
		}
		op := &Op{Kind: kind, Entity: p.Entity, Type: p.Type, Payload: p.Value.V, Device: p.DeviceID, Who: by, When: p.HappenedAt, Received: tx.Now()}
		if merge, _ := m.Rule(p.Type); merge == State {
			v, err := m.Move(ctx, tx, op)
			if err != nil {
				return err
			}
			if v.Status == Conflict {
				return Refuse("state")
			}
		} else if err := m.Set(ctx, tx, op, field, p.Value.V); err != nil {
			return err
		}
	} else {
		field = ""
	}
	e.Version++
	if field != "" {
		e.Fields.V[field] = mark{Version: e.Version, At: tx.Now().UnixMicro()}
	}
	return s.put(ctx, tx, kind, e)
}

// resolveOp is Resolve asked for by a device.
func (s *Sync) resolveOp(ctx context.Context, tx *store.Tx, m Model, op *Op, e *entity) (Result, error) {
	var in struct {
		Proposal string `json:"proposal"`
		Choice   Choice `json:"choice"`
	}
	if err := op.Read(&in); err != nil {
		return Result{}, err
	}
	if in.Choice != Mine && in.Choice != Theirs {
		return Result{}, Refuse("payload")
	}
	var entity string
	err := tx.Get(ctx, &entity, `SELECT entity FROM sync_proposal WHERE territory_id = @territory AND kind = ? AND id = ? AND choice = ''`, op.Kind, in.Proposal)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return Result{Status: Duplicate, Version: e.Version}, nil
	case err != nil:
		return Result{}, fmt.Errorf("sync: looking for a proposal: %w", err)
	case entity != op.Entity:
		return Result{}, Refuse("payload")
	}
	if err := s.Resolve(ctx, tx, m.Kind(), in.Proposal, in.Choice, op.Who); err != nil {
		return Result{}, err
	}
	return Result{Status: Applied, Version: e.Version + 1}, nil
}
