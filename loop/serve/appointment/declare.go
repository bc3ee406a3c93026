package appointment

import (
	"context"
	"fmt"
	"time"

	"parvis/core/access"
	"parvis/core/link"
	"parvis/core/service"
	"parvis/platform/event"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// Rights of the service.
const (
	MayRead     web.Permission = "appointment.read"
	MayWrite    web.Permission = "appointment.write"
	MaySet      web.Permission = "appointment.settings"
	MayMeasure  web.Permission = "appointment.statistics"
	serviceName                = "appointment"
)

// Service declares what appointments add to a territory.
func (s *Service) Service() service.Service {
	desk := []access.Role{access.Desk, access.Agent, access.Manager, access.Admin}
	return service.Service{
		Name: serviceName, Verb: page.Serve, Label: "appointment.label", About: "appointment.about", Icon: "cal", Optional: true,
		Locales:    Locales,
		Migrations: []store.Migration{Migration()},
		Permissions: []access.Permission{
			{Name: MayRead, Label: "appointment.permission.read", Roles: desk},
			{Name: MayWrite, Label: "appointment.permission.write", Roles: desk},
			{Name: MaySet, Label: "appointment.permission.settings", Roles: []access.Role{access.Manager, access.Admin}},
			{Name: MayMeasure, Label: "appointment.permission.statistics", Roles: []access.Role{access.Manager, access.Admin, access.Elected}},
		},
		Routes: append(s.residentRoutes(), s.staffRoutes()...),
		API:    s.operations,
		Menu:   s.menu(),
		Portal: s.portal,
		Kinds:  []link.Kind{{Name: "appointment", Label: "appointment.label", Resolve: s.resolve}},
		On: []event.Subscription{event.On("sms.received", "appointment.sms", s.onSMS),
			event.On("person.renamed", "appointment.renamed", s.onRenamed),
			event.On("access.suspended", "appointment.suspended", s.onSuspended), event.On("access.restored", "appointment.restored", s.onSuspended)},
		Notices: notices(),
		Duties:  s.duties,
		Metrics: []service.Metric{
			{Name: "appointment.noshow", Label: "appointment.metric.noshow", Unit: "appointment.metric.share", Value: s.noShowRate},
		},
		Datasets: []service.Dataset{{Name: "rendez-vous", Label: "appointment.dataset", Columns: datasetColumns(), Rows: s.dataset}},
		Retention: []service.Retention{
			{Table: "appointment", Personal: []string{"resident_id", "on_behalf", "note", "token_hash", "number"}, Purpose: "appointment.retention.purpose",
				Basis: "appointment.retention.basis", Keep: keep, Then: "appointment.retention.then", Purge: s.purge},
			{Table: "appointment_hold", Personal: []string{"contact"}, Purpose: "appointment.retention.hold", Basis: "appointment.retention.basis",
				Keep: 24 * time.Hour, Then: "appointment.retention.erased", Purge: purgeHolds},
		},
		Demo: s.fillDemo, Samples: s.samples,
	}
}

func (s *Service) menu() []service.MenuItem {
	return []service.MenuItem{
		{Label: "appointment.label", Icon: "cal", Path: "/rendez-vous", Permission: web.Public},
		{Label: "appointment.menu.agenda", Icon: "cal", Path: "/bureau/agenda", Permission: MayRead, Count: s.rail},
		{Label: "appointment.menu.reasons", Icon: "doc", Path: "/bureau/motifs", Permission: MaySet},
		{Label: "appointment.menu.ranges", Icon: "clock", Path: "/bureau/plages", Permission: MaySet},
		{Label: "appointment.menu.absences", Icon: "pause", Path: "/bureau/absences", Permission: MayWrite},
		{Label: "appointment.menu.statistics", Icon: "chart", Path: "/bureau/rendez-vous/statistiques", Permission: MayMeasure},
	}
}

// rail is the badge that nags: appointments that somebody still has to mark.
func (s *Service) rail(ctx context.Context, h store.Handle, _ web.Actor) (n int, hot bool, err error) {
	err = h.View(ctx, func(tx *store.Tx) error {
		var oldest time.Time
		n, oldest, err = s.Unmarked(ctx, tx)
		hot = n > 0 && tx.Now().Sub(oldest) > 24*time.Hour
		return err
	})
	return n, hot, err
}

func (s *Service) resolve(ctx context.Context, h store.Handle, id store.ID) (link.Target, error) {
	var t link.Target
	err := h.View(ctx, func(tx *store.Tx) error {
		a, err := s.Get(ctx, tx, id)
		if err != nil {
			return err
		}
		r, err := s.Reason(ctx, tx, a.ReasonID)
		t = link.Target{Title: a.Number + " · " + r.Name, Href: "/bureau/rendez-vous/" + id.String(), Permission: MayRead}
		return err
	})
	return t, err
}

// noShowRate is the share of absent among those whose outcome is known.
func (s *Service) noShowRate(ctx context.Context, h store.Handle, from, to time.Time) (float64, int, error) {
	st, err := s.Statistics(ctx, h, from, to, time.UTC)
	return st.All.NoShow.Rate(), st.All.NoShow.Of, err
}

func datasetColumns() []string {
	return []string{"semaine", "motif", "honores", "absents", "annules_usager", "annules_service"}
}

// dataset is counts per week and reason, nothing under five (see indicator.Fewest).
func (s *Service) dataset(ctx context.Context, h store.Handle, emit func([]string) error) error {
	type row struct {
		Week, Name                     string
		Seen, Absent, Excused, Revoked int
	}
	var rows []row
	err := h.View(ctx, func(tx *store.Tx) error {
		return tx.Select(ctx, &rows, `SELECT CAST((a.starts_at / 604800000000) AS TEXT) AS week, r.name AS name,
				COUNT(*) FILTER (WHERE a.status = 'seen') AS seen, COUNT(*) FILTER (WHERE a.status = 'noshow') AS absent,
				COUNT(*) FILTER (WHERE a.status = 'excused') AS excused, COUNT(*) FILTER (WHERE a.status = 'revoked') AS revoked
			FROM appointment a JOIN appointment_reason r ON r.territory_id = a.territory_id AND r.id = a.reason_id
			WHERE a.territory_id = @territory AND NOT r.sensitive AND a.starts_at < ?
			GROUP BY 1, 2 HAVING COUNT(*) >= 5 ORDER BY 1, 2 LIMIT 100000`, tx.Now())
	})
	if err != nil {
		return fmt.Errorf("appointment: dataset: %w", err)
	}
	for _, r := range rows {
		var weeks int64
		if _, err := fmt.Sscan(r.Week, &weeks); err != nil {
			return fmt.Errorf("appointment: dataset: %w", err)
		}
		monday := time.Unix(weeks*7*24*3600, 0).UTC().AddDate(0, 0, -3) // the epoch was a Thursday
		if err := emit([]string{monday.Format(time.DateOnly), r.Name, fmt.Sprint(r.Seen), fmt.Sprint(r.Absent), fmt.Sprint(r.Excused), fmt.Sprint(r.Revoked)}); err != nil {
			return err
		}
	}
	return nil
}

// purge breaks the link to the person a year after the appointment; the rest
// is statistics.
func (s *Service) purge(ctx context.Context, tx *store.Tx, before time.Time, limit int) (int64, error) {
	var ids []store.ID
	if err := tx.Select(ctx, &ids, `SELECT id FROM appointment WHERE territory_id = @territory AND ends_at < ? AND (resident_id <> 0 OR on_behalf <> '' OR note <> '' OR number <> '')
		ORDER BY ends_at LIMIT ?`, before, limit); err != nil {
		return 0, fmt.Errorf("appointment: finding what is past its time: %w", err)
	}
	for _, id := range ids {
		if err := s.forget(ctx, tx, id); err != nil {
			return 0, err
		}
	}
	return int64(len(ids)), nil
}

func purgeHolds(ctx context.Context, tx *store.Tx, before time.Time, limit int) (int64, error) {
	return tx.Exec(ctx, `DELETE FROM appointment_hold WHERE territory_id = @territory AND token_hash IN (
		SELECT token_hash FROM appointment_hold WHERE territory_id = @territory AND created_at < ? LIMIT ?)`, before, limit)
}
