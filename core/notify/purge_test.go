package notify_test

import (
	"testing"
	"time"

	"parvis/core/notify"
	"parvis/platform/sms"
	"parvis/platform/store"
)

func TestPurge(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.send(reminder(renee, "old"))
		b.drain()
		b.receive("", answer("OUI", b.clk.Now()))
		b.receive("", sms.Incoming{Kind: sms.Delivery, ProviderID: "none", Status: sms.StatusDelivered, At: b.clk.Now()})
		b.clk.Advance(time.Minute)
		cut := b.clk.Now()
		b.clk.Advance(time.Hour)
		b.send(reminder(renee, "new"))
		b.drain()
		waiting := reminder(mobile, "waiting")
		waiting.At = b.clk.Now().Add(24 * time.Hour)
		b.send(waiting)

		// Six months: who, and the text, are gone; the row is found by what is asked exactly.
		var n int64
		b.update(home, func(tx *store.Tx) (err error) {
			n, err = b.hub.PurgeRecipients(t.Context(), tx, cut, 1)
			return err
		})
		if n != 1 {
			t.Errorf("treated %d, want the limit of 1", n)
		}
		all := b.db.System("the nightly purge sweeps every territory")
		for range 2 {
			if err := all.Update(t.Context(), func(tx *store.Tx) (err error) {
				n, err = b.hub.PurgeRecipients(t.Context(), tx, cut, 100)
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		if n != 0 {
			t.Errorf("the last pass treated %d, want 0: it runs until nothing is left", n)
		}
		erased := 0
		for _, e := range b.log(notify.Filter{}) {
			if e.Recipient == "" && e.Name == "" && e.Title == "" && e.Body == "" {
				erased++
			}
		}
		if erased != 2 {
			t.Errorf("%d rows without recipient, want the 2 old ones", erased)
		}
		if got := b.log(notify.Filter{Recipient: renee.Phone.E164()}); len(got) != 3 {
			t.Errorf("%d messages to the number by its hash, want 3", len(got))
		}

		// A year: only counts.
		if err := all.Update(t.Context(), func(tx *store.Tx) (err error) {
			n, err = b.hub.PurgeMessages(t.Context(), tx, cut, 100)
			return err
		}); err != nil || n != 2 {
			t.Errorf("erased %d (%v), want 2", n, err)
		}
		if left := len(b.log(notify.Filter{})); left != 3 {
			t.Errorf("%d rows left, want 3", left)
		}
		var counted struct{ Messages, Cost int }
		b.view(home, func(tx *store.Tx) error {
			return tx.Get(t.Context(), &counted, `SELECT messages, cost FROM message_count WHERE territory_id = @territory AND month = '2026-11' AND channel = 'sms' AND state = 'sent'`)
		})
		if counted.Messages != 1 || counted.Cost != 450 {
			t.Errorf("counted %+v", counted)
		}
		// A key whose row is gone could leave again: nothing that old is sent by any service.

		if err := all.Update(t.Context(), func(tx *store.Tx) (err error) {
			if n, err = b.hub.PurgeInbound(t.Context(), tx, cut, 100); err != nil || n != 1 {
				t.Errorf("inbound %d", n)
			}
			if n, err := b.hub.PurgeAside(t.Context(), tx, cut, 100); err != nil || n != 1 {
				t.Errorf("aside %d (%v)", n, err)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		b.clk.Set(waiting.At)
		b.drain()
		if got := len(b.sms.texts()); got != 3 {
			t.Errorf("%d SMS, a purge lost what was waiting", got)
		}
	})
}

func TestSensitiveTextThatFailedIsKeptAWeek(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.sms.do = func(int, sms.Message) error { return &sms.Failure{Outcome: sms.ErrRefused, Reason: sms.ReasonCredit} }
		b.send(notify.Message{Notice: "well.code", To: mobile, Key: "c", Data: map[string]any{"Code": "1"}})
		b.drain()
		if e := b.one(notify.SMS); !e.HasText || e.Body != "" {
			t.Fatalf("%+v", e)
		}
		b.update(home, func(tx *store.Tx) error {
			n, err := b.hub.PurgeSensitive(t.Context(), tx, b.clk.Now().Add(time.Second), 100)
			if n != 1 {
				t.Errorf("treated %d", n)
			}
			return err
		})
		if e := b.one(notify.SMS); e.HasText {
			t.Error("the text is still there")
		}
	})
}

func TestEndedStopsAreForgotten(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.update(home, func(tx *store.Tx) error {
			id, _, err := b.hub.Suppress(t.Context(), tx, mobile.Phone, "staff")
			if err != nil {
				return err
			}
			if _, _, err := b.hub.Suppress(t.Context(), tx, number("06 39 98 55 55"), "sms"); err != nil {
				return err
			}
			return b.hub.Resume(t.Context(), tx, id, 3)
		})
		b.update(home, func(tx *store.Tx) error {
			n, err := b.hub.PurgeStops(t.Context(), tx, b.clk.Now().Add(time.Second), 100)
			if n != 1 {
				t.Errorf("erased %d, want the one that ended", n)
			}
			return err
		})
	})
}

