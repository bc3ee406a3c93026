package appointment

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
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
		return c.Stream("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", name+"xlsx", func(w io.Writer) error {
			return workbook(w, exportColumns(ctx), rows, i18n.T(ctx, "appointment.label"))
		})
	case "", "csv":
		return c.Stream("text/csv; charset=utf-8", name+"csv", func(w io.Writer) error { return commaFile(w, exportColumns(ctx), rows) })
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
func commaFile(out io.Writer, columns []string, rows func(emit func([]string) error) error) error {
	if _, err := io.WriteString(out, "\ufeff"); err != nil {
		return fmt.Errorf("appointment: writing the file: %w", err)
	}
	w := csv.NewWriter(out)
	w.Comma, w.UseCRLF = ';', true
	emit := func(row []string) error {
		line := make([]string, len(row))
		for i, v := range row {
			line[i] = inert(v)
		}
		return w.Write(line)
	}
	if err := emit(columns); err != nil {
		return fmt.Errorf("appointment: writing a line: %w", err)
	}
	if err := rows(emit); err != nil {
		return err
	}
	w.Flush()
	return w.Error()
}

// workbook is the same as a workbook: a sheet, and others when one is full.
// Every cell is text, so that none is a formula; an apostrophe is added all the
// same, for those who save it as text again.
func workbook(out io.Writer, columns []string, rows func(emit func([]string) error) error, title string) (err error) {
	f := excelize.NewFile()
	defer func() {
		if e := f.Close(); err == nil && e != nil {
			err = e
		}
	}()
	if err := f.SetSheetName("Sheet1", title); err != nil {
		return fmt.Errorf("appointment: naming the sheet: %w", err)
	}
	b := book{file: f, title: title, columns: columns, most: excelize.TotalRows}
	if err := b.open(title); err != nil {
		return err
	}
	if err := rows(b.add); err != nil {
		return err
	}
	if err := b.sheet.Flush(); err != nil {
		return fmt.Errorf("appointment: writing the sheet: %w", err)
	}
	if err := f.Write(out); err != nil {
		return fmt.Errorf("appointment: writing the workbook: %w", err)
	}
	return nil
}

// book is a workbook being written, row by row.
type book struct {
	file    *excelize.File
	sheet   *excelize.StreamWriter
	title   string
	columns []string
	sheets  int
	row     int // last one written
	most    int // rows of one sheet
}

// open begins a sheet with the heads of the columns.
func (b *book) open(name string) (err error) {
	if b.sheet, err = b.file.NewStreamWriter(name); err != nil {
		return fmt.Errorf("appointment: writing the sheet: %w", err)
	}
	if err := b.sheet.SetColWidth(1, len(b.columns), 18); err != nil {
		return fmt.Errorf("appointment: writing the sheet: %w", err)
	}
	b.sheets, b.row = b.sheets+1, 0
	return b.write(b.columns)
}

// add writes a row, on the next sheet when this one is full.
func (b *book) add(row []string) error {
	if b.row == b.most {
		if err := b.sheet.Flush(); err != nil {
			return fmt.Errorf("appointment: writing the sheet: %w", err)
		}
		name := fmt.Sprintf("%s %d", b.title, b.sheets+1)
		if _, err := b.file.NewSheet(name); err != nil {
			return fmt.Errorf("appointment: adding a sheet: %w", err)
		}
		if err := b.open(name); err != nil {
			return err
		}
	}
	return b.write(row)
}

func (b *book) write(row []string) error {
	line := make([]any, len(row))
	for i, v := range row {
		line[i] = inert(v)
	}
	b.row++
	if err := b.sheet.SetRow("A"+strconv.Itoa(b.row), line); err != nil {
		return fmt.Errorf("appointment: writing a row: %w", err)
	}
	return nil
}
