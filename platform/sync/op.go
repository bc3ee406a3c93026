package sync

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf8"

	"parvis/platform/store"
)

// Bounds of a push. A device splits what is larger.
const (
	MaxOps   = 200
	MaxBytes = 256 << 10
	// maxPayload and maxBlobs bound one operation.
	maxPayload = 32 << 10
	maxBlobs   = 40
	maxWord    = 64
)

// Op is one thing that somebody did on a device. It is never changed.
type Op struct {
	ID      string          `json:"op_id"` // UUIDv7 made on the device
	Seq     int64           `json:"seq"`   // order on the device, from 1
	Actor   store.ID        `json:"actor"` // who was signed in on the device
	Kind    string          `json:"kind"`  // of the entity, "intervention"
	Entity  string          `json:"entity"`
	Base    int64           `json:"base_version"` // the version the device had seen, 0 none
	At      int64           `json:"ts_device"`    // the device's clock, milliseconds since the epoch
	Offset  *int64          `json:"clock_offset"` // server minus device, milliseconds, as last measured; nil unknown
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload"`
	Blobs   []string        `json:"blobs,omitempty"` // SHA-256 of photos, hexadecimal

	Device   string    `json:"-"`
	Who      Who       `json:"-"` // who sends it: the actor
	When     time.Time `json:"-"` // when it happened, corrected, UTC
	Received time.Time `json:"-"`
}

// Who sends: the person and what they may see. May tells what their role
// allows; the service asks it.
type Who struct {
	Person store.ID
	Scopes []string // see Scope.Name
	All    bool     // every scope
	May    func(right string) bool
}

// sees tells whether a scope is among those of the person.
func (w Who) sees(scope string) bool {
	if w.All || scope == "" {
		return true
	}
	for _, s := range w.Scopes {
		if s == scope {
			return true
		}
	}
	return false
}

// malformed says what is wrong with the shape of an operation, "" nothing.
func (o *Op) malformed() string {
	switch {
	case !IsUUID(o.Entity):
		return "entity"
	case o.Seq < 1:
		return "seq"
	case o.Base < 0:
		return "base_version"
	case o.At < 0 || o.At > maxMillis:
		return "ts_device"
	case o.Offset != nil && (*o.Offset > maxMillis || *o.Offset < -maxMillis):
		return "clock_offset"
	case o.Kind == "" || len(o.Kind) > maxWord || o.Type == "" || len(o.Type) > maxWord || !utf8.ValidString(o.Kind+o.Type):
		return "type"
	case len(o.Payload) > maxPayload || !utf8.Valid(o.Payload) || (len(o.Payload) > 0 && !json.Valid(o.Payload)):
		return "payload"
	case len(o.Blobs) > maxBlobs:
		return "blobs"
	}
	for _, b := range o.Blobs {
		if !IsDigest(b) {
			return "blobs"
		}
	}
	return ""
}

// maxMillis is the year 9999: what comes after is no date.
const maxMillis = 253_402_300_799_000

// IsDigest tells whether s is a SHA-256 in lower-case hexadecimal.
func IsDigest(s string) bool {
	raw, err := hex.DecodeString(s)
	return err == nil && len(raw) == sha256.Size && hex.EncodeToString(raw) == s
}

// digest names the content of the operation: the same identifier with another
// content is a forgery or a fault of the device.
func (o *Op) digest() (string, error) {
	copied := *o
	if len(copied.Payload) == 0 {
		copied.Payload = json.RawMessage("null")
	}
	raw, err := json.Marshal(&copied)
	if err != nil {
		return "", fmt.Errorf("sync: digest of an operation: %w", err)
	}
	sum := sha256.Sum256(append(raw, o.Device...))
	return hex.EncodeToString(sum[:]), nil
}

// happened is when the operation happened: the device's clock, corrected by the
// offset it had measured, else by what its clock says now. Never after it was
// received: a device does not know the future.
func (o *Op) happened(received time.Time, deviceNow int64) time.Time {
	at := time.UnixMilli(o.At).UTC()
	switch {
	case o.Offset != nil:
		at = at.Add(time.Duration(*o.Offset) * time.Millisecond)
	case deviceNow > 0:
		at = at.Add(received.Sub(time.UnixMilli(deviceNow)))
	}
	if at.After(received) {
		return received
	}
	return at.Truncate(time.Microsecond)
}

// Read decodes the payload into v; a payload that does not fit is a refusal.
func (o *Op) Read(v any) error {
	if len(o.Payload) == 0 {
		return Refuse("payload")
	}
	if err := json.Unmarshal(o.Payload, v); err != nil {
		return Refuse("payload")
	}
	return nil
}
