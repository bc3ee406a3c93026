package notify_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"parvis/core/notify"
	"parvis/platform/mail"
	"parvis/platform/sms"
	"parvis/platform/store"
)

// lease is how long a message in "sending" is left to whoever may be sending it.
const lease = 2*time.Minute + time.Second

func notSent(reason sms.Reason) error { return &sms.Failure{Outcome: sms.ErrNotSent, Reason: reason} }

func TestKilledBeforeTheCallLeavesOnce(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		p := teller{provider: b.sms}
		b.connect(notify.Adapters{SMS: p, Provider: "test"})
		b.sms.do = func(n int, _ sms.Message) error {
			if n == 1 {
				panic("killed")
			}
			return nil
		}
		b.send(reminder(mobile, "k1"))
		if !b.drainCrashing() {
			t.Fatal("the program was not killed")
		}
		if e := b.one(notify.SMS); e.State != notify.Sending {
			t.Fatalf("state %s, want sending committed before the call", e.State)
		}
		b.clk.Advance(lease)
		b.drain() // the provider surely has not got it
		b.clk.Advance(time.Hour)
		b.drain()
		if got := b.sms.texts(); len(got) != 1 {
			t.Errorf("%d SMS left, want 1", len(got))
		}
		if e := b.one(notify.SMS); e.State != notify.Sent {
			t.Errorf("state %s", e.State)
		}
	})
}

func TestKilledAfterTheCallLeavesOnce(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.connect(notify.Adapters{SMS: teller{provider: b.sms}, Provider: "test"})
		b.sms.do = func(n int, m sms.Message) error {
			if n == 1 {
				b.sms.take(m) // the provider has it, nobody wrote that down
				panic("killed")
			}
			return nil
		}
		b.send(reminder(mobile, "k1"))
		if !b.drainCrashing() {
			t.Fatal("the program was not killed")
		}
		for range 3 {
			b.clk.Advance(lease)
			b.drain()
		}
		if got := b.sms.texts(); len(got) != 1 {
			t.Errorf("%d SMS left, want 1", len(got))
		}
		if e := b.one(notify.SMS); e.State != notify.Sent {
			t.Errorf("state %s, want sent: the provider told so", e.State)
		}
	})
}

func TestKilledWithAProviderThatCannotTellIsDoubtful(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		for name, adapter := range map[string]sms.Sender{"no way to ask": b.sms, "no answer": teller{provider: b.sms, cannot: true}} {
			b.connect(notify.Adapters{SMS: adapter, Provider: "test"})
			before := len(b.sms.texts())
			b.sms.do = func(_ int, m sms.Message) error { b.sms.take(m); panic("killed") }
			b.send(reminder(mobile, name))
			if !b.drainCrashing() {
				t.Fatal("the program was not killed")
			}
			b.sms.do = nil
			for range 3 {
				b.clk.Advance(lease)
				b.drain()
			}
			if got := len(b.sms.texts()) - before; got != 1 {
				t.Errorf("%s: %d SMS left, want 1", name, got)
			}
			e := b.log(notify.Filter{})[0]
			if e.State != notify.Doubtful || e.Reason != notify.ReasonInterrupted || e.Rank != 0 {
				t.Errorf("%s: %s %s rank %d, want it shown to staff as doubtful", name, e.State, e.Reason, e.Rank)
			}
			b.update(home, func(tx *store.Tx) error { return b.hub.Handled(t.Context(), tx, e.ID) })
		}
	})
}

func TestKilledMailLeavesAgainUnderTheSameMessageID(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.mail.do = func(n int) error {
			if n == 1 {
				b.mail.take(mail.Message{Ref: "c86300-" + b.log(notify.Filter{})[0].ID.String()})
				panic("killed")
			}
			return nil
		}
		b.send(reminder(byMail, "k1"))
		if !b.drainCrashing() {
			t.Fatal("the program was not killed")
		}
		b.drain()
		if b.mail.calls != 1 {
			t.Fatal("sent again while the first attempt may still be running")
		}
		b.clk.Advance(lease)
		b.drain()
		if b.mail.calls != 2 || len(b.mail.ids) != 1 {
			t.Errorf("%d calls under %d Message-IDs, want 2 under 1", b.mail.calls, len(b.mail.ids))
		}
		if e := b.one(notify.Mail); e.State != notify.Sent {
			t.Errorf("state %s", e.State)
		}
	})
}

func TestJobRunTwiceSendsOnce(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.send(reminder(renee, "k1"))
		for _, e := range b.log(notify.Filter{}) {
			for range 2 {
				b.update(home, func(tx *store.Tx) error {
					return b.q.Enqueue(t.Context(), tx, "notify.deliver", map[string]string{"territory": home, "message": e.ID.String()})
				})
			}
		}
		b.drain()
		if len(b.sms.texts()) != 1 || b.mail.calls != 1 {
			t.Errorf("%d SMS and %d mails, want 1 of each", len(b.sms.texts()), b.mail.calls)
		}
	})
}

