package territory

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"sync"
	"time"

	"parvis/core/territory/official"
	"parvis/platform/event"
	"parvis/platform/fault"
	"parvis/platform/search"
	"parvis/platform/store"
)

//go:embed migrations/*.sql
var files embed.FS

// Locales holds the messages of mistakes in the settings.
//
//go:embed locales/*.json
var Locales embed.FS

// Migration is the package's schema.
func Migration() store.Migration { return store.Migration{Name: "territory", FS: files} }

// Territory is one local authority open on this instance.
type Territory struct {
	ID          string // "c86300", "e200069854", "d86", "r75"
	Operator    string // territory that hosts it, "" none
	Slug, Host  string
	Kind, Name  string
	ActivatedAt time.Time
	Version     int64 // rises with each change; a form that was open on an older one is told
	Settings    Settings
	Official    official.Entry
}

type row struct {
	TerritoryID, OperatorID, Slug, Host, Kind, Name string
	ActivatedAt                                     time.Time
	Version                                         int64
	Settings                                        store.JSON[Settings]
}

const columns = `territory_id, operator_id, slug, host, kind, name, activated_at, version, settings`

// Book knows the territories.
type Book struct {
	db   *store.DB
	read *store.DB // connections of its own: the book is asked inside other transactions
	list *official.List
	bus  *event.Bus

	mu    sync.RWMutex
	cache map[string]cached // by "id:…", "slug:…", "host:…"
}

type cached struct {
	t     *Territory
	err   error
	until time.Time
}

// New opens the book on the official list. read is the same database through
// connections of its own: a transaction that asks for its territory must not
// wait for a connection that others like it hold. It may be db itself in tests.
func New(db, read *store.DB, list *official.List, bus *event.Bus) *Book {
	return &Book{db: db, read: read, list: list, bus: bus, cache: map[string]cached{}}
}

// List is the official list.
func (b *Book) List() *official.List { return b.list }

// sweep is the handle for questions about the instance as a whole: which
// territories are open. The table's key is the territory itself.
func (b *Book) sweep() store.Handle {
	return b.read.System("which territories are open is a question about the instance")
}

func (b *Book) fill(r row) *Territory {
	t := &Territory{ID: r.TerritoryID, Operator: r.OperatorID, Slug: r.Slug, Host: r.Host, Kind: r.Kind, Name: r.Name,
		ActivatedAt: r.ActivatedAt, Version: r.Version, Settings: r.Settings.V}
	if e, ok := b.list.ByID(r.TerritoryID); ok {
		t.Official = e
	}
	t.Settings.zone = t.Settings.Location()
	return t
}

// cacheFor is how long another process may show old settings; this one
// forgets at once what it changes.
const cacheFor = 5 * time.Second

// maxCache bounds the memory of the cache.
const maxCache = 20_000

func (b *Book) cachedBy(ctx context.Context, key, where, value string) (*Territory, error) {
	now := b.db.Clock().Now()
	b.mu.RLock()
	c, ok := b.cache[key]
	b.mu.RUnlock()
	if ok && now.Before(c.until) {
		return c.t, c.err
	}
	var r row
	err := b.sweep().View(ctx, func(tx *store.Tx) error {
		return tx.Get(ctx, &r, `SELECT `+columns+` FROM territory WHERE `+where+` = ?`, value)
	})
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, fmt.Errorf("territory: finding one: %w", err)
	}
	c = cached{err: err, until: now.Add(cacheFor)}
	if err == nil {
		c.t = b.fill(r)
	}
	b.mu.Lock()
	if len(b.cache) >= maxCache {
		clear(b.cache)
	}
	b.cache[key] = c
	if c.t != nil {
		b.cache["id:"+c.t.ID] = c
	}
	b.mu.Unlock()
	return c.t, c.err
}

func (b *Book) forget() {
	b.mu.Lock()
	clear(b.cache)
	b.mu.Unlock()
}

// Get finds an open territory by its official id; store.ErrNotFound.
func (b *Book) Get(ctx context.Context, id string) (*Territory, error) {
	return b.cachedBy(ctx, "id:"+id, "territory_id", id)
}

// BySlug finds an open territory by its address.
func (b *Book) BySlug(ctx context.Context, slug string) (*Territory, error) {
	return b.cachedBy(ctx, "slug:"+slug, "slug", slug)
}

// ByHostName finds an open territory by its own host name.
func (b *Book) ByHostName(ctx context.Context, host string) (*Territory, error) {
	return b.cachedBy(ctx, "host:"+host, "host", host)
}

