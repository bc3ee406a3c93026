// Package person holds the people: members of staff, who sign in, and residents,
// who never need an account.
//
// Staff come by invitation and sign in with a six-figure code sent to their
// address; no password exists. Neither the page nor the time it takes tells
// whether an address is known: the request only notes that a code is wanted, and
// a job looks for the person afterwards. A person is one row for the whole
// instance, because the same agent may serve several territories; what they may
// do where is core/access.
//
// Residents have a card per territory, never shared: "who is this appointment
// for". Families share telephones and mailboxes, so a card is recognised by its
// name together with a telephone or a mailbox, never by one alone. Their address
// is verified by a code where a service asks for it ([Codes]).
//
// Law and standards: GDPR arts. 5(1)(e), 15 to 17 and 32; OWASP Authentication
// and Forgot Password cheat sheets (single use, hashed, no enumeration); NIST
// SP 800-63B § 5.1.3 for codes out of band; WCAG 3.3.8 (nothing to remember).
//
// Tables: person, person_signin (the whole instance); person_invitation,
// person_code, person_resident (a territory). Routes: /connexion, /connexion/code,
// /deconnexion, /invitation/{token}, /agents on the instance; /usagers on a
// territory. Events: person.joined, person.merged, person.exported,
// person.erased, without personal data. Rights: person.read, person.write (agent,
// desk, manager), person.rights (manager). Notices: person.code,
// person.invitation, person.access.
package person
