package appointment

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"parvis/core/access"
	"parvis/core/place"
	"parvis/core/service"
	"parvis/engine/booking"
	"parvis/platform/calendar"
	"parvis/platform/hours"
	"parvis/platform/store"
	"parvis/platform/web"
)

// demoReason is a reason of the demonstration, with who may serve it.
type demoReason struct {
	name, team, need, before, after string
	minutes, step, buffer           int
	sensitive                       bool
	mode                            Mode
}

func townReasons() []demoReason {
	return []demoReason{
		{"Carte d’identité ou passeport", "État civil", "papers", "", "Apportez votre pré-demande, une photo de moins de six mois et un justificatif de domicile.", 20, 0, 0, false, OnSite},
		{"Retrait d’un titre", "État civil", "papers", "", "Apportez le titre à remplacer.", 10, 0, 0, false, OnSite},
		{"Dossier de mariage ou de Pacs", "État civil", "papers", "", "Venez à deux, avec vos actes de naissance.", 45, 15, 0, false, OnSite},
		{"Inscrire un enfant à l’école", "Enfance", "children", "", "Apportez le livret de famille et le carnet de santé.", 20, 0, 0, false, OnSite},
		{"Parler d’un projet de travaux", "Urbanisme", "home", "Pour un permis déjà déposé, appelez le service.", "Apportez un plan ou des photos.", 30, 0, 5, false, OnSite},
		{"Prêt de salle ou de matériel", "Vie associative", "association", "", "", 20, 0, 0, false, OnSite},
		{"Être aidé pour une démarche en ligne", "Accueil", "help", "", "Apportez votre téléphone et vos identifiants si vous en avez.", 30, 0, 0, false, OnSite},
	}
}

func socialReasons() []demoReason {
	return []demoReason{
		{"Parler d’une difficulté", "Action sociale", "help", "", "Venez comme vous êtes. Apportez vos courriers si vous en avez.", 45, 15, 5, true, OnSite},
		{"Demander une aide financière", "Action sociale", "help", "", "Apportez vos trois derniers relevés de compte.", 45, 15, 5, true, OnSite},
		{"Protection maternelle et infantile", "PMI", "children", "", "Apportez le carnet de santé.", 30, 0, 0, false, OnSite},
		{"Autonomie et maintien à domicile", "Autonomie", "home", "", "", 60, 30, 0, false, OnSite},
		{"Insertion et RSA", "Insertion", "help", "", "", 45, 15, 0, true, OnSite},
	}
}

// demoPlaces are invented.
func demoPlaces(d service.Demo) []place.Place {
	town := place.Place{Name: "Mairie", Address: "3, place de la Halle", City: d.Name, Active: true, Accessible: true}
	if d.Kind != "departement" {
		return []place.Place{town}
	}
	var out []place.Place
	for i, n := range []string{"Maison des solidarités du Pont-Vieux", "Maison des solidarités des Trois-Clochers", "Maison des solidarités du Grand-Pré", "Maison des solidarités des Terrasses"} {
		out = append(out, place.Place{Name: n, Address: fmt.Sprintf("%d, rue du Verger", 4+8*i), City: d.Name, Active: true, Accessible: i != 2, Lat: 46.58 + float64(i)/20, Lon: 0.34 + float64(i)/25})
	}
	return out
}

// fillDemo makes a believable town hall: a month behind, two weeks ahead.
func (s *Service) fillDemo(ctx context.Context, d service.Demo) error {
	var done bool
	if err := d.Handle.View(ctx, func(tx *store.Tx) error {
		return tx.Get(ctx, &done, `SELECT EXISTS (SELECT 1 FROM appointment_reason WHERE territory_id = @territory)`)
	}); err != nil || done {
		return err
	}
	list := townReasons()
	if d.Kind == "departement" {
		list = socialReasons()
	}
	var reasons []Reason
	var agents []store.ID
	var places []store.ID
	err := d.Handle.Update(ctx, func(tx *store.Tx) error {
		reasons, agents, places = nil, nil, nil
		for _, p := range demoPlaces(d) {
			p.Opening.V = demoWeek()
			id, err := place.Save(ctx, tx, p)
			if err != nil {
				return err
			}
			places = append(places, id)
		}
		for i, x := range list {
			r := NewReason()
			r.Name, r.Team, r.Need, r.BeforeText, r.AfterText = x.name, x.team, x.need, x.before, x.after
			r.DurationMin, r.StepMin, r.AfterMin, r.Sensitive, r.Mode, r.SortRank, r.Colour = x.minutes, x.step, x.buffer, x.sensitive, x.mode, i, i%6+1
			r.Reminders.V = []Step{{Before: 7 * 24 * 60, Channel: "mail"}, {Before: 2 * 24 * 60, Channel: "sms"}, {Before: 180, Channel: "sms"}}
			id, err := s.SaveReason(ctx, tx, r)
			if err != nil {
				return err
			}
			r.ID = id
			reasons = append(reasons, r)
		}
		return s.demoAgents(ctx, tx, d, reasons, places, &agents)
	})
	if err != nil {
		return fmt.Errorf("appointment: demonstration: %w", err)
	}
	return s.demoAppointments(ctx, d, reasons, agents)
}

func demoWeek() (w hours.Week) {
	for _, d := range []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday} {
		w[d] = []hours.Span{{From: 9 * 60, To: 12 * 60}, {From: 13*60 + 30, To: 17 * 60}}
	}
	return w
}

