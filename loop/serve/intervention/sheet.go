package intervention

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"parvis/core/crew"
	"parvis/platform/store"
	"parvis/platform/sync"
)

// sheet is a work order as devices read it. Times are milliseconds. No
// resident's name or contact is in it.
type sheet struct {
	UID         string               `json:"uid"`
	ID          store.ID             `json:"id"`
	Number      string               `json:"number"`
	Trade       store.ID             `json:"trade"`
	Nature      Nature               `json:"nature"`
	Priority    int                  `json:"priority"`
	State       State                `json:"state"`
	Title       string               `json:"title"`
	Description string               `json:"description,omitempty"`
	Lat         *float64             `json:"lat,omitempty"`
	Lon         *float64             `json:"lon,omitempty"`
	Address     string               `json:"address,omitempty"`
	Crew        store.ID             `json:"crew,omitempty"`
	Person      store.ID             `json:"person,omitempty"`
	Start       int64                `json:"start,omitempty"`
	End         int64                `json:"end,omitempty"`
	Due         int64                `json:"due,omitempty"`
	Done        int64                `json:"done,omitempty"`
	Answers     map[string]string    `json:"answers"`
	Quantity    float64              `json:"quantity"`
	Outcome     string               `json:"outcome,omitempty"`
	Reason      string               `json:"reason,omitempty"`
	Minutes     int64                `json:"minutes"`
	Checklist   map[string]sheetItem `json:"checklist"`
	Journal     []sheetLine          `json:"journal"`
	Asset       *sheetAsset          `json:"asset,omitempty"`
	Before      int                  `json:"before"` // earlier interventions at the same place
	Last        int64                `json:"last,omitempty"`
	Proposals   []sheetProposal      `json:"proposals,omitempty"`
}

type sheetItem struct {
	Verdict string `json:"verdict"`
	Value   string `json:"value,omitempty"`
	Note    string `json:"note,omitempty"`
}

type sheetLine struct {
	Op       string  `json:"op,omitempty"`
	Kind     string  `json:"kind"`
	Code     string  `json:"code,omitempty"`
	Text     string  `json:"text,omitempty"`
	Quantity float64 `json:"quantity,omitempty"`
	Minutes  int64   `json:"minutes,omitempty"`
	Cents    int64   `json:"cents,omitempty"`
	Phase    string  `json:"phase,omitempty"`
	SHA256   string  `json:"sha256,omitempty"`
	File     string  `json:"file,omitempty"` // waiting, ready, refused
	ID       string  `json:"id,omitempty"`   // of a photo that can be seen online
	At       int64   `json:"at"`
	Received int64   `json:"received"`
}

type sheetAsset struct {
	Kind  string `json:"kind"`
	Code  string `json:"code"`
	Name  string `json:"name"`
	State string `json:"state"`
}

type sheetProposal struct {
	ID     string          `json:"id"`
	Field  string          `json:"field"`
	Value  json.RawMessage `json:"value"`
	Server json.RawMessage `json:"server"`
	At     int64           `json:"at"`
}

