package exchange

import (
	"context"
	"errors"
	"fmt"
	"time"

	"parvis/engine/dossier"
	"parvis/loop/listen/report"
	"parvis/loop/listen/report/open311"
	"parvis/platform/event"
	"parvis/platform/job"
	"parvis/platform/store"
)

// errand is what is to be told to a peer about a report.
type errand struct {
	Territory string   `json:"territory"`
	Report    store.ID `json:"report"`
	Peer      store.ID `json:"peer"`
	Event     store.ID `json:"event,omitempty"`
	Reopened  bool     `json:"reopened,omitempty"`
}

const (
	pushKind = "open311.push"
	tellKind = "open311.tell"
)

// opened hands a new report to the peers in charge of its category. Reports that
// came by an interface are not handed on: two servers that name each other would
// play ball. Private ones stay here.
func (e *Exchange) opened(ctx context.Context, ev event.Event) error {
	id, ok := reportID(ev.Subject)
	if !ok {
		return nil
	}
	return e.DB().In(ev.Territory).Update(ctx, func(tx *store.Tx) error {
		peers, err := e.Peers(ctx, tx)
		if err != nil || len(peers) == 0 {
			return err
		}
		r, err := e.Reports.Get(ctx, tx, id)
		if gone(err) || err == nil && (r.Private || r.Channel == dossier.API || r.Source != "") {
			return nil
		}
		if err != nil {
			return err
		}
		c, err := e.Reports.Category(ctx, tx, r.CategoryID)
		if err != nil {
			return err
		}
		for _, p := range peers {
			if !p.Active || p.Routes.V[c.Code] == "" {
				continue
			}
			if _, err := tx.Exec(ctx, `INSERT INTO open311_handoff (territory_id, created_at, sent_at, `+handoffColumns+`) VALUES (@territory, ?, ?, ?, ?, '', '', ?, '', '')
				ON CONFLICT DO NOTHING`, tx.Now(), time.Time{}, r.ID, p.ID, waiting); err != nil {
				return fmt.Errorf("open311: preparing a handoff: %w", err)
			}
			x := errand{Territory: ev.Territory, Report: r.ID, Peer: p.ID}
			if err := e.Queue.Enqueue(ctx, tx, pushKind, x, job.Key(fmt.Sprintf("%s %s %s", x.Territory, x.Report, x.Peer))); err != nil {
				return err
			}
		}
		return nil
	})
}

// reportID reads the subject of an event.
func reportID(subject string) (store.ID, bool) {
	const prefix = report.Kind + ":"
	if len(subject) <= len(prefix) || subject[:len(prefix)] != prefix {
		return 0, false
	}
	id, err := store.ParseID(subject[len(prefix):])
	return id, err == nil
}

// DB is the database of the reports.
func (e *Exchange) DB() *store.DB { return e.Reports.DB }

// pushing is what a push reads before it asks the other server.
type pushing struct {
	peer   Peer
	report report.Report
	code   string // of our category
	done   bool
}

// push gives a report: its public words and photos, never who told it. The peer
// takes it once, whatever happens here: the key is that of the report.
func (e *Exchange) push(ctx context.Context, j job.Job[errand]) error {
	h := e.DB().In(j.Args.Territory)
	var p pushing
	err := h.View(ctx, func(tx *store.Tx) (err error) {
		p, err = e.loadPush(ctx, tx, j.Args)
		return err
	})
	if gone(err) || err == nil && p.done {
		return nil
	}
	if err != nil {
		return err
	}
	client, err := p.peer.client(e.Allow)
	if err != nil {
		return job.Dead(err)
	}
	place, err := e.Here(ctx, j.Args.Territory)
	if err != nil {
		return err
	}
	posting := open311.Posting{ServiceCode: p.peer.Routes.V[p.code], Address: p.report.Address, AddressID: p.report.AddressID, Key: "parvis-" + j.Args.Territory + "-" + p.report.Number,
		Description: p.report.TextShown + "\n\n" + e.Words("open311.handoff.signature", "Name", place.Name, "Number", p.report.Number)}
	if at, ok := p.report.Point(); ok {
		posting.Point = &at
	}
	if posting.Photos, err = e.images(ctx, p.report, report.Seen); err != nil {
		return err
	}
	receipt, err := client.Post(ctx, posting)
	var no *open311.Refused
	if errors.As(err, &no) && no.Status < 500 && no.Status != 429 {
		return e.note(ctx, h, j.Args, func(ctx context.Context, tx *store.Tx) error { return e.refusedBy(ctx, tx, p, no) })
	}
	if err != nil {
		return err
	}
	return e.note(ctx, h, j.Args, func(ctx context.Context, tx *store.Tx) error { return e.sentTo(ctx, tx, p, receipt) })
}

