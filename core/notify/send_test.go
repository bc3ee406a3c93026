package notify_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"parvis/core/notify"
	"parvis/platform/store"
)

func TestSendChoosesChannelsAndWritesTexts(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.send(reminder(renee, "k1"))
		if len(b.sms.texts()) != 0 || b.mail.calls != 0 {
			t.Fatal("something left inside the transaction")
		}
		b.drain()
		want := "Commune de Vouneuil : rendez-vous mardi 24 novembre à 9 h 30. Répondez OUI ou NON."
		if got := b.sms.texts(); len(got) != 1 || got[0] != want {
			t.Fatalf("SMS %q, want %q", got, want)
		}
		if b.mail.calls != 1 || b.mail.last.Subject != "Votre rendez-vous, mardi 24\u00a0novembre à 9\u00a0h\u00a030" {
			t.Errorf("mail %d, subject %q", b.mail.calls, b.mail.last.Subject)
		}
		if got := b.mail.last.ReplyTo; got != "accueil@vouneuil.example" {
			t.Errorf("reply to %q", got)
		}
		e := b.one(notify.SMS)
		if e.State != notify.Sent || e.Parts != 1 || e.Cost != 450 || e.Encoding != "GSM-7" || e.Body != want || e.SubjectRef != "well:77" {
			t.Errorf("log %+v", e)
		}
		if e := b.one(notify.Mail); e.State != notify.Sent || e.Recipient != renee.Email || e.Name != renee.Name {
			t.Errorf("log %+v", e)
		}
	})
}

func TestSendSpeaksTheAddresseesLanguage(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		to := mobile
		to.Lang = "en"
		b.send(reminder(to, "k1"))
		b.drain()
		if got := b.sms.texts(); len(got) != 1 || got[0] != "Commune de Vouneuil: appointment Tuesday 24 November at 9:30 am. Reply OUI or NON." {
			t.Errorf("%q", got)
		}
	})
}

func TestSendIsPartOfTheTransaction(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		boom := errors.New("boom")
		err := b.db.In(home).Update(t.Context(), func(tx *store.Tx) error {
			if err := b.hub.Send(t.Context(), tx, reminder(renee, "k1")); err != nil {
				return err
			}
			return boom
		})
		if !errors.Is(err, boom) {
			t.Fatal(err)
		}
		b.drain()
		if len(b.log(notify.Filter{})) != 0 || len(b.sms.texts()) != 0 || b.mail.calls != 0 {
			t.Error("a message of a transaction that failed left")
		}
	})
}

func TestSameKeyLeavesOnce(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		for range 3 {
			b.send(reminder(renee, "k1"))
			b.drain()
		}
		b.send(reminder(renee, "k2"))
		b.sendFrom("c86194", reminder(renee, "k1"))
		b.drain()
		if got := len(b.sms.texts()); got != 3 || len(b.mail.ids) != 3 {
			t.Errorf("%d SMS and %d mails, want 3 of each: two keys here, one elsewhere", got, len(b.mail.ids))
		}
	})
}

func TestSendRefusesMistakesOfTheProgram(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		for name, m := range map[string]notify.Message{
			"not declared": {Notice: "well.flood", To: renee, Key: "k"},
			"no value":     {Notice: "well.reminder", To: renee, Key: "k"},
			"needs a key":  {Notice: "well.code", To: renee, Data: map[string]any{"Code": "1"}},
			"not kind:id":  {Notice: "well.code", To: renee, Key: "k", Subject: "77", Data: map[string]any{"Code": "1"}},
		} {
			err := b.db.In(home).Update(t.Context(), func(tx *store.Tx) error { return b.hub.Send(t.Context(), tx, m) })
			if err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestPolicyDecidesTheChannels(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		landline := notify.To{Phone: number("05 36 49 12 40")}
		for _, c := range []struct {
			name      string
			policy    notify.Policy
			to        notify.To
			mail, sms int
		}{
			{"default, both ways", nil, renee, 1, 1},
			{"a landline gets no SMS", nil, landline, 0, 0},
			{"mail off", notify.Policy{notify.Mail: notify.Off, notify.SMS: notify.On}, renee, 0, 1},
			{"SMS spare, has an address", notify.Policy{notify.Mail: notify.On, notify.SMS: notify.Spare}, renee, 1, 0},
			{"SMS spare, has none", notify.Policy{notify.Mail: notify.On, notify.SMS: notify.Spare}, mobile, 0, 1},
			{"SMS spare, mail off", notify.Policy{notify.Mail: notify.Off, notify.SMS: notify.Spare}, renee, 0, 1},
			{"all off", notify.Policy{notify.Mail: notify.Off, notify.SMS: notify.Off}, renee, 0, 0},
		} {
			mails, texts := b.mail.calls, len(b.sms.texts())
			b.update(home, func(tx *store.Tx) error {
				if c.policy != nil {
					if err := b.hub.SetPolicy(t.Context(), tx, "well.reminder", c.policy, 1); err != nil {
						return err
					}
				}
				return b.hub.Send(t.Context(), tx, reminder(c.to, c.name))
			})
			b.drain()
			if m, s := b.mail.calls-mails, len(b.sms.texts())-texts; m != c.mail || s != c.sms {
				t.Errorf("%s: %d mails and %d SMS, want %d and %d", c.name, m, s, c.mail, c.sms)
			}
		}
	})
}

