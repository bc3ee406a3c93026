package dossier

import (
	"context"
	"errors"
	"net/http"
	"time"

	"parvis/platform/api"
	"parvis/platform/fault"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/web"
)

type trackIn struct {
	Body struct {
		Number  string `json:"number" minLength:"1" maxLength:"40" doc:"dossier.api.number"`
		Contact string `json:"contact" minLength:"1" maxLength:"254" doc:"dossier.api.contact"`
	}
}

type readIn struct {
	Token string `path:"token" maxLength:"64" doc:"dossier.api.token"`
}

// tracking is a request as its requester sees it.
type tracking struct {
	Token    string         `json:"token" doc:"dossier.api.token"`
	Number   string         `json:"number" doc:"dossier.api.number"`
	Title    string         `json:"title" doc:"dossier.api.title"`
	Stage    string         `json:"stage" doc:"dossier.api.stage"`
	Label    string         `json:"label" doc:"dossier.api.label"`
	OpenedAt time.Time      `json:"openedAt" doc:"dossier.api.opened"`
	DueAt    *time.Time     `json:"dueAt,omitempty" doc:"dossier.api.due"`
	ClosedAt *time.Time     `json:"closedAt,omitempty" doc:"dossier.api.closed"`
	Paused   bool           `json:"paused" doc:"dossier.api.paused"`
	Timeline []trackingStep `json:"timeline" nullable:"false" doc:"dossier.api.timeline"`
}

type trackingStep struct {
	At   time.Time `json:"at" doc:"dossier.api.at"`
	Kind string    `json:"kind" doc:"dossier.api.kind"`
	Text string    `json:"text" doc:"dossier.api.text"`
	Body string    `json:"body,omitempty" doc:"dossier.api.body"`
}

type trackOut struct{ Body tracking }

func (e *Engine) register(g *api.Group) {
	api.Register(g, api.Operation{ID: "tracking-find", Method: http.MethodPost, Path: "/tracking", Permission: web.Public, Rate: web.Careful,
		Summary: "dossier.api.find", Description: "dossier.api.find.text"},
		func(ctx context.Context, r *api.Request, in *trackIn) (*trackOut, error) {
			token, err := e.lookup(ctx, r.Store, in.Body.Number, in.Body.Contact)
			if err != nil {
				return nil, inEnglish(err)
			}
			return e.track(ctx, r.Store, token)
		})
	api.Register(g, api.Operation{ID: "tracking-read", Method: http.MethodGet, Path: "/tracking/{token}", Permission: web.Public,
		Summary: "dossier.api.read"},
		func(ctx context.Context, r *api.Request, in *readIn) (*trackOut, error) {
			return e.track(ctx, r.Store, in.Token)
		})
}

// inEnglish gives the fields their name in the API.
func inEnglish(err error) error {
	f := fault.Of(err)
	for i := range f.Fields {
		if f.Fields[i].Name == "numero" {
			f.Fields[i].Name = "number"
		}
	}
	return err
}

func (e *Engine) track(ctx context.Context, h store.Handle, token string) (*trackOut, error) {
	var d Dossier
	var entries []Entry
	err := h.View(ctx, func(tx *store.Tx) error {
		own, follower, err := e.ByLink(ctx, tx, token)
		if err != nil {
			return err
		}
		if d, err = e.Kept(ctx, tx, own); err != nil {
			return err
		}
		entries, err = e.public(ctx, tx, d, follower != 0 || d.ID != own.ID)
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		return nil, fault.New(fault.NotFound, "dossier.error.link").Because(err)
	}
	if err != nil {
		return nil, err
	}
	s, _ := e.kinds[d.Kind].stage(d.Stage)
	out := tracking{Token: token, Number: d.Number, Title: d.Title, Stage: d.Stage, Label: i18n.T(ctx, s.Label), OpenedAt: d.OpenedAt,
		DueAt: some(d.DueAt), ClosedAt: some(d.ClosedAt), Paused: d.Paused(), Timeline: []trackingStep{}}
	for _, x := range entries {
		out.Timeline = append(out.Timeline, trackingStep{At: x.At, Kind: string(x.Kind), Text: title(ctx, x), Body: x.Body})
	}
	return &trackOut{out}, nil
}

func some(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
