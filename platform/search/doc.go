// Package search folds French text so that people find what they did not spell
// exactly, and ranks short lists of names while they type.
//
// For every list that is filtered, every name typed into a field: communes,
// persons, places, services. The database stores [Fold] of a name in a column
// ending in _fold, used for search, order and uniqueness, because SQLite folds
// case for ASCII only and knows no accent. [Rank] then orders the candidates a
// query brought back. Long texts are not its business: the database's full-text
// index is.
//
// Folding follows Unicode normalisation (UAX #15, form KD); the typing mistake it
// tolerates is one edit in the sense of Damerau (CACM 7(3), 1964): a letter
// missing, added, changed, or two neighbours swapped.
//
// No tables, no events, no rights.
package search
