package access

import (
	"fmt"
	"regexp"
	"time"

	"parvis/platform/fault"
	"parvis/platform/store"
)

// Everywhere is the service of a membership that is valid for all services.
const Everywhere = "*"

// Membership is a role that a person holds.
type Membership struct {
	ID        store.ID
	Territory string   `db:"territory_id"` // where it was granted
	Person    store.ID `db:"person_id"`
	Service   string   // name of a service, or Everywhere
	Role      Role
	GrantedBy store.ID  // 0: the program itself (command line, demonstration)
	GrantedAt time.Time // UTC
	// Inherited marks the role of an operator, seen from one of its members.
	Inherited bool `db:"-"`
	// Suspended marks what the person holds and may not use.
	Suspended bool
}

// Scope is a role on a service, without the person.
type Scope struct {
	Service string
	Role    Role
}

// Grant is a role to give.
type Grant struct {
	Person  store.ID
	Service string // Everywhere or a service's name
	Role    Role
	By      store.ID // who gives it; 0: the program itself
}

var serviceName = regexp.MustCompile(`^[a-z][a-z0-9]*$`)

// check refuses what no form offers: a programming mistake or a forged request.
func (s Scope) check() error {
	if !s.Role.Known() {
		return fault.New(fault.Invalid, "access.error.role").Because(fmt.Errorf("unknown role %q", s.Role))
	}
	if s.Service != Everywhere && !serviceName.MatchString(s.Service) {
		return fault.New(fault.Invalid, "access.error.service").Because(fmt.Errorf("service %q", s.Service))
	}
	return nil
}

// has tells whether one of the memberships is this scope, granted here.
func has(list []Membership, s Scope) bool {
	for _, m := range list {
		if m.Service == s.Service && m.Role == s.Role && !m.Inherited {
			return true
		}
	}
	return false
}
