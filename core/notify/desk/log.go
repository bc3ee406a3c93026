package desk

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"parvis/core/link"
	"parvis/core/notify"
	"parvis/platform/fault"
	"parvis/platform/i18n"
	"parvis/platform/phone"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// perPage is how many rows a list shows.
const perPage = 50

// days is how far back the figures of the log look.
const days = 30

// logView is what the log shows.
type logView struct {
	Path      string // of the log, complete
	Entries   []notify.Entry
	Notices   []notify.Notice
	Filter    notify.Filter
	Typed     string // recipient, as typed
	Next      string
	Done      string
	Attention int
	Counts    []notify.Count
	Spent     notify.Spending
	Set       notify.Settings
	Now       time.Time
	Settings  bool // the reader may change the settings
}

func (d *desk) showLog(c *web.Context) error {
	f, typed := filterOf(c)
	after, err := cursorOf(c)
	if err != nil {
		return err
	}
	v := logView{Path: c.Href("/bureau/messages"), Notices: d.hub.Notices(), Filter: f, Typed: typed, Done: c.TakeFlash(), Now: c.Now(), Settings: c.Actor.Can(Settings)}
	err = c.Store.View(c.Ctx(), func(tx *store.Tx) error { return d.readLog(c.Ctx(), tx, &v, after) })
	if err != nil {
		return err
	}
	if len(v.Entries) > perPage {
		v.Entries = v.Entries[:perPage]
		last := v.Entries[perPage-1]
		q := c.Request.URL.Query()
		q.Del("lang")
		q.Set("apres", strconv.Itoa(last.Rank)+"."+last.ID.String())
		v.Next = v.Path + "?" + q.Encode()
	}
	p, err := c.StaffPage(c.T("notify.log.title"))
	if err != nil {
		return err
	}
	p.Heading, p.Head = c.T("notify.log.title"), styles(v.Path)
	if v.Attention > 0 {
		p.Heading = i18n.N(c.Ctx(), "notify.log.attention", v.Attention)
	}
	p.Tools = tabs(v.Path, "sent", v.Settings)
	return c.Render(logPage(p, v))
}

func (d *desk) readLog(ctx context.Context, tx *store.Tx, v *logView, after notify.Cursor) (err error) {
	if v.Entries, err = d.hub.Log(ctx, tx, v.Filter, after, perPage+1); err != nil {
		return err
	}
	if v.Attention, err = d.hub.Attention(ctx, tx); err != nil {
		return err
	}
	if v.Counts, err = d.hub.Counts(ctx, tx, tx.Now().Add(-days*24*time.Hour)); err != nil {
		return err
	}
	if v.Set, err = d.hub.Settings(ctx, tx); err != nil {
		return err
	}
	v.Spent, err = d.hub.Spent(ctx, tx, notify.Month(tx.Now(), i18n.Location(ctx)))
	return err
}

// filterOf reads the filters of the address; those that make no sense are left out.
func filterOf(c *web.Context) (f notify.Filter, typed string) {
	if s := notify.State(c.Query("etat")); slices.Contains(notify.States(), s) {
		f.State = s
	}
	if ch := notify.Channel(c.Query("voie")); slices.Contains(notify.Channels(), ch) {
		f.Channel = ch
	}
	f.Notice = c.Query("message")
	if typed = c.Query("a"); typed != "" {
		f.Recipient = typed
		if n, err := phone.Parse(typed, phone.Mainland); err == nil {
			f.Recipient = n.E164()
		}
	}
	return f, typed
}

func cursorOf(c *web.Context) (notify.Cursor, error) {
	raw := c.Query("apres")
	if raw == "" {
		return notify.Cursor{}, nil
	}
	rank, rest, _ := strings.Cut(raw, ".")
	id, err := store.ParseID(rest)
	if err != nil || rank != "0" && rank != "1" {
		return notify.Cursor{}, fault.New(fault.NotFound, "").Because(err)
	}
	return notify.Cursor{Rank: int(rank[0] - '0'), ID: id}, nil
}

