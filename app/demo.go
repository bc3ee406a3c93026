package app

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"parvis/core/access"
	"parvis/core/notify/mailbox"
	"parvis/core/person"
	"parvis/core/service"
	"parvis/core/territory"
	"parvis/core/territory/official"
	"parvis/platform/fault"
	"parvis/platform/hours"
	"parvis/platform/store"
)

// demoPlace is a real territory with invented contact and staff. The phone
// numbers are in the ranges kept for fiction (Arcep 2018-0881).
type demoPlace struct {
	id, place, address, phone, mail, colour, sign string
	staff                                         []demoStaff
}

type demoStaff struct {
	name, mail string
	role       access.Role
}

// demoOperator hosts the others.
const demoOperator = "r75"

func demoPlaces() []demoPlace {
	return []demoPlace{
		{demoOperator, "Parvis en Nouvelle-Aquitaine", "14, rue des Tilleuls", "0536490086", "aide@operateur.exemple.fr", "#1F5B92", "phare",
			[]demoStaff{{"Camille Hortensia", "camille.hortensia@operateur.exemple.fr", access.Operator}}},
		{"d86", "Hôtel du Département", "1, place des Platanes", "0536498686", "accueil@lavienne.exemple.fr", "#0E6E73", "vagues",
			[]demoStaff{{"Sylvie Bruyère", "sylvie.bruyere@lavienne.exemple.fr", access.Agent}, {"Omar Genévrier", "omar.genevrier@lavienne.exemple.fr", access.Agent},
				{"Lucie Campanule", "lucie.campanule@lavienne.exemple.fr", access.Agent}, {"Hugo Myosotis", "hugo.myosotis@lavienne.exemple.fr", access.Desk},
				{"Anne Capucine", "anne.capucine@lavienne.exemple.fr", access.Manager}, {"Paul Glycine", "paul.glycine@lavienne.exemple.fr", access.Admin},
				{"Line Bleuet", "line.bleuet@lavienne.exemple.fr", access.DPO}}},
		{"c86194", "Hôtel de ville", "3, place de la Halle", "0536491240", "mairie@poitiers.exemple.fr", "#B4532F", "clocher",
			[]demoStaff{{"Nadia Pervenche", "nadia.pervenche@poitiers.exemple.fr", access.Desk}, {"Karim Coquelicot", "karim.coquelicot@poitiers.exemple.fr", access.Agent},
				{"Théo Sureau", "theo.sureau@poitiers.exemple.fr", access.Manager}, {"Jeanne Acacia", "jeanne.acacia@poitiers.exemple.fr", access.Admin}}},
		{"e200069854", "Maison de l’agglomération", "20, allée des Érables", "0536491250", "accueil@grandpoitiers.exemple.fr", "#5B4B8A", "pont",
			[]demoStaff{{"Maud Verveine", "maud.verveine@grandpoitiers.exemple.fr", access.Agent}, {"Éric Romarin", "eric.romarin@grandpoitiers.exemple.fr", access.Admin}}},
		{"", "Mairie", "1, place de l’Église", "0536491260", "mairie@village.exemple.fr", "#3F6B2A", "epi",
			[]demoStaff{{"Rose Aubier", "rose.aubier@village.exemple.fr", access.Admin}, {"Rose Aubier", "rose.aubier@village.exemple.fr", access.Desk}}},
	}
}

// village is the first commune of the Vienne, by code, with 200 to 450
// inhabitants.
func village(list *official.List) (official.Entry, error) {
	for _, e := range list.Members("d86") {
		if e.Population >= 200 && e.Population <= 450 {
			return e, nil
		}
	}
	return official.Entry{}, errors.New("app: no village in the list")
}

// DemoAccount is one sign-in of the demonstration.
type DemoAccount struct {
	Name, Place string
	Role        access.Role
}

