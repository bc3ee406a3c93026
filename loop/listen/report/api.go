package report

import (
	"context"
	"net/http"
	"time"

	"parvis/engine/dossier"
	"parvis/platform/api"
	"parvis/platform/fault"
	"parvis/platform/geo"
	"parvis/platform/store"
	"parvis/platform/web"
)

type (
	categoryOut struct {
		Code      string     `json:"code" doc:"report.api.code"`
		Label     string     `json:"label" doc:"report.api.label"`
		Group     string     `json:"group" doc:"report.api.group"`
		Hint      string     `json:"hint,omitempty" doc:"report.api.hint"`
		Radius    int        `json:"radius" doc:"report.api.radius"`
		Anonymous bool       `json:"anonymous" doc:"report.api.anonymous"`
		Questions []Question `json:"questions" nullable:"false" doc:"report.api.questions"`
	}
	categoriesOut struct {
		Body struct {
			Items []categoryOut `json:"items" nullable:"false"`
		}
	}
	openIn struct {
		Body struct {
			Category  string              `json:"category" maxLength:"40" doc:"report.api.code"`
			Text      string              `json:"text,omitempty" maxLength:"4000" doc:"report.api.text"`
			Lat       *float64            `json:"lat,omitempty" minimum:"-90" maximum:"90" doc:"report.api.lat"`
			Lon       *float64            `json:"lon,omitempty" minimum:"-180" maximum:"180" doc:"report.api.lon"`
			Address   string              `json:"address,omitempty" maxLength:"300" doc:"report.api.address"`
			Answers   map[string][]string `json:"answers,omitempty" doc:"report.api.answers"`
			FirstName string              `json:"firstName,omitempty" maxLength:"100"`
			LastName  string              `json:"lastName,omitempty" maxLength:"100"`
			Phone     string              `json:"phone,omitempty" maxLength:"40"`
			Email     string              `json:"email,omitempty" maxLength:"254"`
			Anonymous bool                `json:"anonymous,omitempty" doc:"report.api.noname"`
			Private   bool                `json:"private,omitempty" doc:"report.api.private"`
			Lang      string              `json:"lang,omitempty" enum:"fr,en"`
		}
		Key string `header:"Idempotency-Key" maxLength:"200"`
	}
	reportOut struct {
		Number    string     `json:"number" doc:"report.api.number"`
		Category  string     `json:"category" doc:"report.api.code"`
		Title     string     `json:"title" doc:"report.api.title"`
		Text      string     `json:"text" doc:"report.api.shown"`
		State     State      `json:"state" enum:"received,toqualify,accepted,planned,inprogress,fixed,notfixed,elsewhere,duplicate,refused,cancelled" doc:"report.api.state"`
		Lat       *float64   `json:"lat,omitempty" doc:"report.api.lat"`
		Lon       *float64   `json:"lon,omitempty" doc:"report.api.lon"`
		Address   string     `json:"address" doc:"report.api.address"`
		OpenedAt  time.Time  `json:"openedAt" doc:"report.api.opened"`
		UpdatedAt time.Time  `json:"updatedAt" doc:"report.api.updated"`
		DueAt     *time.Time `json:"dueAt,omitempty" doc:"report.api.due"`
		ClosedAt  *time.Time `json:"closedAt,omitempty" doc:"report.api.closed"`
		Reason    string     `json:"reason,omitempty" doc:"report.api.reason"`
		Followers int        `json:"followers" doc:"report.api.followers"`
		Token     string     `json:"token,omitempty" doc:"report.api.token"`
		Code      string     `json:"code,omitempty" doc:"report.api.secret"`
		at        Cursor
	}
	oneOut struct{ Body reportOut }
	oneIn  struct {
		Number string `path:"number" maxLength:"40" doc:"report.api.number"`
	}
	listIn struct {
		api.Paging
		Category string    `query:"category" maxLength:"40" doc:"report.api.code"`
		State    string    `query:"state" maxLength:"20" doc:"report.api.state"`
		Since    time.Time `query:"since" doc:"report.api.since"`
	}
	nearIn struct {
		Category string  `query:"category" required:"true" maxLength:"40" doc:"report.api.code"`
		Lat      float64 `query:"lat" required:"true" minimum:"-90" maximum:"90" doc:"report.api.lat"`
		Lon      float64 `query:"lon" required:"true" minimum:"-180" maximum:"180" doc:"report.api.lon"`
		Text     string  `query:"text" maxLength:"4000" doc:"report.api.text"`
	}
	nearOut struct {
		Body struct {
			Items []nearItem `json:"items" nullable:"false"`
		}
	}
	nearItem struct {
		Report reportOut `json:"report"`
		Metres float64   `json:"metres" doc:"report.api.metres"`
		Score  float64   `json:"score" doc:"report.api.score"`
	}
	followIn struct {
		Number string `path:"number" maxLength:"40" doc:"report.api.number"`
		Body   struct {
			Phone string `json:"phone,omitempty" maxLength:"40"`
			Email string `json:"email,omitempty" maxLength:"254"`
			Lang  string `json:"lang,omitempty" enum:"fr,en"`
		}
	}
	moveIn struct {
		Number string `path:"number" maxLength:"40" doc:"report.api.number"`
		Body   struct {
			State   State      `json:"state" enum:"toqualify,accepted,planned,inprogress,fixed,notfixed,elsewhere,refused,cancelled" doc:"report.api.state"`
			Planned *time.Time `json:"planned,omitempty" doc:"report.api.planned"`
			Reason  string     `json:"reason,omitempty" maxLength:"10000" doc:"report.api.reason"`
			Cause   string     `json:"cause,omitempty" maxLength:"80" doc:"report.api.cause"`
		}
	}
	mergeIn struct {
		Number string `path:"number" maxLength:"40" doc:"report.api.number"`
		Body   struct {
			Into string `json:"into" maxLength:"40" doc:"report.api.into"`
		}
	}
)

