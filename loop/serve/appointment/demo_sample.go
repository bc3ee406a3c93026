package appointment

import (
	"context"
	"time"

	"parvis/engine/booking"
	"parvis/platform/store"
)

// samples finds, in the demonstration, what the addresses of the pages name: an
// appointment that may still be moved, its link, a reason, an agent, a range.
func (s *Service) samples(ctx context.Context, h store.Handle) (map[string]string, error) {
	out := map[string]string{}
	err := h.View(ctx, func(tx *store.Tx) error {
		reasons, err := s.Reasons(ctx, tx, true, false)
		if err != nil || len(reasons) == 0 {
			return err
		}
		out["appointment.reason"] = reasons[0].ID.String()
		coming, err := s.List(ctx, tx, Filter{From: tx.Now().Add(48 * time.Hour), Status: Booked, Limit: 1})
		if err != nil {
			return err
		}
		for _, a := range coming {
			out["appointment.id"], out["appointment.link"] = a.ID.String(), s.Link(tx.Territory(), a.ID)
		}
		agents, err := s.booking.Resources(ctx, tx, booking.Person, 0, 1)
		if err != nil || len(agents) == 0 {
			return err
		}
		out["appointment.agent"] = agents[0].ID.String()
		rules, err := s.booking.Rules(ctx, tx, agents[0].ID)
		if err != nil || len(rules) == 0 {
			return err
		}
		out["appointment.range"] = rules[0].ID.String()
		return nil
	})
	return out, err
}
