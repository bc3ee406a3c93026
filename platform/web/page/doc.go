// Package page is the look of Parvis: the frames around every page and the parts pages are made of.
//
// What: four frames (Resident, Instance, Staff, Bare) and the components that /web/styles draws, as templ
// components rendered on the server. A page is complete without JavaScript; web/scripts/client only adds
// comfort.
//
// For whom: the pages of every service. The package knows no civic type: it takes plain data (texts,
// addresses, numbers already written for the reader) and returns HTML. What a date or a duration looks
// like is settled by the caller with platform/i18n.
//
// Rules kept here, so that pages need not think of them:
//
//   - RGAA 4.1 / WCAG 2.1 AA: landmarks, one h1, a label tied to each control, hints and errors named by
//     aria-describedby, states said in a word, table headers, skip link, titles that begin with the error.
//   - Content-Security-Policy without unsafe-inline: no style attribute and no inline script anywhere.
//     Geometry that depends on data is written as SVG attributes (Meter, Tints) or as classes on a grid of
//     five minutes (Week). The only inline element is the colour of a territory whose stylesheet is not
//     computed yet; it carries the nonce of the request (WithNonce).
//   - Texts of the frames are in locales/ under keys that begin with "page.".
//
// Context: WithNonce, WithAssets and the localizer of platform/i18n are put in the context of the request
// before rendering. Without them pages still render, with no nonce, plain /static/ names and the keys of the
// texts in place of the texts.
//
// Tables, events, rights: none.
package page
