package sync

import (
	"encoding/json"
	"errors"
)

// Status is what became of an operation.
type Status string

// The statuses. A device deletes applied and duplicate operations, shows
// conflicts « à revoir » and rejected ones « à corriger », and keeps the others.
const (
	Applied   Status = "applied"
	Duplicate Status = "duplicate" // the server already said the same
	Conflict  Status = "conflict"
	Rejected  Status = "rejected"
	Later     Status = "later" // not answered yet: send it again
)

// Result is the answer to one operation; a replay gets the same one.
type Result struct {
	ID         string          `json:"op_id"`
	Status     Status          `json:"status"`
	Version    int64           `json:"version,omitempty"`    // of the entity after it
	Superseded bool            `json:"superseded,omitempty"` // kept in the journal, something newer stands
	Field      string          `json:"field,omitempty"`      // of a conflict
	Server     json.RawMessage `json:"server_value,omitempty"`
	ServerAt   int64           `json:"server_version,omitempty"`
	Reason     string          `json:"reason,omitempty"` // of a refusal, a word
	Retryable  bool            `json:"retryable,omitempty"`
}

// Refusal is the error of a [Model] that will never accept an operation.
type Refusal struct{ Reason string }

// Error satisfies error.
func (r *Refusal) Error() string { return "sync: refused: " + r.Reason }

// Refuse makes a refusal; reason is a word that the device's page explains.
func Refuse(reason string) error { return &Refusal{reason} }

// refused finds the refusal in an error.
func refused(err error) (string, bool) {
	var r *Refusal
	if errors.As(err, &r) {
		return r.Reason, true
	}
	return "", false
}

// Refused tells whether an error is a refusal of a model.
func Refused(err error) bool {
	_, ok := refused(err)
	return ok
}
