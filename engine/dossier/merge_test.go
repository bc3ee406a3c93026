package dossier_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"parvis/core/notify"
	"parvis/engine/dossier"
	"parvis/platform/clock"
	"parvis/platform/event"
	"parvis/platform/fault"
	"parvis/platform/store"
	"parvis/platform/store/storetest"
)

// letters keeps what would be sent.
type letters struct{ list []notify.Message }

func (l *letters) Send(_ context.Context, _ *store.Tx, m notify.Message) error {
	if !slices.ContainsFunc(l.list, func(x notify.Message) bool { return x.Key == m.Key }) {
		l.list = append(l.list, m)
	}
	return nil
}

// to are the notices that went to an address.
func (l *letters) to(address string) (out []string) {
	for _, m := range l.list {
		if m.To.Email == address {
			out = append(out, m.Notice)
		}
	}
	return out
}

// tape keeps the events, to deliver them again.
type tape struct{ list []event.Event }

func (p *tape) Append(_ context.Context, tx *store.Tx, kind, subject string, data any) error {
	raw, err := json.Marshal(data)
	p.list = append(p.list, event.Event{ID: store.NewID(), Territory: tx.Territory(), Kind: kind, Subject: subject, Data: raw})
	return err
}

type crews struct{}

func (crews) Colleagues(_ context.Context, _ string, ids []store.ID) (out []dossier.Colleague, err error) {
	for _, id := range ids {
		out = append(out, dossier.Colleague{ID: id, Name: "Agent", Email: "agent" + id.String() + "@exemple.fr", Lang: "fr"})
	}
	return out, nil
}

func (crews) Crew(_ context.Context, _ *store.Tx, team store.ID) ([]store.ID, error) {
	if team == 50 {
		return []store.ID{7, 8}, nil
	}
	return nil, nil
}

func (crews) Managers(_ context.Context, _, service string) ([]dossier.Colleague, error) {
	return []dossier.Colleague{{ID: 99, Name: "Chef", Email: "chef-" + service + "@exemple.fr"}}, nil
}

// post is a bench whose engine writes.
type post struct {
	*bench
	mail *letters
	tape *tape
}

func eachPost(t *testing.T, body func(t *testing.T, b *post)) {
	t.Helper()
	storetest.EachClock(t, []store.Migration{dossier.Migration()}, func(t *testing.T, db *store.DB, clk *clock.Fake) {
		clk.Set(monday)
		b := &post{bench: &bench{db: db, h: db.In("c86281"), clock: clk, events: &heard{}}, mail: &letters{}, tape: &tape{}}
		k := kind()
		k.Notify, k.MergeTo = true, "refused"
		secret := kind()
		secret.Name, secret.Private, secret.MergeTo, secret.Notify = "secret", true, "refused", true
		e, err := dossier.New(dossier.Config{DB: db, Events: b.tape, Hub: b.mail, Staff: crews{},
			Site: func(context.Context, *store.Tx) (dossier.Site, error) {
				return dossier.Site{URL: "https://parvis.example/vouneuil"}, nil
			},
			ReplyTo: func(token string) string { return "reponse+" + token + "@parvis.example" }}, k, secret)
		if err != nil {
			t.Fatal(err)
		}
		b.Engine = e
		body(t, b)
	})
}

