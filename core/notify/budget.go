package notify

import (
	"context"
	"errors"
	"fmt"
	"time"

	"parvis/platform/sms"
	"parvis/platform/store"
)

// Spending is what SMS cost in one calendar month.
type Spending struct {
	Parts int
	Cost  sms.Cost
}

// Month names the calendar month of t in zone, "2026-11".
func Month(t time.Time, zone *time.Location) string { return t.In(zone).Format("2006-01") }

// alertShare is the part of the budget at which the territory is told.
const alertShare = 80

// Near tells that the month's spending has reached 80 % of the budget.
func (s Settings) Near(spent Spending) bool {
	return s.Cap > 0 && 100*spent.Cost >= alertShare*s.Cap
}

// Spent is what the territory of the transaction spent on SMS in a month.
func (h *Hub) Spent(ctx context.Context, tx *store.Tx, month string) (Spending, error) {
	var r struct {
		Parts int
		Cost  int64
	}
	err := tx.Get(ctx, &r, `SELECT parts, cost FROM message_spend WHERE territory_id = @territory AND month = ?`, month)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return Spending{}, fmt.Errorf("notify: reading the spending: %w", err)
	}
	return Spending{r.Parts, sms.Cost(r.Cost)}, nil
}

// spend counts an SMS that was handed over, and tells the territory when its
// budget is nearly spent, and when it is.
func (h *Hub) spend(ctx context.Context, tx *store.Tx, p *parcel, parts int, cost sms.Cost) error {
	if p.Channel != SMS {
		return nil
	}
	month := Month(tx.Now(), p.From.zone())
	var total int64
	err := tx.Get(ctx, &total, `INSERT INTO message_spend (territory_id, month, parts, cost) VALUES (@territory, ?, ?, ?)
		ON CONFLICT (territory_id, month) DO UPDATE SET parts = message_spend.parts + excluded.parts, cost = message_spend.cost + excluded.cost
		RETURNING cost`, month, parts, int64(cost))
	if err != nil {
		return fmt.Errorf("notify: counting the spending: %w", err)
	}
	set, err := h.Settings(ctx, tx)
	if err != nil {
		return err
	}
	before := Spending{Cost: sms.Cost(total) - cost}
	if set.Near(before) || !set.Near(Spending{Cost: sms.Cost(total)}) || p.From.Mail == "" {
		return nil
	}
	return h.Send(ctx, tx, Message{
		Notice: budgetNotice, To: To{Name: p.From.Name, Email: p.From.Mail}, Key: "notify:budget:" + month,
		Data: map[string]any{"Cap": Money(set.Cap.Cents()), "Share": alertShare},
	})
}
