package sync_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"pgregory.net/rapid"

	"parvis/platform/clock"
	"parvis/platform/store"
	"parvis/platform/store/storetest"
	"parvis/platform/sync"
)

// sheets is a model small enough to be read at once: a title, a state, ticks,
// notes.
type sheets struct{}

func (sheets) Kind() string { return "sheet" }

func (sheets) Rule(kind string) (sync.Merge, bool) {
	m, ok := map[string]sync.Merge{"create": sync.Create, "set": sync.Scalar, "note": sync.Commutative, "state": sync.State, "check": sync.Latest}[kind]
	return m, ok
}

func (sheets) Allow(_ context.Context, _ *store.Tx, op *sync.Op) error {
	if op.Who.May == nil || !op.Who.May("work") {
		return sync.Refuse("forbidden")
	}
	return nil
}

func (sheets) Create(ctx context.Context, tx *store.Tx, op *sync.Op) error {
	var in struct{ Title string }
	if err := op.Read(&in); err != nil {
		return err
	}
	if in.Title == "" {
		return sync.Refuse("title")
	}
	_, err := tx.Exec(ctx, `INSERT INTO sheet (territory_id, uid, title, place, state) VALUES (@territory, ?, ?, '', 'planned')`, op.Entity, in.Title)
	return err
}

func (sheets) Value(ctx context.Context, tx *store.Tx, uid, field string) (json.RawMessage, error) {
	if field != "title" && field != "place" {
		return nil, sync.Refuse("field")
	}
	var v string
	err := tx.Get(ctx, &v, `SELECT `+field+` FROM sheet WHERE territory_id = @territory AND uid = ?`, uid)
	raw, _ := json.Marshal(v)
	return raw, err
}

func (sheets) Set(ctx context.Context, tx *store.Tx, op *sync.Op, field string, value json.RawMessage) error {
	var v string
	if json.Unmarshal(value, &v) != nil {
		return sync.Refuse("value")
	}
	_, err := tx.Exec(ctx, `UPDATE sheet SET `+field+` = ? WHERE territory_id = @territory AND uid = ?`, v, op.Entity)
	if err == nil && v == "boom" { // written, then refused: nothing of it may stay
		return sync.Refuse("boom")
	}
	return err
}

func (sheets) Add(ctx context.Context, tx *store.Tx, op *sync.Op) error {
	var in struct{ Text, Key, Verdict string }
	if err := op.Read(&in); err != nil {
		return err
	}
	kind, key := "note", op.ID
	if op.Type == "check" {
		kind, key, in.Text = "check", in.Key, in.Verdict
	}
	_, err := tx.Exec(ctx, `INSERT INTO sheet_line (territory_id, uid, kind, key, text) VALUES (@territory, ?, ?, ?, ?)
		ON CONFLICT (territory_id, uid, kind, key) DO UPDATE SET text = excluded.text`, op.Entity, kind, key, in.Text)
	if in.Text == "crash" {
		return errors.New("the program fails on this one")
	}
	return err
}

func (sheets) Move(ctx context.Context, tx *store.Tx, op *sync.Op) (sync.Verdict, error) {
	var in struct{ To string }
	if err := op.Read(&in); err != nil {
		return sync.Verdict{}, err
	}
	order := []string{"planned", "started", "done"}
	var now string
	if err := tx.Get(ctx, &now, `SELECT state FROM sheet WHERE territory_id = @territory AND uid = ?`, op.Entity); err != nil {
		return sync.Verdict{}, err
	}
	server, _ := json.Marshal(now)
	switch at, to := slices.Index(order, now), slices.Index(order, in.To); {
	case to < 0:
		return sync.Verdict{}, sync.Refuse("state")
	case at < 0: // cancelled by the chief
		return sync.Verdict{Status: sync.Conflict, Server: server}, nil
	case to <= at:
		return sync.Verdict{Status: sync.Duplicate}, nil
	}
	_, err := tx.Exec(ctx, `UPDATE sheet SET state = ? WHERE territory_id = @territory AND uid = ?`, in.To, op.Entity)
	return sync.Verdict{Status: sync.Applied}, err
}

