package dossier_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"parvis/engine/dossier"
	"parvis/platform/clock"
	"parvis/platform/fault"
	"parvis/platform/store"
	"parvis/platform/store/storetest"
)

func TestOnlyOneOfSeveralAdvances(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		d := b.open(t, b.opening())
		var won atomic.Int32
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				_, err := try(t, b.h, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
					return b.Advance(ctx, tx, d.ID, staff, "studied")
				})
				switch {
				case err == nil:
					won.Add(1)
				case !fault.Is(err, fault.Conflict):
					t.Error(err)
				}
			})
		}
		group.Wait()
		if n := len(b.timeline(t, d.ID, false)); won.Load() != 1 || n != 2 {
			t.Errorf("%d won, %d entries", won.Load(), n)
		}
	})
}

// BenchmarkOpen is what a booking adds to its transaction, all in one
// territory: the worst case of the counter's row.
func BenchmarkOpen(b *testing.B) {
	for name, dsn := range map[string]func(testing.TB) string{"sqlite": storetest.SQLiteDSN, "postgres": storetest.PostgresDSN} {
		b.Run(name, func(b *testing.B) {
			e, err := dossier.New(dossier.Config{}, kind())
			if err != nil {
				b.Fatal(err)
			}
			h := storetest.Open(b, dsn(b), clock.System{}, []store.Migration{dossier.Migration()}).In("c86281")
			var n atomic.Int64
			b.SetParallelism(8)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, err := try(b, h, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
						return e.Open(ctx, tx, dossier.Opening{Kind: "claim", Subject: fmt.Sprint("claim:", n.Add(1)), Title: "Passeport", Channel: dossier.Web, By: resident})
					}); err != nil {
						b.Error(err)
						return
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "openings/s")
		})
	}
}
