package intervention

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"parvis/core/access"
	"parvis/core/crew"
	"parvis/core/service"
	"parvis/platform/calendar"
	"parvis/platform/store"
)

// demoWall is an invented place of the demonstration, metres from the town hall.
type demoWall struct {
	address     string
	north, east float64
	every       int // days between two tags; 0 once
}

func demoWalls() []demoWall {
	return []demoWall{
		{"Passage des Tanneurs, mur de gauche", 120, -340, 9}, {"Pont du Moulin, pile nord", -420, 260, 14}, {"Gymnase des Peupliers, façade arrière", 780, 510, 21}, {"2, rue des Chaudronniers", -90, 130, 40},
		{"Transformateur, allée des Saules", -640, -710, 28}, {"Arrêt de bus Les Vergers", 310, 880, 60}, {"Halle, porte ouest", 40, 25, 75}, {"Skatepark du Clain", -980, 420, 0}, {"École du Verger, mur de la cour", 560, -260, 0}, {"18, rue de la Tranchée", 210, 190, 0},
	}
}

// fillDemo makes the trades, two teams, things to look after, a year of tags and
// the work of the day.
func (s *Service) fillDemo(ctx context.Context, d service.Demo) error {
	var have int
	if err := d.Handle.View(ctx, func(tx *store.Tx) error {
		return tx.Get(ctx, &have, `SELECT COUNT(*) FROM intervention_trade WHERE territory_id = @territory`)
	}); err != nil || have > 0 {
		return err
	}
	return d.Handle.Update(ctx, func(tx *store.Tx) error {
		w, err := s.Where(ctx, tx)
		if err != nil {
			return err
		}
		trades := map[string]Trade{}
		for _, t := range Templates() {
			if t, err = s.SaveTrade(ctx, tx, t, 0); err != nil {
				return fmt.Errorf("intervention: demonstration: %w", err)
			}
			trades[t.Code] = t
		}
		var staff []store.ID
		for _, p := range d.Staff {
			if p.Role == access.Agent || p.Role == access.Manager || p.Role == access.Admin {
				staff = append(staff, p.ID)
			}
		}
		var crews []store.ID
		agents := map[store.ID]bool{} // crews of the first agent
		known, err := crew.List(ctx, tx, false)
		if err != nil {
			return err
		}
		for _, c := range known {
			if c.Kind == crew.Field {
				crews = append(crews, c.ID)
			}
		}
		for _, name := range []string{"Propreté", "Voirie et mobilier"}[min(2, len(crews)):] {
			c, err := crew.Save(ctx, tx, crew.Crew{Name: name, Kind: crew.Field, Active: true})
			if err != nil {
				return fmt.Errorf("intervention: demonstration: %w", err)
			}
			crews = append(crews, c.ID)
		}
		for _, id := range crews {
			members, err := crew.Members(ctx, tx, id)
			if err != nil {
				return err
			}
			if len(members) == 0 {
				members = staff
				if err := crew.SetMembers(ctx, tx, id, staff); err != nil {
					return err
				}
			}
			if len(staff) > 0 && slices.Contains(members, staff[0]) {
				agents[id] = true
			}
		}
		// The crew of an agent comes first: its work is what the field page shows.
		slices.SortStableFunc(crews, func(a, b store.ID) int {
			switch {
			case agents[a] == agents[b]:
				return 0
			case agents[a]:
				return -1
			}
			return 1
		})
		x := demoTown{s: s, tx: tx, w: w, now: tx.Now(), trades: trades, crews: crews, staff: staff, dice: rand.New(rand.NewPCG(86, 194))}
		if err := x.assets(ctx); err != nil {
			return err
		}
		if err := x.past(ctx); err != nil {
			return err
		}
		return x.today(ctx)
	})
}

// demoTown fills one territory.
type demoTown struct {
	s      *Service
	tx     *store.Tx
	w      Where
	now    time.Time
	trades map[string]Trade
	crews  []store.ID
	staff  []store.ID
	dice   *rand.Rand
	bench  Asset
}

// at is the point so many metres from the town hall.
func (x *demoTown) at(north, east float64) (lat, lon *float64) {
	if x.w.Lat == 0 && x.w.Lon == 0 {
		return nil, nil
	}
	a, b := x.w.Lat+north/111_195, x.w.Lon+east/(111_195*0.69)
	return &a, &b
}