func (sheets) Scope(ctx context.Context, tx *store.Tx, uid string) (sync.Scope, error) {
	var place string
	err := tx.Get(ctx, &place, `SELECT place FROM sheet WHERE territory_id = @territory AND uid = ?`, uid)
	if strings.HasPrefix(place, "crew:") {
		return sync.Scope{Name: place}, err
	}
	return sync.Scope{}, err
}

func (sheets) Rows(ctx context.Context, tx *store.Tx, uids []string) (map[string]json.RawMessage, error) {
	out := map[string]json.RawMessage{}
	for _, u := range uids {
		s, err := read(ctx, tx, u)
		if err != nil {
			return nil, err
		}
		out[u], _ = json.Marshal(s)
	}
	return out, nil
}

type content struct {
	Title, Place, State string
	Lines               map[string]string
}

func read(ctx context.Context, tx *store.Tx, uid string) (content, error) {
	c := content{Lines: map[string]string{}}
	if err := tx.Each(ctx, `SELECT title, place, state FROM sheet WHERE territory_id = @territory AND uid = ?`, []any{uid}, func(scan func(...any) error) error { return scan(&c.Title, &c.Place, &c.State) }); err != nil {
		return c, err
	}
	return c, tx.Each(ctx, `SELECT kind, key, text FROM sheet_line WHERE territory_id = @territory AND uid = ?`, []any{uid}, func(scan func(...any) error) error {
		var kind, key, text string
		err := scan(&kind, &key, &text)
		c.Lines[kind+":"+key] = text
		return err
	})
}

func migrations() []store.Migration {
	return []store.Migration{sync.Migration(), {Name: "sheet", FS: fstest.MapFS{"migrations/0001_sheet.sql": &fstest.MapFile{Data: []byte(`-- +goose Up
CREATE TABLE sheet (territory_id TEXT NOT NULL, uid TEXT NOT NULL, title TEXT NOT NULL, place TEXT NOT NULL, state TEXT NOT NULL, PRIMARY KEY (territory_id, uid)) {{strict}};
CREATE TABLE sheet_line (territory_id TEXT NOT NULL, uid TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (territory_id, uid, kind, key)) {{strict}};
-- +goose Down
DROP TABLE sheet;
`)}}}}
}

// town is one database with the engine.
type town struct {
	t testing.TB
	s *sync.Sync
	h store.Handle
}

func newTown(t testing.TB, db *store.DB) *town {
	t.Helper()
	s, err := sync.New(sheets{})
	if err != nil {
		t.Fatal(err)
	}
	return &town{t, s, db.In("c86194")}
}

func who(person store.ID) sync.Who {
	return sync.Who{Person: person, All: true, May: func(r string) bool { return r == "work" }}
}

// phone makes operations as a device does.
type phone struct {
	id     string
	person store.ID
	seq    int64
	now    time.Time
	skew   time.Duration // its clock is wrong by so much
}

func newPhone(person store.ID) *phone {
	return &phone{id: sync.NewUUID(time.Now()), person: person, now: time.Now().Add(-time.Hour)}
}

func (p *phone) op(entity, kind string, base int64, payload any) sync.Op {
	p.seq++
	p.now = p.now.Add(time.Second)
	raw, _ := json.Marshal(payload)
	return sync.Op{ID: sync.NewUUID(p.now), Seq: p.seq, Actor: p.person, Kind: "sheet", Entity: entity, Base: base, At: p.now.Add(p.skew).UnixMilli(), Type: kind, Payload: raw}
}

func (tn *town) push(p *phone, ops ...sync.Op) []sync.Result {
	tn.t.Helper()
	a, err := tn.s.Push(context.Background(), tn.h, who(p.person), sync.Batch{Device: p.id, Now: time.Now().Add(p.skew).UnixMilli(), Ops: ops})
	if err != nil {
		tn.t.Fatal(err)
	}
	if len(a.Results) != len(ops) {
		tn.t.Fatalf("%d answers for %d operations", len(a.Results), len(ops))
	}
	return a.Results
}

func (tn *town) read(uid string) content {
	tn.t.Helper()
	var c content
	if err := tn.h.View(context.Background(), func(tx *store.Tx) (err error) {
		c, err = read(context.Background(), tx, uid)
		return err
	}); err != nil {
		tn.t.Fatal(err)
	}
	return c
}

