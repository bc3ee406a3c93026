// Package link joins what the loop joins: this report became that idea, this
// idea that project. A link has two ends, each a Ref "kind:id", and a word
// that says how one led to the other; it is navigable both ways.
//
// Mission C16. Tables: link (territory_id, from_ref, word, to_ref).
package link
