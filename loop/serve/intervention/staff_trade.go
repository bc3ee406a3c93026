package intervention

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"parvis/platform/fault"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

type tradesView struct {
	Done  string
	Table page.TableData
	New   page.ButtonData
	More  page.ButtonData
}

func (s *Service) trades(c *web.Context) error {
	v := tradesView{Done: c.TakeFlash(), New: page.ButtonData{Label: c.T("intervention.trade.new"), Icon: "plus", Kind: "primary", Href: c.Href(tradesPath + "/nouveau")},
		More: page.ButtonData{Label: c.T("intervention.devices.title"), Href: c.Href(devicesPath)}}
	v.Table = page.TableData{Caption: c.T("intervention.trades.title"), CaptionHidden: true, Empty: c.T("intervention.trades.none"), Columns: []page.Column{{Label: c.T("intervention.trade.name")}, {Label: c.T("intervention.trade.checklist"), Right: true},
		{Label: c.T("intervention.trade.fields"), Right: true}, {Label: c.T("intervention.trade.rate"), Right: true}, {Label: c.T("intervention.trade.version"), Right: true}, {Label: c.T("intervention.trade.state")}}}
	err := c.Store.View(c.Ctx(), func(tx *store.Tx) error {
		list, err := s.Trades(c.Ctx(), tx, true)
		v.Table.Rows = nil
		for _, t := range list {
			state := c.T("intervention.trade.on")
			if !t.Active {
				state = c.T("intervention.trade.off")
			}
			x := t.Config.V
			v.Table.Rows = append(v.Table.Rows, []page.Cell{{Text: t.Name, Href: c.Href(tradesPath + "/" + t.ID.String()), Head: true, Note: x.About}, {Text: strconv.Itoa(len(x.Checklist))}, {Text: strconv.Itoa(len(x.Fields))},
				{Text: i18n.Money(c.Ctx(), x.HourCents)}, {Text: strconv.FormatInt(t.Version, 10)}, {Text: state}})
		}
		return err
	})
	if err != nil {
		return err
	}
	p, err := s.workspace(c, c.T("intervention.trades.title"), c.T("intervention.trades.lead"), nil)
	if err != nil {
		return err
	}
	return c.Render(tradesPage(p, v))
}

type tradeView struct {
	Action string
	Typed  url.Values
	Errors []page.FieldError
}

// typedTrade is a trade as its form shows it.
func typedTrade(t Trade) url.Values {
	x := t.Config.V
	flag := func(b bool) string {
		if b {
			return "1"
		}
		return ""
	}
	v := url.Values{"name": {t.Name}, "about": {x.About}, "fields": {WriteFields(x.Fields)}, "checklist": {WriteChecklist(x.Checklist)}, "outcomes": {WriteOutcomes(x.Outcomes)}, "materials": {WriteMaterials(x.Materials)},
		"skills": {strings.Join(x.Skills, ", ")}, "quantity": {x.Quantity}, "unit": {x.Unit}, "minutes": {strconv.Itoa(x.Minutes)}, "rate": {writeCents(x.HourCents)}, "version": {strconv.FormatInt(t.Version, 10)},
		"before": {flag(x.Before)}, "after": {flag(x.After)}, "sign": {flag(x.Sign)}, "active": {flag(t.Active)}}
	for i, h := range x.DueHours {
		if h > 0 {
			v.Set("due"+strconv.Itoa(i+1), strconv.Itoa(h))
		}
	}
	return v
}

// readTrade is the trade of a form.
func readTrade(form url.Values) (Trade, error) {
	var wrong fault.Fields
	t := Trade{Name: form.Get("name"), Active: form.Get("active") == "1"}
	x := &t.Config.V
	x.About, x.Quantity, x.Unit = strings.TrimSpace(form.Get("about")), strings.TrimSpace(form.Get("quantity")), strings.TrimSpace(form.Get("unit"))
	x.Before, x.After, x.Sign = form.Get("before") == "1", form.Get("after") == "1", form.Get("sign") == "1"
	checkText(&wrong, "about", x.About, 300)
	x.Minutes = readNumber(&wrong, form, "minutes", "intervention.error.minutes")
	for i := range x.DueHours {
		x.DueHours[i] = readNumber(&wrong, form, "due"+strconv.Itoa(i+1), "intervention.error.due")
	}
	for w := range strings.SplitSeq(form.Get("skills"), ",") {
		if w = strings.TrimSpace(w); w != "" && len(x.Skills) < 20 {
			x.Skills = append(x.Skills, w)
		}
	}
	var err error
	if x.HourCents, err = readCents(form.Get("rate")); err != nil {
		wrong.Add("rate", "intervention.error.cents")
	}
	collect := func(err error) {
		if f := fault.Of(err); f != nil {
			wrong = append(wrong, f.Fields...)
		}
	}
	x.Fields, err = ReadFields(form.Get("fields"))
	collect(err)
	x.Checklist, err = ReadChecklist(form.Get("checklist"))
	collect(err)
	x.Outcomes, err = ReadOutcomes(form.Get("outcomes"))
	collect(err)
	x.Materials, err = ReadMaterials(form.Get("materials"))
	collect(err)
	t.Version, _ = strconv.ParseInt(form.Get("version"), 10, 64)
	collect(t.Check())
	return t, wrong.Err()
}

