package report

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"parvis/core/link"
	"parvis/engine/dossier"
	"parvis/platform/fault"
	"parvis/platform/geo"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

type sheetView struct {
	Report   Report
	Done     string
	Word     string
	Tone     string
	Note     string // "3 jours avant la date promise"
	Text     string
	Said     []Said
	Photos   []photoView
	Pair     []photoView // before and after
	Steps    []page.Step
	Opinion  *Opinion
	Answer   string // address where to give one's opinion
	Follow   string
	Reopen   string
	Map      *mapView
	Links    []link.Link
	Same     []page.Link
	Ways     []page.Way
	Category string
}

// public finds the report of the address among those that everybody may read:
// a private one is not there, whoever asks. A merged one leads to the kept one.
func (s *Reports) public(c *web.Context) (r Report, gone bool, err error) {
	number, ok := dossier.ParseNumber(c.Param("number"))
	if !ok {
		return r, false, fault.New(fault.NotFound, "")
	}
	err = c.Store.View(c.Ctx(), func(tx *store.Tx) (err error) {
		if r, err = s.ByNumber(c.Ctx(), tx, number); err != nil {
			return err
		}
		if r.MergedInto == 0 {
			return nil
		}
		kept, err := s.Get(c.Ctx(), tx, r.MergedInto)
		if errors.Is(err, store.ErrNotFound) || err == nil && !kept.Visible {
			return store.ErrNotFound
		}
		r, gone = kept, true
		return err
	})
	if err == nil && !r.Visible {
		return Report{}, false, fault.New(fault.NotFound, "")
	}
	if err == nil && gone {
		return r, true, c.Redirect(r.Path())
	}
	return r, false, err
}

// showOne is the public sheet of a report.
func (s *Reports) showOne(c *web.Context) error {
	r, gone, err := s.public(c)
	if err != nil || gone {
		return err
	}
	ctx, now := c.Ctx(), c.Now()
	v := sheetView{Report: r, Done: c.TakeFlash(), Word: publicWord(ctx, r), Tone: r.PublicState().Tone(), Note: expectation(c, r), Ways: ways(c)}
	if r.PublicState() == Mended {
		v.Word = c.T("report.sheet.fixed", "Delay", tookWords(ctx, r))
	}
	v.Text = r.TextShown
	if r.Moderation == Waiting && r.TextShown == "" && r.Text != "" {
		v.Text = c.T("report.sheet.waiting")
	}
	var entries []dossier.Entry
	var cat Category
	err = c.Store.View(ctx, func(tx *store.Tx) (err error) {
		if entries, err = s.Dossiers.Timeline(ctx, tx, r.DossierID, true); err != nil {
			return err
		}
		cat, err = s.Category(ctx, tx, r.CategoryID)
		if errors.Is(err, store.ErrNotFound) {
			err = nil
		}
		return err
	})
	if err != nil {
		return err
	}
	v.Category = cat.Heading
	for _, x := range cat.Say(ctx, r.Answers.V) {
		if x.Public {
			x.Answer, _ = mask(x.Answer)
			v.Said = append(v.Said, x)
		}
	}
	v.Steps = s.steps(c, entries, r)
	s.pictures(c, &v)
	if !r.Closed() {
		v.Follow = c.Href(r.Path() + "/moi-aussi")
	} else if now.Before(r.ClosedAt.Add(cat.Reopening())) {
		v.Reopen = c.Href(r.Path() + "/rouvrir")
	}
	if err := s.beside(c, &v); err != nil {
		return err
	}
	p := s.begin(c, headingOf(r), c.T("report.number", "Number", r.Number), page.Link{Label: c.T("report.label"), Href: c.Href(listPath)}, page.Link{Label: r.Number})
	p.Heading, p.Tools = p.Title, sheetState(v)
	return c.Render(sheetPage(p, v))
}

func headingOf(r Report) string {
	if r.Address == "" {
		return r.Title
	}
	return r.Title + ", " + r.Address
}

