package booking

import (
	"context"
	"fmt"

	"parvis/platform/calendar"
	"parvis/platform/fault"
	"parvis/platform/store"
)

// SaveRule writes a rule, a new one when its ID is 0, and computes its spans
// from today to the horizon in the same transaction; what was open in the past
// stays as it was. The overlaps are warnings. A rule stays with its resource.
func (e *Engine) SaveRule(ctx context.Context, tx *store.Tx, r Rule) (store.ID, []Overlap, error) {
	if err := r.check(); err != nil {
		return 0, nil, err
	}
	resource, err := e.Resource(ctx, tx, r.ResourceID)
	if err != nil {
		return 0, nil, err
	}
	if r.ID == 0 {
		r.ID = store.NewID()
		err = insertRule(ctx, tx, &r)
	} else {
		err = updateRule(ctx, tx, &r)
	}
	if err != nil {
		return 0, nil, err
	}
	for _, tag := range r.Tags {
		if _, err := tx.Exec(ctx, `INSERT INTO booking_rule_tag (territory_id, resource_id, rule_id, tag) VALUES (@territory, ?, ?, ?)`,
			r.ResourceID, r.ID, tag); err != nil {
			return 0, nil, fmt.Errorf("booking: writing what may be booked: %w", err)
		}
	}
	if err := e.ledger(tx).lock(ctx, []store.ID{resource.ID}, 0); err != nil {
		return 0, nil, err
	}
	if err := e.recompute(ctx, tx, &resource, &r); err != nil {
		return 0, nil, err
	}
	overlaps, err := e.Overlaps(ctx, tx, r.ResourceID, r.ID)
	return r.ID, overlaps, err
}

func insertRule(ctx context.Context, tx *store.Tx, r *Rule) error {
	_, err := tx.Exec(ctx, `INSERT INTO booking_rule (territory_id, id, resource_id, place_id, holiday_zone, school, school_zone,
			rrule, weeks, first_day, last_day, from_minute, to_minute, exceptions)
		VALUES (@territory, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		r.ID, r.ResourceID, r.PlaceID, r.HolidayZone, r.School, r.SchoolZone,
		r.When.RRule, r.When.Weeks, r.When.Start, r.When.Until, r.When.From, r.When.To, store.JSON[[]calendar.Date]{V: r.When.Exceptions})
	if err != nil {
		return fmt.Errorf("booking: adding a rule: %w", err)
	}
	return nil
}

func updateRule(ctx context.Context, tx *store.Tx, r *Rule) error {
	n, err := tx.Exec(ctx, `UPDATE booking_rule SET place_id = ?, holiday_zone = ?, school = ?, school_zone = ?,
			rrule = ?, weeks = ?, first_day = ?, last_day = ?, from_minute = ?, to_minute = ?, exceptions = ?
		WHERE territory_id = @territory AND id = ? AND resource_id = ?`, r.PlaceID, r.HolidayZone, r.School, r.SchoolZone,
		r.When.RRule, r.When.Weeks, r.When.Start, r.When.Until, r.When.From, r.When.To, store.JSON[[]calendar.Date]{V: r.When.Exceptions},
		r.ID, r.ResourceID)
	if err == nil && n == 0 {
		err = store.ErrNotFound
	}
	if err == nil {
		_, err = tx.Exec(ctx, `DELETE FROM booking_rule_tag WHERE territory_id = @territory AND resource_id = ? AND rule_id = ?`, r.ResourceID, r.ID)
	}
	if err != nil {
		return fmt.Errorf("booking: updating rule %d: %w", r.ID, err)
	}
	return nil
}

// DeleteRule removes a rule and what it opened from today on. Bookings stay.
func (e *Engine) DeleteRule(ctx context.Context, tx *store.Tx, id store.ID) error {
	r, err := e.Rule(ctx, tx, id)
	if err != nil {
		return err
	}
	resource, err := e.Resource(ctx, tx, r.ResourceID)
	if err != nil {
		return err
	}
	if err := e.ledger(tx).lock(ctx, []store.ID{resource.ID}, 0); err != nil {
		return err
	}
	if _, err := forget(ctx, tx, &resource, id); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `DELETE FROM booking_rule_tag WHERE territory_id = @territory AND resource_id = ? AND rule_id = ?`, resource.ID, id)
	if err == nil {
		_, err = tx.Exec(ctx, `DELETE FROM booking_override WHERE territory_id = @territory AND rule_id = ?`, id)
	}
	if err == nil {
		_, err = tx.Exec(ctx, `DELETE FROM booking_rule WHERE territory_id = @territory AND id = ?`, id)
	}
	if err != nil {
		return fmt.Errorf("booking: deleting rule %d: %w", id, err)
	}
	return nil
}

// Rule reads one; store.ErrNotFound when the territory has none of that id.
func (e *Engine) Rule(ctx context.Context, tx *store.Tx, id store.ID) (Rule, error) {
	rs, err := rules(ctx, tx, `id = ?`, id)
	if err == nil && len(rs) == 0 {
		err = store.ErrNotFound
	}
	if err != nil {
		return Rule{}, fmt.Errorf("booking: reading rule %d: %w", id, err)
	}
	return rs[0], nil
}

// Rules lists the rules of a resource, oldest first, at most 1000.
func (e *Engine) Rules(ctx context.Context, tx *store.Tx, resource store.ID) ([]Rule, error) {
	rs, err := rules(ctx, tx, `resource_id = ? ORDER BY id LIMIT 1000`, resource)
	if err != nil {
		return nil, fmt.Errorf("booking: listing rules: %w", err)
	}
	return rs, nil
}

func rules(ctx context.Context, tx *store.Tx, condition string, args ...any) ([]Rule, error) {
	var out []Rule
	err := tx.Each(ctx, `SELECT id, resource_id, place_id, holiday_zone, school, school_zone, rrule, weeks, first_day, last_day,
			from_minute, to_minute, exceptions
		FROM booking_rule WHERE territory_id = @territory AND `+condition, args, func(scan func(...any) error) error {
		var r Rule
		var exceptions store.JSON[[]calendar.Date]
		err := scan(&r.ID, &r.ResourceID, &r.PlaceID, &r.HolidayZone, &r.School, &r.SchoolZone, &r.When.RRule, &r.When.Weeks, &r.When.Start,
			&r.When.Until, &r.When.From, &r.When.To, &exceptions)
		r.When.Exceptions = exceptions.V
		out = append(out, r)
		return err
	})
	if err != nil {
		return nil, err
	}
	for i := range out {
		err := tx.Each(ctx, `SELECT tag FROM booking_rule_tag WHERE territory_id = @territory AND resource_id = ? AND rule_id = ? ORDER BY tag`,
			[]any{out[i].ResourceID, out[i].ID}, func(scan func(...any) error) error {
				var tag string
				err := scan(&tag)
				out[i].Tags = append(out[i].Tags, tag)
				return err
			})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// SetOverride edits one occurrence of a rule; one that stands for that day is
// replaced. The day must be one of the rule.
func (e *Engine) SetOverride(ctx context.Context, tx *store.Tx, rule store.ID, o Override) error {
	r, err := e.Rule(ctx, tx, rule)
	if err != nil {
		return err
	}
	if err := o.check(&r); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO booking_override (territory_id, rule_id, day, cancelled, from_minute, to_minute, place_id)
		VALUES (@territory, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (territory_id, rule_id, day) DO UPDATE SET cancelled = excluded.cancelled, from_minute = excluded.from_minute,
			to_minute = excluded.to_minute, place_id = excluded.place_id`,
		rule, o.Day, o.Cancelled, o.From, o.To, o.PlaceID)
	if err != nil {
		return fmt.Errorf("booking: editing an occurrence: %w", err)
	}
	return e.redo(ctx, tx, &r, o.Day)
}