func (s *Service) newTrade(c *web.Context) error {
	return s.renderTrade(c, http.StatusOK, tradesPath+"/nouveau", url.Values{"active": {"1"}, "after": {"1"}, "version": {"0"}, "minutes": {"45"}}, nil)
}

func (s *Service) editTrade(c *web.Context) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	var t Trade
	if err := c.Store.View(c.Ctx(), func(tx *store.Tx) (err error) {
		t, err = s.Trade(c.Ctx(), tx, id)
		return err
	}); err != nil {
		return err
	}
	return s.renderTrade(c, http.StatusOK, tradesPath+"/"+id.String(), typedTrade(t), nil)
}

func (s *Service) renderTrade(c *web.Context, status int, action string, typed url.Values, errs []page.FieldError) error {
	title := c.T("intervention.trade.new")
	if typed.Get("version") != "0" && typed.Get("name") != "" {
		title = typed.Get("name")
	}
	p, err := s.workspace(c, title, c.T("intervention.trade.lead"), errs, page.Link{Label: c.T("intervention.trades.title"), Href: c.Href(tradesPath)})
	if err != nil {
		return err
	}
	return c.RenderStatus(status, tradePage(p, tradeView{c.Href(action), typed, errs}))
}

func (s *Service) saveTrade(c *web.Context) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	var id store.ID
	if c.Param("id") != "nouveau" {
		if id, err = c.ID("id"); err != nil {
			return err
		}
	}
	t, err := readTrade(form)
	if t.ID = id; id == 0 {
		t.Version = 0
	}
	if err == nil {
		err = c.Store.Update(c.Ctx(), func(tx *store.Tx) error {
			_, err := s.SaveTrade(c.Ctx(), tx, t, c.Actor.ID)
			return err
		})
	}
	if fields, invalid := c.FieldErrors(err); err != nil && invalid {
		return s.renderTrade(c, http.StatusUnprocessableEntity, tradesPath+"/"+c.Param("id"), form, fields)
	}
	if err != nil {
		return err
	}
	c.Flash(c.T("intervention.trade.saved", "Name", t.Name))
	return c.Redirect(tradesPath)
}

// devices lists the browsers that synchronise.
func (s *Service) devices(c *web.Context) error {
	v := tradesView{Done: c.TakeFlash()}
	v.Table = page.TableData{Caption: c.T("intervention.devices.title"), CaptionHidden: true, Empty: c.T("intervention.devices.none"), Columns: []page.Column{{Label: c.T("intervention.devices.who")}, {Label: c.T("intervention.devices.what")},
		{Label: c.T("intervention.devices.seen")}, {Label: c.T("intervention.devices.ops"), Right: true}, {Label: c.T("intervention.devices.missing"), Right: true}, {Label: c.T("intervention.devices.gestures"), Hidden: true}}}
	err := c.Store.View(c.Ctx(), func(tx *store.Tx) error {
		list, err := s.sync.Devices(c.Ctx(), tx, 0)
		r := &roster{names: map[store.ID]string{}}
		v.Table.Rows = nil
		for _, d := range list {
			row := []page.Cell{{Text: s.name(c.Ctx(), r, d.PersonID), Head: true}, {Text: d.Name}, {Text: i18n.DayTimeRelative(c.Ctx(), d.SeenAt, c.Now())}, {Text: strconv.FormatInt(d.Received, 10)}, {Text: strconv.FormatInt(d.Missing(), 10)}}
			if d.RevokedAt.IsZero() {
				row = append(row, page.Cell{Body: revokeButton(c.Href(devicesPath+"/"+d.ID+"/revoquer"), s.name(c.Ctx(), r, d.PersonID))})
			} else {
				row = append(row, page.Cell{Text: c.T("intervention.devices.revoked")})
			}
			v.Table.Rows = append(v.Table.Rows, row)
		}
		return err
	})
	if err != nil {
		return err
	}
	p, err := s.workspace(c, c.T("intervention.devices.title"), c.T("intervention.devices.lead"), nil)
	if err != nil {
		return err
	}
	return c.Render(tradesPage(p, v))
}

func (s *Service) revokeDevice(c *web.Context) error {
	if err := c.Store.Update(c.Ctx(), func(tx *store.Tx) error { return s.sync.Revoke(c.Ctx(), tx, c.Param("id")) }); err != nil {
		return err
	}
	c.Flash(c.T("intervention.devices.done"))
	return c.Redirect(devicesPath)
}
