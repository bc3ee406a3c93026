package sector

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"

	"parvis/core/crew"
	"parvis/platform/fault"
	"parvis/platform/geo"
	"parvis/platform/phone"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// Outline is one contour drawn by the server.
type outline struct{ Name, Href, D string }

type listView struct {
	Sectors  []Sector
	Crews    map[store.ID]string
	Outlines []outline
	Frame    geo.Frame
	Edit     bool
	Done     string
}

// picture is the size of the drawing, in pixels.
const pictureWidth, pictureHeight = 560, 420

func (p *pages) list(c *web.Context) error {
	v := listView{Done: c.TakeFlash(), Edit: c.Actor.Can(MayWrite), Crews: map[store.ID]string{}}
	err := c.Store.View(c.Ctx(), func(tx *store.Tx) (err error) {
		if v.Sectors, err = p.Sectors.all(c.Ctx(), tx); err != nil {
			return err
		}
		crews, err := crew.List(c.Ctx(), tx, true)
		for _, x := range crews {
			v.Crews[x.ID] = x.Name
		}
		return err
	})
	if err != nil {
		return err
	}
	v.draw(c)
	pg, err := c.StaffPage(c.T("sector.label"))
	if err != nil {
		return err
	}
	pg.Heading, pg.Lead = c.T("sector.label"), c.T("sector.lead")
	if v.Edit {
		pg.Tools = listTools(pg)
	}
	return c.Render(listPage(pg, v))
}

// draw lays the contours out, the largest under the others.
func (v *listView) draw(c *web.Context) {
	if len(v.Sectors) == 0 {
		return
	}
	b := v.Sectors[0].area.Bounds()
	for _, s := range v.Sectors[1:] {
		x := s.area.Bounds()
		b = b.Extend(geo.Point{Lat: x.South, Lon: x.West}).Extend(geo.Point{Lat: x.North, Lon: x.East})
	}
	v.Frame = geo.NewFrame(b, pictureWidth, pictureHeight)
	for _, s := range v.Sectors {
		v.Outlines = append(v.Outlines, outline{s.Name, c.Href(Path + "/" + s.ID.String()), geo.ContoursSVG(s.area, v.Frame)})
	}
}

type editView struct {
	Sector  Sector
	Phone   string
	Crews   []crew.Crew
	Outline string
	Frame   geo.Frame
	Errors  []page.FieldError
	Action  string
}

// find is the sector of the path with its contour.
func (p *pages) find(c *web.Context) (Sector, error) {
	id, err := c.ID("id")
	if err != nil {
		return Sector{}, err
	}
	var out Sector
	err = c.Store.View(c.Ctx(), func(tx *store.Tx) error {
		all, err := p.Sectors.all(c.Ctx(), tx)
		for _, s := range all {
			if s.ID == id {
				out = s
			}
		}
		return err
	})
	if err == nil && out.ID == 0 {
		err = store.ErrNotFound
	}
	return out, err
}

func (p *pages) edit(c *web.Context) error {
	s, err := p.find(c)
	if err != nil {
		return err
	}
	v := editView{Sector: s, Phone: s.ContactPhone}
	if n, err := phone.Parse(s.ContactPhone, ""); err == nil {
		v.Phone = n.National()
	}
	return p.renderEdit(c, http.StatusOK, s, v)
}

func (p *pages) renderEdit(c *web.Context, status int, kept Sector, v editView) error {
	err := c.Store.View(c.Ctx(), func(tx *store.Tx) (err error) {
		v.Crews, err = crew.List(c.Ctx(), tx, false)
		return err
	})
	if err != nil {
		return err
	}
	v.Frame = geo.NewFrame(kept.area.Bounds(), pictureWidth, pictureHeight)
	v.Outline = geo.ContoursSVG(kept.area, v.Frame)
	v.Action = c.Href(Path + "/" + kept.ID.String())
	pg, err := c.StaffPage(kept.Name)
	if err != nil {
		return err
	}
	pg.Heading, pg.HasError = kept.Name, len(v.Errors) > 0
	pg.Crumbs = []page.Link{{Label: c.T("sector.label"), Href: c.Href(Path)}, {Label: kept.Name}}
	return c.RenderStatus(status, editPage(pg, v))
}

func (p *pages) save(c *web.Context) error {
	s, err := p.find(c)
	if err != nil {
		return err
	}
	f, err := c.Form()
	if err != nil {
		return err
	}
	kept := s
	s.Name, s.Kind, s.Code = f.Get("name"), f.Get("kind"), f.Get("code")
	s.ContactName, s.ContactPhone, s.ContactEmail = f.Get("contact"), f.Get("phone"), f.Get("email")
	s.CrewID, _ = store.ParseID(f.Get("crew")) // anything else is none
	if version, err := store.ParseID(f.Get("version")); err == nil {
		s.Version = int64(version)
	}
	if err = s.Check(phone.Region(p.Region(c))); err == nil {
		err = c.Store.Update(c.Ctx(), func(tx *store.Tx) error {
			if s.CrewID != 0 {
				if _, err := crew.Get(c.Ctx(), tx, s.CrewID); errors.Is(err, store.ErrNotFound) {
					return fault.Fields{{Name: "crew", Key: "sector.error.crew"}}.Err()
				} else if err != nil {
					return err
				}
			}
			_, err := Save(c.Ctx(), tx, s)
			return err
		})
	}
	if err == nil {
		c.Flash(c.T("sector.saved", "Name", s.Name))
		return c.Redirect(Path)
	}
	errs, ok := formErrors(c, err)
	if !ok {
		return err
	}
	return p.renderEdit(c, http.StatusUnprocessableEntity, kept, editView{Sector: s, Phone: f.Get("phone"), Errors: errs})
}

