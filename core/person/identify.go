package person

import (
	"context"
	"errors"
	"sync"
	"time"

	"parvis/core/access"
	"parvis/platform/clock"
	"parvis/platform/store"
	"parvis/platform/web"
)

// sessionPerson is the session's key for who is signed in.
const sessionPerson = "person"

// cacheLife is how long roles are believed without being read again: changes
// made by this process count at once, those of another within this time.
const cacheLife = 30 * time.Second

// cacheLimit bounds the memory; beyond it the table starts anew.
const cacheLimit = 10_000

// Identify says who makes a request, for web.Config. On a territory's pages
// somebody without any role there is a resident like another: staff of a
// neighbour see the public pages and no more.
func (p *People) Identify(c *web.Context) (web.Actor, error) {
	id, err := store.ParseID(c.Session(sessionPerson))
	if err != nil {
		return web.Actor{}, nil
	}
	territory := ""
	if c.Site != nil {
		territory = c.Found.Territory
	}
	k, err := p.known(c.Ctx(), id, territory)
	if err != nil || !k.active || territory != "" && len(k.roles) == 0 {
		return web.Actor{}, err
	}
	actor := web.Actor{ID: id, Name: k.name}
	if territory != "" {
		actor.May = func(x web.Permission) bool { return p.w.Matrix.May(k.roles, x) }
	}
	return actor, nil
}

// known is what is remembered of a person in a territory ("": the instance).
type known struct {
	name   string
	active bool
	roles  []access.Membership
	until  time.Time
}

func (p *People) known(ctx context.Context, id store.ID, territory string) (known, error) {
	k, season, ok := p.cache.get(id, territory)
	if ok {
		return k, nil
	}
	var who Person
	err := p.system().View(ctx, func(tx *store.Tx) (err error) {
		who, err = p.Get(ctx, tx, id)
		return err
	})
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return known{}, err
	}
	k = known{name: who.Name, active: who.Active && who.Joined()}
	if k.active && territory != "" {
		if k.roles, err = p.access.Roles(ctx, territory, id); err != nil {
			return known{}, err
		}
	}
	p.cache.put(id, territory, k, season)
	return k, nil
}

type cacheKey struct {
	person    store.ID
	territory string
}

// cache remembers persons. season counts the changes: what was read before one
// is not kept after it.
type cache struct {
	clock  clock.Clock
	mu     sync.Mutex
	season uint64
	table  map[cacheKey]known
}

func newCache(c clock.Clock) *cache { return &cache{clock: c, table: map[cacheKey]known{}} }

func (c *cache) get(person store.ID, territory string) (known, uint64, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k, ok := c.table[cacheKey{person, territory}]
	return k, c.season, ok && c.clock.Now().Before(k.until)
}

func (c *cache) put(person store.ID, territory string, k known, season uint64) {
	k.until = c.clock.Now().Add(cacheLife)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.season != season {
		return
	}
	if len(c.table) >= cacheLimit {
		clear(c.table)
	}
	c.table[cacheKey{person, territory}] = k
}

// forget drops a person, everywhere.
func (c *cache) forget(person store.ID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.season++
	for key := range c.table {
		if key.person == person {
			delete(c.table, key)
		}
	}
}
