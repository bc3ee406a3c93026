// Package sync joins what people did on devices without network with what the
// office did meanwhile: nothing lost, nothing twice, no silent overwriting.
//
// For services whose work is done away from the desk. A device writes
// operations ([Op]): append-only, each with an identifier made there (UUID
// version 7, RFC 9562), which is its idempotency key. [Sync.Push] applies them
// and keeps the answer of each, so that a replay gets the same answer.
// [Sync.Pull] gives what changed since a cursor. The service says how its
// operations merge and writes its own tables ([Model]); this package keeps the
// journal, the version of every field, and the proposals that wait for a person.
//
// Merge, three-way, on the version the device had seen:
//
//	different fields              both kept
//	commutative (note, time, part) always added
//	same scalar twice             the server's value stays, the device's becomes a proposal
//	state                         the service's state machine decides
//	latest (checklist item)       by corrected time, the older one stays in the journal
//	deleted on the server         the operation becomes a proposal on the tombstone
//
// Tables: sync_device, sync_op, sync_entity, sync_clock, sync_proposal. No
// routes, events or rights: the service has them.
package sync
