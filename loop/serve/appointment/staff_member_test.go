package appointment

import (
	"testing"

	"parvis/core/person"
	"parvis/engine/booking"
	"parvis/platform/calendar"
	"parvis/platform/event"
	"parvis/platform/store"
)

// TestMembersWhoLeave: the diary of a member of staff follows their name, is
// closed while they are suspended, and what is booked in it is said.
func TestMembersWhoLeave(t *testing.T) {
	benches(t, func(t *testing.T, b *bench) {
		var who person.Person
		b.must(b.db.System("a test adds staff to the instance").Update(t.Context(), func(tx *store.Tx) (err error) {
			who, err = b.s.people.Add(t.Context(), tx, person.NewPerson{Name: "Iris Lavande", Email: "iris.lavande@exemple.fr", Joined: true})
			return err
		}))
		subject := "person:" + who.ID.String()
		var diary store.ID
		b.must(b.db.In(town).Update(t.Context(), func(tx *store.Tx) (err error) {
			diary, err = b.s.booking.AddResource(t.Context(), tx, booking.Resource{Kind: booking.Person, Name: "Iris", PlaceID: b.hall, TimeZone: "Europe/Paris",
				HolidayZone: calendar.ZoneMainland, Active: true, OwnerRef: subject})
			if err == nil {
				_, _, err = b.s.booking.SaveRule(t.Context(), tx, booking.Rule{ResourceID: diary, Tags: []string{b.paper.Tag()},
					When: calendar.Rule{RRule: "FREQ=DAILY", Start: calendar.On(2020, 11, 23), From: 9 * 60, To: 12 * 60}})
			}
			return err
		}))
		b.book("Pervenche", b.paper, b.at(24, 9, 0), diary)
		now := func() (x booking.Resource) {
			t.Helper()
			b.must(b.db.In(town).View(t.Context(), func(tx *store.Tx) (err error) {
				x, err = b.s.booking.Resource(t.Context(), tx, diary)
				return err
			}))
			return x
		}
		happens := func(n store.ID, kind string) {
			t.Helper()
			do := b.s.onSuspended
			if kind == "person.renamed" {
				do = b.s.onRenamed
			}
			b.must(do(t.Context(), event.Event{Territory: town, ID: n, Kind: kind, Subject: subject}))
		}
		b.must(b.db.In(town).View(t.Context(), func(tx *store.Tx) error {
			list, err := b.s.duties(t.Context(), tx, who.ID)
			if err == nil && (len(list) != 1 || list[0].Href != agendaPath+"?vue=semaine&agent="+diary.String()) {
				t.Errorf("still to be done: %v", list)
			}
			return err
		}))
		happens(1, "person.renamed")
		if x := now(); x.Name != "Iris Lavande" {
			t.Errorf("the diary is called %q", x.Name)
		}
		happens(2, "access.suspended")
		if now().Active {
			t.Error("times are still offered with somebody who is suspended")
		}
		happens(3, "access.restored")
		if !now().Active {
			t.Error("no time is offered with somebody who is back")
		}
		happens(2, "access.suspended") // the old event comes again: each has its effect once
		if !now().Active {
			t.Error("an event that comes twice closes the diary again")
		}
		for i, x := range b.agents {
			b.must(b.db.In(town).View(t.Context(), func(tx *store.Tx) error {
				r, err := b.s.booking.Resource(t.Context(), tx, x)
				if !r.Active || r.Name != "Guichet "+string(rune('A'+i)) {
					t.Errorf("another agent changed: %+v", r)
				}
				return err
			}))
		}
	})
}
