package sync

import (
	"context"
	"errors"
	"fmt"
	"time"

	"parvis/platform/store"
)

// mark is who last changed a field: at which version, and for a device which
// operation of it, so that its own later ones are no conflict.
type mark struct {
	Version int64  `json:"v"`
	Device  string `json:"d,omitempty"`
	Seq     int64  `json:"s,omitempty"`
	At      int64  `json:"t,omitempty"` // corrected time, microseconds: of latest merges
}

// entity is the synchronisation's view of a thing.
type entity struct {
	UID     string
	Version int64
	Fields  store.JSON[map[string]mark]
	Deleted bool
}

// next takes the next number of the territory's cursor and holds the row: the
// changes of a territory are committed in the order of their numbers, so that a
// device never passes one by.
func next(ctx context.Context, tx *store.Tx) (int64, error) {
	var n int64
	err := tx.Get(ctx, &n, `INSERT INTO sync_clock (territory_id, cursor, floor) VALUES (@territory, 1, 0)
		ON CONFLICT (territory_id) DO UPDATE SET cursor = sync_clock.cursor + 1 RETURNING cursor`)
	if err != nil {
		return 0, fmt.Errorf("sync: advancing the cursor: %w", err)
	}
	return n, nil
}

// find reads an entity; nil when there is none.
func find(ctx context.Context, tx *store.Tx, kind, uid string) (*entity, error) {
	var e entity
	err := tx.Get(ctx, &e, `SELECT uid, version, fields, deleted FROM sync_entity WHERE territory_id = @territory AND kind = ? AND uid = ?`, kind, uid)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("sync: reading an entity: %w", err)
	}
	if e.Fields.V == nil {
		e.Fields.V = map[string]mark{}
	}
	return &e, nil
}

// put writes the entity with a new cursor.
func (s *Sync) put(ctx context.Context, tx *store.Tx, kind string, e *entity) error {
	scope := Scope{}
	if !e.Deleted {
		var err error
		if scope, err = s.models[kind].Scope(ctx, tx, e.UID); err != nil {
			return fmt.Errorf("sync: scope of an entity: %w", err)
		}
	}
	n, err := next(ctx, tx)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO sync_entity (territory_id, kind, uid, version, fields, scope, until, changed, deleted, changed_at)
		VALUES (@territory, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (territory_id, kind, uid) DO UPDATE SET version = excluded.version, fields = excluded.fields, scope = excluded.scope,
			until = excluded.until, changed = excluded.changed, deleted = excluded.deleted, changed_at = excluded.changed_at`,
		kind, e.UID, e.Version, e.Fields, scope.Name, scope.Until, n, e.Deleted, tx.Now()); err != nil {
		return fmt.Errorf("sync: writing an entity: %w", err)
	}
	return nil
}

// Touch notes that the office made or changed an entity, and which fields of
// it; it returns the new version. Call it in the transaction of the change,
// after the rows are written.
func (s *Sync) Touch(ctx context.Context, tx *store.Tx, kind, uid string, fields ...string) (int64, error) {
	if s.models[kind] == nil {
		return 0, fmt.Errorf("sync: unknown kind %q", kind)
	}
	e, err := find(ctx, tx, kind, uid)
	if err != nil {
		return 0, err
	}
	if e == nil {
		e = &entity{UID: uid, Fields: store.JSON[map[string]mark]{V: map[string]mark{}}}
	}
	e.Version++
	e.Deleted = false
	for _, f := range fields {
		e.Fields.V[f] = mark{Version: e.Version, At: tx.Now().UnixMicro()}
	}
	return e.Version, s.put(ctx, tx, kind, e)
}

// Remove leaves a tombstone: devices forget the entity, what they still send of
// it becomes proposals.
func (s *Sync) Remove(ctx context.Context, tx *store.Tx, kind, uid string) error {
	e, err := find(ctx, tx, kind, uid)
	if err != nil || e == nil || e.Deleted {
		return err
	}
	e.Version++
	e.Deleted = true
	return s.put(ctx, tx, kind, e)
}

// Version is the present version of an entity, 0 when it was never synchronised.
func (s *Sync) Version(ctx context.Context, tx *store.Tx, kind, uid string) (int64, error) {
	e, err := find(ctx, tx, kind, uid)
	if err != nil || e == nil {
		return 0, err
	}
	return e.Version, nil
}

// PurgeTombstones forgets the tombstones older than before, at most limit, and
// raises the floor: a device that has not been seen since then reads everything
// again.
func PurgeTombstones(ctx context.Context, tx *store.Tx, before time.Time, limit int) (int64, error) {
	var last int64
	var n int64
	err := tx.Each(ctx, `SELECT changed FROM sync_entity WHERE territory_id = @territory AND deleted AND changed_at < ? ORDER BY changed LIMIT ?`,
		[]any{before, limit}, func(scan func(...any) error) error { n++; return scan(&last) })
	if err != nil || n == 0 {
		return 0, err
	}
	if _, err := tx.Exec(ctx, `UPDATE sync_clock SET floor = ? WHERE territory_id = @territory AND floor < ?`, last, last); err != nil {
		return 0, fmt.Errorf("sync: raising the floor: %w", err)
	}
	n, err = tx.Exec(ctx, `DELETE FROM sync_entity WHERE territory_id = @territory AND deleted AND changed <= ? AND changed_at < ?`, last, before)
	if err != nil {
		return 0, fmt.Errorf("sync: forgetting tombstones: %w", err)
	}
	return n, nil
}
