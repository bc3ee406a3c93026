// Package job runs background work on River, on both engines.
//
// A job is enqueued in the caller's transaction: it exists if and only if the
// transaction commits. It runs at least once; its effect must be keyed so that
// it happens once. A job that failed too often is dead: it stays visible and
// can be retried.
//
// Tables: River's own (river_*), without territory; arguments carry theirs.
package job
