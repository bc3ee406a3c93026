package intervention

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"parvis/platform/fault"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/sync"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

type newView struct {
	Action string
	Typed  url.Values
	Errors []page.FieldError
	Trades []page.Option
	Crews  []page.Option
	Prio   []page.Option
}

// newOrder asks what is to be done; with ?origin=report:12 the form is filled
// with what the report says.
func (s *Service) newOrder(c *web.Context) error {
	typed := c.Request.URL.Query()
	x, err := s.asked(c, typed.Get("origin"))
	if err != nil {
		return err
	}
	for name, v := range map[string]string{"title": x.Title, "description": x.Text, "address": x.Address, "point": writePoint(x.Lat, x.Lon)} {
		if v != "" && typed.Get(name) == "" {
			typed.Set(name, v)
		}
	}
	if x.Crew != 0 {
		typed.Set("crew", x.Crew.String())
	}
	return s.renderNew(c, http.StatusOK, typed, nil)
}

// asked reads the origin of a form; nothing when it has none.
func (s *Service) asked(c *web.Context, ref string) (x Asked, err error) {
	if ref == "" || s.Origin == nil {
		return x, nil
	}
	err = c.Store.View(c.Ctx(), func(tx *store.Tx) (err error) {
		x, err = s.Origin(c.Ctx(), tx, ref)
		return err
	})
	return x, err
}

func (s *Service) renderNew(c *web.Context, status int, typed url.Values, errs []page.FieldError) error {
	v := newView{Action: c.Href(ordersPath + "/nouvelle"), Typed: typed, Errors: errs}
	err := c.Store.View(c.Ctx(), func(tx *store.Tx) error {
		r, err := s.roster(c.Ctx(), tx)
		if err != nil {
			return err
		}
		v.Trades, v.Crews = r.tradeOptions(c, idOf(typed.Get("trade")), c.T("intervention.choose")), r.crewOptions(c, idOf(typed.Get("crew")), c.T("intervention.crew.none"))
		return nil
	})
	if err != nil {
		return err
	}
	for _, x := range []string{"2", "1", "3"} {
		v.Prio = append(v.Prio, page.Option{Value: x, Label: c.T("intervention.priority." + x), Selected: typed.Get("priority") == x})
	}
	p, err := s.workspace(c, c.T("intervention.new.title"), "", errs)
	if err != nil {
		return err
	}
	return c.RenderStatus(status, newPage(p, v))
}

func (s *Service) addOrder(c *web.Context) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	zone := i18n.Location(c.Ctx())
	asked, err := s.asked(c, form.Get("origin"))
	if err != nil {
		return err
	}
	var wrong fault.Fields
	o := Order{TradeID: idOf(form.Get("trade")), CrewID: idOf(form.Get("crew")), Title: form.Get("title"), Description: form.Get("description"), Address: form.Get("address"), Origin: FromOffice, CreatedBy: c.Actor.ID}
	if form.Get("origin") != "" {
		o.Origin, o.OriginRef, o.NoticedAt, o.DueAt = FromReport, form.Get("origin"), asked.At, asked.Due
	}
	o.Priority = readNumber(&wrong, form, "priority", "intervention.error.priority")
	o.Lat, o.Lon = readPoint(&wrong, form.Get("point"))
	start := readMoment(&wrong, form, "day", "hour", zone)
	if err := o.Check(); err != nil {
		for _, f := range fault.Of(err).Fields {
			if !wrong.Has(f.Name) {
				wrong = append(wrong, f)
			}
		}
	}
	if err = wrong.Err(); err == nil {
		err = c.Store.Update(c.Ctx(), func(tx *store.Tx) error {
			a := o
			if code := strings.TrimSpace(form.Get("asset")); code != "" {
				id, err := s.assetTyped(c.Ctx(), tx, code)
				if err != nil {
					return err
				}
				a.AssetID = id
			}
			made, err := s.Open(c.Ctx(), tx, a)
			if err != nil || start.IsZero() || !c.Actor.Can(MayPlan) {
				o = made
				return err
			}
			o, err = s.Schedule(c.Ctx(), tx, made.ID, Slot{Crew: made.CrewID, Start: start, Overlap: true}, c.Actor.ID)
			return err
		})
	}
	if fields, invalid := c.FieldErrors(err); err != nil && invalid {
		return s.renderNew(c, http.StatusUnprocessableEntity, form, fields)
	}
	if err != nil {
		return err
	}
	c.Flash(c.T("intervention.new.done", "Number", o.Number))
	return c.Redirect(ordersPath + "/" + o.ID.String())
}

