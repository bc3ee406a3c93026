package api

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"parvis/platform/clock"
	"parvis/platform/web"
)

// tries per address: software calls in bursts, what sends messages or guesses
// keys does not.
var tries = map[web.Rate]struct {
	every time.Duration
	burst int
}{
	web.Normal:  {25 * time.Millisecond, 400},
	web.Careful: {6 * time.Second, 20},
}

// maxCallers bounds the memory; beyond it the table starts anew.
const maxCallers = 20_000

type caller struct {
	address string
	rate    web.Rate
}

type limiter struct {
	clock clock.Clock
	mu    sync.Mutex
	table map[caller]*rate.Limiter
}

func newLimiter(c clock.Clock) *limiter {
	return &limiter{clock: c, table: map[caller]*rate.Limiter{}}
}

func (l *limiter) allow(address string, r web.Rate) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.table) >= maxCallers {
		clear(l.table)
	}
	key := caller{address, r}
	lim, ok := l.table[key]
	if !ok {
		lim = rate.NewLimiter(rate.Every(tries[r].every), tries[r].burst)
		l.table[key] = lim
	}
	return lim.AllowN(l.clock.Now(), 1)
}
