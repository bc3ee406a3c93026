// Package notify sends the messages that services owe people: texts in French
// and English per channel, a policy per notice, quiet hours, STOP, a log of
// every delivery.
//
// Facts: docs of the providers, 3GPP TS 23.038, CNIL. Tables: see migrations.
package notify