// expectation is what may be expected, or how the promise was kept.
func expectation(c *web.Context, r Report) string {
	now := c.Now()
	switch {
	case r.DueAt.IsZero():
		return ""
	case r.Closed() && r.PublicState() == Mended:
		days := int(r.DueAt.Sub(r.ClosedAt).Hours() / 24)
		if r.InTime() && days >= 1 {
			return i18n.N(c.Ctx(), "report.sheet.before", days)
		}
		if r.InTime() {
			return c.T("report.sheet.intime")
		}
		return i18n.N(c.Ctx(), "report.sheet.after", max(1, -days))
	case r.Closed():
		return ""
	case r.Late(now):
		return c.T("report.sheet.late", "Day", i18n.DayWithYear(c.Ctx(), r.DueAt.Add(-time.Microsecond), now))
	}
	return c.T("report.sheet.due", "Day", i18n.DayWithYear(c.Ctx(), r.DueAt.Add(-time.Microsecond), now))
}

// steps is what happened, without a word of those who reported: their messages
// are for the staff, and what the staff writes is masked as any text.
func (s *Reports) steps(c *web.Context, entries []dossier.Entry, r Report) []page.Step {
	var out []page.Step
	for _, x := range entries {
		if x.Own || x.Kind == dossier.MessageEntry || x.Kind == dossier.AttachmentEntry || x.Kind == dossier.AssignmentEntry || x.TextKey == "" {
			continue
		}
		step := page.Step{Title: entryTitle(c, x), When: i18n.DayTimeRelative(c.Ctx(), x.At, c.Now()), State: "done"}
		if x.Author.Kind != dossier.Resident {
			step.Text, _ = mask(x.Body)
		}
		if len(out) == 0 {
			step.When = i18n.DayTimeRelative(c.Ctx(), r.OpenedAt, c.Now())
			step.Text = c.T("report.sheet.by."+string(r.Channel), "N", r.Followers)
			if r.Followers > 0 {
				step.Text += " " + i18n.N(c.Ctx(), "report.sheet.voices", r.Followers)
			}
		}
		if State(r.State) == Planned && x.TextKey == Planned.Label() && !r.PlannedAt.IsZero() && step.Text == "" {
			step.Text = c.T("report.line.planned", "Day", i18n.DayWithYear(c.Ctx(), r.PlannedAt, c.Now()))
		}
		out = append(out, step)
	}
	if n := len(out); n > 0 && !r.Closed() {
		out[n-1].State = "now"
	}
	return out
}

func entryTitle(c *web.Context, x dossier.Entry) string {
	var args []any
	for name, value := range x.Args {
		if t, err := time.Parse(time.RFC3339Nano, value); err == nil {
			value = i18n.Day(c.Ctx(), t)
		}
		args = append(args, name, value)
	}
	return c.T(x.TextKey, args...)
}

// pictures are the photos that everybody may see, before and after side by
// side.
func (s *Reports) pictures(c *web.Context, v *sheetView) {
	r := v.Report
	var before, after *photoView
	for _, x := range r.Photos {
		if x.State != PhotoShown {
			continue
		}
		src := c.Href(r.Path() + "/photo/" + x.ID.String())
		p := photoView{ID: x.ID.String(), Src: src + "?petite=1", Full: src, Width: x.Width, Height: x.Height}
		day := x.TakenAt
		if day.IsZero() || day.After(x.CreatedAt) {
			day = x.CreatedAt
		}
		p.When = i18n.Day(c.Ctx(), day)
		switch {
		case x.Role == After && after == nil:
			p.Caption, p.Alt = c.T("report.photo.after"), c.T("report.photo.after.alt", "Title", r.Title)
			after = &p
		case x.Role != After && before == nil:
			p.Caption, p.Alt = c.T("report.photo.before"), c.T("report.photo.before.alt", "Title", r.Title)
			before = &p
		default:
			p.Alt = c.T("report.photo.other", "Title", r.Title)
			v.Photos = append(v.Photos, p)
		}
	}
	switch {
	case before != nil && after != nil:
		v.Pair = []photoView{*before, *after}
	case after != nil:
		v.Photos = append([]photoView{*after}, v.Photos...)
	case before != nil:
		before.Alt = c.T("report.photo.other", "Title", r.Title)
		v.Photos = append([]photoView{*before}, v.Photos...)
	}
}

