package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"parvis/app"
	"parvis/core/access"
	"parvis/core/crew"
	"parvis/core/person"
	"parvis/loop/serve/intervention"
	"parvis/platform/store"
)

// The shape of the chaos: so many phones, so many records each, so many deaths
// of the program.
const (
	phones    = 30
	deaths    = 5
	cutEvery  = time.Second
	calmLimit = time.Minute
)

// street is a territory with a team and a work order for each phone.
type street struct {
	slug   string
	trade  store.ID
	people []store.ID
	orders []string // uid of the order of each phone
}

const streetID = "c86194"

// measureSync cuts the connections of 30 phones every second and kills the
// program five times while they send a day's work, then counts.
func measureSync(ctx context.Context, b *bench) error {
	for _, engine := range b.engines() {
		if err := b.chaos(ctx, engine); err != nil {
			return fmt.Errorf("%s: %w", engine, err)
		}
	}
	return nil
}

func (b *bench) chaos(ctx context.Context, engine string) (err error) {
	dsn, err := b.fresh(ctx, engine)
	if err != nil {
		return err
	}
	data, err := filepath.Abs(filepath.Join(b.work, "sync-"+engine))
	if err != nil {
		return err
	}
	a, err := build(ctx, dsn, data)
	if err != nil {
		return err
	}
	st, tokens, err := pave(ctx, a)
	if err = errors.Join(err, a.Close(ctx)); err != nil {
		return err
	}
	mail, err := newSink()
	if err != nil {
		return err
	}
	defer mail.close()
	listen, err := port()
	if err != nil {
		return err
	}
	env := settings(dsn, data, listen, mail)
	wire, err := newWire(listen)
	if err != nil {
		return err
	}
	defer wire.close()

	list := make([]*fieldPhone, phones)
	for i := range list {
		if list[i], err = newFieldPhone(wire.url()+"/"+st.slug+"/terrain", tokens[i], st.people[i], st.trade, st.orders[i], i); err != nil {
			return err
		}
		list[i].pace = 2 * time.Second // the last one as the storm ends
	}
	s, err := b.launch(ctx, listen, env, "/healthz", "serve")
	if err != nil {
		return err
	}
	begin := time.Now()
	working, finish := context.WithCancel(ctx)
	defer finish()
	var all sync.WaitGroup
	for _, p := range list {
		all.Go(func() { p.work(working) })
	}
	wire.storm(true)
	kills := deaths
	if b.quick {
		kills = 1
	}
	for range kills {
		time.Sleep(time.Duration(1500+rand.IntN(2500)) * time.Millisecond)
		s.kill()
		if s, err = b.launch(ctx, listen, env, "/healthz", "serve"); err != nil {
			return err
		}
	}
	time.Sleep(2 * time.Second)
	stormed := time.Since(begin)
	before := 0
	for _, p := range list {
		before += p.left()
	}
	wire.storm(false)
	calmed := time.Now()
	for waiting(list) && time.Since(calmed) < 3*calmLimit && ctx.Err() == nil {
		time.Sleep(50 * time.Millisecond)
	}
	quiet := time.Since(calmed)
	finish()
	all.Wait()
	defer s.stop()
	if waiting(list) {
		return errors.New("the phones never finished")
	}
	return b.account(ctx, engine, dsn, list, account{stormed, quiet, before, kills, wire.cuts()})
}

func waiting(list []*fieldPhone) bool {
	for _, p := range list {
		if p.left() > 0 {
			return true
		}
	}
	return false
}

// account is what is known beside the database.
type account struct {
	stormed, quiet time.Duration
	left, kills    int
	cuts           int64
}

