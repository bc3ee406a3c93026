package appointment

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/a-h/templ"

	"parvis/core/person"
	"parvis/core/place"
	"parvis/engine/booking"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/web/page"
)

// maxPlaces and maxAgents bound the lists of one territory.
const (
	maxPlaces = 500
	maxAgents = 500
)

// roster is what the lists of the staff are read with: who serves, where, why.
// It remembers the residents it met.
type roster struct {
	reasons map[store.ID]Reason
	places  map[store.ID]place.Place
	agents  []booking.Resource // people and desks, by name
	order   []Reason           // as the territory ranks them, closed ones last
	sites   []place.Place      // by name

	people  *person.People
	met     map[store.ID]person.Resident
	serving map[store.ID][]store.ID // appointment → resources
}

// roster reads the lists in the transaction.
func (s *Service) roster(ctx context.Context, tx *store.Tx) (*roster, error) {
	r := &roster{reasons: map[store.ID]Reason{}, places: map[store.ID]place.Place{}, people: s.people, met: map[store.ID]person.Resident{},
		serving: map[store.ID][]store.ID{}}
	var err error
	if r.order, err = s.Reasons(ctx, tx, false, true); err != nil {
		return nil, err
	}
	for _, x := range r.order {
		r.reasons[x.ID] = x
	}
	if r.sites, _, err = place.List(ctx, tx, "", "", maxPlaces, true); err != nil {
		return nil, err
	}
	for _, x := range r.sites {
		r.places[x.ID] = x
	}
	if r.agents, err = s.booking.Resources(ctx, tx, booking.Person, 0, maxAgents); err != nil {
		return nil, err
	}
	slices.SortFunc(r.agents, func(a, b booking.Resource) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	return r, nil
}

// resident is the card of an appointment, empty once it is erased.
func (r *roster) resident(ctx context.Context, tx *store.Tx, id store.ID) (person.Resident, error) {
	if found, ok := r.met[id]; ok || id == 0 {
		return found, nil
	}
	found, err := r.people.Residents.Get(ctx, tx, id)
	if errors.Is(err, store.ErrNotFound) {
		err = nil
	}
	r.met[id] = found
	return found, err
}

// meet reads the cards and the agents of a list of appointments.
func (s *Service) meet(ctx context.Context, tx *store.Tx, r *roster, list []Appointment) error {
	if len(list) == 0 {
		return nil
	}
	from, to := list[0].StartsAt, list[0].StartsAt
	for _, a := range list {
		if _, err := r.resident(ctx, tx, a.ResidentID); err != nil {
			return err
		}
		if a.StartsAt.Before(from) {
			from = a.StartsAt
		}
		if a.StartsAt.After(to) {
			to = a.StartsAt
		}
	}
	return tx.Each(ctx, `SELECT g.appointment_id, g.resource_id FROM appointment a
			JOIN appointment_agent g ON g.territory_id = a.territory_id AND g.appointment_id = a.id
			WHERE a.territory_id = @territory AND a.starts_at >= ? AND a.starts_at <= ?`, []any{from, to}, func(scan func(...any) error) error {
		var id, resource store.ID
		if err := scan(&id, &resource); err != nil {
			return err
		}
		if !slices.Contains(r.serving[id], resource) {
			r.serving[id] = append(r.serving[id], resource)
		}
		return nil
	})
}

// who is the name at the counter, « Mme Renée Pervenche ».
func (r *roster) who(ctx context.Context, a Appointment) string {
	return called(ctx, r.met[a.ResidentID])
}

// called is how somebody is called, or that nobody knows any more.
func called(ctx context.Context, x person.Resident) string {
	name := x.Name()
	if name == "" {
		return i18n.T(ctx, "appointment.staff.erased")
	}
	if key := x.Title.Label(); key != "" {
		name = i18n.T(ctx, key) + "\u00a0" + name
	}
	return name
}

// agent finds the first person or desk that serves an appointment.
func (r *roster) agent(a Appointment) (booking.Resource, bool) {
	for _, x := range r.agents {
		if slices.Contains(r.serving[a.ID], x.ID) {
			return x, true
		}
	}
	return booking.Resource{}, false
}

// agentNames are those who serve, "Nadia Mésange et guichet 2".
func (r *roster) agentNames(ids []store.ID) string {
	var names []string
	for _, x := range r.agents {
		if slices.Contains(ids, x.ID) {
			names = append(names, x.Name)
		}
	}
	return strings.Join(names, ", ")
}

// square draws an agent as two letters; tone is 1 to 3, 0 nobody's.
func square(x booking.Resource, tone int) page.Person {
	return page.Person{Initials: initialsOf(x.Name), Name: x.Name, Tone: tone}
}

// initialsOf are the initials of a name: "Nadia Mésange" NM, "Guichet 1" G1.
func initialsOf(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || r == '-' })
	out := []rune{}
	for _, w := range words {
		r := []rune(w)[0]
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			out = append(out, unicode.ToUpper(r))
		}
	}
	if len(out) > 2 {
		out = []rune{out[0], out[len(out)-1]}
	}
	return string(out)
}