// deliver gives every event to every subscriber, twice and in the wrong order.
func (b *post) deliver(t *testing.T) {
	t.Helper()
	all := slices.Concat(b.tape.list, b.tape.list)
	b.tape.list = nil
	slices.Reverse(all)
	for _, ev := range all {
		for _, s := range b.On() {
			if s.Kind == ev.Kind {
				if err := s.Do(t.Context(), ev); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

func (b *post) from(t *testing.T, kind, email string) dossier.Dossier {
	t.Helper()
	o := b.opening()
	o.Kind, o.Email, o.Phone = kind, email, ""
	return b.open(t, o)
}

// Everybody who said the same is told once of each thing, those of a merged
// request too, until they are separated or stop.
func TestFollowersAreTold(t *testing.T) {
	eachPost(t, func(t *testing.T, b *post) {
		kept, same := b.from(t, "claim", "rose@exemple.fr"), b.from(t, "claim", "lys@exemple.fr")
		me := do(t, b.h, func(ctx context.Context, tx *store.Tx) (dossier.Follower, error) {
			return b.Follow(ctx, tx, same.ID, dossier.Contact{Email: "Iris@Exemple.fr"})
		})
		again := do(t, b.h, func(ctx context.Context, tx *store.Tx) (dossier.Follower, error) {
			return b.Follow(ctx, tx, same.ID, dossier.Contact{Email: "iris@exemple.fr"})
		})
		if me.ID != again.ID {
			t.Error("somebody follows twice")
		}
		do(t, b.h, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
			return b.Merge(ctx, tx, same.ID, kept.ID, staff)
		})
		b.deliver(t)
		if got := b.mail.to("lys@exemple.fr"); !slices.Contains(got, "dossier.receipt") || !slices.Contains(got, "dossier.news") {
			t.Errorf("the requester of the merged one got %v", got)
		}
		b.mail.list = nil
		do(t, b.h, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
			return b.Advance(ctx, tx, kept.ID, staff, "studied")
		})
		do(t, b.h, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
			return b.Answer(ctx, tx, kept.ID, staff, "Pour vous seule", false)
		})
		do(t, b.h, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
			return b.Say(ctx, tx, kept.ID, resident, "Merci")
		})
		do(t, b.h, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
			return b.Note(ctx, tx, kept.ID, staff, "Entre nous")
		})
		b.deliver(t)
		for who, want := range map[string][]string{"rose@exemple.fr": {"dossier.news", "dossier.news"}, "lys@exemple.fr": {"dossier.follow"}, "iris@exemple.fr": {"dossier.follow"}} {
			if got := b.mail.to(who); !slices.Equal(got, want) {
				t.Errorf("%s got %v, want %v", who, got, want)
			}
		}
		for _, m := range b.mail.list {
			if m.Notice == "dossier.follow" && m.Data["Words"] != "" {
				t.Errorf("a follower reads %q", m.Data["Words"])
			}
		}
		do(t, b.h, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
			return b.Unmerge(ctx, tx, same.ID, staff)
		})
		if got := b.read(t, same.ID); got.Closed() || got.MergedInto != 0 || got.Stage != "received" || got.DueAt.IsZero() {
			t.Errorf("separated: %+v", got)
		}
		b.deliver(t)
		b.mail.list = nil
		do(t, b.h, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
			return b.Close(ctx, tx, kept.ID, staff, "done", "Fait")
		})
		do(t, b.h, func(ctx context.Context, tx *store.Tx) (struct{}, error) {
			return struct{}{}, b.Unfollow(ctx, tx, same.ID, me.ID)
		})
		do(t, b.h, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
			return b.Advance(ctx, tx, same.ID, staff, "studied")
		})
		b.deliver(t)
		if got := b.mail.to("lys@exemple.fr"); !slices.Equal(got, []string{"dossier.news"}) || len(b.mail.to("iris@exemple.fr")) != 0 || len(b.mail.to("rose@exemple.fr")) != 1 {
			t.Errorf("after separating: %v", b.mail.list)
		}
	})
}

func TestMergeRefuses(t *testing.T) {
	eachPost(t, func(t *testing.T, b *post) {
		one, two, three := b.from(t, "claim", "a@exemple.fr"), b.from(t, "claim", "b@exemple.fr"), b.from(t, "claim", "c@exemple.fr")
		mine, mineToo, theirs := b.from(t, "secret", "a@exemple.fr"), b.from(t, "secret", "a@exemple.fr"), b.from(t, "secret", "b@exemple.fr")
		merge := func(from, into dossier.Dossier) error {
			_, err := try(t, b.h, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
				return b.Merge(ctx, tx, from.ID, into.ID, staff)
			})
			return err
		}
		for what, err := range map[string]error{"itself": merge(one, one), "another kind": merge(one, mine), "somebody's secret": merge(mine, theirs)} {
			if !fault.Is(err, fault.Conflict) {
				t.Errorf("%s: %v", what, err)
			}
		}
		if err := merge(mine, mineToo); err != nil {
			t.Errorf("the same person's: %v", err)
		}
		if err := merge(one, two); err != nil {
			t.Fatal(err)
		}
		if err := merge(two, one); !fault.Is(err, fault.Conflict) {
			t.Errorf("a circle: %v", err)
		}
		if err := merge(two, three); err != nil {
			t.Fatal(err)
		}
		one = b.read(t, one.ID)
		kept := do(t, b.h, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
			return b.Kept(ctx, tx, one)
		})
		if kept.ID != three.ID {
			t.Errorf("one goes on in %s", kept.Number)
		}
		if _, err := try(t, b.h, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
			return b.Unmerge(ctx, tx, three.ID, staff)
		}); !fault.Is(err, fault.Conflict) {
			t.Errorf("separated what was not merged: %v", err)
		}
		if _, err := try(t, b.h, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
			return b.Reopen(ctx, tx, one.ID, resident, "x")
		}); !fault.Is(err, fault.Conflict) {
			t.Errorf("reopened a merged one: %v", err)
		}
	})
}

// Merged requests live as long as the one that goes on for them.
func TestMergedAreKeptWithTheOther(t *testing.T) {
	eachPost(t, func(t *testing.T, b *post) {
		from, into := b.from(t, "claim", "a@exemple.fr"), b.from(t, "claim", "b@exemple.fr")
		do(t, b.h, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
			return b.Merge(ctx, tx, from.ID, into.ID, staff)
		})
		purge := func() int64 {
			return do(t, b.h, func(ctx context.Context, tx *store.Tx) (int64, error) { return b.Purge(ctx, tx, time.Time{}, 100) })
		}
		b.clock.Advance(2 * 365 * 24 * time.Hour)
		if n := purge(); n != 0 {
			t.Errorf("%d erased while the other is open", n)
		}
		do(t, b.h, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
			return b.Close(ctx, tx, into.ID, staff, "refused", "x")
		})
		b.clock.Advance(366 * 24 * time.Hour)
		if n := purge(); n != 2 {
			t.Errorf("%d erased at the end", n)
		}
	})
}

