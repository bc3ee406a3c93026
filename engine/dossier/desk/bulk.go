package desk

import (
	"net/http"
	"net/url"
	"slices"

	"parvis/core/crew"
	"parvis/engine/dossier"
	"parvis/platform/fault"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// maxBulk is how many requests one gesture treats.
const maxBulk = 100

// outcome is what happened to one request of a gesture.
type outcome struct {
	Number, Title, Href string
	Error               string // "" done
}

// bulkView is the page between choosing rows and doing something with them, and
// the page after.
type bulkView struct {
	Gesture  string
	Rows     []dossier.Dossier
	Owners   []page.Option
	Teams    []page.Option
	Stages   []page.Option
	Typed    url.Values
	Errors   []page.FieldError
	Outcomes []outcome
	Done     int
	Queue    string
	Action   string
}

// bulk does one thing with many requests: each in its own transaction, so that
// one that is refused leaves the others done, and says why.
func (d *Desk) bulk(c *web.Context) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	v := bulkView{Gesture: form.Get("geste"), Typed: form, Queue: c.Href(Path), Action: c.Href(Path + "/lot")}
	if v.Rows, err = d.chosen(c, form["id"]); err != nil {
		return err
	}
	if len(v.Rows) == 0 {
		c.Flash(c.T("desk.bulk.none"))
		return c.Redirect(Path)
	}
	var one func(g gesture) error
	switch v.Gesture {
	case "prendre":
		one = d.take
	case "attribuer":
		if !c.Actor.Can(MayAssign) {
			return fault.New(fault.Forbidden, "")
		}
		one = d.give
	case "avancer":
		one = d.advance
	case "clore":
		one = d.close
	default:
		return fault.New(fault.Invalid, "web.error.form")
	}
	if v.Gesture != "prendre" && form.Get("faire") == "" {
		return d.renderBulk(c, http.StatusOK, v)
	}
	if v.Errors = d.incomplete(c, v); len(v.Errors) > 0 {
		return d.renderBulk(c, http.StatusUnprocessableEntity, v)
	}
	for _, x := range v.Rows {
		o := outcome{Number: x.Number, Title: x.Title, Href: c.Href(Path + "/" + x.ID.String())}
		if o.Error, err = d.oneOf(c, v.Gesture, x, form, one); err != nil {
			return err
		}
		if o.Error == "" {
			v.Done++
		}
		v.Outcomes = append(v.Outcomes, o)
	}
	return d.renderBulk(c, http.StatusOK, v)
}

// oneOf treats one request; a refusal is words, any other error ends the bulk.
func (d *Desk) oneOf(c *web.Context, name string, x dossier.Dossier, form url.Values, do func(g gesture) error) (refusal string, err error) {
	a := action{path: name, permission: MayWrite, moves: name == "avancer" || name == "clore"}
	if name == "attribuer" {
		a.permission = MayAssign
	}
	err = c.Store.Update(c.Ctx(), func(tx *store.Tx) error {
		now, k, err := d.find(c.Ctx(), tx, c.Actor, x.ID)
		if err != nil {
			return err
		}
		if err := d.allow(c.Actor, k, a); err != nil {
			return err
		}
		return do(gesture{c, c.Ctx(), tx, dossier.Author{Kind: dossier.Staff, ID: c.Actor.ID}, now, k, form})
	})
	if err == nil {
		return "", nil
	}
	f := fault.Of(err)
	switch {
	case f == nil || f.Kind == fault.Internal || f.Kind == fault.Unavailable:
		return "", err
	case len(f.Fields) > 0:
		return c.T(f.Fields[0].Key, f.Fields[0].Args...), nil
	case f.Key != "":
		return c.T(f.Key, f.Args...), nil
	case f.Kind == fault.Forbidden:
		return c.T("desk.error.forbidden"), nil
	}
	return c.T("desk.error.gone"), nil
}

// give is transfer without note.
func (d *Desk) give(g gesture) error {
	owner, team, err := d.receiver(g.c, g.tx, g.form)
	if err != nil {
		return err
	}
	_, err = d.Dossiers.Assign(g.ctx, g.tx, g.x.ID, g.by, owner, team)
	return err
}

// chosen are the requests of the boxes that the actor may read, in their order.
func (d *Desk) chosen(c *web.Context, ids []string) ([]dossier.Dossier, error) {
	var out []dossier.Dossier
	err := c.Store.View(c.Ctx(), func(tx *store.Tx) error {
		out = nil
		s, err := d.sight(c.Ctx(), tx, c.Actor)
		if err != nil {
			return err
		}
		for _, typed := range ids[:min(len(ids), maxBulk)] {
			id, err := store.ParseID(typed)
			if err != nil {
				continue
			}
			x, err := d.Dossiers.Get(c.Ctx(), tx, id)
			if fault.Is(err, fault.NotFound) || err == nil && (!s.Sees(x) || slices.ContainsFunc(out, func(y dossier.Dossier) bool { return y.ID == x.ID })) {
				continue
			}
			if err != nil {
				return err
			}
			out = append(out, x)
		}
		return nil
	})
	return out, err
}

// incomplete is what the page in between lacks.
func (d *Desk) incomplete(c *web.Context, v bulkView) []page.FieldError {
	var out []page.FieldError
	if (v.Gesture == "avancer" || v.Gesture == "clore") && v.Typed.Get("stage") == "" {
		out = append(out, page.FieldError{Field: "stage", Message: c.T("desk.error.stage")})
	}
	if v.Gesture == "clore" && v.Typed.Get("reason") == "" {
		out = append(out, page.FieldError{Field: "reason", Message: c.T("dossier.error.empty.reason")})
	}
	return out
}

func (d *Desk) renderBulk(c *web.Context, status int, v bulkView) error {
	var err error
	if len(v.Outcomes) == 0 {
		if err = d.bulkOptions(c, &v); err != nil {
			return err
		}
	}
	title := c.T("desk.bulk.title." + v.Gesture)
	p, err := c.StaffPage(title)
	if err != nil {
		return err
	}
	p.Heading, p.HasError = title, len(v.Errors) > 0
	p.Crumbs = []page.Link{{Label: c.T("desk.title"), Href: c.Href(Path)}, {Label: title}}
	return c.RenderStatus(status, bulkPage(p, v))
}

// bulkOptions are the stages that at least one of the rows may go to.
func (d *Desk) bulkOptions(c *web.Context, v *bulkView) (err error) {
	if v.Gesture == "attribuer" {
		if v.Owners, err = d.owners(c, dossier.Dossier{}); err != nil {
			return err
		}
		v.Teams = []page.Option{{Label: c.T("desk.team.none")}}
		return c.Store.View(c.Ctx(), func(tx *store.Tx) error {
			list, err := crew.List(c.Ctx(), tx, false)
			for _, t := range list {
				v.Teams = append(v.Teams, page.Option{Value: t.ID.String(), Label: t.Name})
			}
			return err
		})
	}
	v.Stages = []page.Option{{Label: c.T("desk.stage.choose")}}
	seen := map[string]bool{}
	for _, x := range v.Rows {
		k, _ := d.Dossiers.Kind(x.Kind)
		list := k.Steps(x.Stage)
		if v.Gesture == "clore" {
			list = k.Ends(x.Stage)
		}
		for _, s := range list {
			if !seen[s.Name] && !k.OwnMoves {
				seen[s.Name] = true
				v.Stages = append(v.Stages, page.Option{Value: s.Name, Label: c.T(s.Label), Selected: s.Name == v.Typed.Get("stage")})
			}
		}
	}
	return nil
}
