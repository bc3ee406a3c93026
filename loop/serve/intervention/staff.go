package intervention

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"parvis/core/crew"
	"parvis/core/person"
	"parvis/platform/calendar"
	"parvis/platform/fault"
	"parvis/platform/hours"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// Addresses of the staff pages.
const (
	ordersPath  = "/bureau/interventions"
	placesPath  = "/bureau/ce-qui-revient"
	assetsPath  = "/bureau/patrimoine"
	plansPath   = "/bureau/plans-entretien"
	tradesPath  = "/bureau/metiers"
	devicesPath = "/bureau/appareils"
	dayPath     = ordersPath + "/jour"
)

func (s *Service) staffRoutes() []web.Route {
	get := func(path string, p web.Permission, h web.Handler) web.Route {
		r := web.Route{Method: http.MethodGet, Path: path, Permission: p, Handle: h}
		if strings.Contains(path, "{") {
			r.Sample = "-"
		}
		return r
	}
	post := func(path string, p web.Permission, h web.Handler) web.Route {
		return web.Route{Method: http.MethodPost, Path: path, Permission: p, Handle: h}
	}
	return []web.Route{
		get(ordersPath, MayRead, s.orders),
		get(ordersPath+"/export", MayRead, s.exportOrders),
		post(ordersPath+"/lot", MayPlan, s.bulk),
		get(ordersPath+"/nouvelle", MayWork, s.newOrder),
		post(ordersPath+"/nouvelle", MayWork, s.addOrder),
		get(ordersPath+"/{id}", MayRead, s.showOrder),
		post(ordersPath+"/{id}/planifier", MayPlan, s.scheduleOrder),
		post(ordersPath+"/{id}/etat", MayWork, s.moveOrder),
		post(ordersPath+"/{id}/note", MayWork, s.noteOrder),
		post(ordersPath+"/{id}/proposition", MayPlan, s.settleOrder),
		get(dayPath, MayPlan, s.day),
		get(placesPath, MayRead, s.places),
		get(placesPath+"/export", MayRead, s.exportPlaces),
		get(assetsPath, MayRead, s.assets),
		get(assetsPath+"/importer", MaySet, s.askImport),
		post(assetsPath+"/importer", MaySet, s.importAssets),
		get(assetsPath+"/{id}", MayRead, s.showAsset),
		get(plansPath, MayPlan, s.plans),
		get(plansPath+"/nouveau", MayPlan, s.newPlan),
		get(plansPath+"/{id}", MayPlan, s.editPlan),
		post(plansPath+"/{id}", MayPlan, s.savePlan),
		get(tradesPath, MaySet, s.trades),
		get(tradesPath+"/nouveau", MaySet, s.newTrade),
		get(tradesPath+"/{id}", MaySet, s.editTrade),
		post(tradesPath+"/{id}", MaySet, s.saveTrade),
		get(devicesPath, MaySet, s.devices),
		post(devicesPath+"/{id}/revoquer", MaySet, s.revokeDevice),
	}
}

// workspace is a staff page with its h1, and where it stands.
func (s *Service) workspace(c *web.Context, heading, lead string, errs []page.FieldError, crumbs ...page.Link) (page.Page, error) {
	p, err := c.StaffPage(heading)
	p.Heading, p.Lead, p.HasError = heading, lead, len(errs) > 0
	if len(crumbs) > 0 || heading != c.T("intervention.orders.title") {
		p.Crumbs = append(append([]page.Link{{Label: c.T("intervention.orders.title"), Href: c.Href(ordersPath)}}, crumbs...), page.Link{Label: heading})
	}
	return p, err
}

// roster is what lists are read with: trades, teams, people.
type roster struct {
	trades map[store.ID]Trade
	order  []Trade
	crews  map[store.ID]crew.Crew
	teams  []crew.Crew
	people *person.People
	names  map[store.ID]string
}

func (s *Service) roster(ctx context.Context, tx *store.Tx) (*roster, error) {
	r := &roster{trades: map[store.ID]Trade{}, crews: map[store.ID]crew.Crew{}, people: s.People, names: map[store.ID]string{}}
	var err error
	if r.order, err = s.Trades(ctx, tx, true); err != nil {
		return nil, err
	}
	for _, t := range r.order {
		r.trades[t.ID] = t
	}
	if r.teams, err = crew.List(ctx, tx, true); err != nil {
		return nil, err
	}
	for _, c := range r.teams {
		r.crews[c.ID] = c
	}
	return r, nil
}

