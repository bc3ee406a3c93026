package dossier_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parvis/engine/dossier"
	"parvis/platform/calendar"
	"parvis/platform/clock"
	"parvis/platform/fault"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/store/storetest"
)

func kind() dossier.Kind {
	return dossier.Kind{Name: "claim", Label: "demo.claim", DueIn: 5, MergeTo: "refused", Reopen: 30 * 24 * time.Hour, ReopenTo: "studied", Messages: true, Keep: 365 * 24 * time.Hour,
		Stages: []dossier.Stage{
			{Name: "received", Label: "demo.received", Next: []string{"studied", "refused"}},
			{Name: "studied", Label: "demo.studied", Next: []string{"received", "done", "refused"}},
			{Name: "done", Label: "demo.done", Final: true, Tone: "ok"},
			{Name: "refused", Label: "demo.refused", Final: true},
		}}
}

// heard collects what happens.
type heard struct {
	mu    sync.Mutex
	list  []string
	after func(n int) // called with the number of events so far
}

func (h *heard) Append(_ context.Context, _ *store.Tx, kind, subject string, _ any) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.list = append(h.list, kind+" "+subject)
	if h.after != nil {
		h.after(len(h.list))
	}
	return nil
}

type bench struct {
	*dossier.Engine
	db      *store.DB
	h       store.Handle
	clock   *clock.Fake
	events  *heard
	removed []string
	n       int
}

var (
	resident = dossier.Author{Kind: dossier.Resident}
	staff    = dossier.Author{Kind: dossier.Staff, ID: 7}
)

func newBench(t *testing.T, db *store.DB, clk *clock.Fake) *bench {
	t.Helper()
	b := &bench{db: db, h: db.In("c86281"), clock: clk, events: &heard{}}
	e, err := dossier.New(dossier.Config{
		Place: func(_ context.Context, territory string) (dossier.Place, error) {
			return dossier.Place{Letters: dossier.Letters(map[string]string{"c86281": "Vouneuil", "c86194": "Poitiers"}[territory]), Zone: calendar.ZoneMainland}, nil
		},
		Events: b.events,
		Contacts: func(_ context.Context, _ *store.Tx, id store.ID) ([]string, []string, error) {
			if id != 12 {
				return nil, nil, store.ErrNotFound
			}
			return []string{"+33639981234"}, []string{"new@exemple.fr"}, nil
		},
		RemoveFile: func(_ context.Context, _ *store.Tx, key string) error { b.removed = append(b.removed, key); return nil },
	}, kind(), dossier.Kind{Name: "quick", Label: "demo.quick", Keep: time.Hour, Stages: []dossier.Stage{{Name: "open", Label: "demo.received", Next: []string{"shut"}}, {Name: "shut", Label: "demo.done", Final: true}}})
	if err != nil {
		t.Fatal(err)
	}
	b.Engine = e
	return b
}

// monday is an ordinary one: no public holiday near.
var monday = time.Date(2026, 11, 23, 8, 30, 0, 0, time.UTC)

func each(t *testing.T, body func(t *testing.T, b *bench)) {
	t.Helper()
	storetest.EachClock(t, []store.Migration{dossier.Migration()}, func(t *testing.T, db *store.DB, clk *clock.Fake) {
		clk.Set(monday)
		body(t, newBench(t, db, clk))
	})
}

func (b *bench) opening() dossier.Opening {
	b.n++
	return dossier.Opening{Kind: "claim", Subject: fmt.Sprint("claim:", b.n), Title: "Lampadaire éteint", Channel: dossier.Web, By: resident,
		Phone: "+33639980001", Email: "Rose@Exemple.fr"}
}

func (b *bench) open(t *testing.T, o dossier.Opening) dossier.Dossier {
	t.Helper()
	return do(t, b.h, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) { return b.Open(ctx, tx, o) })
}