// beside is the right column: opinion, map, what follows.
func (s *Reports) beside(c *web.Context, v *sheetView) error {
	ctx, r := c.Ctx(), v.Report
	if s.Opinion != nil && r.Closed() {
		o, err := s.Opinion(ctx, c.Store, r.Ref())
		if err != nil {
			return err
		}
		if o.Count > 0 || o.Answer != "" {
			v.Opinion = &o
			if o.Answer != "" {
				v.Answer = c.Href(o.Answer)
			}
		}
	}
	if p, ok := r.Point(); ok {
		m, frame, err := s.draw(ctx, c.Store, geo.Around(p, 250), 430)
		if err != nil {
			return err
		}
		x, y := frame.XY(p)
		m.Pins = []mapPin{{Transform: move(x, y), Class: r.PublicState().Pin()}}
		m.Aria, m.Caption = c.T("report.map.one", "Place", headingOf(r)), r.Address
		if m.Caption == "" {
			m.Caption = strings.ReplaceAll(degrees(p.Lat)+", "+degrees(p.Lon), ".", ".")
		}
		v.Map = &m
	}
	if s.Links != nil {
		if links := s.Links(); links != nil {
			var err error
			if v.Links, err = links.Of(ctx, c.Store, web.Actor{}, link.Ref(r.Ref())); err != nil {
				return err
			}
		}
	}
	return nil
}

// publicPhoto serves a photo that everybody may see; any other is not there.
func (s *Reports) publicPhoto(c *web.Context) error {
	r, gone, err := s.public(c)
	if err != nil || gone {
		return err
	}
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	for _, x := range r.Photos {
		if x.ID == id && x.State == PhotoShown {
			body, err := s.Image(c.Ctx(), x, c.Query("petite") != "")
			if err != nil {
				return err
			}
			c.Writer.Header().Set("Cache-Control", "public, max-age=300")
			return c.File("image/jpeg", "", body)
		}
	}
	return fault.New(fault.NotFound, "")
}

type followView struct {
	Report  Report
	Item    listItem
	Contact Contact
	Errors  []page.FieldError
	Action  string
	Back    string
	Privacy string
	Reason  string
	Ways    []page.Way
}

// askFollow is « moi aussi ».
func (s *Reports) askFollow(c *web.Context) error {
	r, gone, err := s.public(c)
	if err != nil || gone {
		return err
	}
	return s.renderFollow(c, http.StatusOK, r, Contact{}, nil)
}

func (s *Reports) renderFollow(c *web.Context, status int, r Report, who Contact, errs []page.FieldError) error {
	_, _, privacy, _ := page.LegalPaths()
	v := followView{Report: r, Item: s.item(c, r, 1), Contact: who, Errors: errs, Action: c.Href(r.Path() + "/moi-aussi"), Back: c.Href(r.Path()), Privacy: c.Href(privacy), Ways: ways(c)}
	p := s.begin(c, c.T("report.follow.title"), c.T("report.number", "Number", r.Number), page.Link{Label: c.T("report.label"), Href: c.Href(listPath)},
		page.Link{Label: r.Number, Href: v.Back}, page.Link{Label: c.T("report.follow")})
	p.Heading, p.Lead, p.Width, p.NoIndex, p.HasError = p.Title, headingOf(r), page.Narrow, true, len(errs) > 0
	return c.RenderStatus(status, followPage(p, v))
}

func (s *Reports) follow(c *web.Context) error {
	r, gone, err := s.public(c)
	if err != nil || gone {
		return err
	}
	f, err := c.Form()
	if err != nil {
		return err
	}
	who := Contact{Phone: strings.TrimSpace(f.Get("phone")), Email: strings.TrimSpace(f.Get("email"))}
	cookie := "parvis_suit_" + r.ID.String()
	if _, err := c.Request.Cookie(cookie); err == nil && !who.Reachable() {
		c.Flash(c.T("report.follow.again"))
		return c.Redirect(r.Path())
	}
	_, err = s.Follow(c.Ctx(), c.Store, r.ID, who, i18n.Lang(c.Ctx()))
	if errs, ok := c.FieldErrors(err); err != nil && ok {
		return s.renderFollow(c, http.StatusUnprocessableEntity, r, who, errs)
	}
	if err != nil {
		return err
	}
	// Functional: one voice per browser, for a month, for this report alone.
	http.SetCookie(c.Writer, &http.Cookie{Name: cookie, Value: "1", Path: c.Href(r.Path()), MaxAge: 30 * 24 * 3600, HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: strings.HasPrefix(c.URL("/"), "https://")})
	done := "report.follow.done"
	if who.Reachable() {
		done = "report.follow.told"
	}
	c.Flash(c.T(done))
	return c.Redirect(r.Path())
}

// askReopen is « Ce n’est pas réparé ».
func (s *Reports) askReopen(c *web.Context) error {
	r, gone, err := s.public(c)
	if err != nil || gone {
		return err
	}
	return s.renderReopen(c, http.StatusOK, r, "", nil)
}

