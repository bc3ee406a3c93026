package report

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"parvis/platform/fault"
	"parvis/platform/i18n"
	"parvis/platform/photo"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

type moderationView struct {
	Items []moderationItem
	Empty *page.EmptyData
	Next  string
}

type moderationItem struct {
	Report  Report
	Href    string
	Action  string
	When    string
	Said    string
	Shown   string
	Photos  []photoView
	Private bool
}

// deskModeration is what waits for somebody to look.
func (s *Reports) deskModeration(c *web.Context) error {
	var rows []Report
	after, err := readCursor(c.Query("apres"))
	if err != nil {
		return err
	}
	err = c.Store.View(c.Ctx(), func(tx *store.Tx) (err error) {
		rows, err = s.List(c.Ctx(), tx, Filter{Moderation: Waiting, Merged: true}, after, pageSize+1)
		if err != nil {
			return err
		}
		for i := range rows {
			if rows[i].Photos, err = photosOf(c.Ctx(), tx, rows[i].ID); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	v := moderationView{}
	if len(rows) > pageSize {
		rows = rows[:pageSize]
		v.Next = c.Href(deskPath + "/moderation?apres=" + writeCursor(rows[pageSize-1].Cursor()))
	}
	for _, r := range rows {
		x := moderationItem{Report: r, Href: c.Href(r.StaffPath()), Action: c.Href(r.StaffPath() + "/moderation"), When: agoWords(c.Ctx(), r.OpenedAt, c.Now()), Said: r.Text, Shown: r.TextShown, Private: r.Private}
		if x.Shown == "" {
			x.Shown, _ = mask(r.Text)
		}
		for _, p := range r.Photos {
			src := x.Href + "/photo/" + p.ID.String()
			x.Photos = append(x.Photos, photoView{ID: p.ID.String(), Src: src + "?petite=1", Full: src + "/flouter", Alt: c.T("report.photo." + string(p.Role) + ".staff"), State: p.State,
				Caption: c.T("report.photo.state." + string(p.State)), When: i18n.Day(c.Ctx(), p.CreatedAt)})
		}
		v.Items = append(v.Items, x)
	}
	if len(v.Items) == 0 {
		v.Empty = &page.EmptyData{Title: c.T("report.moderation.none"), Text: c.T("report.moderation.none.text"), Actions: []page.ButtonData{{Label: c.T("report.desk.see"), Href: c.Href(deskPath)}}}
	}
	p, err := c.StaffPage(c.T("report.menu.moderation"))
	if err != nil {
		return err
	}
	p.Heading, p.Lead, p.Head = p.Title, c.T("report.moderation.lead"), assets()
	return c.Render(moderationPage(p, v))
}

// deskModerate writes what was decided of one report.
func (s *Reports) deskModerate(c *web.Context) error {
	return s.act(c, "report.moderation.done", func(id store.ID, f url.Values) error {
		v := Verdict{Show: f.Get("show") != "", Text: f.Get("text"), Address: f.Get("address"), Photos: map[store.ID]PhotoState{}, By: c.Actor.ID}
		for name := range f {
			if raw, ok := strings.CutPrefix(name, "photo-"); ok {
				if photo, err := store.ParseID(raw); err == nil {
					v.Photos[photo] = PhotoState(f.Get(name))
				}
			}
		}
		_, err := s.Moderate(c.Ctx(), c.Store, id, v)
		return err
	})
}

// ofReport finds the photo of the address among those of its report.
func (s *Reports) ofReport(c *web.Context) (r Report, p Photo, err error) {
	id, err := c.ID("id")
	if err != nil {
		return r, p, err
	}
	photo, err := c.ID("photo")
	if err != nil {
		return r, p, err
	}
	err = c.Store.View(c.Ctx(), func(tx *store.Tx) (err error) {
		r, err = s.Get(c.Ctx(), tx, id)
		return err
	})
	if err != nil {
		return r, p, err
	}
	for _, x := range r.Photos {
		if x.ID == photo {
			return r, x, nil
		}
	}
	return r, p, fault.New(fault.NotFound, "")
}

func (s *Reports) deskPhoto(c *web.Context) error {
	_, p, err := s.ofReport(c)
	if err != nil {
		return err
	}
	body, err := s.Image(c.Ctx(), p, c.Query("petite") != "")
	if err != nil {
		return err
	}
	return c.File("image/jpeg", "", body)
}

type blurView struct {
	Photo  photoView
	Action string
	Back   string
	Errors []page.FieldError
	Areas  string
	Cells  []blurCell
}

// blurCell is one square of the grid that stands in for drawing without a
// script: ticked, it is made unreadable.
type blurCell struct {
	Value, Label, X, Y string
}

// The grid: squares across, squares down.
const (
	blurAcross = 8
	blurDown   = 6
)

func (s *Reports) askBlur(c *web.Context) error { return s.renderBlur(c, http.StatusOK, "", nil) }

func (s *Reports) renderBlur(c *web.Context, status int, areas string, errs []page.FieldError) error {
	r, x, err := s.ofReport(c)
	if err != nil {
		return err
	}
	src := c.Href(r.StaffPath() + "/photo/" + x.ID.String())
	v := blurView{Photo: photoView{ID: x.ID.String(), Src: src + "?v=" + strconv.FormatInt(x.Size, 10), Alt: c.T("report.photo.seen.staff"), Width: x.Width, Height: x.Height},
		Action: src + "/flouter", Back: c.Href(r.StaffPath()), Errors: errs, Areas: areas}
	for y := range blurDown {
		for i := range blurAcross {
			v.Cells = append(v.Cells, blurCell{Value: fmt.Sprintf("%.3f,%.3f,%.3f,%.3f", float64(i)*100/blurAcross, float64(y)*100/blurDown, 100.0/blurAcross, 100.0/blurDown),
				Label: c.T("report.blur.cell", "Row", y+1, "Column", i+1)})
		}
	}
	p, err := c.StaffPage(c.T("report.blur.title"))
	if err != nil {
		return err
	}
	p.Heading, p.Lead, p.Head, p.HasError = p.Title, c.T("report.blur.lead"), assets(), len(errs) > 0
	p.Crumbs = []page.Link{{Label: c.T("report.label"), Href: c.Href(deskPath)}, {Label: r.Number, Href: c.Href(r.StaffPath())}, {Label: c.T("report.blur.title")}}
	return c.RenderStatus(status, blurPage(p, v))
}

// maxAreas bounds the rectangles of one request.
const maxAreas = 60

// readAreas reads rectangles "x,y,width,height" in hundredths of the photo, one
// per line or one per ticked square.
func readAreas(values []string) ([]photo.Rect, bool) {
	var out []photo.Rect
	for _, line := range strings.FieldsFunc(strings.Join(values, "\n"), func(r rune) bool { return r == '\n' || r == ';' || r == '\r' }) {
		if strings.TrimSpace(line) == "" {
			continue
		}
		parts := strings.Split(line, ",")
		var n [4]float64
		if len(parts) != 4 || len(out) >= maxAreas {
			return nil, false
		}
		for i, p := range parts {
			x, err := strconv.ParseFloat(strings.TrimSpace(p), 64)
			if err != nil || !(x >= 0 && x <= 100) {
				return nil, false
			}
			n[i] = x / 100
		}
		if n[2] <= 0 || n[3] <= 0 {
			return nil, false
		}
		out = append(out, photo.Rect{X: n[0], Y: n[1], W: n[2], H: n[3]})
	}
	return out, len(out) > 0
}

func (s *Reports) blur(c *web.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	r, x, err := s.ofReport(c)
	if err != nil {
		return err
	}
	areas, ok := readAreas(append([]string{f.Get("areas")}, f["case"]...))
	if !ok {
		return s.renderBlur(c, http.StatusUnprocessableEntity, f.Get("areas"), []page.FieldError{{Field: "areas", Message: c.T("report.error.areas")}})
	}
	if err := s.BlurPhoto(c.Ctx(), c.Store, x.ID, areas, c.Actor.ID); err != nil {
		return err
	}
	c.Flash(c.T("report.blur.done"))
	return c.Redirect(r.StaffPath())
}
