package place

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"parvis/core/access"
	"parvis/core/service"
	"parvis/platform/fault"
	"parvis/platform/hours"
	"parvis/platform/i18n"
	"parvis/platform/phone"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// MayWrite is the right to create and change places.
const MayWrite web.Permission = "place.write"

// Path of the list.
const Path = "/bureau/lieux"

// samples is one place.
func samples(ctx context.Context, h store.Handle) (map[string]string, error) {
	out := map[string]string{}
	err := h.View(ctx, func(tx *store.Tx) error {
		list, _, err := List(ctx, tx, "", "", 1, true)
		for _, x := range list {
			out["place.id"] = x.ID.String()
		}
		return err
	})
	return out, err
}

// Service declares the pages; departement tells where the territory of a
// request lies, for phone numbers.
func Service(departement func(c *web.Context) string) service.Service {
	p := &pages{departement}
	return service.Service{
		Name: "place", Label: "place.label", About: "place.about", Icon: "pin", Locales: Locales, Migrations: []store.Migration{Migration()},
		Permissions: []access.Permission{{Name: MayWrite, Label: "place.permission.write", Roles: []access.Role{access.Manager, access.Admin}}},
		Routes: []web.Route{
			{Method: http.MethodGet, Path: Path, Permission: MayWrite, Handle: p.list},
			{Method: http.MethodGet, Path: Path + "/nouveau", Permission: MayWrite, Handle: p.edit},
			{Method: http.MethodPost, Path: Path + "/nouveau", Permission: MayWrite, Handle: p.save},
			{Method: http.MethodGet, Path: Path + "/{id}", Permission: MayWrite, Handle: p.edit, Sample: Path + "/{place.id}"},
			{Method: http.MethodPost, Path: Path + "/{id}", Permission: MayWrite, Handle: p.save},
		},
		Menu:    []service.MenuItem{{Label: "place.label", Icon: "pin", Path: Path, Permission: MayWrite}},
		Samples: samples,
	}
}

type pages struct{ departement func(c *web.Context) string }

const pageSize = 100

func (p *pages) list(c *web.Context) error {
	q := c.Query("q")
	if len(q) > 100 {
		q = q[:100]
	}
	var places []Place
	var next string
	err := c.Store.View(c.Ctx(), func(tx *store.Tx) (err error) {
		places, next, err = List(c.Ctx(), tx, q, c.Query("apres"), pageSize, true)
		return err
	})
	if err != nil {
		return err
	}
	pg, err := c.StaffPage(c.T("place.label"))
	if err != nil {
		return err
	}
	pg.Heading = c.T("place.label")
	if next != "" {
		next = c.Href(Path) + "?" + url.Values{"q": {q}, "apres": {next}}.Encode()
	}
	return c.Render(listPage(pg, places, q, next, c.TakeFlash()))
}

// form is a place as typed.
type form struct {
	ID                                          store.ID
	Name, Address, Zip, City, Commune, Lat, Lon string
	Phone, Comment                              string
	Accessible, Active                          bool
	Opening                                     [7]string
	Errors                                      []page.FieldError
	Action                                      string
}

func days() [7]time.Weekday {
	return [7]time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday}
}

func (p *pages) find(c *web.Context) (Place, error) {
	if c.Param("id") == "" {
		return Place{Active: true}, nil
	}
	id, err := c.ID("id")
	if err != nil {
		return Place{}, err
	}
	var out Place
	err = c.Store.View(c.Ctx(), func(tx *store.Tx) (err error) {
		out, err = Get(c.Ctx(), tx, id)
		return err
	})
	return out, err
}