// office changes a sheet from the desk.
func (tn *town) office(uid, column, value string, fields ...string) {
	tn.t.Helper()
	if err := tn.h.Update(context.Background(), func(tx *store.Tx) error {
		if _, err := tx.Exec(context.Background(), `UPDATE sheet SET `+column+` = ? WHERE territory_id = @territory AND uid = ?`, value, uid); err != nil {
			return err
		}
		_, err := tn.s.Touch(context.Background(), tx, "sheet", uid, fields...)
		return err
	}); err != nil {
		tn.t.Fatal(err)
	}
}

func (tn *town) proposals(uid string) []sync.Proposal {
	tn.t.Helper()
	var out []sync.Proposal
	if err := tn.h.View(context.Background(), func(tx *store.Tx) (err error) {
		out, err = tn.s.Proposals(context.Background(), tx, "sheet", uid)
		return err
	}); err != nil {
		tn.t.Fatal(err)
	}
	return out
}

func status(r sync.Result, want sync.Status) string {
	if r.Status != want {
		return fmt.Sprintf("%s %s, want %s", r.Status, r.Reason, want)
	}
	return ""
}

type m map[string]any

func set(field, value string) m { return m{"field": field, "value": value} }

// TestMergeTable is the table of the package's documentation, line by line.
func TestMergeTable(t *testing.T) {
	storetest.Each(t, migrations(), func(t *testing.T, db *store.DB) {
		tn := newTown(t, db)
		a, b := newPhone(1), newPhone(2)
		uid := sync.NewUUID(time.Now())
		check := func(what string, r sync.Result, want sync.Status) {
			t.Helper()
			if wrong := status(r, want); wrong != "" {
				t.Errorf("%s: %s", what, wrong)
			}
		}
		made := tn.push(a, a.op(uid, "create", 0, m{"title": "Tag"}))[0]
		check("creation", made, sync.Applied)
		check("the same entity again", tn.push(b, b.op(uid, "create", 0, m{"title": "Autre"}))[0], sync.Duplicate)

		// Different fields: both kept.
		check("title", tn.push(a, a.op(uid, "set", 1, set("title", "Tag bleu")))[0], sync.Applied)
		check("place, on the same version", tn.push(b, b.op(uid, "set", 1, set("place", "Mur")))[0], sync.Applied)
		// The same scalar twice: the server's stays, the other becomes a proposal.
		r := tn.push(b, b.op(uid, "set", 1, set("title", "Tag rouge")))[0]
		check("title, on an old version", r, sync.Conflict)
		if string(r.Server) != `"Tag bleu"` || r.ServerAt == 0 {
			t.Errorf("the conflict shows %s of version %d", r.Server, r.ServerAt)
		}
		check("the same value", tn.push(b, b.op(uid, "set", 1, set("title", "Tag bleu")))[0], sync.Duplicate)
		// The device's own later operation, made on the version it knew, is no conflict.
		check("its own next one", tn.push(a, a.op(uid, "set", 1, set("title", "Tag vert")))[0], sync.Applied)
		// The office in between is one.
		tn.office(uid, "title", "Bureau", "title")
		check("after the office", tn.push(a, a.op(uid, "set", 1, set("title", "Terrain")))[0], sync.Conflict)

		// Commutative.
		check("note", tn.push(a, a.op(uid, "note", 1, m{"text": "un"}))[0], sync.Applied)
		check("note of the other", tn.push(b, b.op(uid, "note", 1, m{"text": "deux"}))[0], sync.Applied)
		// State: forward stands, what is behind is no news, the chief's end is a conflict.
		check("done", tn.push(a, a.op(uid, "state", 1, m{"to": "done"}))[0], sync.Applied)
		check("started, late", tn.push(b, b.op(uid, "state", 1, m{"to": "started"}))[0], sync.Duplicate)
		tn.office(uid, "state", "cancelled", "state")
		check("done, after the chief", tn.push(b, b.op(uid, "state", 1, m{"to": "done"}))[0], sync.Conflict)

		// Checklist: the latest by corrected time.
		late, early := a.op(uid, "check", 1, m{"key": "zone", "verdict": "ok"}), b.op(uid, "check", 1, m{"key": "zone", "verdict": "nok"})
		late.At, early.At = time.Now().Add(-10*time.Minute).UnixMilli(), time.Now().Add(-30*time.Minute).UnixMilli()
		check("the later tick", tn.push(a, late)[0], sync.Applied)
		if r := tn.push(b, early)[0]; r.Status != sync.Applied || !r.Superseded {
			t.Errorf("the earlier tick: %+v", r)
		}
		got := tn.read(uid)
		if got.Title != "Bureau" || got.Place != "Mur" || got.State != "cancelled" || got.Lines["check:zone"] != "ok" || len(got.Lines) != 3 {
			t.Errorf("the sheet is %+v", got)
		}

		// Deleted: what still comes is a proposal on the tombstone.
		if err := tn.h.Update(t.Context(), func(tx *store.Tx) error { return tn.s.Remove(t.Context(), tx, "sheet", uid) }); err != nil {
			t.Fatal(err)
		}
		before := len(tn.proposals(uid))
		check("a note on a tombstone", tn.push(a, a.op(uid, "note", 1, m{"text": "trop tard"}))[0], sync.Conflict)
		if n := len(tn.proposals(uid)); n != before+1 {
			t.Errorf("%d proposals, %d before", n, before)
		}
		// Nothing was lost: every operation is in the journal.
		var n int
		if err := tn.h.View(t.Context(), func(tx *store.Tx) error {
			return tx.Get(t.Context(), &n, `SELECT COUNT(*) FROM sync_op WHERE territory_id = @territory`)
		}); err != nil || int64(n) != a.seq+b.seq {
			t.Errorf("%d operations in the journal, %d sent (%v)", n, a.seq+b.seq, err)
		}
	})
}

