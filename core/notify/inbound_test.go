package notify_test

import (
	"slices"
	"testing"
	"time"

	"parvis/core/notify"
	"parvis/platform/sms"
	"parvis/platform/store"
)

func (b *bench) receive(number string, in ...sms.Incoming) {
	b.t.Helper()
	if err := b.hub.Receive(b.t.Context(), "test", number, in); err != nil {
		b.t.Fatal(err)
	}
	b.drain()
}

func (b *bench) inbounds(territory string) []notify.Inbound {
	b.t.Helper()
	var out []notify.Inbound
	b.view(territory, func(tx *store.Tx) (err error) {
		out, err = b.hub.Inbounds(b.t.Context(), tx, 0, 100)
		return err
	})
	return out
}

func answer(text string, when time.Time) sms.Incoming {
	in := sms.Incoming{Kind: sms.Inbound, From: mobile.Phone, Text: text, At: when}
	if sms.Keyword(text) == sms.WordStop {
		in.Kind = sms.Stop
	}
	return in
}

func (b *bench) count(query string) int {
	b.t.Helper()
	var n int
	if err := b.db.System("a test counts rows of the instance").View(b.t.Context(), func(tx *store.Tx) error {
		return tx.Get(b.t.Context(), &n, query)
	}); err != nil {
		b.t.Fatal(err)
	}
	return n
}

func TestAnswerReachesTheServicesOnce(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.send(reminder(mobile, "k1"))
		other := reminder(mobile, "k2")
		other.Subject = "well:78"
		b.drain()
		b.clk.Advance(time.Minute)
		b.send(other)
		b.drain()
		yes := answer("Oui !", b.clk.Now())
		b.receive("", yes, yes)
		b.receive("", yes)
		if len(b.heard) != 1 || b.heard[0].Territory != home {
			t.Fatalf("heard %d times, want once: %+v", len(b.heard), b.heard)
		}
		var got notify.Received
		if err := b.heard[0].Decode(&got); err != nil || got.Keyword != sms.WordYes || !slices.Equal(got.About, []string{"well:78", "well:77"}) {
			t.Errorf("heard %+v (%v), want the latest subject first", got, err)
		}
		list := b.inbounds(home)
		if len(list) != 1 || list[0].Phone != mobile.Phone || list[0].Text != "Oui !" || b.heard[0].Subject != "inbound:"+list[0].ID.String() {
			t.Errorf("kept %+v for %s", list, b.heard[0].Subject)
		}
		b.view(home, func(tx *store.Tx) error {
			in, err := b.hub.Inbound(t.Context(), tx, list[0].ID)
			if err != nil || in.Keyword != sms.WordYes {
				t.Errorf("%+v %v", in, err)
			}
			return nil
		})
		if n := len(b.sms.texts()); n != 2 {
			t.Errorf("the hub answered YES itself: %q", b.sms.texts())
		}
		// Another day, the same word without any time is another answer.
		none := answer("NON", time.Time{})
		b.receive("", none, none)
		b.clk.Advance(25 * time.Hour)
		b.receive("", none)
		if len(b.heard) != 3 {
			t.Errorf("heard %d, want 3", len(b.heard))
		}
	})
}

func TestAnswerGoesToTheLatestThatWrote(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.sendFrom("c86194", reminder(mobile, "k1"))
		b.drain()
		b.clk.Advance(time.Hour)
		b.send(reminder(mobile, "k1"))
		b.drain()
		b.receive("", answer("OUI", b.clk.Now()))
		if len(b.inbounds(home)) != 1 || len(b.inbounds("c86194")) != 0 {
			t.Fatal("the answer is not with the latest that wrote")
		}
		// A number of its own says more than the latest message.
		set := notify.DefaultSettings()
		set.Number = "33639980001"
		b.update("c86194", func(tx *store.Tx) error { return b.hub.SetSettings(t.Context(), tx, set, 1) })
		b.receive("+33639980001", answer("NON", b.clk.Now()))
		if len(b.inbounds("c86194")) != 1 {
			t.Error("the answer to a number of one territory went elsewhere")
		}
		// The provider may name the message that is answered.
		in := answer("aide", b.clk.Now())
		in.ProviderID = "P2"
		b.receive("+33639980001", in)
		if len(b.inbounds(home)) != 2 {
			t.Error("the answer to a known message went elsewhere")
		}
		// Months later nobody remembers: the owner of the number reads it.
		b.clk.Advance(90 * 24 * time.Hour)
		b.receive("33639980001", answer("bonjour", b.clk.Now()))
		stranger := answer("bonsoir", b.clk.Now())
		stranger.From = number("06 39 98 77 77")
		b.receive("36111", stranger)
		if len(b.inbounds("c86194")) != 2 {
			t.Error("the owner of the number did not get the text")
		}
		if n := b.count(`SELECT COUNT(*) FROM message_aside WHERE kind = 'inbound'`); n != 1 {
			t.Errorf("%d texts kept aside, want the one for nobody", n)
		}
	})
}

