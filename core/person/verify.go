package person

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	"parvis/core/notify"
	"parvis/platform/fault"
	"parvis/platform/i18n"
	"parvis/platform/phone"
	"parvis/platform/store"
)

// What one address, and one territory by text message, may be sent. The second
// bound stops those who make text messages leave towards numbers they are paid
// for (« SMS pumping »): each number then receives only one.
const (
	mailCodesPerDay = 20
	smsCodesPerDay  = 6
	smsCodesPerHour = 300 // of a whole territory
)

// Codes verifies that a resident reads a mailbox or a telephone: six figures,
// ten minutes, five tries, one living code per address and purpose.
type Codes struct{ w *Wiring }

// Proof is an address somebody has just shown to read.
type Proof struct {
	Channel notify.Channel
	Address string // e-mail in lower case, or E.164
	Purpose string
}

var purposeName = regexp.MustCompile(`^[a-z][a-z0-9]*(\.[a-z0-9]+)*$`)

// Challenge sends a code to an address, in the language of ctx, and returns the
// number under which Check takes the answer; a code sent before for the same
// purpose stops working. The address is an e-mail or a mobile number as typed (or
// in E.164); the purpose names what the code opens, "appointment.book". Faults:
// Invalid with the field email or phone; TooMany with person.error.code.wait (a
// minute between two), .day (this address), .busy (text messages of the territory).
func (k *Codes) Challenge(ctx context.Context, tx *store.Tx, channel notify.Channel, address, purpose string) (store.ID, error) {
	if !purposeName.MatchString(purpose) {
		return 0, fmt.Errorf("person: a code for the purpose %q", purpose)
	}
	address, err := readAddress(channel, address)
	if err != nil {
		return 0, err
	}
	if err := k.allow(ctx, tx, channel, address, purpose); err != nil {
		return 0, err
	}
	// Not the code of the same instant: the unique index below refuses a second one.
	if _, err := tx.Exec(ctx, `UPDATE person_code SET closed_at = ? WHERE territory_id = @territory
		AND channel = ? AND address = ? AND purpose = ? AND closed_at IS NULL AND created_at <= ?`,
		tx.Now(), channel, address, purpose, tx.Now().Add(-CodeResend)); err != nil {
		return 0, fmt.Errorf("person: replacing a code: %w", err)
	}
	code, err := newCode()
	if err != nil {
		return 0, err
	}
	id := store.NewID()
	hash, err := hashCode(id, code)
	if err != nil {
		return 0, err
	}
	n, err := tx.Exec(ctx, `INSERT INTO person_code (territory_id, id, channel, address, purpose, code_hash, created_at, expires_at)
		VALUES (@territory, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`, id, channel, address, purpose, hash, tx.Now(), tx.Now().Add(CodeLife))
	if err != nil {
		return 0, fmt.Errorf("person: keeping a code: %w", err)
	}
	if n == 0 { // the same request, a moment earlier
		return 0, fault.New(fault.TooMany, "person.error.code.wait")
	}
	return id, k.w.Sender.Send(ctx, tx, Message{Notice: "person.code", Channel: channel, To: address, Lang: i18n.Lang(ctx),
		Fields: map[string]string{"Code": code}, Key: "person.code/" + id.String(), Useful: tx.Now().Add(CodeLife)})
}

func (k *Codes) allow(ctx context.Context, tx *store.Tx, channel notify.Channel, address, purpose string) error {
	count := func(since time.Duration, where string, args ...any) (n int, err error) {
		err = tx.Get(ctx, &n, `SELECT COUNT(*) FROM person_code WHERE territory_id = @territory AND channel = ? AND created_at > ?`+where,
			append([]any{channel, tx.Now().Add(-since)}, args...)...)
		if err != nil {
			err = fmt.Errorf("person: counting codes: %w", err)
		}
		return n, err
	}
	if n, err := count(CodeResend, ` AND address = ? AND purpose = ?`, address, purpose); err != nil || n > 0 {
		return orFault(err, "person.error.code.wait")
	}
	limit := mailCodesPerDay
	if channel == notify.SMS {
		limit = smsCodesPerDay
	}
	if n, err := count(24*time.Hour, ` AND address = ?`, address); err != nil || n >= limit {
		return orFault(err, "person.error.code.day")
	}
	if channel == notify.SMS {
		if n, err := count(time.Hour, ``); err != nil || n >= smsCodesPerHour {
			return orFault(err, "person.error.code.busy")
		}
	}
	return nil
}

func orFault(err error, key string) error {
	if err != nil {
		return err
	}
	return fault.New(fault.TooMany, key)
}

// readAddress refuses what cannot be written to before anything leaves.
func readAddress(channel notify.Channel, raw string) (string, error) {
	var fs fault.Fields
	switch channel {
	case notify.Mail:
		return readEmail(&fs, "email", raw), fs.Err()
	case notify.SMS:
		number, err := phone.Parse(raw, "")
		switch {
		case err != nil:
			fs.Add("phone", "phone.error."+string(phone.KindOf(err)))
		case !number.SMSAllowed():
			fs.Add("phone", "person.error.phone.mobile")
		}
		return number.E164(), fs.Err()
	}
	return "", fmt.Errorf("person: a code by %q", channel)
}

// Check takes the answer to a challenge. It opens a transaction of its own: the
// try is counted even when what the caller does next is undone, so that nobody
// can try for ever. A code is good once. Faults, on the field "code": as SignIn,
// and person.error.code.replaced when a newer code was sent.
func (k *Codes) Check(ctx context.Context, h store.Handle, id store.ID, raw string) (Proof, error) {
	typed, err := readCode(id, raw)
	if err != nil {
		return Proof{}, err
	}
	var proof Proof
	var refused error
	err = h.Update(ctx, func(tx *store.Tx) error {
		proof, refused = Proof{}, nil
		counted, err := tx.Exec(ctx, `UPDATE person_code SET tries = tries + 1
			WHERE territory_id = @territory AND id = ? AND closed_at IS NULL AND tries < ? AND expires_at > ?`, id, CodeTries, tx.Now())
		if err != nil {
			return fmt.Errorf("person: counting a try: %w", err)
		}
		var a struct {
			attempt
			Channel          notify.Channel
			Address, Purpose string
		}
		err = tx.Get(ctx, &a, `SELECT id, code_hash, tries, expires_at, used_at, closed_at, channel, address, purpose FROM person_code
			WHERE territory_id = @territory AND id = ?`, id)
		if errors.Is(err, store.ErrNotFound) {
			refused = codeFault(fault.Gone, "person.error.code.expired")
			return nil
		}
		if err != nil {
			return fmt.Errorf("person: reading a code: %w", err)
		}
		if counted == 0 {
			refused = a.refusal(tx.Now())
			return nil
		}
		if !a.matches(typed) {
			refused = a.wrong()
			return nil
		}
		if _, err := tx.Exec(ctx, `UPDATE person_code SET used_at = ?, closed_at = ? WHERE territory_id = @territory AND id = ?`,
			tx.Now(), tx.Now(), id); err != nil {
			return fmt.Errorf("person: using a code: %w", err)
		}
		proof = Proof{a.Channel, a.Address, a.Purpose}
		return nil
	})
	if err == nil {
		err = refused
	}
	return proof, err
}