func (e *Exchange) loadPush(ctx context.Context, tx *store.Tx, x errand) (p pushing, err error) {
	hand, err := handoffOf(ctx, tx, x.Report, x.Peer)
	if err != nil {
		return p, err
	}
	if p.peer, err = peerByID(ctx, tx, x.Peer); err != nil {
		return p, err
	}
	if p.report, err = e.Reports.Get(ctx, tx, x.Report); err != nil {
		return p, err
	}
	c, err := e.Reports.Category(ctx, tx, p.report.CategoryID)
	p.code = c.Code
	p.done = hand.State != waiting || !p.peer.Active || p.peer.Routes.V[p.code] == "" || p.report.Private
	return p, err
}

// images are the bytes of the photos that everybody may see.
func (e *Exchange) images(ctx context.Context, r report.Report, role report.PhotoRole) ([][]byte, error) {
	var out [][]byte
	for _, p := range r.Photos {
		if p.State != report.PhotoShown || (p.Role == report.After) != (role == report.After) || len(out) == maxPhotos {
			continue
		}
		body, err := e.Reports.Image(ctx, p, false)
		if gone(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, body)
	}
	return out, nil
}

func (e *Exchange) note(ctx context.Context, h store.Handle, x errand, do func(context.Context, *store.Tx) error) error {
	// What the other server did is written down even if this run is being stopped.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return h.Update(ctx, func(tx *store.Tx) error {
		hand, err := handoffOf(ctx, tx, x.Report, x.Peer)
		if gone(err) || err == nil && hand.State != waiting {
			return nil
		}
		if err != nil {
			return err
		}
		return do(ctx, tx)
	})
}

func (e *Exchange) sentTo(ctx context.Context, tx *store.Tx, p pushing, r open311.Receipt) error {
	if _, err := tx.Exec(ctx, `UPDATE open311_handoff SET state = ?, remote_id = ?, token = ?, failure = '', sent_at = ? WHERE territory_id = @territory AND report_id = ? AND peer_id = ?`,
		sent, r.RequestID, r.Token, tx.Now(), p.report.ID, p.peer.ID); err != nil {
		return fmt.Errorf("open311: noting a handoff: %w", err)
	}
	words := e.Words("open311.handoff.sent", "Name", p.peer.Name, "Number", r.RequestID)
	if r.RequestID == "" {
		words = e.Words("open311.handoff.accepted", "Name", p.peer.Name)
	}
	_, err := e.Reports.Dossiers.Say(ctx, tx, p.report.DossierID, dossier.Author{Kind: dossier.System}, words)
	return err
}

func (e *Exchange) refusedBy(ctx context.Context, tx *store.Tx, p pushing, no *open311.Refused) error {
	said := short(no.Error())
	if len(no.Faults) > 0 {
		said = short(no.Faults[0].Description)
	}
	if _, err := tx.Exec(ctx, `UPDATE open311_handoff SET state = ?, failure = ? WHERE territory_id = @territory AND report_id = ? AND peer_id = ?`,
		refused, said, p.report.ID, p.peer.ID); err != nil {
		return fmt.Errorf("open311: noting a refused handoff: %w", err)
	}
	_, err := e.Reports.Dossiers.Note(ctx, tx, p.report.DossierID, dossier.Author{Kind: dossier.System}, e.Words("open311.handoff.refused", "Name", p.peer.Name, "Said", said))
	return err
}

