// Package report takes reports and complaints (signalements et réclamations)
// of inhabitants: what, where, with photos, by whom or by nobody; shows those
// near it that say the same; gives a number and a promised date; follows the
// matter until it is closed with its reason, and tells everybody who follows.
//
// For inhabitants without account, for the agents who qualify, plan and
// close, for everybody who reads the public list, map, RSS, GeoJSON and open
// data. Words: Open311 GeoReport v2 calls a category a service and a report a
// request; the wire format is in the package open311.
//
// Law: CRPA art. L. 112-3 and R. 112-5 (receipt), L. 211-5 (grounds of a
// refusal); GDPR art. 5(1)(c) and (e): what a report says of people is hidden
// until somebody looked, photos lose their metadata, authors are kept apart.
//
// The dossier engine holds number, clock, followers, merges and the author's
// page. Tables here: report_category, report, report_author, report_photo,
// report_draft; all but the first hold personal data, see Service for the
// retention. Routes: /signaler, /signalements,
// /bureau/signalements. Events: report.opened, .followed, .moderated, .closed,
// .merged; the others are those of its dossier. Rights: report.read, .write,
// .moderate, .settings, .statistics.
package report