func TestMeasures(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		from := b.clk.Now()
		b.send(reminder(renee, "k1"))
		b.clk.Advance(10 * time.Second)
		b.drain()
		e := b.one(notify.SMS)
		b.receive("", report(notify.Ref(home, e.ID), "", sms.StatusDelivered, from.Add(30*time.Second)))
		b.sms.do = func(int, sms.Message) error { return &sms.Failure{Outcome: sms.ErrRefused, Reason: sms.ReasonText} }
		b.send(reminder(mobile, "k2"))
		b.drain()
		to := b.clk.Now().Add(time.Second)
		share, base, err := b.hub.Delivered(t.Context(), b.db.In(home), from, to)
		if err != nil || base != 3 || share < 0.666 || share > 0.667 {
			t.Errorf("delivered %f of %d (%v), want 2 of 3", share, base, err)
		}
		seconds, base, err := b.hub.Delay(t.Context(), b.db.In(home), from, to)
		if err != nil || base != 2 || seconds != 20 {
			t.Errorf("delay %f s over %d (%v), want the mean of 10 and 30", seconds, base, err)
		}
		if share, base, err := b.hub.Delivered(t.Context(), b.db.In("c86194"), from, to); share != 0 || base != 0 || err != nil {
			t.Errorf("another territory measures %f of %d (%v)", share, base, err)
		}
	})
}

func TestLogPagesAndFilters(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.sms.do = func(n int, _ sms.Message) error {
			if n == 3 {
				return &sms.Failure{Outcome: sms.ErrDoubtful, Reason: sms.ReasonTimeout}
			}
			return nil
		}
		for i := range 7 {
			b.send(reminder(mobile, string(rune('a'+i))))
			b.drain()
		}
		var seen []notify.Entry
		var cursor notify.Cursor
		for range 10 {
			var page []notify.Entry
			b.view(home, func(tx *store.Tx) (err error) {
				page, err = b.hub.Log(t.Context(), tx, notify.Filter{Channel: notify.SMS}, cursor, 3)
				return err
			})
			if len(page) == 0 {
				break
			}
			seen = append(seen, page...)
			last := page[len(page)-1]
			cursor = notify.Cursor{Rank: last.Rank, ID: last.ID}
		}
		if len(seen) != 7 || seen[0].State != notify.Doubtful {
			t.Fatalf("%d seen, first %s, want the doubtful one first", len(seen), seen[0].State)
		}
		for i := 2; i < len(seen); i++ {
			if seen[i].ID >= seen[i-1].ID {
				t.Errorf("out of order at %d", i)
			}
		}
		for name, f := range map[string]notify.Filter{
			"state": {State: notify.Sent}, "notice": {Notice: "well.reminder", State: notify.Sent},
			"subject": {Subject: "well:77", State: notify.Sent}, "recipient": {Recipient: mobile.Phone.E164(), State: notify.Sent},
		} {
			if n := len(b.log(f)); n != 6 {
				t.Errorf("%s: %d, want 6", name, n)
			}
		}
		if n := len(b.log(notify.Filter{Channel: notify.Mail})); n != 0 {
			t.Errorf("%d mails", n)
		}
		b.view(home, func(tx *store.Tx) error {
			if n, err := b.hub.Attention(t.Context(), tx); err != nil || n != 1 {
				t.Errorf("attention %d (%v)", n, err)
			}
			counts, err := b.hub.Counts(t.Context(), tx, time.Time{}.Add(time.Hour))
			if err != nil || len(counts) != 2 || counts[0] != (notify.Count{State: notify.Doubtful, Channel: notify.SMS, Messages: 1}) || counts[1].Messages != 6 {
				t.Errorf("counts %+v (%v)", counts, err)
			}
			return nil
		})
		b.clk.Advance(31 * 24 * time.Hour)
		b.update(home, func(tx *store.Tx) error { return b.q.Enqueue(t.Context(), tx, "notify.sweep", struct{}{}) })
		b.drain()
		b.view(home, func(tx *store.Tx) error {
			if n, err := b.hub.Attention(t.Context(), tx); err != nil || n != 0 {
				t.Errorf("a month later attention is %d (%v)", n, err)
			}
			return nil
		})
	})
}
