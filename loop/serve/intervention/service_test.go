package intervention_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/jpeg"
	"strings"
	"testing"
	"time"

	"parvis/app/apptest"
	"parvis/core/access"
	"parvis/loop/serve/intervention"
	"parvis/platform/calendar"
	"parvis/platform/clock"
	"parvis/platform/fault"
	"parvis/platform/store"
)

const here, elsewhere = "c86194", "d86"

// TestService runs what needs the whole program on one demonstration of each
// engine.
func TestService(t *testing.T) {
	apptest.Each(t, clock.System{}, false, func(t *testing.T, in *apptest.Instance) {
		for _, x := range []struct {
			name string
			run  func(*testing.T, *apptest.Instance)
		}{{"import", importAccountsForEveryRow}, {"places", placesEqualARecountByHand}, {"teams", teamsAreNotBookedTwice}, {"addresses", fieldAddressesRefuse}, {"erasing", eraseTakesThePhotos}} {
			t.Run(x.name, func(t *testing.T) { x.run(t, in) })
		}
	})
}

func update(t *testing.T, in *apptest.Instance, fn func(tx *store.Tx) error) {
	t.Helper()
	if err := in.DB.In(here).Update(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func trade(t *testing.T, in *apptest.Instance, code string) (out intervention.Trade) {
	t.Helper()
	update(t, in, func(tx *store.Tx) (err error) {
		out, err = in.Field.TradeByCode(t.Context(), tx, code)
		return err
	})
	return out
}

// TestPlansMakeEachDayOnce: run twice, restarted, changed; over 25 October 2026.
func TestPlansMakeEachDayOnce(t *testing.T) {
	clk := clock.NewFake(time.Date(2026, 10, 20, 6, 0, 0, 0, time.UTC))
	apptest.Each(t, clk, false, func(t *testing.T, in *apptest.Instance) {
		x := trade(t, in, "mobilier")
		p := intervention.Plan{Name: "Tournée des bancs", TradeID: x.ID, Active: true, Holidays: "keep", HorizonDays: 10}
		p.Rule.V = calendar.Rule{RRule: "FREQ=DAILY", Start: calendar.On(2026, 10, 20), From: 480, To: 540}
		count := func() (n, days int) {
			update(t, in, func(tx *store.Tx) error {
				return tx.Get(t.Context(), &n, `SELECT COUNT(*) FROM intervention WHERE territory_id = @territory AND plan_id = ?`, p.ID)
			})
			update(t, in, func(tx *store.Tx) error {
				return tx.Get(t.Context(), &days, `SELECT COUNT(DISTINCT day) FROM intervention_occurrence WHERE territory_id = @territory AND plan_id = ?`, p.ID)
			})
			return n, days
		}
		update(t, in, func(tx *store.Tx) (err error) {
			p, err = in.Field.SavePlan(t.Context(), tx, p)
			return err
		})
		for range 3 {
			update(t, in, func(tx *store.Tx) error { _, err := in.Field.RunPlan(t.Context(), tx, p); return err })
			if n, days := count(); n != 11 || days != 11 {
				t.Errorf("%d orders, %d days, want 11", n, days)
			}
		}
		// Stopped in the middle: nothing of that run is there, the next one makes it.
		stopped := fmt.Errorf("stopped")
		if err := in.DB.In(here).Update(t.Context(), func(tx *store.Tx) error {
			q := p
			q.HorizonDays = 20
			if _, err := in.Field.RunPlan(t.Context(), tx, q); err != nil {
				return err
			}
			return stopped
		}); err != stopped {
			t.Fatal(err)
		}
		if n, _ := count(); n != 11 {
			t.Errorf("after a stop %d orders", n)
		}
		// A change touches what is to come only: the one of today was begun.
		var first intervention.Order
		update(t, in, func(tx *store.Tx) error {
			list, err := in.Field.List(t.Context(), tx, intervention.Filter{From: clk.Now(), To: clk.Now().Add(24 * time.Hour), Text: "Tournée"}, 5)
			if err != nil || len(list) != 1 {
				return fmt.Errorf("%d orders today, %w", len(list), err)
			}
			first, err = in.Field.Advance(t.Context(), tx, list[0].ID, intervention.Move{To: intervention.Started, Chief: true})
			return err
		})
		update(t, in, func(tx *store.Tx) (err error) {
			p.Rule.V.RRule = "FREQ=WEEKLY;BYDAY=SU"
			if p, err = in.Field.SavePlan(t.Context(), tx, p); err != nil {
				return err
			}
			_, err = in.Field.RunPlan(t.Context(), tx, p)
			return err
		})
		if n, _ := count(); n != 2 { // today's, and Sunday 25 October
			t.Errorf("after the change %d orders, want 2", n)
		}
		update(t, in, func(tx *store.Tx) error {
			o, err := in.Field.Get(t.Context(), tx, first.ID)
			if o.State != intervention.Started {
				t.Errorf("what was begun is %s", o.State)
			}
			return err
		})
	})
}

// importAccountsForEveryRow: CSV of old software, GeoJSON, hostile ones.
func importAccountsForEveryRow(t *testing.T, in *apptest.Instance) {
	h := in.DB.In(here)
	for name, x := range map[string]struct {
		file                     string
		rows, added, changed, no int
	}{
		"csv":         {"Code;Type;Nom;Latitude;Longitude;Matériau\nX1;Banc;Banc un;46,58;0,34;bois\nX2;Banc;Banc deux;46,59;0,35;fer\n;Banc;sans code;;;\nX3;Banc;ailleurs;146;0,3;\n", 4, 2, 0, 2},
		"csv again":   {"code,type,nom\nX1,Banc,Banc un repeint\n", 1, 0, 1, 0},
		"latin 1":     {"code;type;nom\nL1;Abri;Abri de l\xe9glise\n", 1, 1, 0, 0},
		"formula":     {"code;type;nom\nF1;Banc;=CMD()\n", 1, 1, 0, 0},
		"geojson":     {`{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[0.3,46.5],[0.4,46.5],[0.4,46.6],[0.3,46.5]]]},"properties":{"code":"G1","type":"Espace vert","surface":120}},{"type":"Feature","geometry":{"type":"Point","coordinates":["x"]},"properties":{"code":"G2","type":"Arbre"}}]}`, 2, 1, 0, 1},
		"no geometry": {`{"type":"FeatureCollection","features":[{"type":"Feature","geometry":null,"properties":{"code":"G3","type":"Arbre"}}]}`, 1, 1, 0, 0},
	} {
		if name == "csv again" {
			continue // after the first
		}
		r, err := in.Field.ImportAssets(t.Context(), h, []byte(x.file), "")
		if err != nil || r.Rows != x.rows || r.Added != x.added || r.Changed != x.changed || len(r.Refused) != x.no || r.Rows != r.Added+r.Changed+len(r.Refused) {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
	r, err := in.Field.ImportAssets(t.Context(), h, []byte("code,type,nom\nX1,Banc,Banc un repeint\n"), "")
	if err != nil || r.Changed != 1 || r.Added != 0 {
		t.Errorf("again: %+v, %v", r, err)
	}
	update(t, in, func(tx *store.Tx) error {
		a, err := in.Field.AssetByCode(t.Context(), tx, "Abri", "L1")
		if a.Name != "Abri de l\u00e9glise" {
			t.Errorf("latin 1 is read as %q", a.Name)
		}
		return err
	})
	for _, bad := range []string{"", "nom;type\nBanc;x\n", `{"type":"Point"}`, "{", "\x00\x01\x02"} {
		if _, err := in.Field.ImportAssets(t.Context(), h, []byte(bad), ""); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// placesEqualARecountByHand on 500 interventions, and stay in their territory.
func placesEqualARecountByHand(t *testing.T, in *apptest.Instance) {
	x := trade(t, in, "eau")
	now := time.Now().UTC()
	byHand := map[string]int{}
	update(t, in, func(tx *store.Tx) error {
		clear(byHand)
		for i := range 500 {
			street := fmt.Sprintf("%d, rue d’essai", i*i%37)
			lat, lon := 46.5+float64(i*i%37)*0.001, 0.34
			done := now.AddDate(0, 0, -(i%300)-1)
			o := intervention.Order{TradeID: x.ID, Title: "Fuite", Address: street, Lat: &lat, Lon: &lon, State: intervention.Checked, CreatedAt: done.Add(-time.Hour), DoneAt: done}
			if i%9 == 0 {
				o.State = intervention.Cancelled
			} else {
				byHand[street]++
			}
			if _, err := in.Field.Open(t.Context(), tx, o); err != nil {
				return err
			}
		}
		return nil
	})
	update(t, in, func(tx *store.Tx) error {
		r, err := in.Field.Recurrence(t.Context(), tx, intervention.RecurrenceQuery{Trade: x.ID, Top: 100})
		total := 0
		for _, n := range byHand {
			total += n
		}
		if r.Places != len(byHand) || r.Count != total || len(r.Top) != len(byHand) {
			t.Errorf("%d places, %d interventions; by hand %d and %d", r.Places, r.Count, len(byHand), total)
		}
		for i, p := range r.Top {
			if byHand[p.Label] != p.Count {
				t.Errorf("%s: %d, by hand %d", p.Label, p.Count, byHand[p.Label])
			}
			if i > 0 && p.Count > r.Top[i-1].Count {
				t.Errorf("the list is not in order at %d", i)
			}
		}
		return err
	})
	if err := in.DB.In(elsewhere).View(t.Context(), func(tx *store.Tx) error {
		r, err := in.Field.Recurrence(t.Context(), tx, intervention.RecurrenceQuery{Trade: x.ID})
		if r.Count != 0 {
			t.Errorf("another territory counts %d", r.Count)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// teamsAreNotBookedTwice: the second order at the same hour is told, unless
// the chief insists.
func teamsAreNotBookedTwice(t *testing.T, in *apptest.Instance) {
	x := trade(t, in, "voirie")
	start := time.Now().Add(100 * 24 * time.Hour).Truncate(time.Hour)
	var crew store.ID
	var ids []store.ID
	update(t, in, func(tx *store.Tx) error {
		ids = nil
		if err := tx.Get(t.Context(), &crew, `SELECT MIN(id) FROM crew WHERE territory_id = @territory AND kind = 'field'`); err != nil {
			return err
		}
		for range 2 {
			o, err := in.Field.Open(t.Context(), tx, intervention.Order{TradeID: x.ID, Title: "Nid-de-poule"})
			if err != nil {
				return err
			}
			ids = append(ids, o.ID)
		}
		return nil
	})
	plan := func(id store.ID, overlap bool) error {
		return in.DB.In(here).Update(t.Context(), func(tx *store.Tx) error {
			_, err := in.Field.Schedule(t.Context(), tx, id, intervention.Slot{Crew: crew, Start: start, Minutes: 60, Overlap: overlap}, 0)
			return err
		})
	}
	if err := plan(ids[0], false); err != nil {
		t.Fatal(err)
	}
	if err := plan(ids[1], false); !fault.Is(err, fault.Conflict) {
		t.Errorf("the same hour: %v", err)
	}
	if err := plan(ids[1], true); err != nil {
		t.Errorf("all the same: %v", err)
	}
	if err := plan(ids[0], false); err != nil {
		t.Errorf("planned again at its own hour: %v", err)
	}
}

// fieldAddressesRefuse what is hostile, and say 401 to who is not signed in.
func fieldAddressesRefuse(t *testing.T, in *apptest.Instance) {
	c := in.SignIn(t, here, access.Agent)
	base := in.URL + in.Slug(t, here) + "/terrain"
	post := func(body string) int {
		t.Helper()
		res, err := c.Post(base+"/sync/push", "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		return res.StatusCode
	}
	for name, x := range map[string]struct {
		body string
		want int
	}{"cut": {`{"device":"`, 422}, "empty": {``, 422}, "not a device": {`{"device":"x","ops":[]}`, 422}, "large": {`{"device":"` + strings.Repeat("x", 300<<10) + `"}`, 413},
		"many": {`{"device":"01980000-0000-7000-8000-000000000000","ops":[` + strings.TrimSuffix(strings.Repeat(`{},`, 201), ",") + `]}`, 413}} {
		if got := post(x.body); got != x.want {
			t.Errorf("%s: %d, want %d", name, got, x.want)
		}
	}
	res, err := apptest.Client(t).Post(base+"/sync/push", "application/json", strings.NewReader(`{}`))
	if err != nil || res.StatusCode != 401 {
		t.Errorf("nobody: %v %v", res.StatusCode, err)
	}
	res, err = c.Get(base + "/base")
	if err != nil {
		t.Fatal(err)
	}
	var b struct {
		Trades []json.RawMessage
		Person string
	}
	if err := json.NewDecoder(res.Body).Decode(&b); err != nil || len(b.Trades) != 6 || b.Person == "" {
		t.Errorf("the base: %d trades, %v", len(b.Trades), err)
	}
	res.Body.Close()
}

// eraseTakesThePhotos: what is past its time goes with its files.
func eraseTakesThePhotos(t *testing.T, in *apptest.Instance) {
	var raw bytes.Buffer
	if err := jpeg.Encode(&raw, image.NewRGBA(image.Rect(0, 0, 8, 8)), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := in.Files.Put(context.Background(), here+"/intervention/1.jpg", &raw, "image/jpeg"); err != nil {
		t.Fatal(err)
	}
	x := trade(t, in, "graffiti")
	var o intervention.Order
	update(t, in, func(tx *store.Tx) (err error) {
		if o, err = in.Field.Open(t.Context(), tx, intervention.Order{TradeID: x.ID, Title: "Vieux", CreatedAt: tx.Now().AddDate(-12, 0, 0)}); err != nil {
			return err
		}
		_, err = tx.Exec(t.Context(), `INSERT INTO intervention_entry (territory_id, id, intervention_id, kind, file_key, file_state, happened_at, received_at) VALUES (@territory, ?, ?, 'photo', ?, 'ready', ?, ?)`,
			store.NewID(), o.ID, here+"/intervention/1.jpg", tx.Now(), tx.Now())
		return err
	})
	if err := in.Purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := in.Files.Stat(t.Context(), here+"/intervention/1.jpg"); err == nil {
		t.Error("the photo is still there")
	}
	if err := in.DB.In(here).View(t.Context(), func(tx *store.Tx) error { _, err := in.Field.Get(t.Context(), tx, o.ID); return err }); err == nil {
		t.Error("the order is still there")
	}
}
