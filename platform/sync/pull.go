package sync

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"parvis/platform/fault"
	"parvis/platform/store"
)

// pageRows is how many entities one pull gives.
const pageRows = 300

// Row is an entity as a device reads it; without data it is a tombstone, or it
// is no longer for this device.
type Row struct {
	Kind    string          `json:"kind"`
	Entity  string          `json:"entity"`
	Version int64           `json:"version"`
	Data    json.RawMessage `json:"data,omitempty"`
	Gone    bool            `json:"gone,omitempty"`
}

// Changes is a page of what changed. Full tells the device to forget what it
// read before, not what it wrote; it goes on while More.
type Changes struct {
	Now     int64 `json:"now"`
	Cursor  int64 `json:"cursor"`
	Full    bool  `json:"full,omitempty"`
	More    bool  `json:"more,omitempty"`
	Revoked bool  `json:"revoked,omitempty"`
	Rows    []Row `json:"rows"`
}

// Asked is what a device asks: since a cursor, 0 for everything. Full goes on
// with a full read that did not fit one page.
type Asked struct {
	Device string
	Since  int64
	Full   bool
}

// Pull gives what changed for a person since a cursor, oldest change first. A
// cursor that is too old or not ours gets everything again.
func (s *Sync) Pull(ctx context.Context, h store.Handle, who Who, in Asked) (Changes, error) {
	if in.Device != "" && !IsUUID(in.Device) || in.Since < 0 {
		return Changes{}, fault.New(fault.Invalid, "sync.error.device")
	}
	var c Changes
	err := h.View(ctx, func(tx *store.Tx) error {
		c = Changes{Now: tx.Now().UnixMilli(), Rows: []Row{}}
		if in.Device != "" {
			var d Device
			err := tx.Get(ctx, &d, `SELECT `+deviceColumns+` FROM sync_device WHERE territory_id = @territory AND id = ?`, in.Device)
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return fmt.Errorf("sync: finding the device: %w", err)
			}
			if c.Revoked = err == nil && !d.RevokedAt.IsZero(); c.Revoked {
				return nil
			}
		}
		var clock struct{ Cursor, Floor int64 }
		err := tx.Get(ctx, &clock, `SELECT cursor, floor FROM sync_clock WHERE territory_id = @territory`)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return fmt.Errorf("sync: reading the cursor: %w", err)
		}
		since := in.Since
		c.Full = in.Full
		if since < clock.Floor && !in.Full || since > clock.Cursor {
			since, c.Full = 0, true
		}
		if since == 0 {
			c.Full = true
		}
		return s.page(ctx, tx, who, since, clock.Cursor, &c)
	})
	return c, err
}

// head is a line of the list of changes.
type head struct {
	Kind, UID, Scope string
	Version, Changed int64
	Gone             bool
}

func (s *Sync) page(ctx context.Context, tx *store.Tx, who Who, since, last int64, c *Changes) error {
	query := `SELECT kind, uid, scope, version, changed, (deleted OR (until IS NOT NULL AND until < ?)) AS gone
		FROM sync_entity WHERE territory_id = @territory AND changed > ?`
	args := []any{tx.Now(), since}
	if c.Full {
		query += ` AND NOT deleted AND (until IS NULL OR until >= ?)`
		args = append(args, tx.Now())
		if !who.All {
			scopes := append([]string{""}, who.Scopes...)
			query += ` AND scope IN (?` + strings.Repeat(",?", len(scopes)-1) + `)`
			for _, x := range scopes {
				args = append(args, x)
			}
		}
	}
	var heads []head
	if err := tx.Select(ctx, &heads, query+` ORDER BY changed LIMIT ?`, append(args, pageRows+1)...); err != nil {
		return fmt.Errorf("sync: listing changes: %w", err)
	}
	c.Cursor = last
	if len(heads) > pageRows {
		heads, c.More = heads[:pageRows], true
		c.Cursor = heads[pageRows-1].Changed
	}
	wanted := map[string][]string{}
	for _, x := range heads {
		if !x.Gone && who.sees(x.Scope) {
			wanted[x.Kind] = append(wanted[x.Kind], x.UID)
		}
	}
	data := map[string]map[string]json.RawMessage{}
	for kind, uids := range wanted {
		m := s.models[kind]
		if m == nil {
			continue // of a service that this program no longer has
		}
		rows, err := m.Rows(ctx, tx, uids)
		if err != nil {
			return fmt.Errorf("sync: reading %s: %w", kind, err)
		}
		data[kind] = rows
	}
	for _, x := range heads {
		d := data[x.Kind][x.UID]
		c.Rows = append(c.Rows, Row{Kind: x.Kind, Entity: x.UID, Version: x.Version, Data: d, Gone: d == nil})
	}
	return nil
}