// changed tells the peers that hold a report what became of it here.
func (e *Exchange) changed(ctx context.Context, ev event.Event) error {
	switch ev.Kind {
	case "dossier.closed", "dossier.advanced", "dossier.reopened":
	default:
		return nil
	}
	id, ok := reportID(ev.Subject)
	if !ok {
		return nil
	}
	return e.DB().In(ev.Territory).Update(ctx, func(tx *store.Tx) error {
		var hands []handoff
		if err := tx.Select(ctx, &hands, `SELECT `+handoffColumns+` FROM open311_handoff WHERE territory_id = @territory AND report_id = ? AND state IN (?, ?) LIMIT ?`, id, sent, ended, maxPeers); err != nil {
			return err
		}
		for _, x := range hands {
			if err := e.Queue.Enqueue(ctx, tx, tellKind, errand{ev.Territory, id, x.PeerID, ev.ID, ev.Kind == "dossier.reopened"}, job.Key(fmt.Sprintf("%s %s %s", ev.Territory, ev.ID, x.PeerID))); err != nil {
				return err
			}
		}
		return nil
	})
}

// tell posts the present state of a report to a peer, with the photos of the repair.
func (e *Exchange) tell(ctx context.Context, j job.Job[errand]) error {
	h := e.DB().In(j.Args.Territory)
	var peer Peer
	var r report.Report
	var hand handoff
	err := h.View(ctx, func(tx *store.Tx) (err error) {
		if hand, err = handoffOf(ctx, tx, j.Args.Report, j.Args.Peer); err != nil {
			return err
		}
		if peer, err = peerByID(ctx, tx, j.Args.Peer); err != nil {
			return err
		}
		r, err = e.Reports.Get(ctx, tx, j.Args.Report)
		return err
	})
	switch {
	case gone(err):
		return nil
	case err != nil:
		return err
	case !peer.Active || hand.RemoteID == "" || hand.Echo == string(r.State) || r.State == report.Received:
		return nil // it came from there, or there is nobody to tell
	}
	client, err := peer.client(e.Allow)
	if err != nil {
		return job.Dead(err)
	}
	u := open311.Update{ID: "parvis-" + j.Args.Territory + "-" + j.Args.Event.String(), RequestID: hand.RemoteID, Status: statusOf(r.State), ExternalStatus: string(r.State),
		At: r.UpdatedAt, Description: e.Words(r.State.Label())}
	if r.Reason != "" {
		u.Description += " : " + r.Reason
	}
	if j.Args.Reopened {
		u.Status, u.ExternalStatus, u.Description = "REOPEN", "", e.Words("open311.reopened")
	}
	var photos [][]byte
	if r.Closed() {
		if photos, err = e.images(ctx, r, report.After); err != nil {
			return err
		}
	}
	err = client.PostUpdate(ctx, u, photos)
	var no *open311.Refused
	if errors.As(err, &no) && no.Status < 500 && no.Status != 429 {
		// It takes no updates, or not from us: its choice, shown beside its name.
		return e.pulled(ctx, h, peer, r.UpdatedAt, err)
	}
	return err
}

// PushWaiting hands what waits at once, and returns how many reports were given: for
// the command line, where no background work runs.
func (e *Exchange) PushWaiting(ctx context.Context, h store.Handle) (int, error) {
	var hands []handoff
	if err := h.View(ctx, func(tx *store.Tx) error {
		return tx.Select(ctx, &hands, `SELECT `+handoffColumns+` FROM open311_handoff WHERE territory_id = @territory AND state = ? ORDER BY report_id LIMIT ?`, waiting, maxRows)
	}); err != nil {
		return 0, fmt.Errorf("open311: reading what waits: %w", err)
	}
	n := 0
	var errs []error
	for _, x := range hands {
		err := e.push(ctx, job.Job[errand]{Args: errand{Territory: h.Territory(), Report: x.ReportID, Peer: x.PeerID}})
		if err == nil {
			n++
		}
		errs = append(errs, err)
	}
	return n, errors.Join(errs...)
}
