package contact

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"time"

	"parvis/core/notify"
	"parvis/platform/fault"
	"parvis/platform/i18n"
	"parvis/platform/phone"
	"parvis/platform/store"
	"parvis/platform/tabular"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

const perPage = 50

// staffPage starts a page under the ledger.
func (s *Service) staffPage(c *web.Context, title string, wrong bool, crumbs ...page.Link) (page.Page, error) {
	p, err := c.StaffPage(title)
	if err != nil {
		return p, err
	}
	p.Heading, p.HasError = title, wrong
	if len(crumbs) > 0 {
		p.Crumbs = append(crumbs, page.Link{Label: title})
	}
	return p, nil
}

func (s *Service) home(c *web.Context) page.Link {
	return page.Link{Label: c.T("contact.entries.title"), Href: c.Href("/bureau/contributions")}
}

// entriesView is the ledger.
type entriesView struct {
	Table         page.TableData
	Next, Done    string
	Text          string
	Channel, Kind []page.Option
	State         []page.Option
	Counts        []page.StatData
	Tools         []page.Gesture
	Export        []page.ButtonData
}

func filterOf(c *web.Context) Filter {
	f := Filter{State: State(c.Query("etat")), Channel: Channel(c.Query("canal")), Kind: Kind(c.Query("nature")), Text: c.Query("q")}
	if id, err := store.ParseID(c.Query("avant")); err == nil {
		f.Before = id
	}
	return f
}

func (s *Service) entries(c *web.Context) error {
	ctx, f := c.Ctx(), filterOf(c)
	v := entriesView{Text: f.Text, Done: c.TakeFlash()}
	var list []Entry
	var counts map[Channel]int
	err := c.Store.View(ctx, func(tx *store.Tx) (err error) {
		if list, err = s.List(ctx, tx, f, perPage+1); err != nil {
			return err
		}
		counts, err = s.Count(ctx, tx, tx.Now().AddDate(0, 0, -30), tx.Now().Add(time.Second))
		return err
	})
	if err != nil {
		return err
	}
	q := c.Request.URL.Query()
	if len(list) > perPage {
		list = list[:perPage]
		q.Set("avant", list[perPage-1].ID.String())
		v.Next = c.Href("/bureau/contributions?" + q.Encode())
	}
	v.Table = entryTable(ctx, c.Href, list)
	q.Del("avant")
	for _, x := range []string{"csv", "xlsx"} {
		q.Set("format", x)
		v.Export = append(v.Export, page.ButtonData{Label: map[string]string{"csv": "CSV", "xlsx": "XLSX"}[x], Icon: "down", Small: true, Href: c.Href("/bureau/contributions/export?" + q.Encode())})
	}
	v.Channel, v.Kind, v.State = filterOptions(ctx, f)
	for _, ch := range Channels() {
		if counts[ch] > 0 {
			v.Counts = append(v.Counts, page.StatData{Label: i18n.T(ctx, "contact.channel."+string(ch)), Value: i18n.Number(ctx, counts[ch])})
		}
	}
	for _, x := range []struct {
		icon, key, path string
		may             web.Permission
	}{{"pen", "contact.tool.key", "/bureau/contributions/saisir", MayWrite}, {"copy", "contact.tool.batch", "/bureau/lots", MayWrite}, {"phone", "contact.tool.calls", "/bureau/appels", MayCall}, {"set", "contact.tool.words", "/bureau/contributions/mots", MaySet}} {
		if c.Actor.Can(x.may) {
			v.Tools = append(v.Tools, page.Gesture{Icon: x.icon, Label: c.T(x.key), Href: c.Href(x.path)})
		}
	}
	p, err := s.staffPage(c, c.T("contact.entries.title"), false)
	if err != nil {
		return err
	}
	p.Lead = c.T("contact.entries.lead")
	return c.Render(entriesPage(p, v))
}

