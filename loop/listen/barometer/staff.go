package barometer

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"parvis/platform/fault"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// commentsView is the queue of comments.
type commentsView struct {
	State    State
	List     []Comment
	Topics   map[string]string
	Actions  []Action
	Counts   []page.Link
	Next     string
	Done     string
	Refused  store.ID // the comment whose decision was refused
	Errors   []page.FieldError
	Decision Decision
}

const perPage = 20

func (s *Service) comments(c *web.Context) error {
	return s.showComments(c, http.StatusOK, commentsView{Done: c.TakeFlash()})
}

func (s *Service) showComments(c *web.Context, status int, v commentsView) error {
	ctx := c.Ctx()
	v.State = Waiting
	for _, x := range States() {
		if c.Query("etat") == string(x) {
			v.State = x
		}
	}
	f := CommentFilter{State: v.State}
	if month, id, ok := strings.Cut(c.Query("avant"), "."); ok {
		before, err := store.ParseID(id)
		if err != nil {
			return store.ErrNotFound
		}
		f.BeforeMonth, f.Before = month, before
	}
	err := c.Store.View(ctx, func(tx *store.Tx) (err error) {
		if v.List, err = s.Comments(ctx, tx, f, perPage+1); err != nil {
			return err
		}
		if v.Refused != 0 {
			one, err := s.comment(ctx, tx, v.Refused)
			if err != nil {
				return err
			}
			v.List = []Comment{one}
		}
		topics, err := s.topics(ctx, tx)
		if err != nil {
			return err
		}
		v.Topics = map[string]string{}
		for _, t := range topics {
			v.Topics[t.Name] = t.Label
		}
		v.Actions, err = s.Actions(ctx, tx, "", 100)
		return err
	})
	if err != nil {
		return err
	}
	if len(v.List) > perPage {
		v.List = v.List[:perPage]
		last := v.List[perPage-1]
		v.Next = c.Href("/bureau/avis/commentaires?" + url.Values{"etat": {string(v.State)}, "avant": {last.Month + "." + last.ID.String()}}.Encode())
	}
	for _, x := range States() {
		v.Counts = append(v.Counts, page.Link{Label: c.T("barometer.state." + string(x)), Href: c.Href("/bureau/avis/commentaires?etat=" + string(x)), Current: x == v.State})
	}
	p, err := s.staffPage(c, "barometer.comments.title", "barometer.comments.lead", len(v.Errors) > 0)
	if err != nil {
		return err
	}
	return c.RenderStatus(status, commentsPage(p, v))
}

// staffPage starts a page under the results.
func (s *Service) staffPage(c *web.Context, title, lead string, wrong bool) (page.Page, error) {
	p, err := c.StaffPage(c.T(title))
	if err != nil {
		return p, err
	}
	p.Heading, p.HasError = p.Title, wrong
	if lead != "" {
		p.Lead = c.T(lead)
	}
	p.Crumbs = []page.Link{{Label: c.T("barometer.desk.title"), Href: c.Href("/bureau/avis")}, {Label: p.Title}}
	return p, nil
}

func (s *Service) decide(c *web.Context) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	action, _ := store.ParseID(form.Get("action")) // none when nothing is chosen
	d := Decision{State: State(form.Get("state")), Shown: form.Get("shown"), Reason: form.Get("reason"), Reply: form.Get("reply"), Action: action, By: c.Actor.ID}
	err = s.Decide(c.Ctx(), c.Store, id, d)
	if errs, ok := c.FieldErrors(err); ok {
		return s.showComments(c, http.StatusUnprocessableEntity, commentsView{Errors: errs, Refused: id, Decision: d})
	}
	if err != nil {
		return err
	}
	c.Flash(c.T("barometer.comments.done." + string(d.State)))
	return c.Redirect("/bureau/avis/commentaires")
}

// entryView is the form where staff key a paper.
type entryView struct {
	Service string
	Answer  Answer
	Texts   map[string]string
	Topics  []page.Option
	Errors  []page.FieldError
	Done    string
}

