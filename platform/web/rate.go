package web

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"parvis/platform/clock"
)

// limits per visitor: a library's network or a town hall's desk share one
// address, so pages are generous; what sends messages or checks codes is not.
var limits = map[Rate]struct {
	every time.Duration
	burst int
}{
	Normal:  {25 * time.Millisecond, 400},
	Careful: {6 * time.Second, 20},
}

// maxVisitors bounds the memory; beyond it the table starts anew.
const maxVisitors = 50_000

type visitor struct {
	addr string
	rate Rate
}

type limiter struct {
	clock clock.Clock
	mu    sync.Mutex
	table map[visitor]*rate.Limiter
}

func newLimiter(c clock.Clock) *limiter {
	return &limiter{clock: c, table: map[visitor]*rate.Limiter{}}
}

func (l *limiter) allow(ip string, r Rate) bool {
	// One IPv6 household owns a whole /64.
	if a, err := netip.ParseAddr(ip); err == nil && a.Is6() && !a.Is4In6() {
		if p, err := a.Prefix(64); err == nil {
			ip = p.String()
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.table) >= maxVisitors {
		clear(l.table)
	}
	key := visitor{ip, r}
	lim, ok := l.table[key]
	if !ok {
		lim = rate.NewLimiter(rate.Every(limits[r].every), limits[r].burst)
		l.table[key] = lim
	}
	return lim.AllowN(l.clock.Now(), 1)
}