func filterOptions(ctx context.Context, f Filter) (channel, kind, state []page.Option) {
	channel = []page.Option{{Label: i18n.T(ctx, "contact.filter.channel")}}
	for _, x := range Channels() {
		channel = append(channel, page.Option{Value: string(x), Label: i18n.T(ctx, "contact.channel."+string(x)), Selected: x == f.Channel})
	}
	kind = []page.Option{{Label: i18n.T(ctx, "contact.filter.kind")}}
	for _, x := range Kinds() {
		kind = append(kind, page.Option{Value: string(x), Label: i18n.T(ctx, "contact.kind."+string(x)), Selected: x == f.Kind})
	}
	state = []page.Option{{Label: i18n.T(ctx, "contact.filter.state")}}
	for _, x := range []State{Open, Done, Undone} {
		state = append(state, page.Option{Value: string(x), Label: i18n.T(ctx, "contact.state."+string(x)), Selected: x == f.State})
	}
	return channel, kind, state
}

func entryTable(ctx context.Context, href func(string) string, list []Entry) page.TableData {
	t := page.TableData{Caption: i18n.T(ctx, "contact.entries.title"), CaptionHidden: true, Empty: i18n.T(ctx, "contact.entries.none"),
		Columns: []page.Column{{Label: i18n.T(ctx, "contact.column.text")}, {Label: i18n.T(ctx, "contact.column.channel")}, {Label: i18n.T(ctx, "contact.column.kind")}, {Label: i18n.T(ctx, "contact.column.received")}, {Label: i18n.T(ctx, "contact.column.state")}}}
	for _, e := range list {
		text := []rune(e.Text)
		if len(text) > 110 {
			text = append(text[:109], '…')
		}
		shown := string(text)
		if shown == "" {
			shown = i18n.T(ctx, "contact.empty")
		}
		t.Rows = append(t.Rows, []page.Cell{{Head: true, Text: shown, Href: href("/bureau/contributions/" + e.ID.String()), Note: e.Area}, {Text: i18n.T(ctx, "contact.channel."+string(e.Channel))}, {Text: i18n.T(ctx, "contact.kind."+string(e.Kind))},
			{Text: i18n.DayTime(ctx, e.ReceivedAt)}, {Text: i18n.T(ctx, "contact.state."+string(e.State)), Note: e.Number}})
	}
	return t
}

const maxExport = 100_000

func (s *Service) export(c *web.Context) error {
	ctx, f := c.Ctx(), filterOf(c)
	columns := []string{"numero", "canal", "nature", "etat", "texte", "quartier", "dit_le", "recu_le", "saisi_par", "lot"}
	var rows [][]string
	for len(rows) < maxExport {
		var list []Entry
		if err := c.Store.View(ctx, func(tx *store.Tx) (err error) {
			list, err = s.List(ctx, tx, f, 1000)
			return err
		}); err != nil {
			return err
		}
		for _, e := range list {
			rows = append(rows, []string{e.Number, i18n.T(ctx, "contact.channel."+string(e.Channel)), i18n.T(ctx, "contact.kind."+string(e.Kind)), i18n.T(ctx, "contact.state."+string(e.State)), e.Text, e.Area, e.SaidOn,
				e.ReceivedAt.In(i18n.Location(ctx)).Format("2006-01-02 15:04"), idText(e.KeyedBy), idText(e.BatchID)})
		}
		if len(list) < 1000 {
			break
		}
		f.Before = list[len(list)-1].ID
	}
	if c.Query("format") == "xlsx" {
		return c.Stream(tabular.WorkbookType, "contributions.xlsx", func(w io.Writer) error {
			return tabular.WriteWorkbook(w, columns, func(emit func([]string) error) error {
				for _, r := range rows {
					if err := emit(r); err != nil {
						return err
					}
				}
				return nil
			}, i18n.T(ctx, "contact.entries.title"))
		})
	}
	body, err := tabular.CSV(columns, rows)
	if err != nil {
		return err
	}
	return c.File(tabular.CSVType, "contributions.csv", body)
}

func idText(id store.ID) string {
	if id == 0 {
		return ""
	}
	return id.String()
}