func (s *Service) entry(c *web.Context) error {
	return s.showEntry(c, http.StatusOK, entryView{Service: c.Query("service"), Done: c.TakeFlash(), Texts: map[string]string{}})
}

func (s *Service) showEntry(c *web.Context, status int, v entryView) error {
	var err error
	if v.Topics, err = s.topicOptions(c, v.Service); err != nil {
		return err
	}
	p, err := s.staffPage(c, "barometer.entry.title", "barometer.entry.lead", len(v.Errors) > 0)
	if err != nil {
		return err
	}
	return c.RenderStatus(status, entryPage(p, v))
}

// topicOptions lists the services that take answers here.
func (s *Service) topicOptions(c *web.Context, chosen string) ([]page.Option, error) {
	var out []page.Option
	err := c.Store.View(c.Ctx(), func(tx *store.Tx) error {
		list, err := s.topics(c.Ctx(), tx)
		out = nil
		for _, t := range list {
			if t.Asks() {
				out = append(out, page.Option{Value: t.Name, Label: t.Label, Selected: t.Name == chosen})
			}
		}
		return err
	})
	return out, err
}

func (s *Service) enter(c *web.Context) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	name := form.Get("service")
	err = s.Key(c.Ctx(), c.Store, name, form, form[FieldTried])
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, ErrSpent) {
		err = fieldFault("service", "barometer.error.service")
	}
	if errs, ok := c.FieldErrors(err); ok {
		v := typed(formView{Step: StepAid, Texts: map[string]string{}}, form)
		v.Answer.Satisfaction = readSatisfaction(form.Get(FieldSatisfaction))
		v.Answer.Comprehension = number(form.Get(FieldComprehension), 1, 5)
		return s.showEntry(c, http.StatusUnprocessableEntity, entryView{Service: name, Answer: v.Answer, Texts: v.Texts, Errors: errs})
	}
	if err != nil {
		return err
	}
	c.Flash(c.T("barometer.entry.done"))
	return c.Redirect("/bureau/avis/saisie?service=" + url.QueryEscape(name))
}

func fieldFault(field, key string, args ...any) error {
	var wrong fault.Fields
	wrong.Add(field, key, args...)
	return wrong.Err()
}

// card is an invitation on paper.
type card struct {
	Link, Path string
	Size       int
}

// maxCards bounds one print.
const maxCards = 48

func (s *Service) cards(c *web.Context) error { return s.showCards(c, http.StatusOK, nil, nil, "") }

func (s *Service) showCards(c *web.Context, status int, errs []page.FieldError, list []card, label string) error {
	topics, err := s.topicOptions(c, "")
	if err != nil {
		return err
	}
	p, err := s.staffPage(c, "barometer.cards.title", "barometer.cards.lead", len(errs) > 0)
	if err != nil {
		return err
	}
	return c.RenderStatus(status, cardsPage(p, topics, errs, list, label))
}

// makeCards shows the cards once; their addresses are kept nowhere.
func (s *Service) makeCards(c *web.Context) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	n := number(form.Get("n"), 1, maxCards)
	if n == 0 {
		err = fieldFault("n", "barometer.error.cards", "Max", maxCards)
	}
	var links []string
	var t Topic
	if err == nil {
		links, t, err = s.Card(c.Ctx(), c.Store, form.Get("service"), n)
	}
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, ErrSpent) {
		err = fieldFault("service", "barometer.error.service")
	}
	if errs, ok := c.FieldErrors(err); ok {
		return s.showCards(c, http.StatusUnprocessableEntity, errs, nil, "")
	}
	if err != nil {
		return err
	}
	list := make([]card, 0, len(links))
	for _, l := range links {
		path, size, err := qrPath(l)
		if err != nil {
			return err
		}
		list = append(list, card{l, path, size})
	}
	return s.showCards(c, http.StatusOK, nil, list, t.Label)
}

func (s *Service) actions(c *web.Context) error {
	return s.showActions(c, http.StatusOK, Action{}, nil)
}