// messageView is one message.
type messageView struct {
	notify.Entry
	Path  string
	Label string
	About link.Target // what it is about, when it can be found and seen
	Now   time.Time
	Done  string
}

func (d *desk) showMessage(c *web.Context) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	v := messageView{Path: c.Href("/bureau/messages"), Now: c.Now(), Done: c.TakeFlash()}
	err = c.Store.View(c.Ctx(), func(tx *store.Tx) error {
		v.Entry, err = d.hub.Entry(c.Ctx(), tx, id)
		return err
	})
	if err != nil {
		return err
	}
	if d.find != nil && v.SubjectRef != "" {
		target, err := d.find(c.Ctx(), c.Store, v.SubjectRef)
		switch {
		case err == nil && c.Actor.Can(target.Permission):
			target.Href = c.Href(target.Href)
			v.About = target
		case err != nil && !web.Gone(err):
			return err
		}
	}
	v.Label = d.label(c.Ctx(), v.Notice)
	p, err := c.StaffPage(v.Label)
	if err != nil {
		return err
	}
	p.Heading, p.Head = v.Label, styles(v.Path)
	p.Crumbs = []page.Link{{Label: c.T("notify.log.title"), Href: v.Path}, {Label: v.Label, Current: true}}
	return c.Render(messagePage(p, v))
}

func (d *desk) resend(c *web.Context) error {
	return d.act(c, "notify.log.resent", func(tx *store.Tx, id store.ID) error { return d.hub.Resend(c.Ctx(), tx, id) })
}

func (d *desk) handled(c *web.Context) error {
	return d.act(c, "notify.log.put_away", func(tx *store.Tx, id store.ID) error { return d.hub.Handled(c.Ctx(), tx, id) })
}

// act does something with one message, then comes back to the log.
func (d *desk) act(c *web.Context, done string, do func(tx *store.Tx, id store.ID) error) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	if err := c.Store.Update(c.Ctx(), func(tx *store.Tx) error { return do(tx, id) }); err != nil {
		return err
	}
	c.Flash(c.T(done))
	return c.Redirect("/bureau/messages")
}

// label is the name of a notice; that of a service which is gone is its own.
func (d *desk) label(ctx context.Context, notice string) string {
	if n, ok := d.hub.Notice(notice); ok {
		return i18n.T(ctx, n.Label)
	}
	return notice
}

// inboundView is the list of what people sent.
type inboundView struct {
	List []notify.Inbound
	Next string
	Now  time.Time
}

func (d *desk) showInbound(c *web.Context) error {
	before, err := before(c)
	if err != nil {
		return err
	}
	path := c.Href("/bureau/messages")
	v := inboundView{Now: c.Now()}
	err = c.Store.View(c.Ctx(), func(tx *store.Tx) error {
		v.List, err = d.hub.Inbounds(c.Ctx(), tx, before, perPage+1)
		return err
	})
	if err != nil {
		return err
	}
	if len(v.List) > perPage {
		v.List = v.List[:perPage]
		v.Next = path + "/recus?" + url.Values{"avant": {v.List[perPage-1].ID.String()}}.Encode()
	}
	p, err := c.StaffPage(c.T("notify.inbound.title"))
	if err != nil {
		return err
	}
	p.Heading, p.Head, p.Tools = p.Title, styles(path), tabs(path, "received", c.Actor.Can(Settings))
	return c.RenderStatus(http.StatusOK, inboundPage(p, v))
}

// before reads where a list starts.
func before(c *web.Context) (store.ID, error) {
	raw := c.Query("avant")
	if raw == "" {
		return 0, nil
	}
	id, err := store.ParseID(raw)
	if err != nil {
		return 0, fault.New(fault.NotFound, "").Because(err)
	}
	return id, nil
}
