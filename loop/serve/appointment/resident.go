package appointment

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"parvis/core/place"
	"parvis/core/service"
	"parvis/core/territory"
	"parvis/platform/fault"
	"parvis/platform/i18n"
	"parvis/platform/phone"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// home is where residents begin.
const home = "/rendez-vous"

// residentRoutes are the pages of residents: three questions, who comes, the
// code, then the page of the appointment under its own secret.
func (s *Service) residentRoutes() []web.Route {
	get := func(path, sample string, h web.Handler) web.Route {
		return web.Route{Method: http.MethodGet, Path: path, Permission: web.Public, Handle: h, Sample: sample}
	}
	post := func(path string, rate web.Rate, h web.Handler) web.Route {
		return web.Route{Method: http.MethodPost, Path: path, Permission: web.Public, Rate: rate, Handle: h}
	}
	const reason, held, mine = home + "/motif/{reason}", home + "/reservation/{token}", "/r/{link}"
	return []web.Route{
		get(home, "", s.askReason),
		get(reason, home+"/motif/{appointment.reason}", s.askPlace),
		get(reason+"/creneaux", home+"/motif/{appointment.reason}/creneaux", s.askSlot),
		post(reason+"/creneaux", web.Careful, s.takeSlot),
		get(held, "-", s.askWho),
		post(held, web.Careful, s.introduceWho),
		post(held+"/prolonger", web.Normal, s.extendHold),
		post(held+"/reprendre", web.Careful, s.retakeHold),
		post(held+"/abandonner", web.Normal, s.dropHold),
		get(held+"/code", "-", s.askCode),
		post(held+"/code", web.Careful, s.checkCode),
		get(mine, "/r/{appointment.link}", s.showTicket),
		get(mine+"/rendez-vous.ics", "/r/{appointment.link}/rendez-vous.ics", s.giveCalendar),
		get(mine+"/deplacer", "/r/{appointment.link}/deplacer", s.askMove),
		post(mine+"/deplacer", web.Careful, s.moveTicket),
		get(mine+"/annuler", "/r/{appointment.link}/annuler", s.askCancel),
		post(mine+"/annuler", web.Careful, s.cancelTicket),
		get(mine+"/confirmer", "/r/{appointment.link}/confirmer", s.askComing),
		post(mine+"/confirmer", web.Careful, s.confirmComing),
	}
}

// begin starts a page of the path, kept out of search engines unless it is open
// to all.
func (s *Service) begin(c *web.Context, title, note string, crumbs ...page.Link) page.Page {
	p := c.Page(title)
	p.Verb, p.VerbNote = page.Serve, note
	p.Crumbs = append([]page.Link{{Label: c.Site.Name, Href: c.Href("/")}}, crumbs...)
	return p
}

func crumbHome(c *web.Context) page.Link {
	return page.Link{Label: c.T("appointment.page.title"), Href: c.Href(home)}
}

// ways ends every page: by phone, and at a counter.
func (s *Service) ways(c *web.Context, at place.Place) []page.Way {
	number, hours := c.Site.Phone, c.Site.PhoneHours
	if at.Phone != "" {
		number, hours = i18n.Phone(c.Ctx(), at.Phone), at.Name
	}
	var out []page.Way
	if number != "" {
		out = append(out, page.PhoneWay(c.T("appointment.page.way.phone"), number, hours))
	}
	counter := joined(append([]string{at.Name}, at.Lines()...))
	if at.ID == 0 {
		counter = joined(append([]string{c.Site.Place}, c.Site.Address...))
	}
	if counter == "" {
		counter = c.Site.FullName()
	}
	return append(out, page.CounterWay(c.T("appointment.page.way.counter"), c.T("appointment.page.way.counter.text", "Where", counter)))
}

// call is the sentence that gives the number, "" without one.
func call(c *web.Context) string {
	if c.Site.Phone == "" {
		return ""
	}
	return c.T("appointment.page.call", "Phone", c.Site.Phone)
}

// region is the département under which numbers are read.
func region(c *web.Context) string {
	if t := territory.Of(c); t != nil {
		return t.Official.Departement
	}
	return ""
}

