package exchange

import (
	"context"
	"errors"
	"fmt"
	"time"

	"parvis/loop/listen/report"
	"parvis/loop/listen/report/open311"
	"parvis/platform/fault"
	"parvis/platform/search"
	"parvis/platform/store"
)

// Import takes the requests of another server into a territory.
type Import struct {
	// Source names the server for ever: the same request of the same source is the
	// same report. The address of a server, "fichier" for a dump.
	Source string
	Map    map[string]string // their service code to our category code
	Other  string            // our category for codes that nothing maps; "" refuses them
	Photos bool              // fetch media_url later
}

// Outcome is what became of a row.
type Outcome int

// The outcomes.
const (
	Created Outcome = iota
	Updated
	Unchanged
	Refused
)

// Row is a row that was refused, or could not be followed whole.
type Row struct {
	Where string // "requests.xml: 12", or the window of a server
	ID    string // service_request_id
	Key   string // why, a message key
	Args  []any
}

// Tally counts an import.
type Tally struct {
	Read, Created, Updated, Unchanged int
	Refused                           []Row
}

// Take imports one request and counts it. The error is that of the database alone:
// whatever is wrong with the row is in the tally.
func (e *Exchange) Take(ctx context.Context, h store.Handle, in Import, where string, r open311.Request, t *Tally) error {
	t.Read++
	outcome, err := e.take1(ctx, h, in, r)
	switch f := fault.Of(err); {
	case err == nil:
	case f.Kind == fault.Invalid && len(f.Fields) > 0:
		t.Refused = append(t.Refused, Row{where, r.ID, f.Fields[0].Key, f.Fields[0].Args})
		return nil
	case f.Kind == fault.Invalid || f.Kind == fault.Conflict:
		t.Refused = append(t.Refused, Row{where, r.ID, f.Key, f.Args})
		return nil
	default:
		return fmt.Errorf("open311: importing %s: %w", r.ID, err)
	}
	switch outcome {
	case Created:
		t.Created++
	case Updated:
		t.Updated++
	default:
		t.Unchanged++
	}
	return nil
}

func refuseRow(key string, args ...any) error {
	return fault.Fields{{Name: "row", Key: key, Args: args}}.Err()
}

// take1 opens what is new and follows what changed.
func (e *Exchange) take1(ctx context.Context, h store.Handle, in Import, r open311.Request) (Outcome, error) {
	switch {
	case r.ID == "" || len(r.ID) > 150:
		return Refused, refuseRow("open311.import.id")
	case r.Status != open311.Open && r.Status != open311.Closed:
		return Refused, refuseRow("open311.import.status", "Value", short(r.Status))
	case r.RequestedAt.IsZero():
		return Refused, refuseRow("open311.import.date")
	}
	var known report.Report
	var category report.Category
	var now time.Time
	err := h.View(ctx, func(tx *store.Tx) (err error) {
		now = tx.Now()
		known, err = e.Reports.ByExternal(ctx, tx, in.Source, r.ID)
		if err == nil || !errors.Is(err, store.ErrNotFound) {
			return err
		}
		category, err = e.categoryOf(ctx, tx, in, r)
		return err
	})
	if err != nil {
		return Refused, err
	}
	at := r.RequestedAt
	if at.After(now) {
		at = now
	}
	outcome := Unchanged
	if known.ID == 0 {
		outcome = Created
		draft := report.Draft{Category: category.ID, Text: cut(r.Description, open311.MaxDescription), Point: r.Point, Address: cut(r.Address, 300), AddressID: cut(r.AddressID, 100),
			Channel: "api", Anonymous: true, Trusted: true, Source: in.Source, ExternalID: r.ID, RequestedAt: at, Key: "import:" + in.Source + ":" + r.ID}
		if len(draft.Key) > 200 {
			draft.Key = "import:" + keyHash(0, draft.Key)
		}
		if known, err = e.Reports.Open(ctx, h.At(at), draft); err != nil {
			return Refused, err
		}
		if in.Photos && r.MediaURL != "" {
			err := h.Update(ctx, func(tx *store.Tx) error {
				return e.book.fetchLater(ctx, tx, media{Report: known.ID, URL: r.MediaURL, Role: report.Seen})
			})
			if err != nil {
				return Refused, err
			}
		}
	}
	moved, err := e.follow(ctx, h, known, r, at, now)
	if moved && outcome == Unchanged {
		outcome = Updated
	}
	return outcome, err
}