// Who is told before a date is missed: the owner, then the team, then those who
// answer for the service; whoever is missing is replaced by the next.
func TestEscalation(t *testing.T) {
	eachPost(t, func(t *testing.T, b *post) {
		owned := b.from(t, "claim", "a@exemple.fr")
		alone := b.from(t, "claim", "b@exemple.fr")
		do(t, b.h, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
			return b.Assign(ctx, tx, owned.ID, staff, 5, 50)
		})
		b.deliver(t)
		if got := b.mail.to("agent5@exemple.fr"); !slices.Equal(got, []string{"dossier.given"}) {
			t.Errorf("the new owner got %v", got)
		}
		span := owned.DueAt.Sub(owned.OpenedAt)
		for _, x := range []struct {
			share float64
			of    map[string][]string
		}{
			{0.51, map[string][]string{"owned": {"agent5"}, "alone": {"chef-claim"}}},
			{0.81, map[string][]string{"owned": {"agent5", "agent7", "agent8"}, "alone": {"chef-claim"}}},
			{1.01, map[string][]string{"owned": {"agent5", "agent7", "agent8", "chef-claim"}, "alone": {"chef-claim"}}},
		} {
			b.clock.Set(owned.OpenedAt.Add(time.Duration(float64(span) * x.share)))
			b.mail.list = nil
			if err := b.Watch(t.Context()); err != nil {
				t.Fatal(err)
			}
			b.deliver(t)
			got := map[string][]string{}
			for _, m := range b.mail.list {
				name := "owned"
				if m.Data["Number"] == alone.Number {
					name = "alone"
				}
				got[name] = append(got[name], strings.TrimSuffix(m.To.Email, "@exemple.fr"))
			}
			for name, want := range x.of {
				slices.Sort(got[name])
				if !slices.Equal(got[name], want) {
					t.Errorf("at %v, %s: %v, want %v", x.share, name, got[name], want)
				}
			}
		}
	})
}

func TestAnswersByMail(t *testing.T) {
	eachPost(t, func(t *testing.T, b *post) {
		d := b.from(t, "claim", "rose@exemple.fr")
		do(t, b.h, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
			return b.Advance(ctx, tx, d.ID, staff, "studied")
		})
		b.deliver(t)
		i := slices.IndexFunc(b.mail.list, func(m notify.Message) bool { return m.ReplyTo != "" })
		if i < 0 {
			t.Fatal("no address to answer to")
		}
		token := strings.TrimSuffix(strings.TrimPrefix(b.mail.list[i].ReplyTo, "reponse+"), "@parvis.example")
		text := "Merci, c’est noté.\r\nÀ bientôt\r\n\r\nLe lun. 23 nov. 2026 à 09:30, Mairie de Vouneuil a écrit :\r\n> Prise en charge\r\n"
		if _, err := b.Reply(t.Context(), strings.ToUpper(token), text); err != nil {
			t.Fatal(err)
		}
		list := b.timeline(t, d.ID, true)
		if last := list[len(list)-1]; last.Body != "Merci, c’est noté.\nÀ bientôt" || last.Author.Kind != dossier.Resident || !last.Own {
			t.Errorf("filed %+v", last)
		}
		for what, x := range map[string]struct {
			token, text string
			kind        fault.Kind
		}{"unknown": {"c86281-" + strings.Repeat("a", 39), "x", fault.NotFound}, "elsewhere": {"c86194" + token[6:], "x", fault.NotFound},
			"forged": {"' OR 1=1", "x", fault.NotFound}, "empty": {token, "> tout est cité", fault.Invalid}} {
			if _, err := b.Reply(t.Context(), x.token, x.text); !fault.Is(err, x.kind) {
				t.Errorf("%s: %v", what, err)
			}
		}
		do(t, b.h, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
			return b.Close(ctx, tx, d.ID, staff, "done", "Fait")
		})
		if got, err := b.Reply(t.Context(), token, "Ce n’est pas réparé"); err != nil || got.Closed() {
			t.Errorf("an answer after closing: %v, closed %v", err, got.Closed())
		}
		do(t, b.h, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
			return b.Close(ctx, tx, d.ID, staff, "done", "Fait")
		})
		b.clock.Advance(40 * 24 * time.Hour)
		if _, err := b.Reply(t.Context(), token, "Et maintenant ?"); !fault.Is(err, fault.Gone) {
			t.Errorf("an answer too late: %v", err)
		}
	})
}
