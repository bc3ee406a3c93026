package person

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"time"

	"parvis/core/access"
	"parvis/core/notify"
	"parvis/platform/job"
	"parvis/platform/store"
	"parvis/platform/web/page"
)

//go:embed migrations/*.sql
var files embed.FS

// Locales holds the texts of the package.
//
//go:embed locales/*.json
var Locales embed.FS

// Migration is the package's schema.
func Migration() store.Migration { return store.Migration{Name: "person", FS: files} }

// Person is a member of staff. One row for the whole instance: core/access says
// for which territories.
type Person struct {
	ID         store.ID
	Name       string
	Email      string // lower case, unique
	Phone      string // E.164 or ""
	Lang       string // "fr" or "en"
	Active     bool
	JoinedAt   time.Time // UTC; zero: invited, has not come yet
	CreatedAt  time.Time // UTC
	LastSeenAt time.Time // UTC, last sign-in
}

// Joined tells whether the person has answered an invitation.
func (p Person) Joined() bool { return !p.JoinedAt.IsZero() }

// Square is the person as the staff pages draw it.
func (p Person) Square() page.Person { return page.Person{Initials: initials(p.Name), Name: p.Name} }

// Message is what this package asks to be sent.
type Message struct {
	Notice  string // "person.code"
	Channel notify.Channel
	To      string // e-mail address, or number in E.164
	Name    string // of the addressee, "" when unknown
	Lang    string // "fr" or "en"
	Subject string // what it is about, "person:77"; "" when nothing yet
	Fields  map[string]string
	Key     string    // two messages of one key leave once
	Useful  time.Time // after it the message makes no sense; zero: always
}

// Sender sends messages in the caller's transaction, which is bound to the
// territory in whose name they leave.
type Sender interface {
	Send(ctx context.Context, tx *store.Tx, m Message) error
}

// Queue adds jobs in the caller's transaction; job.Queue does.
type Queue interface {
	Enqueue(ctx context.Context, tx *store.Tx, kind string, args any, o ...job.EnqueueOption) error
}

// Place is a territory as these pages show it.
type Place struct {
	Territory  string
	Kind, Name string // "Commune de", "Vouneuil"
	Sign       string // one of page.SignNames
	Desk       string // path of its staff desk, "/vouneuil/bureau"
	Region     string // ISO code under which telephone numbers are read, "FR"
}

// Places finds territories by identifier; store.ErrNotFound when one is closed.
type Places interface {
	Place(ctx context.Context, territory string) (Place, error)
}

// Wiring is what the floors above give once everything is built.
type Wiring struct {
	Sender   Sender
	Queue    Queue
	Places   Places
	Matrix   *access.Matrix
	Events   access.Events // nil: nothing recorded
	Sections []Section     // what services know about residents
}

// Options of New.
type Options struct {
	DB     *store.DB
	Access *access.Access
	Demo   bool // one-click sign-in with any account; never in production
}

// People keeps the staff, their invitations and their sign-ins.
type People struct {
	Residents *Residents
	Codes     *Codes

	db     *store.DB
	access *access.Access
	demo   bool
	w      *Wiring
	cache  *cache
}

// New prepares the package; Connect must follow before anything is served.
func New(o Options) *People {
	w := &Wiring{}
	p := &People{db: o.DB, access: o.Access, demo: o.Demo, w: w, cache: newCache(o.DB.Clock()),
		Residents: &Residents{w: w}, Codes: &Codes{w: w}}
	o.Access.OnChange(func(_ string, person store.ID) { p.cache.forget(person) })
	return p
}

// Connect gives what is built after this package. It refuses what is missing and
// sections declared twice.
func (p *People) Connect(w Wiring) error {
	if w.Sender == nil || w.Queue == nil || w.Places == nil || w.Matrix == nil {
		return errors.New("person: sender, queue, places and matrix are all needed")
	}
	seen := map[string]bool{}
	for _, s := range w.Sections {
		if s.Name == "" || s.Label == "" || s.Permission == "" || seen[s.Name] {
			return fmt.Errorf("person: section %q is incomplete or declared twice", s.Name)
		}
		seen[s.Name] = true
	}
	*p.w = w
	return nil
}

// system is for the tables of the staff, which belong to the instance.
func (p *People) system() store.Handle {
	return p.db.System("a member of staff is one person for all the territories of the instance")
}

// regionOf is the ISO code under which numbers are read in a territory.
func (p *People) regionOf(ctx context.Context, territory string) (string, error) {
	place, err := p.w.Places.Place(ctx, territory)
	if errors.Is(err, store.ErrNotFound) {
		return "", nil
	}
	return place.Region, err
}

// record appends an event when somebody listens.
func (w *Wiring) record(ctx context.Context, tx *store.Tx, kind, subject string, data any) error {
	if w.Events == nil {
		return nil
	}
	return w.Events.Append(ctx, tx, kind, subject, data)
}