// entryView is one contribution with its thread.
type entryView struct {
	Entry  Entry
	Phone  phone.Number
	Thread []Line
	Batch  Batch
	Typed  string
	Errors []page.FieldError
	Done   string
	Undo   bool
}

func (s *Service) entry(c *web.Context) error {
	return s.showEntry(c, http.StatusOK, "", nil)
}

func (s *Service) showEntry(c *web.Context, status int, typed string, errs []page.FieldError) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	v := entryView{Typed: typed, Errors: errs, Done: c.TakeFlash()}
	ctx := c.Ctx()
	err = c.Store.View(ctx, func(tx *store.Tx) (err error) {
		if v.Entry, err = s.Get(ctx, tx, id); err != nil {
			return err
		}
		if v.Entry.BatchID != 0 {
			if v.Batch, err = s.Batch(ctx, tx, v.Entry.BatchID); err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
		}
		if v.Entry.InboundID == 0 {
			return nil
		}
		in, err := s.hub.Inbound(ctx, tx, v.Entry.InboundID)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		v.Phone = in.Phone
		v.Thread, err = s.thread(ctx, tx, v.Entry, in.Phone)
		return err
	})
	if err != nil {
		return err
	}
	v.Undo = v.Entry.KeyedBy != 0 && v.Entry.SubjectRef == "" && v.Entry.State != Undone && (v.Entry.KeyedBy == c.Actor.ID || c.Actor.Can(MaySet))
	title := c.T("contact.entry.title", "Channel", c.T("contact.channel."+string(v.Entry.Channel)))
	p, err := s.staffPage(c, title, len(errs) > 0, s.home(c))
	if err != nil {
		return err
	}
	return c.RenderStatus(status, entryPage(p, v))
}

// thread is what was said with a number, oldest first: their texts and ours.
func (s *Service) thread(ctx context.Context, tx *store.Tx, e Entry, n phone.Number) ([]Line, error) {
	theirs, err := s.List(ctx, tx, Filter{Sender: e.Sender, Channel: SMS}, 30)
	if err != nil {
		return nil, err
	}
	ours, err := s.hub.Log(ctx, tx, notify.Filter{Channel: notify.SMS, Recipient: n.E164()}, notify.Cursor{}, 30)
	if err != nil {
		return nil, err
	}
	var out []Line
	for _, x := range theirs {
		out = append(out, Line{Text: x.Text, At: x.ReceivedAt.UTC().Format(time.RFC3339Nano)})
	}
	for _, x := range ours {
		if x.Body != "" {
			out = append(out, Line{Ours: true, Text: x.Body, At: x.CreatedAt.UTC().Format(time.RFC3339Nano)})
		}
	}
	slices.SortStableFunc(out, func(a, b Line) int { return cmp.Compare(a.At, b.At) })
	return out, nil
}

func (s *Service) reply(c *web.Context) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	err = s.Reply(c.Ctx(), c.Store, id, c.Actor.ID, form.Get("reply"))
	if errs, ok := c.FieldErrors(err); ok {
		return s.showEntry(c, http.StatusUnprocessableEntity, form.Get("reply"), errs)
	}
	if err != nil {
		return err
	}
	c.Flash(c.T("contact.reply.done"))
	return c.Redirect("/bureau/contributions/" + id.String())
}

func (s *Service) settle(c *web.Context) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	if err := s.Settle(c.Ctx(), c.Store, id); err != nil {
		return err
	}
	c.Flash(c.T("contact.settle.done"))
	return c.Redirect("/bureau/contributions")
}

func (s *Service) convert(c *web.Context) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	e, err := s.Convert(c.Ctx(), c.Store, id, c.Actor.ID, Kind(form.Get("kind")))
	if errs, ok := c.FieldErrors(err); ok {
		return s.showEntry(c, http.StatusUnprocessableEntity, "", errs)
	}
	if err != nil {
		return err
	}
	c.Flash(c.T("contact.convert.done", "Number", e.Number))
	return c.Redirect("/bureau/contributions/" + id.String())
}