// FillDemo activates the territories of the demonstration and fills them; what
// is there already stays. say is told what is being prepared.
func (a *App) FillDemo(ctx context.Context, say func(string)) ([]DemoAccount, error) {
	var accounts []DemoAccount
	for _, p := range demoPlaces() {
		if p.id == "" {
			e, err := village(a.Book.List())
			if err != nil {
				return nil, err
			}
			p.id = e.ID
		}
		operator := demoOperator
		if p.id == demoOperator {
			operator = ""
		}
		t, err := a.Book.Activate(ctx, p.id, operator)
		if err != nil {
			return nil, err
		}
		say(t.Official.Title())
		if t.Version == 1 {
			if t, err = a.dressDemo(ctx, t, p); err != nil {
				return nil, err
			}
		}
		staff, err := a.staffDemo(ctx, p)
		if err != nil {
			return nil, err
		}
		for _, s := range staff {
			accounts = append(accounts, DemoAccount{s.Name, t.Official.Title(), s.Role})
		}
		if p.id == demoOperator {
			continue
		}
		if err := a.numberDemo(ctx, t.ID, t.Settings.Phone); err != nil {
			return nil, err
		}
		d := service.Demo{Handle: a.DB.In(t.ID), Territory: t.ID, Kind: string(t.Official.Kind), Name: t.Name, Location: t.Settings.Location(), Now: a.clock.Now(), Staff: staff}
		for _, s := range a.Services {
			if s.Demo == nil || (s.Optional && !t.Settings.Open(s.Name)) {
				continue
			}
			if err := s.Demo(ctx, d); err != nil {
				return nil, fmt.Errorf("app: filling %s of %s: %w", s.Name, t.ID, err)
			}
		}
	}
	return accounts, nil
}

func (a *App) dressDemo(ctx context.Context, t *territory.Territory, p demoPlace) (*territory.Territory, error) {
	s := t.Settings
	s.Place, s.Address, s.Phone, s.Email, s.Colour, s.Sign = p.place, p.address, p.phone, p.mail, p.colour, p.sign
	s.Hours = "du lundi au vendredi, 9 h – 17 h"
	for day := 1; day <= 5; day++ {
		s.Opening[day] = []hours.Span{{From: 8*60 + 30, To: 12 * 60}, {From: 13*60 + 30, To: 17 * 60}}
	}
	s.Opening[6] = []hours.Span{{From: 9 * 60, To: 12 * 60}}
	s.Legal = territory.Legal{Publisher: "La personne qui préside la collectivité", Host: "L’opérateur de la démonstration", DPO: "Délégué mutualisé à la protection des données", DPOEmail: "dpo@operateur.exemple.fr"}
	if p.id == demoOperator {
		s.Closed = map[string]bool{"appointment": true}
	}
	if err := a.Book.Save(ctx, t.ID, territory.Change{Version: t.Version, Settings: s}); err != nil {
		return nil, fmt.Errorf("app: dressing %s: %w", t.ID, err)
	}
	return a.Book.Get(ctx, t.ID)
}

// staffDemo adds the accounts and their roles; a person named twice holds both.
func (a *App) staffDemo(ctx context.Context, p demoPlace) ([]service.DemoPerson, error) {
	var out []service.DemoPerson
	for _, x := range p.staff {
		var who person.Person
		err := a.DB.System("staff of the demonstration belong to the instance").Update(ctx, func(tx *store.Tx) (err error) {
			who, err = a.People.Add(ctx, tx, person.NewPerson{Name: x.name, Email: x.mail, Joined: true})
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("app: adding %s: %w", x.name, err)
		}
		err = a.DB.In(p.id).Update(ctx, func(tx *store.Tx) error {
			return a.Access.Grant(ctx, tx, access.Grant{Person: who.ID, Service: access.Everywhere, Role: x.role})
		})
		if err != nil && !fault.Is(err, fault.Conflict) {
			return nil, fmt.Errorf("app: granting %s: %w", x.role, err)
		}
		out = append(out, service.DemoPerson{ID: who.ID, Name: x.name, Role: x.role})
	}
	return out, nil
}

// numberDemo gives a town its own number for SMS: that of its switchboard, in
// digits, so that one can write to it.
func (a *App) numberDemo(ctx context.Context, id, e164 string) error {
	err := a.DB.In(id).Update(ctx, func(tx *store.Tx) error {
		set, err := a.Hub.Settings(ctx, tx)
		if err != nil || set.Number != "" {
			return err
		}
		set.Number = strings.TrimPrefix(e164, "+")
		return a.Hub.SetSettings(ctx, tx, set, 0)
	})
	if err != nil {
		return fmt.Errorf("app: number of a town of the demonstration: %w", err)
	}
	return nil
}

// townsDemo are the towns one may write to in the demonstration.
func (a *App) townsDemo(ctx context.Context) ([]mailbox.Town, error) {
	var out []mailbox.Town
	err := a.Book.All(ctx, func(t *territory.Territory) error {
		return a.DB.In(t.ID).View(ctx, func(tx *store.Tx) error {
			set, err := a.Hub.Settings(ctx, tx)
			if err == nil && set.Number != "" {
				out = append(out, mailbox.Town{Name: t.Official.Title(), Number: set.Number})
			}
			return err
		})
	})
	return out, err
}
