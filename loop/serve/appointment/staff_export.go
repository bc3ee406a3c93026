package appointment

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"parvis/platform/calendar"
	"parvis/platform/fault"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/tabular"
	"parvis/platform/web"
)

// exportColumns are the heads of the file, in order.
func exportColumns(ctx context.Context) []string {
	var out []string
	for _, k := range []string{"number", "date", "start", "end", "reason", "team", "place", "mode", "agents", "last_name", "first_name", "phone", "email", "status", "arrived", "channel", "relay", "booked"} {
		out = append(out, i18n.T(ctx, "appointment.staff.export.column."+k))
	}
	return out
}

// export is the appointments of a period as a file: « du » and « au » included.
// The staff's notes stay in the program.
func (s *Service) export(c *web.Context) error {
	ctx := c.Ctx()
	first, last, err := period(c, 30)
	if err != nil {
		return err
	}
	name := fmt.Sprintf("rendez-vous-%s-%s.", first, last)
	rows := func(emit func([]string) error) error { return s.exportRows(ctx, c.Store, first, last, emit) }
	switch c.Query("format") {
	case "xlsx":
		return c.Stream(tabular.WorkbookType, name+"xlsx", func(w io.Writer) error {
			return tabular.WriteWorkbook(w, exportColumns(ctx), rows, i18n.T(ctx, "appointment.label"))
		})
	case "", "csv":
		return c.Stream(tabular.CSVType, name+"csv", func(w io.Writer) error { return tabular.WriteCSV(w, exportColumns(ctx), rows) })
	}
	return fault.New(fault.NotFound, "")
}

// exportRows reads the days one after the other, each in its own transaction:
// five years of a département fit, and a slow download holds nothing.
func (s *Service) exportRows(ctx context.Context, h store.Handle, first, last calendar.Date, emit func([]string) error) error {
	zone := i18n.Location(ctx)
	for d := first; !d.After(last); d = d.AddDays(1) {
		var rows [][]string
		err := h.View(ctx, func(tx *store.Tx) error {
			rows = nil
			list, err := s.all(ctx, tx, d.Start(zone), d.AddDays(1).Start(zone))
			if err != nil || len(list) == 0 {
				return err
			}
			r, err := s.roster(ctx, tx)
			if err != nil {
				return err
			}
			if err := s.meet(ctx, tx, r, list); err != nil {
				return err
			}
			for _, a := range list {
				rows = append(rows, exportRow(ctx, r, a, tx.Now(), zone))
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, row := range rows {
			if err := emit(row); err != nil {
				return err
			}
		}
	}
	return nil
}

// all lists the appointments of a period, be there more than List returns.
func (s *Service) all(ctx context.Context, tx *store.Tx, from, to time.Time) ([]Appointment, error) {
	list, err := s.List(ctx, tx, Filter{From: from, To: to})
	if err != nil || len(list) < maxList || to.Sub(from) < time.Minute {
		return list, err
	}
	middle := from.Add(to.Sub(from) / 2).Truncate(time.Second)
	list, err = s.all(ctx, tx, from, middle)
	if err != nil {
		return nil, err
	}
	rest, err := s.all(ctx, tx, middle, to)
	return append(list, rest...), err
}

func exportRow(ctx context.Context, r *roster, a Appointment, now time.Time, zone *time.Location) []string {
	who, reason := r.met[a.ResidentID], r.reasons[a.ReasonID]
	clock := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.In(zone).Format("15:04")
	}
	status := i18n.T(ctx, "appointment.status."+string(a.Status))
	if a.Unmarked(now) {
		status = i18n.T(ctx, "appointment.status.unmarked")
	}
	number := ""
	if !who.Phone.IsZero() {
		number = strings.ReplaceAll(who.Phone.National(), "\u00a0", " ")
	}
	return []string{a.Number, a.StartsAt.In(zone).Format("02/01/2006"), clock(a.StartsAt), clock(a.EndsAt), reason.Name, reason.Team, r.places[a.PlaceID].Name,
		i18n.T(ctx, "appointment.mode."+string(a.Mode)), r.agentNames(r.serving[a.ID]), who.LastName, who.FirstName, number, who.Email, status, clock(a.ArrivedAt),
		i18n.T(ctx, "appointment.channel."+string(a.Channel)), a.OnBehalf, a.CreatedAt.In(zone).Format("02/01/2006 15:04")}
}