// do runs one write and fails the test on error.
func do[T any](t *testing.T, h store.Handle, fn func(ctx context.Context, tx *store.Tx) (T, error)) T {
	t.Helper()
	out, err := try(t, h, fn)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func try[T any](t testing.TB, h store.Handle, fn func(ctx context.Context, tx *store.Tx) (T, error)) (out T, err error) {
	t.Helper()
	err = h.Update(t.Context(), func(tx *store.Tx) error {
		var err error
		out, err = fn(t.Context(), tx)
		return err
	})
	return out, err
}

func (b *bench) timeline(t testing.TB, id store.ID, public bool) []dossier.Entry {
	t.Helper()
	out, err := try(t, b.h, func(ctx context.Context, tx *store.Tx) ([]dossier.Entry, error) {
		return b.Timeline(ctx, tx, id, public)
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestFromReceiptToReopening(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.opening()
		o.Text = "  Il fait nuit. \r\n Merci.  "
		d := b.open(t, o)
		if d.Number != "V-2026-00001" || d.Stage != "received" || d.Token == "" {
			t.Fatalf("%+v", d)
		}
		if want := time.Date(2026, 11, 30, 23, 0, 0, 0, time.UTC); !d.DueAt.Equal(want) { // end of Monday 30, Paris
			t.Errorf("due %v, want %v", d.DueAt, want)
		}
		id := d.ID
		d = do(t, b.h, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
			return b.Assign(ctx, tx, id, staff, 7, 3)
		})
		d = do(t, b.h, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
			return b.Advance(ctx, tx, id, staff, "studied")
		})
		do(t, b.h, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
			return b.Note(ctx, tx, id, staff, "Voir avec Marc")
		})
		do(t, b.h, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
			return b.Pause(ctx, tx, id, staff, "Il manque l’adresse")
		})
		b.clock.Advance(50 * time.Hour)
		d = do(t, b.h, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) { return b.Resume(ctx, tx, id, staff) })
		if want := time.Date(2026, 12, 3, 1, 0, 0, 0, time.UTC); !d.DueAt.Equal(want) || d.PausedMicros != (50*time.Hour).Microseconds() {
			t.Errorf("due %v after a pause of 50 h, want %v", d.DueAt, want)
		}
		d = do(t, b.h, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
			return b.Close(ctx, tx, id, staff, "done", "Réparé mercredi.")
		})
		if !d.Closed() || d.Stage != "done" {
			t.Errorf("%+v", d)
		}
		b.clock.Advance(29 * 24 * time.Hour)
		d = do(t, b.h, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
			return b.Reopen(ctx, tx, id, resident, "Éteint de nouveau")
		})
		if d.Closed() || d.Stage != "studied" || d.Reopened != 1 || d.OwnerID != 7 || d.Number != "V-2026-00001" {
			t.Errorf("%+v", d)
		}
		var lines []string
		for _, x := range b.timeline(t, id, true) {
			lines = append(lines, strings.TrimSpace(string(x.Kind)+" "+x.TextKey+" "+x.Body))
		}
		want := []string{"stage demo.received", "message  Il fait nuit. \n Merci.", "stage demo.studied", "pause dossier.entry.paused Il manque l’adresse",
			"pause dossier.entry.resumed", "stage demo.done Réparé mercredi.", "reopen dossier.entry.reopened Éteint de nouveau"}
		if diff := cmp.Diff(want, lines); diff != "" {
			t.Errorf("public timeline (-want +got):\n%s", diff)
		}
		if all := b.timeline(t, id, false); len(all) != len(want)+2 {
			t.Errorf("%d entries in all", len(all))
		}
		if got := strings.Join(b.events.list, ", "); got != "dossier.opened claim:1, dossier.assigned claim:1, dossier.advanced claim:1, dossier.paused claim:1, dossier.resumed claim:1, dossier.closed claim:1, dossier.reopened claim:1" {
			t.Errorf("events: %s", got)
		}
		again, err := try(t, b.h, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
			return b.BySubject(ctx, tx, "claim:1")
		})
		if err != nil || again.ID != id || again.Email != "rose@exemple.fr" {
			t.Errorf("by subject: %+v, %v", again, err)
		}
	})
}

