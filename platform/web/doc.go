// Package web serves pages: it finds the site, the session and who acts,
// checks permission, origin and rate, calls one handler, and turns what comes
// back, page or error, into an answer. No civic word here: a site is whatever
// the hooks say it is.
//
// Tables: web_session (no territory; the token is kept hashed, rows expire).
package web
