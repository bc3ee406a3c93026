package intervention

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"parvis/platform/calendar"
	"parvis/platform/fault"
	"parvis/platform/job"
	"parvis/platform/store"
)

// Plan makes a work order each time a rule says so. Holidays are kept, skipped,
// or shifted to the next working day.
type Plan struct {
	ID          store.ID
	Name        string
	TradeID     store.ID
	AssetID     store.ID
	CrewID      store.ID
	Address     string
	Description string
	Rule        store.JSON[calendar.Rule] // in civil time of the territory
	Holidays    string                    // keep, skip, shift
	HorizonDays int                       // how far ahead orders are made
	Active      bool
	Version     int64
	UpdatedAt   time.Time
}

const planColumns = `id, name, trade_id, asset_id, crew_id, address, description, rule, holidays, horizon_days, active, version, updated_at`

// maxHorizon and maxPlans bound what a plan may make.
const (
	maxHorizon = 400
	maxPlans   = 2000
)

// Check normalises and returns the mistakes.
func (p *Plan) Check() error {
	var wrong fault.Fields
	p.Name = strings.TrimSpace(p.Name)
	if p.Name == "" {
		wrong.Add("name", "intervention.error.name")
	}
	checkText(&wrong, "name", p.Name, maxTitle)
	checkText(&wrong, "description", p.Description, maxText)
	if p.TradeID == 0 {
		wrong.Add("trade", "intervention.error.trade")
	}
	if p.Holidays == "" {
		p.Holidays = "shift"
	}
	if !slices.Contains([]string{"keep", "skip", "shift"}, p.Holidays) {
		wrong.Add("holidays", "intervention.error.holidays")
	}
	if p.HorizonDays == 0 {
		p.HorizonDays = 60
	}
	if p.HorizonDays < 1 || p.HorizonDays > maxHorizon {
		wrong.Add("horizon", "intervention.error.horizon", "Max", maxHorizon)
	}
	if err := p.Rule.V.Validate(); err != nil {
		wrong.Add("rule", "intervention.error.rule")
	}
	return wrong.Err()
}

// Plans lists the plans by name.
func (s *Service) Plans(ctx context.Context, tx *store.Tx) ([]Plan, error) {
	var out []Plan
	if err := tx.Select(ctx, &out, `SELECT `+planColumns+` FROM intervention_plan WHERE territory_id = @territory ORDER BY name, id LIMIT ?`, maxPlans); err != nil {
		return nil, fmt.Errorf("intervention: listing plans: %w", err)
	}
	return out, nil
}

// PlanOf finds one; store.ErrNotFound.
func (s *Service) PlanOf(ctx context.Context, tx *store.Tx, id store.ID) (Plan, error) {
	var p Plan
	err := tx.Get(ctx, &p, `SELECT `+planColumns+` FROM intervention_plan WHERE territory_id = @territory AND id = ?`, id)
	return p, err
}

// SavePlan writes a plan (version 0: a new one). Orders that were made and not
// begun, after today, are taken back and made again by the new rule: what is
// past stays.
func (s *Service) SavePlan(ctx context.Context, tx *store.Tx, p Plan) (Plan, error) {
	if err := p.Check(); err != nil {
		return p, err
	}
	p.UpdatedAt = tx.Now()
	p.Version++
	if p.Version == 1 {
		p.ID = store.NewID()
		if _, err := tx.Exec(ctx, `INSERT INTO intervention_plan (territory_id, `+planColumns+`) VALUES (@territory, `+store.In(13)+`)`,
			p.ID, p.Name, p.TradeID, p.AssetID, p.CrewID, p.Address, p.Description, p.Rule, p.Holidays, p.HorizonDays, p.Active, p.Version, p.UpdatedAt); err != nil {
			return p, fmt.Errorf("intervention: adding a plan: %w", err)
		}
		return p, nil
	}
	n, err := tx.Exec(ctx, `UPDATE intervention_plan SET name = ?, trade_id = ?, asset_id = ?, crew_id = ?, address = ?, description = ?, rule = ?, holidays = ?, horizon_days = ?, active = ?, version = ?, updated_at = ?
		WHERE territory_id = @territory AND id = ? AND version = ?`, p.Name, p.TradeID, p.AssetID, p.CrewID, p.Address, p.Description, p.Rule, p.Holidays, p.HorizonDays, p.Active, p.Version, p.UpdatedAt, p.ID, p.Version-1)
	if err != nil {
		return p, fmt.Errorf("intervention: saving a plan: %w", err)
	}
	if n == 0 {
		return p, fault.New(fault.Conflict, "intervention.error.changed")
	}
	return p, s.takeBack(ctx, tx, p)
}

