package person

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"parvis/core/access"
	"parvis/platform/fault"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// What the session holds between the steps of a sign-in.
const (
	sessionAttempt = "person.signin"
	sessionEmail   = "person.email"
	sessionNext    = "person.next"
)

func (p *People) showSignIn(c *web.Context) error {
	return p.renderSignIn(c, 200, signInView{Next: localPath(c.Query("vers")), Bye: c.Query("fin") != ""})
}

func (p *People) renderSignIn(c *web.Context, status int, v signInView) error {
	if c.Actor.Staff() {
		v.Who = c.Actor.Name
	}
	if p.demo {
		groups, err := p.demoGroups(c.Ctx())
		if err != nil {
			return err
		}
		v.Groups = groups
	}
	pg := c.Page(c.T("person.signin.title"))
	pg.Heading, pg.Width, pg.HasError, pg.NoIndex = pg.Title, page.Narrow, len(v.Errors) > 0, true
	if v.Who == "" {
		pg.Lead = c.T("person.signin.lead")
	}
	return c.RenderStatus(status, signInPage(pg, v))
}

func (p *People) askSignIn(c *web.Context) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	v := signInView{Email: strings.TrimSpace(form.Get("email")), Next: localPath(form.Get("vers"))}
	if v.Next == "" {
		v.Next = c.Session(sessionNext)
	}
	id, err := p.AskSignIn(c.Ctx(), v.Email)
	if err != nil {
		errs, ok := FormErrors(c, err, "email")
		if !ok {
			return err
		}
		status := fault.Of(err).Kind.Status()
		if status == http.StatusTooManyRequests && c.Session(sessionAttempt) != "" && c.Session(sessionEmail) == v.Email {
			errs[0].Field = "code" // sent twice, or too soon for another: the code on its way still serves
			return p.renderCode(c, status, "", errs)
		}
		v.Errors = errs
		return p.renderSignIn(c, status, v)
	}
	c.SetSession(sessionAttempt, id.String())
	c.SetSession(sessionEmail, v.Email)
	c.SetSession(sessionNext, v.Next)
	return c.Redirect("/connexion/code")
}

func (p *People) showCode(c *web.Context) error {
	if c.Session(sessionAttempt) == "" {
		return c.Redirect("/connexion")
	}
	return p.renderCode(c, 200, "", nil)
}

func (p *People) renderCode(c *web.Context, status int, typed string, errs []page.FieldError) error {
	v := codeView{Email: c.Session(sessionEmail), Code: typed, Errors: errs}
	pg := c.Page(c.T("person.code.title"))
	pg.Heading, pg.Lead, pg.Width = pg.Title, c.T("person.code.lead", "Email", v.Email), page.Narrow
	pg.HasError, pg.NoIndex = len(errs) > 0, true
	return c.RenderStatus(status, codePage(pg, v))
}

func (p *People) signIn(c *web.Context) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	id, err := store.ParseID(c.Session(sessionAttempt))
	if err != nil {
		return c.Redirect("/connexion")
	}
	who, err := p.SignIn(c.Ctx(), id, form.Get("code"))
	if err != nil {
		errs, ok := FormErrors(c, err, "code")
		if !ok {
			return err
		}
		return p.renderCode(c, fault.Of(err).Kind.Status(), form.Get("code"), errs)
	}
	next := c.Session(sessionNext)
	if err := beginSession(c, who.ID); err != nil {
		return err
	}
	if next == "" {
		next = "/agents"
	}
	return c.Redirect(next)
}

// beginSession changes the session's token, so that one known to somebody else
// before is worth nothing, and forgets the steps that led here.
func beginSession(c *web.Context, who store.ID) error {
	if err := c.RenewSession(); err != nil {
		return err
	}
	for _, key := range []string{sessionAttempt, sessionEmail, sessionNext} {
		c.SetSession(key, "")
	}
	c.SetSession(sessionPerson, who.String())
	return nil
}

func (p *People) signOut(c *web.Context) error {
	if err := c.EndSession(); err != nil {
		return err
	}
	return c.Redirect("/connexion?fin=1")
}

// localPath keeps a path of this host and nothing else.
func localPath(path string) string {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n\t") || strings.HasPrefix(path, "/connexion") {
		return ""
	}
	return path
}

// workplace is a territory where somebody holds roles.
type workplace struct {
	Place
	Roles string
}

// Title is the territory with its kind, "Commune de Vouneuil".
func (w workplace) Title() string { return strings.TrimSpace(w.Kind + " " + w.Name) }

func (p *People) showAgents(c *web.Context) error {
	var found []workplace
	territories, err := p.territories(c.Ctx(), c.Actor.ID)
	if err != nil {
		return err
	}
	for _, t := range territories {
		w, ok, err := p.workplace(c.Ctx(), t, c.Actor.ID)
		if err != nil {
			return err
		}
		if ok {
			found = append(found, w)
		}
	}
	if len(found) == 1 {
		return c.Redirect(found[0].Desk)
	}
	slices.SortFunc(found, func(a, b workplace) int { return strings.Compare(a.Name, b.Name) })
	pg := c.Page(c.T("person.agents.title"))
	pg.Heading, pg.Width, pg.NoIndex = pg.Title, page.Narrow, true
	if len(found) > 0 {
		pg.Lead = c.T("person.agents.lead", "Name", c.Actor.Name)
	}
	return c.Render(choicePage(pg, choiceView{Places: found}))
}

func (p *People) territories(ctx context.Context, id store.ID) (list []string, err error) {
	err = p.system().View(ctx, func(tx *store.Tx) error {
		list, err = p.access.Territories(ctx, tx, id)
		return err
	})
	return list, err
}

// workplace is a territory as somebody who works there sees it; ok is false when
// the territory is closed.
func (p *People) workplace(ctx context.Context, territory string, id store.ID) (w workplace, ok bool, err error) {
	place, err := p.w.Places.Place(ctx, territory)
	if errors.Is(err, store.ErrNotFound) {
		return w, false, nil
	}
	if err != nil {
		return w, false, err
	}
	roles, err := p.access.Roles(ctx, territory, id)
	return workplace{place, joinWords(RoleWords(ctx, roles))}, true, err
}

// RoleWords names roles in the language of ctx, each once, widest first.
func RoleWords(ctx context.Context, list []access.Membership) []string {
	var words []string
	for _, r := range access.Roles() {
		if slices.ContainsFunc(list, func(m access.Membership) bool { return m.Role == r && !m.Inherited }) {
			words = append(words, i18n.T(ctx, r.Label()))
		}
	}
	return words
}

func joinWords(words []string) string { return strings.Join(words, ", ") }