func (s *Service) showActions(c *web.Context, status int, a Action, errs []page.FieldError) error {
	var list []Action
	ctx := c.Ctx()
	names := map[string]string{}
	var topics []page.Option
	err := c.Store.View(ctx, func(tx *store.Tx) (err error) {
		if id, err := store.ParseID(c.Query("id")); err == nil && a.ID == 0 && errs == nil {
			if err := tx.Get(ctx, &a, `SELECT id, service, title, text, done_on, created_at FROM barometer_action WHERE territory_id = @territory AND id = ?`, id); err != nil {
				return err
			}
		}
		all, err := s.topics(ctx, tx)
		if err != nil {
			return err
		}
		topics = nil
		for _, t := range all {
			names[t.Name] = t.Label
			topics = append(topics, page.Option{Value: t.Name, Label: t.Label, Selected: t.Name == a.Service})
		}
		list, err = s.Actions(ctx, tx, "", 200)
		return err
	})
	if err != nil {
		return err
	}
	p, err := s.staffPage(c, "barometer.actions.desk", "barometer.actions.lead", len(errs) > 0)
	if err != nil {
		return err
	}
	return c.RenderStatus(status, actionsPage(p, a, errs, topics, actionTable(ctx, c, list, names), c.TakeFlash()))
}

func actionTable(ctx context.Context, c *web.Context, list []Action, names map[string]string) page.TableData {
	t := page.TableData{Caption: i18n.T(ctx, "barometer.actions.title"), Columns: []page.Column{{Label: i18n.T(ctx, "barometer.actions.field.title")}, {Label: i18n.T(ctx, "barometer.column.service")}, {Label: i18n.T(ctx, "barometer.actions.field.done")}}, Empty: i18n.T(ctx, "barometer.actions.none")}
	for _, a := range list {
		done := i18n.T(ctx, "barometer.actions.running")
		if a.DoneOn != "" {
			done = monthName(ctx, a.DoneOn)
		}
		t.Rows = append(t.Rows, []page.Cell{{Head: true, Text: a.Title, Href: c.Href("/bureau/avis/changements?id=" + a.ID.String())}, {Text: names[a.Service]}, {Text: done}})
	}
	return t
}

func (s *Service) saveAction(c *web.Context) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	a := Action{Service: form.Get("service"), Title: form.Get("title"), Text: form.Get("text"), DoneOn: strings.TrimSpace(form.Get("done"))}
	if form.Get("id") != "" {
		if a.ID, err = store.ParseID(form.Get("id")); err != nil {
			return store.ErrNotFound
		}
		a.CreatedAt = c.Now()
	}
	_, err = s.SaveAction(c.Ctx(), c.Store, a)
	if errors.Is(err, store.ErrNotFound) {
		err = fieldFault("service", "barometer.error.service")
	}
	if errs, ok := c.FieldErrors(err); ok {
		return s.showActions(c, http.StatusUnprocessableEntity, a, errs)
	}
	if err != nil {
		return err
	}
	c.Flash(c.T("barometer.actions.saved"))
	return c.Redirect("/bureau/avis/changements")
}

func (s *Service) contacts(c *web.Context) error {
	var list []Contact
	ctx := c.Ctx()
	names := map[string]string{}
	err := c.Store.View(ctx, func(tx *store.Tx) (err error) {
		topics, err := s.topics(ctx, tx)
		for _, t := range topics {
			names[t.Name] = t.Label
		}
		if err != nil {
			return err
		}
		list, err = s.Contacts(ctx, tx, 200)
		return err
	})
	if err != nil {
		return err
	}
	p, err := s.staffPage(c, "barometer.contacts.title", "barometer.contacts.lead", false)
	if err != nil {
		return err
	}
	return c.Render(contactsPage(p, list, names, c.TakeFlash()))
}

func (s *Service) contactDone(c *web.Context) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	if err := s.ContactDone(c.Ctx(), c.Store, id, c.Actor.ID); err != nil {
		return err
	}
	c.Flash(c.T("barometer.contacts.done"))
	return c.Redirect("/bureau/avis/rappels")
}