// name is a member of staff, "" when nobody knows any more.
func (s *Service) name(ctx context.Context, r *roster, id store.ID) string {
	if id == 0 {
		return ""
	}
	if n, ok := r.names[id]; ok {
		return n
	}
	n := ""
	_ = s.DB.System("names of the staff, who belong to the instance").View(ctx, func(tx *store.Tx) error {
		p, err := s.People.Get(ctx, tx, id)
		n = p.Name
		return err
	})
	r.names[id] = n
	return n
}

func (r *roster) tradeOptions(c *web.Context, chosen store.ID, first string) []page.Option {
	out := []page.Option{{Label: first}}
	for _, t := range r.order {
		if t.Active || t.ID == chosen {
			out = append(out, page.Option{Value: t.ID.String(), Label: t.Name, Selected: t.ID == chosen})
		}
	}
	return out
}

func (r *roster) crewOptions(c *web.Context, chosen store.ID, first string) []page.Option {
	out := []page.Option{{Label: first}}
	for _, x := range r.teams {
		if x.Active || x.ID == chosen {
			out = append(out, page.Option{Value: x.ID.String(), Label: x.Name, Selected: x.ID == chosen})
		}
	}
	return out
}

// idOf reads an identifier that may be absent or wrong.
func idOf(v string) store.ID {
	id, err := store.ParseID(v)
	if err != nil {
		return 0
	}
	return id
}

// stateKind is the colour of a state.
func stateKind(st State) string {
	switch st {
	case Planned:
		return "info"
	case Travelling, Started:
		return "acc"
	case Suspended:
		return "wait"
	case Done, Checked:
		return "ok"
	case Impossible:
		return "late"
	}
	return "line"
}

// readMoment reads a day and an hour typed, zero when both are empty.
func readMoment(wrong *fault.Fields, form url.Values, day, hour string, zone *time.Location) time.Time {
	d, h := strings.TrimSpace(form.Get(day)), strings.TrimSpace(form.Get(hour))
	if d == "" && h == "" {
		return time.Time{}
	}
	date, err := calendar.ParseDate(d)
	if err != nil {
		wrong.Add(day, "intervention.error.day")
		return time.Time{}
	}
	minutes, ok := readClock(h)
	if !ok {
		wrong.Add(hour, "intervention.error.hour")
		return time.Time{}
	}
	return date.At(minutes, zone).UTC()
}

// readClock reads "9 h 30" as minutes after midnight.
func readClock(v string) (int, bool) {
	spans, err := hours.ParseDay(strings.TrimSpace(v) + " – 24 h")
	if v == "" || err != nil || len(spans) != 1 || spans[0].To != 24*60 {
		return 0, false
	}
	return spans[0].From, true
}

// readNumber reads a whole number typed, 0 when empty.
func readNumber(wrong *fault.Fields, form url.Values, name, key string) int {
	v := strings.TrimSpace(form.Get(name))
	if v == "" {
		return 0
	}
	n, err := strconv.Atoi(v)
	if err != nil {
		wrong.Add(name, key)
	}
	return n
}

// readPoint reads "46,5802, 0,3404" or "46.5802 0.3404"; empty is none.
func readPoint(wrong *fault.Fields, v string) (lat, lon *float64) {
	v = strings.TrimSpace(v)
	if v == "" {
		return nil, nil
	}
	if strings.Count(v, ",") == 3 { // decimal commas
		parts := strings.Split(v, ",")
		v = parts[0] + "." + parts[1] + " " + parts[2] + "." + parts[3]
	}
	var nums []float64
	for _, w := range strings.FieldsFunc(v, func(r rune) bool { return r == ' ' || r == ';' || r == ',' || r == '\t' }) {
		f, err := strconv.ParseFloat(strings.ReplaceAll(w, ",", "."), 64)
		if err == nil {
			nums = append(nums, f)
		}
	}
	if len(nums) != 2 || !validPoint(&nums[0], &nums[1]) {
		wrong.Add("point", "intervention.error.point")
		return nil, nil
	}
	return &nums[0], &nums[1]
}

func writePoint(lat, lon *float64) string {
	if lat == nil || lon == nil {
		return ""
	}
	return strconv.FormatFloat(*lat, 'f', 6, 64) + " " + strconv.FormatFloat(*lon, 'f', 6, 64)
}

func dateTyped(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format("02/01/2006")
}

func clockTyped(ctx context.Context, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return i18n.Clock(ctx, t)
}
