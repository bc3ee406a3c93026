package api

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"parvis/platform/fault"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// KeysPath is the address of the page of the keys, for the staff's rail.
const KeysPath = "/bureau/cles-api"

func (a *API) tokenRoutes() []web.Route {
	return []web.Route{
		{Method: http.MethodGet, Path: KeysPath, Permission: Manage, Handle: a.showTokens},
		{Method: http.MethodPost, Path: KeysPath, Permission: Manage, Handle: a.createToken},
		{Method: http.MethodPost, Path: KeysPath + "/{id}/revocation", Permission: Manage, Handle: a.revokeToken},
	}
}

// tokenForm is what was typed.
type tokenForm struct {
	Name, Expires string
	Permissions   []string
	Errors        []page.FieldError
}

// tokenView is the page of the keys.
type tokenView struct {
	Action string
	Done   string
	Secret string // of the key just made, shown once
	Tokens []Token
	Form   tokenForm
	Offer  []page.CheckData
	Now    time.Time
	Labels func(context.Context, web.Permission) string
}

const secretKey = "api.secret"

func (a *API) showTokens(c *web.Context) error {
	return a.renderTokens(c, http.StatusOK, tokenForm{Expires: "365"})
}

func (a *API) renderTokens(c *web.Context, status int, form tokenForm) error {
	v := tokenView{Action: c.Href(KeysPath), Form: form, Now: c.Now(),
		Labels: func(ctx context.Context, p web.Permission) string { return a.label(ctx, string(p)) }}
	if status == http.StatusOK {
		v.Done = c.TakeFlash()
		if v.Secret = c.Session(secretKey); v.Secret != "" {
			c.SetSession(secretKey, "")
		}
	}
	for _, p := range a.permissions() {
		if c.Actor.Can(p) {
			v.Offer = append(v.Offer, page.CheckData{ID: "droit-" + strings.ReplaceAll(string(p), ".", "-"), Name: "droits", Value: string(p),
				Label: a.label(c.Ctx(), string(p)), Checked: slices.Contains(form.Permissions, string(p))})
		}
	}
	if err := c.Store.View(c.Ctx(), func(tx *store.Tx) (err error) {
		v.Tokens, err = Tokens(c.Ctx(), tx)
		return err
	}); err != nil {
		return err
	}
	p, err := c.StaffPage(c.T("api.keys.title"))
	if err != nil {
		return err
	}
	p.Heading, p.Lead, p.HasError = c.T("api.keys.title"), c.T("api.keys.lead"), len(form.Errors) > 0
	return c.RenderStatus(status, tokensPage(p, v))
}

func (a *API) createToken(c *web.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	form := readTokenForm(f)
	n := NewToken{Name: form.Name}
	for _, p := range form.Permissions {
		n.Permissions = append(n.Permissions, web.Permission(p))
	}
	days, ok := map[string]int{"90": 90, "365": 365, "1095": 1095}[form.Expires]
	if ok {
		n.Expires = c.Now().Add(time.Duration(days) * 24 * time.Hour)
	}
	var secret string
	err = fault.Fields{{Name: "fin", Key: "api.keys.error.end"}}.Err()
	if ok {
		err = c.Store.Update(c.Ctx(), func(tx *store.Tx) (err error) {
			_, secret, err = a.CreateToken(c.Ctx(), tx, c.Actor, n)
			return err
		})
	}
	if fields, invalid := c.FieldErrors(err); invalid && err != nil {
		form.Errors = fields
		return a.renderTokens(c, http.StatusUnprocessableEntity, form)
	}
	if err != nil {
		return err
	}
	c.SetSession(secretKey, secret)
	return c.Redirect(KeysPath)
}

func readTokenForm(f url.Values) tokenForm {
	return tokenForm{Name: f.Get("nom"), Expires: f.Get("fin"), Permissions: f["droits"]}
}

func (a *API) revokeToken(c *web.Context) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	if err := c.Store.Update(c.Ctx(), func(tx *store.Tx) error { return RevokeToken(c.Ctx(), tx, id) }); err != nil {
		return err
	}
	c.Flash(c.T("api.keys.revoked"))
	return c.Redirect(KeysPath)
}

// state is the word for a key and its kind of badge.
func (t Token) state(ctx context.Context, now time.Time) (kind, word string) {
	switch {
	case !t.RevokedAt.IsZero():
		return "", i18n.T(ctx, "api.keys.state.revoked")
	case !t.Active(now):
		return "late", i18n.T(ctx, "api.keys.state.expired")
	case !t.ExpiresAt.IsZero() && t.ExpiresAt.Sub(now) < 30*24*time.Hour:
		return "wait", i18n.T(ctx, "api.keys.state.soon")
	}
	return "ok", i18n.T(ctx, "api.keys.state.active")
}

func (v tokenView) rows(ctx context.Context) [][]page.Cell {
	rows := make([][]page.Cell, 0, len(v.Tokens))
	for _, t := range v.Tokens {
		var rights []string
		for _, p := range t.Permissions {
			rights = append(rights, v.Labels(ctx, p))
		}
		used, end := i18n.T(ctx, "api.keys.never"), i18n.T(ctx, "api.keys.endless")
		if !t.LastUsedAt.IsZero() {
			used = i18n.DateNumeric(ctx, t.LastUsedAt)
		}
		if !t.ExpiresAt.IsZero() {
			end = i18n.DateNumeric(ctx, t.ExpiresAt)
		}
		kind, word := t.state(ctx, v.Now)
		last := page.Cell{}
		if t.RevokedAt.IsZero() {
			last.Body = revokeForm(v.Action+"/"+t.ID.String()+"/revocation", t.Name)
		}
		rows = append(rows, []page.Cell{{Text: t.Name, Head: true, Note: strings.Join(rights, ", ")}, {Body: page.Word(kind, word)},
			{Text: i18n.DateNumeric(ctx, t.CreatedAt)}, {Text: used}, {Text: end}, last})
	}
	return rows
}

func ends(ctx context.Context, chosen string) []page.Option {
	var out []page.Option
	for _, days := range []string{"90", "365", "1095"} {
		out = append(out, page.Option{Value: days, Label: i18n.T(ctx, "api.keys.end."+days), Selected: days == chosen})
	}
	return out
}
