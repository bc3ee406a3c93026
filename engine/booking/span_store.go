package booking

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"parvis/platform/calendar"
	"parvis/platform/store"
)

// slack is how many days pass before a rule is extended to the horizon again.
const slack = 7

func (r *Resource) today(now time.Time) (calendar.Date, error) {
	zone, err := location(r.TimeZone)
	if err != nil {
		return calendar.Date{}, err
	}
	return calendar.DateOf(now, zone), nil
}

// Recompute computes the spans of every rule of a resource again, from today:
// needed when what the engine does not see has changed (school holidays).
func (e *Engine) Recompute(ctx context.Context, tx *store.Tx, resource store.ID) error {
	r, err := e.Resource(ctx, tx, resource)
	if err != nil {
		return err
	}
	if err := e.ledger(tx).lock(ctx, []store.ID{r.ID}, 0); err != nil {
		return err
	}
	rs, err := e.Rules(ctx, tx, resource)
	if err != nil {
		return err
	}
	for i := range rs {
		if err := e.recompute(ctx, tx, &r, &rs[i]); err != nil {
			return err
		}
	}
	return nil
}

// recompute replaces the spans of a rule from today to the horizon. The
// resource is locked.
func (e *Engine) recompute(ctx context.Context, tx *store.Tx, r *Resource, rule *Rule) error {
	today, err := forget(ctx, tx, r, rule.ID)
	if err != nil {
		return err
	}
	return e.extend(ctx, tx, r, rule, today)
}

// forget deletes the spans of a rule from today on and returns today.
func forget(ctx context.Context, tx *store.Tx, r *Resource, rule store.ID) (calendar.Date, error) {
	today, err := r.today(tx.Now())
	if err != nil {
		return today, err
	}
	zone, err := location(r.TimeZone)
	if err != nil {
		return today, err
	}
	_, err = tx.Exec(ctx, `DELETE FROM booking_span WHERE territory_id = @territory AND resource_id = ? AND starts_at >= ? AND rule_id = ?`,
		r.ID, today.Start(zone), rule)
	if err != nil {
		return today, fmt.Errorf("booking: forgetting the spans of rule %d: %w", rule, err)
	}
	return today, nil
}

// extend writes the spans of a rule from a day to the horizon.
func (e *Engine) extend(ctx context.Context, tx *store.Tx, r *Resource, rule *Rule, from calendar.Date) error {
	today, err := r.today(tx.Now())
	if err != nil {
		return err
	}
	last := today.AddDays(r.HorizonDays)
	if rule.School != AnyDay {
		table, err := e.school(ctx, tx)
		if err != nil {
			return fmt.Errorf("booking: reading the school holidays: %w", err)
		}
		if _, known, ok := table.Known(rule.SchoolZone); ok && known.Before(last) {
			last = known
		} else if !ok {
			last = today
		}
	}
	if err := e.open(ctx, tx, r, rule, from, last); err != nil {
		return err
	}
	due := today.AddDays(slack)
	if !rule.When.Until.IsZero() && !rule.When.Until.After(last) {
		due = calendar.Date{} // nothing further
	}
	_, err = tx.Exec(ctx, `UPDATE booking_rule SET computed_to = ?, due_on = ? WHERE territory_id = @territory AND id = ?`, last, due, rule.ID)
	if err != nil {
		return fmt.Errorf("booking: noting how far rule %d is computed: %w", rule.ID, err)
	}
	return nil
}

// open writes the spans of a rule from first to last, both included.
func (e *Engine) open(ctx context.Context, tx *store.Tx, r *Resource, rule *Rule, first, last calendar.Date) error {
	found, err := e.Openings(ctx, tx, *r, *rule, first, last)
	if err != nil {
		return err
	}
	const rows = 40 // at a time
	insert := `INSERT INTO booking_span (territory_id, resource_id, starts_at, rule_id, ends_at, place_id, day) VALUES `
	one := `(@territory, ?, ?, ?, ?, ?, ?)`
	many := insert + strings.Repeat(one+`, `, rows-1) + one
	for part := range slices.Chunk(found, rows) {
		query := many
		if len(part) < rows {
			query = insert + strings.Repeat(one+`, `, len(part)-1) + one
		}
		args := make([]any, 0, 6*rows)
		for _, o := range part {
			args = append(args, r.ID, o.Start, rule.ID, o.End, o.PlaceID, o.Day)
		}
		if _, err := tx.Exec(ctx, query, args...); err != nil {
			return fmt.Errorf("booking: writing the spans of rule %d: %w", rule.ID, err)
		}
	}
	return nil
}

