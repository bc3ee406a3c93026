package event_test

import (
	"context"
	"errors"
	"testing"

	"parvis/platform/event"
	"parvis/platform/job"
	"parvis/platform/store"
	"parvis/platform/store/storetest"
)

func TestDeliveredAtLeastOnceAndHandledOnce(t *testing.T) {
	storetest.Each(t, []store.Migration{event.Migration()}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		if err := job.Migrate(ctx, db); err != nil {
			t.Fatal(err)
		}
		bus := event.New(db)
		q, err := job.New(db, []job.Worker{bus.Worker()}, job.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var got []event.Event
		effects, fail := 0, true
		subs := []event.Subscription{
			event.On("well.*", "all", func(_ context.Context, e event.Event) error { got = append(got, e); return nil }),
			event.On("well.dug", "keyed", func(ctx context.Context, e event.Event) error {
				if err := bus.Once(ctx, e, "keyed", func(*store.Tx) error { effects++; return nil }); err != nil {
					return err
				}
				if fail {
					fail = false
					return errors.New("crashed after its effect")
				}
				return nil
			}),
			event.On("other", "none", func(context.Context, event.Event) error { t.Error("not for me"); return nil }),
		}
		if err := bus.Connect(q, subs); err != nil {
			t.Fatal(err)
		}
		boom := errors.New("boom")
		for _, end := range []error{nil, boom} {
			if err := db.In("c1").Update(ctx, func(tx *store.Tx) error {
				if err := bus.Append(ctx, tx, "well.dug", "well:3", map[string]int{"depth": 12}); err != nil {
					return err
				}
				return end
			}); !errors.Is(err, end) {
				t.Fatal(err)
			}
		}
		if _, err := q.Drain(ctx); err == nil {
			t.Fatal("the failing delivery was not reported")
		}
		if _, err := q.Drain(ctx); err != nil {
			t.Fatal(err)
		}
		if len(got) != 1 || got[0].Subject != "well:3" || got[0].Territory != "c1" {
			t.Fatalf("delivered %+v, want the committed event once", got)
		}
		var data struct{ Depth int }
		if err := got[0].Decode(&data); err != nil || data.Depth != 12 {
			t.Errorf("data %+v, %v", data, err)
		}
		if effects != 1 {
			t.Errorf("the effect happened %d times", effects)
		}
	})
}

func TestSubscriptionsAreChecked(t *testing.T) {
	do := func(context.Context, event.Event) error { return nil }
	if err := event.New(nil).Connect(nil, []event.Subscription{event.On("a", "x", do), event.On("b", "x", do)}); err == nil {
		t.Error("two subscriptions of one name accepted")
	}
}
