package intervention

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"

	"parvis/platform/geo"
	"parvis/platform/store"
)

// gridMetres is the side of the cell that is a place when no asset is known:
// the wall that is tagged again is seldom further (reference, section 7).
const gridMetres = 25

// cellKey is the fine cell of a point, for searches; 0 without a point.
func cellKey(lat, lon *float64) int64 {
	if lat == nil || lon == nil {
		return 0
	}
	return geo.CellKey(geo.Point{Lat: *lat, Lon: *lon})
}

// placeOf names the place of a work order: its asset, else the cell of 25 m of
// its point; "" when neither is known.
func placeOf(asset store.ID, lat, lon *float64) string {
	switch {
	case asset != 0:
		return "a:" + asset.String()
	case lat == nil || lon == nil:
		return ""
	}
	return "c:" + geo.Cell(geo.Point{Lat: *lat, Lon: *lon}, gridMetres)
}

// visit is one intervention at a place, packed into eventSize bytes.
type visit struct {
	Noticed, Done time.Time // Done is zero while it is not
	Minutes       int64
	Cents         int64
	Quantity      float64
}

// eventSize is the length of a packed visit: two times in minutes, the minutes
// spent, the cents, the quantity.
const eventSize = 4 + 4 + 2 + 4 + 4

func minutesOf(t time.Time) uint32 {
	if t.IsZero() {
		return 0
	}
	return uint32(min(max(t.Unix()/60, 1), math.MaxUint32))
}

func timeOf(m uint32) time.Time {
	if m == 0 {
		return time.Time{}
	}
	return time.Unix(int64(m)*60, 0).UTC()
}

func pack(list []visit) []byte {
	out := make([]byte, 0, len(list)*eventSize)
	for _, v := range list {
		out = binary.LittleEndian.AppendUint32(out, minutesOf(v.Noticed))
		out = binary.LittleEndian.AppendUint32(out, minutesOf(v.Done))
		out = binary.LittleEndian.AppendUint16(out, uint16(min(max(v.Minutes, 0), math.MaxUint16)))
		out = binary.LittleEndian.AppendUint32(out, uint32(min(max(v.Cents, 0), math.MaxUint32)))
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(float32(v.Quantity)))
	}
	return out
}

func unpack(b []byte, into []visit) []visit {
	into = into[:0]
	for ; len(b) >= eventSize; b = b[eventSize:] {
		into = append(into, visit{timeOf(binary.LittleEndian.Uint32(b)), timeOf(binary.LittleEndian.Uint32(b[4:])), int64(binary.LittleEndian.Uint16(b[8:])),
			int64(binary.LittleEndian.Uint32(b[10:])), float64(math.Float32frombits(binary.LittleEndian.Uint32(b[14:])))})
	}
	return into
}

// maxVisits bounds what one place holds; beyond it the oldest are left out.
const maxVisits = 5000

// countPlace writes the visits of a place again from the work orders: always
// the same as a count by hand.
func (s *Service) countPlace(ctx context.Context, tx *store.Tx, trade store.ID, place string) error {
	if place == "" {
		return nil
	}
	var rows []struct {
		NoticedAt, DoneAt time.Time
		Minutes, Cents    int64
		Quantity          float64
		Lat, Lon          *float64
		Address           string
		AssetID           store.ID
	}
	if err := tx.Select(ctx, &rows, `SELECT noticed_at, done_at, minutes, cents, quantity, lat, lon, address, asset_id FROM intervention
		WHERE territory_id = @territory AND trade_id = ? AND place = ? AND state NOT IN ('cancelled', 'moot', 'impossible') ORDER BY noticed_at DESC, id DESC LIMIT ?`, trade, place, maxVisits); err != nil {
		return fmt.Errorf("intervention: counting a place: %w", err)
	}
	if len(rows) == 0 {
		_, err := tx.Exec(ctx, `DELETE FROM intervention_place WHERE territory_id = @territory AND trade_id = ? AND place = ?`, trade, place)
		return err
	}
	visits := make([]visit, 0, len(rows))
	done := 0
	for i := len(rows) - 1; i >= 0; i-- {
		r := rows[i]
		visits = append(visits, visit{r.NoticedAt, r.DoneAt, r.Minutes, r.Cents, r.Quantity})
		if !r.DoneAt.IsZero() {
			done++
		}
	}
	label, lat, lon := rows[0].Address, rows[0].Lat, rows[0].Lon
	if rows[0].AssetID != 0 {
		a, err := s.Asset(ctx, tx, rows[0].AssetID)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if err == nil {
			label, lat, lon = a.Name, a.Lat, a.Lon
		}
	}
	_, err := tx.Exec(ctx, `INSERT INTO intervention_place (territory_id, trade_id, place, asset_id, lat, lon, label, events, count, last_at) VALUES (@territory, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (territory_id, trade_id, place) DO UPDATE SET asset_id = excluded.asset_id, lat = excluded.lat, lon = excluded.lon, label = excluded.label, events = excluded.events,
			count = excluded.count, last_at = excluded.last_at`, trade, place, rows[0].AssetID, lat, lon, label, pack(visits), done, rows[0].NoticedAt)
	if err != nil {
		return fmt.Errorf("intervention: writing a place: %w", err)
	}
	return nil
}

// CountPlaces counts every place of a trade again: after a load, or when the
// figures are doubted.
func (s *Service) CountPlaces(ctx context.Context, tx *store.Tx, trade store.ID) error {
	var places []string
	if err := tx.Select(ctx, &places, `SELECT DISTINCT place FROM intervention WHERE territory_id = @territory AND trade_id = ? AND place <> ''`, trade); err != nil {
		return fmt.Errorf("intervention: listing places: %w", err)
	}
	for _, p := range places {
		if err := s.countPlace(ctx, tx, trade, p); err != nil {
			return err
		}
	}
	return nil
}
