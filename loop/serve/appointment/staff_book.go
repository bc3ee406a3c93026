package appointment

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"parvis/core/person"
	"parvis/platform/calendar"
	"parvis/platform/i18n"
	"parvis/platform/phone"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// draft is all that was said so far for somebody on the phone or at the
// counter. It travels in the address, then in the form: nothing typed is lost.
type draft struct {
	Reason  Reason // ID 0: not chosen yet
	Place   store.ID
	Agent   store.ID
	From    calendar.Date
	Start   time.Time // zero: not chosen yet
	Forced  forced
	Search  string // name or number looked for
	Card    string // id of a card found, "new", or "" nothing chosen
	Contact Contact
	Channel Channel
	Note    string
}

type bookView struct {
	Action, Address string // of the form, of the searches
	Draft           draft
	Hidden          [][2]string
	Answers         []page.Answer
	Reasons         []page.Option
	Places, Agents  []page.Option
	Grid            slotGrid
	Step            int // 1 reason, 2 start, 3 person
	Cards           []page.ChoiceData
	Searched        bool
	Warning         string
	Nearest         []page.ChoiceData
	Channels        []page.ChoiceData
	Errors          []page.FieldError
	Empty           *page.EmptyData
}

// readDraft reads what an address or a form says.
func (s *Service) readDraft(c *web.Context, tx *store.Tx, get func(string) string) (d draft, err error) {
	ctx := c.Ctx()
	id, err := optionalID(get("motif"))
	if err != nil {
		return d, err
	}
	if id != 0 {
		if d.Reason, err = s.Reason(ctx, tx, id); err != nil {
			return d, err
		}
	}
	if d.Place, err = optionalID(get("lieu")); err != nil {
		return d, err
	}
	if d.Agent, err = optionalID(get("agent")); err != nil {
		return d, err
	}
	if err = s.known(ctx, tx, d.Agent); err != nil {
		return d, err
	}
	if day, err := calendar.ParseDate(get("du")); err == nil {
		d.From = day
	}
	d.Forced, d.Search, d.Card = readForced(get), strings.TrimSpace(get("q")), get("usager")
	if start, ok := parseStart(get("debut")); ok {
		d.Start = start
	}
	d.Contact = Contact{FirstName: get("first_name"), LastName: get("last_name"), Phone: get("phone"), Email: get("email"), OnBehalf: get("on_behalf"), Lang: get("langue")}
	d.Channel, d.Note = Channel(get("canal")), get("note")
	if !slices.Contains(Channels(), d.Channel) {
		d.Channel = ByPhone
	}
	return d, nil
}

// query is what is settled before the person.
func (d draft) query() url.Values {
	q := url.Values{"motif": {idText(d.Reason.ID)}, "lieu": {idText(d.Place)}, "agent": {idText(d.Agent)}, "q": {d.Search}}
	if !d.From.IsZero() {
		q.Set("du", d.From.String())
	}
	return q
}

// settled adds the start to the query.
func (d draft) settled() url.Values {
	q := d.query()
	if d.Forced.On {
		q.Set("force", "1")
		q.Set("jour", d.Forced.Day)
		q.Set("heure", d.Forced.Hour)
		q.Set("why", d.Forced.Why)
	} else if !d.Start.IsZero() {
		q.Set("debut", startValue(d.Start))
	}
	return q
}

