package access

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"parvis/platform/web"
)

// Matrix answers whether roles give a permission. It does not change once
// compiled and is safe for concurrent use.
type Matrix struct {
	roles  map[web.Permission][]Role
	within map[web.Permission][]string
	names  []web.Permission
}

// Compile reads the permissions of all services. It refuses, naming each: a name
// that is not "service.verb", one declared twice, one without role, an unknown
// role.
func Compile(permissions []Permission) (*Matrix, error) {
	m := &Matrix{roles: make(map[web.Permission][]Role, len(permissions)), within: map[web.Permission][]string{}}
	var faults []error
	for _, p := range permissions {
		service, verb, _ := strings.Cut(string(p.Name), ".")
		switch {
		case service == "" || verb == "":
			faults = append(faults, fmt.Errorf("access: permission %q is not named after a service and a verb", p.Name))
			continue
		case m.roles[p.Name] != nil:
			faults = append(faults, fmt.Errorf("access: permission %s is declared twice", p.Name))
			continue
		case len(p.Roles) == 0:
			faults = append(faults, fmt.Errorf("access: permission %s is held by no role", p.Name))
			continue
		}
		for _, r := range p.Roles {
			if !r.Known() {
				faults = append(faults, fmt.Errorf("access: permission %s names the unknown role %q", p.Name, r))
			}
		}
		m.roles[p.Name] = slices.Clone(p.Roles)
		m.within[p.Name] = slices.Clone(p.Within)
		m.names = append(m.names, p.Name)
	}
	slices.Sort(m.names)
	return m, errors.Join(faults...)
}

// May tells whether somebody who holds these memberships, all of the territory
// of the request or inherited by it, has the permission. A permission nobody
// declared is held by nobody.
func (m *Matrix) May(memberships []Membership, p web.Permission) bool {
	holders := m.roles[p]
	if len(holders) == 0 {
		return false
	}
	service, _, _ := strings.Cut(string(p), ".")
	for _, x := range memberships {
		if x.Inherited && x.Role != Operator {
			continue
		}
		if (x.Service == Everywhere || x.Service == service || slices.Contains(m.within[p], x.Service)) && slices.Contains(holders, x.Role) {
			return true
		}
	}
	return false
}

// Permissions lists what is declared, in alphabetical order.
func (m *Matrix) Permissions() []web.Permission { return slices.Clone(m.names) }
