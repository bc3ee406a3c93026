package report

import (
	"context"
	"net/http"
	"strings"
	"unicode/utf8"

	"parvis/platform/fault"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

type detailsView struct {
	Draft     unsent
	Category  Category
	Errors    []page.FieldError
	Stop      string
	Photos    []photoView
	Room      int // photos that may still be added
	Answers   []page.Answer
	Action    string
	Ways      []page.Way
	Complaint bool
}

type photoView struct {
	ID, Src, Full, Alt, Caption, When, Notice string
	Width, Height                             int
	State                                     PhotoState
}

// askDetails is the third question: what is to be seen, and photos.
func (s *Reports) askDetails(c *web.Context) error {
	d, cat, done, err := s.current(c)
	if err != nil || done {
		return err
	}
	return s.renderDetails(c, http.StatusOK, d, cat, nil, "")
}

func (s *Reports) renderDetails(c *web.Context, status int, d unsent, cat Category, errs []page.FieldError, stop string) error {
	v := detailsView{Draft: d, Category: cat, Errors: errs, Stop: stop, Action: c.Href(s.step(d, "details")), Ways: ways(c), Room: maxPhotos - len(d.Photos),
		Answers: s.answered(c, d, cat, "details"), Complaint: cat.Complaint()}
	for _, x := range d.Photos {
		src := c.Href(s.step(d, "photo/"+x.ID.String()))
		v.Photos = append(v.Photos, photoView{ID: x.ID.String(), Src: src, Alt: c.T("report.photo.yours"), Width: x.Width, Height: x.Height})
	}
	title := c.T("report.ask.details.title")
	if v.Complaint {
		title = c.T("report.ask.details.complaint")
	}
	p := s.begin(c, title, c.T("report.ask.question", "N", 3), crumbAsk(c), page.Link{Label: c.T("report.ask.details")})
	p.Heading, p.Width, p.NoIndex, p.HasError = p.Title, page.Narrow, true, len(errs) > 0 || stop != ""
	return c.RenderStatus(status, detailsPage(p, v))
}

// giveDetails keeps what was typed first, then says what is wrong.
func (s *Reports) giveDetails(c *web.Context) error {
	d, cat, done, err := s.current(c)
	if err != nil || done {
		return err
	}
	f, err := c.Upload(maxPhotos*maxUpload + 1<<20)
	if fields, ok := c.FieldErrors(err); err != nil && ok {
		for i := range fields {
			fields[i].Field = "photos"
		}
		return s.renderDetails(c, http.StatusUnprocessableEntity, d, cat, fields, "")
	}
	if err != nil {
		return err
	}
	defer f.Close()
	d.Text = tidy(strings.ToValidUTF8(f.Get("text"), ""))
	if utf8.RuneCountInString(d.Text) > 2*maxText {
		d.Text = string([]rune(d.Text)[:2*maxText])
	}
	d.Answers = map[string][]string{}
	for _, q := range cat.Detail.V.Questions {
		for _, x := range f.Values[FieldOf(q.Code)] {
			if len(d.Answers[q.Code]) < maxOptions {
				d.Answers[q.Code] = append(d.Answers[q.Code], shorten(x, 2*maxAnswer))
			}
		}
	}
	if id, err := store.ParseID(f.Get("retirer")); err == nil {
		if err := s.dropPhoto(c.Ctx(), c.Store, d, id); err != nil {
			return err
		}
	}
	wrong := s.takePhotos(c, f, d)
	d.Told = true
	if err := s.saveDraft(c.Ctx(), c.Store, d); err != nil {
		return err
	}
	if d, _, _, err = s.current(c); err != nil {
		return err
	}
	if f.Get("retirer") != "" || f.Get("ajouter") != "" && len(wrong) == 0 {
		return s.renderDetails(c, http.StatusOK, d, cat, nil, "")
	}
	draft := d.toDraft("", "fr")
	draft.Anonymous = true // who is asked next
	if err := draft.Check(cat, "", c.Now()); err != nil {
		for _, x := range fieldsOf(err) {
			if x.Name == "text" {
				wrong = append(wrong, x)
			}
		}
	}
	_, stop, _, err := cat.Answer(d.Answers)
	wrong = append(wrong, fieldsOf(err)...)
	if len(wrong) > 0 {
		errs, _ := c.FieldErrors(wrong.Err())
		return s.renderDetails(c, http.StatusUnprocessableEntity, d, cat, errs, "")
	}
	if stop != "" {
		return s.renderDetails(c, http.StatusUnprocessableEntity, d, cat, nil, stop)
	}
	return c.Redirect(s.step(d, "contact"))
}

// takePhotos keeps the photos of the form one after the other; what cannot be
// read is said, the others stay.
func (s *Reports) takePhotos(c *web.Context, f web.Upload, d unsent) (wrong fault.Fields) {
	for _, x := range f.Files("photos", maxPhotos+1) {
		file, err := x.Open()
		if err == nil {
			_, err = s.KeepPhoto(c.Ctx(), c.Store, file, web.HashToken(d.Token))
			_ = file.Close()
		}
		if err == nil {
			continue
		}
		fields := fieldsOf(err)
		if fields == nil {
			fields = fault.Fields{{Name: "photos", Key: "report.error.photo"}}
		}
		for _, field := range fields {
			if !wrong.Has(field.Name) {
				wrong = append(wrong, field)
			}
		}
	}
	return wrong
}

func (s *Reports) dropPhoto(ctx context.Context, h store.Handle, d unsent, id store.ID) error {
	for _, x := range d.Photos {
		if x.ID == id {
			return h.Update(ctx, func(tx *store.Tx) error { return s.removePhotos(ctx, tx, []Photo{x}) })
		}
	}
	return nil
}

// draftPhoto shows a photo to who just sent it.
func (s *Reports) draftPhoto(c *web.Context) error {
	d, _, done, err := s.current(c)
	if err != nil || done {
		return err
	}
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	for _, x := range d.Photos {
		if x.ID == id {
			body, err := s.Image(c.Ctx(), x, true)
			if err != nil {
				return err
			}
			return c.File("image/jpeg", "", body)
		}
	}
	return fault.New(fault.NotFound, "")
}

// toDraft is the report that a draft asks for.
func (d unsent) toDraft(key, lang string) Draft {
	out := Draft{Category: d.Category, Text: d.Text, Point: d.point(), Accuracy: d.Accuracy, Address: d.Address, Answers: d.Answers, Contact: d.Contact,
		Anonymous: d.Secret, Private: d.Private, Lang: lang, Key: key}
	for _, p := range d.Photos {
		out.Photos = append(out.Photos, PhotoRef{p.ID})
	}
	return out
}