// state is the word of an appointment's status and its colour.
func state(ctx context.Context, a Appointment, now time.Time) (word, kind string) {
	switch {
	case a.Status == Seen:
		return i18n.T(ctx, "appointment.status.seen"), "ok"
	case a.Status == NoShow:
		return i18n.T(ctx, "appointment.status.noshow"), "late"
	case a.Status.Final():
		return i18n.T(ctx, "appointment.status."+string(a.Status)), "line"
	case !a.ArrivedAt.IsZero():
		return i18n.T(ctx, "appointment.staff.arrived"), "acc"
	case a.Unmarked(now):
		return i18n.T(ctx, "appointment.status.unmarked"), "wait"
	case a.Confirmed == "yes":
		return i18n.T(ctx, "appointment.staff.confirmed"), "info"
	case a.Confirmed == "no":
		return i18n.T(ctx, "appointment.staff.declined"), "wait"
	}
	return "", ""
}

// marks are the buttons of one click: arrived, came, absent, or take it back.
// They belong to the surrounding form.
func marks(ctx context.Context, a Appointment, who string, now time.Time, href func(string) string) []page.ButtonData {
	if a.Status.Final() || a.StartsAt.After(now.Add(markAhead)) {
		return nil
	}
	status, arrival := href(sheetPath+"/"+a.ID.String()+"/statut"), href(sheetPath+"/"+a.ID.String()+"/arrivee")
	// One key marks the line that has the focus; undoing is left to the button.
	keys := map[string]string{string(Seen): "v", string(NoShow): "x", "1": "i"}
	set := func(key, name, value, action string) page.ButtonData {
		var attrs templ.Attributes
		if hit := keys[value]; hit != "" {
			attrs = templ.Attributes{"data-row-key": hit, "aria-keyshortcuts": hit}
		}
		return page.ButtonData{Attrs: attrs, Label: i18n.T(ctx, key), Name: name, Value: value, FormAction: action, Hidden: who, Small: true, NoPrint: true}
	}
	if a.Status != Booked {
		undo := set("appointment.staff.mark.undo", "statut", string(Booked), status)
		undo.Kind = "link"
		return []page.ButtonData{undo}
	}
	came, absent := set("appointment.staff.mark.seen", "statut", string(Seen), status), set("appointment.staff.mark.noshow", "statut", string(NoShow), status)
	switch {
	case !a.ArrivedAt.IsZero():
		return []page.ButtonData{came, set("appointment.staff.mark.left", "ici", "0", arrival)}
	case a.StartsAt.After(now): // too early to be absent
		return []page.ButtonData{set("appointment.staff.mark.arrived", "ici", "1", arrival), came}
	case a.EndsAt.After(now):
		return []page.ButtonData{set("appointment.staff.mark.arrived", "ici", "1", arrival), came, absent}
	}
	return []page.ButtonData{came, absent}
}
