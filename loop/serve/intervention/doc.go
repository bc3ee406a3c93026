// Package intervention is the work in the field: what has to be mended, looked
// after or checked, by whom, when, how long it took, what it cost, and what
// comes back. Agents write on the spot without network (needs M8-1 to M8-5).
//
// For agents in the street, their chiefs who plan and check, and whoever wants
// to know what is tagged again. A trade is data: graffiti, voirie, eau are rows
// that an administrator writes. A work order comes from a report, an alert, a
// plan (RFC 5545) or the agent's own round, and moves
// à planifier → planifiée → en route → en cours → faite → contrôlée, or is
// suspended, cancelled, moot, impossible.
//
// Tables: intervention_* and, by their packages, sync_* and upload. Routes:
// /terrain (the installable page, complete without network after one visit),
// /bureau/interventions and below, /bureau/patrimoine, /bureau/plans-entretien,
// /bureau/metiers, /bureau/appareils, /bureau/ce-qui-revient. Events: intervention.opened, .planned,
// .started, .suspended, .done, .checked, .cancelled, .moot, .impossible, .photo.
// Rights: intervention.read, .work, .plan, .settings. Time until a place is
// tagged again: Kaplan and Meier (1958), so that what has not come back yet
// counts.
package intervention