// demoAgents gives each member of staff who receives the public a diary.
func (s *Service) demoAgents(ctx context.Context, tx *store.Tx, d service.Demo, reasons []Reason, places []store.ID, agents *[]store.ID) error {
	var tags []string
	for _, r := range reasons {
		tags = append(tags, r.Tag())
	}
	n := 0
	for _, p := range d.Staff {
		if p.Role != access.Agent && p.Role != access.Desk && p.Role != access.Manager {
			continue
		}
		id, err := s.booking.AddResource(ctx, tx, booking.Resource{Kind: booking.Person, Name: p.Name, PlaceID: places[n%len(places)], TimeZone: d.Location.String(),
			HolidayZone: calendar.ZoneMainland, Active: true, OwnerRef: "person:" + p.ID.String()})
		if err != nil {
			return err
		}
		*agents = append(*agents, id)
		start := calendar.DateOf(d.Now.AddDate(0, 0, -35), d.Location)
		for _, span := range [][2]int{{9 * 60, 12 * 60}, {13*60 + 30, 17 * 60}} {
			if _, _, err := s.booking.SaveRule(ctx, tx, booking.Rule{ResourceID: id, PlaceID: places[n%len(places)], Tags: tags,
				When: calendar.Rule{RRule: "FREQ=WEEKLY;BYDAY=" + strings.Join(demoDays(n), ","), Start: start, From: span[0], To: span[1]}}); err != nil {
				return err
			}
		}
		n++
	}
	return nil
}

// demoDays are the days the nth agent works: the first every day, the second
// not on Wednesdays, the third half the week.
func demoDays(n int) []string {
	return [][]string{{"MO", "TU", "WE", "TH", "FR"}, {"MO", "TU", "TH", "FR"}, {"MO", "WE", "TH"}}[n%3]
}

// demoAppointments books what a town hall has: most came, some did not. The
// draw is fixed, so that two demonstrations look alike.
func (s *Service) demoAppointments(ctx context.Context, d service.Demo, reasons []Reason, agents []store.ID) error {
	if len(agents) == 0 {
		return nil
	}
	dice := rand.New(rand.NewPCG(7, uint64(len(d.Territory))))
	today := calendar.DateOf(d.Now, d.Location)
	return d.Handle.Update(ctx, func(tx *store.Tx) error {
		for offset := -30; offset <= 10; offset++ {
			day := today.AddDays(offset)
			if w := day.Weekday(); w == time.Saturday || w == time.Sunday {
				continue
			}
			for n, agent := range agents {
				if !slices.Contains(demoDays(n), strings.ToUpper(day.Weekday().String()[:2])) {
					continue
				}
				for _, minute := range []int{9 * 60, 10 * 60, 11 * 60, 14 * 60, 15 * 60, 16 * 60} {
					busy := 0.62 - 0.04*float64(max(0, offset))
					if dice.Float64() > busy {
						continue
					}
					r := reasons[dice.IntN(len(reasons))]
					start := day.At(minute, d.Location)
					if err := s.demoOne(ctx, tx, d, r, agent, start, dice); err != nil {
						return err
					}
				}
			}
		}
		return nil
	})
}

func (s *Service) demoOne(ctx context.Context, tx *store.Tx, d service.Demo, r Reason, agent store.ID, start time.Time, dice *rand.Rand) error {
	b, err := s.booking.Book(ctx, tx, booking.Request{Demand: booking.Demand{Needs: []booking.Need{{Resources: []store.ID{agent}}}, Duration: r.Duration()},
		Subject: "appointment", Start: start, Force: true})
	if _, lost := WasTaken(err); lost {
		return nil
	}
	if err != nil {
		return fmt.Errorf("appointment: demonstration: %w", err)
	}
	delay := time.Duration(1+dice.IntN(20)) * 24 * time.Hour
	a := Appointment{ID: store.NewID(), BookingID: b.ID, ReasonID: r.ID, PlaceID: b.PlaceID, Mode: r.Mode, ResidentID: store.ID(1001 + dice.IntN(12)),
		StartsAt: b.StartsAt, EndsAt: b.EndsAt, Status: Booked, Channel: []Channel{ByWeb, ByWeb, ByWeb, ByPhone, AtCounter}[dice.IntN(5)], Reminded: dice.Float64() < 0.7,
		FirstVisit: dice.Float64() < 0.3, Lang: "fr", CreatedAt: start.Add(-delay)}
	a.TokenHash = web.HashToken(s.Link(tx.Territory(), a.ID))
	if a.CreatedAt.After(d.Now) {
		a.CreatedAt = d.Now
	}
	if start.Before(d.Now) {
		absent := 0.11
		if !a.Reminded {
			absent = 0.19
		}
		a.Status, a.StatusAt = Seen, start.Add(10*time.Minute)
		switch x := dice.Float64(); {
		case x < absent:
			a.Status = NoShow
		case x < absent+0.06:
			a.Status, a.StatusAt = Excused, start.Add(-26*time.Hour)
		case start.After(d.Now.Add(-80*time.Hour)) && dice.Float64() < 0.4:
			a.Status, a.StatusAt = Booked, time.Time{}
		}
		if a.Status == Excused {
			if _, err := s.booking.Cancel(ctx, tx, b.ID, 0); err != nil {
				return err
			}
		}
	}
	return s.insert(ctx, tx, a, b.Resources())
}