func (p *pages) edit(c *web.Context) error {
	x, err := p.find(c)
	if err != nil {
		return err
	}
	f := form{ID: x.ID, Name: x.Name, Address: x.Address, Zip: x.Zip, City: x.City, Commune: x.CommuneCode, Comment: x.Comment, Accessible: x.Accessible, Active: x.Active}
	if x.Located() {
		f.Lat, f.Lon = strconv.FormatFloat(x.Lat, 'f', -1, 64), strconv.FormatFloat(x.Lon, 'f', -1, 64)
	}
	if n, err := phone.Parse(x.Phone, ""); err == nil {
		f.Phone = n.National()
	}
	for _, d := range days() {
		f.Opening[d] = hours.FormatIn(i18n.From(c.Ctx()), x.Opening.V[d])
	}
	return p.show(c, f, http.StatusOK)
}

func (p *pages) show(c *web.Context, f form, status int) error {
	title := f.Name
	if f.ID == 0 {
		title = c.T("place.new")
	}
	pg, err := c.StaffPage(title)
	if err != nil {
		return err
	}
	pg.Heading, pg.HasError = title, len(f.Errors) > 0
	pg.Crumbs = []page.Link{{Label: c.T("place.label"), Href: c.Href(Path)}, {Label: title}}
	f.Action = c.Request.URL.Path
	f.Action = c.Href(f.Action)
	return c.RenderStatus(status, editPage(pg, f))
}

func (p *pages) save(c *web.Context) error {
	x, err := p.find(c)
	if err != nil {
		return err
	}
	v, err := c.Form()
	if err != nil {
		return err
	}
	f := read(v)
	f.ID = x.ID
	if err = p.store(c, x, f); err == nil {
		c.Flash(c.T("place.saved"))
		return c.Redirect(Path)
	}
	errs, ok := c.FieldErrors(err)
	if !ok {
		return err
	}
	f.Errors = errs
	return p.show(c, f, http.StatusUnprocessableEntity)
}

func read(v url.Values) form {
	get := func(n string) string { return strings.TrimSpace(v.Get(n)) }
	f := form{Name: get("name"), Address: get("address"), Zip: get("zip"), City: get("city"), Commune: get("commune"), Lat: get("lat"), Lon: get("lon"),
		Phone: get("phone"), Comment: get("comment"), Accessible: get("accessible") != "", Active: get("active") != ""}
	for _, d := range days() {
		f.Opening[d] = get("opening-" + strconv.Itoa(int(d)))
	}
	return f
}

// store turns what was typed into a place and writes it.
func (p *pages) store(c *web.Context, x Place, f form) error {
	var wrong fault.Fields
	x.Name, x.Address, x.Zip, x.City, x.CommuneCode, x.Phone, x.Comment, x.Accessible, x.Active = f.Name, f.Address, f.Zip, f.City, f.Commune, f.Phone, f.Comment, f.Accessible, f.Active
	x.Lat, x.Lon = 0, 0
	if f.Lat != "" || f.Lon != "" {
		lat, err1 := strconv.ParseFloat(strings.Replace(f.Lat, ",", ".", 1), 64)
		lon, err2 := strconv.ParseFloat(strings.Replace(f.Lon, ",", ".", 1), 64)
		if err1 != nil || err2 != nil {
			wrong.Add("lat", "place.error.position")
		}
		x.Lat, x.Lon = lat, lon
	}
	x.Opening.V = hours.Week{}
	for _, d := range days() {
		spans, err := hours.ParseDay(f.Opening[d])
		var refusal *hours.Refusal
		if errors.As(err, &refusal) {
			wrong.Add("opening-"+strconv.Itoa(int(d)), refusal.Key(), refusal.Args()...)
		}
		x.Opening.V[d] = spans
	}
	if err := x.Check(p.departement(c)); err != nil {
		wrong = append(wrong, fault.Of(err).Fields...)
	}
	if err := wrong.Err(); err != nil {
		return err
	}
	return c.Store.Update(c.Ctx(), func(tx *store.Tx) error {
		_, err := Save(c.Ctx(), tx, x)
		return err
	})
}

func errorOf(errs []page.FieldError, field string) string { return web.ErrorOf(errs, field) }
