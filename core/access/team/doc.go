// Package team is the pages « L’équipe »: who works for a territory and what they
// may do. It is the room of core/access that shows itself; the memberships and
// their rules are one floor up in the folder, the people in core/person.
//
// For: the administrator of a territory, and the operator who helps it. They
// invite (name, e-mail, roles), change roles, send an invitation again, remove,
// and once a year read the whole list and say so.
//
// Law: CNIL guide to the security of personal data (« supprimer les permissions
// d’accès obsolètes », yearly review), GDPR art. 32.
//
// Tables: those of core/access. Routes: /equipe and below. Events: those of
// core/access. Right: access.manage (admin, operator).
package team
