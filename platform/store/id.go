package store

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"strconv"
	"sync/atomic"
	"time"
)

// ID identifies a row inside its territory. Its 63 bits are ordered by time
// of creation: 42 bits of milliseconds since 2020, 21 bits that start at
// random in each process and millisecond and count up. It is not a secret.
type ID int64

// idEpoch is 2020-01-01T00:00:00Z in milliseconds.
const idEpoch = 1577836800000

var lastID atomic.Int64

// NewID returns an identifier greater than every one this process gave before.
func NewID() ID {
	var b [4]byte
	_, _ = rand.Read(b[:]) // never fails since Go 1.24
	fresh := (time.Now().UnixMilli()-idEpoch)<<21 | int64(binary.BigEndian.Uint32(b[:])&0xfffff)
	for {
		last := lastID.Load()
		next := fresh
		if next <= last {
			next = last + 1
		}
		if lastID.CompareAndSwap(last, next) {
			return ID(next)
		}
	}
}

// String is the decimal form, the one used in addresses and in JSON.
func (id ID) String() string { return strconv.FormatInt(int64(id), 10) }

// MarshalText writes the decimal form: JSON numbers lose the last digits.
func (id ID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads the decimal form.
func (id *ID) UnmarshalText(b []byte) error {
	parsed, err := ParseID(string(b))
	*id = parsed
	return err
}

// ParseID reads the decimal form; anything else is an error.
func ParseID(s string) (ID, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n <= 0 {
		return 0, errors.New("store: not an identifier")
	}
	return ID(n), nil
}