type sheetView struct {
	Done      string
	Order     Order
	Base      string
	Badge     string
	BadgeKind string
	Late      bool
	Facts     []page.Fact
	Answers   []page.Fact
	Check     []page.Fact
	Steps     []page.Step
	Photos    []photoView
	Waiting   int
	Proposals []proposalView
	Moves     []State
	Plan      bool
	Work      bool
	Day, Hour string
	Minutes   string
	Crews     []page.Option
	Errors    []page.FieldError
	Overlap   bool
	Links     []page.Link
}

type photoView struct{ Src, Alt, Caption string }

type proposalView struct{ ID, Field, Office, Mine, Who, When string }

func (s *Service) showOrder(c *web.Context) error { return s.renderOrder(c, http.StatusOK, nil, false) }

func (s *Service) renderOrder(c *web.Context, status int, errs []page.FieldError, overlap bool) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	ctx, now, zone := c.Ctx(), c.Now(), i18n.Location(c.Ctx())
	v := sheetView{Done: c.TakeFlash(), Base: c.Href(ordersPath + "/" + id.String()), Plan: c.Actor.Can(MayPlan), Work: c.Actor.Can(MayWork), Errors: errs, Overlap: overlap}
	var o Order
	err = c.Store.View(ctx, func(tx *store.Tx) (err error) {
		if o, err = s.Get(ctx, tx, id); err != nil {
			return err
		}
		r, err := s.roster(ctx, tx)
		if err != nil {
			return err
		}
		t, err := s.tradeOf(ctx, tx, o)
		if err != nil {
			return err
		}
		v.Order, v.Late, v.BadgeKind, v.Badge = o, o.Late(now), stateKind(o.State), c.T("intervention.state."+string(o.State))
		v.Crews = r.crewOptions(c, o.CrewID, c.T("intervention.crew.none"))
		v.Day, v.Hour = dateTyped(o.PlannedStart, zone), clockTyped(ctx, o.PlannedStart)
		if !o.PlannedEnd.IsZero() {
			v.Minutes = fmt.Sprint(int(o.PlannedEnd.Sub(o.PlannedStart).Minutes()))
		}
		for _, st := range States() {
			if o.State.may(st, v.Plan) && st != Planned && st != ToPlan {
				v.Moves = append(v.Moves, st)
			}
		}
		if err := s.facts(ctx, tx, c, r, t, o, &v); err != nil {
			return err
		}
		if err := s.history(ctx, tx, c, r, o, &v); err != nil {
			return err
		}
		return s.waiting(ctx, tx, c, r, t, o, &v)
	})
	if err != nil {
		return err
	}
	p, err := s.workspace(c, o.Title, "", errs)
	if err != nil {
		return err
	}
	p.Kicker = o.Number
	return c.RenderStatus(status, orderPage(p, v))
}

// facts are what is known of the order.
func (s *Service) facts(ctx context.Context, tx *store.Tx, c *web.Context, r *roster, t Trade, o Order, v *sheetView) error {
	now := c.Now()
	add := func(key, value string) {
		if value != "" {
			v.Facts = append(v.Facts, page.Fact{Label: c.T("intervention.fact." + key), Value: value})
		}
	}
	moment := func(x time.Time) string {
		if x.IsZero() {
			return ""
		}
		return i18n.DayTimeRelative(ctx, x, now)
	}
	add("trade", r.trades[o.TradeID].Name)
	add("priority", c.T(fmt.Sprintf("intervention.priority.%d", o.Priority)))
	add("address", o.Address)
	add("description", o.Description)
	add("crew", strings.Join(filled(r.crews[o.CrewID].Name, s.name(ctx, r, o.PersonID)), ", "))
	add("planned", moment(o.PlannedStart))
	add("due", moment(o.DueAt))
	add("done", moment(o.DoneAt))
	if o.DoneReceivedAt.Sub(o.DoneAt) > 2*time.Minute {
		add("received", moment(o.DoneReceivedAt))
	}
	if o.Minutes > 0 {
		add("minutes", i18n.Duration(ctx, time.Duration(o.Minutes)*time.Minute))
	}
	if o.Cents > 0 {
		add("cost", i18n.Money(ctx, o.Cents))
	}
	if o.Quantity > 0 {
		v.Facts = append(v.Facts, page.Fact{Label: t.Config.V.Quantity, Value: i18n.Number(ctx, o.Quantity) + "\u00a0" + t.Config.V.Unit})
	}
	for _, x := range t.Config.V.Outcomes {
		if x.Key == o.Outcome {
			add("outcome", x.Label)
		}
	}
	add("reason", o.Reason)
	add("origin", c.T("intervention.origin."+string(o.Origin)))
	if o.AssetID != 0 {
		a, err := s.Asset(ctx, tx, o.AssetID)
		if err != nil {
			return err
		}
		v.Facts = append(v.Facts, page.Fact{Label: c.T("intervention.fact.asset"), Value: a.Name, Href: c.Href(assetsPath + "/" + a.ID.String()), LinkLabel: c.T("intervention.asset.see")})
	}
	for _, f := range t.Config.V.Fields {
		if a := o.Answers.V[f.Key]; a != "" {
			v.Answers = append(v.Answers, page.Fact{Label: f.Label, Value: strings.TrimSpace(a + " " + f.Unit)})
		}
	}
	items, err := s.Items(ctx, tx, o.ID)
	for _, x := range t.Config.V.Checklist {
		if r, ok := items[x.Key]; ok {
			v.Check = append(v.Check, page.Fact{Label: x.Label, Value: strings.Join(filled(c.T("intervention.verdict."+r.Verdict), strings.TrimSpace(r.Value+" "+x.Unit), r.Note), ", ")})
		} else {
			v.Check = append(v.Check, page.Fact{Label: x.Label, Value: c.T("intervention.verdict.none")})
		}
	}
	return err
}

