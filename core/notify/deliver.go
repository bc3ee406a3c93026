package notify

import (
	"context"
	"errors"
	"fmt"
	"time"

	"parvis/platform/store"
)

const deliverKind = "notify.deliver"

// delivery is the arguments of the job that sends one message.
type delivery struct {
	Territory string   `json:"territory"`
	Message   store.ID `json:"message"`
}

// parcel is a message taken out of its row to be sent.
type parcel struct {
	Territory string    `db:"-"`
	From      Territory `db:"-"`
	Sender    string    `db:"-"` // SMS: what the territory wants shown
	// Interrupted: an earlier attempt was cut off, nobody knows where.
	Interrupted bool `db:"-"`

	ID            store.ID
	Notice        string
	Channel       Channel
	Lang          string
	Recipient     string
	RecipientName string
	Title, Body   string
	Layout        string
	ReplyTo       string
	ICS           string `db:"ics"`
	Urgent        bool
	Sensitive     bool
	Parts         int
	State         State
	Attempts      int
	DueAt         time.Time
	DeadlineAt    time.Time
	SendingAt     time.Time
}

// deliver makes one attempt. What the attempt came to is in the row, so the job
// itself fails only when the database does.
func (h *Hub) deliver(ctx context.Context, d delivery) error {
	p, err := h.take(ctx, d)
	if err != nil || p == nil {
		return err
	}
	out := h.hand(ctx, p)
	// The result is worth more than the deadline of the job: a message that left
	// and is not marked would be doubtful.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	return h.finish(ctx, p, out)
}

// take commits "sending" before anything leaves; nil when there is nothing to
// do now.
func (h *Hub) take(ctx context.Context, d delivery) (*parcel, error) {
	var taken *parcel
	err := h.db.In(d.Territory).Update(ctx, func(tx *store.Tx) error {
		taken = nil
		p, err := h.parcel(ctx, tx, d.Message)
		if errors.Is(err, store.ErrNotFound) {
			return nil // past its retention
		}
		if err != nil {
			return err
		}
		switch p.State {
		case Queued:
			later, err := h.hold(ctx, tx, p)
			if err != nil || later {
				return err
			}
		case Sending:
			if end := p.SendingAt.Add(lease); tx.Now().Before(end) {
				return h.again(ctx, tx, p.ID, end)
			}
			p.Interrupted = true
			if p.Channel == Mail && !p.DeadlineAt.IsZero() && tx.Now().After(p.DeadlineAt) {
				return h.settle(ctx, tx, p, Doubtful, ReasonInterrupted, "")
			}
		default:
			return nil
		}
		n, err := tx.Exec(ctx, `UPDATE message SET state = 'sending', sending_at = ?, attempts = attempts + 1
			WHERE territory_id = @territory AND id = ? AND state = ? AND attempts = ?`, tx.Now(), p.ID, p.State, p.Attempts)
		if err != nil {
			return fmt.Errorf("notify: marking a message: %w", err)
		}
		if n != 1 {
			return nil
		}
		if err := h.complete(ctx, tx, p); err != nil {
			return err
		}
		p.Attempts++
		taken = p
		return nil
	})
	if err != nil {
		return nil, err
	}
	return taken, nil
}

// complete lets the notice write what may not lie in the queue.
func (h *Hub) complete(ctx context.Context, tx *store.Tx, p *parcel) error {
	finish := h.notices[p.Notice].Finish
	if finish == nil {
		return nil
	}
	var err error
	if p.Body, err = finish(ctx, tx, p.Body); err != nil {
		return fmt.Errorf("notify: completing %s: %w", p.Notice, err)
	}
	if p.Channel != Mail {
		return nil
	}
	pieces, err := decode(p.Layout)
	if err != nil {
		return err
	}
	for i := range pieces {
		for _, text := range []*string{&pieces[i].Text, &pieces[i].URL} {
			if *text, err = finish(ctx, tx, *text); err != nil {
				return fmt.Errorf("notify: completing %s: %w", p.Notice, err)
			}
		}
	}
	p.Layout, err = encode(pieces)
	return err
}

