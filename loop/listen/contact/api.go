package contact

import (
	"context"
	"net/http"
	"slices"
	"time"

	"parvis/platform/api"
	"parvis/platform/fault"
	"parvis/platform/store"
)

type entryOut struct {
	ID         store.ID  `json:"id" doc:"contact.api.id"`
	Channel    Channel   `json:"channel" doc:"contact.api.channel"`
	Kind       Kind      `json:"kind" doc:"contact.api.kind"`
	State      State     `json:"state" doc:"contact.api.state"`
	Text       string    `json:"text" doc:"contact.api.text"`
	Area       string    `json:"area,omitempty" doc:"contact.api.area"`
	Number     string    `json:"number,omitempty" doc:"contact.api.number"`
	ReceivedAt time.Time `json:"receivedAt" doc:"contact.api.received"`
}

type keyIn struct {
	Body struct {
		Channel Channel `json:"channel" doc:"contact.api.channel"`
		Kind    Kind    `json:"kind" doc:"contact.api.kind"`
		Text    string  `json:"text" doc:"contact.api.text"`
		Area    string  `json:"area,omitempty" doc:"contact.api.area"`
		Key     string  `json:"key" doc:"contact.api.key" minLength:"1" maxLength:"100"`
	}
}

// operations are the ledger for other programs: a call centre, a scanner of
// questionnaires.
func (s *Service) operations(g *api.Group) {
	api.Register(g, api.Operation{ID: "contact-entries", Method: http.MethodGet, Path: "/contributions", Permission: MayRead, Summary: "contact.api.list"}, s.apiList)
	api.Register(g, api.Operation{ID: "contact-key", Method: http.MethodPost, Path: "/contributions", Permission: MayWrite, Summary: "contact.api.add"}, s.apiKey)
}

func out(e Entry) entryOut {
	return entryOut{e.ID, e.Channel, e.Kind, e.State, e.Text, e.Area, e.Number, e.ReceivedAt}
}

func (s *Service) apiList(ctx context.Context, r *api.Request, in *struct{ api.Paging }) (*api.Page[entryOut], error) {
	var f Filter
	if !in.First() {
		if err := in.Key(&f.Before); err != nil {
			return nil, err
		}
	}
	var rows []entryOut
	err := r.Store.View(ctx, func(tx *store.Tx) error {
		list, err := s.List(ctx, tx, f, in.Rows())
		rows = nil
		for _, e := range list {
			rows = append(rows, out(e))
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return api.List(r, in.Paging, rows, func(e entryOut) []any { return []any{e.ID} }), nil
}

func (s *Service) apiKey(ctx context.Context, r *api.Request, in *keyIn) (*struct{ Body entryOut }, error) {
	if !slices.Contains(Keyed(), in.Body.Channel) {
		return nil, fault.Fields{{Name: "channel", Key: "contact.error.channel"}}.Err()
	}
	e, err := s.Key(ctx, r.Store, Entry{Key: "api:" + in.Body.Key, Channel: in.Body.Channel, Kind: in.Body.Kind, Text: in.Body.Text, Area: in.Body.Area, KeyedBy: r.Actor.ID}, Person{})
	if err != nil {
		return nil, err
	}
	return &struct{ Body entryOut }{out(e)}, nil
}
