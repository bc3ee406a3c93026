// Package dossier follows a request from its receipt to its end: a number that
// can be read over the phone, a stage, a due date, an owner, messages,
// attachments, a timeline that is never rewritten, a pause, a reopening.
//
// For services whose work is a request: appointment, report, contact, room,
// intervention, application. A service declares a [Kind] with its stages and
// calls the engine in its own transaction; its own table holds what the trade
// adds, joined by the subject reference "appointment:77".
//
// For the requester: « Où en est ma demande ? », found again by a secret link
// or by number and contact, without account. An unknown number and a wrong
// contact get the same answer.
//
// Law: CRPA art. L. 112-3 and R. 112-5 (receipt with number, date and service),
// L. 231-1 and following (silence of the administration: hence due dates);
// GDPR art. 5(1)(e), see Service for the retention.
//
// Tables: dossier, dossier_counter, dossier_entry (append-only, kept so by a
// trigger), dossier_file (what platform/file holds), dossier_link (hashed
// secrets). Routes: /suivi, /suivi/{token}. API: tracking. Events:
// dossier.opened, .advanced, .message, .assigned, .paused, .resumed, .closed,
// .reopened, on the subject, without personal data. Rights: none; the services
// ask for theirs.
package dossier
