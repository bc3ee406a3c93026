// Package sms sends text messages through a provider, says how long and how
// dear a text is, and understands what comes back.
//
// For core/notify, for the editors of message templates, and for the routes
// that providers call. One interface, [Sender], with adapters for a log
// ([NewLog]), OVHcloud ([NewOVH]), Brevo ([NewBrevo]) and any provider that
// speaks HTTP ([NewHTTP]); sms/smstest holds the conformance test that every
// adapter passes.
//
// The rule of the package: a message is never sent twice without somebody
// knowing. An adapter makes one attempt and says of a failure whether it is
// final ([ErrRefused]), whether the message surely did not leave ([ErrNotSent],
// try again) or whether it may have left ([ErrDoubtful], do not try again
// alone). Adapters that really send refuse the numbers reserved for fiction.
//
// Standards: 3GPP TS 23.038 (alphabets), 3GPP TS 23.040 (concatenation: 153
// septets or 67 UTF-16 units per part). Law: CPCE L. 34-5 (consent, STOP); the
// hours of marketing messages are the caller's business.
//
// No tables, no events, no rights.
package sms