func (s *Reports) renderReopen(c *web.Context, status int, r Report, reason string, errs []page.FieldError) error {
	v := followView{Report: r, Item: s.item(c, r, 1), Errors: errs, Action: c.Href(r.Path() + "/rouvrir"), Back: c.Href(r.Path()), Reason: reason, Ways: ways(c)}
	p := s.begin(c, c.T("report.reopen.title"), c.T("report.number", "Number", r.Number), page.Link{Label: c.T("report.label"), Href: c.Href(listPath)},
		page.Link{Label: r.Number, Href: v.Back}, page.Link{Label: c.T("report.reopen")})
	p.Heading, p.Lead, p.Width, p.NoIndex, p.HasError = p.Title, c.T("report.reopen.lead"), page.Narrow, true, len(errs) > 0
	return c.RenderStatus(status, reopenPage(p, v))
}

func (s *Reports) reopen(c *web.Context) error {
	r, gone, err := s.public(c)
	if err != nil || gone {
		return err
	}
	f, err := c.Form()
	if err != nil {
		return err
	}
	_, err = s.Reopen(c.Ctx(), c.Store, r.ID, dossier.Author{Kind: dossier.Resident}, f.Get("reason"))
	if errs, ok := c.FieldErrors(err); err != nil && ok {
		return s.renderReopen(c, http.StatusUnprocessableEntity, r, f.Get("reason"), errs)
	}
	if err != nil {
		return err
	}
	c.Flash(c.T("report.reopen.done"))
	return c.Redirect(r.Path())
}

type codeView struct {
	Number string
	Errors []page.FieldError
	Action string
	Track  string
	Ways   []page.Way
}

// askCode finds the report of an anonymous author again.
func (s *Reports) askCode(c *web.Context) error {
	return s.renderCode(c, http.StatusOK, c.Query("numero"), nil)
}

func (s *Reports) renderCode(c *web.Context, status int, number string, errs []page.FieldError) error {
	p := s.begin(c, c.T("report.code.title"), "", page.Link{Label: c.T("report.label"), Href: c.Href(listPath)}, page.Link{Label: c.T("report.code")})
	p.Heading, p.Lead, p.Width, p.NoIndex, p.HasError = p.Title, c.T("report.code.lead"), page.Narrow, true, len(errs) > 0
	return c.RenderStatus(status, codePage(p, codeView{number, errs, c.Href(listPath + "/suivre"), c.Href(dossier.Path), ways(c)}))
}

// codeLink is how long the link made from a code opens the author's page.
const codeLink = 2 * time.Hour

func (s *Reports) useCode(c *web.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	number, _ := dossier.ParseNumber(f.Get("numero"))
	var token string
	err = c.Store.Update(c.Ctx(), func(tx *store.Tx) error {
		r, err := s.ByCode(c.Ctx(), tx, number, f.Get("code"))
		if err != nil {
			return err
		}
		token, err = s.Dossiers.NewLink(c.Ctx(), tx, r.DossierID, codeLink)
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		return s.renderCode(c, http.StatusUnprocessableEntity, f.Get("numero"), []page.FieldError{{Field: "numero", Message: c.T("report.code.error")}})
	}
	if err != nil {
		return err
	}
	return c.Redirect(dossier.Path + "/" + token)
}

// askStop asks once before it stops messages: links in mails are followed by
// machines.
func (s *Reports) askStop(c *web.Context) error {
	if _, _, err := s.readStop(c.Store.Territory(), c.Param("token")); err != nil {
		return err
	}
	p := s.begin(c, c.T("report.stop.title"), "")
	p.Heading, p.Lead, p.Width, p.NoIndex = p.Title, c.T("report.stop.lead"), page.Narrow, true
	return c.Render(stopPage(p, c.Href("/signalements-arret/"+c.Param("token")), c.Href(listPath)))
}

func (s *Reports) stop(c *web.Context) error {
	report, follower, err := s.readStop(c.Store.Territory(), c.Param("token"))
	if err != nil {
		return err
	}
	if err := s.Unfollow(c.Ctx(), c.Store, report, follower); err != nil && !web.Gone(err) {
		return err
	}
	p := s.begin(c, c.T("report.stop.done"), "")
	p.Heading, p.Lead, p.Width, p.NoIndex = p.Title, c.T("report.stop.done.text"), page.Narrow, true
	return c.Render(stopPage(p, "", c.Href(listPath)))
}