func TestRefusals(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		d := b.open(t, b.opening())
		type step = func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error)
		tests := []struct {
			name string
			kind fault.Kind
			do   step
		}{
			{"stage that may not follow", fault.Conflict, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
				return b.Advance(ctx, tx, d.ID, staff, "done")
			}},
			{"unknown stage", fault.Conflict, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
				return b.Advance(ctx, tx, d.ID, staff, "moon")
			}},
			{"closing without reason", fault.Invalid, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
				return b.Close(ctx, tx, d.ID, staff, "refused", "  ")
			}},
			{"closing on an open stage", fault.Conflict, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
				return b.Close(ctx, tx, d.ID, staff, "studied", "x")
			}},
			{"reopening what is open", fault.Conflict, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
				return b.Reopen(ctx, tx, d.ID, resident, "x")
			}},
			{"resuming what runs", fault.Conflict, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
				return b.Resume(ctx, tx, d.ID, staff)
			}},
			{"empty message", fault.Invalid, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
				return b.Say(ctx, tx, d.ID, resident, " \n ")
			}},
			{"endless message", fault.Invalid, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
				return b.Say(ctx, tx, d.ID, resident, strings.Repeat("é", 10_001))
			}},
			{"unreadable message", fault.Invalid, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
				return b.Say(ctx, tx, d.ID, resident, "a\x00b")
			}},
			{"not there", fault.NotFound, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
				return b.Say(ctx, tx, d.ID+1, resident, "a")
			}},
			{"no title", fault.Invalid, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
				o := b.opening()
				o.Title = " "
				return b.Open(ctx, tx, o)
			}},
			{"unknown kind", fault.Internal, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
				o := b.opening()
				o.Kind = "moon"
				return b.Open(ctx, tx, o)
			}},
			{"the same subject twice", fault.Conflict, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
				o := b.opening()
				o.Subject = d.SubjectRef
				return b.Open(ctx, tx, o)
			}},
		}
		for _, test := range tests {
			if _, err := try(t, b.h, test.do); !fault.Is(err, test.kind) {
				t.Errorf("%s: %v", test.name, err)
			}
		}
		if n := len(b.timeline(t, d.ID, false)); n != 1 {
			t.Errorf("the refusals left %d entries", n)
		}
		do(t, b.h, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
			return b.Close(ctx, tx, d.ID, staff, "refused", "Non")
		})
		b.clock.Advance(30*24*time.Hour + time.Second)
		if _, err := try(t, b.h, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
			return b.Reopen(ctx, tx, d.ID, resident, "x")
		}); !fault.Is(err, fault.Gone) {
			t.Errorf("reopening too late: %v", err)
		}
		if _, err := try(t, b.h, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
			return b.Pause(ctx, tx, d.ID, staff, "x")
		}); !fault.Is(err, fault.Conflict) {
			t.Errorf("pausing what is closed: %v", err)
		}
	})
}

func TestLogIsReadByTheRequester(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		d := b.open(t, b.opening())
		do(t, b.h, func(ctx context.Context, tx *store.Tx) (struct{}, error) {
			return struct{}{}, b.Log(ctx, tx, d.ID, staff, "demo.moved", map[string]string{"Day": "mardi"})
		})
		lines := b.timeline(t, d.ID, true)
		if last := lines[len(lines)-1]; last.TextKey != "demo.moved" || last.Args["Day"] != "mardi" {
			t.Errorf("%+v", last)
		}
	})
}

func TestTheTimelineCannotBeRewritten(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		d := b.open(t, b.opening())
		_, err := try(t, b.h, func(ctx context.Context, tx *store.Tx) (int64, error) {
			return tx.Exec(ctx, `UPDATE dossier_entry SET body = 'x' WHERE territory_id = @territory AND dossier_id = ?`, d.ID)
		})
		if err == nil || !strings.Contains(err.Error(), "append-only") {
			t.Errorf("the database let it be rewritten: %v", err)
		}
	})
}

func TestStrangersSeeNothing(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		d := b.open(t, b.opening())
		stranger := b.db.In("c86194")
		for name, fn := range map[string]func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error){
			"get": func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) { return b.Get(ctx, tx, d.ID) },
			"subject": func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
				return b.BySubject(ctx, tx, d.SubjectRef)
			},
			"token": func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) { return b.ByToken(ctx, tx, d.Token) },
			"contact": func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
				return b.ByContact(ctx, tx, d.Number, d.Phone)
			},
			"advance": func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
				return b.Advance(ctx, tx, d.ID, staff, "studied")
			},
			"say": func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
				return b.Say(ctx, tx, d.ID, staff, "x")
			},
		} {
			if _, err := try(t, stranger, fn); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if list := do(t, stranger, func(ctx context.Context, tx *store.Tx) ([]dossier.Dossier, error) {
			return b.List(ctx, tx, dossier.Filter{}, dossier.Cursor{}, 10)
		}); len(list) != 0 {
			t.Errorf("a stranger lists %v", list)
		}
		if err := stranger.Update(t.Context(), func(tx *store.Tx) error { return b.Erase(t.Context(), tx, d.ID) }); err != nil {
			t.Fatal(err)
		}
		if n := len(b.timeline(t, d.ID, false)); n != 1 {
			t.Errorf("a stranger erased the timeline: %d entries", n)
		}
		other := do(t, stranger, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) { return b.Open(ctx, tx, b.opening()) })
		if other.Number != "P-2026-00001" {
			t.Errorf("the numbers of two territories mix: %s", other.Number)
		}
	})
}

