package report

import (
	"context"
	"errors"
	"fmt"
	"time"

	"parvis/core/access"
	"parvis/core/link"
	"parvis/core/service"
	"parvis/platform/event"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// Rights of the service.
const (
	MayRead     web.Permission = "report.read"
	MayWrite    web.Permission = "report.write"
	MayModerate web.Permission = "report.moderate"
	MaySet      web.Permission = "report.settings"
	MayMeasure  web.Permission = "report.statistics"
)

// Service declares what reports add to a territory.
func (s *Reports) Service() service.Service {
	desk := []access.Role{access.Desk, access.Agent, access.Manager, access.Admin}
	return service.Service{
		Name: Kind, Verb: page.Listen, Label: "report.label", About: "report.about", Icon: "road", Optional: true,
		Locales:    Locales,
		Migrations: []store.Migration{Migration()},
		Permissions: []access.Permission{
			{Name: MayRead, Label: "report.permission.read", Roles: desk},
			{Name: MayWrite, Label: "report.permission.write", Roles: desk},
			{Name: MayModerate, Label: "report.permission.moderate", Roles: []access.Role{access.Agent, access.Manager, access.Admin}},
			{Name: MaySet, Label: "report.permission.settings", Roles: []access.Role{access.Manager, access.Admin}},
			{Name: MayMeasure, Label: "report.permission.statistics", Roles: []access.Role{access.Manager, access.Admin, access.Elected}},
		},
		Routes:  append(s.residentRoutes(), s.staffRoutes()...),
		API:     s.operations,
		Menu:    s.menu(),
		Portal:  s.portal,
		Kinds:   []link.Kind{{Name: Kind, Label: "report.kind", Resolve: s.resolve}},
		On:      []event.Subscription{event.On("dossier.*", "report.news", s.news)},
		Notices: notices(),
		Metrics: []service.Metric{
			{Name: "report.median", Label: "report.metric.median", Unit: "report.metric.days", Value: s.medianDays},
			{Name: "report.intime", Label: "report.metric.intime", Unit: "report.metric.share", Value: s.inTimeShare},
			{Name: "report.opened", Label: "report.metric.opened", Unit: "report.metric.reports", Value: s.opened},
		},
		Datasets:  []service.Dataset{{Name: "signalements", Label: "report.dataset", Columns: datasetColumns(), Rows: s.dataset}},
		Retention: s.retention(),
		Demo:      s.fillDemo,
	}
}

func (s *Reports) retention() []service.Retention {
	with := func(table string, personal ...string) service.Retention {
		return service.Retention{Table: table, Personal: personal, Purpose: "report.retention.purpose", Basis: "report.retention.basis", Then: "report.retention.with"}
	}
	main := with("report", "text", "text_shown", "text_fold", "answers", "address", "code_hash", "staff_id")
	main.Keep, main.Then, main.Purge = keep, "report.retention.then", s.purge
	drafts := with("report_draft", "data")
	drafts.Keep, drafts.Then, drafts.Purge, drafts.Purpose = keepDraft, "report.retention.erased", s.purgeDrafts, "report.retention.draft"
	photos := with("report_photo", "storage_key", "thumb_key", "lat", "lon")
	photos.Keep, photos.Then, photos.Purge = keepDraft, "report.retention.photos", s.purgePhotos
	return []service.Retention{main, with("report_author", "first_name", "last_name", "phone", "email"), photos, drafts}
}

func (s *Reports) menu() []service.MenuItem {
	return []service.MenuItem{
		{Label: "report.menu.public", Icon: "road", Path: listPath, Permission: web.Public},
		{Label: "report.label", Icon: "road", Path: deskPath, Permission: MayRead, Count: s.rail},
		{Label: "report.menu.moderation", Icon: "eye", Path: deskPath + "/moderation", Permission: MayModerate, Count: s.railModeration},
		{Label: "report.menu.categories", Icon: "set", Path: deskPath + "/categories", Permission: MaySet},
		{Label: "report.menu.statistics", Icon: "chart", Path: deskPath + "/statistiques", Permission: MayMeasure},
	}
}

// rail counts what is open; red when a promise is broken.
func (s *Reports) rail(ctx context.Context, h store.Handle, _ web.Actor) (n int, hot bool, err error) {
	err = h.View(ctx, func(tx *store.Tx) error {
		var late int
		if err := tx.Get(ctx, &n, `SELECT COUNT(*) FROM report WHERE territory_id = @territory AND closed_at IS NULL AND merged_into = 0`); err != nil {
			return err
		}
		err := tx.Get(ctx, &late, `SELECT COUNT(*) FROM report WHERE territory_id = @territory AND closed_at IS NULL AND merged_into = 0 AND due_at <= ?`, tx.Now())
		hot = late > 0
		return err
	})
	return n, hot, err
}

func (s *Reports) railModeration(ctx context.Context, h store.Handle, _ web.Actor) (n int, hot bool, err error) {
	err = h.View(ctx, func(tx *store.Tx) (err error) {
		n, err = s.Waits(ctx, tx)
		return err
	})
	return n, false, err
}

func (s *Reports) portal(ctx context.Context, _ store.Handle) ([]service.Entry, error) {
	return []service.Entry{{Need: "street", Label: i18n.T(ctx, "report.portal.ask"), Path: askPath, Rank: 1},
		{Need: "street", Label: i18n.T(ctx, "report.portal.list"), Path: listPath, Rank: 2}}, nil
}

// resolve shows a report to who follows a link: the public sheet when there is
// one, that of the staff otherwise.
func (s *Reports) resolve(ctx context.Context, h store.Handle, id store.ID) (link.Target, error) {
	var r Report
	err := h.View(ctx, func(tx *store.Tx) (err error) {
		r, err = s.Get(ctx, tx, id)
		return err
	})
	if err != nil {
		return link.Target{}, err
	}
	t := link.Target{Title: r.Number + " · " + headingOf(r), Href: r.Path(), Permission: web.Public}
	if !r.Visible {
		t.Href, t.Permission = r.StaffPath(), MayRead
	}
	return t, nil
}

// purge keeps statistics of what was closed long ago: no words, no author, no
// photo, place rounded to a hundred metres.
func (s *Reports) purge(ctx context.Context, tx *store.Tx, before time.Time, limit int) (int64, error) {
	var ids []store.ID
	if err := tx.Select(ctx, &ids, `SELECT id FROM report WHERE territory_id = @territory AND closed_at < ? AND code_hash <> 'purged' ORDER BY closed_at LIMIT ?`, before, limit); err != nil {
		return 0, fmt.Errorf("report: finding what is past its time: %w", err)
	}
	for _, id := range ids {
		if err := s.forget(ctx, tx, id); err != nil {
			return 0, err
		}
	}
	return int64(len(ids)), nil
}

func (s *Reports) forget(ctx context.Context, tx *store.Tx, id store.ID) error {
	photos, err := photosOf(ctx, tx, id)
	if err != nil {
		return err
	}
	if err := s.removePhotos(ctx, tx, photos); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM report_author WHERE territory_id = @territory AND report_id = ?`, id); err != nil {
		return fmt.Errorf("report: erasing an author: %w", err)
	}
	_, err = tx.Exec(ctx, `UPDATE report SET text = '', text_shown = '', text_fold = '', answers = ?, address = '', address_id = '', reason = '', key = NULL,
		code_hash = 'purged', staff_id = 0, lat = ROUND(lat * 1000) / 1000, lon = ROUND(lon * 1000) / 1000, visible = FALSE, version = version + 1
		WHERE territory_id = @territory AND id = ?`, store.JSON[map[string][]string]{V: map[string][]string{}}, id)
	if err != nil {
		return fmt.Errorf("report: keeping statistics only: %w", err)
	}
	return nil
}

// Erase forgets what a report says of its author, at their request (GDPR
// art. 17): the matter stays, nobody does.
func (s *Reports) Erase(ctx context.Context, h store.Handle, id store.ID) error {
	return h.Update(ctx, func(tx *store.Tx) error { return s.forget(ctx, tx, id) })
}

func (s *Reports) purgeDrafts(ctx context.Context, tx *store.Tx, before time.Time, limit int) (int64, error) {
	return tx.Exec(ctx, `DELETE FROM report_draft WHERE territory_id = @territory AND token_hash IN (
		SELECT token_hash FROM report_draft WHERE territory_id = @territory AND updated_at < ? LIMIT ?)`, before, limit)
}

// purgePhotos erases the photos that no report took.
func (s *Reports) purgePhotos(ctx context.Context, tx *store.Tx, before time.Time, limit int) (int64, error) {
	var list []Photo
	err := tx.Select(ctx, &list, `SELECT `+photoColumns+` FROM report_photo WHERE territory_id = @territory AND draft_hash <> '' AND report_id = 0 AND created_at < ? ORDER BY id LIMIT ?`, before, limit)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return 0, fmt.Errorf("report: finding photos that nobody took: %w", err)
	}
	return int64(len(list)), s.removePhotos(ctx, tx, list)
}
