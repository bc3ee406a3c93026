// Package api serves the JSON interface of Parvis: operations that services
// register, described in OpenAPI 3.1, under /api/v1/{territory}/.
//
// For the software of local authorities and for reuse of public data. What
// every operation gets without asking: the territory found or refused, the
// bearer token checked against the operation's permission, rate and size
// limits, unknown fields refused, errors as problem details in the reader's
// language, idempotency keys on writes, cursor paging, CORS on public reads
// only.
//
// Standards: OpenAPI 3.1, RFC 9457 (problem details), RFC 6750 (bearer
// tokens), RFC 8288 (Link), RFC 9110; Idempotency-Key follows
// draft-ietf-httpapi-idempotency-key-header.
//
// Tables: api_token (keys, hashed), api_idempotency (answers kept 24 hours).
// Rights: "api.manage" opens the staff page of the keys. No event.
package api