func TestFindingAgain(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.opening()
		o.RequesterID = 12
		d := b.open(t, o)
		short := do(t, b.h, func(ctx context.Context, tx *store.Tx) (string, error) { return b.NewLink(ctx, tx, d.ID, time.Hour) })
		found := func(fn func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error)) bool {
			got, err := try(t, b.h, fn)
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				t.Fatal(err)
			}
			return err == nil && got.ID == d.ID
		}
		byContact := func(number, contact string) bool {
			return found(func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
				return b.ByContact(ctx, tx, number, contact)
			})
		}
		for _, ok := range [][2]string{{"V-2026-00001", "06 39 98 00 01"}, {"v 2026 1", "+33 6 39 98 00 01"}, {"V202600001", " ROSE@exemple.fr "},
			{"v–2026–0001", "new@exemple.fr"}, {"V-2026-00001", "06.39.98.12.34"}} {
			if !byContact(ok[0], ok[1]) {
				t.Errorf("%v does not find it", ok)
			}
		}
		for _, no := range [][2]string{{"V-2026-00001", "06 39 98 00 02"}, {"V-2026-00002", "06 39 98 00 01"}, {"P-2026-00001", "06 39 98 00 01"},
			{"V-2026-00001", ""}, {"", ""}, {"V-2026-00001", "x@exemple.fr"}, {"V-2026-00001", "%"}, {"V-2025-00001", "06 39 98 00 01"}} {
			if byContact(no[0], no[1]) {
				t.Errorf("%v finds it", no)
			}
		}
		byToken := func(token string) bool {
			return found(func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) { return b.ByToken(ctx, tx, token) })
		}
		if !byToken(d.Token) || !byToken(short) || byToken("") || byToken(strings.Repeat("a", 32)) {
			t.Error("links")
		}
		b.clock.Advance(time.Hour)
		if byToken(short) || !byToken(d.Token) {
			t.Error("a short link lives too long, or the long one too short")
		}
		purged := do(t, b.db.System("test: links of every territory"), func(ctx context.Context, tx *store.Tx) (int64, error) {
			return dossier.PurgeLinks(ctx, tx, b.clock.Now().Add(time.Second), 10)
		})
		if purged != 1 {
			t.Errorf("%d links purged", purged)
		}
	})
}

func TestWithoutContactNobodyFinds(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.opening()
		o.Phone, o.Email = "", ""
		d := b.open(t, o)
		for _, contact := range []string{"", " ", "@", "0"} {
			if _, err := try(t, b.h, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
				return b.ByContact(ctx, tx, d.Number, contact)
			}); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%q: %v", contact, err)
			}
		}
	})
}

