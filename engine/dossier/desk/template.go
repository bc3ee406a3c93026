package desk

import (
	"net/http"
	"strings"

	"parvis/engine/dossier"
	"parvis/platform/fault"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// TemplatePath of the list of templates of answers.
const TemplatePath = "/bureau/modeles-de-reponse"

func (d *Desk) templateRoutes() []web.Route {
	return []web.Route{
		{Method: http.MethodGet, Path: TemplatePath, Permission: MayTemplate, Handle: d.templates},
		{Method: http.MethodGet, Path: TemplatePath + "/nouveau", Permission: MayTemplate, Handle: d.editTemplate},
		{Method: http.MethodPost, Path: TemplatePath + "/nouveau", Permission: MayTemplate, Handle: d.saveTemplate},
		{Method: http.MethodGet, Path: TemplatePath + "/{id}", Permission: MayTemplate, Handle: d.editTemplate, Sample: "-"},
		{Method: http.MethodPost, Path: TemplatePath + "/{id}", Permission: MayTemplate, Handle: d.saveTemplate},
		{Method: http.MethodPost, Path: TemplatePath + "/{id}/supprimer", Permission: MayTemplate, Handle: d.deleteTemplate},
	}
}

type templatesView struct {
	List []dossier.Template
	Kind map[string]dossier.Kind
	Done string
}

func (d *Desk) templates(c *web.Context) error {
	v := templatesView{Done: c.TakeFlash(), Kind: map[string]dossier.Kind{}}
	for _, k := range d.Dossiers.Kinds() {
		v.Kind[k.Name] = k
	}
	err := c.Store.View(c.Ctx(), func(tx *store.Tx) (err error) {
		v.List, err = d.Dossiers.Templates(c.Ctx(), tx)
		return err
	})
	if err != nil {
		return err
	}
	p, err := c.StaffPage(c.T("desk.template.title"))
	if err != nil {
		return err
	}
	p.Heading, p.Lead, p.Tools = c.T("desk.template.title"), c.T("desk.template.lead"), templateTools(p)
	return c.Render(templatesPage(p, v))
}

type templateView struct {
	Template dossier.Template
	Kinds    []page.Option // kind and stage in one: "report", "report/fixed"
	Words    []string
	Errors   []page.FieldError
	Action   string
}

func (d *Desk) findTemplate(c *web.Context) (t dossier.Template, err error) {
	if c.Param("id") == "" {
		return t, nil
	}
	id, err := c.ID("id")
	if err != nil {
		return t, err
	}
	err = c.Store.View(c.Ctx(), func(tx *store.Tx) (err error) {
		t, err = d.Dossiers.GetTemplate(c.Ctx(), tx, id)
		return err
	})
	return t, err
}

func (d *Desk) editTemplate(c *web.Context) error {
	t, err := d.findTemplate(c)
	if err != nil {
		return err
	}
	return d.renderTemplate(c, http.StatusOK, t, templateView{Template: t})
}

func (d *Desk) renderTemplate(c *web.Context, status int, kept dossier.Template, v templateView) error {
	v.Kinds = []page.Option{{Label: c.T("desk.template.every")}}
	v.Words = dossier.Variables()
	for _, k := range d.Dossiers.Kinds() {
		if !d.may(c.Actor, k, MayRead) {
			continue
		}
		v.Kinds = append(v.Kinds, page.Option{Value: k.Name, Label: c.T(k.Label), Selected: v.Template.Kind == k.Name && v.Template.Stage == ""})
		for _, s := range k.Stages {
			v.Kinds = append(v.Kinds, page.Option{Value: k.Name + "/" + s.Name, Label: c.T(k.Label) + ", " + c.T(s.Label), Selected: v.Template.Kind == k.Name && v.Template.Stage == s.Name})
		}
		v.Words = append(v.Words, k.VariableNames...)
	}
	title := kept.Label
	v.Action = c.Href(TemplatePath + "/" + kept.ID.String())
	if kept.ID == 0 {
		title, v.Action = c.T("desk.template.new"), c.Href(TemplatePath+"/nouveau")
	}
	p, err := c.StaffPage(title)
	if err != nil {
		return err
	}
	p.Heading, p.HasError = title, len(v.Errors) > 0
	p.Crumbs = []page.Link{{Label: c.T("desk.template.title"), Href: c.Href(TemplatePath)}, {Label: title}}
	return c.RenderStatus(status, templatePage(p, v))
}

func (d *Desk) saveTemplate(c *web.Context) error {
	kept, err := d.findTemplate(c)
	if err != nil {
		return err
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	t := kept
	t.Label, t.Body = form.Get("label"), form.Get("body")
	t.Kind, t.Stage = scope(form.Get("scope"))
	err = c.Store.Update(c.Ctx(), func(tx *store.Tx) error {
		_, err := d.Dossiers.SaveTemplate(c.Ctx(), tx, t)
		return err
	})
	if err == nil {
		c.Flash(c.T("desk.template.saved"))
		return c.Redirect(TemplatePath)
	}
	errs, ok := c.FieldErrors(err)
	if f := fault.Of(err); f != nil && f.Kind == fault.Conflict && f.Key != "" {
		errs, ok = []page.FieldError{{Message: c.T(f.Key, f.Args...)}}, true
	}
	if !ok {
		return err
	}
	return d.renderTemplate(c, http.StatusUnprocessableEntity, kept, templateView{Template: t, Errors: errs})
}

func (d *Desk) deleteTemplate(c *web.Context) error {
	t, err := d.findTemplate(c)
	if err != nil {
		return err
	}
	if err := c.Store.Update(c.Ctx(), func(tx *store.Tx) error { return d.Dossiers.DeleteTemplate(c.Ctx(), tx, t.ID) }); err != nil {
		return err
	}
	c.Flash(c.T("desk.template.deleted"))
	return c.Redirect(TemplatePath)
}

// scope reads "report/fixed".
func scope(value string) (kind, stage string) {
	kind, stage, _ = strings.Cut(value, "/")
	return kind, stage
}
