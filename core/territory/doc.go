// Package territory holds the local authorities that are open on this
// instance. The official list (package official) knows all of them; one is
// activated, never created by hand, and costs a row until it is used.
//
// For whom: the administrator of a commune who sets its page, the operator who
// hosts a thousand of them, every other package that asks for a name, a zone,
// a colour.
//
// Tables: territory (one row each; its settings are one typed JSON value),
// territory_change (who changed which fields, when). No personal data but the
// identifier of the member of staff in territory_change.
// Events: territory.activated, territory.changed. Rights: territory.settings
// (admin), operator.members and operator.jobs (operator).
package territory
