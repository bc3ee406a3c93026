// Package mailtest is a mail server for tests: it speaks real SMTP on the
// loopback, keeps what it receives, read into parts, and can be told to refuse,
// to fall silent, to cut the connection after taking a message, or to be down.
//
// For the tests of every package that sends mail:
//
//	server := mailtest.Start(t)
//	sender := server.Sender(t)
//	…
//	messages := server.Messages()
//
// No tables, no events, no rights.
package mailtest
