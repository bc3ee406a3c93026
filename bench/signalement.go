package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"time"

	"parvis/engine/dossier"
	listen "parvis/loop/listen/report"
	"parvis/platform/clock"
	"parvis/platform/event"
	"parvis/platform/file"
	"parvis/platform/geo"
	"parvis/platform/store"
)

// The city of the reports: 10 km by 14 km, as in the peer's measure; the town of
// the public map has a third of the reports.
const (
	reportCity, reportTown = "c69123", "c86194"
	cityReports            = 300_000
	townReports            = 100_000
)

var cityCentre = geo.Point{Lat: 45.76, Lon: 4.84}

// measureReport times what the pages of reports ask of the database: the search
// of the same thing, the public map, its list and its figures.
func measureReport(ctx context.Context, b *bench) error {
	for _, engine := range b.engines() {
		if err := b.timeReports(ctx, engine); err != nil {
			return fmt.Errorf("%s: %w", engine, err)
		}
	}
	return nil
}

func (b *bench) timeReports(ctx context.Context, engine string) (err error) {
	dsn, err := b.fresh(ctx, engine)
	if err != nil {
		return err
	}
	db, err := store.Open(ctx, dsn, store.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	s, err := b.reports(ctx, db)
	if err != nil {
		return err
	}
	title := fmt.Sprintf("Reports: %s in one city, %s in one town", thousands(b.tenth(cityReports)), thousands(b.tenth(townReports)))
	for _, x := range []struct {
		territory string
		n         int
	}{{reportCity, b.tenth(cityReports)}, {reportTown, b.tenth(townReports)}} {
		if err := fillReports(ctx, s, db.In(x.territory), x.n); err != nil {
			return err
		}
	}
	if _, err := db.SQL().ExecContext(ctx, "ANALYZE"); err != nil {
		return fmt.Errorf("analysing: %w", err)
	}
	return b.askReports(ctx, engine, title, s, db)
}

func (b *bench) reports(ctx context.Context, db *store.DB) (*listen.Reports, error) {
	if err := db.Migrate(ctx, event.Migration(), dossier.Migration(), listen.Migration()); err != nil {
		return nil, err
	}
	files, err := file.OpenFolder(filepath.Join(b.work, "files"), file.FolderOptions{})
	if err != nil {
		return nil, err
	}
	var s *listen.Reports
	engine, err := dossier.New(dossier.Config{}, listen.DossierKind(func() *listen.Reports { return s }))
	if err != nil {
		return nil, err
	}
	s, err = listen.New(listen.Deps{Clock: clock.System{}, DB: db, Dossiers: engine, Bus: event.New(db), Files: files, Secret: make([]byte, 16),
		Where: func(context.Context, *store.Tx) (listen.Where, error) { return listen.Where{Centre: cityCentre}, nil }})
	return s, err
}

// somewhere is a point of the city, denser in the middle.
func somewhere(dice *rand.Rand) geo.Point {
	spread := func(km float64) float64 { return (dice.Float64() - 0.5) * km * 1000 }
	return geo.Point{Lat: cityCentre.Lat + spread(14)/111_195, Lon: cityCentre.Lon + spread(10)/77_600}
}

// fillReports writes n reports of the last three years, nine in ten closed.
func fillReports(ctx context.Context, s *listen.Reports, h store.Handle, n int) error {
	if err := s.Seed(ctx, h); err != nil {
		return err
	}
	var cats []listen.Category
	if err := h.View(ctx, func(tx *store.Tx) (err error) {
		cats, err = s.Categories(ctx, tx)
		return err
	}); err != nil {
		return err
	}
	dice := rand.New(rand.NewPCG(5, uint64(n)))
	words := []string{"trou", "lampadaire eteint", "depot de gravats", "banc casse", "devant l ecole", "pres du pont", "rue du moulin", "place de la halle"}
	for done := 0; done < n; {
		batch := min(5000, n-done)
		err := h.Update(ctx, func(tx *store.Tx) error {
			for range batch {
				if err := oneReport(ctx, tx, cats[dice.IntN(len(cats))], somewhere(dice), words[dice.IntN(8)]+" "+words[dice.IntN(8)], dice); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		done += batch
	}
	return nil
}

func oneReport(ctx context.Context, tx *store.Tx, c listen.Category, p geo.Point, text string, dice *rand.Rand) error {
	id := store.NewID()
	opened := tx.Now().Add(-time.Duration(dice.IntN(3*365*24)) * time.Hour)
	state, closed := listen.Received, time.Time{}
	if dice.Float64() < 0.9 {
		state, closed = listen.Fixed, opened.Add(time.Duration(dice.IntN(20*24))*time.Hour)
	}
	_, err := tx.Exec(ctx, `INSERT INTO report (territory_id, id, dossier_id, number, category_id, title, text, text_shown, text_fold, answers, lat, lon, located, cell, accuracy,
		address, address_id, state, tone, visible, private, moderation, anonymous, priority, follow_count, cause, reason, sector_id, crew_id, channel, source, external_id,
		staff_id, code_hash, merged_into, opened_at, due_at, closed_at, updated_at, version)
		VALUES (@territory, ?, 0, ?, ?, ?, ?, ?, ?, '{}', ?, ?, TRUE, ?, 0, 'rue du Pont', '', ?, ?, ?, FALSE, 'clear', FALSE, 2, 0, '', '', 0, 0, 'web', '', '', 0, '', 0, ?, ?, ?, ?, 1)`,
		id, "X-2026-"+id.String(), c.ID, c.Label, text, text, text, p.Lat, p.Lon, geo.CellKey(p), state, int(state.Public()), !c.Private(), opened, opened.AddDate(0, 0, 12), closed, opened)
	return err
}

// askReports asks what pages ask.
func (b *bench) askReports(ctx context.Context, engine, title string, s *listen.Reports, db *store.DB) error {
	city, town := db.In(reportCity), db.In(reportTown)
	dice := rand.New(rand.NewPCG(9, 9))
	var cats []listen.Category
	if err := city.View(ctx, func(tx *store.Tx) (err error) {
		cats, err = s.Categories(ctx, tx)
		return err
	}); err != nil {
		return err
	}
	whole := geo.Bounds{South: 45.69, West: 4.77, North: 45.83, East: 4.91}
	for _, x := range []struct {
		what, beside string
		rounds       int
		ask          func() (int, error)
	}{
		{"the same thing within 250 m, with words, at most 5", "target ≤ 5 ms p95 · FixMyStreet's nearby function, same size and radius: 7–13 ms", 600, func() (n int, err error) {
			p := somewhere(dice)
			err = city.View(ctx, func(tx *store.Tx) error {
				list, err := s.Near(ctx, tx, listen.Query{Category: cats[dice.IntN(len(cats))].ID, Point: &p, Text: "Un trou devant l’école", RadiusM: 250})
				n = len(list)
				return err
			})
			return n, err
		}},
		{"public map of the whole town, grouped by the database", "target ≤ 100 ms", 60, func() (int, error) {
			list, err := s.Groups(ctx, town, listen.Filter{Public: true}, whole, 23)
			return len(list), err
		}},
		{"public map of one quarter", "", 60, func() (int, error) {
			list, err := s.Groups(ctx, town, listen.Filter{Public: true}, geo.Around(somewhere(dice), 800), 2.4)
			return len(list), err
		}},
		{"first page of the public list", "", 60, func() (n int, err error) {
			err = town.View(ctx, func(tx *store.Tx) error {
				list, err := s.List(ctx, tx, listen.Filter{Public: true}, listen.Cursor{}, 21)
				n = len(list)
				return err
			})
			return n, err
		}},
		{"figures on top: median, share in time, open, late", "", 30, func() (int, error) {
			f, err := s.Figures(ctx, town)
			return f.Closed, err
		}},
	} {
		var took times
		found := 0
		for range b.tenth(x.rounds) {
			start := time.Now()
			n, err := x.ask()
			if err != nil {
				return fmt.Errorf("%s: %w", x.what, err)
			}
			took, found = append(took, time.Since(start)), max(found, n)
		}
		if found == 0 {
			return fmt.Errorf("%s: found nothing", x.what)
		}
		b.report.add(title, fmt.Sprintf("%s (up to %s found)", x.what, thousands(found)), engine, took.String(), x.beside)
	}
	return nil
}
