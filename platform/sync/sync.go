package sync

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"time"

	"parvis/platform/store"
)

//go:embed migrations/*.sql
var files embed.FS

// Migration is the package's schema.
func Migration() store.Migration { return store.Migration{Name: "sync", FS: files} }

// Merge is how operations of a type join.
type Merge int

// The ways to merge; see the package's documentation.
const (
	Create      Merge = iota + 1 // makes the entity
	Scalar                       // sets one field: payload {"field", "value"}
	Commutative                  // adds something
	State                        // moves the state: Model.Move decides
	Latest                       // sets one key, latest by corrected time: payload {"key", …}
)

// resolveType is the operation by which a device settles a conflict: payload
// {"proposal": op_id, "choice": "mine" or "theirs"}.
const resolveType = "resolve"

// Scope is who sees an entity and for how long.
type Scope struct {
	Name  string    // "crew:12"; "" everybody
	Until time.Time // no longer given to devices after it; zero: for ever
}

// Verdict is what a state machine says of a move.
type Verdict struct {
	Status Status          // Applied, Duplicate or Conflict
	Server json.RawMessage // of a conflict: what stands
}

// Model is a kind of entity that synchronises. Its methods run inside the
// transaction of the push. A refusal ([Refuse]) undoes what the method wrote;
// any other error undoes the whole batch.
type Model interface {
	// Kind is the entities' kind, "intervention".
	Kind() string
	// Rule tells how operations of a type merge; false for an unknown type.
	Rule(kind string) (Merge, bool)
	// Allow refuses what the person may not do.
	Allow(ctx context.Context, tx *store.Tx, op *Op) error
	// Create makes the entity op.Entity.
	Create(ctx context.Context, tx *store.Tx, op *Op) error
	// Value is what a field holds, as JSON; a refusal when there is no such field.
	Value(ctx context.Context, tx *store.Tx, uid, field string) (json.RawMessage, error)
	// Set writes a field; a refusal when the value does not fit.
	Set(ctx context.Context, tx *store.Tx, op *Op, field string, value json.RawMessage) error
	// Add does what a commutative or latest operation says.
	Add(ctx context.Context, tx *store.Tx, op *Op) error
	// Move changes the state, or says what stands against it.
	Move(ctx context.Context, tx *store.Tx, op *Op) (Verdict, error)
	// Scope says who sees the entity.
	Scope(ctx context.Context, tx *store.Tx, uid string) (Scope, error)
	// Rows gives the entities as devices read them; those that are gone are left out.
	Rows(ctx context.Context, tx *store.Tx, uids []string) (map[string]json.RawMessage, error)
}

// Sync knows the models.
type Sync struct{ models map[string]Model }

// New takes the models; a kind declared twice is an error.
func New(models ...Model) (*Sync, error) {
	s := &Sync{models: map[string]Model{}}
	for _, m := range models {
		if m.Kind() == "" || s.models[m.Kind()] != nil {
			return nil, fmt.Errorf("sync: kind %q is empty or declared twice", m.Kind())
		}
		s.models[m.Kind()] = m
	}
	return s, nil
}
