package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"parvis/engine/dossier"
	"parvis/platform/search"
	"parvis/platform/store"
)

// A department of 463 000 inhabitants for three years: what the desk's list is
// asked on.
const (
	requestsPerYear = 46_300
	deskYears       = 3
	openRequests    = 6_000
)

// deskKinds are two kinds that are taken from the queue and one that is not.
func deskKinds() []dossier.Kind {
	stages := []dossier.Stage{{Name: "received", Label: "x", Next: []string{"accepted", "done"}}, {Name: "accepted", Label: "x", Next: []string{"done"}}, {Name: "done", Label: "x", Final: true}}
	var out []dossier.Kind
	for _, name := range []string{"report", "contact", "visit"} {
		out = append(out, dossier.Kind{Name: name, Label: "x", Stages: stages, DueIn: 10, Keep: 3 * 365 * 24 * time.Hour, OwnMoves: name == "visit"})
	}
	return out
}

// glance is one way the queue is looked at.
type glance struct {
	name   string
	filter func(s *dossier.Sight) dossier.Filter
}

func glances() []glance {
	return []glance{
		{"all, late first", func(s *dossier.Sight) dossier.Filter { return dossier.Filter{Sight: s} }},
		{"late", func(s *dossier.Sight) dossier.Filter { return dossier.Filter{Sight: s, Late: true} }},
		{"mine", func(s *dossier.Sight) dossier.Filter { return dossier.Filter{Sight: s, Owner: s.Person} }},
		{"my teams", func(s *dossier.Sight) dossier.Filter { return dossier.Filter{Sight: s, Teams: s.Teams} }},
		{"nobody's", func(s *dossier.Sight) dossier.Filter { return dossier.Filter{Sight: s, Unassigned: true} }},
		{"one category of one team", func(s *dossier.Sight) dossier.Filter {
			return dossier.Filter{Sight: s, Kind: "report", Category: "category 7", Teams: []store.ID{3}}
		}},
		{"one sector, received in a week", func(s *dossier.Sight) dossier.Filter {
			now := time.Now()
			return dossier.Filter{Sight: s, Sector: 12, From: now.AddDate(0, 0, -14), To: now.AddDate(0, 0, -7)}
		}},
		{"two words", func(s *dossier.Sight) dossier.Filter { return dossier.Filter{Sight: s, Query: "lampadaire 42"} }},
		{"closed, latest first", func(s *dossier.Sight) dossier.Filter { return dossier.Filter{Sight: s, Closed: true} }},
		{"closed, two words", func(s *dossier.Sight) dossier.Filter {
			return dossier.Filter{Sight: s, Closed: true, Query: "lampadaire 42"}
		}},
		{"closed, a word that none has", func(s *dossier.Sight) dossier.Filter {
			return dossier.Filter{Sight: s, Closed: true, Query: "xylophone"}
		}},
	}
}

// measureDesk times what the page of the queue asks of the database, tab by tab:
// the rows, the counts of all tabs, the categories of the filter.
func measureDesk(ctx context.Context, b *bench) error {
	for _, engine := range b.engines() {
		if err := b.deskOn(ctx, engine); err != nil {
			return fmt.Errorf("desk on %s: %w", engine, err)
		}
	}
	return nil
}