func (s *Service) undo(c *web.Context) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	e, err := s.Undo(c.Ctx(), c.Store, id, c.Actor.ID, c.Actor.Can(MaySet))
	if err != nil {
		return err
	}
	c.Flash(c.T("contact.undo.done"))
	if e.BatchID != 0 {
		return c.Redirect("/bureau/lots/" + e.BatchID.String())
	}
	return c.Redirect("/bureau/contributions")
}

// keyView is the form where staff key what somebody says.
type keyView struct {
	Batch  Batch
	Entry  Entry
	Person Person
	Name   string
	Key    string
	Errors []page.FieldError
	Done   string
	Last   []Entry
}

func (s *Service) newEntry(c *web.Context) error {
	return s.showKey(c, http.StatusOK, keyView{Entry: Entry{Channel: Phone, Kind: Question}, Done: c.TakeFlash()})
}

func (s *Service) showKey(c *web.Context, status int, v keyView) error {
	if v.Key == "" {
		v.Key = store.NewID().String()
	}
	p, err := s.staffPage(c, c.T("contact.key.title"), len(v.Errors) > 0, s.home(c))
	if err != nil {
		return err
	}
	p.Lead = c.T("contact.key.lead")
	return c.RenderStatus(status, keyPage(p, v))
}

// typedEntry reads the form of one contribution.
func (s *Service) typedEntry(c *web.Context, form url.Values) (keyView, error) {
	v := keyView{Key: form.Get("cle"), Entry: Entry{Channel: Channel(form.Get("channel")), Kind: Kind(form.Get("kind")), Text: form.Get("text"), Area: form.Get("area"), KeyedBy: c.Actor.ID}}
	v.Person = Person{Phone: form.Get("phone"), Email: form.Get("email"), Lang: "fr"}
	if _, err := store.ParseID(v.Key); err != nil {
		v.Key = store.NewID().String()
	}
	v.Entry.Key = "form:" + c.Actor.ID.String() + ":" + v.Key
	v.Entry.SaidOn = c.Now().In(i18n.Location(c.Ctx())).Format(time.DateOnly)
	return v, nil
}

// reachable checks how somebody wants to be answered.
func (s *Service) reachable(c *web.Context, p Person) (Person, error) {
	var wrong fault.Fields
	if p.Phone != "" {
		n, err := phone.Parse(p.Phone, s.region(c.Ctx(), c.Store.Territory()))
		if err != nil {
			wrong.Add("phone", "contact.error.phone")
		}
		p.Phone = n.E164()
	}
	if p.Email != "" {
		address, err := parseAddress(p.Email)
		if err != nil {
			wrong.Add("email", "contact.error.email")
		}
		p.Email = address
	}
	return p, wrong.Err()
}

func (s *Service) keyEntry(c *web.Context) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	v, err := s.typedEntry(c, form)
	if err != nil {
		return err
	}
	if !slices.Contains(Keyed(), v.Entry.Channel) {
		err = field("channel", "contact.error.channel")
	}
	wish := v.Person
	if err == nil {
		wish, err = s.reachable(c, v.Person)
	}
	var e Entry
	if err == nil {
		e, err = s.Key(c.Ctx(), c.Store, v.Entry, wish)
	}
	if errs, ok := c.FieldErrors(err); ok {
		v.Errors = errs
		return s.showKey(c, http.StatusUnprocessableEntity, v)
	}
	if err != nil {
		return err
	}
	if e.Number != "" {
		c.Flash(c.T("contact.key.opened", "Number", e.Number))
	} else {
		c.Flash(c.T("contact.key.done"))
	}
	return c.Redirect("/bureau/contributions/saisir")
}

func (s *Service) batches(c *web.Context) error {
	return s.showBatches(c, http.StatusOK, Batch{Channel: Paper, HeldOn: c.Now().In(i18n.Location(c.Ctx())).Format(time.DateOnly)}, nil)
}