// formErrors shows a conflict above the form too: nothing typed is lost.
func formErrors(c *web.Context, err error) ([]page.FieldError, bool) {
	if f := fault.Of(err); f != nil && f.Kind == fault.Conflict && f.Key != "" {
		return []page.FieldError{{Message: c.T(f.Key, f.Args...)}}, true
	}
	return c.FieldErrors(err)
}

type importView struct {
	Choice Choice
	Report *Report
	Errors []page.FieldError
}

func (p *pages) askImport(c *web.Context) error {
	return p.renderImport(c, http.StatusOK, importView{Choice: Choice{Kind: c.T("sector.kind.default")}})
}

func (p *pages) renderImport(c *web.Context, status int, v importView) error {
	pg, err := c.StaffPage(c.T("sector.import.title"))
	if err != nil {
		return err
	}
	pg.Heading, pg.Lead, pg.HasError = c.T("sector.import.title"), c.T("sector.import.lead"), len(v.Errors) > 0
	pg.Crumbs = []page.Link{{Label: c.T("sector.label"), Href: c.Href(Path)}, {Label: pg.Heading}}
	return c.RenderStatus(status, importPage(pg, v))
}

func (p *pages) doImport(c *web.Context) error {
	choice, data, err := upload(c)
	if err == nil {
		probe := Sector{Name: "x", Kind: choice.Kind}
		err = probe.Check("")
	}
	var rep Report
	if err == nil {
		rep, err = Import(c.Ctx(), c.Store, data, choice)
	}
	if errs, ok := c.FieldErrors(err); err != nil && ok {
		return p.renderImport(c, http.StatusUnprocessableEntity, importView{Choice: choice, Errors: errs})
	}
	if err != nil {
		return err
	}
	return p.renderImport(c, http.StatusOK, importView{Choice: choice, Report: &rep})
}

// upload reads the form with its file.
func upload(c *web.Context) (choice Choice, data []byte, err error) {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, MaxFile+1<<20)
	if err := c.Request.ParseMultipartForm(1 << 20); err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return choice, nil, unreadable("sector.import.large", "Max", MaxFile>>20)
		}
		return choice, nil, unreadable("sector.import.file")
	}
	defer func() { _ = c.Request.MultipartForm.RemoveAll() }()
	choice = Choice{Kind: strings.TrimSpace(c.Request.FormValue("kind")), NameField: strings.TrimSpace(c.Request.FormValue("namefield")),
		CodeField: strings.TrimSpace(c.Request.FormValue("codefield"))}
	file, _, err := c.Request.FormFile("file")
	if err != nil {
		return choice, nil, unreadable("sector.import.file")
	}
	defer func() { _ = file.Close() }()
	data, err = io.ReadAll(io.LimitReader(file, MaxFile+1))
	return choice, data, err
}

type deleteView struct {
	Sector Sector
	Used   int
	Action string
}

func (p *pages) used(ctx context.Context, tx *store.Tx, id store.ID) (int, error) {
	if p.Used == nil {
		return 0, nil
	}
	return p.Used(ctx, tx, id)
}

func (p *pages) askDelete(c *web.Context) error {
	s, err := p.find(c)
	if err != nil {
		return err
	}
	v := deleteView{Sector: s, Action: c.Href(Path + "/" + s.ID.String() + "/supprimer")}
	if err := c.Store.View(c.Ctx(), func(tx *store.Tx) error {
		v.Used, err = p.used(c.Ctx(), tx, s.ID)
		return err
	}); err != nil {
		return err
	}
	title := c.T("sector.delete.title", "Name", s.Name)
	pg, err := c.StaffPage(title)
	if err != nil {
		return err
	}
	pg.Heading = title
	pg.Crumbs = []page.Link{{Label: c.T("sector.label"), Href: c.Href(Path)}, {Label: s.Name, Href: c.Href(Path + "/" + s.ID.String())}, {Label: c.T("sector.delete")}}
	return c.Render(deletePage(pg, v))
}

// delete refuses while open things are filed under the sector.
func (p *pages) delete(c *web.Context) error {
	s, err := p.find(c)
	if err != nil {
		return err
	}
	err = c.Store.Update(c.Ctx(), func(tx *store.Tx) error {
		n, err := p.used(c.Ctx(), tx, s.ID)
		if err != nil {
			return err
		}
		if n > 0 {
			return fault.New(fault.Conflict, "sector.delete.used", "Count", n)
		}
		return Delete(c.Ctx(), tx, s.ID)
	})
	if err != nil {
		return err
	}
	c.Flash(c.T("sector.deleted", "Name", s.Name))
	return c.Redirect(Path)
}