// follow closes or reopens what was closed or reopened there, on the day it was.
func (e *Exchange) follow(ctx context.Context, h store.Handle, known report.Report, r open311.Request, opened, now time.Time) (bool, error) {
	when := r.UpdatedAt
	if when.Before(opened) || when.After(now) {
		when = now
		if known.Fresh {
			when = opened // a dump without dates: not closed today
		}
	}
	by := author()
	switch {
	case known.MergedInto != 0 || known.Closed() == (r.Status == open311.Closed):
		return false, nil
	case known.Closed():
		_, err := e.Reports.Reopen(ctx, h, known.ID, by, e.Words("open311.reopened"))
		if fault.Is(err, fault.Gone) {
			return false, nil // closed for too long to be the same matter
		}
		return err == nil, err
	}
	reason := r.StatusNotes
	if reason == "" {
		reason = e.Words("open311.import.closed")
	}
	_, err := e.Reports.Close(ctx, h.At(when), known.ID, by, report.Closing{State: report.Fixed, Reason: cut(reason, 4000)})
	return err == nil, err
}

// categoryOf is our category for a service: what was said, the same code, the same
// name, the one for everything else.
func (e *Exchange) categoryOf(ctx context.Context, tx *store.Tx, in Import, r open311.Request) (report.Category, error) {
	all, err := e.Reports.Categories(ctx, tx)
	if err != nil {
		return report.Category{}, err
	}
	find := func(is func(report.Category) bool) (report.Category, bool) {
		for _, c := range all {
			if c.Active && is(c) {
				return c, true
			}
		}
		return report.Category{}, false
	}
	code := func(want string) func(report.Category) bool {
		return func(c report.Category) bool { return want != "" && c.Code == want }
	}
	name := search.Fold(r.ServiceName)
	for _, is := range []func(report.Category) bool{code(in.Map[r.ServiceCode]), code(r.ServiceCode),
		func(c report.Category) bool { return name != "" && search.Fold(c.Label) == name }, code(in.Other)} {
		if c, ok := find(is); ok {
			return c, nil
		}
	}
	value := r.ServiceCode
	if value == "" {
		value = r.ServiceName
	}
	return report.Category{}, refuseRow("open311.import.category", "Value", short(value))
}

// Reached is how far a source was read; zero when it never was.
func (e *Exchange) Reached(ctx context.Context, h store.Handle, source string) (at time.Time, err error) {
	err = h.View(ctx, func(tx *store.Tx) error {
		return tx.Get(ctx, &at, `SELECT reached_at FROM open311_import WHERE territory_id = @territory AND source = ?`, source)
	})
	if errors.Is(err, store.ErrNotFound) {
		err = nil
	}
	return at, err
}

// FromServer imports every request of a server since a day, by windows of 90 days.
// It goes on where it stood, less one window: what was open then may be closed now.
// step is told after each window.
func (e *Exchange) FromServer(ctx context.Context, h store.Handle, c *open311.Client, in Import, since time.Time, step func(until time.Time, t Tally)) (Tally, error) {
	var t Tally
	now := h.DB().Clock().Now()
	reached, err := e.Reached(ctx, h, in.Source)
	if err != nil {
		return t, err
	}
	if again := reached.Add(-open311.Span); again.After(since) {
		since = again
	}
	err = c.Requests(ctx, since, now, func(r open311.Request) error {
		return e.Take(ctx, h, in, r.RequestedAt.Format(time.DateOnly), r, &t)
	}, func(until time.Time) error {
		step(until, t)
		return h.Update(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO open311_import (territory_id, source, reached_at, updated_at) VALUES (@territory, ?, ?, ?)
				ON CONFLICT (territory_id, source) DO UPDATE SET reached_at = excluded.reached_at, updated_at = excluded.updated_at`, in.Source, until, tx.Now())
			return err
		})
	})
	return t, err
}

// FromDump imports a dump, XML or JSON. name is how its rows are called in the tally.
func (e *Exchange) FromDump(ctx context.Context, h store.Handle, data []byte, in Import, name string, step func(t Tally)) (Tally, error) {
	var t Tally
	rows, err := open311.ReadRequests(data)
	if err != nil {
		return t, err
	}
	for i, r := range rows {
		if err := e.Take(ctx, h, in, fmt.Sprintf("%s: %d", name, i+1), r, &t); err != nil {
			return t, err
		}
		if t.Read%200 == 0 {
			step(t)
		}
	}
	return t, nil
}
