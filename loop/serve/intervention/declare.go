package intervention

import (
	"context"
	"time"

	"parvis/core/access"
	"parvis/core/link"
	"parvis/core/service"
	"parvis/platform/job"
	"parvis/platform/store"
	"parvis/platform/sync"
	"parvis/platform/upload"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// Rights of the service.
const (
	MayRead web.Permission = "intervention.read"
	MayWork web.Permission = "intervention.work"
	MayPlan web.Permission = "intervention.plan"
	MaySet  web.Permission = "intervention.settings"
)

// How long things are kept.
const (
	year       = 365 * 24 * time.Hour
	keepOrders = 10 * year // guarantee of public works, Code civil, art. 1792-4-1
	keepOps    = year      // old devices may still send what they did
)

// Service declares what interventions add to a territory.
func (s *Service) Service() service.Service {
	return service.Service{
		Name: "intervention", Verb: page.Serve, Label: "intervention.label", About: "intervention.about", Icon: "tool", Optional: true,
		Locales:    Locales,
		Migrations: []store.Migration{sync.Migration(), upload.Migration(), Migration()},
		Permissions: []access.Permission{
			{Name: MayRead, Label: "intervention.permission.read", Roles: []access.Role{access.Agent, access.Desk, access.Manager, access.Admin}},
			{Name: MayWork, Label: "intervention.permission.work", Roles: []access.Role{access.Agent, access.Manager, access.Admin}},
			{Name: MayPlan, Label: "intervention.permission.plan", Roles: []access.Role{access.Manager, access.Admin}},
			{Name: MaySet, Label: "intervention.permission.settings", Roles: []access.Role{access.Manager, access.Admin}},
		},
		Routes: append(s.fieldRoutes(), s.staffRoutes()...),
		API:    s.operations,
		Menu: []service.MenuItem{
			{Label: "intervention.menu.orders", Icon: "tool", Path: ordersPath, Permission: MayRead, Count: s.rail},
			{Label: "intervention.menu.field", Icon: "sms", Path: fieldPath, Permission: MayWork},
			{Label: "intervention.menu.places", Icon: "pin", Path: placesPath, Permission: MayRead},
			{Label: "intervention.menu.assets", Icon: "bench", Path: assetsPath, Permission: MayRead},
			{Label: "intervention.menu.plans", Icon: "repeat", Path: plansPath, Permission: MayPlan},
			{Label: "intervention.menu.trades", Icon: "set", Path: tradesPath, Permission: MaySet},
		},
		Kinds: []link.Kind{{Name: entityKind, Label: "intervention.kind", Resolve: s.resolve}},
		Jobs: []job.Worker{
			job.Define(jobPhoto, s.keepPhoto, job.Timeout(time.Minute)),
			job.Define(jobPlans, s.runPlans, job.Every(6*time.Hour), job.Timeout(10*time.Minute)),
		},
		Metrics: []service.Metric{
			{Name: "intervention.done", Label: "intervention.metric.done", Unit: "intervention.metric.unit", Value: s.doneIn},
			{Name: "intervention.ontime", Label: "intervention.metric.ontime", Unit: "intervention.metric.share", Value: s.onTime},
		},
		Datasets: []service.Dataset{{Name: "interventions", Label: "intervention.dataset", Columns: []string{"mois", "metier", "faites", "minutes_medianes", "cout_total"}, Rows: s.dataset}},
		Retention: []service.Retention{
			{Table: "intervention", Personal: []string{"person_id", "created_by", "checked_by", "description"}, Purpose: "intervention.retention.purpose", Basis: "intervention.retention.basis",
				Keep: keepOrders, Then: "intervention.retention.then", Purge: s.purge},
			{Table: "intervention_entry", Personal: []string{"person_id", "text"}, Purpose: "intervention.retention.purpose", Basis: "intervention.retention.basis", Then: "intervention.retention.with"},
			{Table: "intervention_item", Personal: []string{"person_id"}, Purpose: "intervention.retention.purpose", Basis: "intervention.retention.basis", Then: "intervention.retention.with"},
			{Table: "sync_op", Personal: []string{"person_id", "payload"}, Purpose: "intervention.retention.sync", Basis: "intervention.retention.basis", Keep: keepOps, Then: "intervention.retention.erased", Purge: sync.PurgeOps},
			{Table: "sync_device", Personal: []string{"person_id", "name"}, Purpose: "intervention.retention.sync", Basis: "intervention.retention.basis", Keep: keepOps, Then: "intervention.retention.erased", Purge: sync.PurgeDevices},
			{Table: "sync_proposal", Personal: []string{"person_id", "value"}, Purpose: "intervention.retention.sync", Basis: "intervention.retention.basis", Keep: keepOps, Then: "intervention.retention.erased", Purge: sync.PurgeProposals},
			{Table: "sync_entity", Personal: []string{"uid"}, Purpose: "intervention.retention.sync", Basis: "intervention.retention.basis", Keep: 90 * 24 * time.Hour, Then: "intervention.retention.erased", Purge: sync.PurgeTombstones},
			{Table: "upload", Personal: []string{"person_id"}, Purpose: "intervention.retention.sync", Basis: "intervention.retention.basis", Keep: 30 * 24 * time.Hour, Then: "intervention.retention.erased", Purge: s.uploads.Purge},
		},
		Demo: s.fillDemo,
	}
}

// rail is the number of open work orders; hot when some are late.
func (s *Service) rail(ctx context.Context, h store.Handle, _ web.Actor) (n int, hot bool, err error) {
	err = h.View(ctx, func(tx *store.Tx) error {
		c, err := s.Count(ctx, tx)
		n, hot = c.Open, c.Late > 0
		return err
	})
	return n, hot, err
}

func (s *Service) resolve(ctx context.Context, h store.Handle, id store.ID) (link.Target, error) {
	var o Order
	err := h.View(ctx, func(tx *store.Tx) (err error) {
		o, err = s.Get(ctx, tx, id)
		return err
	})
	return link.Target{Title: o.Number + " · " + o.Title, Href: ordersPath + "/" + id.String(), Permission: MayRead}, err
}

// doneIn counts what was done in [from, to).
func (s *Service) doneIn(ctx context.Context, h store.Handle, from, to time.Time) (float64, int, error) {
	var n int
	err := h.View(ctx, func(tx *store.Tx) error {
		return tx.Get(ctx, &n, `SELECT COUNT(*) FROM intervention WHERE territory_id = @territory AND done_at >= ? AND done_at < ?`, from, to)
	})
	return float64(n), n, err
}

// onTime is the share of what was done before its date, of what had one.
func (s *Service) onTime(ctx context.Context, h store.Handle, from, to time.Time) (float64, int, error) {
	var x struct{ Good, Base int }
	err := h.View(ctx, func(tx *store.Tx) error {
		return tx.Get(ctx, &x, `SELECT COUNT(*) FILTER (WHERE done_at <= due_at) AS good, COUNT(*) AS base FROM intervention
			WHERE territory_id = @territory AND done_at >= ? AND done_at < ? AND due_at IS NOT NULL`, from, to)
	})
	if err != nil || x.Base == 0 {
		return 0, 0, err
	}
	return float64(x.Good) / float64(x.Base), x.Base, nil
}

// purge erases the orders that were made before, with all that hangs on them.
func (s *Service) purge(ctx context.Context, tx *store.Tx, before time.Time, limit int) (int64, error) {
	var list []Order
	if err := tx.Select(ctx, &list, `SELECT `+orderColumns+` FROM intervention WHERE territory_id = @territory AND created_at < ? ORDER BY created_at LIMIT ?`, before, min(limit, 100)); err != nil {
		return 0, err
	}
	for _, o := range list {
		photos, err := s.Photos(ctx, tx, o.ID)
		if err != nil {
			return 0, err
		}
		for _, p := range photos {
			if err := s.Files.Delete(ctx, p.Key); err != nil {
				return 0, err
			}
		}
		for _, q := range []string{
			`DELETE FROM intervention_entry WHERE territory_id = @territory AND intervention_id = ?`,
			`DELETE FROM intervention_item WHERE territory_id = @territory AND intervention_id = ?`,
			`DELETE FROM intervention WHERE territory_id = @territory AND id = ?`,
		} {
			if _, err := tx.Exec(ctx, q, o.ID); err != nil {
				return 0, err
			}
		}
		if err := s.sync.Remove(ctx, tx, entityKind, o.UID); err != nil {
			return 0, err
		}
	}
	return int64(len(list)), nil
}
