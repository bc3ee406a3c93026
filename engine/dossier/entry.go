package dossier

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"parvis/platform/fault"
	"parvis/platform/store"
)

// AuthorKind is who did something.
type AuthorKind string

// The kinds of author.
const (
	Resident AuthorKind = "resident"
	Staff    AuthorKind = "staff"
	System   AuthorKind = "system"
)

// Author is who did something; ID is 0 for the program and for a requester
// without card.
type Author struct {
	Kind AuthorKind
	ID   store.ID
}

func (a Author) valid() bool { return a.Kind == Resident || a.Kind == Staff || a.Kind == System }

// EntryKind is what happened.
type EntryKind string

// The kinds of entry.
const (
	StageEntry      EntryKind = "stage"
	MessageEntry    EntryKind = "message"
	NoteEntry       EntryKind = "note"
	AssignmentEntry EntryKind = "assignment"
	AttachmentEntry EntryKind = "attachment"
	PauseEntry      EntryKind = "pause"
	ReopenEntry     EntryKind = "reopen"
	DueEntry        EntryKind = "due"
	MergeEntry      EntryKind = "merge"
	ClassEntry      EntryKind = "class"
)

// Entry is one line of the timeline. What it says is a message (TextKey with
// Args), free words (Body), or a message followed by words.
type Entry struct {
	ID      store.ID
	Kind    EntryKind
	Public  bool // the requester reads it
	Own     bool // for the requester alone: followers do not read it
	Author  Author
	TextKey string
	Args    map[string]string
	Body    string
	At      time.Time
}

// limits of texts, in characters.
const (
	maxTitle = 200
	maxText  = 10_000
)

// clean trims, normalises (NFC) and bounds a text; the field is its name in
// forms and in the API.
func clean(text, field string, optional bool) (string, error) {
	text = strings.TrimSpace(norm.NFC.String(strings.ReplaceAll(text, "\r\n", "\n")))
	limit := maxText
	if field == "title" {
		limit = maxTitle
	}
	var mistakes fault.Fields
	switch {
	case text == "" && !optional:
		mistakes.Add(field, "dossier.error.empty."+field)
	case utf8.RuneCountInString(text) > limit:
		mistakes.Add(field, "dossier.error.long."+field)
	case !utf8.ValidString(text) || strings.ContainsRune(text, 0):
		mistakes.Add(field, "dossier.error.text")
	}
	return text, mistakes.Err()
}

// record appends to the timeline.
func (e *Engine) record(ctx context.Context, tx *store.Tx, d Dossier, x Entry) error {
	if x.Args == nil {
		x.Args = map[string]string{}
	}
	if x.ID == 0 {
		x.ID = store.NewID()
	}
	_, err := tx.Exec(ctx, `INSERT INTO dossier_entry (territory_id, dossier_id, id, kind, public, author_kind, author_id, text_key, args, body, occurred_at, shared)
		VALUES (@territory, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, d.ID, x.ID, x.Kind, x.Public, x.Author.Kind, x.Author.ID, x.TextKey,
		store.JSON[map[string]string]{V: x.Args}, x.Body, tx.Now(), !x.Own)
	if err != nil {
		return fmt.Errorf("dossier: recording a %s: %w", x.Kind, err)
	}
	return nil
}

// Say adds a message between the requester and the service; both read it.
// Invalid when it is empty or longer than 10 000 characters.
func (e *Engine) Say(ctx context.Context, tx *store.Tx, id store.ID, by Author, text string) (Dossier, error) {
	text, err := clean(text, "message", false)
	if err != nil {
		return Dossier{}, err
	}
	return e.entry(ctx, tx, id, "message", Entry{Kind: MessageEntry, Public: true, Own: by.Kind == Resident, Author: by, Body: text})
}

// Note adds words that only staff read.
func (e *Engine) Note(ctx context.Context, tx *store.Tx, id store.ID, by Author, text string) (Dossier, error) {
	return e.note(ctx, tx, id, by, text, "")
}

func (e *Engine) note(ctx context.Context, tx *store.Tx, id store.ID, by Author, text, key string) (Dossier, error) {
	text, err := clean(text, "message", false)
	if err != nil {
		return Dossier{}, err
	}
	return e.entry(ctx, tx, id, "", Entry{Kind: NoteEntry, Author: by, TextKey: key, Body: text})
}

// Answer is Say by a member of staff who chooses whether the followers are told
// too: what concerns the requester alone stays with them.
func (e *Engine) Answer(ctx context.Context, tx *store.Tx, id store.ID, by Author, text string, followers bool) (Dossier, error) {
	text, err := clean(text, "message", false)
	if err != nil {
		return Dossier{}, err
	}
	return e.entry(ctx, tx, id, "message", Entry{Kind: MessageEntry, Public: true, Own: !followers, Author: by, Body: text})
}

// entry appends a line that changes nothing else.
func (e *Engine) entry(ctx context.Context, tx *store.Tx, id store.ID, event string, x Entry) (Dossier, error) {
	d, err := e.change(ctx, tx, id, func(*Dossier, Kind) error { return nil })
	if err != nil {
		return Dossier{}, err
	}
	return d, e.say(ctx, tx, d, event, x)
}

// say appends a line to the timeline and, unless event is empty, tells of it.
func (e *Engine) say(ctx context.Context, tx *store.Tx, d Dossier, event string, x Entry) error {
	x.ID = store.NewID()
	if err := e.record(ctx, tx, d, x); err != nil || event == "" {
		return err
	}
	return e.tellMore(ctx, tx, event, d, Happened{Entry: x.ID, Into: d.MergedInto})
}

// maxEntries bounds what is read of one timeline.
const maxEntries = 1000

type entryRow struct {
	ID         store.ID
	Kind       EntryKind
	Public     bool
	Shared     bool
	AuthorKind AuthorKind
	AuthorID   store.ID
	TextKey    string
	Args       store.JSON[map[string]string]
	Body       string
	OccurredAt time.Time
}

// Timeline is what happened, oldest first, at most the last 1 000 entries;
// public leaves out what only staff read.
func (e *Engine) Timeline(ctx context.Context, tx *store.Tx, id store.ID, public bool) ([]Entry, error) {
	query := `SELECT id, kind, public, shared, author_kind, author_id, text_key, args, body, occurred_at FROM dossier_entry
		WHERE territory_id = @territory AND dossier_id = ?`
	if public {
		query += ` AND public`
	}
	var rows []entryRow
	if err := tx.Select(ctx, &rows, query+` ORDER BY occurred_at DESC, id DESC LIMIT ?`, id, maxEntries); err != nil {
		return nil, fmt.Errorf("dossier: reading the timeline: %w", err)
	}
	out := make([]Entry, len(rows))
	for i, r := range rows {
		out[len(rows)-1-i] = r.entry()
	}
	return out, nil
}

func (r entryRow) entry() Entry {
	return Entry{r.ID, r.Kind, r.Public, !r.Shared, Author{r.AuthorKind, r.AuthorID}, r.TextKey, r.Args.V, r.Body, r.OccurredAt}
}