// settingsView is the services asked about.
type settingsView struct {
	List     []Topic
	Topic    Topic // in the form
	Fresh    bool
	Errors   []page.FieldError
	Done     string
	Snippets map[string]string
	Import   *Imported
}

func (s *Service) settings(c *web.Context) error {
	return s.showSettings(c, http.StatusOK, settingsView{Done: c.TakeFlash()})
}

func (s *Service) showSettings(c *web.Context, status int, v settingsView) error {
	ctx := c.Ctx()
	err := c.Store.View(ctx, func(tx *store.Tx) (err error) {
		v.List, err = s.topics(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	v.Snippets = map[string]string{}
	for _, t := range v.List {
		v.Snippets[t.Name] = snippet(c.T("barometer.button"), c.URL("/avis/service/"+t.Name), c.URL("/barometre/bouton.svg"))
		if t.Name == c.Query("service") && v.Errors == nil {
			v.Topic = t
		}
	}
	if v.Topic.Name == "" && v.Errors == nil {
		v.Fresh, v.Topic = true, Topic{Opened: true, Clarity: true, Help: true}
	}
	p, err := s.staffPage(c, "barometer.settings.title", "barometer.settings.lead", len(v.Errors) > 0)
	if err != nil {
		return err
	}
	return c.RenderStatus(status, settingsPage(p, v))
}

func (s *Service) saveSettings(c *web.Context) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	t := Topic{Name: form.Get("name"), Label: form.Get("label"), National: form.Get("national"), Opened: form.Get("opened") != "", Clarity: form.Get("clarity") != "", Help: form.Get("help") != ""}
	fresh := t.Name == ""
	if !fresh {
		if err := c.Store.View(c.Ctx(), func(tx *store.Tx) error {
			old, err := s.topic(c.Ctx(), tx, t.Name)
			t.Own = old.Own
			return err
		}); err != nil {
			return err
		}
	}
	saved, err := s.SaveTopic(c.Ctx(), c.Store, t, fresh)
	if errs, ok := c.FieldErrors(err); ok {
		if fresh {
			t.Name = ""
		}
		return s.showSettings(c, http.StatusUnprocessableEntity, settingsView{Topic: t, Fresh: fresh, Errors: errs})
	}
	if err != nil {
		return err
	}
	c.Flash(c.T("barometer.settings.saved"))
	return c.Redirect("/bureau/avis/reglages?service=" + url.QueryEscape(saved.Name))
}

// importFile reads an export of « Je donne mon avis » and says what was taken,
// line by line.
func (s *Service) importFile(c *web.Context) error {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxImport+1<<20)
	file, _, err := c.Request.FormFile("fichier")
	name := c.Request.FormValue("service")
	wrong := func(key string) error {
		return s.showSettings(c, http.StatusUnprocessableEntity, settingsView{Errors: []page.FieldError{{Field: "fichier", Message: c.T(key)}}, Topic: Topic{Opened: true, Clarity: true, Help: true}, Fresh: true})
	}
	if err != nil {
		return wrong("barometer.import.file")
	}
	defer file.Close()
	if err := c.Store.View(c.Ctx(), func(tx *store.Tx) error {
		_, err := s.topic(c.Ctx(), tx, name)
		return err
	}); err != nil {
		return wrong("barometer.error.service")
	}
	done, err := s.importJDMA(c.Ctx(), c.Store, name, file)
	if errors.Is(err, errNoColumn) {
		return wrong("barometer.import.column")
	}
	if err != nil {
		return err
	}
	return s.showSettings(c, http.StatusOK, settingsView{Import: &done})
}

// refusalWords lists refused lines, at most twenty.
func refusalWords(ctx context.Context, list []Refusal) []string {
	var out []string
	for _, r := range list[:min(len(list), 20)] {
		out = append(out, i18n.T(ctx, "barometer.import.refused", "Line", strconv.Itoa(r.Line), "Reason", i18n.T(ctx, r.Reason)))
	}
	return out
}