func pairs(q url.Values) [][2]string {
	var out [][2]string
	for k, v := range q {
		if v[0] != "" {
			out = append(out, [2]string{k, v[0]})
		}
	}
	slices.SortFunc(out, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
	return out
}

func (s *Service) askBooking(c *web.Context) error {
	var d draft
	err := c.Store.View(c.Ctx(), func(tx *store.Tx) (err error) {
		d, err = s.readDraft(c, tx, c.Query)
		return err
	})
	if err != nil {
		return err
	}
	v := bookView{Draft: d}
	if d.Forced.On {
		start, err := d.Forced.start(i18n.Location(c.Ctx()))
		fields, invalid := c.FieldErrors(err)
		switch {
		case err != nil && invalid:
			v.Errors = fields
			return s.renderBook(c, http.StatusUnprocessableEntity, v)
		case err != nil:
			return err
		}
		v.Draft.Start = start
	}
	return s.renderBook(c, http.StatusOK, v)
}

// maxFound bounds the cards offered: more, and the search is made more precise.
const maxFound = 8

// renderBook shows the first question that has no answer yet.
func (s *Service) renderBook(c *web.Context, status int, v bookView) error {
	ctx, d := c.Ctx(), v.Draft
	v.Action, v.Address = c.Href(bookPath), c.Href(bookPath)
	err := c.Store.View(ctx, func(tx *store.Tx) error {
		r, err := s.roster(ctx, tx)
		if err != nil {
			return err
		}
		v.Reasons = reasonOptions(c, r, d.Reason.ID)
		v.Places, v.Agents = placeOptions(r, d.Place, c.T("appointment.staff.any.place")), agentOptions(r, d.Agent, c.T("appointment.staff.any.agent"))
		v.Answers = s.settledAnswers(c, r, d)
		if d.Reason.ID != 0 && !d.Start.IsZero() {
			return s.cards(c, tx, r, &v)
		}
		return nil
	})
	if err != nil {
		return err
	}
	switch {
	case len(v.Reasons) == 1:
		v.Empty = &page.EmptyData{Drawing: "hall", Title: c.T("appointment.staff.start.title"), Text: c.T("appointment.staff.start.text")}
	case d.Reason.ID == 0:
		v.Step, v.Hidden = 1, pairs(d.query())
	case d.Start.IsZero():
		v.Step, v.Hidden = 2, pairs(d.query())
		v.Grid, err = s.grid(c, slotsAsked{Reason: d.Reason, Place: d.Place, Agent: d.Agent, From: d.From}, "debut", func(day calendar.Date) string {
			next := d
			next.From = day
			return withQuery(v.Address, next.query())
		})
		if err != nil {
			return err
		}
	default:
		v.Step, v.Hidden = 3, pairs(d.settled())
		for _, ch := range Channels() {
			v.Channels = append(v.Channels, page.ChoiceData{Name: "canal", Value: string(ch), Title: c.T("appointment.channel." + string(ch)), Checked: d.Channel == ch})
		}
	}
	lead := ""
	if v.Step > 0 {
		lead = c.T("appointment.staff.book.lead." + [...]string{"reason", "slot", "person"}[v.Step-1])
	}
	p, err := s.workspace(c, c.T("appointment.staff.book.title"), lead, v.Errors)
	if err != nil {
		return err
	}
	p.Crumbs = deskCrumbs(c, page.Link{Label: c.T("appointment.staff.gesture.book")})
	return c.RenderStatus(status, bookPage(p, v))
}

// settledAnswers are those given so far, each with the way to change it.
func (s *Service) settledAnswers(c *web.Context, r *roster, d draft) []page.Answer {
	if d.Reason.ID == 0 {
		return nil
	}
	q := d.query()
	q.Del("motif")
	detail := strings.Trim(i18n.Duration(c.Ctx(), d.Reason.Duration())+" · "+d.Reason.Team, " ·")
	out := []page.Answer{{Label: c.T("appointment.staff.fact.reason"), Value: d.Reason.Name, Detail: detail, Href: withQuery(c.Href(bookPath), q), Hidden: c.T("appointment.staff.change.reason")}}
	if d.Start.IsZero() {
		return out
	}
	where := r.places[d.Place].Name
	if name := r.agentNames([]store.ID{d.Agent}); name != "" {
		where = strings.Trim(where+" · "+name, " ·")
	}
	if d.Forced.On {
		where = strings.Trim(where+" · "+c.T("appointment.staff.forced.badge"), " ·")
	}
	return append(out, page.Answer{Label: c.T("appointment.staff.fact.when"), Value: i18n.DayTime(c.Ctx(), d.Start), Detail: where,
		Href: withQuery(c.Href(bookPath), d.query()), Hidden: c.T("appointment.staff.change.slot")})
}

// reasonOptions are the reasons one may book, by team; the first one asks.
func reasonOptions(c *web.Context, r *roster, chosen store.ID) []page.Option {
	out := []page.Option{{Label: c.T("appointment.staff.choose")}}
	var teams []string
	for _, x := range r.order {
		if x.Active && !slices.Contains(teams, x.Team) {
			teams = append(teams, x.Team)
		}
	}
	for _, team := range teams {
		for _, x := range r.order {
			if x.Active && x.Team == team {
				out = append(out, page.Option{Value: x.ID.String(), Label: x.Name + ", " + i18n.Duration(c.Ctx(), x.Duration()), Group: team, Selected: x.ID == chosen})
			}
		}
	}
	return out
}

// cards looks for the person and for what they already have.
func (s *Service) cards(c *web.Context, tx *store.Tx, r *roster, v *bookView) error {
	ctx, d := c.Ctx(), v.Draft
	var list []person.Resident
	if chosen, err := store.ParseID(d.Card); err == nil {
		x, err := s.people.Residents.Get(ctx, tx, chosen)
		if err != nil {
			return err
		}
		list = append(list, x)
	}
	if d.Search != "" {
		v.Searched = true
		more, _, err := s.people.Residents.Search(ctx, tx, person.Query{Text: d.Search, Region: phone.Region(region(c)), Limit: maxFound})
		if err != nil {
			return err
		}
		for _, x := range more {
			if !slices.ContainsFunc(list, func(y person.Resident) bool { return y.ID == x.ID }) {
				list = append(list, x)
			}
		}
	}
	for i, x := range list {
		others, err := s.upcoming(ctx, tx, x.ID, 0)
		if err != nil {
			return err
		}
		contact := x.Phone.National()
		if contact == "" || x.Phone.IsZero() {
			contact = x.Email
		}
		choice := page.ChoiceData{Name: "usager", Value: x.ID.String(), Title: called(ctx, x), Detail: contact, Checked: d.Card == x.ID.String() || (d.Card == "" && len(list) == 1 && i == 0)}
		var already []string
		for _, a := range others {
			already = append(already, i18n.DayTimeRelative(ctx, a.StartsAt, c.Now())+" ("+r.reasons[a.ReasonID].Name+")")
			if choice.Checked && a.StartsAt.Before(d.Start.Add(d.Reason.Duration())) && a.EndsAt.After(d.Start) {
				v.Warning = c.T("appointment.staff.overlap.person", "Name", called(ctx, x), "Start", i18n.DayTime(ctx, a.StartsAt))
			}
		}
		if len(already) > 0 {
			choice.Detail = strings.Trim(choice.Detail+" · "+c.T("appointment.staff.has_already", "List", strings.Join(already, ", ")), " ·")
		}
		v.Cards = append(v.Cards, choice)
	}
	if len(v.Cards) > 0 {
		v.Cards = append(v.Cards, page.ChoiceData{Name: "usager", Value: "new", Title: c.T("appointment.staff.card.new"), Checked: d.Card == "new"})
	}
	return nil
}

// bookForSomebody books for who calls or stands there.
func (s *Service) bookForSomebody(c *web.Context) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	ctx := c.Ctx()
	var d draft
	q := Request{By: c.Actor.ID}
	err = c.Store.View(ctx, func(tx *store.Tx) (err error) {
		if d, err = s.readDraft(c, tx, form.Get); err != nil {
			return err
		}
		q.Contact = d.Contact
		chosen, err := store.ParseID(d.Card)
		if err != nil {
			return nil // a new card
		}
		x, err := s.people.Residents.Get(ctx, tx, chosen)
		if err != nil {
			return err
		}
		q.Resident = x.ID
		q.Contact = Contact{FirstName: x.FirstName, LastName: x.LastName, Phone: x.Phone.E164(), Email: x.Email, Lang: x.Lang, OnBehalf: d.Contact.OnBehalf}
		return nil
	})
	if err != nil {
		return err
	}
	v := bookView{Draft: d}
	if d.Reason.ID == 0 || (d.Start.IsZero() && !d.Forced.On) {
		return s.renderBook(c, http.StatusUnprocessableEntity, v)
	}
	if d.Forced.On {
		v.Draft.Start, err = d.Forced.start(i18n.Location(ctx))
	}
	q.Reason, q.Place, q.Agents, q.Start = d.Reason.ID, d.Place, slotsAsked{Agent: d.Agent}.agents(), v.Draft.Start
	q.Channel, q.Note, q.Force, q.Why = d.Channel, strings.TrimSpace(d.Note), d.Forced.On, whyOf(d.Forced)
	var done Done
	if err == nil {
		done, err = s.Book(ctx, c.Store, q, region(c))
	}
	return s.answerBooking(c, v, done, err)
}