// account counts in the database what every phone did, once and only once.
func (b *bench) account(ctx context.Context, engine, dsn string, list []*fieldPhone, x account) error {
	db, err := store.Open(ctx, dsn, store.Options{})
	if err != nil {
		return err
	}
	defer db.Close()
	if err := db.Migrate(ctx); err != nil {
		return err
	}
	h := db.In(streetID)
	var ready int
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(300 * time.Millisecond) {
		if err := h.View(ctx, func(tx *store.Tx) error {
			return tx.Get(ctx, &ready, `SELECT COUNT(*) FROM intervention_entry WHERE territory_id = @territory AND file_state = 'ready'`)
		}); err != nil {
			return err
		}
		if ready >= 2*phones {
			break
		}
	}
	made, lost, twice, refused := 0, 0, 0, 0
	var counts struct{ Ops, Lines, Single, Orders, Done int }
	err = h.View(ctx, func(tx *store.Tx) error {
		made, lost, refused = 0, 0, 0
		for _, p := range list {
			for _, id := range p.made() {
				made++
				var status string
				err := tx.Get(ctx, &status, `SELECT status FROM sync_op WHERE territory_id = @territory AND id = ?`, id)
				switch {
				case errors.Is(err, store.ErrNotFound):
					lost++
				case err != nil:
					return err
				case status != "applied":
					refused++
				}
			}
		}
		return tx.Get(ctx, &counts, `SELECT (SELECT COUNT(*) FROM sync_op WHERE territory_id = @territory) AS ops,
			(SELECT COUNT(*) FROM intervention_entry WHERE territory_id = @territory AND op_id <> '') AS lines,
			(SELECT COUNT(DISTINCT op_id) FROM intervention_entry WHERE territory_id = @territory AND op_id <> '') AS single,
			(SELECT COUNT(*) FROM intervention WHERE territory_id = @territory) AS orders,
			(SELECT COUNT(*) FROM intervention WHERE territory_id = @territory AND state = 'done') AS done`)
	})
	if err != nil {
		return err
	}
	twice = (counts.Ops - made) + (counts.Lines - counts.Single) + (counts.Orders - 2*phones)
	section := "Synchronisation: 30 phones × 10 operations and 2 photos, connections cut at random every second, the program killed with SIGKILL"
	b.report.add(section, fmt.Sprintf("operations made; lost; twice; refused (%d kills, %d connections cut in %s)", x.kills, x.cuts, x.stormed.Round(time.Second)), engine,
		fmt.Sprintf("%d; %d; %d; %d", made, lost, twice, refused), "target 0 lost, 0 twice")
	b.report.add(section, "photos noted; kept by the program", engine, fmt.Sprintf("%d; %d", 2*phones, ready), "target: all")
	b.report.add(section, fmt.Sprintf("all sent after the calm came (%d operations and photos were left then)", x.left), engine, fmt.Sprintf("%.1f s", x.quiet.Seconds()), "target ≤ 60 s")
	b.report.add(section, "orders done; made in the street", engine, fmt.Sprintf("%d; %d", counts.Done, counts.Orders-phones), fmt.Sprintf("%d and %d were", phones, phones))
	if lost > 0 || twice != 0 || refused > 0 || ready != 2*phones || counts.Done != phones {
		return fmt.Errorf("%d lost, %d twice, %d refused, %d photos, %d done", lost, twice, refused, ready, counts.Done)
	}
	return b.evening(ctx, engine, dsn)
}

// evening times one phone that sends 300 operations at once and reads the rest.
func (b *bench) evening(ctx context.Context, engine, dsn string) (err error) {
	data, err := os.MkdirTemp(b.work, "evening-")
	if err != nil {
		return err
	}
	a, err := build(ctx, dsn, data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close(ctx)) }()
	srv, stop := serveHere(a)
	defer stop()
	h := a.DB.In(streetID)
	var all times
	for round := range b.tenth(20) {
		token, who, uid, err := lastPhone(ctx, a, round)
		if err != nil {
			return err
		}
		p, err := newFieldPhone(srv+"/poitiers/terrain", token, who, 0, uid, 1000+round)
		if err != nil {
			return err
		}
		p.empty()
		for i := range 300 {
			p.note(uid, fmt.Sprint("note ", i))
		}
		start := time.Now()
		for p.left() > 0 {
			if err := p.push(ctx); err != nil {
				return err
			}
		}
		if err := p.pull(ctx); err != nil {
			return err
		}
		all = append(all, time.Since(start))
	}
	b.report.add("Synchronisation of an evening", "300 operations of one phone in 3 requests, then the read, over HTTP on the loopback", engine, all.String(), "target ≤ 2 s")
	return h.View(ctx, func(*store.Tx) error { return nil })
}