// operations are what the pages do, for other programs.
func (s *Reports) operations(g *api.Group) {
	api.Register(g, api.Operation{ID: "report-categories", Method: http.MethodGet, Path: "/report-categories", Permission: web.Public, Summary: "report.api.categories"}, s.apiCategories)
	api.Register(g, api.Operation{ID: "reports", Method: http.MethodGet, Path: "/reports", Permission: web.Public, Summary: "report.api.list"}, s.apiList)
	api.Register(g, api.Operation{ID: "report-open", Method: http.MethodPost, Path: "/reports", Permission: web.Public, Rate: web.Careful, Status: http.StatusCreated, Summary: "report.api.open"}, s.apiOpen)
	api.Register(g, api.Operation{ID: "reports-near", Method: http.MethodGet, Path: "/reports-near", Permission: web.Public, Summary: "report.api.near"}, s.apiNear)
	api.Register(g, api.Operation{ID: "report", Method: http.MethodGet, Path: "/reports/{number}", Permission: web.Public, Summary: "report.api.one"}, s.apiOne)
	api.Register(g, api.Operation{ID: "report-follow", Method: http.MethodPost, Path: "/reports/{number}/followers", Permission: web.Public, Rate: web.Careful, Summary: "report.api.follow"}, s.apiFollow)
	api.Register(g, api.Operation{ID: "report-move", Method: http.MethodPost, Path: "/reports/{number}/state", Permission: MayWrite, Summary: "report.api.move"}, s.apiMove)
	api.Register(g, api.Operation{ID: "report-merge", Method: http.MethodPost, Path: "/reports/{number}/merge", Permission: MayWrite, Summary: "report.api.merge"}, s.apiMerge)
	api.Register(g, api.Operation{ID: "report-unmerge", Method: http.MethodPost, Path: "/reports/{number}/unmerge", Permission: MayWrite, Summary: "report.api.unmerge"}, s.apiUnmerge)
}