func TestStopSilencesConfirmsOnceAndIsHonoured(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.sendFrom("c86194", reminder(mobile, "k1"))
		b.send(reminder(mobile, "k1"))
		later := reminder(mobile, "later")
		later.At = b.clk.Now().Add(2 * time.Hour)
		b.send(later)
		b.drain()
		texts := len(b.sms.texts())
		stop := answer("S.T.O.P", b.clk.Now())
		b.receive("", stop, stop)
		b.receive("", answer("stop", b.clk.Now().Add(time.Minute)))
		got := b.sms.texts()[texts:]
		if len(got) != 1 || got[0] != "C'est noté : Commune de Vouneuil ne vous écrira plus par SMS. Par téléphone : 05 36 49 12 40" {
			t.Fatalf("confirmed %q, want once", got)
		}
		b.send(reminder(mobile, "k2"))
		b.sendFrom("c86194", reminder(mobile, "k2"))
		b.clk.Advance(3 * time.Hour)
		b.drain()
		if n := len(b.sms.texts()) - texts; n != 1 {
			t.Errorf("%d SMS after STOP, want the confirmation alone", n)
		}
		for _, e := range b.log(notify.Filter{State: notify.Dropped}) {
			if e.Reason != notify.ReasonStop || e.HasText {
				t.Errorf("%+v", e)
			}
		}
		if n := len(b.log(notify.Filter{State: notify.Dropped})); n != 2 {
			t.Errorf("%d dropped, want the planned one and the new one", n)
		}
		// What somebody waits for still leaves, and the log says so.
		b.send(notify.Message{Notice: "well.code", To: mobile, Key: "code", Data: map[string]any{"Code": "1"}})
		b.drain()
		if e := b.log(notify.Filter{Notice: "well.code"}); len(e) != 1 || e[0].State != notify.Sent || !e[0].OverStop {
			t.Errorf("code %+v", e)
		}
		// The person asks for messages again.
		var stops []notify.Stop
		b.view(home, func(tx *store.Tx) (err error) {
			stops, err = b.hub.Stops(t.Context(), tx, 0, 10)
			return err
		})
		if len(stops) != 1 || stops[0].Phone != mobile.Phone || stops[0].Source != "sms" {
			t.Fatalf("list %+v", stops)
		}
		b.update(home, func(tx *store.Tx) error { return b.hub.Resume(t.Context(), tx, stops[0].ID, 9) })
		b.send(reminder(mobile, "k3"))
		b.drain()
		if e := b.log(notify.Filter{State: notify.Sent, Notice: "well.reminder"}); len(e) != 2 {
			t.Errorf("%d reminders left in all, want 2", len(e))
		}
		b.view("c86194", func(tx *store.Tx) error {
			if stopped, err := b.hub.Suppressed(t.Context(), tx, mobile.Phone); err != nil || !stopped {
				t.Errorf("STOP to one must silence all that wrote (%v)", err)
			}
			return nil
		})
	})
}

func TestStopMadeWithTheProviderIsNotConfirmed(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.send(reminder(mobile, "k1"))
		b.drain()
		b.receive("", sms.Incoming{Kind: sms.Stop, From: mobile.Phone, At: b.clk.Now()})
		if n := len(b.sms.texts()); n != 1 {
			t.Errorf("%q", b.sms.texts())
		}
		b.view(home, func(tx *store.Tx) error {
			if stopped, err := b.hub.Suppressed(t.Context(), tx, mobile.Phone); err != nil || !stopped {
				t.Errorf("not silenced (%v)", err)
			}
			return nil
		})
	})
}

