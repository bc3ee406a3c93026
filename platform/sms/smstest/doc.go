// Package smstest checks that a way of sending text messages keeps the promises
// of sms.Sender: one attempt, texts intact, and failures that say truly whether
// the message left.
//
// For the tests of every adapter. A new adapter writes a [Provider] that
// imitates its provider's side and calls [Conformance]; a sender that stays
// inside the program (log, demo mailbox) calls it with a nil Provider.
//
// No tables, no events, no rights.
package smstest