// takeBack removes what a plan made for later and nobody began.
func (s *Service) takeBack(ctx context.Context, tx *store.Tx, p Plan) error {
	var rows []struct {
		Day string
		ID  store.ID
		UID string
	}
	if err := tx.Select(ctx, &rows, `SELECT o.day, i.id, i.uid FROM intervention_occurrence o JOIN intervention i ON i.territory_id = o.territory_id AND i.id = o.intervention_id
		WHERE o.territory_id = @territory AND i.territory_id = @territory AND o.plan_id = ? AND i.state IN ('toplan', 'planned') AND i.planned_start > ? LIMIT 5000`, p.ID, tx.Now()); err != nil {
		return fmt.Errorf("intervention: what a plan has made: %w", err)
	}
	for _, r := range rows {
		o, err := s.Get(ctx, tx, r.ID)
		if err != nil {
			return err
		}
		if err := s.unbook(ctx, tx, &o); err != nil {
			return err
		}
		for _, q := range []string{`DELETE FROM intervention_entry WHERE territory_id = @territory AND intervention_id = ?`, `DELETE FROM intervention_item WHERE territory_id = @territory AND intervention_id = ?`,
			`DELETE FROM intervention WHERE territory_id = @territory AND id = ?`} {
			if _, err := tx.Exec(ctx, q, r.ID); err != nil {
				return fmt.Errorf("intervention: taking back: %w", err)
			}
		}
		if _, err := tx.Exec(ctx, `DELETE FROM intervention_occurrence WHERE territory_id = @territory AND plan_id = ? AND day = ?`, p.ID, r.Day); err != nil {
			return fmt.Errorf("intervention: taking back: %w", err)
		}
		if err := s.sync.Remove(ctx, tx, entityKind, r.UID); err != nil {
			return err
		}
		if err := s.countPlace(ctx, tx, o.TradeID, o.Place); err != nil {
			return err
		}
	}
	return nil
}

// Days are the days on which a plan has work, from first to last; holidays are
// those of the zone. The first value of a pair is the day of the rule, which
// names the occurrence; the second the day of the work.
func (p Plan) Days(first, last calendar.Date, zone calendar.Zone) ([][2]calendar.Date, error) {
	days, err := p.Rule.V.Dates(first, last)
	if err != nil {
		return nil, err
	}
	var out [][2]calendar.Date
	for _, d := range days {
		work := d
		for tries := 0; tries < 10 && p.Holidays != "keep"; tries++ {
			_, holiday := calendar.HolidayOn(work, zone)
			weekend := p.Holidays == "shift" && tries > 0 && (work.Weekday() == time.Saturday || work.Weekday() == time.Sunday)
			if !holiday && !weekend {
				break
			}
			if p.Holidays == "skip" {
				work = calendar.Date{}
				break
			}
			work = work.AddDays(1)
		}
		if !work.IsZero() {
			out = append(out, [2]calendar.Date{d, work})
		}
	}
	return out, nil
}

// RunPlan makes the orders of a plan up to its horizon. Each day of the rule is
// made once, however often this runs.
func (s *Service) RunPlan(ctx context.Context, tx *store.Tx, p Plan) (made int, err error) {
	w, err := s.Where(ctx, tx)
	if err != nil || !p.Active {
		return 0, err
	}
	today := calendar.DateOf(tx.Now(), w.Location)
	days, err := p.Days(today, today.AddDays(p.HorizonDays), w.Zone)
	if err != nil {
		return 0, fmt.Errorf("intervention: days of a plan: %w", err)
	}
	for _, d := range days {
		n, err := tx.Exec(ctx, `INSERT INTO intervention_occurrence (territory_id, plan_id, day, intervention_id) VALUES (@territory, ?, ?, 0) ON CONFLICT DO NOTHING`, p.ID, d[0].String())
		if err != nil {
			return made, fmt.Errorf("intervention: an occurrence: %w", err)
		}
		if n == 0 {
			continue
		}
		hours := p.Rule.V.IntervalOn(d[1], w.Location)
		o := Order{TradeID: p.TradeID, AssetID: p.AssetID, CrewID: p.CrewID, Address: p.Address, Title: p.Name, Description: p.Description, Nature: Preventive, Priority: 2, Origin: FromPlan, PlanID: p.ID,
			PlannedStart: hours.From(), PlannedEnd: hours.To(), DueAt: d[1].AddDays(1).Start(w.Location).UTC()}
		if o, err = s.Open(ctx, tx, o); err != nil {
			return made, err
		}
		if _, err := tx.Exec(ctx, `UPDATE intervention_occurrence SET intervention_id = ? WHERE territory_id = @territory AND plan_id = ? AND day = ?`, o.ID, p.ID, d[0].String()); err != nil {
			return made, fmt.Errorf("intervention: an occurrence: %w", err)
		}
		made++
	}
	return made, nil
}

// runPlans runs every active plan of every territory, each in a transaction of
// its own.
func (s *Service) runPlans(ctx context.Context, _ job.Job[struct{}]) error {
	var list []struct {
		TerritoryID string
		ID          store.ID
	}
	if err := s.DB.System("plans of every territory make their work orders").View(ctx, func(tx *store.Tx) error {
		return tx.Select(ctx, &list, `SELECT territory_id, id FROM intervention_plan WHERE active ORDER BY territory_id, id LIMIT 200000`)
	}); err != nil {
		return fmt.Errorf("intervention: listing plans: %w", err)
	}
	var errs []error
	for _, x := range list {
		errs = append(errs, s.DB.In(x.TerritoryID).Update(ctx, func(tx *store.Tx) error {
			p, err := s.PlanOf(ctx, tx, x.ID)
			if err != nil {
				return err
			}
			_, err = s.RunPlan(ctx, tx, p)
			return err
		}))
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return errors.Join(errs...)
}
