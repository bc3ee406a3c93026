package app_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"parvis/app/apptest"
	"parvis/core/place"
	"parvis/loop/serve/appointment"
	"parvis/platform/clock"
	"parvis/platform/store"
	"parvis/platform/store/storetest"
)

// TestBookingInAnImportedPlace brings the real list of France services in and
// books an appointment in one of its places.
func TestBookingInAnImportedPlace(t *testing.T) {
	dir := os.Getenv("PARVIS_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared")
	}
	f, err := os.Open(filepath.Join(dir, "data", "france-services-2024-08-01.csv"))
	if err != nil {
		t.Skipf("the shared data is not beside the checkout (set PARVIS_SHARED): %v", err)
	}
	defer f.Close()
	in := apptest.Start(t, storetest.SQLiteDSN(t), clock.System{}, false)
	rep, err := in.ImportPlaces(t.Context(), f, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	if rep.Rows != 2845 || rep.Created+rep.Refused != 2845 || rep.Created < 2800 {
		t.Fatalf("report %+v", rep)
	}
	var report bytes.Buffer
	if err := in.WriteReport(&report, rep); err != nil || bytes.Contains(report.Bytes(), []byte("⟦")) || bytes.Count(report.Bytes(), []byte("\n")) != len(rep.Remarks)+1 {
		t.Errorf("report of %d lines, %v", bytes.Count(report.Bytes(), []byte("\n")), err)
	}
	h := in.DB.In("d01")
	var p place.Place
	var reason appointment.Reason
	err = h.View(t.Context(), func(tx *store.Tx) error {
		if p, err = place.BySource(t.Context(), tx, place.SourceFranceServices, "1"); err != nil {
			return err
		}
		list, err := in.Rdv.Reasons(t.Context(), tx, true, false)
		if err == nil && len(list) == 1 {
			reason = list[0]
		}
		return err
	})
	if err != nil || reason.ID == 0 {
		t.Fatalf("place %+v, reason %+v: %v", p, reason, err)
	}
	slot, err := in.Rdv.First(t.Context(), h, reason, p.ID, in.DB.Clock().Now())
	if err != nil || slot == nil {
		t.Fatalf("no slot in %s: %v", p.Name, err)
	}
	local := slot.Start.In(mustZone(t, "Europe/Paris"))
	inside := false
	for _, s := range p.Opening.V[local.Weekday()] {
		minute := local.Hour()*60 + local.Minute()
		inside = inside || (s.From <= minute && minute+reason.DurationMin <= s.To)
	}
	if !inside {
		t.Errorf("slot %s is outside the opening hours %v", local, p.Opening.V[local.Weekday()])
	}
	done, err := in.Rdv.Book(t.Context(), h, appointment.Request{Reason: reason.ID, Place: p.ID, Start: slot.Start, Channel: appointment.ByAPI,
		Contact: appointment.Contact{FirstName: "Lise", LastName: "Bourrache", Email: "lise.bourrache@exemple.fr"}}, "01")
	if err != nil || done.PlaceID != p.ID || done.Number == "" {
		t.Fatalf("booked %+v: %v", done.Appointment, err)
	}
	if _, err := in.Rdv.Book(t.Context(), h, appointment.Request{Reason: reason.ID, Place: p.ID, Start: slot.Start, Channel: appointment.ByAPI,
		Contact: appointment.Contact{FirstName: "Marc", LastName: "Souci", Email: "marc.souci@exemple.fr"}}, "01"); err == nil {
		t.Error("the same start was booked twice")
	}
}

func mustZone(t *testing.T, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}