// pave opens the street: a trade, a team, a person, a session and a work order
// for each phone.
func pave(ctx context.Context, a *app.App) (*street, []string, error) {
	t, err := a.Book.Activate(ctx, streetID, "")
	if err != nil {
		return nil, nil, err
	}
	st := &street{slug: t.Slug}
	h := a.DB.In(streetID)
	for i := range phones {
		id, err := addAgent(ctx, a, fmt.Sprintf("phone-%d", i))
		if err != nil {
			return nil, nil, err
		}
		st.people = append(st.people, id)
	}
	err = h.Update(ctx, func(tx *store.Tx) error {
		st.orders = nil
		for _, t := range intervention.Templates()[:1] {
			saved, err := a.Field.SaveTrade(ctx, tx, t, 0)
			if err != nil {
				return err
			}
			st.trade = saved.ID
		}
		c, err := crew.Save(ctx, tx, crew.Crew{Name: "Propreté", Kind: crew.Field, Active: true})
		if err != nil {
			return err
		}
		if err := crew.SetMembers(ctx, tx, c.ID, st.people); err != nil {
			return err
		}
		for i := range phones {
			o, err := a.Field.Open(ctx, tx, intervention.Order{TradeID: st.trade, CrewID: c.ID, Title: fmt.Sprint("Tag ", i), Address: "rue de la Halle"})
			if err != nil {
				return err
			}
			st.orders = append(st.orders, o.UID)
		}
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("paving the street: %w", err)
	}
	var tokens []string
	for _, p := range st.people {
		token, err := session(ctx, a.DB, p)
		if err != nil {
			return nil, nil, err
		}
		tokens = append(tokens, token)
	}
	return st, tokens, nil
}

// letters writes digits as letters: names of people have no digit.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return 'a' + r - '0'
		}
		return r
	}, s)
}

func addAgent(ctx context.Context, a *app.App, name string) (store.ID, error) {
	var who person.Person
	if err := a.DB.System("agents of the measure belong to the instance").Update(ctx, func(tx *store.Tx) (err error) {
		who, err = a.People.Add(ctx, tx, person.NewPerson{Name: "Agent " + letters(name), Email: name + "@bench.exemple.fr", Joined: true})
		return err
	}); err != nil {
		return 0, err
	}
	return who.ID, a.DB.In(streetID).Update(ctx, func(tx *store.Tx) error {
		return a.Access.Grant(ctx, tx, access.Grant{Person: who.ID, Service: access.Everywhere, Role: access.Agent})
	})
}

// lastPhone is one more agent with an order that nobody else has.
func lastPhone(ctx context.Context, a *app.App, round int) (token string, who store.ID, uid string, err error) {
	if who, err = addAgent(ctx, a, fmt.Sprintf("evening-%d-%d", round, time.Now().UnixNano())); err != nil {
		return "", 0, "", err
	}
	if err = a.DB.In(streetID).Update(ctx, func(tx *store.Tx) error {
		trades, err := a.Field.Trades(ctx, tx, true)
		if err != nil {
			return err
		}
		o, err := a.Field.Open(ctx, tx, intervention.Order{TradeID: trades[0].ID, Title: "Tag du soir"})
		uid = o.UID
		return err
	}); err != nil {
		return "", 0, "", err
	}
	token, err = session(ctx, a.DB, who)
	return token, who, uid, err
}
