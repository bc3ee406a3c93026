package barometer

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"parvis/platform/i18n"
	"parvis/platform/mail"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// formView is one question.
type formView struct {
	Step   Step
	Topic  Topic
	Answer Answer
	Texts  map[string]string
	Action string
	Skip   string // where to go without answering; "" on the first question
	Secret string // of the open form: drawn at each view, kept nowhere
	Errors []page.FieldError
}

// landing lists the services one may speak of.
func (s *Service) landing(c *web.Context) error {
	var list []Topic
	err := c.Store.View(c.Ctx(), func(tx *store.Tx) (err error) {
		list, err = s.topics(c.Ctx(), tx)
		return err
	})
	if err != nil {
		return err
	}
	var tiles []page.Tile
	for _, t := range list {
		if !t.Opened {
			continue
		}
		href := c.Href("/avis/service/" + t.Name)
		if t.National != "" {
			href = t.National
		}
		tiles = append(tiles, page.Tile{Title: t.Label, Href: href})
	}
	p := c.Page(c.T("barometer.landing.title"))
	p.Heading, p.Lead, p.Verb, p.Width = p.Title, c.T("barometer.landing.lead"), page.Listen, page.Narrow
	return c.Render(landingPage(p, tiles))
}

// ask shows one question. It writes nothing: what opens links before people do
// must not answer for them.
func (s *Service) ask(c *web.Context) error {
	secret := c.Param("token")
	step := Step(c.Param("step"))
	in, err := s.Read(c.Ctx(), c.Store, secret)
	if errors.Is(err, ErrSpent) {
		return s.spent(c)
	}
	if err != nil {
		return err
	}
	v := formView{Step: step, Topic: in.Topic, Answer: in.Answer, Texts: in.Texts}
	if in.Answer.ID == 0 && step != StepSatisfaction {
		return c.Redirect("/avis/" + secret)
	}
	if step == StepSatisfaction && v.Answer.Satisfaction == 0 {
		v.Answer.Satisfaction = readSatisfaction(c.Query("s"))
	}
	return s.showStep(c, http.StatusOK, secret, v)
}

func (s *Service) showStep(c *web.Context, status int, secret string, v formView) error {
	n, of := v.Step.position(v.Topic)
	if n == 0 {
		return store.ErrNotFound
	}
	v.Action = c.Href("/avis/" + secret)
	if v.Step != StepSatisfaction {
		v.Action += "/" + string(v.Step)
		if next := v.Step.After(v.Answer, v.Topic); next != StepEnd {
			v.Skip = c.Href("/avis/" + secret + "/" + string(next))
		}
	}
	return s.renderStep(c, status, v, n, of)
}

func (s *Service) renderStep(c *web.Context, status int, v formView, n, of int) error {
	p := c.Page(c.T("barometer.form.title"))
	p.Verb, p.VerbNote, p.Width, p.NoIndex, p.HasError = page.Listen, v.Topic.Label+" · "+c.T("barometer.form.position", "N", n, "Of", of), page.Narrow, true, len(v.Errors) > 0
	p.Languages = nil // the secret is in the address: no link of the page carries it further
	c.Writer.Header().Set("Referrer-Policy", "no-referrer")
	return c.RenderStatus(status, formPage(p, v))
}

// spent says that the link has served, whatever the reason.
func (s *Service) spent(c *web.Context) error {
	p := c.Page(c.T("barometer.spent.title"))
	p.Heading, p.Lead, p.Width, p.NoIndex = p.Title, c.T("barometer.spent.lead"), page.Narrow, true
	return c.RenderStatus(http.StatusGone, spentPage(p))
}

// answer saves one step.
func (s *Service) answer(c *web.Context) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	secret, step, end := c.Param("token"), Step(c.Param("step")), form.Get("fin") != ""
	a, err := s.Answer(c.Ctx(), c.Store, secret, step, form, form[FieldTried], end || step == StepComment)
	if errs, ok := c.FieldErrors(err); ok {
		in, err := s.Read(c.Ctx(), c.Store, secret)
		if err != nil {
			return s.spent(c)
		}
		return s.showStep(c, http.StatusUnprocessableEntity, secret, typed(formView{Step: step, Topic: in.Topic, Answer: in.Answer, Texts: in.Texts, Errors: errs}, form))
	}
	if errors.Is(err, ErrSpent) {
		return s.spent(c)
	}
	if err != nil {
		return err
	}
	return s.follow(c, secret, a, step, end)
}

// typed keeps in the form what was typed.
func typed(v formView, form url.Values) formView {
	for _, field := range []string{FieldComment, FieldTriedOther} {
		if form.Has(field) {
			v.Texts[field] = form.Get(field)
		}
	}
	if v.Step == StepAid {
		v.Answer.Tried = 0
		for _, code := range form[FieldTried] {
			v.Answer.Tried |= readAid(code)
		}
	}
	return v
}

// follow leads to the next question, or to the thanks.
func (s *Service) follow(c *web.Context, secret string, a Answer, step Step, end bool) error {
	var t Topic
	if err := c.Store.View(c.Ctx(), func(tx *store.Tx) (err error) {
		t, err = s.topic(c.Ctx(), tx, a.Service)
		return err
	}); err != nil {
		return err
	}
	next := step.After(a, t)
	if end || next == StepEnd {
		return c.Redirect("/avis/merci/" + a.Service)
	}
	return c.Redirect("/avis/" + secret + "/" + string(next))
}

