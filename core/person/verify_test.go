package person_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parvis/core/notify"
	"parvis/core/person"
	"parvis/core/person/persontest"
	"parvis/platform/fault"
	"parvis/platform/store"
)

// keyOf is the message key of a fault, its own or that of its only field.
func keyOf(err error) string {
	f := fault.Of(err)
	switch {
	case f == nil:
		return ""
	case f.Key != "":
		return f.Key
	case len(f.Fields) == 1:
		return f.Fields[0].Key
	}
	return f.Error()
}

func challenge(t *testing.T, town *persontest.Town, territory string, channel notify.Channel, address, purpose string) (id store.ID, err error) {
	t.Helper()
	err = town.DB.In(territory).Update(t.Context(), func(tx *store.Tx) (err error) {
		id, err = town.People.Codes.Challenge(t.Context(), tx, channel, address, purpose)
		return err
	})
	return id, err
}

func TestVerifyingAnAddress(t *testing.T) {
	persontest.Each(t, persontest.Options{}, func(t *testing.T, town *persontest.Town) {
		h, ctx := town.DB.In(persontest.Vouneuil), t.Context()
		for _, c := range []struct {
			channel     notify.Channel
			typed, kept string
		}{{notify.Mail, " Aline.Aubepin@Exemple.fr ", "aline.aubepin@exemple.fr"}, {notify.SMS, "06 39 98 10 01", "+33639981001"}} {
			id, err := challenge(t, town, persontest.Vouneuil, c.channel, c.typed, "appointment.book")
			if err != nil {
				t.Fatal(err)
			}
			sent := town.Mailbox.To(c.kept)
			if len(sent) != 1 || sent[0].Channel != c.channel || sent[0].Notice != "person.code" || !sent[0].Useful.Equal(town.Clock.Now().Add(person.CodeLife)) {
				t.Fatalf("sent %+v", sent)
			}
			code := sent[0].Fields["Code"]
			if _, err := town.People.Codes.Check(ctx, town.DB.In(persontest.Brandes), id, code); keyOf(err) != "person.error.code.expired" {
				t.Errorf("in another territory: %v", err)
			}
			if _, err := town.People.Codes.Check(ctx, h, id, other(code)); keyOf(err) != "person.error.code.wrong" {
				t.Errorf("a wrong code: %v", err)
			}
			proof, err := town.People.Codes.Check(ctx, h, id, " "+code[:3]+" "+code[3:])
			if err != nil || proof != (person.Proof{Channel: c.channel, Address: c.kept, Purpose: "appointment.book"}) {
				t.Errorf("the right code: %+v, %v", proof, err)
			}
			if _, err := town.People.Codes.Check(ctx, h, id, code); keyOf(err) != "person.error.code.used" {
				t.Errorf("again: %v", err)
			}
		}
		var clear int
		if err := h.View(ctx, func(tx *store.Tx) error {
			return tx.Get(ctx, &clear, `SELECT COUNT(*) FROM person_code WHERE territory_id = @territory AND LENGTH(code_hash) <> 64`)
		}); err != nil || clear != 0 {
			t.Errorf("%d codes are not hashed, %v", clear, err)
		}
	})
}