// Openings computes the occurrences of a rule from first to last, both
// included, without writing: public holidays removed unless the resource works
// on them, saved overrides applied. A form shows them before saving.
func (e *Engine) Openings(ctx context.Context, tx *store.Tx, r Resource, rule Rule, first, last calendar.Date) ([]Opening, error) {
	var overrides []Override
	var school calendar.SchoolTable
	var err error
	if rule.ID != 0 {
		if overrides, err = e.Overrides(ctx, tx, rule.ID); err != nil {
			return nil, err
		}
	}
	if rule.School != AnyDay {
		if school, err = e.school(ctx, tx); err != nil {
			return nil, fmt.Errorf("booking: reading the school holidays: %w", err)
		}
	}
	found, err := openings(&r, &rule, overrides, school, first, last)
	if err != nil {
		return nil, fmt.Errorf("booking: computing rule %d: %w", rule.ID, err)
	}
	return found, nil
}

// Spans lists what the resources have open in [from, to), by start, before
// closures and bookings, at most 10000: the background of an agenda.
func (e *Engine) Spans(ctx context.Context, tx *store.Tx, resources []store.ID, from, to time.Time) (map[store.ID][]Opening, error) {
	out := map[store.ID][]Opening{}
	for part := range slices.Chunk(resources, batch) {
		in, args := padded(part)
		err := tx.Each(ctx, `SELECT resource_id, rule_id, place_id, day, starts_at, ends_at FROM booking_span
			WHERE territory_id = @territory AND resource_id IN `+in+` AND starts_at >= ? AND starts_at < ? AND ends_at > ?
			ORDER BY resource_id, starts_at, rule_id LIMIT 10000`,
			append(args, from.UnixMicro()-maxSpan, to, from), func(scan func(...any) error) error {
				var id store.ID
				var o Opening
				err := scan(&id, &o.RuleID, &o.PlaceID, &o.Day, &o.Start, &o.End)
				out[id] = append(out[id], o)
				return err
			})
		if err != nil {
			return nil, fmt.Errorf("booking: listing openings: %w", err)
		}
	}
	return out, nil
}

// Overlaps lists the other rules of the resource that are open at the same
// time as this one, from now to the horizon, by first day.
func (e *Engine) Overlaps(ctx context.Context, tx *store.Tx, resource, rule store.ID) ([]Overlap, error) {
	var all []Opening
	err := tx.Each(ctx, `SELECT rule_id, day, starts_at, ends_at FROM booking_span
		WHERE territory_id = @territory AND resource_id = ? AND starts_at > ? AND ends_at > ?`,
		[]any{resource, tx.Now().UnixMicro() - maxSpan, tx.Now()}, func(scan func(...any) error) error {
			var o Opening
			err := scan(&o.RuleID, &o.Day, &o.Start, &o.End)
			all = append(all, o)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("booking: looking for overlapping ranges: %w", err)
	}
	return overlaps(all, rule), nil
}

func overlaps(all []Opening, rule store.ID) []Overlap {
	slices.SortFunc(all, func(a, b Opening) int { return cmp.Compare(a.Start, b.Start) })
	found := map[store.ID]*Overlap{}
	seen := map[Opening]bool{} // (other rule, day) counted
	for i, a := range all {
		for _, b := range all[i+1:] {
			if b.Start >= a.End {
				break
			}
			mine, other := a, b
			if b.RuleID == rule {
				mine, other = b, a
			}
			if mine.RuleID != rule || other.RuleID == rule {
				continue
			}
			key := Opening{RuleID: other.RuleID, Day: mine.Day}
			if seen[key] {
				continue
			}
			seen[key] = true
			o := found[other.RuleID]
			if o == nil {
				o = &Overlap{RuleID: other.RuleID, First: mine.Day}
				found[other.RuleID] = o
			}
			o.Days++
			if mine.Day.Before(o.First) {
				o.First = mine.Day
			}
		}
	}
	var out []Overlap
	for _, o := range found {
		out = append(out, *o)
	}
	slices.SortFunc(out, func(a, b Overlap) int { return cmp.Or(a.First.Compare(b.First), cmp.Compare(a.RuleID, b.RuleID)) })
	return out
}
