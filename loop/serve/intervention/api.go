package intervention

import (
	"context"
	"time"

	"parvis/platform/api"
	"parvis/platform/store"
	"parvis/platform/web"
)

type (
	orderOut struct {
		ID          store.ID          `json:"id"`
		UID         string            `json:"uid" doc:"identifier that devices use (UUIDv7)"`
		Number      string            `json:"number"`
		Trade       store.ID          `json:"trade"`
		State       State             `json:"state"`
		Nature      Nature            `json:"nature"`
		Priority    int               `json:"priority"`
		Title       string            `json:"title"`
		Description string            `json:"description,omitempty"`
		Lat         *float64          `json:"lat,omitempty"`
		Lon         *float64          `json:"lon,omitempty"`
		Address     string            `json:"address,omitempty"`
		Asset       store.ID          `json:"asset,omitempty"`
		Crew        store.ID          `json:"crew,omitempty"`
		Start       *time.Time        `json:"start,omitempty"`
		End         *time.Time        `json:"end,omitempty"`
		Due         *time.Time        `json:"due,omitempty"`
		Done        *time.Time        `json:"done,omitempty"`
		Received    *time.Time        `json:"received,omitempty" doc:"when the town hall learnt that it was done"`
		Answers     map[string]string `json:"answers"`
		Quantity    float64           `json:"quantity"`
		Outcome     string            `json:"outcome,omitempty"`
		Reason      string            `json:"reason,omitempty"`
		Minutes     int64             `json:"minutes"`
		Cents       int64             `json:"cents"`
		Origin      Origin            `json:"origin"`
		OriginRef   string            `json:"originRef,omitempty"`
	}
	oneOrder struct{ Body orderOut }
	orderID  struct {
		ID store.ID `path:"id"`
	}
	listOrders struct {
		api.Paging
		State string   `query:"state" maxLength:"20"`
		Trade store.ID `query:"trade"`
		Crew  store.ID `query:"crew"`
	}
	openOrder struct {
		Body struct {
			Trade       store.ID `json:"trade"`
			Title       string   `json:"title" maxLength:"160"`
			Description string   `json:"description,omitempty" maxLength:"4000"`
			Priority    int      `json:"priority,omitempty" minimum:"1" maximum:"3"`
			Lat         *float64 `json:"lat,omitempty"`
			Lon         *float64 `json:"lon,omitempty"`
			Address     string   `json:"address,omitempty" maxLength:"200"`
			Asset       store.ID `json:"asset,omitempty"`
			Crew        store.ID `json:"crew,omitempty"`
			Origin      string   `json:"origin,omitempty" maxLength:"100" doc:"reference in your own software: the same one again gives the same order"`
		}
	}
	moveOrder struct {
		ID   store.ID `path:"id"`
		Body struct {
			State  State  `json:"state" enum:"started,suspended,done,checked,cancelled,moot,impossible"`
			Reason string `json:"reason,omitempty" maxLength:"500"`
		}
	}
	planOrder struct {
		ID   store.ID `path:"id"`
		Body struct {
			Crew    store.ID  `json:"crew,omitempty"`
			Start   time.Time `json:"start"`
			Minutes int       `json:"minutes,omitempty" minimum:"1" maximum:"20160"`
			Overlap bool      `json:"overlap,omitempty"`
		}
	}
	tradeOut struct {
		ID      store.ID `json:"id"`
		Code    string   `json:"code"`
		Name    string   `json:"name"`
		Active  bool     `json:"active"`
		Version int64    `json:"version"`
		Config  Config   `json:"config"`
	}
	tradesOut struct {
		Body struct {
			Items []tradeOut `json:"items"`
		}
	}
	placesIn struct {
		Trade store.ID  `query:"trade" required:"true"`
		From  time.Time `query:"from" required:"true"`
		To    time.Time `query:"to" required:"true"`
		Top   int       `query:"top" minimum:"1" maximum:"500" default:"50"`
	}
	placeOut struct {
		Place   string   `json:"place"`
		Label   string   `json:"label,omitempty"`
		Asset   store.ID `json:"asset,omitempty"`
		Lat     *float64 `json:"lat,omitempty"`
		Lon     *float64 `json:"lon,omitempty"`
		Count   int      `json:"count"`
		Days    float64  `json:"medianDays"`
		Reached bool     `json:"medianReached" doc:"false: more than half are still clean, the median is beyond medianDays"`
		Spans   int      `json:"spans"`
		Minutes int64    `json:"minutes"`
		Cents   int64    `json:"cents"`
		Last    string   `json:"last"`
	}
	placesOut struct {
		Body struct {
			Count  int        `json:"count"`
			Places int        `json:"places"`
			Days   float64    `json:"medianDays"`
			Items  []placeOut `json:"items"`
		}
	}
	importIn struct {
		Kind string `query:"kind" maxLength:"60"`
		Body struct {
			File string `json:"file" maxLength:"20000000" doc:"text of the CSV or GeoJSON"`
		}
	}
	importOut struct {
		Body struct {
			Rows    int          `json:"rows"`
			Added   int          `json:"added"`
			Changed int          `json:"changed"`
			Refused []refusedOut `json:"refused"`
		}
	}
	refusedOut struct {
		Line   int      `json:"line"`
		Fields []string `json:"fields"`
	}
)

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func (o Order) outside() orderOut {
	return orderOut{o.ID, o.UID, o.Number, o.TradeID, o.State, o.Nature, o.Priority, o.Title, o.Description, o.Lat, o.Lon, o.Address, o.AssetID, o.CrewID, moment(o.PlannedStart), moment(o.PlannedEnd), moment(o.DueAt),
		moment(o.DoneAt), moment(o.DoneReceivedAt), o.Answers.V, o.Quantity, o.Outcome, o.Reason, o.Minutes, o.Cents, o.Origin, o.OriginRef}
}

