package clock

import (
	"sync"
	"time"
)

// Clock gives the present instant. Implementations are safe for concurrent use.
type Clock interface {
	// Now returns the present instant in UTC, truncated to the microsecond,
	// which is the precision the store keeps: a value written and read back
	// is equal to the value in memory.
	Now() time.Time
}

// System is the clock of the machine. The zero value is ready to use.
type System struct{}

// Now returns the machine's time in UTC, truncated to the microsecond. It has
// no monotonic reading: instants are compared and stored, never used to time
// code.
func (System) Now() time.Time { return normal(time.Now()) }

// Fake is a clock that moves only when told to. It is safe for concurrent use;
// the zero value stands at the zero time.
type Fake struct {
	mu  sync.RWMutex
	now time.Time
}

// NewFake returns a clock stopped at t.
func NewFake(t time.Time) *Fake { return &Fake{now: normal(t)} }

// Now returns the instant the clock stands at.
func (f *Fake) Now() time.Time {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.now
}

// Set moves the clock to t, forwards or backwards.
func (f *Fake) Set(t time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = normal(t)
}

// Advance moves the clock by d, which may be negative, and returns the new
// instant.
func (f *Fake) Advance(d time.Duration) time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = normal(f.now.Add(d))
	return f.now
}

// normal drops what the store would drop: zone, monotonic reading, nanoseconds.
func normal(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