func TestQueue(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		var ids []store.ID
		for i := range 25 {
			o := b.opening()
			o.Title = fmt.Sprint("Rue de l’Église, n° ", i)
			o.OwnerID, o.TeamID = store.ID(i%3), store.ID(i%2)
			if i%5 == 4 {
				o.Kind = "quick" // no due date
			}
			ids = append(ids, b.open(t, o).ID)
			b.clock.Advance(24 * time.Hour)
		}
		do(t, b.h, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
			return b.Pause(ctx, tx, ids[0], staff, "x")
		})
		do(t, b.h, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
			return b.Close(ctx, tx, ids[1], staff, "refused", "x")
		})
		now := b.clock.Now()
		pages := func(f dossier.Filter, size int) []dossier.Dossier {
			var all []dossier.Dossier
			var at dossier.Cursor
			for range 30 {
				page := do(t, b.h, func(ctx context.Context, tx *store.Tx) ([]dossier.Dossier, error) {
					return b.List(ctx, tx, f, at, size)
				})
				if len(page) == 0 {
					return all
				}
				all = append(all, page...)
				at = f.Cursor(page[len(page)-1])
			}
			t.Fatal("the list does not end")
			return nil
		}
		all := pages(dossier.Filter{}, 4)
		if len(all) != 24 || !all[0].Late(now) || all[23].Late(now) {
			t.Fatalf("%d requests", len(all))
		}
		if !slices.IsSortedFunc(all, func(x, y dossier.Dossier) int {
			if x.Late(now) != y.Late(now) {
				if x.Late(now) {
					return -1
				}
				return 1
			}
			return 0
		}) {
			t.Error("what is late does not come first")
		}
		late := 0
		for _, d := range all {
			if d.Late(now) {
				late++
			}
		}
		count := do(t, b.h, func(ctx context.Context, tx *store.Tx) (dossier.Counts, error) {
			return b.Count(ctx, tx, dossier.Filter{}, 2)
		})
		want := dossier.Counts{All: 24, Late: late, Paused: 1}
		for _, d := range all {
			if d.OwnerID == 2 {
				want.Mine++
				if d.Late(now) {
					want.MineLate++
				}
			}
			if d.OwnerID == 0 {
				want.Nobodys++
			}
		}
		if diff := cmp.Diff(want, count); diff != "" {
			t.Errorf("counts (-want +got):\n%s", diff)
		}
		keep := func(ok func(d dossier.Dossier) bool) (n int) {
			for _, d := range all {
				if ok(d) {
					n++
				}
			}
			return n
		}
		for name, test := range map[string]struct {
			f    dossier.Filter
			want int
		}{
			"late":       {dossier.Filter{Late: true}, late},
			"mine":       {dossier.Filter{Owner: 2}, want.Mine},
			"nobody's":   {dossier.Filter{Unassigned: true}, want.Nobodys},
			"team":       {dossier.Filter{Teams: []store.ID{1}}, keep(func(d dossier.Dossier) bool { return d.TeamID == 1 })},
			"two teams":  {dossier.Filter{Teams: []store.ID{0, 1}}, 24},
			"kind":       {dossier.Filter{Kind: "quick"}, 5},
			"stage":      {dossier.Filter{Stage: "received"}, 19},
			"closed":     {dossier.Filter{Closed: true}, 1},
			"words":      {dossier.Filter{Query: "eglise RUE 12"}, 1},
			"wild cards": {dossier.Filter{Query: "100%"}, 0},
			"number":     {dossier.Filter{Query: "v 2026 3"}, 1},
		} {
			if got := len(pages(test.f, 3)); got != test.want {
				t.Errorf("%s: %d, want %d", name, got, test.want)
			}
		}
	})
}

func TestPurge(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		kept, gone := b.open(t, b.opening()), b.open(t, b.opening())
		do(t, b.h, func(ctx context.Context, tx *store.Tx) (dossier.File, error) {
			return b.Attach(ctx, tx, gone.ID, resident, dossier.File{Name: "photo.jpg", MediaType: "image/jpeg", Size: 3, StorageKey: "k1", Public: true})
		})
		if files := do(t, b.h, func(ctx context.Context, tx *store.Tx) ([]dossier.File, error) {
			return b.Files(ctx, tx, gone.ID, true)
		}); len(files) != 1 || files[0].Name != "photo.jpg" {
			t.Errorf("files %+v", files)
		}
		do(t, b.h, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
			return b.Close(ctx, tx, gone.ID, staff, "refused", "x")
		})
		sweep := func(h store.Handle) int64 {
			return do(t, h, func(ctx context.Context, tx *store.Tx) (int64, error) { return b.Purge(ctx, tx, time.Time{}, 10) })
		}
		b.clock.Advance(365*24*time.Hour - time.Second)
		if n := sweep(b.h); n != 0 {
			t.Errorf("%d erased before the time", n)
		}
		b.clock.Advance(time.Second)
		if n := sweep(b.db.In("c86194")); n != 0 {
			t.Errorf("another territory erased %d", n)
		}
		if n := sweep(b.db.System("test: every territory")); n != 1 {
			t.Errorf("%d erased", n)
		}
		if len(b.timeline(t, gone.ID, false)) != 0 || len(b.timeline(t, kept.ID, false)) != 1 || !slices.Equal(b.removed, []string{"k1"}) {
			t.Errorf("left over, or too much erased; files removed %v", b.removed)
		}
		if _, err := try(t, b.h, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
			return b.ByToken(ctx, tx, gone.Token)
		}); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("the link still opens: %v", err)
		}
	})
}

