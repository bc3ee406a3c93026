package notify

import (
	"context"
	"fmt"
	"slices"
	"time"

	"parvis/platform/job"
	"parvis/platform/sms"
	"parvis/platform/store"
)

// Send queues a message in the caller's transaction: one row and one job per
// channel, or nothing where the transaction fails. A key that was used before
// in the territory changes nothing. Errors are mistakes of the program or of
// the database: whether the message can be delivered is found out later and
// shown in the log. Who is reachable by no channel gets nothing (see Reach).
func (h *Hub) Send(ctx context.Context, tx *store.Tx, m Message) error {
	n, ok := h.notices[m.Notice]
	if !ok {
		return fmt.Errorf("notify: notice %q is not declared", m.Notice)
	}
	if err := m.check(); err != nil {
		return err
	}
	if missing := n.missing(m.Data); len(missing) > 0 {
		return fmt.Errorf("notify: notice %s: no value for %v", n.Name, missing)
	}
	channels, err := h.reach(ctx, tx, n, m.To)
	if err != nil || len(channels) == 0 {
		return err
	}
	t, err := h.o.Who(ctx, tx)
	if err != nil {
		return fmt.Errorf("notify: the territory of a message: %w", err)
	}
	set, err := h.Settings(ctx, tx)
	if err != nil {
		return err
	}
	for _, c := range channels {
		if err := h.enqueue(ctx, tx, n, m, c, t, set); err != nil {
			return err
		}
	}
	return nil
}

// Reach tells by which channels a message of the notice would be sent to the
// person, so that a page can offer another way when there is none. A channel
// without adapter does not count, nor a number that said STOP, except for urgent
// notices.
func (h *Hub) Reach(ctx context.Context, tx *store.Tx, notice string, to To) ([]Channel, error) {
	n, ok := h.notices[notice]
	if !ok {
		return nil, fmt.Errorf("notify: notice %q is not declared", notice)
	}
	channels, err := h.reach(ctx, tx, n, to)
	if err != nil {
		return nil, err
	}
	var out []Channel
	for _, c := range channels {
		if !h.Has(c) {
			continue
		}
		if c == SMS && !n.Urgent {
			stopped, err := h.Suppressed(ctx, tx, to.Phone)
			if err != nil {
				return nil, err
			}
			if stopped {
				continue
			}
		}
		out = append(out, c)
	}
	return out, nil
}

// reach applies the policy to what is known of the person. A channel without
// adapter is left aside when another one serves; alone it is kept, and fails
// where staff sees it.
func (h *Hub) reach(ctx context.Context, tx *store.Tx, n Notice, to To) ([]Channel, error) {
	policy, err := h.policy(ctx, tx, n)
	if err != nil {
		return nil, err
	}
	var out []Channel
	for _, c := range Channels() {
		can := c == Mail && to.Email != "" || c == SMS && to.Phone.SMSAllowed()
		switch policy[c] {
		case On:
		case Spare:
			can = can && len(out) == 0
		default:
			can = false
		}
		if can {
			out = append(out, c)
		}
	}
	if served := slices.DeleteFunc(slices.Clone(out), func(c Channel) bool { return !h.Has(c) }); len(served) > 0 {
		return served, nil
	}
	return out, nil
}

// enqueue writes the row of one channel and its job.
func (h *Hub) enqueue(ctx context.Context, tx *store.Tx, n Notice, m Message, c Channel, t Territory, set Settings) error {
	l := h.localizer(m.To.Lang, t)
	written, err := n.render(l, c, t, m.Data, set.Plain)
	if err != nil {
		return err
	}
	r := draft{
		id: store.NewID(), state: Queued, due: h.due(n, m, set, t, tx.Now()), lang: l.Lang(), wording: h.wording[textKey{n.Name, l.Lang(), c}],
		title: nullable(written.Title), body: nullable(written.Body),
	}
	switch c {
	case Mail:
		layout, err := encode(written.pieces)
		if err != nil {
			return err
		}
		r.recipient, r.layout, r.ics = m.To.Email, layout, nullable(string(m.ICS))
		r.replyTo = m.ReplyTo
	case SMS:
		r.recipient = m.To.Phone.E164()
		r.size, r.cost = written.Size, h.o.PartCost.Times(written.Size.Parts)
		stopped, err := h.Suppressed(ctx, tx, m.To.Phone)
		if err != nil {
			return err
		}
		r.overStop = stopped && n.Urgent
		if stopped && !n.Urgent {
			r.state, r.reason, r.title, r.body = Dropped, ReasonStop, nil, nil
		}
	}
	inserted, err := h.insert(ctx, tx, n, m, c, r)
	if err != nil || !inserted || r.state != Queued {
		return err
	}
	return h.schedule(ctx, tx, r.id, r.due)
}

