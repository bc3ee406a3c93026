package booking

import (
	"context"
	"fmt"

	"parvis/platform/store"
)

// AddResource writes a new resource and returns its identifier. It has no
// opening until SaveRule.
func (e *Engine) AddResource(ctx context.Context, tx *store.Tx, r Resource) (store.ID, error) {
	if err := r.check(); err != nil {
		return 0, err
	}
	r.ID = store.NewID()
	_, err := tx.Exec(ctx, `INSERT INTO booking_resource (territory_id, `+resourceColumns+`, longest)
		VALUES (@territory, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, 0)`,
		r.ID, r.Kind, r.Name, r.PlaceID, r.Capacity, r.TimeZone, r.HolidayZone, r.PartialHolidays, r.WorksOnHolidays, r.Active, r.OwnerRef, r.HorizonDays)
	if err != nil {
		return 0, fmt.Errorf("booking: adding a resource: %w", err)
	}
	return r.ID, nil
}

// UpdateResource writes what r says and computes its spans again where its
// place, zones, holidays or horizon changed. A smaller capacity does not touch
// the bookings of the units that are no longer offered.
func (e *Engine) UpdateResource(ctx context.Context, tx *store.Tx, r Resource) error {
	if err := r.check(); err != nil {
		return err
	}
	old, err := e.Resource(ctx, tx, r.ID)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE booking_resource SET kind = ?, name = ?, place_id = ?, capacity = ?, time_zone = ?, holiday_zone = ?,
			partial_holidays = ?, works_on_holidays = ?, active = ?, owner_ref = ?, horizon_days = ?, rev = rev + 1
		WHERE territory_id = @territory AND id = ?`,
		r.Kind, r.Name, r.PlaceID, r.Capacity, r.TimeZone, r.HolidayZone, r.PartialHolidays, r.WorksOnHolidays, r.Active, r.OwnerRef, r.HorizonDays, r.ID)
	if err != nil {
		return fmt.Errorf("booking: updating resource %d: %w", r.ID, err)
	}
	same := old.PlaceID == r.PlaceID && old.TimeZone == r.TimeZone && old.HolidayZone == r.HolidayZone &&
		old.PartialHolidays == r.PartialHolidays && old.WorksOnHolidays == r.WorksOnHolidays && old.HorizonDays == r.HorizonDays
	if same {
		return nil
	}
	return e.Recompute(ctx, tx, r.ID)
}

// Resource reads one; store.ErrNotFound when the territory has none of that id.
func (e *Engine) Resource(ctx context.Context, tx *store.Tx, id store.ID) (Resource, error) {
	var r Resource
	err := tx.Get(ctx, &r, `SELECT `+resourceColumns+` FROM booking_resource WHERE territory_id = @territory AND id = ?`, id)
	if err != nil {
		return r, fmt.Errorf("booking: resource %d: %w", id, err)
	}
	return r, nil
}

// Resources lists those of a kind (empty: all kinds) with identifiers above
// after, ascending, at most limit: the next page starts after the last one.
func (e *Engine) Resources(ctx context.Context, tx *store.Tx, kind Kind, after store.ID, limit int) ([]Resource, error) {
	var out []Resource
	err := tx.Select(ctx, &out, `SELECT `+resourceColumns+` FROM booking_resource
		WHERE territory_id = @territory AND id > ? AND (? = '' OR kind = ?) ORDER BY id LIMIT ?`, after, kind, kind, limit)
	if err != nil {
		return nil, fmt.Errorf("booking: listing resources: %w", err)
	}
	return out, nil
}

// ResourcesOf lists the resources of an owner ("person:123").
func (e *Engine) ResourcesOf(ctx context.Context, tx *store.Tx, ownerRef string) ([]Resource, error) {
	var out []Resource
	err := tx.Select(ctx, &out, `SELECT `+resourceColumns+` FROM booking_resource
		WHERE territory_id = @territory AND owner_ref = ? ORDER BY id LIMIT 1000`, ownerRef)
	if err != nil {
		return nil, fmt.Errorf("booking: listing resources of an owner: %w", err)
	}
	return out, nil
}