// Defaults are the settings of a territory that has chosen nothing yet.
func Defaults(e official.Entry) Settings {
	colours := []string{"#B4532F", "#0E6E73", "#5B4B8A", "#3F6B2A", "#8A2F5B", "#1F5B92"}
	h := fnv.New32a()
	_, _ = h.Write([]byte(e.ID))
	n := h.Sum32()
	s := Settings{Colour: colours[n%uint32(len(colours))], TimeZone: e.TimeZone(), City: e.Name}
	if s.TimeZone == "" {
		s.TimeZone = "Europe/Paris"
	}
	if len(e.PostalCodes) > 0 {
		s.Zip = e.PostalCodes[0]
	}
	switch e.Kind {
	case official.Commune:
		s.Sign = []string{"pousse", "clocher", "epi"}[n/7%3]
	default:
		s.Sign = "vagues"
	}
	return s
}

// Activate opens a territory of the official list under an operator ("" none).
// Doing it again changes nothing.
func (b *Book) Activate(ctx context.Context, id, operator string) (*Territory, error) {
	e, ok := b.list.ByID(id)
	if !ok {
		return nil, fault.New(fault.NotFound, "territory.error.unknown", "ID", id)
	}
	err := b.db.In(id).Update(ctx, func(tx *store.Tx) error {
		n, err := tx.Exec(ctx, `INSERT INTO territory (territory_id, operator_id, slug, host, kind, name, name_fold, activated_at, settings, version)
			VALUES (@territory, ?, ?, '', ?, ?, ?, ?, ?, 1) ON CONFLICT (territory_id) DO NOTHING`,
			operator, e.Slug, string(e.Kind), e.Name, search.Fold(e.Name), tx.Now(), store.JSON[Settings]{V: Defaults(e)})
		if err != nil || n == 0 {
			return err
		}
		return b.bus.Append(ctx, tx, "territory.activated", "territory:"+id, nil)
	})
	if err != nil {
		return nil, fmt.Errorf("territory: activating %s: %w", id, err)
	}
	b.forget()
	return b.Get(ctx, id)
}

// Change is a request to change a territory, made from the version the author saw.
type Change struct {
	Version  int64
	By       store.ID
	Name     string // as shown; the official name when empty
	Host     string
	Settings Settings
}

// Save validates and writes; Conflict when somebody changed it in between.
func (b *Book) Save(ctx context.Context, id string, c Change) error {
	before, err := b.Get(ctx, id)
	if err != nil {
		return err
	}
	if c.Name == "" {
		c.Name = before.Official.Name
	}
	wrong := c.Settings.Check(before.Official.Departement)
	host, err := CheckHost(c.Host)
	if err != nil {
		wrong = append(wrong, fault.Of(err).Fields...)
	}
	if err := wrong.Err(); err != nil {
		return err
	}
	err = b.db.In(id).Update(ctx, func(tx *store.Tx) error {
		n, err := tx.Exec(ctx, `UPDATE territory SET name = ?, name_fold = ?, host = ?, settings = ?, version = version + 1
			WHERE territory_id = @territory AND version = ?`, c.Name, search.Fold(c.Name), host, store.JSON[Settings]{V: c.Settings}, c.Version)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.Conflict, "territory.error.changed")
		}
		if _, err := tx.Exec(ctx, `INSERT INTO territory_change (territory_id, id, changed_at, changed_by, fields) VALUES (@territory, ?, ?, ?, ?)`,
			store.NewID(), tx.Now(), c.By, store.JSON[[]string]{V: changed(before.Settings, c.Settings)}); err != nil {
			return err
		}
		return b.bus.Append(ctx, tx, "territory.changed", "territory:"+id, nil)
	})
	if errors.Is(err, store.ErrConflict) && fault.Of(err).Key == "" {
		wrong.Add("host", "territory.error.host_taken")
		return wrong.Err()
	}
	if err != nil {
		return fmt.Errorf("territory: saving %s: %w", id, err)
	}
	b.forget()
	return nil
}

// changed names the top-level fields that differ.
func changed(a, b Settings) []string {
	out := []string{}
	va, vb := fieldsOf(a), fieldsOf(b)
	for _, k := range keys(vb) {
		if string(va[k]) != string(vb[k]) {
			out = append(out, k)
		}
	}
	return out
}

func fieldsOf(s Settings) map[string]json.RawMessage {
	out := map[string]json.RawMessage{}
	raw, err := json.Marshal(s)
	if err == nil {
		err = json.Unmarshal(raw, &out)
	}
	if err != nil {
		return nil
	}
	return out
}