func (s *Service) showBatches(c *web.Context, status int, b Batch, errs []page.FieldError) error {
	ctx := c.Ctx()
	t := page.TableData{Caption: c.T("contact.batches.list"), Empty: c.T("contact.batches.none"), Columns: []page.Column{{Label: c.T("contact.batch.number")}, {Label: c.T("contact.column.channel")}, {Label: c.T("contact.batch.place")}, {Label: c.T("contact.batch.held")}, {Label: c.T("contact.batch.count"), Right: true}}}
	err := c.Store.View(ctx, func(tx *store.Tx) error {
		list, err := s.Batches(ctx, tx, 50)
		t.Rows = nil
		for _, x := range list {
			t.Rows = append(t.Rows, []page.Cell{{Head: true, Text: x.Number, Href: c.Href("/bureau/lots/" + x.ID.String())}, {Text: i18n.T(ctx, "contact.channel."+string(x.Channel))}, {Text: x.Place}, {Text: x.HeldOn}, {Text: i18n.Number(ctx, x.Count)}})
		}
		return err
	})
	if err != nil {
		return err
	}
	p, err := s.staffPage(c, c.T("contact.batches.title"), len(errs) > 0, s.home(c))
	if err != nil {
		return err
	}
	p.Lead = c.T("contact.batches.lead")
	return c.RenderStatus(status, batchesPage(p, b, errs, t))
}

func (s *Service) openBatch(c *web.Context) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	b := Batch{Channel: Channel(form.Get("channel")), Place: form.Get("place"), HeldOn: form.Get("held"), OpenedBy: c.Actor.ID}
	saved, err := s.NewBatch(c.Ctx(), c.Store, b, i18n.Location(c.Ctx()))
	if errs, ok := c.FieldErrors(err); ok {
		return s.showBatches(c, http.StatusUnprocessableEntity, b, errs)
	}
	if err != nil {
		return err
	}
	return c.Redirect("/bureau/lots/" + saved.ID.String())
}

func (s *Service) batch(c *web.Context) error {
	v := keyView{Entry: Entry{Kind: Kind(cmp.Or(c.Query("nature"), string(Suggestion))), Area: c.Query("quartier")}, Done: c.TakeFlash()}
	return s.showBatch(c, http.StatusOK, v)
}

func (s *Service) showBatch(c *web.Context, status int, v keyView) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	ctx := c.Ctx()
	if v.Key == "" {
		v.Key = store.NewID().String()
	}
	err = c.Store.View(ctx, func(tx *store.Tx) (err error) {
		if v.Batch, err = s.Batch(ctx, tx, id); err != nil {
			return err
		}
		v.Last, err = s.List(ctx, tx, Filter{Batch: id}, 10)
		return err
	})
	if err != nil {
		return err
	}
	title := c.T("contact.batch.title", "Number", v.Batch.Number, "N", v.Batch.Count+1)
	p, err := s.staffPage(c, title, len(v.Errors) > 0, s.home(c), page.Link{Label: c.T("contact.batches.title"), Href: c.Href("/bureau/lots")})
	if err != nil {
		return err
	}
	p.Lead = c.T("contact.batch.lead", "Channel", c.T("contact.channel."+string(v.Batch.Channel)), "Place", v.Batch.Place, "Day", v.Batch.HeldOn)
	return c.RenderStatus(status, batchPage(p, v))
}

func (s *Service) keyBatch(c *web.Context) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	v, err := s.typedEntry(c, form)
	if err != nil {
		return err
	}
	v.Entry.BatchID, v.Entry.Channel = id, Paper // the batch says the channel
	wish, err := s.reachable(c, v.Person)
	if err == nil {
		_, err = s.Key(c.Ctx(), c.Store, v.Entry, wish)
	}
	if errs, ok := c.FieldErrors(err); ok {
		v.Errors = errs
		return s.showBatch(c, http.StatusUnprocessableEntity, v)
	}
	if err != nil {
		return err
	}
	c.Flash(c.T("contact.batch.kept"))
	return c.Redirect("/bureau/lots/" + id.String() + "?" + url.Values{"nature": {string(v.Entry.Kind)}, "quartier": {v.Entry.Area}}.Encode())
}