// operations are what the pages do, for the business software of the services.
func (s *Service) operations(g *api.Group) {
	op := func(id, method, path string, p web.Permission) api.Operation {
		return api.Operation{ID: "intervention-" + id, Method: method, Path: path, Permission: p, Summary: "intervention.api." + id}
	}
	api.Register(g, op("list", "GET", "/interventions", MayRead), s.apiList)
	api.Register(g, op("get", "GET", "/interventions/{id}", MayRead), s.apiGet)
	api.Register(g, op("open", "POST", "/interventions", MayWork), s.apiOpen)
	api.Register(g, op("plan", "POST", "/interventions/{id}/plan", MayPlan), s.apiPlan)
	api.Register(g, op("move", "POST", "/interventions/{id}/state", MayWork), s.apiMove)
	api.Register(g, op("trades", "GET", "/intervention-trades", MayRead), s.apiTrades)
	api.Register(g, op("places", "GET", "/intervention-places", MayRead), s.apiPlaces)
	big := op("import", "POST", "/intervention-assets/import", MaySet)
	big.MaxBody = maxImport + 1<<20
	api.Register(g, big, s.apiImport)
}

func (s *Service) apiList(ctx context.Context, r *api.Request, in *listOrders) (*api.Page[orderOut], error) {
	f := Filter{Trade: in.Trade, Crew: in.Crew, Since: 1}
	if in.State != "" {
		f.States = []State{State(in.State)}
	}
	if !in.First() {
		if err := in.Key(&f.Since); err != nil {
			return nil, err
		}
	}
	var rows []orderOut
	err := r.Store.View(ctx, func(tx *store.Tx) error {
		list, err := s.List(ctx, tx, f, in.Rows())
		rows = nil
		for _, o := range list {
			rows = append(rows, o.outside())
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return api.List(r, in.Paging, rows, func(o orderOut) []any { return []any{o.ID} }), nil
}

func (s *Service) apiGet(ctx context.Context, r *api.Request, in *orderID) (*oneOrder, error) {
	var o Order
	err := r.Store.View(ctx, func(tx *store.Tx) (err error) {
		o, err = s.Get(ctx, tx, in.ID)
		return err
	})
	return &oneOrder{o.outside()}, err
}

func (s *Service) apiOpen(ctx context.Context, r *api.Request, in *openOrder) (*oneOrder, error) {
	b := in.Body
	o := Order{TradeID: b.Trade, Title: b.Title, Description: b.Description, Priority: b.Priority, Lat: b.Lat, Lon: b.Lon, Address: b.Address, AssetID: b.Asset, CrewID: b.Crew, Origin: FromOffice, CreatedBy: r.Actor.ID}
	if b.Origin != "" {
		o.OriginRef = "api:" + b.Origin
	}
	err := r.Store.Update(ctx, func(tx *store.Tx) (err error) {
		made, err := s.Open(ctx, tx, o)
		if err == nil {
			o = made
		}
		return err
	})
	return &oneOrder{o.outside()}, err
}

func (s *Service) apiPlan(ctx context.Context, r *api.Request, in *planOrder) (*oneOrder, error) {
	var o Order
	err := r.Store.Update(ctx, func(tx *store.Tx) (err error) {
		o, err = s.Schedule(ctx, tx, in.ID, Slot{Crew: in.Body.Crew, Start: in.Body.Start, Minutes: in.Body.Minutes, Overlap: in.Body.Overlap}, r.Actor.ID)
		return err
	})
	return &oneOrder{o.outside()}, err
}

func (s *Service) apiMove(ctx context.Context, r *api.Request, in *moveOrder) (*oneOrder, error) {
	var o Order
	err := r.Store.Update(ctx, func(tx *store.Tx) (err error) {
		o, err = s.Advance(ctx, tx, in.ID, Move{To: in.Body.State, Reason: in.Body.Reason, By: r.Actor.ID, Chief: r.Actor.Can(MayPlan)})
		return err
	})
	return &oneOrder{o.outside()}, err
}

func (s *Service) apiTrades(ctx context.Context, r *api.Request, _ *struct{}) (*tradesOut, error) {
	out := &tradesOut{}
	out.Body.Items = []tradeOut{}
	err := r.Store.View(ctx, func(tx *store.Tx) error {
		list, err := s.Trades(ctx, tx, true)
		for _, t := range list {
			out.Body.Items = append(out.Body.Items, tradeOut{t.ID, t.Code, t.Name, t.Active, t.Version, t.Config.V})
		}
		return err
	})
	return out, err
}

func (s *Service) apiPlaces(ctx context.Context, r *api.Request, in *placesIn) (*placesOut, error) {
	out := &placesOut{}
	out.Body.Items = []placeOut{}
	err := r.Store.View(ctx, func(tx *store.Tx) error {
		x, err := s.Recurrence(ctx, tx, RecurrenceQuery{Trade: in.Trade, From: in.From, To: in.To, Top: in.Top})
		out.Body.Count, out.Body.Places, out.Body.Days = x.Count, x.Places, x.Days
		for _, p := range x.Top {
			out.Body.Items = append(out.Body.Items, placeOut{p.Key, p.Label, p.AssetID, p.Lat, p.Lon, p.Count, p.Days, p.Known, p.Spans, p.Minutes, p.Cents, p.Last.Format(time.DateOnly)})
		}
		return err
	})
	return out, err
}

func (s *Service) apiImport(ctx context.Context, r *api.Request, in *importIn) (*importOut, error) {
	x, err := s.ImportAssets(ctx, r.Store, []byte(in.Body.File), in.Kind)
	if err != nil {
		return nil, err
	}
	out := &importOut{}
	out.Body.Rows, out.Body.Added, out.Body.Changed, out.Body.Refused = x.Rows, x.Added, x.Changed, []refusedOut{}
	for _, row := range x.Refused {
		ref := refusedOut{Line: row.Line}
		for _, w := range row.Why {
			ref.Fields = append(ref.Fields, w.Name)
		}
		out.Body.Refused = append(out.Body.Refused, ref)
	}
	return out, nil
}