// TestProposalsAreSettled by the office and by the device.
func TestProposalsAreSettled(t *testing.T) {
	storetest.Each(t, migrations(), func(t *testing.T, db *store.DB) {
		tn := newTown(t, db)
		a := newPhone(1)
		uid := sync.NewUUID(time.Now())
		tn.push(a, a.op(uid, "create", 0, m{"title": "Un"}))
		tn.office(uid, "title", "Bureau", "title")
		conflict := a.op(uid, "set", 1, set("title", "Terrain"))
		tn.push(a, conflict)
		if r := tn.push(a, a.op(uid, "resolve", 0, m{"proposal": conflict.ID, "choice": "mine"}))[0]; r.Status != sync.Applied {
			t.Fatalf("settling: %+v", r)
		}
		if got := tn.read(uid).Title; got != "Terrain" || len(tn.proposals(uid)) != 0 {
			t.Errorf("the title is %q, %d proposals wait", got, len(tn.proposals(uid)))
		}
		if r := tn.push(a, a.op(uid, "resolve", 0, m{"proposal": conflict.ID, "choice": "theirs"}))[0]; r.Status != sync.Duplicate {
			t.Errorf("settling again: %+v", r)
		}
		// The office keeps its own; somebody else's entity cannot be settled through this one.
		tn.office(uid, "title", "Bureau 2", "title")
		second := a.op(uid, "set", 1, set("title", "Terrain 2"))
		tn.push(a, second)
		other := sync.NewUUID(time.Now())
		tn.push(a, a.op(other, "create", 0, m{"title": "Autre"}))
		if r := tn.push(a, a.op(other, "resolve", 0, m{"proposal": second.ID, "choice": "mine"}))[0]; r.Status != sync.Rejected {
			t.Errorf("through another entity: %+v", r)
		}
		if err := tn.h.Update(t.Context(), func(tx *store.Tx) error {
			return tn.s.Resolve(t.Context(), tx, "sheet", second.ID, sync.Theirs, who(9))
		}); err != nil {
			t.Fatal(err)
		}
		if got := tn.read(uid).Title; got != "Bureau 2" || len(tn.proposals(uid)) != 0 {
			t.Errorf("the title is %q, %d proposals wait", got, len(tn.proposals(uid)))
		}
	})
}

