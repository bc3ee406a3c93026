package exchange

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"parvis/loop/listen/report"
	"parvis/loop/listen/report/open311"
	"parvis/platform/fault"
	"parvis/platform/store"
)

// Peer is another server to which reports of some categories are handed.
type Peer struct {
	ID           store.ID
	Name         string // "Département de la Vienne"
	URL          string // "https://…/open311/v2"
	Jurisdiction string
	APIKey       string                        `db:"api_key"`
	Routes       store.JSON[map[string]string] // our category code to their service code
	Active       bool
	PulledAt     time.Time // everything before was read
	FailedAt     time.Time // since when it does not answer, zero: it does
	Failure      string
	Version      int64
}

const peerColumns = `id, name, url, jurisdiction, api_key, routes, active, pulled_at, failed_at, failure, version`

// maxPeers bounds the servers of one territory.
const maxPeers = 20

// Peers are the other servers of the territory, by name.
func (e *Exchange) Peers(ctx context.Context, tx *store.Tx) ([]Peer, error) {
	var out []Peer
	err := tx.Select(ctx, &out, `SELECT `+peerColumns+` FROM open311_peer WHERE territory_id = @territory ORDER BY name, id LIMIT ?`, maxPeers)
	if err != nil {
		return nil, fmt.Errorf("open311: reading the other servers: %w", err)
	}
	return out, nil
}

func peerByID(ctx context.Context, tx *store.Tx, id store.ID) (Peer, error) {
	var p Peer
	err := tx.Get(ctx, &p, `SELECT `+peerColumns+` FROM open311_peer WHERE territory_id = @territory AND id = ?`, id)
	return p, err
}

var codeForm = regexp.MustCompile(`^[^\s=]{1,100}$`)

// check normalises a peer and returns the mistakes, field by field: nom, adresse,
// juridiction, cle, routes.
func (p *Peer) check(known map[string]bool) error {
	var wrong fault.Fields
	p.Name, p.URL = strings.TrimSpace(p.Name), strings.TrimRight(strings.TrimSpace(p.URL), "/")
	p.Jurisdiction, p.APIKey = strings.TrimSpace(p.Jurisdiction), strings.TrimSpace(p.APIKey)
	if n := utf8.RuneCountInString(p.Name); n == 0 || n > 100 {
		wrong.Add("nom", "open311.error.peer.name")
	}
	if _, err := open311.NewClient(open311.ClientOptions{Base: p.URL}); err != nil || len(p.URL) > 500 {
		wrong.Add("adresse", "open311.error.peer.url")
	}
	if len(p.Jurisdiction) > 200 {
		wrong.Add("juridiction", "open311.error.peer.long")
	}
	if len(p.APIKey) > 500 {
		wrong.Add("cle", "open311.error.peer.long")
	}
	for code, theirs := range p.Routes.V {
		if !known[code] {
			wrong.Add("routes", "open311.error.peer.category", "Code", code)
		} else if !codeForm.MatchString(theirs) {
			wrong.Add("routes", "open311.error.peer.service", "Code", code)
		}
	}
	return wrong.Err()
}

// SavePeer adds (ID 0) or changes another server. Conflict when somebody changed it
// in between.
func (e *Exchange) SavePeer(ctx context.Context, h store.Handle, p Peer) (Peer, error) {
	catalogue, err := e.book.Catalogue(ctx, h)
	if err != nil {
		return p, err
	}
	known := map[string]bool{}
	for _, s := range catalogue.Services {
		known[s.Code] = true
	}
	if err := p.check(known); err != nil {
		return p, err
	}
	err = h.Update(ctx, func(tx *store.Tx) error {
		if p.ID != 0 {
			n, err := tx.Exec(ctx, `UPDATE open311_peer SET name = ?, url = ?, jurisdiction = ?, api_key = ?, routes = ?, active = ?, version = version + 1, updated_at = ?
				WHERE territory_id = @territory AND id = ? AND version = ?`, p.Name, p.URL, p.Jurisdiction, p.APIKey, p.Routes, p.Active, tx.Now(), p.ID, p.Version)
			if err == nil && n == 0 {
				err = fault.New(fault.Conflict, "open311.error.peer.changed")
			}
			return err
		}
		var n int
		if err := tx.Get(ctx, &n, `SELECT COUNT(*) FROM open311_peer WHERE territory_id = @territory`); err != nil {
			return err
		}
		if n >= maxPeers {
			return fault.New(fault.Invalid, "open311.error.peer.many", "Max", maxPeers)
		}
		p.ID = store.NewID()
		_, err := tx.Exec(ctx, `INSERT INTO open311_peer (territory_id, updated_at, `+peerColumns+`) VALUES (@territory, ?, `+store.In(11)+`)`, tx.Now(),
			p.ID, p.Name, p.URL, p.Jurisdiction, p.APIKey, p.Routes, p.Active, tx.Now(), time.Time{}, "", 1)
		return err
	})
	return p, err
}

func (p Peer) client(allow []netip.Prefix) (*open311.Client, error) {
	return open311.NewClient(open311.ClientOptions{Base: p.URL, Jurisdiction: p.Jurisdiction, Key: p.APIKey, Allow: allow, Timeout: 20 * time.Second, Tries: 2})
}

func (p Peer) origin() string { return "peer:" + p.ID.String() }

// handoff is a report given to a peer.
type handoff struct {
	ReportID store.ID
	PeerID   store.ID
	RemoteID string
	Token    string
	State    string
	Failure  string
	Echo     string
}

const handoffColumns = `report_id, peer_id, remote_id, token, state, failure, echo`

// States of a handoff.
const (
	waiting = "waiting" // to be given
	sent    = "sent"    // given: its story is followed
	refused = "refused" // the other server does not take it
	ended   = "ended"   // closed on both sides
)

func handoffOf(ctx context.Context, tx *store.Tx, report, peer store.ID) (handoff, error) {
	var x handoff
	err := tx.Get(ctx, &x, `SELECT `+handoffColumns+` FROM open311_handoff WHERE territory_id = @territory AND report_id = ? AND peer_id = ?`, report, peer)
	return x, err
}

// echo remembers that a state comes from a peer, so that it is not told back.
func (b Reports) echo(ctx context.Context, h store.Handle, id store.ID, origin string, state report.State) error {
	peer, err := store.ParseID(strings.TrimPrefix(origin, "peer:"))
	if err != nil {
		return fmt.Errorf("open311: origin %q: %w", origin, err)
	}
	return h.Update(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE open311_handoff SET echo = ? WHERE territory_id = @territory AND report_id = ? AND peer_id = ?`, state, id, peer)
		return err
	})
}

// gone tells that a row was erased meanwhile: nothing is left to do.
func gone(err error) bool { return errors.Is(err, store.ErrNotFound) }
