package access

import "parvis/platform/web"

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

// Permission declares what its name lets one do and the roles that hold it.
type Permission struct {
	Name  web.Permission
	Label string // i18n key: "Voir l'agenda"
	Roles []Role
}