// askOpenly shows the first question to who has no invitation.
func (s *Service) askOpenly(c *web.Context) error {
	return s.showOpen(c, http.StatusOK, newSecret(), nil)
}

func (s *Service) showOpen(c *web.Context, status int, secret string, errs []page.FieldError) error {
	var t Topic
	err := c.Store.View(c.Ctx(), func(tx *store.Tx) (err error) {
		t, err = s.topic(c.Ctx(), tx, c.Param("name"))
		return err
	})
	if err != nil {
		return err
	}
	if !t.Asks() {
		if t.Opened && t.National != "" {
			p := c.Page(t.Label)
			p.Heading, p.Lead, p.Width = p.Title, c.T("barometer.national.lead"), page.Narrow
			return c.Render(nationalPage(p, t))
		}
		return s.spent(c)
	}
	v := formView{Topic: t, Action: c.Href("/avis/service/" + t.Name), Secret: secret, Errors: errs, Texts: map[string]string{}}
	v.Answer.Satisfaction = readSatisfaction(c.Query("s"))
	n, of := StepSatisfaction.position(t)
	return s.renderStep(c, status, v, n, of)
}

func (s *Service) answerOpenly(c *web.Context) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	secret, end := form.Get("visite"), form.Get("fin") != ""
	a, err := s.AnswerOpenly(c.Ctx(), c.Store, c.Param("name"), secret, form, end)
	if errs, ok := c.FieldErrors(err); ok {
		return s.showOpen(c, http.StatusUnprocessableEntity, secret, errs)
	}
	if errors.Is(err, ErrSpent) {
		return s.spent(c)
	}
	if err != nil {
		return err
	}
	return s.follow(c, secret, a, StepSatisfaction, end)
}

// contactView is the wish to be called back, apart from the answer.
type contactView struct {
	Topic       Topic
	Email, Text string
	Errors      []page.FieldError
	Done        string
}

func (s *Service) thanks(c *web.Context) error {
	return s.showThanks(c, http.StatusOK, contactView{Done: c.TakeFlash()})
}

func (s *Service) showThanks(c *web.Context, status int, v contactView) error {
	err := c.Store.View(c.Ctx(), func(tx *store.Tx) (err error) {
		v.Topic, err = s.topic(c.Ctx(), tx, c.Param("name"))
		return err
	})
	if err != nil {
		return err
	}
	p := c.Page(c.T("barometer.thanks.title"))
	p.Heading, p.Lead, p.Width, p.Verb, p.NoIndex, p.HasError = p.Title, c.T("barometer.thanks.lead"), page.Narrow, page.Listen, true, len(v.Errors) > 0
	return c.RenderStatus(status, thanksPage(p, v))
}

// askContact keeps an address that was given with consent, tied to no answer.
func (s *Service) askContact(c *web.Context) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	v := contactView{Email: form.Get("email"), Text: clean(form.Get("sujet"))}
	address, err := mail.ParseAddress(v.Email)
	switch {
	case err != nil:
		v.Errors = append(v.Errors, page.FieldError{Field: "email", Message: c.T("barometer.error.email")})
	case form.Get("accord") == "":
		v.Errors = append(v.Errors, page.FieldError{Field: "accord", Message: c.T("barometer.error.consent")})
	case len([]rune(v.Text)) > longestComment:
		v.Errors = append(v.Errors, page.FieldError{Field: "sujet", Message: c.T("barometer.error.long", "Max", longestComment)})
	}
	if len(v.Errors) > 0 {
		return s.showThanks(c, http.StatusUnprocessableEntity, v)
	}
	var t Topic
	if err := c.Store.View(c.Ctx(), func(tx *store.Tx) (err error) {
		t, err = s.topic(c.Ctx(), tx, c.Param("name"))
		return err
	}); err != nil {
		return err
	}
	if err := s.AskContact(c.Ctx(), c.Store, Contact{Service: t.Name, Email: address, Text: v.Text}); err != nil {
		return err
	}
	c.Flash(c.T("barometer.contact.done"))
	return c.Redirect("/avis/merci/" + t.Name)
}

// refusal asks before it stops the invitations: scanners open links.
func (s *Service) refusal(c *web.Context) error {
	if !refusalForm.MatchString(c.Param("code")) {
		return store.ErrNotFound
	}
	p := c.Page(c.T("barometer.refusal.title"))
	p.Heading, p.Lead, p.Width, p.NoIndex = p.Title, c.T("barometer.refusal.lead"), page.Narrow, true
	return c.Render(refusalPage(p, c.Href("/avis/refus/"+c.Param("code")), ""))
}

func (s *Service) refuse(c *web.Context) error {
	if err := s.Refuse(c.Ctx(), c.Store, c.Param("code")); err != nil {
		return err
	}
	p := c.Page(c.T("barometer.refusal.title"))
	p.Heading, p.Width, p.NoIndex = p.Title, page.Narrow, true
	return c.Render(refusalPage(p, "", c.T("barometer.refusal.done")))
}

// clarityWord is what a mark from 1 to 5 means at both ends.
func clarityWord(ctx context.Context, n int) string {
	switch n {
	case 1:
		return i18n.T(ctx, "barometer.clarity.1")
	case 5:
		return i18n.T(ctx, "barometer.clarity.5")
	}
	return ""
}
