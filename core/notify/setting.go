package notify

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"parvis/platform/fault"
	"parvis/platform/sms"
	"parvis/platform/store"
)

// Settings is what a territory decides for all its messages.
type Settings struct {
	Quiet Quiet
	// Cap is the SMS budget of a calendar month; 0: none. Once it is spent only
	// urgent messages leave by SMS.
	Cap sms.Cost
	// Plain writes SMS without the letters that double their price: ç, ê, œ, À
	// become c, e, oe, A. It changes spelling, so the territory decides.
	Plain  bool
	Sender string // name shown instead of a number, which cannot be answered; empty: a number
	Number string // number or short number that answers arrive at, digits only; empty: shared
}

// DefaultSettings are those of a territory that has decided nothing.
func DefaultSettings() Settings { return Settings{Quiet: DefaultQuiet()} }

// dearest bounds the budget: 100 000 € a month.
const dearest = sms.Cost(100_000 * 10_000)

// Settings reads those of the territory of the transaction.
func (h *Hub) Settings(ctx context.Context, tx *store.Tx) (Settings, error) {
	var r struct {
		QuietFrom, QuietTo int
		Cap                int64
		Plain              bool
		Sender, Number     string
	}
	err := tx.Get(ctx, &r, `SELECT quiet_from, quiet_to, cap, plain, sender, number FROM message_setting WHERE territory_id = @territory`)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return DefaultSettings(), nil
	case err != nil:
		return Settings{}, fmt.Errorf("notify: reading the settings: %w", err)
	}
	return Settings{Quiet{r.QuietFrom, r.QuietTo}, sms.Cost(r.Cap), r.Plain, r.Sender, r.Number}, nil
}

// SetSettings writes those of the territory of the transaction. Mistakes are an
// Invalid fault with the fields quiet_from, quiet_to, cap, sender, number.
func (h *Hub) SetSettings(ctx context.Context, tx *store.Tx, s Settings, by store.ID) error {
	s.Sender = strings.TrimSpace(s.Sender)
	s.Number = digits(s.Number)
	if err := s.check(); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO message_setting (territory_id, quiet_from, quiet_to, cap, plain, sender, number, updated_at, updated_by)
		VALUES (@territory, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (territory_id) DO UPDATE SET quiet_from = excluded.quiet_from, quiet_to = excluded.quiet_to, cap = excluded.cap,
			plain = excluded.plain, sender = excluded.sender, number = excluded.number,
			updated_at = excluded.updated_at, updated_by = excluded.updated_by`,
		s.Quiet.From, s.Quiet.To, int64(s.Cap), s.Plain, s.Sender, s.Number, tx.Now(), by); err != nil {
		return fmt.Errorf("notify: writing the settings: %w", err)
	}
	return nil
}

func (s Settings) check() error {
	var wrong fault.Fields
	if s.Quiet.From < earliestQuiet || s.Quiet.From > latestQuiet || s.Quiet.From%15 != 0 {
		wrong.Add("quiet_from", "notify.error.quiet_from")
	}
	if s.Quiet.To < earliestCalm || s.Quiet.To > latestCalm || s.Quiet.To%15 != 0 {
		wrong.Add("quiet_to", "notify.error.quiet_to")
	}
	if s.Cap < 0 || s.Cap > dearest {
		wrong.Add("cap", "notify.error.cap")
	}
	if sms.CheckSender(s.Sender) != nil {
		wrong.Add("sender", "notify.error.sender")
	}
	if n := len(s.Number); n != 0 && (n < 5 || n > 15) {
		wrong.Add("number", "notify.error.number")
	}
	return wrong.Err()
}

// digits keeps the digits of a number, so that "+33 6…" and "336…" are one.
func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}