func (b *bench) deskOn(ctx context.Context, engine string) error {
	dsn, err := b.fresh(ctx, engine)
	if err != nil {
		return err
	}
	db, err := store.Open(ctx, dsn, store.Options{})
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	if err := db.Migrate(ctx, dossier.Migration()); err != nil {
		return err
	}
	e, err := dossier.New(dossier.Config{}, deskKinds()...)
	if err != nil {
		return err
	}
	h, all := db.In(home), b.tenth(requestsPerYear*deskYears)
	start := time.Now()
	if err := fillDesk(ctx, h, all, b.tenth(openRequests)); err != nil {
		return err
	}
	if _, err := db.SQL().ExecContext(ctx, "ANALYZE"); err != nil {
		return err
	}
	title := fmt.Sprintf("Desk list, %s requests of %d years, %s open", thousands(all), deskYears, thousands(b.tenth(openRequests)))
	b.report.add(title, "filling", engine, time.Since(start).Round(time.Second).String(), "")
	sight := &dossier.Sight{Kinds: []string{"contact", "report", "visit"}, Person: 5, Teams: []store.ID{3, 4}, Assigner: true}
	var whole times
	for _, g := range glances() {
		var page times
		rows := 0
		for range b.tenth(100) {
			began := time.Now()
			err := h.View(ctx, func(tx *store.Tx) error {
				list, err := e.List(ctx, tx, g.filter(sight), dossier.Cursor{}, 51)
				rows = len(list)
				if err != nil {
					return err
				}
				f := g.filter(sight)
				f.Late, f.Owner, f.Unassigned, f.Closed = false, 0, false, false
				_, err = e.CountFor(ctx, tx, f, sight.Person, sight.Teams, []string{"visit"}, tx.Now().Add(12*time.Hour))
				_, err2 := e.Categories(ctx, tx, sight)
				return errors.Join(err, err2)
			})
			if err != nil {
				return fmt.Errorf("%s: %w", g.name, err)
			}
			page = append(page, time.Since(began))
		}
		whole = append(whole, page...)
		b.report.add(title, fmt.Sprintf("%s (%d rows)", g.name, rows), engine, page.String(), "")
	}
	b.report.add(title, "every view together", engine, whole.String(), "target ≤ 100 ms p95")
	return nil
}

// fillDesk writes requests as the years leave them, without their timelines: the
// list does not read those.
func fillDesk(ctx context.Context, h store.Handle, all, open int) error {
	draw := rand.New(rand.NewPCG(7, 11))
	words := []string{"Lampadaire éteint", "Nid-de-poule", "Dépôt sauvage", "Banc cassé", "Tag", "Arbre tombé", "Facture contestée", "Demande de rappel"}
	now := time.Now().UTC().Truncate(time.Second)
	const batch = 250
	const columns = `id, kind, subject_ref, number, title, title_fold, stage, channel, opened_at, due_at, paused_at, paused_micros, rank_at, closed_at, owner_id, team_id, requester_id, phone, email, reopened, updated_at, version, category, sector_id`
	for from := 0; from < all; from += batch {
		err := h.Update(ctx, func(tx *store.Tx) error {
			var sql strings.Builder
			var args []any
			sql.WriteString(`INSERT INTO dossier (territory_id, ` + columns + `) VALUES `)
			for i := from; i < min(from+batch, all); i++ {
				age := time.Duration(float64(deskYears*365*24)*float64(all-i)/float64(all)) * time.Hour
				opened := now.Add(-age)
				due := opened.Add(14 * 24 * time.Hour)
				var closed, paused time.Time
				rank, stage := due, "accepted"
				isOpen := i >= all-open
				switch {
				case !isOpen:
					closed, stage = opened.Add(time.Duration(1+draw.IntN(20*24))*time.Hour), "done"
				case draw.IntN(20) == 0:
					paused, rank = opened, time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
				case draw.IntN(8) != 0: // one in eight of the oldest stays late
					due = now.Add(time.Duration(draw.IntN(30*24)) * time.Hour)
					rank = due
				}
				title := fmt.Sprintf("%s, rue %d", words[draw.IntN(len(words))], draw.IntN(2000))
				if i > from {
					sql.WriteString(", ")
				}
				sql.WriteString(`(@territory, ` + store.In(24) + `)`)
				args = append(args, store.ID(i+1), []string{"report", "report", "report", "contact", "visit"}[draw.IntN(5)], fmt.Sprint("report:", i), fmt.Sprintf("V-2026-%07d", i), title, search.Fold(title),
					stage, "web", opened, due, paused, 0, rank, closed, store.ID(draw.IntN(60)), store.ID(draw.IntN(15)), store.ID(0), "", fmt.Sprintf("h%d@exemple.fr", i), 0, opened, 1,
					fmt.Sprint("category ", draw.IntN(40)), store.ID(draw.IntN(60)))
			}
			_, err := tx.Exec(ctx, sql.String(), args...)
			return err
		})
		if err != nil {
			return fmt.Errorf("filling requests: %w", err)
		}
	}
	return nil
}
