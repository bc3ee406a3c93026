package app

import (
	"context"
	"encoding/json"
	"fmt"

	"parvis/loop/serve/intervention"
	"parvis/platform/file"
	"parvis/platform/store"
)

// interventions builds the service of the work in the field.
func (a *App) interventions(files file.Store) (*intervention.Service, error) {
	return intervention.New(intervention.Deps{DB: a.DB, Clock: a.clock, Booking: a.Booking, People: a.People, Hub: a.Hub, Bus: a.Bus, Queue: a.Queue, Files: files,
		Contours: a.fieldContours, Where: a.fieldWhere})
}

// fieldWhere is the territory as the field page and the plans know it.
func (a *App) fieldWhere(ctx context.Context, tx *store.Tx) (intervention.Where, error) {
	t, err := a.Book.Get(ctx, tx.Territory())
	if err != nil {
		return intervention.Where{}, fmt.Errorf("app: where interventions are: %w", err)
	}
	out := intervention.Where{Name: placeName(t), Location: t.Settings.Location(), Zone: t.HolidayZone()}
	if t.Official.Lat != 0 || t.Official.Lon != 0 {
		out.Lat, out.Lon = t.Official.Lat, t.Official.Lon
	}
	return out, nil
}

// maxContours bounds the lines that a device keeps, in bytes.
const maxContours = 200_000

// fieldContours are the sectors of the territory as one collection of lines.
func (a *App) fieldContours(ctx context.Context, tx *store.Tx) (json.RawMessage, error) {
	var list []struct{ Name, Area string }
	if err := tx.Select(ctx, &list, `SELECT name, area FROM sector WHERE territory_id = @territory ORDER BY id LIMIT 500`); err != nil || len(list) == 0 {
		return nil, err
	}
	type feature struct {
		Type       string            `json:"type"`
		Geometry   json.RawMessage   `json:"geometry"`
		Properties map[string]string `json:"properties"`
	}
	out := struct {
		Type     string    `json:"type"`
		Features []feature `json:"features"`
	}{Type: "FeatureCollection"}
	size := 0
	for _, x := range list {
		if size += len(x.Area); size > maxContours {
			break
		}
		out.Features = append(out.Features, feature{"Feature", json.RawMessage(x.Area), map[string]string{"name": x.Name}})
	}
	return json.Marshal(out)
}