// TestHostileOperations: replayed, altered, forged, malformed, on what is not
// there, of another person: a clear answer each, nothing else stopped.
func TestHostileOperations(t *testing.T) {
	storetest.Each(t, migrations(), func(t *testing.T, db *store.DB) {
		tn := newTown(t, db)
		a := newPhone(1)
		uid := sync.NewUUID(time.Now())
		create := a.op(uid, "create", 0, m{"title": "Tag"})
		note := a.op(uid, "note", 0, m{"text": "un"})
		first := tn.push(a, create, note)
		for range 3 { // an answer that was lost
			if again := tn.push(a, create, note); !reflect.DeepEqual(again, first) {
				t.Errorf("the replay answers %+v, the first time %+v", again, first)
			}
		}
		altered := note
		altered.Payload = json.RawMessage(`{"text":"autre"}`)
		forged := a.op(uid, "note", 0, m{"text": "forgé"})
		forged.Actor = 2
		reused := a.op(uid, "note", 0, m{"text": "deux"})
		reused.Seq = note.Seq
		stranger := a.op(uid, "note", 0, m{"text": "x"})
		stranger.Kind = "person"
		unknown := a.op(uid, "erase", 0, m{})
		orphan := a.op(sync.NewUUID(time.Now()), "note", 0, m{"text": "avant sa création"})
		boom := a.op(uid, "set", 0, set("title", "boom"))
		crash := a.op(uid, "note", 0, m{"text": "crash"})
		good := a.op(uid, "note", 0, m{"text": "la bonne"})
		badID := a.op(uid, "note", 0, m{"text": "x"})
		badID.ID = "1"
		negative := a.op(uid, "note", 0, m{"text": "x"})
		negative.Base = -4
		cut := a.op(uid, "note", 0, nil)
		cut.Payload = json.RawMessage(`{"text":`)
		for _, x := range []struct {
			name   string
			op     sync.Op
			status sync.Status
			reason string
		}{{"altered", altered, sync.Rejected, "altered"}, {"of somebody else", forged, sync.Later, "actor"}, {"order number used", reused, sync.Rejected, "seq"}, {"kind", stranger, sync.Rejected, "kind"},
			{"type", unknown, sync.Rejected, "type"}, {"on nothing", orphan, sync.Later, "entity"}, {"refused after writing", boom, sync.Rejected, "boom"}, {"identifier", badID, sync.Rejected, "op_id"},
			{"version", negative, sync.Rejected, "base_version"}, {"the program fails", crash, sync.Later, "internal"}} {
			rs := tn.push(a, x.op, good)
			if rs[0].Status != x.status || rs[0].Reason != x.reason {
				t.Errorf("%s: %+v, want %s %s", x.name, rs[0], x.status, x.reason)
			}
			if rs[1].Status != sync.Applied {
				t.Errorf("%s: the one behind it: %+v", x.name, rs[1])
			}
		}
		if got := tn.read(uid); got.Title != "Tag" || len(got.Lines) != 2 {
			t.Errorf("the sheet is %+v", got)
		}
		// What could not be written as JSON at all never reaches Push; a raw payload that is no JSON is refused.
		if r := tn.push(a, cut)[0]; r.Status != sync.Rejected || r.Reason != "payload" {
			t.Errorf("cut: %+v", r)
		}
		// Its creation comes: the orphan goes through.
		if rs := tn.push(a, a.op(orphan.Entity, "create", 0, m{"title": "Plus tard"}), orphan); rs[1].Status != sync.Applied {
			t.Errorf("after its creation: %+v", rs[1])
		}
		// Its creation was refused: so is what follows.
		refused := sync.NewUUID(time.Now())
		rs := tn.push(a, a.op(refused, "create", 0, m{"title": ""}), a.op(refused, "note", 0, m{"text": "x"}))
		if rs[0].Status != sync.Rejected || rs[1].Status != sync.Rejected || rs[1].Reason != "creation" {
			t.Errorf("a refused creation: %+v", rs)
		}
		if _, err := tn.s.Push(t.Context(), tn.h, who(1), sync.Batch{Device: a.id, Ops: make([]sync.Op, sync.MaxOps+1)}); !errors.Is(err, sync.ErrTooLarge) {
			t.Errorf("too many: %v", err)
		}
		// Another person's phone, and one without the right.
		if r, err := tn.s.Push(t.Context(), tn.h, who(2), sync.Batch{Device: a.id, Ops: []sync.Op{a.op(uid, "note", 0, m{"text": "x"})}}); err != nil || r.Results[0].Status != sync.Later {
			t.Errorf("another person: %+v, %v", r, err)
		}
		b := newPhone(5)
		nobody := who(5)
		nobody.May = func(string) bool { return false }
		if r, err := tn.s.Push(t.Context(), tn.h, nobody, sync.Batch{Device: b.id, Ops: []sync.Op{b.op(uid, "note", 0, m{"text": "x"})}}); err != nil || r.Results[0].Reason != "forbidden" {
			t.Errorf("without the right: %+v, %v", r, err)
		}
	})
}

