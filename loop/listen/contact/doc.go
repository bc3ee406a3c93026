// Package contact is the ledger of what inhabitants say by every way that is not
// a form on line: an SMS, a letter by mail or on paper, a call, a meeting, a
// stand on the market, the terminal of a counter, a call the town made.
//
// For residents without account, with a basic phone or without one; for the
// staff who read, key in and answer. Each contribution keeps its channel and who
// keyed it, and is counted apart by channel. A contribution that asks for an
// answer opens a request (engine/dossier, kind "contact") or what app/ wires for
// its keyword: a report.
//
// Reference: messages.md, section 5 (words of inbound SMS); RFC 3834 (automatic
// answers), RFC 5230 and 3464 (bounces). Consent to be called: GDPR art. 7.
//
// Tables: contact_entry (the ledger), contact_batch, contact_word (keywords),
// contact_consent, contact_campaign, contact_call. Routes: /sur-place,
// /bureau/contributions, /bureau/appels. Event heard: sms.received. Event:
// contact.received. Rights: contact.read, .write, .call, .settings.
package contact