func (x *demoTown) assets(ctx context.Context) error {
	for i, a := range []struct {
		kind, code, name, address string
		north, east               float64
	}{{"Banc", "B-012", "Banc du square des Ormes", "Square des Ormes", 150, 60}, {"Banc", "B-013", "Banc de la halle", "Place de la Halle", 10, 15}, {"Corbeille", "C-104", "Corbeille du parc", "Parc du Verger", 330, -120},
		{"Point d’eau incendie", "PEI-031", "Poteau incendie de la rue Haute", "9, rue Haute", -210, 80}, {"Point d’eau incendie", "PEI-032", "Poteau incendie du lavoir", "Rue du Lavoir", -320, -150},
		{"Candélabre", "E-2207", "Candélabre 2207", "Allée des Saules", -600, -690}, {"Aire de jeux", "J-03", "Jeux du parc du Verger", "Parc du Verger", 340, -110}, {"Façade", "F-001", "Passage des Tanneurs", "Passage des Tanneurs", 120, -340}} {
		lat, lon := x.at(a.north, a.east)
		saved, _, err := x.s.SaveAsset(ctx, x.tx, Asset{Kind: a.kind, Code: a.code, Name: a.name, Address: a.address, Lat: lat, Lon: lon, Installed: fmt.Sprint(2008 + i), Active: true})
		if err != nil {
			return fmt.Errorf("intervention: demonstration: %w", err)
		}
		if a.code == "B-012" {
			x.bench = saved
		}
	}
	return nil
}

// past is a year of tags at walls that come back, done and checked.
func (x *demoTown) past(ctx context.Context) error {
	t := x.trades["graffiti"]
	for _, wall := range demoWalls() {
		step := wall.every
		for day := 350; day > 12; day -= max(1, step+x.dice.IntN(max(1, step/2+1))) {
			noticed := x.now.AddDate(0, 0, -day)
			lat, lon := x.at(wall.north+x.dice.Float64()*4, wall.east+x.dice.Float64()*4)
			done := noticed.Add(time.Duration(8+x.dice.IntN(70)) * time.Hour)
			minutes := int64(20 + x.dice.IntN(60))
			o := Order{TradeID: t.ID, Title: "Tag, " + wall.address, Address: wall.address, Lat: lat, Lon: lon, CrewID: x.crews[0], Origin: FromField, State: Checked, CreatedAt: noticed, NoticedAt: noticed,
				DueAt: noticed.Add(120 * time.Hour), DoneAt: done, DoneReceivedAt: done.Add(3 * time.Hour), CheckedAt: done.Add(20 * time.Hour), Minutes: minutes, Cents: minutes * t.Config.V.HourCents / 60,
				Quantity: float64(1 + x.dice.IntN(9)), Outcome: "efface"}
			if len(x.staff) > 0 {
				o.PersonID, o.CreatedBy = x.staff[0], x.staff[0]
			}
			if _, err := x.s.Open(ctx, x.tx, o); err != nil {
				return fmt.Errorf("intervention: demonstration: %w", err)
			}
			if step == 0 {
				break
			}
		}
	}
	return nil
}

// today is the work of the day, one order late, one to plan, one plan.
func (x *demoTown) today(ctx context.Context) error {
	midnight := calendar.DateOf(x.now, x.w.Location)
	for i, o := range []struct {
		trade, title, address string
		north, east           float64
		hour, priority, late  int
	}{
		{"graffiti", "Tag sur le mur du passage", "Passage des Tanneurs, mur de gauche", 121, -339, 9 * 60, 2, 0}, {"graffiti", "Inscription injurieuse", "Halle, porte ouest", 40, 25, 8 * 60, 1, 1},
		{"mobilier", "Lame de banc cassée", "Square des Ormes", 150, 60, 10*60 + 30, 2, 0}, {"eclairage", "Lampadaire éteint", "Allée des Saules", -600, -690, 14 * 60, 2, 0},
		{"voirie", "Nid-de-poule devant l’école", "École du Verger", 565, -250, 0, 2, 0}, {"eau", "Avaloir bouché", "Rue du Lavoir", -318, -148, 0, 2, 0},
	} {
		lat, lon := x.at(o.north, o.east)
		order := Order{TradeID: x.trades[o.trade].ID, Title: o.title, Address: o.address, Lat: lat, Lon: lon, Priority: o.priority, CrewID: x.crews[i%len(x.crews)], Origin: FromOffice, CreatedAt: x.now.Add(-30 * time.Hour)}
		if o.trade == "mobilier" {
			order.AssetID = x.bench.ID
		}
		if o.late > 0 {
			order.DueAt = x.now.Add(-3 * time.Hour)
		}
		made, err := x.s.Open(ctx, x.tx, order)
		if err != nil {
			return fmt.Errorf("intervention: demonstration: %w", err)
		}
		if o.hour > 0 {
			if _, err := x.s.Schedule(ctx, x.tx, made.ID, Slot{Crew: order.CrewID, Start: midnight.At(o.hour, x.w.Location), Overlap: true}, 0); err != nil {
				return fmt.Errorf("intervention: demonstration: %w", err)
			}
		}
	}
	p := Plan{Name: "Contrôle des aires de jeux", TradeID: x.trades["mobilier"].ID, CrewID: x.crews[len(x.crews)-1], Active: true, Holidays: "shift", HorizonDays: 60}
	p.Rule.V = calendar.Rule{RRule: "FREQ=MONTHLY;BYDAY=1MO", Start: midnight, From: 8 * 60, To: 10 * 60}
	p, err := x.s.SavePlan(ctx, x.tx, p)
	if err != nil {
		return fmt.Errorf("intervention: demonstration: %w", err)
	}
	_, err = x.s.RunPlan(ctx, x.tx, p)
	return err
}
