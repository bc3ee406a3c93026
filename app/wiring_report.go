package app

import (
	"context"
	"fmt"

	"parvis/core/crew"
	"parvis/core/link"
	"parvis/core/person"
	"parvis/core/place"
	"parvis/core/sector"
	"parvis/core/territory/official"
	"parvis/engine/dossier"
	"parvis/loop/listen/report"
	"parvis/platform/geo"
	"parvis/platform/phone"
	"parvis/platform/store"
)

// reportKind is the kind of the requests of reports; the engine is built before
// the service.
func (a *App) reportKind() dossier.Kind {
	return report.DossierKind(func() *report.Reports { return a.Reports })
}

// reports builds the service of reports and complaints.
func (a *App) reports(secret []byte) (err error) {
	a.Reports, err = report.New(report.Deps{Clock: a.clock, DB: a.DB, Dossiers: a.Dossiers, Hub: a.Hub, Bus: a.Bus, Files: a.Files, Where: a.reportWhere, Secret: secret,
		Within: a.within, Sectors: a.sectorsAt, SectorList: sectorList, CrewList: crewList, StaffList: a.staffList, Contours: a.contours, Landmarks: landmarks,
		Links: func() *link.Links { return a.links }})
	return err
}

// reportWhere is the territory as reports name it.
func (a *App) reportWhere(ctx context.Context, tx *store.Tx) (report.Where, error) {
	t, err := a.Book.Get(ctx, tx.Territory())
	if err != nil {
		return report.Where{}, fmt.Errorf("app: where of a report: %w", err)
	}
	w := report.Where{Name: t.Official.Title(), URL: a.urlOf(t), Region: phone.Region(t.Official.Departement), Centre: geo.Point{Lat: t.Official.Lat, Lon: t.Official.Lon},
		Location: t.Settings.Location(), Host: t.Host}
	if n, err := phone.Parse(t.Settings.Phone, ""); err == nil {
		w.Phone = n.National()
	}
	return w, nil
}

// doubtKm is how wrong the position of a commune may be: nearer to the edge than
// this, a point is the territory's.
const doubtKm = 2.5

// within tells whether a point is a territory's: by its contours when they are
// known, otherwise by the commune whose centre is nearest.
func (a *App) within(ctx context.Context, id string, p geo.Point) (report.Outside, bool, error) {
	t, err := a.Book.Get(ctx, id)
	if err != nil {
		return report.Outside{}, false, err
	}
	areas, err := a.contours(ctx, a.DB.In(id))
	if err != nil {
		return report.Outside{}, false, err
	}
	for _, x := range areas {
		if x.Contains(p) {
			return report.Outside{}, true, nil
		}
	}
	near := a.Book.List().Near(p.Lat, p.Lon, 12)
	if len(near) == 0 || !t.Official.Located() {
		return report.Outside{}, len(areas) == 0, nil
	}
	if len(areas) == 0 {
		for _, n := range near {
			if n.Km <= near[0].Km+doubtKm && belongs(n.Entry, t.Official) {
				return report.Outside{}, true, nil
			}
		}
	}
	nearest := near[0].Entry
	if nearest.ID == id && len(near) > 1 { // beyond our contour, though our centre is the nearest
		nearest = near[1].Entry
	}
	if belongs(nearest, t.Official) && t.Official.Kind != official.Commune {
		return report.Outside{}, true, nil // contours of some members only
	}
	out := report.Outside{Name: nearest.Title()}
	if x, err := a.Book.Get(ctx, nearest.ID); err == nil && x.Settings.Open(report.Kind) {
		out.URL = a.urlOf(x) + "/signaler"
	}
	return out, false, nil
}

// belongs tells whether a commune is, or is part of, a territory.
func belongs(commune, of official.Entry) bool {
	switch of.Kind {
	case official.Commune:
		return commune.ID == of.ID
	case official.EPCI:
		return commune.EPCI == of.Code
	case official.EPT:
		return commune.EPT == of.Code
	case official.Departement:
		return commune.Departement == of.Code
	case official.Region:
		return commune.Region == of.Code
	}
	return commune.COM == of.Code
}

func (a *App) sectorsAt(ctx context.Context, tx *store.Tx, p geo.Point) ([]store.ID, error) {
	list, err := a.Sectors.At(ctx, tx, p)
	if err != nil {
		return nil, err
	}
	var out []store.ID
	for _, s := range list {
		out = append(out, s.ID)
	}
	return out, nil
}

// contours are those of the sectors that together are the territory: its
// communes, or itself.
func (a *App) contours(ctx context.Context, h store.Handle) (out []geo.Area, err error) {
	err = h.View(ctx, func(tx *store.Tx) error {
		out = nil
		list, err := a.Sectors.All(ctx, tx)
		for _, s := range list {
			if s.Kind == "commune" && !s.Area().Empty() {
				out = append(out, s.Area())
			}
		}
		return err
	})
	return out, err
}

func sectorList(ctx context.Context, tx *store.Tx) ([]report.Choice, error) {
	list, err := sector.List(ctx, tx)
	var out []report.Choice
	for _, s := range list {
		out = append(out, report.Choice{ID: s.ID, Name: s.Name})
	}
	return out, err
}

func crewList(ctx context.Context, tx *store.Tx) ([]report.Choice, error) {
	list, err := crew.List(ctx, tx, false)
	var out []report.Choice
	for _, c := range list {
		out = append(out, report.Choice{ID: c.ID, Name: c.Name})
	}
	return out, err
}

// staffList is who may be given a report.
func (a *App) staffList(ctx context.Context, h store.Handle) ([]report.Choice, error) {
	list, _, err := a.People.Staff(ctx, h.Territory(), person.StaffQuery{Limit: 200})
	var out []report.Choice
	for _, m := range list {
		out = append(out, report.Choice{ID: m.ID, Name: m.Name})
	}
	return out, err
}

// landmarks are the places where people are received.
func landmarks(ctx context.Context, h store.Handle) (out []report.Landmark, err error) {
	err = h.View(ctx, func(tx *store.Tx) error {
		out = nil
		list, _, err := place.List(ctx, tx, "", "", 40, false)
		for _, p := range list {
			if p.Located() {
				out = append(out, report.Landmark{Name: p.Name, Point: geo.Point{Lat: p.Lat, Lon: p.Lon}})
			}
		}
		return err
	})
	return out, err
}
