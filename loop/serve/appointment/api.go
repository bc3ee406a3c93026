package appointment

import (
	"context"
	"time"

	"parvis/core/territory"
	"parvis/platform/api"
	"parvis/platform/store"
	"parvis/platform/web"
)

type (
	reasonOut struct {
		ID      store.ID `json:"id"`
		Name    string   `json:"name"`
		Team    string   `json:"team,omitempty"`
		Minutes int      `json:"minutes"`
		Mode    Mode     `json:"mode" enum:"onsite,phone,video,home"`
		Online  bool     `json:"online"`
		Before  string   `json:"before,omitempty" doc:"restriction to read before booking"`
		Bring   string   `json:"bring,omitempty" doc:"what to bring"`
	}
	reasonsOut struct {
		Body struct {
			Items []reasonOut `json:"items"`
		}
	}
	slotsIn struct {
		Reason store.ID  `path:"reason"`
		Place  store.ID  `query:"place"`
		From   time.Time `query:"from" doc:"first start wanted, RFC 3339"`
		Days   int       `query:"days" minimum:"1" maximum:"62" default:"14"`
		Limit  int       `query:"limit" minimum:"1" maximum:"500" default:"100"`
	}
	slotOut struct {
		Start time.Time `json:"start"`
		End   time.Time `json:"end"`
		Place store.ID  `json:"place,omitempty"`
	}
	slotsOut struct {
		Body struct {
			Items []slotOut  `json:"items"`
			Next  *time.Time `json:"next,omitempty" doc:"first free start after these"`
		}
	}
	bookIn struct {
		Body struct {
			Reason    store.ID  `json:"reason"`
			Place     store.ID  `json:"place,omitempty"`
			Start     time.Time `json:"start"`
			FirstName string    `json:"firstName" maxLength:"500"`
			LastName  string    `json:"lastName" maxLength:"500"`
			Phone     string    `json:"phone,omitempty" maxLength:"100"`
			Email     string    `json:"email,omitempty" maxLength:"500"`
			OnBehalf  string    `json:"onBehalf,omitempty" maxLength:"500"`
			Lang      string    `json:"lang,omitempty" enum:"fr,en"`
		}
	}
	appointmentOut struct {
		ID      store.ID  `json:"id"`
		Number  string    `json:"number"`
		Reason  store.ID  `json:"reason"`
		Place   store.ID  `json:"place,omitempty"`
		Start   time.Time `json:"start"`
		End     time.Time `json:"end"`
		Status  Status    `json:"status" enum:"booked,seen,excused,revoked,noshow"`
		Channel Channel   `json:"channel"`
	}
	oneOut struct{ Body appointmentOut }
	oneIn  struct {
		ID store.ID `path:"id"`
	}
	moveIn struct {
		ID   store.ID `path:"id"`
		Body struct {
			Start time.Time `json:"start"`
			Place store.ID  `json:"place,omitempty"`
		}
	}
	markIn struct {
		ID   store.ID `path:"id"`
		Body struct {
			Status Status `json:"status" enum:"booked,seen,noshow"`
		}
	}
	listIn struct {
		From  time.Time `query:"from" required:"true"`
		To    time.Time `query:"to" required:"true"`
		Place store.ID  `query:"place"`
		Limit int       `query:"limit" minimum:"1" maximum:"1000" default:"200"`
	}
	listOut struct {
		Body struct {
			Items []appointmentOut `json:"items"`
		}
	}
)

func (a Appointment) outside() appointmentOut {
	return appointmentOut{a.ID, a.Number, a.ReasonID, a.PlaceID, a.StartsAt, a.EndsAt, a.Status, a.Channel}
}

// operations are what the pages do, for other programs. Reading slots is open
// to all; booking needs a key, since no code proves the way of contact there.
func (s *Service) operations(g *api.Group) {
	op := func(id, method, path string, p web.Permission) api.Operation {
		return api.Operation{ID: "appointment-" + id, Method: method, Path: path, Permission: p, Summary: "appointment.api." + id}
	}
	api.Register(g, op("reasons", "GET", "/appointment-reasons", web.Public), s.apiReasons)
	api.Register(g, op("slots", "GET", "/appointment-reasons/{reason}/slots", web.Public), s.apiSlots)
	api.Register(g, op("book", "POST", "/appointments", MayWrite), s.apiBook)
	api.Register(g, op("list", "GET", "/appointments", MayRead), s.apiList)
	api.Register(g, op("get", "GET", "/appointments/{id}", MayRead), s.apiGet)
	api.Register(g, op("move", "POST", "/appointments/{id}/move", MayWrite), s.apiMove)
	api.Register(g, op("cancel", "POST", "/appointments/{id}/cancel", MayWrite), s.apiCancel)
	api.Register(g, op("mark", "POST", "/appointments/{id}/mark", MayWrite), s.apiMark)
}

