// Package link joins what the loop joins: this report became that idea, this
// idea that project. A link has two ends, each a [Ref] "kind:id", and a [Word]
// that says how one led to the other; it is read both ways.
//
// For every service: it declares the [Kind] of what others may link to, and
// needs no import of the services at the other end. A reader only sees the
// ends they may see.
//
// Mission C16, M6-7 (from the proposal to its result, shown to its author).
// Tables: link (territory_id, from_ref, word, to_ref); no personal data but who
// made the link. No event, no right of its own.
package link
