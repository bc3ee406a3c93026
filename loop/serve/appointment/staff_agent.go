package appointment

import (
	"context"
	"net/http"
	"strings"

	"parvis/engine/booking"
	"parvis/platform/fault"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// agentsPath is where an agent, or a desk, that can be booked is set.
const agentsPath = "/bureau/agents"

type agentView struct {
	Done   string
	Path   string
	Name   string
	Active bool
	Future string // how many are still to come
	See    page.Link
	Back   string
	Errors []page.FieldError
}

// askedAgent finds the agent of the address; another kind of resource, or one of
// another territory, is NotFound.
func (s *Service) askedAgent(c *web.Context) (x booking.Resource, err error) {
	id, err := c.ID("id")
	if err != nil {
		return x, err
	}
	err = c.Store.View(c.Ctx(), func(tx *store.Tx) (err error) {
		x, err = s.booking.Resource(c.Ctx(), tx, id)
		if err == nil && x.Kind != booking.Person {
			err = store.ErrNotFound
		}
		return err
	})
	return x, err
}

func (s *Service) editAgent(c *web.Context) error {
	x, err := s.askedAgent(c)
	if err != nil {
		return err
	}
	return s.renderAgent(c, http.StatusOK, x, agentView{Done: c.TakeFlash(), Name: x.Name})
}

func (s *Service) renderAgent(c *web.Context, status int, x booking.Resource, v agentView) error {
	v.Path, v.Back, v.Active = c.Href(agentsPath+"/"+x.ID.String()), c.Href(rangesPath), x.Active
	err := c.Store.View(c.Ctx(), func(tx *store.Tx) error {
		n, err := s.future(c.Ctx(), tx, x.ID)
		v.Future = i18n.N(c.Ctx(), "appointment.staff.agent.future", n)
		if n == 0 {
			v.Future = c.T("appointment.staff.agent.future.none")
		} else {
			v.See = page.Link{Label: c.T("appointment.staff.agent.future.link"), Href: c.Href(here(agendaPath, agendaAsk{Week: true, Agent: x.ID}.query(today(c))))}
		}
		return err
	})
	if err != nil {
		return err
	}
	p, err := s.workspace(c, x.Name, "", v.Errors)
	if err != nil {
		return err
	}
	p.Crumbs = deskCrumbs(c, page.Link{Label: c.T("appointment.staff.ranges"), Href: c.Href(rangesPath)}, page.Link{Label: x.Name})
	return c.RenderStatus(status, agentPage(p, v))
}

// future counts the appointments that an agent still has to hold.
func (s *Service) future(ctx context.Context, tx *store.Tx, agents ...store.ID) (int, error) {
	if len(agents) == 0 {
		return 0, nil
	}
	list, err := s.List(ctx, tx, Filter{From: tx.Now(), Agents: agents, Status: Booked})
	return len(list), err
}

// renameAgent changes the name on agendas; appointments keep their agent.
func (s *Service) renameAgent(c *web.Context) error {
	x, err := s.askedAgent(c)
	if err != nil {
		return err
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	name := strings.TrimSpace(form.Get("agent_name"))
	var wrong fault.Fields
	if name == "" || len(name) > 200 {
		wrong.Add("agent_name", "appointment.staff.error.agent")
	}
	err = wrong.Err()
	if err == nil {
		err = s.changeAgent(c, x.ID, func(r *booking.Resource) { r.Name = name })
	}
	if fields, invalid := c.FieldErrors(err); err != nil && invalid {
		return s.renderAgent(c, http.StatusUnprocessableEntity, x, agentView{Name: form.Get("agent_name"), Errors: fields})
	}
	if err != nil {
		return err
	}
	c.Flash(c.T("appointment.staff.agent.renamed"))
	return c.Redirect(agentsPath + "/" + x.ID.String())
}

// switchAgent stops or starts again what is offered; what is booked stays.
func (s *Service) switchAgent(c *web.Context) error {
	x, err := s.askedAgent(c)
	if err != nil {
		return err
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	on := form.Get("recoit") == "1"
	if err := s.changeAgent(c, x.ID, func(r *booking.Resource) { r.Active = on }); err != nil {
		return err
	}
	key := "appointment.staff.agent.stopped"
	if on {
		key = "appointment.staff.agent.started"
	}
	c.Flash(i18n.T(c.Ctx(), key, "Name", x.Name))
	return c.Redirect(agentsPath + "/" + x.ID.String())
}

// changeAgent writes a change and the event that tells who made it.
func (s *Service) changeAgent(c *web.Context, id store.ID, change func(*booking.Resource)) error {
	return c.Store.Update(c.Ctx(), func(tx *store.Tx) error {
		x, err := s.booking.Resource(c.Ctx(), tx, id)
		if err != nil {
			return err
		}
		before := x
		change(&x)
		if x == before {
			return nil
		}
		if err := s.booking.UpdateResource(c.Ctx(), tx, x); err != nil {
			return err
		}
		return s.bus.Append(c.Ctx(), tx, "appointment.agent", "resource:"+id.String(), map[string]any{"by": c.Actor.ID, "name": x.Name, "active": x.Active})
	})
}