func some(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// outward is a report as everybody reads it.
func outward(r Report, cats []Category) reportOut {
	out := reportOut{Number: r.Number, Title: r.Title, Text: r.TextShown, State: r.State, Address: r.Address, OpenedAt: r.OpenedAt, UpdatedAt: r.UpdatedAt,
		DueAt: some(r.DueAt), ClosedAt: some(r.ClosedAt), Reason: r.Reason, Followers: r.Followers, at: r.Cursor()}
	for _, c := range cats {
		if c.ID == r.CategoryID {
			out.Category = c.Code
		}
	}
	if r.Located {
		out.Lat, out.Lon = &r.Lat, &r.Lon
	}
	return out
}

func (s *Reports) apiCategories(ctx context.Context, r *api.Request, _ *struct{}) (*categoriesOut, error) {
	list, err := s.list(ctx, r.Store)
	if err != nil {
		return nil, err
	}
	out := &categoriesOut{}
	out.Body.Items = []categoryOut{}
	for _, c := range list {
		if !c.Active || !c.Detail.V.InSeason(r.Now.In(r.Location)) {
			continue
		}
		d := c.Detail.V
		questions := []Question{}
		for _, q := range d.Questions {
			if q.Type != "hidden" {
				questions = append(questions, q)
			}
		}
		out.Body.Items = append(out.Body.Items, categoryOut{c.Code, c.Label, c.Heading, d.Hint, c.Radius(), d.Anonymous, questions})
	}
	return out, nil
}

// coded finds a category among those of the territory.
func coded(list []Category, code string) (Category, error) {
	for _, c := range list {
		if c.Code == code && c.Active {
			return c, nil
		}
	}
	return Category{}, fault.Fields{{Name: "category", Key: "report.error.category"}}.Err()
}

func (s *Reports) apiOpen(ctx context.Context, r *api.Request, in *openIn) (*oneOut, error) {
	list, err := s.list(ctx, r.Store)
	if err != nil {
		return nil, err
	}
	b := in.Body
	c, err := coded(list, b.Category)
	if err != nil {
		return nil, err
	}
	d := Draft{Category: c.ID, Text: b.Text, Address: b.Address, Answers: b.Answers, Channel: dossier.API, Anonymous: b.Anonymous, Private: b.Private, Lang: b.Lang,
		Contact: Contact{b.FirstName, b.LastName, b.Phone, b.Email}, Staff: r.Actor.ID}
	if b.Lat != nil && b.Lon != nil {
		d.Point = &geo.Point{Lat: *b.Lat, Lon: *b.Lon}
	}
	if in.Key != "" {
		d.Key = "api:" + web.HashToken(in.Key)
	}
	made, err := s.Open(ctx, r.Store, d)
	if err != nil {
		return nil, err
	}
	out := &oneOut{outward(made, list)}
	out.Body.Token, out.Body.Code = made.Token, made.Code
	return out, nil
}

func (s *Reports) apiList(ctx context.Context, r *api.Request, in *listIn) (*api.Page[reportOut], error) {
	list, err := s.list(ctx, r.Store)
	if err != nil {
		return nil, err
	}
	f := Filter{Public: true, Since: in.Since}
	if in.Category != "" {
		c, err := coded(list, in.Category)
		if err != nil {
			return nil, err
		}
		f.Category = c.ID
	}
	if st := State(in.State); st.Known() {
		f.States = []State{st}
	} else if in.State != "" {
		return nil, fault.Fields{{Name: "state", Key: "report.error.state"}}.Err()
	}
	var after Cursor
	if !in.First() {
		if err := in.Paging.Key(&after.At, &after.ID); err != nil {
			return nil, err
		}
	}
	var out []reportOut
	err = r.Store.View(ctx, func(tx *store.Tx) error {
		rows, err := s.List(ctx, tx, f, after, in.Rows())
		out = nil
		for _, x := range rows {
			out = append(out, outward(x, list))
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return api.List(r, in.Paging, out, func(x reportOut) []any { return []any{x.at.At, x.at.ID} }), nil
}

// publicReport finds a report that everybody may read.
func (s *Reports) publicReport(ctx context.Context, h store.Handle, number string) (out Report, err error) {
	number, _ = dossier.ParseNumber(number)
	err = h.View(ctx, func(tx *store.Tx) (err error) {
		if out, err = s.ByNumber(ctx, tx, number); err == nil && out.MergedInto != 0 {
			out, err = s.Get(ctx, tx, out.MergedInto)
		}
		return err
	})
	if err == nil && !out.Visible {
		return Report{}, store.ErrNotFound
	}
	return out, err
}

func (s *Reports) apiOne(ctx context.Context, r *api.Request, in *oneIn) (*oneOut, error) {
	x, err := s.publicReport(ctx, r.Store, in.Number)
	if err != nil {
		return nil, err
	}
	return s.answer(ctx, r, x)
}

func (s *Reports) answer(ctx context.Context, r *api.Request, x Report) (*oneOut, error) {
	list, err := s.list(ctx, r.Store)
	if err != nil {
		return nil, err
	}
	return &oneOut{outward(x, list)}, nil
}

func (s *Reports) apiNear(ctx context.Context, r *api.Request, in *nearIn) (*nearOut, error) {
	list, err := s.list(ctx, r.Store)
	if err != nil {
		return nil, err
	}
	c, err := coded(list, in.Category)
	if err != nil {
		return nil, err
	}
	out := &nearOut{}
	err = r.Store.View(ctx, func(tx *store.Tx) error {
		found, err := s.Near(ctx, tx, Query{Category: c.ID, Point: &geo.Point{Lat: in.Lat, Lon: in.Lon}, Text: in.Text})
		out.Body.Items = []nearItem{}
		for _, x := range found {
			out.Body.Items = append(out.Body.Items, nearItem{outward(x.Report, list), x.Metres, x.Score})
		}
		return err
	})
	return out, err
}

func (s *Reports) apiFollow(ctx context.Context, r *api.Request, in *followIn) (*oneOut, error) {
	x, err := s.publicReport(ctx, r.Store, in.Number)
	if err != nil {
		return nil, err
	}
	if x, err = s.Follow(ctx, r.Store, x.ID, Contact{Phone: in.Body.Phone, Email: in.Body.Email}, in.Body.Lang); err != nil {
		return nil, err
	}
	return s.answer(ctx, r, x)
}

// staffReport finds any report of the territory.
func (s *Reports) staffReport(ctx context.Context, h store.Handle, number string) (out Report, err error) {
	number, _ = dossier.ParseNumber(number)
	err = h.View(ctx, func(tx *store.Tx) (err error) {
		out, err = s.ByNumber(ctx, tx, number)
		return err
	})
	return out, err
}

func (s *Reports) apiMove(ctx context.Context, r *api.Request, in *moveIn) (*oneOut, error) {
	x, err := s.staffReport(ctx, r.Store, in.Number)
	if err != nil {
		return nil, err
	}
	by := dossier.Author{Kind: dossier.Staff, ID: r.Actor.ID}
	if in.Body.State.Final() {
		x, err = s.Close(ctx, r.Store, x.ID, by, Closing{in.Body.State, in.Body.Reason, in.Body.Cause})
	} else {
		var planned time.Time
		if in.Body.Planned != nil {
			planned = *in.Body.Planned
		}
		x, err = s.Advance(ctx, r.Store, x.ID, by, in.Body.State, planned, in.Body.Reason)
	}
	if err != nil {
		return nil, err
	}
	return s.answer(ctx, r, x)
}

func (s *Reports) apiMerge(ctx context.Context, r *api.Request, in *mergeIn) (*oneOut, error) {
	from, err := s.staffReport(ctx, r.Store, in.Number)
	if err != nil {
		return nil, err
	}
	into, err := s.staffReport(ctx, r.Store, in.Body.Into)
	if err != nil {
		return nil, err
	}
	if from, err = s.Merge(ctx, r.Store, from.ID, into.ID, dossier.Author{Kind: dossier.Staff, ID: r.Actor.ID}); err != nil {
		return nil, err
	}
	return s.answer(ctx, r, from)
}

func (s *Reports) apiUnmerge(ctx context.Context, r *api.Request, in *oneIn) (*oneOut, error) {
	x, err := s.staffReport(ctx, r.Store, in.Number)
	if err != nil {
		return nil, err
	}
	if x, err = s.Unmerge(ctx, r.Store, x.ID, dossier.Author{Kind: dossier.Staff, ID: r.Actor.ID}); err != nil {
		return nil, err
	}
	return s.answer(ctx, r, x)
}
