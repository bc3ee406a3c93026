package report

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"parvis/engine/dossier"
	"parvis/platform/fault"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

type whoView struct {
	Draft     unsent
	Category  Category
	Errors    []page.FieldError
	Answers   []page.Answer
	Action    string
	Privacy   string
	Promise   string
	Anonymous bool // the category allows it
	Ways      []page.Way
}

// askWho is the last question.
func (s *Reports) askWho(c *web.Context) error {
	d, cat, done, err := s.current(c)
	if err != nil || done {
		return err
	}
	if !d.Told {
		return c.Redirect(s.step(d, "details"))
	}
	return s.renderWho(c, http.StatusOK, d, cat, nil)
}

func (s *Reports) renderWho(c *web.Context, status int, d unsent, cat Category, errs []page.FieldError) error {
	_, _, privacy, _ := page.LegalPaths()
	v := whoView{Draft: d, Category: cat, Errors: errs, Answers: s.answered(c, d, cat, "contact"), Action: c.Href(s.step(d, "contact")), Privacy: c.Href(privacy),
		Anonymous: cat.Detail.V.Anonymous, Ways: ways(c), Promise: shownDelay(c.Ctx(), cat.Detail.V.Promised(cat.Detail.V.Priority, nil))}
	p := s.begin(c, c.T("report.ask.who.title"), c.T("report.ask.question", "N", 4), crumbAsk(c), page.Link{Label: c.T("report.ask.who")})
	p.Heading, p.Width, p.NoIndex, p.HasError = p.Title, page.Narrow, true, len(errs) > 0
	return c.RenderStatus(status, whoPage(p, v))
}

// send opens the report. The draft is its key: sent twice, it is one report.
func (s *Reports) send(c *web.Context) error {
	d, cat, done, err := s.current(c)
	if err != nil || done {
		return err
	}
	f, err := c.Form()
	if err != nil {
		return err
	}
	cut := func(name string) string { return shorten(strings.ToValidUTF8(strings.TrimSpace(f.Get(name)), ""), 400) }
	d.Contact = Contact{FirstName: cut("first_name"), LastName: cut("last_name"), Phone: cut("phone"), Email: cut("email")}
	d.Secret, d.Private = f.Get("qui") == "anonyme", f.Get("prive") != ""
	if err := s.saveDraft(c.Ctx(), c.Store, d); err != nil {
		return err
	}
	var made Report
	err = c.Store.Update(c.Ctx(), func(tx *store.Tx) error {
		made, err = s.OpenIn(c.Ctx(), tx, d.toDraft("draft:"+web.HashToken(d.Token), i18n.Lang(c.Ctx())))
		if err != nil {
			return err
		}
		return s.sent(c.Ctx(), tx, d.Token, made.ID)
	})
	if errors.Is(err, store.ErrConflict) && fault.Of(err).Key == "" {
		return c.Redirect(s.step(d, "recu")) // the other click was faster
	}
	if errs, ok := c.FieldErrors(err); err != nil && ok {
		return s.refused(c, d, cat, errs)
	}
	if err != nil {
		return err
	}
	if made.Code != "" {
		c.Flash(made.Code + " " + made.Token)
	} else {
		c.Flash(" " + made.Token)
	}
	return c.Redirect(s.step(d, "recu"))
}

// refused shows the mistakes on the page of their question.
func (s *Reports) refused(c *web.Context, d unsent, cat Category, errs []page.FieldError) error {
	for _, e := range errs {
		switch {
		case e.Field == "point" || e.Field == "address":
			for i := range errs {
				if errs[i].Field == "point" {
					errs[i].Field = "address"
				}
			}
			return s.renderWhere(c, http.StatusUnprocessableEntity, d, cat, whereView{Errors: errs})
		case e.Field == "text" || e.Field == "photos" || strings.HasPrefix(e.Field, FieldOf("")) || e.Field == "stop":
			return s.renderDetails(c, http.StatusUnprocessableEntity, d, cat, errs, "")
		}
	}
	return s.renderWho(c, http.StatusUnprocessableEntity, d, cat, errs)
}

type receiptView struct {
	Number  string
	Day     page.TicketData
	HasDay  bool
	Facts   []page.Fact
	Code    string
	Follow  string // the author's page
	Public  string // the public page, "" when there is none
	Steps   []page.Step
	Again   string
	Ways    []page.Way
	Private bool
}

// showReceipt is the confirmation: number, promised date, what happens next.
// The secret link and the code are shown once, right after sending.
func (s *Reports) showReceipt(c *web.Context) error {
	var d unsent
	var r Report
	var cat Category
	err := c.Store.View(c.Ctx(), func(tx *store.Tx) (err error) {
		if d, err = s.draft(c.Ctx(), tx, c.Param("token")); err != nil {
			return err
		}
		if d.ReportID == 0 {
			return store.ErrNotFound
		}
		if r, err = s.Get(c.Ctx(), tx, d.ReportID); err != nil {
			return err
		}
		if cat, err = s.Category(c.Ctx(), tx, r.CategoryID); errors.Is(err, store.ErrNotFound) {
			err = nil
		}
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		return fault.New(fault.Gone, "report.ask.gone").Because(err)
	}
	if err != nil {
		return err
	}
	ctx := c.Ctx()
	v := receiptView{Number: r.Number, Again: c.Href(askPath), Ways: ways(c), Private: r.Private}
	code, token, _ := strings.Cut(c.TakeFlash(), " ")
	v.Code = code
	if token != "" {
		v.Follow = c.Href(dossier.Path + "/" + token)
	}
	if r.Visible {
		v.Public = c.Href(r.Path())
	}
	v.Facts = []page.Fact{{Label: c.T("report.receipt.number"), Value: r.Number, Num: true, Note: c.T("report.receipt.number.note")},
		{Label: c.T("report.ask.what"), Value: r.Title}}
	if r.Address != "" {
		v.Facts = append(v.Facts, page.Fact{Label: c.T("report.ask.where"), Value: r.Address})
	}
	if !r.DueAt.IsZero() {
		due := r.DueAt.Add(-time.Microsecond)
		v.Facts = append(v.Facts, page.Fact{Label: c.T("report.receipt.due"), Value: i18n.DayWithYear(ctx, due, c.Now()), Note: c.T("report.receipt.due.note")})
	}
	v.Steps = []page.Step{{Title: c.T("report.receipt.step.received"), When: i18n.DayTimeRelative(ctx, r.OpenedAt, c.Now()), State: "now"},
		{Title: c.T("report.receipt.step.check"), Text: c.T("report.receipt.step.check.text"), State: "todo"},
		{Title: c.T("report.receipt.step.work"), Text: c.T("report.receipt.step.work.text"), State: "todo"},
		{Title: c.T("report.receipt.step.end"), Text: c.T("report.receipt.step.end.text"), State: "todo"}}
	if cat.Complaint() {
		v.Steps = append(v.Steps[:2], v.Steps[3])
	}
	p := s.begin(c, c.T("report.receipt.title"), c.T("report.number", "Number", r.Number), page.Link{Label: r.Number})
	p.Heading, p.Width, p.NoIndex = p.Title, page.Medium, true
	return c.Render(receiptPage(p, v))
}