// answerBooking goes to the sheet, or back to the form with the reason why.
func (s *Service) answerBooking(c *web.Context, v bookView, done Done, err error) error {
	ctx, d := c.Ctx(), v.Draft
	if fields, invalid := c.FieldErrors(err); err != nil && invalid {
		v.Errors = fields
		return s.renderBook(c, http.StatusUnprocessableEntity, v)
	}
	if _, taken := WasTaken(err); taken {
		v.Errors = []page.FieldError{{Message: c.T("appointment.staff.error.taken", "Start", i18n.DayTime(ctx, d.Start))}}
		if v.Nearest, err = s.nearest(c, slotsAsked{Reason: d.Reason, Place: d.Place, Agent: d.Agent}, d.Start); err != nil {
			return err
		}
		if len(v.Nearest) > 0 {
			v.Nearest[0].Checked, v.Draft.Forced.On = true, false
			v.Errors[0].Field = "proches"
		}
		return s.renderBook(c, http.StatusConflict, v)
	}
	if err != nil {
		return err
	}
	c.Flash(s.booked(ctx, done))
	return c.Redirect(sheetPath + "/" + done.ID.String())
}

// booked is « C’est noté », with how the person is told.
func (s *Service) booked(ctx context.Context, d Done) string {
	return i18n.T(ctx, "appointment.staff.book.done", "Start", i18n.DayTime(ctx, d.StartsAt), "Number", d.Number)
}
