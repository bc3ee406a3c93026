package dossier

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"parvis/platform/search"
	"parvis/platform/store"
	"parvis/platform/web"
)

// Channel is how a request came (M0-6).
type Channel string

// The channels.
const (
	Web     Channel = "web"
	Phone   Channel = "phone"
	Counter Channel = "counter"
	SMS     Channel = "sms"
	Mail    Channel = "mail"
	Paper   Channel = "paper"
	API     Channel = "api"
)

// Channels lists them.
func Channels() []Channel { return []Channel{Web, Phone, Counter, SMS, Mail, Paper, API} }

// Dossier is a request.
type Dossier struct {
	ID           store.ID
	Kind         string
	SubjectRef   string // "appointment:77"
	Number       string // "V-2026-01184"
	Title        string
	Stage        string
	Channel      Channel
	OpenedAt     time.Time
	DueAt        time.Time // first instant that is too late; zero: no due date
	PausedAt     time.Time // zero: the clock runs
	PausedMicros int64     // of the pauses that ended
	ClosedAt     time.Time // zero: open
	OwnerID      store.ID  // 0: nobody yet
	TeamID       store.ID  // 0: no team
	RequesterID  store.ID  // 0: unknown
	Phone        string    // E.164, as given at opening
	Email        string
	Reopened     int
	UpdatedAt    time.Time
	Version      int64

	Category   string   // in the service's words: "Éclairage public"
	SectorID   store.ID // where it is; 0: unknown
	Priority   int64    // the service's scale
	Private    bool     // for its owner and its team only
	Minutes    int64    // working minutes it may take; 0: counted otherwise
	SpanMicros int64    // time it may take, when not counted in working minutes
	DueFixed   bool     // somebody gave the date
	ClockAt    time.Time
	Warned     int64     // last warning given: 50, 80, 100 hundredths of the time; 0 none
	WarnAt     time.Time // of the next one
	PauseUntil time.Time // when the clock starts again by itself; zero: when somebody says so
	MergedInto store.ID  // the request that goes on in place of this one; 0 none
	Lang       string    // of the requester, "fr" or "en"

	Token string `db:"-"` // secret of the requester's link; filled by Open only
}

const columns = `id, kind, subject_ref, number, title, stage, channel, opened_at, due_at, paused_at, paused_micros, closed_at,
	owner_id, team_id, requester_id, phone, email, reopened, updated_at, version, category, sector_id, priority, private, minutes, span_micros, due_fixed,
	clock_at, warned, warn_at, pause_until, merged_into, lang`

// Closed tells whether the request is at its end.
func (d Dossier) Closed() bool { return !d.ClosedAt.IsZero() }

// Paused tells whether the clock is stopped.
func (d Dossier) Paused() bool { return !d.PausedAt.IsZero() }

// Late tells whether the due date is past at now. A request whose clock is
// stopped is not late.
func (d Dossier) Late(now time.Time) bool {
	return !d.Closed() && !d.Paused() && !d.DueAt.IsZero() && !now.Before(d.DueAt)
}

// DueDay is an instant of the last day that is in time, for display; zero
// without due date.
func (d Dossier) DueDay() time.Time {
	if d.DueAt.IsZero() {
		return time.Time{}
	}
	return d.DueAt.Add(-time.Microsecond)
}

// never is where requests without running clock stand in the queue.
var never = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

func (d Dossier) rank() time.Time {
	if d.DueAt.IsZero() || d.Paused() {
		return never
	}
	return d.DueAt
}

// Opening is a request to open.
type Opening struct {
	Kind    string
	Subject string // reference of the service's own row, "appointment:77"
	Title   string // what it is about, at most 200 characters
	Channel Channel
	By      Author

	RequesterID  store.ID
	Phone, Email string // E.164, address; what proves who asks « où en est ma demande ? »
	Lang         string // "fr" or "en", in which they are written to; anything else is French
	OwnerID      store.ID
	TeamID       store.ID
	Text         string // the requester's words, the first message; optional

	Class
	// DueAt is the date given to the requester; zero: the kind's own.
	DueAt time.Time
}

// Class is what the deadline and the routing of a request depend on.
type Class struct {
	Category string   // in the service's words, at most 200 characters; staff filter by it
	Priority int64    // the service's scale
	SectorID store.ID // core/sector; 0 unknown
	Private  bool     // for its owner and its team only
}

var errKind = errors.New("dossier: unknown kind")

