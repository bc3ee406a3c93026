package person

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"parvis/core/access"
	"parvis/core/service"
	"parvis/platform/fault"
	"parvis/platform/store"
	"parvis/platform/web"
)

// demoGroup is the accounts of one territory, on the sign-in page of a
// demonstration.
type demoGroup struct {
	Territory, Place string
	Accounts         []demoAccount
}

type demoAccount struct {
	ID          store.ID
	Name, Roles string
}

// demoLimit bounds the accounts shown.
const demoLimit = 40

// demoGroups lists the accounts of a demonstration, by territory.
func (p *People) demoGroups(ctx context.Context) ([]demoGroup, error) {
	type row struct {
		TerritoryID string
		ID          store.ID
		Name        string
		Role        access.Role
	}
	var rows []row
	if err := p.system().View(ctx, func(tx *store.Tx) error {
		return tx.Select(ctx, &rows, `SELECT m.territory_id, p.id, p.name, m.role FROM access_membership m JOIN person p ON p.id = m.person_id
			WHERE m.revoked_at IS NULL AND p.active AND p.joined_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM access_suspension x WHERE x.territory_id = m.territory_id AND x.person_id = m.person_id)
			ORDER BY m.territory_id, p.id, m.id LIMIT ?`, 4*demoLimit)
	}); err != nil {
		return nil, err
	}
	var groups []demoGroup
	for len(rows) > 0 {
		n := slices.IndexFunc(rows, func(r row) bool { return r.TerritoryID != rows[0].TerritoryID })
		if n < 0 {
			n = len(rows)
		}
		place, err := p.w.Places.Place(ctx, rows[0].TerritoryID)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
		if err == nil {
			g := demoGroup{Territory: place.Territory, Place: strings.TrimSpace(place.Kind + " " + place.Name)}
			for i := 0; i < n && len(g.Accounts) < demoLimit; {
				who, held := rows[i], []access.Membership(nil)
				for ; i < n && rows[i].ID == who.ID; i++ {
					held = append(held, access.Membership{Role: rows[i].Role})
				}
				g.Accounts = append(g.Accounts, demoAccount{who.ID, who.Name, joinWords(RoleWords(ctx, held))})
			}
			groups = append(groups, g)
		}
		rows = rows[n:]
	}
	return groups, nil
}

// enterDemo signs in with one click. Its route exists in a demonstration only.
func (p *People) enterDemo(c *web.Context) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	id, err := store.ParseID(form.Get("personne"))
	if err != nil {
		return fault.New(fault.NotFound, "").Because(err)
	}
	m, err := p.Member(c.Ctx(), form.Get("collectivite"), id)
	if err != nil {
		return err
	}
	if !m.Active || !m.Joined() {
		return fault.New(fault.Forbidden, "")
	}
	place, err := p.w.Places.Place(c.Ctx(), form.Get("collectivite"))
	if err != nil {
		return err
	}
	if err := beginSession(c, id); err != nil {
		return err
	}
	// An account of another territory than the page asked for goes to its own desk.
	if next := localPath(form.Get("vers")); firstSegment(next) == firstSegment(place.Desk) {
		return c.Redirect(next)
	}
	return c.Redirect(place.Desk)
}

func firstSegment(path string) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return first
}

// demoResidents are plainly invented; their telephones are in the range that
// Arcep keeps for fiction.
func demoResidents() ([]Resident, error) {
	list := []Draft{
		{"mme", "Aline", "Aubépin", "06 39 98 10 01", "aline.aubepin@exemple.fr", "fr", ""},
		{"m", "Sami", "Belleroche", "06 39 98 10 02", "", "fr", "Préfère le matin."},
		{"mme", "Inès", "Carrelet", "06 39 98 10 03", "ines.carrelet@exemple.fr", "fr", ""},
		{"m", "Yvon", "Dormeuil", "05 36 49 10 04", "", "fr", "N’a pas de mobile : appeler le fixe."},
		{"mme", "Odile", "Estragon", "06 39 98 10 05", "", "fr", ""},
		{"m", "Paul", "Fougère", "06 39 98 10 06", "paul.fougere@exemple.fr", "fr", ""},
		{"mme", "Élodie", "Grandpré", "06 39 98 10 07", "famille.grandpre@exemple.fr", "fr", ""},
		{"m", "Noé", "Grandpré", "06 39 98 10 07", "famille.grandpre@exemple.fr", "fr", ""},
		{"", "Mary", "Hollyhock", "06 39 98 10 09", "mary.hollyhock@exemple.fr", "en", ""},
		{"m", "Jean-Baptiste", "L’Églantier", "06 39 98 10 10", "", "fr", ""},
		{"mme", "Aline", "Aubepin", "06 39 98 10 11", "", "fr", ""},
		{"", "Lucette", "Mirabelle", "", "", "fr", "Vient au guichet, sans téléphone."},
	}
	out := make([]Resident, 0, len(list))
	for i, d := range list {
		r, err := d.Read("FR")
		if err != nil {
			return nil, fmt.Errorf("person: a resident of the demonstration: %w", err)
		}
		r.ID = firstDemoResident + store.ID(i)
		out = append(out, r)
	}
	return out, nil
}

// firstDemoResident is the number of the first card of a demonstration; the
// samples of the routes name it.
const firstDemoResident store.ID = 1001

// fillDemo writes the residents of a demonstration once.
func (p *People) fillDemo(ctx context.Context, d service.Demo) error {
	residents, err := demoResidents()
	if err != nil {
		return err
	}
	return d.Handle.Update(ctx, func(tx *store.Tx) error {
		if _, err := p.Residents.Get(ctx, tx, firstDemoResident); !errors.Is(err, store.ErrNotFound) {
			return err
		}
		for _, r := range residents {
			if _, err := p.Residents.Create(ctx, tx, r); err != nil {
				return err
			}
		}
		return nil
	})
}