// TestClocksThatAreWrong: three days too early or too late, the journal says
// when it was.
func TestClocksThatAreWrong(t *testing.T) {
	storetest.Each(t, migrations(), func(t *testing.T, db *store.DB) {
		tn := newTown(t, db)
		for i, skew := range []time.Duration{0, 72 * time.Hour, -72 * time.Hour} {
			p := newPhone(store.ID(i + 1))
			p.skew = skew
			op := p.op(sync.NewUUID(time.Now()), "create", 0, m{"title": "Tag"})
			true1 := p.now
			measured := p.op(sync.NewUUID(time.Now()), "create", 0, m{"title": "Tag"})
			offset := -skew.Milliseconds()
			measured.Offset = &offset
			true2 := p.now
			tn.push(p, op, measured)
			for id, want := range map[string]time.Time{op.ID: true1, measured.ID: true2} {
				var at time.Time
				if err := tn.h.View(t.Context(), func(tx *store.Tx) error {
					return tx.Get(t.Context(), &at, `SELECT happened_at FROM sync_op WHERE territory_id = @territory AND id = ?`, id)
				}); err != nil {
					t.Fatal(err)
				}
				if d := at.Sub(want); d < -5*time.Second || d > 5*time.Second {
					t.Errorf("clock wrong by %v: the time is wrong by %v", skew, d)
				}
			}
		}
	})
}

// device is a phone with its memory, for the property.
type device struct {
	*phone
	outbox  []sync.Op
	rows    map[string]sync.Row
	cursor  int64
	results map[string]sync.Result
}

func (d *device) pull(tn *town) {
	full := false
	first := true
	for range 100 {
		c, err := tn.s.Pull(context.Background(), tn.h, who(d.person), sync.Asked{Device: d.id, Since: d.cursor, Full: full && !first})
		if err != nil {
			tn.t.Fatal(err)
		}
		if c.Full && first {
			full = true
			clear(d.rows)
		}
		for _, r := range c.Rows {
			if r.Gone {
				delete(d.rows, r.Entity)
			} else {
				d.rows[r.Entity] = r
			}
		}
		d.cursor, first = c.Cursor, false
		if !c.More {
			return
		}
	}
	tn.t.Fatal("the pull never ends")
}

