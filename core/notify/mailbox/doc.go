// Package mailbox keeps the messages of a demonstration instead of sending
// them, and shows them to anyone: whoever tries Parvis finds the code, the
// reminder, the invitation here, and answers an SMS as on a phone.
//
// For whom: `parvis demo` only. Its two adapters, [Box.Mail] and [Box.SMS],
// stand where a mail server and an SMS provider would; nothing leaves.
//
// Table: mailbox (instance: a demonstration has one box for all territories).
// Routes: /demo/messages and below, public. No events, no rights.
package mailbox