// ClearOverride gives an occurrence back the hours of its rule.
func (e *Engine) ClearOverride(ctx context.Context, tx *store.Tx, rule store.ID, day calendar.Date) error {
	r, err := e.Rule(ctx, tx, rule)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `DELETE FROM booking_override WHERE territory_id = @territory AND rule_id = ? AND day = ?`, rule, day)
	if err == nil && n == 0 {
		err = store.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("booking: restoring an occurrence: %w", err)
	}
	return e.redo(ctx, tx, &r, day)
}

// Overrides lists the edited occurrences of a rule, by day, at most 1000.
func (e *Engine) Overrides(ctx context.Context, tx *store.Tx, rule store.ID) ([]Override, error) {
	var out []Override
	err := tx.Each(ctx, `SELECT day, cancelled, from_minute, to_minute, place_id FROM booking_override
		WHERE territory_id = @territory AND rule_id = ? ORDER BY day LIMIT 1000`, []any{rule}, func(scan func(...any) error) error {
		var o Override
		err := scan(&o.Day, &o.Cancelled, &o.From, &o.To, &o.PlaceID)
		out = append(out, o)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("booking: listing edited occurrences: %w", err)
	}
	return out, nil
}

// redo computes one day of a rule again.
func (e *Engine) redo(ctx context.Context, tx *store.Tx, r *Rule, day calendar.Date) error {
	resource, err := e.Resource(ctx, tx, r.ResourceID)
	if err != nil {
		return err
	}
	today, err := resource.today(tx.Now())
	if err != nil {
		return err
	}
	if day.Before(today) || day.After(today.AddDays(resource.HorizonDays)) {
		return fault.New(fault.Invalid, "booking.field.occurrence")
	}
	if err := e.ledger(tx).lock(ctx, []store.ID{resource.ID}, 0); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM booking_span WHERE territory_id = @territory AND resource_id = ? AND rule_id = ? AND day = ?`,
		resource.ID, r.ID, day); err != nil {
		return fmt.Errorf("booking: computing a day again: %w", err)
	}
	return e.open(ctx, tx, &resource, r, day, day)
}
