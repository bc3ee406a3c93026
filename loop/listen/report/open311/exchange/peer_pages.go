package exchange

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"parvis/platform/fault"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// peersView is the page of the interface.
type peersView struct {
	Done    string
	Facts   []page.Fact
	Table   page.TableData
	Empty   *page.EmptyData
	New     page.ButtonData
	Refused *page.TableData
}

// showPeers says where the interface is, and to whom what is handed.
func (e *Exchange) showPeers(c *web.Context) error {
	var peers []Peer
	var counts []struct {
		PeerID store.ID
		State  string
		N      int
	}
	var refusals []struct {
		Number, Failure string
		ReportID        store.ID
		PeerID          store.ID
	}
	err := c.Store.View(c.Ctx(), func(tx *store.Tx) (err error) {
		if peers, err = e.Peers(c.Ctx(), tx); err != nil {
			return err
		}
		if err = tx.Select(c.Ctx(), &counts, `SELECT peer_id, state, COUNT(*) AS n FROM open311_handoff WHERE territory_id = @territory GROUP BY peer_id, state`); err != nil {
			return err
		}
		return tx.Select(c.Ctx(), &refusals, `SELECT r.number, h.failure, h.report_id, h.peer_id FROM open311_handoff h
			JOIN report r ON r.territory_id = h.territory_id AND r.id = h.report_id WHERE h.territory_id = @territory AND r.territory_id = @territory AND h.state = ?
			ORDER BY h.report_id DESC LIMIT 50`, refused)
	})
	if err != nil {
		return err
	}
	place, err := e.Here(c.Ctx(), c.Found.Territory)
	if err != nil {
		return err
	}
	v := peersView{Done: c.TakeFlash(), New: page.ButtonData{Label: c.T("open311.page.new"), Icon: "plus", Kind: "primary", Href: c.Href(peersPath + "/serveur")},
		Facts: []page.Fact{{Label: c.T("open311.page.address"), Value: place.URL + Path}, {Label: c.T("open311.page.jurisdiction"), Value: strings.Join(place.Names, ", ")},
			{Label: c.T("open311.page.keys"), Value: c.T("open311.page.keys.text")}}}
	if len(peers) == 0 {
		v.Empty = &page.EmptyData{Drawing: "hall", Title: c.T("open311.page.none"), Text: c.T("open311.page.none.text"), Actions: []page.ButtonData{v.New}}
	}
	v.Table = page.TableData{Caption: c.T("open311.page.peers"), CaptionHidden: true, Columns: []page.Column{{Label: c.T("open311.page.name")},
		{Label: c.T("open311.page.categories")}, {Label: c.T("open311.page.sent")}, {Label: c.T("open311.page.refused")}, {Label: c.T("open311.page.state")}}}
	for _, p := range peers {
		n := map[string]int{}
		for _, x := range counts {
			if x.PeerID == p.ID {
				n[x.State] += x.N
			}
		}
		v.Table.Rows = append(v.Table.Rows, []page.Cell{{Text: p.Name, Href: c.Href(peersPath + "/serveur/" + p.ID.String()), Note: p.URL, Head: true},
			{Text: strconv.Itoa(len(p.Routes.V))}, {Text: strconv.Itoa(n[sent] + n[ended])}, {Text: strconv.Itoa(n[refused])}, {Body: page.Badge(peerState(c, p))}})
	}
	if len(refusals) > 0 {
		t := page.TableData{Caption: c.T("open311.page.refusals"), Columns: []page.Column{{Label: c.T("open311.page.report")}, {Label: c.T("open311.page.name")}, {Label: c.T("open311.page.said")}}}
		for _, x := range refusals {
			t.Rows = append(t.Rows, []page.Cell{{Text: x.Number, Href: c.Href("/bureau/signalements/" + x.ReportID.String()), Head: true}, {Text: nameOf(peers, x.PeerID)}, {Text: x.Failure}})
		}
		v.Refused = &t
	}
	p, err := c.StaffPage(c.T("open311.page.title"))
	if err != nil {
		return err
	}
	p.Heading, p.Lead = c.T("open311.page.title"), c.T("open311.page.lead")
	return c.Render(peersPage(p, v))
}

func nameOf(peers []Peer, id store.ID) string {
	for _, p := range peers {
		if p.ID == id {
			return p.Name
		}
	}
	return ""
}

func peerState(c *web.Context, p Peer) (kind, word string) {
	switch {
	case !p.Active:
		return "line", c.T("open311.page.off")
	case !p.FailedAt.IsZero():
		return "late", c.T("open311.page.failing", "When", i18n.DayTimeRelative(c.Ctx(), p.FailedAt, c.Now()))
	}
	return "ok", c.T("open311.page.on")
}

