// Package store keeps rows in SQLite or PostgreSQL behind one small interface.
//
// One SQL text serves both engines. A [Handle] is bound to a territory: each
// statement must name territory_id for every table it touches and use the
// token @territory, otherwise it is refused before it reaches the database.
// SQLite has one writer (every transaction that writes is IMMEDIATE and takes
// its turn) and many readers; PostgreSQL has its own pool.
//
// Times are BIGINT microseconds since the Unix epoch, UTC, in both engines;
// the zero [time.Time] is NULL. Booleans are booleans, identifiers are [ID].
//
// The package owns no table and no civic word.
package store
