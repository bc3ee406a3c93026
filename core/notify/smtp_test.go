package notify_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"parvis/core/notify"
	"parvis/platform/mail/mailtest"
	"parvis/platform/phone"
	"parvis/platform/store"
)

const invitation = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nPRODID:-//Parvis//Test//FR\r\nBEGIN:VEVENT\r\nUID:77@parvis.example\r\nSEQUENCE:1\r\nDTSTAMP:20261123T090000Z\r\nDTSTART:20261124T083000Z\r\nSUMMARY:Rendez-vous\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"

func TestMailThroughARealServer(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		server := mailtest.Start(t)
		b.connect(notify.Adapters{Mail: server.Sender(t)})
		m := reminder(byMail, "k1")
		m.ICS = []byte(invitation)
		b.send(m)
		b.drain()
		list := server.Messages()
		if len(list) != 1 {
			t.Fatalf("%d mails", len(list))
		}
		got := list[0]
		for name, want := range map[string]string{
			"Subject": "Votre rendez-vous, mardi 24\u00a0novembre à 9\u00a0h\u00a030", "Reply-To": "<accueil@vouneuil.example>",
			"From": `"Commune de Vouneuil" <parvis@parvis.example>`, "Auto-Submitted": "auto-generated", "Content-Language": "fr",
		} {
			if have := got.Get(name); have != want {
				t.Errorf("%s: %q, want %q", name, have, want)
			}
		}
		if got.To[0] != renee.Email || !strings.Contains(got.Get("To"), "Renée Pasquet") {
			t.Errorf("to %v, %q", got.To, got.Get("To"))
		}
		for _, want := range []string{"Vous êtes attendu mardi", "05 36 49 12 40"} {
			if !strings.Contains(got.Text, want) || !strings.Contains(got.HTML, want) {
				t.Errorf("%q is not in both the text and the HTML", want)
			}
		}
		if got.Method != "REQUEST" || !strings.Contains(got.Calendar, "UID:77@parvis.example") || len(got.Attachments) != 1 {
			t.Errorf("calendar %s, %d attachments", got.Method, len(got.Attachments))
		}
	})
}

// The server takes the message and vanishes before it says so: the second
// attempt has the same Message-ID, so that a receiver drops it.
func TestServerVanishesAfterTakingTheMail(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		server := mailtest.Start(t)
		b.connect(notify.Adapters{Mail: server.Sender(t)})
		server.DropAfterData(true)
		b.send(reminder(byMail, "k1"))
		b.drain()
		if e := b.one(notify.Mail); e.State != notify.Queued || e.Attempts != 1 {
			t.Fatalf("%s after %d attempts", e.State, e.Attempts)
		}
		server.Heal()
		b.clk.Advance(2 * time.Minute)
		b.drain()
		ids := map[string]bool{}
		for _, m := range server.Messages() {
			ids[m.ID()] = true
		}
		if len(server.Messages()) != 2 || len(ids) != 1 {
			t.Errorf("%d mails under %d Message-IDs, want 2 under 1", len(server.Messages()), len(ids))
		}
	})
}

// A server that always takes and never answers is not fed for ever.
func TestDoubtfulMailIsTriedThreeTimes(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		server := mailtest.Start(t)
		b.connect(notify.Adapters{Mail: server.Sender(t)})
		server.DropAfterData(true)
		b.send(reminder(byMail, "k1"))
		for range 6 {
			b.drain()
			b.clk.Advance(35 * time.Minute)
		}
		if e := b.one(notify.Mail); e.State != notify.Doubtful || len(server.Messages()) != 3 {
			t.Errorf("%s after %d mails, want doubtful after 3", e.State, len(server.Messages()))
		}
	})
}

func TestServerDownThenUp(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		server := mailtest.Start(t)
		b.connect(notify.Adapters{Mail: server.Sender(t)})
		server.Down()
		for _, key := range []string{"k1", "k2", "k3"} {
			b.send(reminder(byMail, key))
		}
		for range 8 {
			b.drain()
			b.clk.Advance(15 * time.Minute)
		}
		server.Up(t)
		for range 3 {
			b.drain()
			b.clk.Advance(15 * time.Minute)
		}
		if n := len(server.Messages()); n != 3 {
			t.Errorf("%d mails, want each of the 3 once", n)
		}
		server.Refuse(550, "5.1.1 no such user")
		b.send(reminder(byMail, "k4"))
		b.drain()
		if e := b.log(notify.Filter{})[0]; e.State != notify.Failed || e.Reason != "mail.failure.recipient" {
			t.Errorf("%s %s", e.State, e.Reason)
		}
	})
}

// Several workers take the same jobs at once, as two processes on one database
// would after a recovery that went wrong: each message leaves once.
func TestManyWorkersSendOnce(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		const n = 12
		for i := range n {
			b.send(reminder(renee, string(rune('a'+i))))
		}
		var wait sync.WaitGroup
		for range 4 {
			wait.Go(func() {
				for range 3 {
					// Jobs that another worker finished first are errors of this
					// drain, not of the messages.
					_, _ = b.q.Drain(context.Background())
				}
			})
		}
		wait.Wait()
		b.clk.Advance(time.Hour)
		b.drain()
		refs := map[string]int{}
		for _, m := range b.sms.left {
			refs[m.Ref]++
		}
		if len(b.sms.left) != n || len(refs) != n || b.mail.calls != n {
			t.Errorf("%d SMS for %d messages, %d mails, want %d of each", len(b.sms.left), len(refs), b.mail.calls, n)
		}
	})
}

func TestForgetAPerson(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.send(reminder(renee, "k1"))
		b.drain()
		b.receive("", answer("Je suis Renée", b.clk.Now()))
		later := reminder(mobile, "k2")
		later.At = b.clk.Now().Add(time.Hour)
		b.send(later)
		other := reminder(notify.To{Email: "sami.diallo@exemple.fr"}, "k3")
		b.send(other)
		b.view(home, func(tx *store.Tx) error {
			list, err := b.hub.Written(t.Context(), tx, renee.Email, renee.Phone, 10)
			if err != nil || len(list) != 4 {
				t.Errorf("%d written (%v), want the 2 first, the answer and the later one", len(list), err)
			}
			if list, err := b.hub.Written(t.Context(), tx, "", phone.Number{}, 10); err != nil || len(list) != 0 {
				t.Errorf("nobody was written to %d times (%v)", len(list), err)
			}
			return nil
		})
		b.update(home, func(tx *store.Tx) error { return b.hub.Forget(t.Context(), tx, renee.Email, renee.Phone) })
		b.clk.Advance(time.Hour)
		texts := len(b.sms.texts())
		b.drain()
		if len(b.sms.texts()) != texts {
			t.Error("somebody who is forgotten was written to")
		}
		kept := 0
		for _, e := range b.log(notify.Filter{}) {
			if e.Recipient != "" || e.Name != "" || e.Body != "" {
				kept++
			}
		}
		if kept != 1 {
			t.Errorf("%d messages say who they were for, want the one for somebody else", kept)
		}
		if in := b.inbounds(home)[0]; !in.Phone.IsZero() || in.Text != "" {
			t.Errorf("%+v", in)
		}
	})
}
