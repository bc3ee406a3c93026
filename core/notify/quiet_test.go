package notify_test

import (
	"testing"
	"time"

	"parvis/core/notify"
	"parvis/platform/sms"
	"parvis/platform/store"
)

func TestQuietHoursShiftAndLoseNothing(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		for _, night := range []struct{ evening, before, morning string }{
			{"2026-03-28 21:00", "2026-03-29 07:59", "2026-03-29 08:00"},
			{"2026-10-24 21:00", "2026-10-25 07:59", "2026-10-25 08:00"},
		} {
			b.clk.Set(at(night.evening))
			texts := len(b.sms.texts())
			b.send(reminder(mobile, "r"+night.evening))
			b.send(notify.Message{Notice: "well.code", To: mobile, Key: "c" + night.evening, Data: map[string]any{"Code": "1"}})
			b.drain()
			if got := b.sms.texts()[texts:]; len(got) != 1 || got[0] != "Code 1" {
				t.Fatalf("%s: left in the evening: %q, want the code alone", night.evening, got)
			}
			b.clk.Set(at(night.before))
			b.drain()
			if got := len(b.sms.texts()) - texts; got != 1 {
				t.Errorf("%s: a reminder left in the quiet hours", night.before)
			}
			b.clk.Set(at(night.morning))
			b.drain()
			if got := len(b.sms.texts()) - texts; got != 2 {
				t.Errorf("%s: %d messages left, want the reminder too", night.morning, got)
			}
		}
	})
}

func TestRetryWaitsForTheMorning(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.clk.Set(at("2026-11-23 19:50"))
		down := true
		b.sms.do = func(int, sms.Message) error {
			if down {
				return notSent(sms.ReasonUnavailable)
			}
			return nil
		}
		b.send(reminder(mobile, "k1"))
		b.drain()
		down = false
		b.clk.Set(at("2026-11-23 20:30"))
		b.drain()
		if len(b.sms.texts()) != 0 {
			t.Fatal("a second attempt woke somebody up")
		}
		b.clk.Set(at("2026-11-24 08:00"))
		b.drain()
		if len(b.sms.texts()) != 1 {
			t.Error("the message was lost in the night")
		}
	})
}

func TestTerritoryChoosesItsQuietHours(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		set := notify.DefaultSettings()
		set.Quiet = notify.Quiet{From: 18 * 60, To: 9 * 60}
		b.update(home, func(tx *store.Tx) error { return b.hub.SetSettings(t.Context(), tx, set, 1) })
		b.clk.Set(at("2026-11-23 18:30"))
		b.send(reminder(mobile, "k1"))
		b.drain()
		if e := b.one(notify.SMS); e.State != notify.Queued || !e.DueAt.Equal(at("2026-11-24 09:00")) {
			t.Errorf("%s, due %s", e.State, e.DueAt)
		}
	})
}

func TestSettingsAreChecked(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		good := notify.Settings{Quiet: notify.Quiet{From: 21 * 60, To: 7*60 + 30}, Cap: 500000, Plain: true, Sender: "VOUNEUIL", Number: "+33 6 39 98 00 01"}
		b.update(home, func(tx *store.Tx) error { return b.hub.SetSettings(t.Context(), tx, good, 1) })
		good.Number = "33639980001"
		b.view(home, func(tx *store.Tx) error {
			got, err := b.hub.Settings(t.Context(), tx)
			if err != nil || got != good {
				t.Errorf("read back %+v (%v)", got, err)
			}
			return nil
		})
		for name, change := range map[string]func(*notify.Settings){
			"quiet at noon":       func(s *notify.Settings) { s.Quiet.From = 12 * 60 },
			"quiet at odd minute": func(s *notify.Settings) { s.Quiet.From = 20*60 + 7 },
			"calm at midnight":    func(s *notify.Settings) { s.Quiet.To = 0 },
			"negative budget":     func(s *notify.Settings) { s.Cap = -1 },
			"huge budget":         func(s *notify.Settings) { s.Cap = 1 << 60 },
			"sender with accent":  func(s *notify.Settings) { s.Sender = "Brûlé" },
			"sender too long":     func(s *notify.Settings) { s.Sender = "COMMUNEDEVOUNEUIL" },
			"number of two":       func(s *notify.Settings) { s.Number = "12" },
		} {
			bad := good
			change(&bad)
			if err := b.db.In(home).Update(t.Context(), func(tx *store.Tx) error { return b.hub.SetSettings(t.Context(), tx, bad, 1) }); err == nil {
				t.Errorf("%s: accepted", name)
			}
		}
	})
}

func TestBudgetStopsWhatCanWaitAndWarnsOnce(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		set := notify.DefaultSettings()
		set.Cap = 10 * 450 // ten parts
		b.update(home, func(tx *store.Tx) error { return b.hub.SetSettings(t.Context(), tx, set, 1) })
		for i := range 12 {
			b.send(reminder(mobile, string(rune('a'+i))))
			b.drain()
			warned := len(b.mail.ids)
			if want := min(max(i-6, 0), 1); warned != want {
				t.Errorf("after %d SMS of 10: %d warnings, want %d", i+1, warned, want)
			}
		}
		if got := len(b.sms.texts()); got != 10 {
			t.Errorf("%d reminders left, want the 10 of the budget", got)
		}
		if list := b.log(notify.Filter{State: notify.Dropped}); len(list) != 2 || list[0].Reason != notify.ReasonCap {
			t.Errorf("dropped: %+v", list)
		}
		b.send(notify.Message{Notice: "well.code", To: mobile, Key: "code", Data: map[string]any{"Code": "1"}})
		b.drain()
		if got := len(b.sms.texts()); got != 11 {
			t.Error("a code that somebody waits for was held back")
		}
		// A new month, a new budget.
		b.clk.Set(at("2026-12-01 09:00"))
		b.send(reminder(mobile, "december"))
		b.drain()
		if got := len(b.sms.texts()); got != 12 {
			t.Error("December pays for November")
		}
		b.view(home, func(tx *store.Tx) error {
			november, err := b.hub.Spent(t.Context(), tx, "2026-11")
			if err != nil || november != (notify.Spending{Parts: 11, Cost: 11 * 450}) {
				t.Errorf("November %+v (%v)", november, err)
			}
			return nil
		})
		if b.mail.last.Subject != "Vos SMS\u00a0: 80\u00a0% du budget du mois est dépensé" {
			t.Errorf("warning %q", b.mail.last.Subject)
		}
		if got := notify.Month(time.Date(2026, 11, 30, 23, 30, 0, 0, time.UTC), paris); got != "2026-12" {
			t.Errorf("the month is that of the territory's zone, got %s", got)
		}
	})
}

func TestPlainWritesWithoutDearLetters(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		m := notify.Message{Notice: "well.code", To: mobile, Key: "k1", Data: map[string]any{"Code": "François, garçon à Noël"}}
		b.send(m)
		set := notify.DefaultSettings()
		set.Plain = true
		b.update(home, func(tx *store.Tx) error { return b.hub.SetSettings(t.Context(), tx, set, 1) })
		m.Key = "k2"
		b.send(m)
		list := b.log(notify.Filter{})
		if list[1].Encoding != string(sms.UCS2) || list[0].Encoding != string(sms.GSM7) {
			t.Errorf("as written %s, plain %s", list[1].Encoding, list[0].Encoding)
		}
		b.drain()
		if got := b.sms.texts()[1]; got != "Code Francois, garcon à Noel" {
			t.Errorf("%q", got)
		}
	})
}
