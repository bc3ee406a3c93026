package appointment

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"parvis/engine/booking"
	"parvis/platform/fault"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

type reasonsListView struct {
	Done  string
	Table page.TableData
	New   page.ButtonData
	Empty *page.EmptyData
}

func (s *Service) listReasons(c *web.Context) error {
	ctx := c.Ctx()
	var list []Reason
	open := map[string]int{}
	err := c.Store.View(ctx, func(tx *store.Tx) (err error) {
		if list, err = s.Reasons(ctx, tx, false, true); err != nil {
			return err
		}
		open, err = s.openings(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	v := reasonsListView{Done: c.TakeFlash(), New: page.ButtonData{Label: c.T("appointment.staff.reason.new"), Icon: "plus", Kind: "primary", Href: c.Href(reasonsPath + "/nouveau")}}
	if len(list) == 0 {
		v.Empty = &page.EmptyData{Drawing: "hall", Title: c.T("appointment.staff.reasons.empty"), Text: c.T("appointment.staff.reasons.empty.text"), Actions: []page.ButtonData{v.New}}
	}
	v.Table = page.TableData{Caption: c.T("appointment.staff.reasons"), CaptionHidden: true, Columns: []page.Column{{Label: c.T("appointment.staff.field.name")}, {Label: c.T("appointment.staff.field.duration")},
		{Label: c.T("appointment.staff.field.mode")}, {Label: c.T("appointment.staff.col.open")}, {Label: c.T("appointment.staff.col.state")}}}
	for _, r := range list {
		word, kind := c.T("appointment.staff.reason.online"), "ok"
		switch {
		case !r.Active:
			word, kind = c.T("appointment.staff.reason.closed"), "line"
		case !r.Online:
			word, kind = c.T("appointment.staff.reason.staff"), "info"
		}
		agents := page.Cell{Text: i18n.N(ctx, "appointment.staff.reason.agents", open[r.Tag()])}
		if open[r.Tag()] == 0 && r.Active {
			agents = page.Cell{Body: page.Word("wait", c.T("appointment.staff.reason.nobody"))}
		}
		v.Table.Rows = append(v.Table.Rows, []page.Cell{{Text: r.Name, Href: c.Href(reasonsPath + "/" + r.ID.String()), Note: r.Team, Head: true},
			{Text: i18n.Duration(ctx, r.Duration())}, {Text: c.T("appointment.mode." + string(r.Mode))}, agents, {Body: page.Badge(kind, word)}})
	}
	p, err := s.workspace(c, c.T("appointment.staff.reasons"), c.T("appointment.staff.reasons.lead"), nil)
	if err != nil {
		return err
	}
	p.Crumbs = deskCrumbs(c, page.Link{Label: c.T("appointment.staff.reasons")})
	return c.Render(reasonsListPage(p, v))
}

// stepTyped is one reminder as typed.
type stepTyped struct{ Before, Unit, Channel string }

// reasonTyped is the form of a reason as typed: what is wrong stays.
type reasonTyped struct {
	Text      map[string]string
	Online    bool
	Sensitive bool
	Equipment []string
	Steps     []stepTyped
	Version   string
}

// numbers are the fields of the form that are whole numbers.
func numbers(r *Reason) map[string]*int {
	return map[string]*int{"duration": &r.DurationMin, "step": &r.StepMin, "before": &r.BeforeMin, "after": &r.AfterMin, "agents": &r.AgentsNeeded, "colour": &r.Colour, "rank": &r.SortRank}
}

// lapses are the fields of the form that are a number with its unit.
func lapses(r *Reason) map[string]*int {
	return map[string]*int{"min_delay": &r.MinDelayMin, "max_delay": &r.MaxDelayDays, "cancel_hours": &r.CancelHours, "move_hours": &r.MoveHours}
}

// words are the fields of the form that are text.
func (r *Reason) words() map[string]*string {
	return map[string]*string{"name": &r.Name, "team": &r.Team, "need": &r.Need, "mode": (*string)(&r.Mode), "before_text": &r.BeforeText, "after_text": &r.AfterText}
}

// shown fills the form with a reason.
func shown(r Reason) reasonTyped {
	t := reasonTyped{Text: map[string]string{}, Online: r.Online, Sensitive: r.Sensitive, Version: strconv.FormatInt(r.Version, 10)}
	for name, v := range r.words() {
		t.Text[name] = *v
	}
	for name, v := range numbers(&r) {
		t.Text[name] = strconv.Itoa(*v)
	}
	for _, d := range delayFields() {
		t.Text[d.Name], t.Text[d.Name+"_unit"] = d.shown(*lapses(&r)[d.Name])
	}
	for _, id := range r.Equipment.V {
		t.Equipment = append(t.Equipment, id.String())
	}
	for _, step := range r.Reminders.V {
		n, unit := step.Before, "m"
		if n%1440 == 0 {
			n, unit = n/1440, "j"
		} else if n%60 == 0 {
			n, unit = n/60, "h"
		}
		t.Steps = append(t.Steps, stepTyped{strconv.Itoa(n), unit, step.Channel})
	}
	return t
}

// typedReason keeps the form as it was sent.
func typedReason(form url.Values) reasonTyped {
	t := reasonTyped{Text: map[string]string{}, Online: form.Get("online") != "", Sensitive: form.Get("sensitive") != "", Equipment: form["equipment"], Version: form.Get("version")}
	var empty Reason
	for name := range empty.words() {
		t.Text[name] = form.Get(name)
	}
	for name := range numbers(&empty) {
		t.Text[name] = form.Get(name)
	}
	for _, d := range delayFields() {
		t.Text[d.Name], t.Text[d.Name+"_unit"] = form.Get(d.Name), form.Get(d.Name+"_unit")
	}
	before, unit, channel := form["rappel"], form["unite"], form["moyen"]
	for i := range min(len(before), len(unit), len(channel), maxSteps) {
		t.Steps = append(t.Steps, stepTyped{strings.TrimSpace(before[i]), unit[i], channel[i]})
	}
	return t
}

// read turns what was typed into a reason.
func (t reasonTyped) read(r Reason) (Reason, error) {
	var wrong fault.Fields
	for name, v := range r.words() {
		*v = t.Text[name]
	}
	for name, v := range numbers(&r) {
		text := strings.TrimSpace(t.Text[name])
		if text == "" && name == "rank" {
			text = "0"
		}
		n, err := strconv.Atoi(text)
		if err != nil {
			wrong.Add(name, "appointment.staff.error.number")
		}
		*v = n
	}
	for _, d := range delayFields() {
		*lapses(&r)[d.Name] = d.read(&wrong, t.Text[d.Name], t.Text[d.Name+"_unit"])
	}
	r.Online, r.Sensitive = t.Online, t.Sensitive
	r.Version, _ = strconv.ParseInt(t.Version, 10, 64) // a wrong one is an old one: Conflict
	r.Equipment.V = nil
	for _, v := range t.Equipment {
		id, err := store.ParseID(v)
		if err != nil {
			return r, fault.New(fault.NotFound, "").Because(err)
		}
		r.Equipment.V = append(r.Equipment.V, id)
	}
	r.Reminders.V = nil
	for _, x := range t.Steps {
		if x.Before == "" {
			continue
		}
		n, err := strconv.Atoi(x.Before)
		if err != nil || n > 60*24*60 {
			wrong.Add("reminders", "appointment.error.step_time")
			break
		}
		r.Reminders.V = append(r.Reminders.V, Step{Before: n * unitMinutes(x.Unit), Channel: x.Channel})
	}
	if len(wrong) > 0 {
		slices.SortFunc(wrong, func(a, b fault.Field) int { return strings.Compare(a.Name, b.Name) })
		return r, wrong.Err()
	}
	return r, nil
}

type reasonFormView struct {
	Action, Back string
	Typed        reasonTyped
	Needs, Modes []page.Option
	Colours      []page.Option
	Things       []page.CheckData
	Delays       map[string][]page.Option // units of each delay
	Units        [][]page.Option          // one list per reminder
	Ways         [][]page.Option
	Errors       []page.FieldError
	Switch       string // address of the form that opens or closes, "" for a new one
	Open         bool
	Messages     string // where the words of the SMS are set
}

func (s *Service) newReason(c *web.Context) error {
	return s.renderReason(c, http.StatusOK, Reason{}, reasonFormView{Typed: shown(NewReason())})
}

func (s *Service) addReason(c *web.Context) error {
	return s.saveReason(c, NewReason())
}

// askedReason finds the one of the address.
func (s *Service) askedReason(c *web.Context) (r Reason, err error) {
	id, err := c.ID("id")
	if err != nil {
		return r, err
	}
	err = c.Store.View(c.Ctx(), func(tx *store.Tx) (err error) {
		r, err = s.Reason(c.Ctx(), tx, id)
		return err
	})
	return r, err
}

func (s *Service) editReason(c *web.Context) error {
	r, err := s.askedReason(c)
	if err != nil {
		return err
	}
	return s.renderReason(c, http.StatusOK, r, reasonFormView{Typed: shown(r)})
}

func (s *Service) changeReason(c *web.Context) error {
	r, err := s.askedReason(c)
	if err != nil {
		return err
	}
	return s.saveReason(c, r)
}

// saveReason writes what was typed, or shows it again with its mistakes.
func (s *Service) saveReason(c *web.Context, old Reason) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	typed := typedReason(form)
	r, err := typed.read(old)
	if err == nil {
		err = c.Store.Update(c.Ctx(), func(tx *store.Tx) error {
			for _, id := range r.Equipment.V {
				if err := s.known(c.Ctx(), tx, id); err != nil {
					return err
				}
			}
			_, err := s.SaveReason(c.Ctx(), tx, r)
			return err
		})
	}
	fields, invalid := c.FieldErrors(err)
	switch {
	case err != nil && invalid:
		return s.renderReason(c, http.StatusUnprocessableEntity, old, reasonFormView{Typed: typed, Errors: fields})
	case fault.Is(err, fault.Conflict):
		return s.renderReason(c, http.StatusConflict, old, reasonFormView{Typed: typed, Errors: []page.FieldError{{Message: c.T("appointment.error.changed")}}})
	case err != nil:
		return err
	}
	c.Flash(c.T("appointment.staff.reason.saved", "Name", r.Name))
	return c.Redirect(reasonsPath)
}

// switchReason opens a reason again, or closes it: what is booked stays.
func (s *Service) switchReason(c *web.Context) error {
	r, err := s.askedReason(c)
	if err != nil {
		return err
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	r.Active = form.Get("ouvert") == "1"
	err = c.Store.Update(c.Ctx(), func(tx *store.Tx) error {
		_, err := s.SaveReason(c.Ctx(), tx, r)
		return err
	})
	if err != nil {
		return err
	}
	key := "appointment.staff.reason.now_closed"
	if r.Active {
		key = "appointment.staff.reason.now_open"
	}
	c.Flash(i18n.T(c.Ctx(), key, "Name", r.Name))
	return c.Redirect(reasonsPath)
}

func (s *Service) renderReason(c *web.Context, status int, r Reason, v reasonFormView) error {
	v.Action, v.Back, v.Messages = c.Href(reasonsPath+"/nouveau"), c.Href(reasonsPath), c.Href("/bureau/messages")
	heading := c.T("appointment.staff.reason.new")
	if r.ID != 0 {
		v.Action, heading, v.Open = c.Href(reasonsPath+"/"+r.ID.String()), r.Name, r.Active
		v.Switch = v.Action + "/etat"
	}
	option := func(value, label, chosen string) page.Option {
		return page.Option{Value: value, Label: label, Selected: value == chosen}
	}
	for _, n := range Needs() {
		v.Needs = append(v.Needs, option(n, c.T("appointment.need."+n), v.Typed.Text["need"]))
	}
	for _, m := range Modes() {
		v.Modes = append(v.Modes, option(string(m), c.T("appointment.mode."+string(m)), v.Typed.Text["mode"]))
	}
	for i := 1; i <= 6; i++ {
		v.Colours = append(v.Colours, option(strconv.Itoa(i), c.T(fmt.Sprintf("appointment.staff.colour.%d", i)), v.Typed.Text["colour"]))
	}
	for len(v.Typed.Steps) < maxSteps && (len(v.Typed.Steps) < 3 || v.Typed.Steps[len(v.Typed.Steps)-1].Before != "") {
		v.Typed.Steps = append(v.Typed.Steps, stepTyped{Unit: "j", Channel: "both"})
	}
	for _, x := range v.Typed.Steps {
		v.Units = append(v.Units, []page.Option{option("m", c.T("appointment.staff.unit.m"), x.Unit), option("h", c.T("appointment.staff.unit.h"), x.Unit), option("j", c.T("appointment.staff.unit.j"), x.Unit)})
		v.Ways = append(v.Ways, []page.Option{option("both", c.T("appointment.staff.by.both"), x.Channel), option("sms", c.T("appointment.staff.by.sms"), x.Channel), option("mail", c.T("appointment.staff.by.mail"), x.Channel)})
	}
	v.Delays = map[string][]page.Option{}
	for _, d := range delayFields() {
		v.Delays[d.Name] = d.options(c, v.Typed.Text[d.Name+"_unit"])
	}
	err := c.Store.View(c.Ctx(), func(tx *store.Tx) error {
		v.Things = nil
		for _, kind := range []booking.Kind{booking.Room, booking.Equipment, booking.Vehicle} {
			list, err := s.booking.Resources(c.Ctx(), tx, kind, 0, maxAgents)
			if err != nil {
				return err
			}
			for _, x := range list {
				if x.Active {
					v.Things = append(v.Things, page.CheckData{Name: "equipment", Value: x.ID.String(), Label: x.Name, Checked: slices.Contains(v.Typed.Equipment, x.ID.String())})
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	p, err := s.workspace(c, heading, "", v.Errors)
	if err != nil {
		return err
	}
	p.Crumbs = deskCrumbs(c, page.Link{Label: c.T("appointment.staff.reasons"), Href: c.Href(reasonsPath)}, page.Link{Label: heading})
	return c.RenderStatus(status, reasonFormPage(p, v))
}