// Open opens a request, numbers it and starts its clock. The number's row
// stays locked until the commit: open last, after what the service does itself.
// The returned Token is the only copy of the secret of the requester's link.
func (e *Engine) Open(ctx context.Context, tx *store.Tx, o Opening) (Dossier, error) {
	k, ok := e.kinds[o.Kind]
	if !ok {
		return Dossier{}, fmt.Errorf("%w %q", errKind, o.Kind)
	}
	text, err := clean(o.Text, "message", true)
	if err != nil {
		return Dossier{}, err
	}
	title, err := clean(o.Title, "title", false)
	if err != nil {
		return Dossier{}, err
	}
	if o.Category, err = clean(o.Category, "title", true); err != nil {
		return Dossier{}, err
	}
	if !slices.Contains(Channels(), o.Channel) || o.Subject == "" || !o.By.valid() {
		return Dossier{}, fmt.Errorf("dossier: opening with channel %q, subject %q, author %q", o.Channel, o.Subject, o.By.Kind)
	}
	p, err := e.place(ctx, tx.Territory())
	if err != nil {
		return Dossier{}, err
	}
	d := Dossier{ID: store.NewID(), Kind: k.Name, SubjectRef: o.Subject, Title: title, Stage: k.Stages[0].Name, Channel: o.Channel,
		OpenedAt: tx.Now(), OwnerID: o.OwnerID, TeamID: o.TeamID, RequesterID: o.RequesterID,
		Phone: o.Phone, Email: strings.ToLower(strings.TrimSpace(o.Email)), UpdatedAt: tx.Now(), Version: 1,
		Category: o.Category, Priority: o.Priority, SectorID: o.SectorID, Private: o.Private || k.Private, ClockAt: tx.Now(), Lang: "fr"}
	if o.Lang == "en" {
		d.Lang = o.Lang
	}
	if !o.DueAt.IsZero() {
		d.DueAt, d.DueFixed, d.SpanMicros = o.DueAt.UTC(), true, max(o.DueAt.Sub(d.OpenedAt).Microseconds(), 0)
	}
	if err := e.aim(ctx, tx, &d, k); err != nil {
		return Dossier{}, err
	}
	if err := e.watch(ctx, tx, &d, false); err != nil {
		return Dossier{}, err
	}
	if err := e.say(ctx, tx, d, "opened", Entry{Kind: StageEntry, Public: true, Author: o.By, TextKey: k.Stages[0].Label}); err != nil {
		return Dossier{}, err
	}
	if text != "" {
		if err := e.record(ctx, tx, d, Entry{Kind: MessageEntry, Public: true, Own: true, Author: o.By, Body: text}); err != nil {
			return Dossier{}, err
		}
	}
	if d.Token, err = e.NewLink(ctx, tx, d.ID, 0); err != nil {
		return Dossier{}, err
	}
	year := d.OpenedAt.In(p.Location).Year()
	n, err := next(ctx, tx, year)
	if err != nil {
		return Dossier{}, err
	}
	d.Number = Number(p.Letters, year, n)
	_, err = tx.Exec(ctx, `INSERT INTO dossier (territory_id, title_fold, rank_at, `+columns+`)
		VALUES (@territory, ?, ?, `+store.In(33)+`)`, search.Fold(d.Title), d.rank(),
		d.ID, d.Kind, d.SubjectRef, d.Number, d.Title, d.Stage, d.Channel, d.OpenedAt, d.DueAt, d.PausedAt, d.PausedMicros, d.ClosedAt,
		d.OwnerID, d.TeamID, d.RequesterID, d.Phone, d.Email, d.Reopened, d.UpdatedAt, d.Version, d.Category, d.SectorID, d.Priority, d.Private,
		d.Minutes, d.SpanMicros, d.DueFixed, d.ClockAt, d.Warned, d.WarnAt, d.PauseUntil, d.MergedInto, d.Lang)
	if err != nil {
		return Dossier{}, fmt.Errorf("dossier: opening: %w", err)
	}
	return d, nil
}

// Get is a request by its identifier; store.ErrNotFound when there is none.
func (e *Engine) Get(ctx context.Context, tx *store.Tx, id store.ID) (Dossier, error) {
	var d Dossier
	err := tx.Get(ctx, &d, `SELECT `+columns+` FROM dossier WHERE territory_id = @territory AND id = ?`, id)
	return d, err
}

// BySubject is the request of a service's row.
func (e *Engine) BySubject(ctx context.Context, tx *store.Tx, ref string) (Dossier, error) {
	var d Dossier
	err := tx.Get(ctx, &d, `SELECT `+columns+` FROM dossier WHERE territory_id = @territory AND subject_ref = ?`, ref)
	return d, err
}

// NewLink makes a secret for the requester's link, valid for keep, or as long
// as the request with 0. Each message may carry its own: only hashes are kept.
func (e *Engine) NewLink(ctx context.Context, tx *store.Tx, id store.ID, keep time.Duration) (token string, err error) {
	return e.newLink(ctx, tx, id, 0, keep)
}

// newLink makes the link of the requester, or of a follower.
func (e *Engine) newLink(ctx context.Context, tx *store.Tx, id, follower store.ID, keep time.Duration) (token string, err error) {
	token = newToken()
	var end time.Time
	if keep > 0 {
		end = tx.Now().Add(keep)
	}
	_, err = tx.Exec(ctx, `INSERT INTO dossier_link (territory_id, token_hash, dossier_id, follower_id, created_at, expires_at) VALUES (@territory, ?, ?, ?, ?, ?)`,
		web.HashToken(token), id, follower, tx.Now(), end)
	if err != nil {
		return "", fmt.Errorf("dossier: making a link: %w", err)
	}
	return token, nil
}
