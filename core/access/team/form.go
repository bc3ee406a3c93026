package team

import (
	"net/url"
	"slices"

	"parvis/core/access"
	"parvis/core/person"
	"parvis/platform/fault"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// areaRoles are the roles that make sense inside one service; the others are of
// the whole territory.
func areaRoles() []access.Role { return []access.Role{access.Manager, access.Agent, access.Desk} }

// offer is what the form lets an actor give.
type offer struct {
	roles []access.Role // in all services
	areas []Area
}

// offerTo leaves out the role of operator for who does not hold it here.
func (t *Team) offerTo(c *web.Context) (offer, error) {
	held, err := t.access.Roles(c.Ctx(), c.Found.Territory, c.Actor.ID)
	if err != nil {
		return offer{}, err
	}
	o := offer{areas: t.areas()}
	for _, r := range access.Roles() {
		if r != access.Operator || slices.ContainsFunc(held, func(m access.Membership) bool { return m.Role == access.Operator && !m.Inherited }) {
			o.roles = append(o.roles, r)
		}
	}
	return o, nil
}

// read takes the scopes chosen in a form; what is not offered is ignored.
func (o offer) read(form url.Values) []access.Scope {
	var wanted []access.Scope
	for _, r := range o.roles {
		if slices.Contains(form["role"], string(r)) {
			wanted = append(wanted, access.Scope{Service: access.Everywhere, Role: r})
		}
	}
	for _, a := range o.areas {
		if r := access.Role(form.Get("service-" + a.Name)); slices.Contains(areaRoles(), r) {
			wanted = append(wanted, access.Scope{Service: a.Name, Role: r})
		}
	}
	return wanted
}

// covers tells whether the form shows a scope, and may therefore take it away.
func (o offer) covers(s access.Scope) bool {
	if s.Service == access.Everywhere {
		return slices.Contains(o.roles, s.Role)
	}
	return slices.Contains(areaRoles(), s.Role) && slices.ContainsFunc(o.areas, func(a Area) bool { return a.Name == s.Service })
}

// beyond is what somebody holds and the form does not show: it stays.
func (o offer) beyond(held []access.Membership) []access.Scope {
	var kept []access.Scope
	for _, m := range held {
		if s := (access.Scope{Service: m.Service, Role: m.Role}); !o.covers(s) {
			kept = append(kept, s)
		}
	}
	return kept
}

// scopesOf are the scopes of memberships.
func scopesOf(held []access.Membership) []access.Scope {
	var out []access.Scope
	for _, m := range held {
		out = append(out, access.Scope{Service: m.Service, Role: m.Role})
	}
	return out
}

// roleChoice is one box of the form.
type roleChoice struct {
	Role    access.Role
	Checked bool
}

// areaChoice is one list of the form.
type areaChoice struct {
	Area
	Role access.Role // "" none
}

// choices are the boxes and the lists of the form, with what is chosen. Of
// several roles in one service the widest is shown.
func (o offer) choices(chosen []access.Scope) (roles []roleChoice, areas []areaChoice, inArea bool) {
	for _, r := range o.roles {
		roles = append(roles, roleChoice{r, slices.Contains(chosen, access.Scope{Service: access.Everywhere, Role: r})})
	}
	for _, a := range o.areas {
		choice := areaChoice{Area: a}
		for _, r := range areaRoles() {
			if slices.Contains(chosen, access.Scope{Service: a.Name, Role: r}) {
				choice.Role, inArea = r, true
				break
			}
		}
		areas = append(areas, choice)
	}
	return roles, areas, inArea
}

// formErrors are the faults that the form shows; a refusal by the rules of access
// belongs beside the roles.
func formErrors(c *web.Context, err error) ([]page.FieldError, bool) {
	if f := fault.Of(err); f.Kind == fault.Forbidden && f.Key != "" {
		return []page.FieldError{{Field: "role", Message: c.T(f.Key, f.Args...)}}, true
	}
	return person.FormErrors(c, err, "role")
}