func TestNumbersHaveNoHole(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		boom := errors.New("boom")
		var group sync.WaitGroup
		for i := range 40 {
			group.Go(func() {
				err := b.h.Update(t.Context(), func(tx *store.Tx) error {
					o := dossier.Opening{Kind: "quick", Subject: fmt.Sprint("quick:", i), Title: "x", Channel: dossier.API, By: staff}
					if _, err := b.Open(t.Context(), tx, o); err != nil {
						return err
					}
					if i%4 == 3 {
						return boom
					}
					return nil
				})
				if err != nil && !errors.Is(err, boom) {
					t.Error(err)
				}
			})
		}
		group.Wait()
		b.clock.Set(time.Date(2026, 12, 31, 23, 30, 0, 0, time.UTC)) // already 2027 in Paris
		b.open(t, b.opening())
		var numbers []string
		for _, d := range do(t, b.h, func(ctx context.Context, tx *store.Tx) ([]dossier.Dossier, error) {
			return b.List(ctx, tx, dossier.Filter{}, dossier.Cursor{}, 100)
		}) {
			numbers = append(numbers, d.Number)
		}
		slices.Sort(numbers)
		if len(numbers) != 31 || numbers[0] != "V-2026-00001" || numbers[29] != "V-2026-00030" || numbers[30] != "V-2027-00001" {
			t.Errorf("numbers %v", numbers)
		}
	})
}

func TestNumbersAsPeopleWriteThem(t *testing.T) {
	for typed, want := range map[string]string{
		"V-2026-01184": "V-2026-01184", "v2026 1184": "V-2026-01184", " V – 2026 – 1184 ": "V-2026-01184", "gp.2026.7": "GP-2026-00007",
		"V-2026-123456": "V-2026-123456", "": "", "V-2026-0": "", "2026-1": "", "V-1999-1": "", "V-2026-1x": "", "V-2026": "", strings.Repeat("1", 100): "",
	} {
		got, ok := dossier.ParseNumber(typed)
		if got != want || ok != (want != "") {
			t.Errorf("%q: %q, %v", typed, got, ok)
		}
	}
	for name, want := range map[string]string{"Vouneuil": "V", "La Vienne": "V", "Grand Poitiers": "P", "L’Haÿ-les-Roses": "H", "Saint-Émilion": "E", "Le Pays": "L", "": "D", "42": "D"} {
		if got := dossier.Letters(name); got != want {
			t.Errorf("letters of %q: %q, want %q", name, got, want)
		}
	}
}

func TestKindsThatCouldLeaveARequestStuck(t *testing.T) {
	change := func(fn func(k *dossier.Kind)) dossier.Kind {
		k := kind()
		fn(&k)
		return k
	}
	for name, k := range map[string]dossier.Kind{
		"no name":            change(func(k *dossier.Kind) { k.Name = "" }),
		"no stage":           change(func(k *dossier.Kind) { k.Stages = nil }),
		"no time to keep":    change(func(k *dossier.Kind) { k.Keep = 0 }),
		"dead end":           change(func(k *dossier.Kind) { k.Stages[1].Next = nil }),
		"final but not last": change(func(k *dossier.Kind) { k.Stages[2].Next = []string{"received"} }),
		"unknown next":       change(func(k *dossier.Kind) { k.Stages[0].Next = []string{"moon"} }),
		"itself":             change(func(k *dossier.Kind) { k.Stages[0].Next = []string{"received"} }),
		"twice":              change(func(k *dossier.Kind) { k.Stages = append(k.Stages, k.Stages[0]) }),
		"opens at the end":   change(func(k *dossier.Kind) { k.Stages = k.Stages[2:] }),
		"reopens at the end": change(func(k *dossier.Kind) { k.ReopenTo = "done" }),
	} {
		if _, err := dossier.New(dossier.Config{}, k); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	if _, err := dossier.New(dossier.Config{}, kind(), kind()); err == nil {
		t.Error("the same kind twice is accepted")
	}
}

func TestCatalogues(t *testing.T) {
	e, err := dossier.New(dossier.Config{}, kind())
	if err != nil {
		t.Fatal(err)
	}
	locales := e.Service().Locales
	if err := i18n.Check(locales); err != nil {
		t.Error(err)
	}
	if err := i18n.CheckUsage(".", locales); err != nil {
		t.Error(err)
	}
}