func TestPolicyIsChecked(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		for name, c := range map[string]struct {
			notice string
			policy notify.Policy
		}{
			"a required notice keeps one channel": {"well.code", notify.Policy{notify.Mail: notify.Off, notify.SMS: notify.Off}},
			"mail is never spare":                 {"well.reminder", notify.Policy{notify.Mail: notify.Spare, notify.SMS: notify.On}},
			"a channel is missing":                {"well.reminder", notify.Policy{notify.Mail: notify.On}},
			"unknown notice":                      {"well.flood", notify.Policy{notify.Mail: notify.On}},
		} {
			if err := b.db.In(home).Update(t.Context(), func(tx *store.Tx) error {
				return b.hub.SetPolicy(t.Context(), tx, c.notice, c.policy, 1)
			}); err == nil {
				t.Errorf("%s: accepted", name)
			}
		}
	})
}

func TestCancelAndPlanAgain(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		first := reminder(mobile, "well:77:reminder:v1")
		first.At = at("2026-11-24 08:30")
		b.send(first)
		other := reminder(mobile, "well:78:reminder:v1")
		other.Subject, other.At = "well:78", first.At
		b.send(other)
		// The appointment moves: its reminders leave under new keys.
		b.update(home, func(tx *store.Tx) error {
			n, err := b.hub.CancelKey(t.Context(), tx, "well:77:")
			if err != nil || n != 1 {
				t.Errorf("cancelled %d (%v), want 1", n, err)
			}
			again := reminder(mobile, "well:77:reminder:v2")
			again.At = at("2026-11-26 08:30")
			return b.hub.Send(t.Context(), tx, again)
		})
		b.clk.Set(at("2026-11-24 08:30"))
		b.drain()
		if n := len(b.sms.texts()); n != 1 {
			t.Fatalf("%d SMS on the first day, want the one of the other appointment", n)
		}
		// And is given up.
		b.update(home, func(tx *store.Tx) error {
			n, err := b.hub.Cancel(t.Context(), tx, "well:77")
			if err != nil || n != 1 {
				t.Errorf("cancelled %d (%v), want 1", n, err)
			}
			if n, err := b.hub.Cancel(t.Context(), tx, "well:78"); err != nil || n != 0 {
				t.Errorf("cancelled %d (%v) of what has left", n, err)
			}
			return nil
		})
		b.clk.Set(at("2026-11-26 08:30"))
		b.drain()
		if n := len(b.sms.texts()); n != 1 {
			t.Errorf("%d SMS, the reminder of a cancelled appointment left", n)
		}
		for _, e := range b.log(notify.Filter{State: notify.Cancelled}) {
			if e.Body != "" || e.HasText {
				t.Errorf("a cancelled message keeps its text %q", e.Body)
			}
		}
	})
}

func TestKeyPrefixIsTakenLiterally(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		for _, key := range []string{"a_b:1", "axb:1", "a%:1", "A_B:1"} {
			m := reminder(mobile, key)
			m.At = b.clk.Now().Add(time.Hour)
			b.send(m)
		}
		b.update(home, func(tx *store.Tx) error {
			for prefix, want := range map[string]int64{"a_b": 1, "a%": 1, "": 0} {
				if n, err := b.hub.CancelKey(t.Context(), tx, prefix); err != nil || n != want {
					t.Errorf("%q cancelled %d (%v), want %d", prefix, n, err, want)
				}
			}
			return nil
		})
	})
}

func TestReachTellsHowSomebodyCanBeTold(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.update(home, func(tx *store.Tx) error {
			_, _, err := b.hub.Suppress(t.Context(), tx, mobile.Phone, "staff")
			return err
		})
		b.view(home, func(tx *store.Tx) error {
			for _, c := range []struct {
				notice string
				to     notify.To
				want   int
			}{{"well.reminder", mobile, 0}, {"well.code", mobile, 1}, {"well.reminder", renee, 1}, {"well.reminder", notify.To{}, 0}} {
				got, err := b.hub.Reach(t.Context(), tx, c.notice, c.to)
				if err != nil || len(got) != c.want {
					t.Errorf("%s: reach %v (%v), want %d", c.notice, got, err, c.want)
				}
			}
			return nil
		})
	})
}
