// Package mail writes and sends e-mail, checks addresses, and lays out the HTML
// of a message.
//
// For core/notify, and for every form that asks for an address. [Sender] is the
// interface, [SMTP] the way out; mail/mailtest has a real SMTP server for tests,
// which can be told to refuse, fall silent or vanish.
//
// The rule of the package is that of platform/sms: one attempt, and an error
// that says whether the message is refused for good ([ErrRefused]), surely not
// sent ([ErrNotSent]) or perhaps sent ([ErrDoubtful]: the connection was lost
// between the end of the message and the server's word). A reference gives a
// stable Message-ID, so that most servers drop a message that comes twice.
//
// Standards: RFC 5321 (SMTP), 5322 (message), 2045 and after (MIME), 6376
// (DKIM), 8058 (one-click unsubscribe), 3834 (automatic messages), 6047
// (invitations), 5890 (domain names with accents); RGAA for the HTML. Messages
// load nothing from elsewhere and track nobody.
//
// An address is personal data: errors never repeat it. No tables, no events, no
// rights.
package mail
