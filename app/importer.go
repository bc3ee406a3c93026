package app

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"time"

	"parvis/core/place"
	"parvis/engine/booking"
	"parvis/loop/serve/appointment"
	"parvis/platform/calendar"
	"parvis/platform/fault"
	"parvis/platform/hours"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/tabular"
)

// ImportPlaces brings the France services list in. Each place goes to the
// territory given, or with none to its own département, activated when needed;
// it can be booked at once: a desk with its opening hours serves the reason
// « Être reçu par France services ».
func (a *App) ImportPlaces(ctx context.Context, r io.Reader, territoryID string, progress func(place.Report)) (place.Report, error) {
	if territoryID != "" {
		if _, err := a.Book.Activate(ctx, territoryID, ""); err != nil {
			return place.Report{}, err
		}
	}
	return place.ImportFranceServices(ctx, r, &importTarget{app: a, only: territoryID, reasons: map[string]store.ID{}}, progress)
}

// importTarget says where a place goes and makes it bookable.
type importTarget struct {
	app     *App
	only    string
	reasons map[string]store.ID // by territory
}

// Handle satisfies place.Target.
func (t *importTarget) Handle(ctx context.Context, departement, commune string) (store.Handle, error) {
	id := t.only
	if id == "" {
		e, ok := t.app.Book.List().ByID("d" + departement)
		if !ok {
			// Overseas collectivities have no département: the code of the commune says which.
			if e, ok = t.app.Book.List().ByCode(commune); !ok {
				return store.Handle{}, fault.New(fault.NotFound, "")
			}
			if e.COM != "" {
				e, _ = t.app.Book.List().ByCode(e.COM)
			}
		}
		id = e.ID
	}
	if _, known := t.reasons[id]; !known {
		if _, err := t.app.Book.Activate(ctx, id, ""); err != nil {
			return store.Handle{}, err
		}
		reason, err := t.reason(ctx, id)
		if err != nil {
			return store.Handle{}, err
		}
		t.reasons[id] = reason
	}
	return t.app.DB.In(id), nil
}

// reason finds or makes what one comes to a France services for.
func (t *importTarget) reason(ctx context.Context, id string) (store.ID, error) {
	name := t.app.Catalog.Localizer(i18n.French).T("app.import.reason")
	var out store.ID
	err := t.app.DB.In(id).Update(ctx, func(tx *store.Tx) error {
		list, err := t.app.Rdv.Reasons(ctx, tx, false, true)
		if err != nil {
			return err
		}
		for _, r := range list {
			if r.Name == name {
				out = r.ID
				return nil
			}
		}
		r := appointment.NewReason()
		r.Name, r.Team, r.Need = name, "France services", "help"
		out, err = t.app.Rdv.SaveReason(ctx, tx, r)
		return err
	})
	return out, err
}

// Imported satisfies place.Target: the opening hours become opening spans of
// the place's desk.
func (t *importTarget) Imported(ctx context.Context, tx *store.Tx, p place.Place) error {
	b := t.app.Booking
	owner := "place:" + p.ID.String()
	desks, err := b.ResourcesOf(ctx, tx, owner)
	if err != nil {
		return err
	}
	var desk booking.Resource
	if len(desks) > 0 {
		desk = desks[0]
		rules, err := b.Rules(ctx, tx, desk.ID)
		if err != nil {
			return err
		}
		for _, r := range rules {
			if err := b.DeleteRule(ctx, tx, r.ID); err != nil {
				return err
			}
		}
	} else {
		terr, err := t.app.Book.Get(ctx, tx.Territory())
		if err != nil {
			return err
		}
		desk = booking.Resource{Kind: booking.Person, Name: p.Name, PlaceID: p.ID, TimeZone: terr.Settings.Location().String(), HolidayZone: terr.HolidayZone(),
			Active: true, OwnerRef: owner, HorizonDays: 62}
		if desk.ID, err = b.AddResource(ctx, tx, desk); err != nil {
			return err
		}
	}
	start := calendar.DateOf(tx.Now(), locationOf(desk.TimeZone))
	for _, r := range weekRules(p.Opening.V, start) {
		r.ResourceID, r.PlaceID, r.Tags = desk.ID, p.ID, []string{appointment.Tag(t.reasons[tx.Territory()])}
		if _, _, err := b.SaveRule(ctx, tx, r); err != nil {
			return err
		}
	}
	return nil
}

func locationOf(name string) *time.Location {
	if loc, err := time.LoadLocation(name); err == nil {
		return loc
	}
	return time.UTC
}

// weekRules turns a week into as few rules as there are different spans: the
// days that share a span share a rule.
func weekRules(w hours.Week, start calendar.Date) []booking.Rule {
	names := [7]string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}
	var order []hours.Span
	byday := map[hours.Span]string{}
	for day, spans := range w {
		for _, s := range spans {
			if byday[s] == "" {
				order = append(order, s)
			} else {
				byday[s] += ","
			}
			byday[s] += names[day]
		}
	}
	out := make([]booking.Rule, 0, len(order))
	for _, s := range order {
		out = append(out, booking.Rule{When: calendar.Rule{RRule: "FREQ=WEEKLY;BYDAY=" + byday[s], Start: start, From: s.From, To: s.To}})
	}
	return out
}

// WriteReport writes one line per remark: line, identifier, field, what happened.
func (a *App) WriteReport(w io.Writer, rep place.Report) error {
	l := a.Catalog.Localizer(i18n.French)
	var rows [][]string
	for _, r := range rep.Remarks {
		state := l.T("app.cmd.import.warned")
		if r.Refused {
			state = l.T("app.cmd.import.refused")
		}
		rows = append(rows, []string{strconv.Itoa(r.Line), r.ID, r.Field, state, l.T(r.Key, r.Args...)})
	}
	body, err := tabular.CSV([]string{"ligne", "identifiant", "champ", "suite", "motif"}, rows)
	if err != nil {
		return err
	}
	if _, err := w.Write(body); err != nil {
		return fmt.Errorf("app: writing the report: %w", err)
	}
	return nil
}
