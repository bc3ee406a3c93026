package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"parvis/core/link"
	"parvis/engine/dossier"
	"parvis/loop/listen/report"
	"parvis/loop/serve/intervention"
	"parvis/platform/event"
	"parvis/platform/fault"
	"parvis/platform/file"
	"parvis/platform/i18n"
	"parvis/platform/store"
)

// interventions builds the service of the work in the field.
func (a *App) interventions(files file.Store) (*intervention.Service, error) {
	return intervention.New(intervention.Deps{DB: a.DB, Clock: a.clock, Booking: a.Booking, People: a.People, Hub: a.Hub, Bus: a.Bus, Queue: a.Queue, Files: files,
		Contours: a.fieldContours, Where: a.fieldWhere, Origin: a.fieldOrigin})
}

// fieldService is the declaration, with what joins work orders to reports.
func (a *App) fieldService() Service {
	s := a.Field.Service()
	s.On = append(s.On, event.On("intervention.*", "app.intervention.report", a.tellReport))
	return s
}

// fieldWhere is the territory as the field page and the plans know it.
func (a *App) fieldWhere(ctx context.Context, tx *store.Tx) (intervention.Where, error) {
	t, err := a.Book.Get(ctx, tx.Territory())
	if err != nil {
		return intervention.Where{}, fmt.Errorf("app: where interventions are: %w", err)
	}
	return intervention.Where{Name: placeName(t), Location: t.Settings.Location(), Zone: t.HolidayZone(), Lat: t.Official.Lat, Lon: t.Official.Lon}, nil
}

// maxContours bounds the lines that a device keeps, in bytes.
const maxContours = 200_000

// fieldContours are the sectors of the territory as one collection of lines.
func (a *App) fieldContours(ctx context.Context, tx *store.Tx) (json.RawMessage, error) {
	list, err := a.Sectors.All(ctx, tx)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	type feature struct {
		Type       string            `json:"type"`
		Geometry   json.RawMessage   `json:"geometry"`
		Properties map[string]string `json:"properties"`
	}
	features := []feature{}
	size := 0
	for _, x := range list {
		area := x.Area().GeoJSON()
		if size += len(area); size > maxContours {
			break
		}
		features = append(features, feature{"Feature", area, map[string]string{"name": x.Name}})
	}
	return json.Marshal(map[string]any{"type": "FeatureCollection", "features": features})
}

// reportOf is the report that a work order comes from; ErrNotFound when it
// comes from elsewhere.
func (a *App) reportOf(ctx context.Context, tx *store.Tx, ref string) (report.Report, error) {
	kind, id, err := link.Ref(ref).Split()
	if err != nil || kind != report.Kind {
		return report.Report{}, store.ErrNotFound
	}
	return a.Reports.Get(ctx, tx, id)
}

// fieldOrigin is what is known of the thing that a work order is asked for.
func (a *App) fieldOrigin(ctx context.Context, tx *store.Tx, ref string) (intervention.Asked, error) {
	r, err := a.reportOf(ctx, tx, ref)
	if err != nil {
		return intervention.Asked{}, err
	}
	out := intervention.Asked{Title: r.Title, Text: r.TextShown, Address: r.Address, At: r.OpenedAt, Due: r.DueAt, Crew: r.CrewID}
	if r.Located {
		out.Lat, out.Lon = &r.Lat, &r.Lon
	}
	return out, nil
}

// tellReport moves the report of a work order with it, joins the two, and gives
// it the photos of the repair. Those who follow learn it from the report.
func (a *App) tellReport(ctx context.Context, e event.Event) error {
	_, id, err := link.Ref(e.Subject).Split()
	if err != nil {
		return err
	}
	h := a.DB.In(e.Territory)
	var o intervention.Order
	var r report.Report
	var photos []intervention.Photo
	err = h.View(ctx, func(tx *store.Tx) (err error) {
		if o, err = a.Field.Get(ctx, tx, id); err != nil {
			return err
		}
		if r, err = a.reportOf(ctx, tx, o.OriginRef); err != nil {
			return err
		}
		photos, err = a.Field.Photos(ctx, tx, id)
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		return nil // not of a report, or erased meanwhile
	}
	if err != nil {
		return err
	}
	by := dossier.Author{Kind: dossier.System}
	switch strings.TrimPrefix(e.Kind, "intervention.") {
	case "opened":
		return h.Update(ctx, func(tx *store.Tx) error {
			return a.links.Add(ctx, tx, link.To(report.Kind, r.ID), link.Became, link.Ref(e.Subject), o.CreatedBy)
		})
	case "planned":
		return unlessOver(r, func() error {
			_, err := a.Reports.Advance(ctx, h, r.ID, by, report.Planned, o.PlannedStart, "")
			return err
		})
	case "started":
		return unlessOver(r, func() error {
			_, err := a.Reports.Advance(ctx, h, r.ID, by, report.InProgress, time.Time{}, "")
			return err
		})
	case "photo":
		return a.repairPhotos(ctx, h, e.Territory, r.ID, photos)
	case "done":
		if err := a.repairPhotos(ctx, h, e.Territory, r.ID, photos); err != nil {
			return err
		}
		return unlessOver(r, func() error {
			_, err := a.Reports.Close(ctx, h, r.ID, by, report.Closing{State: report.Fixed, Reason: a.Catalog.Localizer(i18n.French).T("app.intervention.fixed")})
			return err
		})
	}
	return nil
}

// unlessOver does nothing to a report that is closed; one that somebody moved
// meanwhile stays where it is.
func unlessOver(r report.Report, do func() error) error {
	if r.State.Final() {
		return nil
	}
	if err := do(); err != nil && !fault.Is(err, fault.Conflict) {
		return err
	}
	return nil
}

// repairPhotos gives a report the photos before and after, each once.
func (a *App) repairPhotos(ctx context.Context, h store.Handle, territory string, id store.ID, photos []intervention.Photo) error {
	for _, p := range photos {
		if p.Sign || p.Phase != "before" && p.Phase != "after" {
			continue
		}
		first := false
		if err := a.Bus.Once(ctx, event.Event{Territory: territory, ID: p.ID}, "app.intervention.photo", func(*store.Tx) error { first = true; return nil }); err != nil {
			return err
		}
		if !first {
			continue
		}
		f, _, err := a.Files.Open(ctx, p.Key)
		if err != nil {
			return fmt.Errorf("app: photo of a repair: %w", err)
		}
		_, err = a.Reports.AddPhoto(ctx, h, id, report.PhotoRole(p.Phase), f)
		if err = errors.Join(err, f.Close()); err != nil && !fault.Is(err, fault.Invalid) {
			return fmt.Errorf("app: photo of a repair: %w", err)
		}
	}
	return nil
}