func (s *Service) apiReasons(ctx context.Context, r *api.Request, _ *struct{}) (*reasonsOut, error) {
	out := &reasonsOut{}
	out.Body.Items = []reasonOut{}
	err := r.Store.View(ctx, func(tx *store.Tx) error {
		list, err := s.Reasons(ctx, tx, !r.Actor.Can(MayRead), false)
		for _, x := range list {
			out.Body.Items = append(out.Body.Items, reasonOut{x.ID, x.Name, x.Team, x.DurationMin, x.Mode, x.Online, x.BeforeText, x.AfterText})
		}
		return err
	})
	return out, err
}

func (s *Service) apiSlots(ctx context.Context, r *api.Request, in *slotsIn) (*slotsOut, error) {
	var reason Reason
	err := r.Store.View(ctx, func(tx *store.Tx) (err error) {
		reason, err = s.Reason(ctx, tx, in.Reason)
		return err
	})
	if err != nil {
		return nil, err
	}
	if in.From.IsZero() {
		in.From = r.Now
	}
	res, err := s.Slots(ctx, r.Store, Ask{Reason: reason, Place: in.Place, From: in.From, Days: in.Days, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	out := &slotsOut{}
	out.Body.Items, out.Body.Next = []slotOut{}, res.Next
	for _, x := range res.Slots {
		out.Body.Items = append(out.Body.Items, slotOut{x.Start, x.End, x.Place})
	}
	return out, nil
}

func departementOf(f web.Found) string {
	if t, ok := f.Value.(*territory.Territory); ok {
		return t.Official.Departement
	}
	return ""
}

func (s *Service) apiBook(ctx context.Context, r *api.Request, in *bookIn) (*oneOut, error) {
	b := in.Body
	done, err := s.Book(ctx, r.Store, Request{Reason: b.Reason, Place: b.Place, Start: b.Start, Channel: ByAPI,
		Contact: Contact{FirstName: b.FirstName, LastName: b.LastName, Phone: b.Phone, Email: b.Email, OnBehalf: b.OnBehalf, Lang: b.Lang}}, departementOf(r.Found))
	return &oneOut{done.Appointment.outside()}, err
}

func (s *Service) apiList(ctx context.Context, r *api.Request, in *listIn) (*listOut, error) {
	out := &listOut{}
	out.Body.Items = []appointmentOut{}
	err := r.Store.View(ctx, func(tx *store.Tx) error {
		list, err := s.List(ctx, tx, Filter{From: in.From, To: in.To, Place: in.Place, Limit: in.Limit})
		for _, a := range list {
			out.Body.Items = append(out.Body.Items, a.outside())
		}
		return err
	})
	return out, err
}

func (s *Service) apiGet(ctx context.Context, r *api.Request, in *oneIn) (*oneOut, error) {
	var a Appointment
	err := r.Store.View(ctx, func(tx *store.Tx) (err error) {
		a, err = s.Get(ctx, tx, in.ID)
		return err
	})
	return &oneOut{a.outside()}, err
}

func (s *Service) apiMove(ctx context.Context, r *api.Request, in *moveIn) (*oneOut, error) {
	a, err := s.Move(ctx, r.Store, in.ID, Author{Staff: r.Actor.ID}, Shift{Start: in.Body.Start, Place: in.Body.Place})
	return &oneOut{a.outside()}, err
}

func (s *Service) apiCancel(ctx context.Context, r *api.Request, in *oneIn) (*oneOut, error) {
	a, err := s.Cancel(ctx, r.Store, in.ID, Author{Staff: r.Actor.ID}, "")
	return &oneOut{a.outside()}, err
}

func (s *Service) apiMark(ctx context.Context, r *api.Request, in *markIn) (*oneOut, error) {
	a, err := s.Mark(ctx, r.Store, in.ID, r.Actor.ID, in.Body.Status)
	return &oneOut{a.outside()}, err
}