func TestProviderDownTwoHoursThenBack(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		down := true
		b.sms.do = func(int, sms.Message) error {
			if down {
				return notSent(sms.ReasonConnection)
			}
			return nil
		}
		b.mail.do = func(int) error {
			if down {
				return &mail.Failure{Outcome: mail.ErrNotSent, Reason: mail.ReasonConnection}
			}
			return nil
		}
		const n = 8
		for i := range n {
			b.send(reminder(renee, fmt.Sprint("k", i)))
		}
		for range 40 {
			b.drain()
			b.clk.Advance(3 * time.Minute)
		}
		if len(b.sms.texts()) != 0 {
			t.Fatal("something left through a provider that is down")
		}
		tries := b.mail.calls / n
		if tries < 7 || tries > 15 {
			t.Errorf("%d attempts in two hours, want a growing pause of at most half an hour", tries)
		}
		if e := b.log(notify.Filter{Channel: notify.SMS})[0]; e.State != notify.Queued || e.Reason != "sms.failure.connection" || e.Attempts == 0 {
			t.Errorf("meanwhile the log says %+v", e)
		}
		down = false
		for range 12 {
			b.drain()
			b.clk.Advance(3 * time.Minute)
		}
		seen := map[string]int{}
		for _, m := range b.sms.left {
			seen[m.Ref]++
		}
		if len(seen) != n || len(b.sms.left) != n || len(b.mail.ids) != n {
			t.Errorf("%d SMS for %d messages, %d mails, want %d: nothing lost, nothing twice", len(b.sms.left), len(seen), len(b.mail.ids), n)
		}
		for id, k := range b.mail.ids {
			if k != 1 {
				t.Errorf("mail %s left %d times", id, k)
			}
		}
	})
}

func TestMailServerDownForDaysIsTriedThenGivenUp(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.mail.do = func(int) error { return &mail.Failure{Outcome: mail.ErrNotSent, Reason: mail.ReasonUnavailable} }
		b.send(reminder(byMail, "k1"))
		for range 2*24 + 1 {
			b.drain()
			b.clk.Advance(time.Hour)
		}
		if e := b.one(notify.Mail); e.State != notify.Queued {
			t.Fatalf("after two days: %s %s, want it still tried", e.State, e.Reason)
		}
		for range 2 * 24 {
			b.drain()
			b.clk.Advance(time.Hour)
		}
		e := b.one(notify.Mail)
		if e.State != notify.Failed || e.Reason != notify.ReasonGaveUp || e.Rank != 0 || !e.CanResend(b.clk.Now()) {
			t.Fatalf("after four days: %+v", e)
		}
		// Mended: a member of staff sends it again.
		b.mail.do = nil
		b.clk.Set(at("2026-11-27 10:00"))
		b.update(home, func(tx *store.Tx) error { return b.hub.Resend(t.Context(), tx, e.ID) })
		b.drain()
		if e := b.one(notify.Mail); e.State != notify.Sent || len(b.mail.ids) != 1 {
			t.Errorf("sent again: %s", e.State)
		}
	})
}

func TestRefusedAndDoubtfulAreNotRepeated(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		for _, c := range []struct {
			err   error
			state notify.State
			why   string
		}{
			{&sms.Failure{Outcome: sms.ErrRefused, Reason: sms.ReasonRecipient}, notify.Failed, "sms.failure.recipient"},
			{&sms.Failure{Outcome: sms.ErrDoubtful, Reason: sms.ReasonTimeout}, notify.Doubtful, "sms.failure.timeout"},
			{errors.New("an adapter without manners"), notify.Doubtful, notify.ReasonAdapter},
		} {
			calls := b.sms.n
			b.sms.do = func(int, sms.Message) error { return c.err }
			b.send(reminder(mobile, c.err.Error()))
			for range 5 {
				b.drain()
				b.clk.Advance(40 * time.Minute)
			}
			e := b.log(notify.Filter{})[0]
			if e.State != c.state || e.Reason != c.why || b.sms.n-calls != 1 {
				t.Errorf("%v: %s %s after %d calls, want %s %s after 1", c.err, e.State, e.Reason, b.sms.n-calls, c.state, c.why)
			}
			b.update(home, func(tx *store.Tx) error { return b.hub.Handled(t.Context(), tx, e.ID) })
		}
	})
}