// history is the journal with both times when they differ, and the photos.
func (s *Service) history(ctx context.Context, tx *store.Tx, c *web.Context, r *roster, o Order, v *sheetView) error {
	lines, err := s.Journal(ctx, tx, o.ID)
	if err != nil {
		return err
	}
	v.Steps = []page.Step{{Title: c.T("intervention.line.opened"), When: i18n.DayTimeRelative(ctx, o.CreatedAt, c.Now()), Text: s.name(ctx, r, o.CreatedBy), State: "done"}}
	for _, e := range lines {
		st := page.Step{When: i18n.DayTimeRelative(ctx, e.HappenedAt, c.Now()), State: "done"}
		if e.ReceivedAt.Sub(e.HappenedAt) > 2*time.Minute {
			st.When = c.T("intervention.line.both", "When", st.When, "Received", i18n.DayTimeRelative(ctx, e.ReceivedAt, c.Now()))
		}
		st.Text = strings.Join(filled(e.Text, s.name(ctx, r, e.PersonID)), " · ")
		switch e.Kind {
		case StateLine:
			st.Title = c.T("intervention.state." + e.Code)
			if e.Phase == "proposed" {
				st.Title = c.T("intervention.line.proposed", "State", st.Title)
			}
		case TimeLine:
			st.Title = i18n.Duration(ctx, time.Duration(e.Minutes)*time.Minute)
		case PartLine:
			st.Title = c.T("intervention.line.part", "Name", e.Text, "Quantity", i18n.Number(ctx, e.Quantity))
			st.Text = s.name(ctx, r, e.PersonID)
		case ContractorLine:
			st.Title = c.T("intervention.line.contractor", "Cost", i18n.Money(ctx, e.Cents))
		case PhotoLine, SignLine:
			word := e.Phase
			if e.Kind == SignLine {
				word = "sign"
			}
			if word == "" {
				word = "during"
			}
			st.Title = c.T("intervention.photo." + word)
			switch e.FileState {
			case fileReady:
				v.Photos = append(v.Photos, photoView{c.Href(fieldPath + "/photos/" + e.ID.String()), st.Title, st.Title + ", " + st.When})
			case fileWaiting:
				v.Waiting++
				st.Text = strings.Join(filled(c.T("intervention.photo.waiting"), st.Text), " · ")
			default:
				st.Text = strings.Join(filled(c.T("intervention.photo.refused"), st.Text), " · ")
			}
		default:
			st.Title = c.T("intervention.line.note")
		}
		v.Steps = append(v.Steps, st)
	}
	return nil
}