// TestAnyInterleavingConverges: three devices work, lose answers, send again,
// out of order, while the office changes things. When all is quiet every device
// reads what the server has, every operation is in the journal once, and every
// value that was typed is in a field, in a proposal, or superseded by one of
// its own device.
func TestAnyInterleavingConverges(t *testing.T) {
	db := storetest.Open(t, storetest.SQLiteDSN(t), clock.System{}, migrations())
	s, err := sync.New(sheets{})
	if err != nil {
		t.Fatal(err)
	}
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		tn := &town{t, s, db.In(fmt.Sprintf("t%d", run))}
		var entities []string
		devices := make([]*device, 3)
		for i := range devices {
			devices[i] = &device{phone: newPhone(store.ID(i + 1)), rows: map[string]sync.Row{}, results: map[string]sync.Result{}}
		}
		sent := map[string]sync.Op{}
		deliver := func(d *device, ops []sync.Op, lost bool) {
			if len(ops) == 0 {
				return
			}
			for i, r := range tn.push(d.phone, ops...) {
				if was, ok := d.results[ops[i].ID]; ok && !reflect.DeepEqual(normal(was), normal(r)) {
					rt.Fatalf("%s was answered %+v, then %+v", ops[i].Type, was, r)
				}
				if r.Status == sync.Later {
					continue
				}
				d.results[ops[i].ID] = r
				if !lost {
					d.outbox = slices.DeleteFunc(d.outbox, func(o sync.Op) bool { return o.ID == r.ID })
				}
			}
		}
		steps := rapid.IntRange(5, 60).Draw(rt, "steps")
		for range steps {
			d := devices[rapid.IntRange(0, 2).Draw(rt, "device")]
			switch what := rapid.IntRange(0, 9).Draw(rt, "what"); {
			case what <= 4:
				if len(entities) == 0 || what == 0 && len(entities) < 4 {
					uid := sync.NewUUID(time.Now())
					entities = append(entities, uid)
					d.outbox = append(d.outbox, d.op(uid, "create", 0, m{"title": "né de " + d.id}))
				} else {
					uid := entities[rapid.IntRange(0, len(entities)-1).Draw(rt, "entity")]
					base := d.rows[uid].Version
					word := fmt.Sprintf("%s-%d", d.id[:8], d.seq)
					kind := rapid.SampledFrom([]string{"set", "note", "state", "check"}).Draw(rt, "kind")
					payload := map[string]m{"set": set(rapid.SampledFrom([]string{"title", "place"}).Draw(rt, "field"), word), "note": {"text": word}, "state": {"to": rapid.SampledFrom([]string{"started", "done"}).Draw(rt, "to")},
						"check": {"key": "a", "verdict": word}}[kind]
					d.outbox = append(d.outbox, d.op(uid, kind, base, payload))
				}
				sent[d.outbox[len(d.outbox)-1].ID] = d.outbox[len(d.outbox)-1]
			case what <= 6: // a push, perhaps of a part, perhaps out of order, perhaps without an answer
				ops := slices.Clone(d.outbox[:rapid.IntRange(0, len(d.outbox)).Draw(rt, "part")])
				if rapid.Bool().Draw(rt, "shuffled") {
					seed := rapid.Uint64().Draw(rt, "seed")
					rand.New(rand.NewPCG(seed, 1)).Shuffle(len(ops), func(i, j int) { ops[i], ops[j] = ops[j], ops[i] })
				}
				deliver(d, ops, rapid.Bool().Draw(rt, "lost"))
			case what == 7:
				d.pull(tn)
			case len(entities) > 0:
				uid := entities[rapid.IntRange(0, len(entities)-1).Draw(rt, "entity")]
				if tn.read(uid).Title != "" {
					tn.office(uid, "title", fmt.Sprint("bureau ", rapid.IntRange(0, 3).Draw(rt, "n")), "title")
				}
			}
		}
		for range 4 { // calm: creations may have to come first
			for _, d := range devices {
				deliver(d, slices.Clone(d.outbox), false)
			}
		}
		for _, d := range devices {
			if len(d.outbox) > 0 {
				rt.Fatalf("%d operations never got their answer", len(d.outbox))
			}
			d.pull(tn)
			for uid, r := range d.rows {
				var got content
				if err := json.Unmarshal(r.Data, &got); err != nil {
					rt.Fatal(err)
				}
				if want := tn.read(uid); !reflect.DeepEqual(got, want) {
					rt.Fatalf("a device reads %+v, the server has %+v", got, want)
				}
			}
			if !slices.Equal(slices.Sorted(maps.Keys(d.rows)), slices.Sorted(maps.Keys(devices[0].rows))) {
				rt.Fatalf("two devices read other entities")
			}
		}
		var journal int
		if err := tn.h.View(context.Background(), func(tx *store.Tx) error {
			return tx.Get(context.Background(), &journal, `SELECT COUNT(*) FROM sync_op WHERE territory_id = @territory`)
		}); err != nil || journal != len(sent) {
			rt.Fatalf("%d operations in the journal, %d made (%v)", journal, len(sent), err)
		}
		for _, uid := range entities {
			got := tn.read(uid)
			for _, op := range sent {
				if op.Entity == uid && op.Type == "note" {
					if got.Lines["note:"+op.ID] == "" {
						rt.Fatalf("a note is lost: %s", op.Payload)
					}
					delete(got.Lines, "note:"+op.ID)
				}
			}
			for k := range got.Lines {
				if k != "check:a" {
					rt.Fatalf("a line nobody wrote, or twice: %s", k)
				}
			}
		}
	})
}

// normal leaves out what JSON spaces differently.
func normal(r sync.Result) sync.Result {
	var v any
	_ = json.Unmarshal(r.Server, &v)
	r.Server, _ = json.Marshal(v)
	return r
}

