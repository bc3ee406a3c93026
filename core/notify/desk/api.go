package desk

import (
	"context"
	"time"

	"parvis/core/notify"
	"parvis/platform/api"
	"parvis/platform/store"
)

// operations are what the pages can do, for other programs.
func (d *desk) operations(g *api.Group) {
	api.Register(g, api.Operation{ID: "message-list", Method: "GET", Path: "/messages", Permission: Read, Summary: "notify.api.list"}, d.apiList)
	api.Register(g, api.Operation{ID: "message-read", Method: "GET", Path: "/messages/{id}", Permission: Read, Summary: "notify.api.read"}, d.apiRead)
	api.Register(g, api.Operation{ID: "message-resend", Method: "POST", Path: "/messages/{id}/resend", Permission: Read, Summary: "notify.api.resend"}, d.apiResend)
	api.Register(g, api.Operation{ID: "message-received", Method: "GET", Path: "/received-messages", Permission: Read, Summary: "notify.api.received"}, d.apiReceived)
}

// message is an entry of the log as other programs see it.
type message struct {
	ID          store.ID  `json:"id"`
	Notice      string    `json:"notice" doc:"notify.api.field.notice"`
	Channel     string    `json:"channel" enum:"mail,sms"`
	Language    string    `json:"language" enum:"fr,en"`
	Subject     string    `json:"subject,omitempty" doc:"notify.api.field.subject"`
	Recipient   string    `json:"recipient,omitempty" doc:"notify.api.field.recipient"`
	State       string    `json:"state" enum:"queued,sending,sent,delivered,failed,doubtful,cancelled,dropped"`
	Reason      string    `json:"reason,omitempty" doc:"notify.api.field.reason"`
	Attempts    int       `json:"attempts"`
	Parts       int       `json:"parts,omitempty" doc:"notify.api.field.parts"`
	Cost        int64     `json:"cost,omitempty" doc:"notify.api.field.cost"`
	Due         time.Time `json:"due"`
	SentAt      time.Time `json:"sentAt,omitzero"`
	DeliveredAt time.Time `json:"deliveredAt,omitzero"`
}

func outside(e notify.Entry) message {
	return message{ID: e.ID, Notice: e.Notice, Channel: string(e.Channel), Language: e.Lang, Subject: e.SubjectRef, Recipient: e.Recipient,
		State: string(e.State), Reason: e.Reason, Attempts: e.Attempts, Parts: e.Parts, Cost: int64(e.Cost), Due: e.DueAt, SentAt: e.SentAt, DeliveredAt: e.DeliveredAt}
}

type listIn struct {
	api.Paging
	State     string `query:"state" enum:"queued,sending,sent,delivered,failed,doubtful,cancelled,dropped"`
	Channel   string `query:"channel" enum:"mail,sms"`
	Notice    string `query:"notice" maxLength:"100"`
	Subject   string `query:"subject" maxLength:"100" doc:"notify.api.field.subject"`
	Recipient string `query:"recipient" maxLength:"254" doc:"notify.api.field.recipient"`
}

func (d *desk) apiList(ctx context.Context, r *api.Request, in *listIn) (*api.Page[message], error) {
	var after notify.Cursor
	if !in.First() {
		if err := in.Key(&after.Rank, &after.ID); err != nil {
			return nil, err
		}
	}
	f := notify.Filter{State: notify.State(in.State), Channel: notify.Channel(in.Channel), Notice: in.Notice, Subject: in.Subject, Recipient: in.Recipient}
	var list []notify.Entry
	err := r.Store.View(ctx, func(tx *store.Tx) (err error) {
		list, err = d.hub.Log(ctx, tx, f, after, in.Rows())
		return err
	})
	if err != nil {
		return nil, err
	}
	ranks := make(map[store.ID]int, len(list))
	items := make([]message, 0, len(list))
	for _, e := range list {
		ranks[e.ID] = e.Rank
		items = append(items, outside(e))
	}
	return api.List(r, in.Paging, items, func(m message) []any { return []any{ranks[m.ID], m.ID} }), nil
}

type oneIn struct {
	ID store.ID `path:"id"`
}

type oneOut struct{ Body message }

func (d *desk) apiRead(ctx context.Context, r *api.Request, in *oneIn) (*oneOut, error) {
	var e notify.Entry
	err := r.Store.View(ctx, func(tx *store.Tx) (err error) {
		e, err = d.hub.Entry(ctx, tx, in.ID)
		return err
	})
	return &oneOut{outside(e)}, err
}

func (d *desk) apiResend(ctx context.Context, r *api.Request, in *oneIn) (*oneOut, error) {
	var e notify.Entry
	err := r.Store.Update(ctx, func(tx *store.Tx) (err error) {
		if err = d.hub.Resend(ctx, tx, in.ID); err != nil {
			return err
		}
		e, err = d.hub.Entry(ctx, tx, in.ID)
		return err
	})
	return &oneOut{outside(e)}, err
}

// received is a text as other programs see it.
type received struct {
	ID         store.ID  `json:"id"`
	From       string    `json:"from,omitempty" doc:"notify.api.field.from"`
	Text       string    `json:"text"`
	Keyword    string    `json:"keyword,omitempty" enum:"yes,no,stop,help"`
	About      []string  `json:"about" nullable:"false" doc:"notify.api.field.about"`
	ReceivedAt time.Time `json:"receivedAt"`
}

type receivedIn struct{ api.Paging }

func (d *desk) apiReceived(ctx context.Context, r *api.Request, in *receivedIn) (*api.Page[received], error) {
	var before store.ID
	if !in.First() {
		if err := in.Key(&before); err != nil {
			return nil, err
		}
	}
	var items []received
	err := r.Store.View(ctx, func(tx *store.Tx) error {
		list, err := d.hub.Inbounds(ctx, tx, before, in.Rows())
		items = nil
		for _, x := range list {
			items = append(items, received{x.ID, x.Phone.E164(), x.Text, string(x.Keyword), x.About.V, x.ReceivedAt})
		}
		return err
	})
	return api.List(r, in.Paging, items, func(x received) []any { return []any{x.ID} }), err
}