// waiting are the values from the field that somebody has to choose from.
func (s *Service) waiting(ctx context.Context, tx *store.Tx, c *web.Context, r *roster, t Trade, o Order, v *sheetView) error {
	list, err := s.sync.Proposals(ctx, tx, entityKind, o.UID)
	for _, p := range list {
		name := p.Field
		if key, ok := strings.CutPrefix(p.Field, "answer:"); ok {
			if f, ok := t.Config.V.field(key); ok {
				name = f.Label
			}
		} else if name != "" {
			name = c.T("intervention.js.field." + name)
		} else {
			name = c.T("intervention.line.note")
		}
		v.Proposals = append(v.Proposals, proposalView{p.ID, name, valueWords(c, p.ServerValue.V), valueWords(c, p.Value.V), s.name(ctx, r, p.PersonID), i18n.DayTimeRelative(ctx, p.HappenedAt, c.Now())})
	}
	return err
}

// valueWords writes a value that came as JSON.
func valueWords(c *web.Context, raw json.RawMessage) string {
	var text string
	var number float64
	var state struct{ To, Reason string }
	switch {
	case json.Unmarshal(raw, &text) == nil && text != "":
		return text
	case json.Unmarshal(raw, &number) == nil && string(raw) != "null":
		return i18n.Number(c.Ctx(), number)
	case json.Unmarshal(raw, &state) == nil && state.To != "":
		return strings.Join(filled(c.T("intervention.state."+state.To), state.Reason), ", ")
	}
	return c.T("intervention.js.nothing")
}

func (s *Service) scheduleOrder(c *web.Context) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	var wrong fault.Fields
	x := Slot{Crew: idOf(form.Get("crew")), Start: readMoment(&wrong, form, "day", "hour", i18n.Location(c.Ctx())), Minutes: readNumber(&wrong, form, "minutes", "intervention.error.minutes"), Overlap: form.Get("overlap") == "1"}
	if err = wrong.Err(); err == nil {
		err = c.Store.Update(c.Ctx(), func(tx *store.Tx) error {
			_, err := s.Schedule(c.Ctx(), tx, id, x, c.Actor.ID)
			return err
		})
	}
	if f := fault.Of(err); f != nil && f.Key == "intervention.error.taken" {
		return s.renderOrder(c, http.StatusConflict, []page.FieldError{{Field: "hour", Message: c.T(f.Key)}}, true)
	}
	return s.back(c, err, "intervention.planned.saved")
}

// back shows the sheet again: with the mistakes, or with what was done.
func (s *Service) back(c *web.Context, err error, done string) error {
	if fields, invalid := c.FieldErrors(err); err != nil && invalid {
		return s.renderOrder(c, http.StatusUnprocessableEntity, fields, false)
	}
	if err != nil {
		return err
	}
	c.Flash(c.T(done))
	return c.Redirect(ordersPath + "/" + c.Param("id"))
}

func (s *Service) moveOrder(c *web.Context) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	err = c.Store.Update(c.Ctx(), func(tx *store.Tx) error {
		_, err := s.Advance(c.Ctx(), tx, id, Move{To: State(form.Get("etat")), Reason: strings.TrimSpace(form.Get("reason")), By: c.Actor.ID, Chief: c.Actor.Can(MayPlan)})
		return err
	})
	return s.back(c, err, "intervention.moved")
}

func (s *Service) noteOrder(c *web.Context) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	var wrong fault.Fields
	e := Entry{Kind: NoteLine, Text: strings.TrimSpace(form.Get("text")), PersonID: c.Actor.ID}
	e.Minutes = int64(readNumber(&wrong, form, "minutes", "intervention.error.minutes"))
	if e.Cents, err = readCents(form.Get("cents")); err != nil {
		wrong.Add("cents", "intervention.error.cents")
	}
	switch {
	case e.Cents > 0:
		e.Kind = ContractorLine
	case e.Minutes > 0:
		e.Kind = TimeLine
	}
	if err = wrong.Err(); err == nil {
		err = c.Store.Update(c.Ctx(), func(tx *store.Tx) error {
			_, err := s.Note(c.Ctx(), tx, id, e)
			return err
		})
	}
	return s.back(c, err, "intervention.note.saved")
}

// settleOrder chooses between the office's value and the field's.
func (s *Service) settleOrder(c *web.Context) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	choice := sync.Theirs
	if form.Get("choix") == "mine" {
		choice = sync.Mine
	}
	who, err := s.who(c)
	if err != nil {
		return err
	}
	err = c.Store.Update(c.Ctx(), func(tx *store.Tx) error {
		return s.sync.Resolve(c.Ctx(), tx, entityKind, form.Get("proposition"), choice, who)
	})
	if sync.Refused(err) {
		err = fault.New(fault.Invalid, "intervention.error.move")
	}
	return s.back(c, err, "intervention.settled")
}
