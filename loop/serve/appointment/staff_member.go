package appointment

import (
	"context"

	"parvis/core/link"
	"parvis/engine/booking"
	"parvis/platform/event"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/web/page"
)

// duties are the appointments that a member of staff still has to hold.
func (s *Service) duties(ctx context.Context, tx *store.Tx, person store.ID) ([]page.Link, error) {
	list, err := s.booking.ResourcesOf(ctx, tx, "person:"+person.String())
	if err != nil {
		return nil, err
	}
	var out []page.Link
	for _, x := range list {
		n, err := s.future(ctx, tx, x.ID)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			out = append(out, page.Link{Label: i18n.N(ctx, "appointment.duty", n, "Agent", x.Name), Href: agendaPath + "?vue=semaine&agent=" + x.ID.String()})
		}
	}
	return out, nil
}

// onRenamed gives the diary of a member of staff their new name.
func (s *Service) onRenamed(ctx context.Context, e event.Event) error {
	_, id, err := link.Ref(e.Subject).Split()
	if err != nil {
		return err
	}
	names, err := s.people.Names(ctx, []store.ID{id})
	if err != nil || names[id] == "" {
		return err
	}
	return s.diaries(ctx, e, "appointment.renamed", func(x *booking.Resource) { x.Name = names[id] })
}

// onSuspended offers no time any more with somebody who is shut out, and offers
// them again when they are back; what is booked stays.
func (s *Service) onSuspended(ctx context.Context, e event.Event) error {
	on := e.Kind == "access.restored"
	name := "appointment.suspended"
	if on {
		name = "appointment.restored"
	}
	return s.diaries(ctx, e, name, func(x *booking.Resource) { x.Active = on })
}

// diaries changes once the resources of the person an event is about.
func (s *Service) diaries(ctx context.Context, e event.Event, handler string, change func(*booking.Resource)) error {
	return s.bus.Once(ctx, e, handler, func(tx *store.Tx) error {
		list, err := s.booking.ResourcesOf(ctx, tx, e.Subject)
		if err != nil {
			return err
		}
		for _, x := range list {
			before := x
			if change(&x); x == before {
				continue
			}
			if err := s.booking.UpdateResource(ctx, tx, x); err != nil {
				return err
			}
		}
		return nil
	})
}
