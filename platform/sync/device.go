package sync

import (
	"context"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"parvis/platform/store"
)

// Device is a browser that synchronises for one person.
type Device struct {
	ID        string
	PersonID  store.ID
	Name      string // what the browser says of itself, short
	LastSeq   int64  // the highest order number received
	Received  int64  // operations received: fewer than LastSeq when some are on their way
	CreatedAt time.Time
	SeenAt    time.Time
	RevokedAt time.Time
}

// Missing is how many operations of the device are known to exist and have not
// come.
func (d Device) Missing() int64 { return max(0, d.LastSeq-d.Received) }

const deviceColumns = `id, person_id, name, last_seq, received, created_at, seen_at, revoked_at`

// device reads the device of a push or registers it.
func device(ctx context.Context, tx *store.Tx, id, name string, who Who) (Device, error) {
	var d Device
	err := tx.Get(ctx, &d, `SELECT `+deviceColumns+` FROM sync_device WHERE territory_id = @territory AND id = ?`, id)
	if err == nil || !errors.Is(err, store.ErrNotFound) {
		return d, err
	}
	for utf8.RuneCountInString(name) > maxWord {
		_, n := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-n]
	}
	d = Device{ID: id, PersonID: who.Person, Name: name, CreatedAt: tx.Now(), SeenAt: tx.Now()}
	_, err = tx.Exec(ctx, `INSERT INTO sync_device (territory_id, id, person_id, name, created_at, seen_at) VALUES (@territory, ?, ?, ?, ?, ?)`,
		d.ID, d.PersonID, d.Name, d.CreatedAt, d.SeenAt)
	return d, err
}

// Devices lists the devices, last seen first, at most 500; person 0: of everybody.
func (s *Sync) Devices(ctx context.Context, tx *store.Tx, person store.ID) ([]Device, error) {
	var out []Device
	err := tx.Select(ctx, &out, `SELECT `+deviceColumns+` FROM sync_device WHERE territory_id = @territory AND (? = 0 OR person_id = ?) ORDER BY seen_at DESC, id LIMIT 500`, person, person)
	if err != nil {
		return nil, fmt.Errorf("sync: listing devices: %w", err)
	}
	return out, nil
}

// Revoke shuts a device out for good: at its next start it erases what it
// holds. store.ErrNotFound when there is none.
func (s *Sync) Revoke(ctx context.Context, tx *store.Tx, id string) error {
	n, err := tx.Exec(ctx, `UPDATE sync_device SET revoked_at = ? WHERE territory_id = @territory AND id = ? AND revoked_at IS NULL`, tx.Now(), id)
	if err != nil {
		return fmt.Errorf("sync: revoking a device: %w", err)
	}
	if n == 0 {
		return store.ErrNotFound
	}
	return nil
}

// PurgeDevices forgets the devices not seen since before.
func PurgeDevices(ctx context.Context, tx *store.Tx, before time.Time, limit int) (int64, error) {
	return tx.Exec(ctx, `DELETE FROM sync_device WHERE territory_id = @territory AND id IN
		(SELECT id FROM sync_device WHERE territory_id = @territory AND seen_at < ? LIMIT ?)`, before, limit)
}

// PurgeOps forgets the operations received before.
func PurgeOps(ctx context.Context, tx *store.Tx, before time.Time, limit int) (int64, error) {
	return tx.Exec(ctx, `DELETE FROM sync_op WHERE territory_id = @territory AND id IN
		(SELECT id FROM sync_op WHERE territory_id = @territory AND received_at < ? ORDER BY received_at LIMIT ?)`, before, limit)
}

// PurgeProposals forgets the settled proposals made before.
func PurgeProposals(ctx context.Context, tx *store.Tx, before time.Time, limit int) (int64, error) {
	return tx.Exec(ctx, `DELETE FROM sync_proposal WHERE territory_id = @territory AND id IN
		(SELECT id FROM sync_proposal WHERE territory_id = @territory AND created_at < ? AND choice <> '' ORDER BY created_at LIMIT ?)`, before, limit)
}
