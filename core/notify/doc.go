// Package notify sends the messages that services owe people: texts in French
// and English per channel, a policy per notice, quiet hours, STOP, a log of
// every delivery.
//
// For whom: every service. It declares its [Notice]s and calls [Hub.Send] in
// the transaction that makes the message true; the hub chooses the channels,
// waits for a decent hour, sends once, follows what became of it and tells
// staff what it could not do. Answers by SMS come back as the event
// "sms.received". Sub-packages: notify/desk has the pages and the declaration,
// notify/mailbox keeps the messages of a demonstration.
//
// The rule of the package: the same (key, channel) never leaves twice. A row is
// written with the decision; "sending" is committed before the provider is
// called; what is found in "sending" after a crash is sent again only when the
// receiver drops duplicates (mail, by its Message-ID), asked to the provider
// when it can tell, and otherwise shown to staff as doubtful.
//
//	queued → sending → sent → delivered
//	            ↓ ↘      ↘
//	         doubtful  failed      queued → cancelled | dropped (late, stop, off, cap)
//
// Law and facts: CPCE L. 34-5 and CNIL (STOP, consent, hours of marketing);
// 3GPP TS 23.038 (parts of an SMS); RFC 5322 §3.6.4 (Message-ID), RFC 3834
// (automatic mail). Quiet hours, 20 h to 8 h, are a choice of Parvis.
//
// Tables: message, message_policy, message_setting, message_spend,
// message_count, message_stop, message_inbound (territory); message_seen,
// message_aside (instance: what a provider said that belongs to nobody yet).
// Events: sms.received (subject "inbound:ID", see [Received]).
// Rights: notify.read (log), notify.settings (policy, hours, STOP list).
package notify
