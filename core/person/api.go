package person

import (
	"context"
	"time"

	"parvis/platform/api"
	"parvis/platform/store"
	"parvis/platform/web"
)

// Card is a resident's card as the API writes it and as the person receives it.
type Card struct {
	ID         store.ID  `json:"id"`
	Title      string    `json:"title,omitempty" enum:"mme,m"`
	FirstName  string    `json:"firstName"`
	LastName   string    `json:"lastName"`
	Phone      string    `json:"phone,omitempty"` // E.164
	Email      string    `json:"email,omitempty"`
	Lang       string    `json:"lang" enum:"fr,en"`
	Notes      string    `json:"notes,omitempty"`
	CreatedAt  time.Time `json:"createdAt"`
	LastUsedAt time.Time `json:"lastUsedAt"`
}

// outside is the card as others see it.
func (r Resident) outside() Card {
	return Card{r.ID, string(r.Title), r.FirstName, r.LastName, r.Phone.E164(), r.Email, r.Lang, r.Notes, r.CreatedAt, r.LastUsedAt}
}

// cardBody is a card to write. Lengths are checked by Draft.Read, which says so
// in words; the bounds here only keep out what is absurd.
type cardBody struct {
	Title     string `json:"title,omitempty" maxLength:"10"`
	FirstName string `json:"firstName" maxLength:"500"`
	LastName  string `json:"lastName" maxLength:"500"`
	Phone     string `json:"phone,omitempty" maxLength:"100"`
	Email     string `json:"email,omitempty" maxLength:"500"`
	Lang      string `json:"lang,omitempty" maxLength:"10"`
	Notes     string `json:"notes,omitempty" maxLength:"20000"`
}

func (b cardBody) draft() Draft {
	return Draft(b)
}

type (
	searchIn struct {
		api.Paging
		Text string `query:"q" maxLength:"200"`
	}
	cardIn struct {
		ID store.ID `path:"id"`
	}
	createIn struct{ Body cardBody }
	updateIn struct {
		ID   store.ID `path:"id"`
		Body cardBody
	}
	mergeIn struct {
		ID   store.ID `path:"id"`
		Body struct {
			From store.ID `json:"from"`
		}
	}
	cardOut struct {
		Location string `header:"Location"`
		Body     Card
	}
	copyOut struct{ Body Copy }
)

// operations are what the pages of the residents do, for other programs.
func (p *People) operations(g *api.Group) {
	op := func(id, method, path string, permission web.Permission) api.Operation {
		return api.Operation{ID: "resident-" + id, Method: method, Path: path, Permission: permission, Summary: "person.api." + id}
	}
	search := op("search", "GET", "/residents", Read)
	search.Description = "person.api.search.about"
	api.Register(g, search, p.apiSearch)
	create := op("create", "POST", "/residents", Write)
	create.Description = "person.api.create.about"
	api.Register(g, create, p.apiCreate)
	api.Register(g, op("read", "GET", "/residents/{id}", Read), p.apiRead)
	api.Register(g, op("update", "PUT", "/residents/{id}", Write), p.apiUpdate)
	api.Register(g, op("merge", "POST", "/residents/{id}/merge", Write), p.apiMerge)
	api.Register(g, op("export", "GET", "/residents/{id}/export", Rights), p.apiExport)
	api.Register(g, op("erase", "DELETE", "/residents/{id}", Rights), p.apiErase)
}

func (p *People) apiSearch(ctx context.Context, r *api.Request, in *searchIn) (*api.Page[Card], error) {
	q := Query{Text: in.Text, Limit: in.Rows()}
	if !in.First() {
		if err := in.Key(&q.After); err != nil {
			return nil, err
		}
	}
	var err error
	if q.Region, err = p.regionOf(ctx, r.Territory); err != nil {
		return nil, err
	}
	var cards []Card
	err = r.Store.View(ctx, func(tx *store.Tx) error {
		found, _, err := p.Residents.Search(ctx, tx, q)
		for _, x := range found {
			cards = append(cards, x.outside())
		}
		return err
	})
	return api.List(r, in.Paging, cards, func(c Card) []any { return []any{c.ID} }), err
}

func (p *People) apiRead(ctx context.Context, r *api.Request, in *cardIn) (*cardOut, error) {
	var card Resident
	err := r.Store.View(ctx, func(tx *store.Tx) (err error) {
		card, err = p.Residents.Get(ctx, tx, in.ID)
		return err
	})
	return located(r, card), err
}

func (p *People) apiCreate(ctx context.Context, r *api.Request, in *createIn) (*cardOut, error) {
	card, err := p.apiDraft(ctx, r, in.Body)
	if err != nil {
		return nil, err
	}
	err = r.Store.Update(ctx, func(tx *store.Tx) (err error) {
		card, _, err = p.Residents.FindOrCreate(ctx, tx, card)
		return err
	})
	return located(r, card), err
}

func (p *People) apiUpdate(ctx context.Context, r *api.Request, in *updateIn) (*cardOut, error) {
	card, err := p.apiDraft(ctx, r, in.Body)
	if err != nil {
		return nil, err
	}
	err = r.Store.Update(ctx, func(tx *store.Tx) error {
		if err := p.Residents.Update(ctx, tx, in.ID, card); err != nil {
			return err
		}
		card, err = p.Residents.Get(ctx, tx, in.ID)
		return err
	})
	return located(r, card), err
}

func (p *People) apiMerge(ctx context.Context, r *api.Request, in *mergeIn) (*cardOut, error) {
	var card Resident
	err := r.Store.Update(ctx, func(tx *store.Tx) (err error) {
		if err := p.Residents.Merge(ctx, tx, in.Body.From, in.ID, r.Actor.ID); err != nil {
			return err
		}
		card, err = p.Residents.Get(ctx, tx, in.ID)
		return err
	})
	return located(r, card), err
}

func (p *People) apiExport(ctx context.Context, r *api.Request, in *cardIn) (*copyOut, error) {
	out := &copyOut{}
	err := r.Store.Update(ctx, func(tx *store.Tx) (err error) {
		out.Body, err = p.Residents.Export(ctx, tx, in.ID, r.Actor.ID)
		return err
	})
	return out, err
}

func (p *People) apiErase(ctx context.Context, r *api.Request, in *cardIn) (*struct{}, error) {
	return nil, r.Store.Update(ctx, func(tx *store.Tx) error { return p.Residents.Erase(ctx, tx, in.ID, r.Actor.ID) })
}

func (p *People) apiDraft(ctx context.Context, r *api.Request, b cardBody) (Resident, error) {
	region, err := p.regionOf(ctx, r.Territory)
	if err != nil {
		return Resident{}, err
	}
	return b.draft().Read(region)
}

func located(r *api.Request, card Resident) *cardOut {
	return &cardOut{Location: r.URL("/residents/" + card.ID.String()), Body: card.outside()}
}