// TestScopesTombstonesAndOldCursors: who sees what, what has left, who comes
// back after long.
func TestScopesTombstonesAndOldCursors(t *testing.T) {
	storetest.Each(t, migrations(), func(t *testing.T, db *store.DB) {
		tn := newTown(t, db)
		a := newPhone(1)
		one, two := sync.NewUUID(time.Now()), sync.NewUUID(time.Now())
		tn.push(a, a.op(one, "create", 0, m{"title": "Un"}), a.op(two, "create", 0, m{"title": "Deux"}))
		tn.office(one, "place", "crew:1", "place")
		crew := func(names ...string) sync.Who { return sync.Who{Person: 7, Scopes: names} }
		pull := func(w sync.Who, since int64) sync.Changes {
			t.Helper()
			c, err := tn.s.Pull(t.Context(), tn.h, w, sync.Asked{Since: since})
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		if c := pull(crew("crew:2"), 0); len(c.Rows) != 1 || c.Rows[0].Entity != two || !c.Full {
			t.Errorf("the other team reads %+v", c)
		}
		mine := pull(crew("crew:1"), 0)
		if len(mine.Rows) != 2 {
			t.Errorf("the team reads %+v", mine)
		}
		// It goes to another team: a tombstone without a word of it.
		tn.office(one, "place", "crew:2", "place")
		if c := pull(crew("crew:1"), mine.Cursor); len(c.Rows) != 1 || !c.Rows[0].Gone || c.Rows[0].Data != nil || c.Full {
			t.Errorf("what has left is %+v", c)
		}
		if c := pull(crew("crew:2"), mine.Cursor); len(c.Rows) != 1 || c.Rows[0].Gone {
			t.Errorf("what has come is %+v", c)
		}
		if err := tn.h.Update(t.Context(), func(tx *store.Tx) error { return tn.s.Remove(t.Context(), tx, "sheet", two) }); err != nil {
			t.Fatal(err)
		}
		if err := tn.h.Update(t.Context(), func(tx *store.Tx) error {
			n, err := sync.PurgeTombstones(t.Context(), tx, tx.Now().Add(time.Hour), 100)
			if n != 1 {
				t.Errorf("%d tombstones purged", n)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		// Before the floor: everything again. A cursor of the future: the same.
		for _, since := range []int64{mine.Cursor, 1 << 40} {
			if c := pull(crew("crew:2"), since); !c.Full || len(c.Rows) != 1 || c.Rows[0].Entity != one {
				t.Errorf("since %d: %+v", since, c)
			}
		}
		// A lost phone.
		if err := tn.h.Update(t.Context(), func(tx *store.Tx) error { return tn.s.Revoke(t.Context(), tx, a.id) }); err != nil {
			t.Fatal(err)
		}
		r, err := tn.s.Push(t.Context(), tn.h, who(1), sync.Batch{Device: a.id, Ops: []sync.Op{a.op(one, "note", 0, m{"text": "volé"})}})
		if err != nil || !r.Revoked || len(r.Results) != 0 {
			t.Errorf("a revoked device is answered %+v, %v", r, err)
		}
		if c, err := tn.s.Pull(t.Context(), tn.h, who(1), sync.Asked{Device: a.id}); err != nil || !c.Revoked || len(c.Rows) != 0 {
			t.Errorf("a revoked device reads %+v, %v", c, err)
		}
	})
}

func TestIdentifiers(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		id := sync.NewUUID(time.Now())
		if !sync.IsUUID(id) || seen[id] {
			t.Fatalf("%q", id)
		}
		seen[id] = true
	}
	for _, bad := range []string{"", "0198c2c0-0000-4000-8000-000000000000", "0198C2C0-0000-7000-8000-000000000000", "0198c2c0-0000-7000-c000-000000000000", "0198c2c000007000800000000000000000000", "0198c2c0-0000-7000-8000-00000000000' "} {
		if sync.IsUUID(bad) {
			t.Errorf("%q is taken", bad)
		}
	}
	if early, late := sync.NewUUID(time.UnixMilli(1000)), sync.NewUUID(time.UnixMilli(2000)); early >= late {
		t.Error("identifiers do not sort by time")
	}
}