func TestResendIsForWhatFailedOnly(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.sms.do = func(n int, _ sms.Message) error {
			if n == 1 {
				return &sms.Failure{Outcome: sms.ErrRefused, Reason: sms.ReasonSender}
			}
			return nil
		}
		m := reminder(mobile, "k1")
		m.Deadline = b.clk.Now().Add(2 * time.Hour)
		b.send(m)
		b.drain()
		id := b.one(notify.SMS).ID
		again := func() error {
			return b.db.In(home).Update(t.Context(), func(tx *store.Tx) error { return b.hub.Resend(t.Context(), tx, id) })
		}
		if err := b.db.In("c86194").Update(t.Context(), func(tx *store.Tx) error { return b.hub.Resend(t.Context(), tx, id) }); err == nil {
			t.Error("another territory sent it again")
		}
		if err := again(); err != nil {
			t.Fatal(err)
		}
		if err := again(); err == nil {
			t.Error("sent again twice")
		}
		b.drain()
		if err := again(); err == nil || len(b.sms.texts()) != 1 {
			t.Errorf("a message that left is sent again (%v)", err)
		}
		late := reminder(mobile, "k2")
		late.Deadline = m.Deadline
		b.sms.do = func(int, sms.Message) error { return &sms.Failure{Outcome: sms.ErrRefused, Reason: sms.ReasonSender} }
		b.send(late)
		b.drain()
		b.clk.Set(m.Deadline)
		id = b.log(notify.Filter{})[0].ID
		if err := again(); err == nil {
			t.Error("a reminder is sent again after its appointment")
		}
	})
}

func TestLateReminderIsDropped(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		down := true
		b.sms.do = func(int, sms.Message) error {
			if down {
				return notSent(sms.ReasonUnavailable)
			}
			return nil
		}
		m := reminder(mobile, "k1")
		m.Deadline = b.clk.Now().Add(90 * time.Minute)
		b.send(m)
		for range 20 {
			b.drain()
			b.clk.Advance(5 * time.Minute)
		}
		down = false
		for range 8 {
			b.drain()
			b.clk.Advance(5 * time.Minute)
		}
		if e := b.one(notify.SMS); e.State != notify.Dropped || e.Reason != notify.ReasonLate || len(b.sms.texts()) != 0 {
			t.Errorf("%s %s, %d left: a reminder after its appointment", e.State, e.Reason, len(b.sms.texts()))
		}
	})
}

func TestSwitchedOffMeanwhile(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		m := reminder(mobile, "k1")
		m.At = b.clk.Now().Add(time.Hour)
		b.send(m)
		b.update(home, func(tx *store.Tx) error {
			return b.hub.SetPolicy(t.Context(), tx, "well.reminder", notify.Policy{notify.Mail: notify.On, notify.SMS: notify.Off}, 1)
		})
		b.clk.Advance(time.Hour)
		b.drain()
		if e := b.one(notify.SMS); e.State != notify.Dropped || e.Reason != notify.ReasonOff {
			t.Errorf("%s %s", e.State, e.Reason)
		}
	})
}

func TestSensitiveTextIsNeverShownAndErasedOnceSent(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.send(notify.Message{Notice: "well.code", To: renee, Key: "code:1", Data: map[string]any{"Code": "482913"}})
		for _, e := range b.log(notify.Filter{}) {
			if e.Title != "" || e.Body != "" || !e.HasText {
				t.Errorf("before: %+v", e)
			}
		}
		b.drain()
		if got := b.sms.texts(); len(got) != 1 || got[0] != "Code 482913" {
			t.Errorf("%q", got)
		}
		var left int
		b.view(home, func(tx *store.Tx) error {
			return tx.Get(t.Context(), &left, `SELECT COUNT(*) FROM message WHERE territory_id = @territory AND (body IS NOT NULL OR title IS NOT NULL OR layout IS NOT NULL)`)
		})
		if left != 0 {
			t.Errorf("%d texts of codes are still there", left)
		}
	})
}

func TestStraysAreRecalled(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.send(reminder(mobile, "k1"))
		if _, err := b.db.SQL().Exec(`DELETE FROM river_job`); err != nil {
			t.Fatal(err)
		}
		sweep := func() {
			b.update(home, func(tx *store.Tx) error { return b.q.Enqueue(t.Context(), tx, "notify.sweep", struct{}{}) })
			b.drain()
		}
		sweep()
		if len(b.sms.texts()) != 0 {
			t.Fatal("recalled too soon: its job may only be slow")
		}
		b.clk.Advance(31 * time.Minute)
		sweep()
		if len(b.sms.texts()) != 1 {
			t.Errorf("%d SMS, want the stray one", len(b.sms.texts()))
		}
	})
}

func TestNoAdapterIsSaid(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.connect(notify.Adapters{Mail: b.mail})
		b.send(reminder(renee, "both"))
		b.send(reminder(mobile, "phone only"))
		b.drain()
		if b.mail.calls != 1 {
			t.Errorf("%d mails", b.mail.calls)
		}
		if e := b.one(notify.SMS); e.State != notify.Failed || e.Reason != notify.ReasonAdapter || e.Recipient != mobile.Phone.E164() {
			t.Errorf("%+v: want a failure shown to staff for who has no other way, and no other", e)
		}
		b.view(home, func(tx *store.Tx) error {
			if list, err := b.hub.Reach(t.Context(), tx, "well.code", mobile); err != nil || len(list) != 0 {
				t.Errorf("reach %v (%v) by a channel that does not exist", list, err)
			}
			return nil
		})
	})
}