// parcel reads what sending needs.
func (h *Hub) parcel(ctx context.Context, tx *store.Tx, id store.ID) (*parcel, error) {
	p := &parcel{Territory: tx.Territory()}
	err := tx.Get(ctx, p, `SELECT id, notice, channel, lang, COALESCE(recipient, '') AS recipient, COALESCE(recipient_name, '') AS recipient_name,
			COALESCE(title, '') AS title, COALESCE(body, '') AS body, COALESCE(layout, '[]') AS layout, COALESCE(ics, '') AS ics, reply_to, urgent, sensitive, parts, state, attempts,
			due_at, deadline_at, sending_at
		FROM message WHERE territory_id = @territory AND id = ?`, id)
	if err != nil {
		return nil, fmt.Errorf("notify: reading a message: %w", err)
	}
	if p.From, err = h.o.Who(ctx, tx); err != nil {
		return nil, fmt.Errorf("notify: the territory of a message: %w", err)
	}
	return p, nil
}

// hold drops a queued message that must not leave any more, or puts it off
// until it may; false when it may leave now.
func (h *Hub) hold(ctx context.Context, tx *store.Tx, p *parcel) (bool, error) {
	now := tx.Now()
	if now.Before(p.DueAt) {
		return true, h.again(ctx, tx, p.ID, p.DueAt)
	}
	if !p.DeadlineAt.IsZero() && !now.Before(p.DeadlineAt) {
		return true, h.settle(ctx, tx, p, Dropped, ReasonLate, "")
	}
	set, err := h.Settings(ctx, tx)
	if err != nil {
		return false, err
	}
	p.Sender = set.Sender
	if p.Urgent {
		return false, nil
	}
	if at := set.Quiet.leave(now, p.DeadlineAt, now, p.From.zone()); at.After(now) {
		return true, h.again(ctx, tx, p.ID, at)
	}
	if n, ok := h.notices[p.Notice]; ok {
		policy, err := h.policy(ctx, tx, n)
		if err != nil {
			return false, err
		}
		if policy[p.Channel] == Off {
			return true, h.settle(ctx, tx, p, Dropped, ReasonOff, "")
		}
	}
	if p.Channel != SMS {
		return false, nil
	}
	return h.holdSMS(ctx, tx, p, set)
}

// holdSMS looks at the STOP list and at the budget.
func (h *Hub) holdSMS(ctx context.Context, tx *store.Tx, p *parcel, set Settings) (bool, error) {
	n, err := p.phone()
	if err != nil {
		return false, err
	}
	stopped, err := h.Suppressed(ctx, tx, n)
	if err != nil {
		return false, err
	}
	if stopped {
		return true, h.settle(ctx, tx, p, Dropped, ReasonStop, "")
	}
	if set.Cap == 0 {
		return false, nil
	}
	spent, err := h.Spent(ctx, tx, Month(tx.Now(), p.From.zone()))
	if err != nil {
		return false, err
	}
	if spent.Cost+h.o.PartCost.Times(p.Parts) > set.Cap {
		return true, h.settle(ctx, tx, p, Dropped, ReasonCap, "")
	}
	return false, nil
}

// again enqueues the next attempt.
func (h *Hub) again(ctx context.Context, tx *store.Tx, id store.ID, at time.Time) error {
	if _, err := tx.Exec(ctx, `UPDATE message SET job_at = ? WHERE territory_id = @territory AND id = ?`, at, id); err != nil {
		return fmt.Errorf("notify: putting a message off: %w", err)
	}
	return h.schedule(ctx, tx, id, at)
}

// hand gives the message to its adapter, outside any transaction.
func (h *Hub) hand(ctx context.Context, p *parcel) outcome {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	switch p.Channel {
	case Mail:
		return h.handMail(ctx, p)
	case SMS:
		return h.handSMS(ctx, p)
	}
	return outcome{state: Failed, reason: ReasonAdapter}
}