// bookable finds a reason that residents may book.
func (s *Service) bookable(c *web.Context) (Reason, error) {
	id, err := c.ID("reason")
	if err != nil {
		return Reason{}, fault.New(fault.NotFound, "appointment.error.no_reason").Because(err)
	}
	var r Reason
	err = c.Store.View(c.Ctx(), func(tx *store.Tx) (err error) {
		r, err = s.Reason(c.Ctx(), tx, id)
		return err
	})
	switch {
	case err != nil:
		return r, err
	case !r.Active:
		return r, fault.New(fault.Gone, "appointment.error.no_reason")
	case !r.Online:
		return r, fault.New(fault.Forbidden, "appointment.error.not_online")
	}
	return r, nil
}

// placeOf is the place, empty when there is none (any more).
func (s *Service) placeOf(ctx context.Context, tx *store.Tx, id store.ID) (place.Place, error) {
	if id == 0 {
		return place.Place{}, nil
	}
	p, err := place.Get(ctx, tx, id)
	if errors.Is(err, store.ErrNotFound) {
		return place.Place{}, nil
	}
	return p, err
}

// placesOf reads the places of a list of ids, those that exist.
func (s *Service) placesOf(ctx context.Context, h store.Handle, ids []store.ID) (map[store.ID]place.Place, error) {
	out := map[store.ID]place.Place{}
	err := h.View(ctx, func(tx *store.Tx) error {
		for _, id := range ids {
			p, err := s.placeOf(ctx, tx, id)
			if err != nil {
				return err
			}
			if p.ID != 0 {
				out[id] = p
			}
		}
		return nil
	})
	return out, err
}

// whereabouts is how the appointment takes place: a name, or « Par téléphone ».
func whereabouts(ctx context.Context, r Reason, p place.Place) string {
	if r.Mode == OnSite && p.Name != "" {
		return p.Name
	}
	return i18n.T(ctx, "appointment.mode."+string(r.Mode))
}

// parts are a date cut for the columns and the ticket: "mardi", "24", "novembre".
func parts(ctx context.Context, t time.Time) (weekday, day, month string) {
	weekday, rest, _ := strings.Cut(i18n.Day(ctx, t), " ")
	day, month, _ = strings.Cut(rest, "\u00a0")
	return weekday, day, month
}

// masked shows enough of an address to recognise it: "06 39 98 •• 12",
// "r•••@exemple.fr".
func masked(ctx context.Context, c Contact) string {
	if m := c.Mobile(); m != "" {
		f := strings.Fields(strings.ReplaceAll(i18n.Phone(ctx, m), "\u00a0", " "))
		if len(f) > 2 {
			f[len(f)-2] = "••"
		}
		return strings.Join(f, "\u00a0")
	}
	user, domain, ok := strings.Cut(c.Email, "@")
	if !ok || user == "" {
		return ""
	}
	return string([]rune(user)[:1]) + "•••@" + domain
}

// maskedPhone is the same for a number on its own.
func maskedPhone(ctx context.Context, n phone.Number) string {
	return masked(ctx, Contact{Phone: n.E164()})
}

// shownReasons is how many reasons the portal's card looks at.
const shownReasons = 6

// firstFree is the first free start among the first online reasons, in words,
// "" when there is none.
func (s *Service) firstFree(ctx context.Context, c *web.Context) (string, error) {
	list, err := s.online(ctx, c.Store)
	if err != nil {
		return "", err
	}
	var first time.Time
	for _, r := range list[:min(len(list), shownReasons)] {
		slot, err := s.First(ctx, c.Store, r, 0, c.Now())
		if err != nil {
			return "", err
		}
		if slot != nil && (first.IsZero() || slot.Start.Before(first)) {
			first = slot.Start
		}
	}
	if first.IsZero() {
		return "", nil
	}
	return i18n.DayTimeRelative(ctx, first, c.Now()), nil
}

// portal offers each online reason under its need.
func (s *Service) portal(ctx context.Context, h store.Handle) ([]service.Entry, error) {
	list, err := s.online(ctx, h)
	if err != nil {
		return nil, err
	}
	out := make([]service.Entry, len(list))
	for i, r := range list {
		out[i] = service.Entry{Need: r.Need, Label: r.Name, Path: home + "/motif/" + r.ID.String(), Rank: i}
	}
	return out, nil
}

func (s *Service) online(ctx context.Context, h store.Handle) (list []Reason, err error) {
	err = h.View(ctx, func(tx *store.Tx) error {
		list, err = s.Reasons(ctx, tx, true, false)
		return err
	})
	return list, err
}
