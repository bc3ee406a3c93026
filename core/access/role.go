package access

import (
	"slices"

	"parvis/platform/web"
)

// Role is what a person is in a territory, for one service or for all.
type Role string

// The roles. Operator administers members without reading their dossiers; DPO
// reads registers, not dossiers.
const (
	Operator Role = "operator" // opérateur : ouvre et aide les collectivités qu'il héberge
	Admin    Role = "admin"    // administrateur de la collectivité
	Manager  Role = "manager"  // responsable de service
	Agent    Role = "agent"    // agent
	Desk     Role = "desk"     // agent d'accueil
	Elected  Role = "elected"  // élu
	DPO      Role = "dpo"      // délégué à la protection des données
)

// Roles lists every role, widest first.
func Roles() []Role { return []Role{Operator, Admin, Manager, Agent, Desk, Elected, DPO} }

// Known tells whether r is one of Roles.
func (r Role) Known() bool { return slices.Contains(Roles(), r) }

// Label is the i18n key of the role's name, "Agent d’accueil"; its explanation
// in one sentence is under the same key followed by ".about". The texts are in
// the catalogue of core/access/team.
func (r Role) Label() string { return "access.role." + string(r) }

// Permission declares what its name lets one do and the roles that hold it.
type Permission struct {
	Name  web.Permission
	Label string // i18n key: "Voir l'agenda"
	Roles []Role
	// Within are other services whose members hold it too: the queue of all
	// requests is opened by who may read those of one service.
	Within []string
}
