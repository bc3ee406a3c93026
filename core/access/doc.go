// Package access says who may do what: roles are held per territory and per
// service, permissions are granted to roles by the services that declare them.
//
// For: every route and every API operation, through [Matrix.May]; the pages
// « L’équipe » of core/access/team, where an administrator gives and takes roles.
//
// Rules: a membership on the service "appointment" gives permissions named
// "appointment.…" and those declared to be held within it, one on "*" gives all
// those of its role. A role is worth
// nothing outside its territory, but for [Operator]: held on an operator's
// territory it gives, on the members, what permissions grant to that role, so
// that operators administer members without reading their dossiers. The last
// administrator of a territory cannot be taken away, and nobody gives roles to
// oneself unless already its administrator.
//
// Law and standards: least privilege and yearly review of accounts (CNIL guide to
// the security of personal data; ANSSI, RGS), GDPR art. 32.
//
// Tables: access_membership (revoked rows are kept a year as a trace),
// access_review, access_suspension. Events: access.granted, access.revoked,
// access.suspended, access.restored, with the person as
// subject and {service, role, by} as data. Right: access.manage (admin,
// operator), declared by core/access/team.
package access
