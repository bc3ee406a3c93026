package dossier

import (
	"context"
	"embed"
	"fmt"
	"slices"
	"strings"
	"time"

	"parvis/platform/calendar"
	"parvis/platform/hours"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/web"
)

//go:embed migrations/*.sql
var files embed.FS

//go:embed locales/*.json
var locales embed.FS

// Migration is the package's schema.
func Migration() store.Migration { return store.Migration{Name: "dossier", FS: files} }

// Place is what the engine must know of a territory.
type Place struct {
	Letters  string         // of its numbers, "V"; see [Letters]
	Zone     calendar.Zone  // of its public holidays
	Location *time.Location // its time zone
	Region   string         // of its phone numbers, see platform/phone
	Working  Working        // when it works; nil: weekdays from 8 h to 12 h and from 13 h 30 to 17 h 30
}

// Events receives what happens; platform/event's bus is one.
type Events interface {
	Append(ctx context.Context, tx *store.Tx, kind, subject string, data any) error
}

// Config is what the engine needs. Everything is optional.
type Config struct {
	// Place describes a territory; nil: mainland holidays, Paris time, letter D.
	Place func(ctx context.Context, territory string) (Place, error)
	// Events receives what happens, in the transaction.
	Events Events
	// Contacts are a requester's present phones (E.164) and e-mail addresses,
	// accepted beside those given at opening.
	Contacts func(ctx context.Context, tx *store.Tx, requester store.ID) (phones, emails []string, err error)
	// DB lets the engine watch clocks and take answers by mail; nil: neither.
	DB *store.DB
	// Hub sends what is written to requesters, followers and staff; nil: nothing.
	Hub Sender
	// Site is the territory as messages show it.
	Site func(ctx context.Context, tx *store.Tx) (Site, error)
	// Staff finds whom to write to among those who work for a territory.
	Staff People
	// ReplyTo is the address to which an answer carrying a token is sent; ""
	// while no mailbox is read. nil: none.
	ReplyTo func(token string) string
	// Came lists what came of a request and may be shown to who has its link: no
	// personal data of others. Optional.
	Came func(c *web.Context, d Dossier) ([]Linked, error)
	// RemoveFile forgets the bytes of an attachment whose dossier is erased, in
	// the transaction: it enqueues the work.
	RemoveFile func(ctx context.Context, tx *store.Tx, storageKey string) error
}

// Engine follows requests. It is safe for concurrent use.
type Engine struct {
	cfg   Config
	kinds map[string]Kind
}

// New takes the kinds of all services; one that is incomplete, could leave a
// request stuck or is declared twice is an error.
func New(cfg Config, kinds ...Kind) (*Engine, error) {
	e := &Engine{cfg: cfg, kinds: map[string]Kind{}}
	for _, k := range kinds {
		if err := k.check(); err != nil {
			return nil, err
		}
		if _, twice := e.kinds[k.Name]; twice {
			return nil, fmt.Errorf("dossier: kind %s is declared twice", k.Name)
		}
		e.kinds[k.Name] = k
	}
	return e, nil
}

// Kinds are the declared kinds by name.
func (e *Engine) Kinds() []Kind {
	out := make([]Kind, 0, len(e.kinds))
	for _, k := range e.kinds {
		out = append(out, k)
	}
	slices.SortFunc(out, func(a, b Kind) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// Kind is a declared kind.
func (e *Engine) Kind(name string) (Kind, bool) {
	k, ok := e.kinds[name]
	return k, ok
}

func (e *Engine) place(ctx context.Context, territory string) (Place, error) {
	p := Place{Letters: "D", Zone: calendar.ZoneMainland, Location: i18n.Location(ctx)}
	p.Working = office(p.Zone, p.Location)
	if e.cfg.Place == nil {
		return p, nil
	}
	given, err := e.cfg.Place(ctx, territory)
	if err != nil {
		return p, fmt.Errorf("dossier: describing the territory: %w", err)
	}
	if given.Letters != "" {
		p.Letters = given.Letters
	}
	if given.Zone != "" {
		p.Zone = given.Zone
	}
	if given.Location != nil {
		p.Location = given.Location
	}
	p.Region = given.Region
	if given.Working != nil {
		p.Working = given.Working
	} else {
		p.Working = office(p.Zone, p.Location)
	}
	return p, nil
}

// office works on weekdays that are no public holiday, from 8 h to 12 h and
// from 13 h 30 to 17 h 30: 480 minutes a day, for a service whose hours are
// unknown.
func office(zone calendar.Zone, at *time.Location) Working {
	w := calendar.Working{Zone: zone, Location: at}
	for d := time.Monday; d <= time.Friday; d++ {
		w.Week[d] = []hours.Span{{From: 8 * 60, To: 12 * 60}, {From: 13*60 + 30, To: 17*60 + 30}}
	}
	return w
}

// due is the end of the nth working day after the day of from, in the place's
// time: the first instant that is too late.
func (p Place) due(from time.Time, workingDays int) time.Time {
	day := calendar.AddWorkingDays(calendar.DateOf(from, p.Location), workingDays, p.Zone).AddDays(1)
	return time.Date(day.Year, day.Month, day.Day, 0, 0, 0, 0, p.Location).UTC()
}

// Happened is the data of every event of this package.
type Happened struct {
	Dossier store.ID `json:"dossier"`
	Kind    string   `json:"kind"`
	Stage   string   `json:"stage"`
	Entry   store.ID `json:"entry,omitempty"`  // the line of the timeline that says it
	Level   int64    `json:"level,omitempty"`  // of a warning: 50, 80, 100
	Passed  bool     `json:"passed,omitempty"` // a later level was reached at the same moment
	Into    store.ID `json:"into,omitempty"`   // of a merge
}

// tellMore appends an event.
func (e *Engine) tellMore(ctx context.Context, tx *store.Tx, kind string, d Dossier, h Happened) error {
	if e.cfg.Events == nil {
		return nil
	}
	h.Dossier, h.Kind, h.Stage = d.ID, d.Kind, d.Stage
	return e.cfg.Events.Append(ctx, tx, "dossier."+kind, d.SubjectRef, h)
}
