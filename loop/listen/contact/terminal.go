package contact

import (
	"net/http"

	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// Seconds after which a terminal that nobody uses goes back to its first page,
// and after the thanks. It warns 20 seconds before, and any gesture keeps it.
const (
	terminalIdle   = 120
	terminalThanks = 40
)

// terminalPage starts a page of the terminal at a counter: large targets, no
// menu to get lost in, and back to the start after a while, so that nobody finds
// what somebody else wrote. Without script its button leaves.
func (s *Service) terminalPage(c *web.Context, title string) page.Page {
	p := c.Page(title)
	p.Heading, p.Width, p.NoIndex, p.Languages = title, page.Narrow, true, nil
	c.Writer.Header().Set("Cache-Control", "no-store")
	return p
}

func (s *Service) terminal(c *web.Context) error {
	p := s.terminalPage(c, c.T("contact.terminal.title"))
	p.Lead = c.T("contact.terminal.lead")
	return c.Render(terminalHome(p))
}

func (s *Service) terminalAsk(c *web.Context) error {
	return s.showTerminal(c, http.StatusOK, "", Suggestion, nil)
}

func (s *Service) showTerminal(c *web.Context, status int, text string, kind Kind, errs []page.FieldError) error {
	p := s.terminalPage(c, c.T("contact.terminal.ask"))
	p.HasError, p.Lead = len(errs) > 0, c.T("contact.terminal.ask.lead", "Seconds", terminalIdle)
	return c.RenderStatus(status, terminalForm(p, text, kind, store.NewID().String(), errs))
}

// terminalSay keeps what somebody typed at the counter, without who.
func (s *Service) terminalSay(c *web.Context) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	key := form.Get("cle")
	if _, err := store.ParseID(key); err != nil {
		key = store.NewID().String()
	}
	e := Entry{Key: "terminal:" + key, Channel: Terminal, Kind: Kind(form.Get("kind")), Text: form.Get("text")}
	err = e.check()
	if err == nil {
		err = c.Store.Update(c.Ctx(), func(tx *store.Tx) error {
			_, _, err := s.add(c.Ctx(), tx, e)
			return err
		})
	}
	if errs, ok := c.FieldErrors(err); ok {
		return s.showTerminal(c, http.StatusUnprocessableEntity, e.Text, e.Kind, errs)
	}
	if err != nil {
		return err
	}
	return c.Redirect("/sur-place/merci")
}

func (s *Service) terminalThanks(c *web.Context) error {
	p := s.terminalPage(c, c.T("contact.terminal.thanks"))
	p.Lead = c.T("contact.terminal.thanks.lead")
	c.Writer.Header().Set("Clear-Site-Data", `"cache", "storage"`)
	return c.Render(terminalDone(p))
}