// due is when the message leaves, as far as is known now.
func (h *Hub) due(n Notice, m Message, set Settings, t Territory, now time.Time) time.Time {
	at := m.At
	if at.Before(now) {
		at = now
	}
	if n.Urgent {
		return at
	}
	return set.Quiet.leave(at, m.Deadline, now, t.zone())
}

// draft is what a new row holds besides the message itself.
type draft struct {
	id                       store.ID
	state                    State
	reason                   string
	due                      time.Time
	lang, wording            string
	recipient                string
	title, body, layout, ics any // nil or text
	replyTo                  string
	size                     sms.Size
	cost                     sms.Cost
	overStop                 bool
}

func (h *Hub) insert(ctx context.Context, tx *store.Tx, n Notice, m Message, c Channel, r draft) (bool, error) {
	k, err := tx.Exec(ctx, `INSERT INTO message (territory_id, id, key, notice, channel, lang, subject_ref, recipient, recipient_name, recipient_hash,
			title, body, layout, ics, reply_to, wording, urgent, sensitive, over_stop, encoding, parts, cost, state, reason, error, rank, attempts,
			created_at, due_at, deadline_at, job_at)
		VALUES (@territory, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', 1, 0, ?, ?, ?, ?)
		ON CONFLICT (territory_id, key, channel) DO NOTHING`,
		r.id, m.Key, n.Name, c, r.lang, m.Subject, r.recipient, m.To.Name, h.hash(r.recipient),
		r.title, r.body, r.layout, r.ics, r.replyTo, r.wording, n.Urgent, n.Sensitive, r.overStop, string(r.size.Encoding), r.size.Parts, int64(r.cost),
		r.state, r.reason, tx.Now(), r.due, m.Deadline, r.due)
	if err != nil {
		return false, fmt.Errorf("notify: queuing %s: %w", n.Name, err)
	}
	return k == 1, nil
}

// schedule enqueues the job that tries the message at an hour.
func (h *Hub) schedule(ctx context.Context, tx *store.Tx, id store.ID, at time.Time) error {
	return h.queue.Enqueue(ctx, tx, deliverKind, delivery{tx.Territory(), id}, job.At(at))
}

// Cancel takes back every message about the subject ("appointment:77") that is
// still queued, and returns how many. What is being sent or has left stays.
func (h *Hub) Cancel(ctx context.Context, tx *store.Tx, subject string) (int64, error) {
	return h.cancel(ctx, tx, `subject_ref = ?`, subject)
}

// CancelKey takes back the queued messages whose key starts with prefix: the
// reminders of an appointment that moves, before those of its new hour are sent
// under new keys. An empty prefix cancels nothing.
func (h *Hub) CancelKey(ctx context.Context, tx *store.Tx, prefix string) (int64, error) {
	if prefix == "" {
		return 0, nil
	}
	return h.cancel(ctx, tx, `key >= ? AND key < ?`, prefix, prefix+"\U0010FFFF")
}

// ForgetKey removes the rows of all messages whose key starts with prefix, whatever
// became of them: for those whose very existence says too much after a while.
// What they cost stays counted. An empty prefix removes nothing.
func (h *Hub) ForgetKey(ctx context.Context, tx *store.Tx, prefix string) (int64, error) {
	if prefix == "" {
		return 0, nil
	}
	n, err := tx.Exec(ctx, `DELETE FROM message WHERE territory_id = @territory AND key >= ? AND key < ? AND state <> 'sending'`, prefix, prefix+"\U0010FFFF")
	if err != nil {
		return 0, fmt.Errorf("notify: forgetting messages: %w", err)
	}
	return n, nil
}

func (h *Hub) cancel(ctx context.Context, tx *store.Tx, where string, args ...any) (int64, error) {
	n, err := tx.Exec(ctx, `UPDATE message SET state = 'cancelled', title = NULL, body = NULL, layout = NULL, reply_to = '', ics = NULL
		WHERE territory_id = @territory AND state = 'queued' AND `+where, args...)
	if err != nil {
		return 0, fmt.Errorf("notify: cancelling: %w", err)
	}
	return n, nil
}

// nullable is text, or NULL when there is none.
func nullable(s string) any {
	if s == "" {
		return nil
	}
	return s
}
