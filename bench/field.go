package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"parvis/app"
	"parvis/loop/serve/intervention"
	"parvis/platform/store"
)

// years of 19 400 interventions: 100 for 1 000 inhabitants of Grand Poitiers.
const (
	perYear   = 19_400
	fieldTime = 5
	spots     = 9_000 // places, a few of which come back all the time
)

// measureField fills five years of interventions, then times what chiefs open
// all day: the list, and what comes back.
func measureField(ctx context.Context, b *bench) error {
	for _, engine := range b.engines() {
		if err := b.years(ctx, engine); err != nil {
			return fmt.Errorf("%s: %w", engine, err)
		}
	}
	return nil
}

func (b *bench) years(ctx context.Context, engine string) (err error) {
	dsn, err := b.fresh(ctx, engine)
	if err != nil {
		return err
	}
	data, err := filepath.Abs(filepath.Join(b.work, "field-"+engine))
	if err != nil {
		return err
	}
	a, err := build(ctx, dsn, data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close(ctx)) }()
	if _, err := a.Book.Activate(ctx, streetID, ""); err != nil {
		return err
	}
	n := b.tenth(perYear * fieldTime)
	start := time.Now()
	trade, err := fillYears(ctx, a, n)
	if err != nil {
		return err
	}
	section := fmt.Sprintf("Interventions: %s of them, five years of 194 100 inhabitants, one trade, %s places", thousands(n), thousands(b.tenth(spots)))
	b.report.add(section, "time to put them there through the service's own rules for places", engine, time.Since(start).Round(time.Second).String(), "")
	h := a.DB.In(streetID)
	measure := func(what, target string, rounds int, fn func(tx *store.Tx) error) error {
		var all times
		for range rounds {
			start := time.Now()
			if err := h.View(ctx, fn); err != nil {
				return err
			}
			all = append(all, time.Since(start))
		}
		b.report.add(section, what, engine, all.String(), target)
		return nil
	}
	if err := measure("list of what is open, late first, and the counts beside it", "target p95 ≤ 100 ms", 200, func(tx *store.Tx) error {
		if _, err := a.Field.Count(ctx, tx); err != nil {
			return err
		}
		_, err := a.Field.List(ctx, tx, intervention.Filter{Open: true}, 61)
		return err
	}); err != nil {
		return err
	}
	if err := measure("list of one state, newest first", "target p95 ≤ 100 ms", 200, func(tx *store.Tx) error {
		_, err := a.Field.List(ctx, tx, intervention.Filter{States: []intervention.State{intervention.Checked}}, 61)
		return err
	}); err != nil {
		return err
	}
	if err := measure(fmt.Sprintf("what comes back: every place, Kaplan–Meier, the first 50, from %s points", thousands(n)), "target ≤ 200 ms", 30, func(tx *store.Tx) error {
		r, err := a.Field.Recurrence(ctx, tx, intervention.RecurrenceQuery{Trade: trade})
		if err == nil && r.Count == 0 {
			err = errors.New("nothing comes back")
		}
		return err
	}); err != nil {
		return err
	}
	if engine == "SQLite" {
		info, err := os.Stat(strings.TrimPrefix(dsn, "sqlite:"))
		if err != nil {
			return err
		}
		b.report.add(section, "storage of one year without photos", engine, fmt.Sprintf("%.1f MB", float64(info.Size())/float64(n)*perYear/1e6), "")
		raw, err := shot(1)
		if err != nil {
			return err
		}
		b.report.add(section, "storage of one year of photos, 92 600 at the size the field page makes (2 048 px, quality 0.7: 350 kB assumed)", engine, fmt.Sprintf("%.1f GB", 92_600*350e3/1e9), fmt.Sprintf("a noisy 480 px photo is %d kB", len(raw.data)/1000))
	}
	return nil
}

// fillYears writes closed interventions straight into the table, then lets the
// service count each place.
func fillYears(ctx context.Context, a *app.App, n int) (store.ID, error) {
	h := a.DB.In(streetID)
	var trade intervention.Trade
	if err := h.Update(ctx, func(tx *store.Tx) (err error) {
		trade, err = a.Field.SaveTrade(ctx, tx, intervention.Templates()[0], 0)
		return err
	}); err != nil {
		return 0, err
	}
	dice := rand.New(rand.NewPCG(5, 6))
	places := max(10, n*spots/(perYear*fieldTime))
	now := time.Now().UTC()
	var queue []intervention.Order
	for i := range n {
		// A few walls are tagged again and again, most once: 1/rank.
		spot := int(math.Pow(float64(places), dice.Float64()))
		noticed := now.Add(-time.Duration(dice.Int64N(int64(fieldTime * 365 * 24 * time.Hour))))
		lat, lon := 46.58+float64(spot%95)*0.0009, 0.34+float64(spot/95)*0.0013
		o := intervention.Order{TradeID: trade.ID, Title: "Tag", Address: fmt.Sprintf("%d, rue de la Halle", spot), Lat: &lat, Lon: &lon, State: intervention.Checked, CreatedAt: noticed, NoticedAt: noticed,
			DoneAt: noticed.Add(time.Duration(4+dice.IntN(90)) * time.Hour), Minutes: 45, Cents: 2850, Quantity: 4}
		if i%60 == 0 { // what is open today
			o.State, o.DoneAt, o.CreatedAt, o.NoticedAt = intervention.ToPlan, time.Time{}, now.Add(-time.Duration(dice.IntN(200))*time.Hour), now.Add(-200*time.Hour)
		}
		queue = append(queue, o)
		if len(queue) == 1000 || i == n-1 {
			batch := queue
			if err := h.Update(ctx, func(tx *store.Tx) error { return a.Field.Load(ctx, tx, batch) }); err != nil {
				return 0, fmt.Errorf("loading years: %w", err)
			}
			queue = nil
		}
	}
	return trade.ID, h.Update(ctx, func(tx *store.Tx) error { return a.Field.CountPlaces(ctx, tx, trade.ID) })
}