// peerForm is what was typed.
type peerForm struct {
	Action                       string
	Name, URL, Jurisdiction, Key string
	HasKey                       bool
	Routes                       string
	Active                       bool
	Version                      string
	Known                        string // codes that may be handed, for the hint
	Errors                       []page.FieldError
}

func (e *Exchange) askPeer(c *web.Context) error {
	p := Peer{Active: true}
	if c.Param("id") != "" {
		var err error
		if p, err = e.peerOf(c); err != nil {
			return err
		}
	}
	f := peerForm{Name: p.Name, URL: p.URL, Jurisdiction: p.Jurisdiction, HasKey: p.APIKey != "", Active: p.Active, Version: strconv.FormatInt(p.Version, 10)}
	for _, code := range slices.Sorted(maps.Keys(p.Routes.V)) {
		f.Routes += code + " = " + p.Routes.V[code] + "\n"
	}
	return e.renderPeer(c, http.StatusOK, f)
}

func (e *Exchange) peerOf(c *web.Context) (p Peer, err error) {
	id, err := c.ID("id")
	if err != nil {
		return p, err
	}
	err = c.Store.View(c.Ctx(), func(tx *store.Tx) (err error) {
		p, err = peerByID(c.Ctx(), tx, id)
		return err
	})
	return p, err
}

func (e *Exchange) renderPeer(c *web.Context, status int, f peerForm) error {
	catalogue, err := e.book.Catalogue(c.Ctx(), c.Store)
	if err != nil {
		return err
	}
	codes := make([]string, len(catalogue.Services))
	for i, s := range catalogue.Services {
		codes[i] = s.Code
	}
	f.Known, f.Action = strings.Join(codes, ", "), c.Href(peersPath+"/serveur")
	title := c.T("open311.page.new")
	if id := c.Param("id"); id != "" {
		f.Action += "/" + id
		title = c.T("open311.page.change")
	}
	p, err := c.StaffPage(title)
	if err != nil {
		return err
	}
	p.Heading, p.HasError = title, len(f.Errors) > 0
	p.Crumbs = []page.Link{{Label: c.T("open311.page.title"), Href: c.Href(peersPath)}, {Label: title}}
	return c.RenderStatus(status, peerPage(p, f))
}

func (e *Exchange) savePeer(c *web.Context) error {
	var p Peer
	if c.Param("id") != "" {
		var err error
		if p, err = e.peerOf(c); err != nil {
			return err
		}
	}
	in, err := c.Form()
	if err != nil {
		return err
	}
	f := peerForm{Name: in.Get("nom"), URL: in.Get("adresse"), Jurisdiction: in.Get("juridiction"), HasKey: p.APIKey != "", Routes: in.Get("routes"),
		Active: in.Get("actif") != "", Version: in.Get("version")}
	p.Name, p.URL, p.Jurisdiction, p.Active = f.Name, f.URL, f.Jurisdiction, f.Active
	if key := strings.TrimSpace(in.Get("cle")); key != "" { // an empty field keeps the key
		p.APIKey = key
	}
	if p.ID != 0 {
		p.Version, _ = strconv.ParseInt(f.Version, 10, 64) // anything else changes nothing: the version does not fit
	}
	var line int
	if p.Routes.V, line = readRoutes(f.Routes); line > 0 {
		err = fault.Fields{{Name: "routes", Key: "open311.error.peer.line", Args: []any{"Line", line}}}.Err()
	} else {
		_, err = e.SavePeer(c.Ctx(), c.Store, p)
	}
	if fields, ok := c.FieldErrors(err); ok {
		f.Errors = fields
		return e.renderPeer(c, http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return fmt.Errorf("open311: saving another server: %w", err)
	}
	c.Flash(c.T("open311.page.saved", "Name", p.Name))
	return c.Redirect(peersPath)
}

// readRoutes reads « our code = their code », one a line; line is the first that is
// not, 0 when all are.
func readRoutes(text string) (routes map[string]string, line int) {
	routes = map[string]string{}
	for i, l := range strings.Split(text, "\n") {
		if l = strings.TrimSpace(l); l == "" {
			continue
		}
		ours, theirs, ok := strings.Cut(l, "=")
		ours, theirs = strings.TrimSpace(ours), strings.TrimSpace(theirs)
		if !ok || ours == "" || theirs == "" || len(routes) >= 300 {
			return routes, i + 1
		}
		routes[ours] = theirs
	}
	return routes, 0
}

// keyHint says whether a key is kept: it is never shown again.
func keyHint(ctx context.Context, f peerForm) string {
	if f.HasKey {
		return i18n.T(ctx, "open311.page.key.kept")
	}
	return i18n.T(ctx, "open311.page.key.hint")
}