func TestUnexpectedTextIsAnsweredOnceADay(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.send(reminder(mobile, "k1"))
		b.drain()
		for i, text := range []string{"Je serai en retard", "aide", "vous êtes là ?"} {
			b.receive("", answer(text, b.clk.Now().Add(time.Duration(i)*time.Second)))
		}
		if n := len(b.sms.texts()); n != 2 {
			t.Errorf("%d SMS left, want the reminder and one answer: %q", n, b.sms.texts())
		}
		b.clk.Advance(24 * time.Hour)
		b.receive("", answer("allo", b.clk.Now()))
		if n := len(b.sms.texts()); n != 3 {
			t.Errorf("%d SMS left the day after, want 3", n)
		}
		if n := len(b.inbounds(home)); n != 4 {
			t.Errorf("%d texts kept for staff, want all 4", n)
		}
		// What answers a question of a service is left to it.
		b.clk.Advance(24 * time.Hour)
		for _, text := range []string{"OUI", "non", "2", "NON 2", "Oui 1 !"} {
			b.receive("", answer(text, b.clk.Now()))
		}
		if n := len(b.sms.texts()); n != 3 {
			t.Errorf("the hub answered in place of a service: %q", b.sms.texts()[3:])
		}
	})
}

func report(ref, id string, s sms.Status, when time.Time) sms.Incoming {
	return sms.Incoming{Kind: sms.Delivery, Ref: ref, ProviderID: id, Status: s, At: when}
}

func TestDeliveryReports(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.send(reminder(mobile, "k1"))
		b.drain()
		e := b.one(notify.SMS)
		ref := notify.Ref(home, e.ID)
		when := b.clk.Now().Add(7 * time.Second)
		for _, step := range []struct {
			in   sms.Incoming
			want notify.State
		}{
			{report(ref, "", sms.StatusUnknown, when), notify.Sent},
			{report("", "P1", sms.StatusFailed, when), notify.Failed},
			{report(ref, "", sms.StatusDelivered, when), notify.Delivered},
			{report(ref, "P1", sms.StatusDelivered, when.Add(time.Second)), notify.Delivered},
			{report("", "P1", sms.StatusFailed, when.Add(time.Minute)), notify.Delivered},
		} {
			b.receive("", step.in, step.in)
			if got := b.one(notify.SMS); got.State != step.want {
				t.Errorf("after %s: %s, want %s", step.in.Status, got.State, step.want)
			}
		}
		if got := b.one(notify.SMS); !got.DeliveredAt.Equal(when) || got.Rank != 1 {
			t.Errorf("delivered at %s, rank %d", got.DeliveredAt, got.Rank)
		}
		b.receive("", report("c86300-12", "P99", sms.StatusDelivered, when), report("nonsense", "", sms.StatusFailed, when))
		if n := b.count(`SELECT COUNT(*) FROM message_aside WHERE kind = 'delivery'`); n != 2 {
			t.Errorf("%d reports kept aside, want the 2 unknown ones", n)
		}
	})
}

func TestReportBeforeTheAnswerOfTheCall(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.sms.do = func(n int, m sms.Message) error {
			in := report("", "P2", sms.StatusDelivered, b.clk.Now())
			if n == 1 {
				in = report(m.Ref, "", sms.StatusDelivered, b.clk.Now())
			}
			return b.hub.Receive(t.Context(), "test", "", []sms.Incoming{in})
		}
		b.send(reminder(mobile, "by our reference"))
		b.drain()
		if e := b.one(notify.SMS); e.State != notify.Delivered || e.Cost != 450 {
			t.Errorf("by our reference: %s, cost %d: the answer of the call must not undo the report", e.State, e.Cost)
		}
		b.send(reminder(mobile, "by theirs"))
		b.drain()
		if e := b.log(notify.Filter{})[0]; e.State != notify.Sent {
			t.Fatalf("%s", e.State)
		}
		b.update(home, func(tx *store.Tx) error { return b.q.Enqueue(t.Context(), tx, "notify.sweep", struct{}{}) })
		b.drain()
		if e := b.log(notify.Filter{})[0]; e.State != notify.Delivered {
			t.Errorf("by their reference: %s, want the report kept aside to be applied", e.State)
		}
		if n := b.count(`SELECT COUNT(*) FROM message_aside`); n != 0 {
			t.Errorf("%d reports still aside", n)
		}
	})
}

func TestReportSettlesADoubt(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.sms.do = func(int, sms.Message) error { return &sms.Failure{Outcome: sms.ErrDoubtful, Reason: sms.ReasonTimeout} }
		b.send(reminder(mobile, "k1"))
		b.drain()
		e := b.one(notify.SMS)
		if e.State != notify.Doubtful {
			t.Fatal(e.State)
		}
		b.receive("", report(notify.Ref(home, e.ID), "", sms.StatusSent, b.clk.Now()))
		if got := b.one(notify.SMS); got.State != notify.Sent || got.Rank != 1 {
			t.Errorf("%s, rank %d", got.State, got.Rank)
		}
	})
}
