package notify

import (
	"context"
	"fmt"
	"time"

	"parvis/platform/sms"
	"parvis/platform/store"
)

// outcome is what one attempt came to. Queued: it surely did not leave and is
// tried again.
type outcome struct {
	state      State // Sent, Queued, Failed or Doubtful
	reason     string
	detail     string // for the log, without figures that identify
	providerID string
	parts      int
	cost       sms.Cost
	wait       time.Duration // at least this long before the next attempt
}

// Attempts follow one another after 1, 2, 4 … 30 minutes, for three days: a mail
// server that is mended on Monday morning still gets what Friday evening queued.
const (
	firstPause   = time.Minute
	longestPause = 30 * time.Minute
	giveUpAfter  = 72 * time.Hour
)

// pause is how long to wait after the given number of attempts. Messages that
// failed together do not come back together: up to a minute of each pause
// depends on the message.
func pause(attempts int, id store.ID, asked time.Duration) time.Duration {
	d := longestPause
	if attempts < 6 {
		d = firstPause << (attempts - 1)
	}
	return max(d, asked) + time.Duration(id%60)*time.Second
}

// sooner shortens a pause that would step over the deadline: half of the time
// that is left, a minute at least. A server mended an hour before the
// appointment still sends its reminder.
func sooner(d, asked, left time.Duration) time.Duration {
	if half := max(left/2, firstPause); d > half {
		return max(half, asked)
	}
	return d
}

// longestDetail bounds what is kept of an adapter's words, in bytes.
const longestDetail = 300

// finish writes what the attempt came to.
func (h *Hub) finish(ctx context.Context, p *parcel, out outcome) error {
	return h.db.In(p.Territory).Update(ctx, func(tx *store.Tx) error {
		switch out.state {
		case Sent:
			return h.recordSent(ctx, tx, p, out)
		case Queued:
			return h.retry(ctx, tx, p, out)
		case Doubtful:
			// It may have been sent, so it may have to be paid.
			if err := h.spend(ctx, tx, p, p.Parts, h.o.PartCost.Times(p.Parts)); err != nil {
				return err
			}
		}
		return h.settle(ctx, tx, p, out.state, out.reason, out.detail)
	})
}

// recordSent notes the receipt. A delivery report that came before it has
// already moved the state on: it stays.
func (h *Hub) recordSent(ctx context.Context, tx *store.Tx, p *parcel, out outcome) error {
	if p.Channel == Mail {
		out.parts, out.cost = 0, 0
	}
	if _, err := tx.Exec(ctx, `UPDATE message SET provider_id = ?, parts = ?, cost = ?, sent_at = COALESCE(sent_at, ?), error = '', layout = NULL, reply_to = '', ics = NULL,
			state = CASE WHEN state = 'sending' THEN 'sent' ELSE state END, reason = CASE WHEN state = 'sending' THEN '' ELSE reason END,
			title = CASE WHEN sensitive THEN NULL ELSE title END, body = CASE WHEN sensitive THEN NULL ELSE body END
		WHERE territory_id = @territory AND id = ? AND state NOT IN ('cancelled', 'dropped')`,
		nullable(out.providerID), out.parts, int64(out.cost), tx.Now(), p.ID); err != nil {
		return fmt.Errorf("notify: noting a sent message: %w", err)
	}
	return h.spend(ctx, tx, p, out.parts, out.cost)
}

// retry puts the message back and plans the next attempt, or gives up.
func (h *Hub) retry(ctx context.Context, tx *store.Tx, p *parcel, out outcome) error {
	if tx.Now().Sub(p.DueAt) >= giveUpAfter {
		return h.settle(ctx, tx, p, Failed, ReasonGaveUp, out.detail)
	}
	n, err := tx.Exec(ctx, `UPDATE message SET state = 'queued', reason = ?, error = ? WHERE territory_id = @territory AND id = ? AND state = 'sending'`,
		out.reason, clip(out.detail), p.ID)
	if err != nil {
		return fmt.Errorf("notify: putting a message back: %w", err)
	}
	if n == 0 {
		return nil
	}
	wait := pause(p.Attempts, p.ID, out.wait)
	if !p.DeadlineAt.IsZero() {
		wait = sooner(wait, out.wait, p.DeadlineAt.Sub(tx.Now()))
	}
	return h.again(ctx, tx, p.ID, tx.Now().Add(wait))
}

// settle ends a message that is queued or being sent. What failed or is
// doubtful keeps its text, so that staff can send it again; what never left
// does not need it any more.
func (h *Hub) settle(ctx context.Context, tx *store.Tx, p *parcel, s State, reason, detail string) error {
	rank, erase := 1, true
	if s == Failed || s == Doubtful {
		rank, erase = 0, false
	}
	if _, err := tx.Exec(ctx, `UPDATE message SET state = ?, reason = ?, error = ?, rank = ?,
			title = CASE WHEN ? THEN NULL ELSE title END, body = CASE WHEN ? THEN NULL ELSE body END,
			layout = CASE WHEN ? THEN NULL ELSE layout END, ics = CASE WHEN ? THEN NULL ELSE ics END
		WHERE territory_id = @territory AND id = ? AND state IN ('queued', 'sending')`,
		s, reason, clip(detail), rank, erase, erase, erase, erase, p.ID); err != nil {
		return fmt.Errorf("notify: ending a message: %w", err)
	}
	if rank == 0 {
		h.o.Log.WarnContext(ctx, "message not delivered", "territory", p.Territory, "message", p.ID, "notice", p.Notice, "channel", p.Channel,
			"state", s, "reason", reason, "error", clip(detail))
	}
	return nil
}

func clip(s string) string {
	if len(s) <= longestDetail {
		return s
	}
	cut := longestDetail
	for cut > 0 && s[cut]&0xc0 == 0x80 {
		cut--
	}
	return s[:cut]
}