// A try counts even when what the caller was doing is undone.
func TestTriesAreCountedWhateverFollows(t *testing.T) {
	persontest.Each(t, persontest.Options{}, func(t *testing.T, town *persontest.Town) {
		h, ctx := town.DB.In(persontest.Vouneuil), t.Context()
		id, err := challenge(t, town, persontest.Vouneuil, notify.Mail, "aline@exemple.fr", "appointment.book")
		if err != nil {
			t.Fatal(err)
		}
		code := town.Mailbox.To("aline@exemple.fr")[0].Fields["Code"]
		var wrong atomic.Int32
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if _, err := town.People.Codes.Check(ctx, h, id, other(code)); fault.Is(err, fault.Invalid) {
					wrong.Add(1)
				} else if keyOf(err) != "person.error.code.tries" {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n := wrong.Load(); n != person.CodeTries-1 {
			t.Errorf("%d told to try again, want %d", n, person.CodeTries-1)
		}
		if _, err := town.People.Codes.Check(ctx, h, id, code); keyOf(err) != "person.error.code.tries" || !fault.Is(err, fault.TooMany) {
			t.Errorf("the right code after too many: %v", err)
		}
	})
}

func TestOneLivingCode(t *testing.T) {
	persontest.Each(t, persontest.Options{}, func(t *testing.T, town *persontest.Town) {
		h, ctx := town.DB.In(persontest.Vouneuil), t.Context()
		const address = "aline@exemple.fr"
		first, err := challenge(t, town, persontest.Vouneuil, notify.Mail, address, "appointment.book")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := challenge(t, town, persontest.Vouneuil, notify.Mail, address, "appointment.book"); keyOf(err) != "person.error.code.wait" {
			t.Errorf("at once again: %v", err)
		}
		if _, err := challenge(t, town, persontest.Vouneuil, notify.Mail, address, "room.book"); err != nil {
			t.Errorf("for another purpose: %v", err)
		}
		town.Clock.Advance(person.CodeResend)
		second, err := challenge(t, town, persontest.Vouneuil, notify.Mail, address, "appointment.book")
		if err != nil {
			t.Fatal(err)
		}
		sent := town.Mailbox.To(address)
		if _, err := town.People.Codes.Check(ctx, h, first, sent[0].Fields["Code"]); keyOf(err) != "person.error.code.replaced" {
			t.Errorf("the first code: %v", err)
		}
		town.Clock.Advance(person.CodeLife)
		if _, err := town.People.Codes.Check(ctx, h, second, sent[2].Fields["Code"]); keyOf(err) != "person.error.code.expired" {
			t.Errorf("ten minutes later: %v", err)
		}
	})
}

// Two requests of the same instant send one code.
func TestParallelChallenges(t *testing.T) {
	persontest.Each(t, persontest.Options{}, func(t *testing.T, town *persontest.Town) {
		var sent atomic.Int32
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if _, err := challenge(t, town, persontest.Vouneuil, notify.Mail, "aline@exemple.fr", "appointment.book"); err == nil {
					sent.Add(1)
				} else if keyOf(err) != "person.error.code.wait" {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if sent.Load() != 1 || len(town.Mailbox.All()) != 1 {
			t.Errorf("%d codes, %d messages", sent.Load(), len(town.Mailbox.All()))
		}
	})
}

func TestCodesAreBounded(t *testing.T) {
	persontest.Each(t, persontest.Options{}, func(t *testing.T, town *persontest.Town) {
		count := func(channel notify.Channel, address string) (n int) {
			for ; n < 40; n++ {
				if _, err := challenge(t, town, persontest.Vouneuil, channel, address, "appointment.book"); err != nil {
					if keyOf(err) != "person.error.code.day" || !fault.Is(err, fault.TooMany) {
						t.Error(err)
					}
					return n
				}
				town.Clock.Advance(person.CodeResend)
			}
			return n
		}
		if n := count(notify.SMS, "0639981001"); n != 6 {
			t.Errorf("%d text messages to a number in a day, want 6", n)
		}
		if n := count(notify.Mail, "aline@exemple.fr"); n != 20 {
			t.Errorf("%d mails to an address in a day, want 20", n)
		}
		if _, err := challenge(t, town, persontest.Brandes, notify.SMS, "0639981001", "appointment.book"); err != nil {
			t.Errorf("another territory has its own count: %v", err)
		}
		town.Clock.Advance(24 * time.Hour)
		if _, err := challenge(t, town, persontest.Vouneuil, notify.SMS, "0639981001", "appointment.book"); err != nil {
			t.Errorf("the next day: %v", err)
		}
	})
}

// Messages that leave towards many numbers, one each, stop at the territory's bound.
func TestPumpingIsBounded(t *testing.T) {
	town := persontest.Open(t, sqlite(t), persontest.Options{})
	sent := 0
	for i := range 400 {
		_, err := challenge(t, town, persontest.Vouneuil, notify.SMS, fmt.Sprintf("063998%04d", i), "appointment.book")
		if err == nil {
			sent++
			continue
		}
		if keyOf(err) != "person.error.code.busy" {
			t.Fatal(err)
		}
		break
	}
	if sent != 300 {
		t.Errorf("%d text messages in an hour, want 300", sent)
	}
	if _, err := challenge(t, town, persontest.Vouneuil, notify.Mail, "aline@exemple.fr", "appointment.book"); err != nil {
		t.Errorf("mail still leaves: %v", err)
	}
}

func TestChallengeRefuses(t *testing.T) {
	town := persontest.Open(t, sqlite(t), persontest.Options{})
	for _, c := range []struct {
		channel      notify.Channel
		address, key string
	}{
		{notify.Mail, "aline", "mail.address.no_at"}, {notify.Mail, "", "mail.address.empty"}, {notify.SMS, "", "phone.error.empty"},
		{notify.SMS, "05 36 49 12 40", "person.error.phone.mobile"}, {notify.SMS, "0899 12 34 56", "phone.error.premium"}, {notify.SMS, "12", "phone.error.too_short"},
	} {
		if _, err := challenge(t, town, persontest.Vouneuil, c.channel, c.address, "appointment.book"); keyOf(err) != c.key || !fault.Is(err, fault.Invalid) {
			t.Errorf("%s %q: %v, want %s", c.channel, c.address, err, c.key)
		}
	}
	for channel, purpose := range map[notify.Channel]string{"pigeon": "appointment.book", notify.Mail: "Purpose'--"} {
		if _, err := challenge(t, town, persontest.Vouneuil, channel, "aline@exemple.fr", purpose); err == nil || !fault.Is(err, fault.Internal) {
			t.Errorf("%s for %s: %v", channel, purpose, err)
		}
	}
	if n := len(town.Mailbox.All()); n != 0 {
		t.Errorf("%d messages left", n)
	}
}

// What is undone sends nothing.
func TestAChallengeThatIsUndone(t *testing.T) {
	persontest.Each(t, persontest.Options{}, func(t *testing.T, town *persontest.Town) {
		boom := errors.New("boom")
		if err := town.DB.In(persontest.Vouneuil).Update(t.Context(), func(tx *store.Tx) error {
			_, err := town.People.Codes.Challenge(t.Context(), tx, notify.Mail, "aline@exemple.fr", "appointment.book")
			return errors.Join(err, boom)
		}); !errors.Is(err, boom) {
			t.Fatal(err)
		}
		if _, err := challenge(t, town, persontest.Vouneuil, notify.Mail, "aline@exemple.fr", "appointment.book"); err != nil {
			t.Errorf("the next one: %v", err)
		}
	})
}

// Codes are drawn over the whole range, zeros in front included.
func TestCodesAreSixFigures(t *testing.T) {
	town := persontest.Open(t, sqlite(t), persontest.Options{})
	seen := map[string]bool{}
	first := map[byte]bool{}
	for i := range 120 {
		if _, err := challenge(t, town, persontest.Vouneuil, notify.Mail, fmt.Sprintf("a%d@exemple.fr", i), "appointment.book"); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range town.Mailbox.All() {
		code := m.Fields["Code"]
		if len(code) != 6 || strings.Trim(code, "0123456789") != "" {
			t.Fatalf("code %q", code)
		}
		seen[code], first[code[0]] = true, true
	}
	if len(seen) < 118 || len(first) < 8 {
		t.Errorf("%d different codes of 120, %d first figures", len(seen), len(first))
	}
}
