package appointment

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"parvis/platform/calendar"
	"parvis/platform/fault"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/web"
)

// maxExport bounds one file, in rows.
const maxExport = 50_000

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
	rows, err := s.exportRows(ctx, c.Store, first, last)
	if err != nil {
		return err
	}
	name := fmt.Sprintf("rendez-vous-%s-%s.", first, last)
	switch c.Query("format") {
	case "xlsx":
		body, err := workbook(exportColumns(ctx), rows, i18n.T(ctx, "appointment.label"))
		if err != nil {
			return err
		}
		return c.File("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", name+"xlsx", body)
	case "", "csv":
		body, err := commaFile(exportColumns(ctx), rows)
		if err != nil {
			return err
		}
		return c.File("text/csv; charset=utf-8", name+"csv", body)
	}
	return fault.New(fault.NotFound, "")
}

// exportRows reads the days one after the other, so that a year of a
// département fits.
func (s *Service) exportRows(ctx context.Context, h store.Handle, first, last calendar.Date) ([][]string, error) {
	zone := i18n.Location(ctx)
	var out [][]string
	err := h.View(ctx, func(tx *store.Tx) error {
		out = nil
		r, err := s.roster(ctx, tx)
		if err != nil {
			return err
		}
		for d := first; !d.After(last) && len(out) < maxExport; d = d.AddDays(1) {
			list, err := s.List(ctx, tx, Filter{From: d.Start(zone), To: d.AddDays(1).Start(zone)})
			if err != nil {
				return err
			}
			if err := s.meet(ctx, tx, r, list); err != nil {
				return err
			}
			for _, a := range list {
				out = append(out, exportRow(ctx, r, a, tx.Now(), zone))
			}
		}
		return nil
	})
	return out, err
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

// inert keeps a spreadsheet from reading words as a formula (OWASP, CSV
// injection): what begins like one is preceded by an apostrophe.
func inert(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r\n", rune(s[0])) {
		return "'" + s
	}
	return s
}

// commaFile is what French spreadsheets open at once: UTF-8 with its mark,
// semicolons, lines that end in CRLF.
func commaFile(columns []string, rows [][]string) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("\ufeff")
	w := csv.NewWriter(&b)
	w.Comma, w.UseCRLF = ';', true
	for _, row := range append([][]string{columns}, rows...) {
		line := make([]string, len(row))
		for i, v := range row {
			line[i] = inert(v)
		}
		if err := w.Write(line); err != nil {
			return nil, fmt.Errorf("appointment: writing a line: %w", err)
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

// workbook is the same as a workbook of one sheet. Every cell is text, so that
// none is a formula; an apostrophe is added all the same, for those who save it
// as text again.
func workbook(columns []string, rows [][]string, title string) (body []byte, err error) {
	f := excelize.NewFile()
	defer func() {
		if e := f.Close(); err == nil && e != nil {
			err = e
		}
	}()
	if err := f.SetSheetName("Sheet1", title); err != nil {
		return nil, fmt.Errorf("appointment: naming the sheet: %w", err)
	}
	w, err := f.NewStreamWriter(title)
	if err != nil {
		return nil, fmt.Errorf("appointment: writing the sheet: %w", err)
	}
	if err := w.SetColWidth(1, len(columns), 18); err != nil {
		return nil, fmt.Errorf("appointment: writing the sheet: %w", err)
	}
	for i, row := range append([][]string{columns}, rows...) {
		line := make([]any, len(row))
		for j, v := range row {
			line[j] = inert(v)
		}
		if err := w.SetRow("A"+strconv.Itoa(i+1), line); err != nil {
			return nil, fmt.Errorf("appointment: writing a row: %w", err)
		}
	}
	if err := w.Flush(); err != nil {
		return nil, fmt.Errorf("appointment: writing the sheet: %w", err)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		return nil, fmt.Errorf("appointment: writing the workbook: %w", err)
	}
	return b.Bytes(), nil
}
