package exchange

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"parvis/loop/listen/report"
	"parvis/loop/listen/report/open311"
	"parvis/platform/store"
)

// Bounds of a reading of the peers.
const (
	pullPeers    = 2000 // of the whole instance, in one run
	pullHandoffs = 300  // asked one by one, of one peer
	overlap      = time.Hour
)

// PullAll asks every active peer of the instance what became of the reports that
// it was given. A peer that does not answer is noted and asked again; it holds up
// nobody.
func (e *Exchange) PullAll(ctx context.Context) error {
	var peers []struct {
		TerritoryID string
		ID          store.ID
	}
	err := e.DB().System("which territories have other servers to ask").View(ctx, func(tx *store.Tx) error {
		return tx.Select(ctx, &peers, `SELECT territory_id, id FROM open311_peer WHERE active ORDER BY territory_id, id LIMIT ?`, pullPeers)
	})
	if err != nil {
		return fmt.Errorf("open311: listing the other servers: %w", err)
	}
	var errs []error
	for _, p := range peers {
		if ctx.Err() != nil {
			break
		}
		if err := e.Pull(ctx, e.DB().In(p.TerritoryID), p.ID); err != nil {
			errs = append(errs, fmt.Errorf("open311: asking %s for %s: %w", p.ID, p.TerritoryID, err))
		}
	}
	return errors.Join(errs...)
}

// Pull asks one peer. What it answers is written down even when the rest fails.
func (e *Exchange) Pull(ctx context.Context, h store.Handle, id store.ID) error {
	var p Peer
	var hands []handoff
	var now time.Time
	err := h.View(ctx, func(tx *store.Tx) (err error) {
		now = tx.Now()
		if p, err = peerByID(ctx, tx, id); err != nil {
			return err
		}
		return tx.Select(ctx, &hands, `SELECT `+handoffColumns+` FROM open311_handoff WHERE territory_id = @territory AND peer_id = ? AND state = ? ORDER BY report_id DESC LIMIT ?`, id, sent, maxRows)
	})
	if err != nil || len(hands) == 0 {
		return err
	}
	client, err := p.client(e.Allow)
	if err == nil {
		err = e.pull(ctx, h, p, client, hands, now)
	}
	return errors.Join(err, e.pulled(ctx, h, p, now, err))
}

func (e *Exchange) pull(ctx context.Context, h store.Handle, p Peer, client *open311.Client, hands []handoff, now time.Time) error {
	ours := map[string]handoff{}
	for _, x := range hands {
		if x.RemoteID == "" && x.Token != "" {
			id, err := client.Token(ctx, x.Token)
			if err != nil {
				return err
			}
			if id == "" {
				continue
			}
			x.RemoteID = id
			if err := h.Update(ctx, func(tx *store.Tx) error {
				_, err := tx.Exec(ctx, `UPDATE open311_handoff SET remote_id = ? WHERE territory_id = @territory AND report_id = ? AND peer_id = ?`, id, x.ReportID, x.PeerID)
				return err
			}); err != nil {
				return err
			}
		}
		if x.RemoteID != "" {
			ours[x.RemoteID] = x
		}
	}
	from := p.PulledAt.Add(-overlap)
	if now.Sub(from) > open311.Span {
		from = now.Add(-open311.Span)
	}
	updates, err := client.Updates(ctx, from, now.Add(time.Minute))
	var no *open311.Refused
	switch {
	case errors.As(err, &no) && no.Status < 500 && no.Status != http.StatusTooManyRequests:
		return e.pullEach(ctx, h, p, client, ours) // a server without the extension
	case err != nil:
		return err
	}
	for _, u := range updates {
		if x, ok := ours[u.RequestID]; ok {
			if err := e.take(ctx, h, p, x, u); err != nil {
				return err
			}
		}
	}
	return nil
}

// pullEach asks for the requests themselves: their status is all that is known.
func (e *Exchange) pullEach(ctx context.Context, h store.Handle, p Peer, client *open311.Client, ours map[string]handoff) error {
	asked := 0
	for id, x := range ours {
		if asked++; asked > pullHandoffs {
			return nil
		}
		r, err := client.Request(ctx, id)
		var no *open311.Refused
		if errors.As(err, &no) && no.Status == http.StatusNotFound {
			continue
		}
		if err != nil {
			return err
		}
		if r.Status != open311.Closed {
			continue
		}
		u := open311.Update{ID: "closed-" + id + "-" + r.UpdatedAt.UTC().Format(time.RFC3339), RequestID: id, Status: "CLOSED", At: r.UpdatedAt, Description: r.StatusNotes}
		if err := e.take(ctx, h, p, x, u); err != nil {
			return err
		}
	}
	return nil
}

// take applies what a peer says of a report that it was given.
func (e *Exchange) take(ctx context.Context, h store.Handle, p Peer, x handoff, u open311.Update) error {
	var r report.Report
	err := h.View(ctx, func(tx *store.Tx) (err error) {
		r, err = e.Reports.Get(ctx, tx, x.ReportID)
		return err
	})
	if gone(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if _, ok := stateOf(u.Status, u.ExternalStatus); !ok {
		u.Status = "OPEN" // a word of its own: what it says is kept
	}
	text := u.Description
	if text != "" {
		text = e.Words("open311.handoff.says", "Name", p.Name, "Text", text)
	}
	_, _, err = e.book.Update(ctx, h, Told{Origin: p.origin(), Treats: true, Number: r.Number, UpdateID: cut(u.ID, 200), Status: u.Status, External: u.ExternalStatus,
		At: u.At, Text: cut(text, 4000), MediaURL: u.MediaURL})
	return err
}

func cut(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}

// pulled notes how far the peer was read, or since when it does not answer.
func (e *Exchange) pulled(ctx context.Context, h store.Handle, p Peer, now time.Time, failed error) error {
	return h.Update(ctx, func(tx *store.Tx) error {
		if failed == nil {
			_, err := tx.Exec(ctx, `UPDATE open311_peer SET pulled_at = ?, failed_at = ?, failure = '' WHERE territory_id = @territory AND id = ?`, now, time.Time{}, p.ID)
			return err
		}
		since := p.FailedAt
		if since.IsZero() {
			since = now
		}
		_, err := tx.Exec(ctx, `UPDATE open311_peer SET failed_at = ?, failure = ? WHERE territory_id = @territory AND id = ?`, since, cut(failed.Error(), 300), p.ID)
		return err
	})
}
