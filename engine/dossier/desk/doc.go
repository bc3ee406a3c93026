// Package desk is the staff's queue of requests: one list for every kind, what
// is late first, and the sheet of each request.
//
// For: agents, managers and the people of the reception. They take, answer from
// templates, transfer with a note, pause, merge, close with a reason, one by one
// or many at once, by mouse, by keyboard or without script. The rules are those
// of engine/dossier; the service of a kind adds its part to the sheet.
//
// Who sees what: a role on one service sees the requests of its kinds only
// (permission "<service>.dossier.read" beside dossier.read); a private request
// is seen by its owner and its team, and while it has neither by those who may
// assign.
//
// Tables: those of engine/dossier. Routes: /bureau/demandes and
// /bureau/modeles-de-reponse. Rights: dossier.read, dossier.write,
// dossier.assign, dossier.template.
package desk