// shownLines is how many lines of the journal a device gets.
const shownLines = 60

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// sheets reads what devices show of some orders.
func (s *Service) sheets(ctx context.Context, tx *store.Tx, list []Order) ([]sheet, error) {
	ids := make([]store.ID, len(list))
	for i, o := range list {
		ids[i] = o.ID
	}
	journals, err := s.journals(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	waiting, err := s.sync.Proposals(ctx, tx, entityKind, "")
	if err != nil {
		return nil, err
	}
	out := make([]sheet, 0, len(list))
	for _, o := range list {
		x := sheet{UID: o.UID, ID: o.ID, Number: o.Number, Trade: o.TradeID, Nature: o.Nature, Priority: o.Priority, State: o.State, Title: o.Title, Description: o.Description,
			Lat: o.Lat, Lon: o.Lon, Address: o.Address, Crew: o.CrewID, Person: o.PersonID, Start: millis(o.PlannedStart), End: millis(o.PlannedEnd), Due: millis(o.DueAt), Done: millis(o.DoneAt),
			Answers: o.Answers.V, Quantity: o.Quantity, Outcome: o.Outcome, Reason: o.Reason, Minutes: o.Minutes, Checklist: map[string]sheetItem{}, Journal: []sheetLine{}}
		items, err := s.Items(ctx, tx, o.ID)
		if err != nil {
			return nil, err
		}
		for k, r := range items {
			x.Checklist[k] = sheetItem{r.Verdict, r.Value, r.Note}
		}
		lines := journals[o.ID]
		for _, e := range lines[max(0, len(lines)-shownLines):] {
			l := sheetLine{Op: e.OpID, Kind: string(e.Kind), Code: e.Code, Text: e.Text, Quantity: e.Quantity, Minutes: e.Minutes, Cents: e.Cents, Phase: e.Phase, SHA256: e.SHA256, File: e.FileState,
				At: millis(e.HappenedAt), Received: millis(e.ReceivedAt)}
			if e.FileState == fileReady {
				l.ID = e.ID.String()
			}
			x.Journal = append(x.Journal, l)
		}
		for _, p := range waiting {
			if p.Entity == o.UID {
				x.Proposals = append(x.Proposals, sheetProposal{p.ID, p.Field, p.Value.V, p.ServerValue.V, millis(p.HappenedAt)})
			}
		}
		if err := s.place(ctx, tx, o, &x); err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, nil
}

// place adds what is known of the place: its asset, how often one came.
func (s *Service) place(ctx context.Context, tx *store.Tx, o Order, x *sheet) error {
	if o.AssetID != 0 {
		a, err := s.Asset(ctx, tx, o.AssetID)
		if err != nil {
			return err
		}
		x.Asset = &sheetAsset{a.Kind, a.Code, a.Name, a.State}
	}
	if o.Place == "" {
		return nil
	}
	var before struct {
		Count int
		Last  *int64
	}
	if err := tx.Get(ctx, &before, `SELECT COUNT(*) AS count, MAX(done_at) AS last FROM intervention WHERE territory_id = @territory AND trade_id = ? AND place = ? AND id <> ? AND done_at IS NOT NULL`,
		o.TradeID, o.Place, o.ID); err != nil {
		return fmt.Errorf("intervention: what happened at a place: %w", err)
	}
	x.Before = before.Count
	if before.Last != nil {
		x.Last = *before.Last / 1000
	}
	return nil
}

// base is what a device needs beside the orders.
type base struct {
	Person    store.ID        `json:"person"`
	Name      string          `json:"name"`
	Territory string          `json:"territory"`
	Chief     bool            `json:"chief"`
	Crews     []baseCrew      `json:"crews"`
	Mine      []store.ID      `json:"mine"`
	Trades    []baseTrade     `json:"trades"`
	Contours  json.RawMessage `json:"contours,omitempty"`
	Centre    [2]float64      `json:"centre"`
}

type baseCrew struct {
	ID   store.ID `json:"id"`
	Name string   `json:"name"`
}

type baseTrade struct {
	ID      store.ID `json:"id"`
	Code    string   `json:"code"`
	Name    string   `json:"name"`
	Active  bool     `json:"active"`
	Version int64    `json:"version"`
	Config  Config   `json:"config"`
}

// baseOf gathers it for a person.
func (s *Service) baseOf(ctx context.Context, tx *store.Tx, who sync.Who, name string) (base, error) {
	b := base{Person: who.Person, Name: name, Chief: who.May(string(MayPlan)), Crews: []baseCrew{}, Mine: []store.ID{}, Trades: []baseTrade{}}
	w, err := s.Where(ctx, tx)
	if err != nil {
		return b, err
	}
	b.Territory, b.Centre = w.Name, [2]float64{w.Lat, w.Lon}
	crews, err := crew.List(ctx, tx, false)
	if err != nil {
		return b, err
	}
	for _, c := range crews {
		b.Crews = append(b.Crews, baseCrew{c.ID, c.Name})
	}
	if b.Mine, err = crew.Of(ctx, tx, who.Person); err != nil {
		return b, err
	}
	trades, err := s.Trades(ctx, tx, true)
	if err != nil {
		return b, err
	}
	for _, t := range trades {
		b.Trades = append(b.Trades, baseTrade{t.ID, t.Code, t.Name, t.Active, t.Version, t.Config.V})
	}
	if s.Contours != nil {
		b.Contours, err = s.Contours(ctx, tx)
	}
	return b, err
}
