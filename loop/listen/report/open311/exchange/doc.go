// Package exchange is the Open311 interface of a territory (GeoReport v2): other
// programs read its public reports, file reports and tell what became of them; and
// reports of chosen categories are handed to the server of whoever is in charge,
// whose answers come back.
//
// For partners and developers, for a FixMyStreet site or another Parvis, and for
// the staff who choose what is handed to whom. The wire is the package open311,
// the reports are those of the package report.
//
// A private category is a service of type blackbox, one whose reports are read by
// the staff before anybody a batch, the others are realtime. A report that is not
// public is not there: 404, never 403. No name, address, number or untreated word of
// a person goes out.
//
// Tables: open311_filing, open311_update, open311_import, open311_peer,
// open311_handoff, none with personal data. Routes: /open311/v2/… of each
// territory, and of the instance with jurisdiction_id; /bureau/open311. Events
// read: report.opened, dossier.*. Rights: open311.file, open311.treat for keys of
// the API, open311.settings.
package exchange
