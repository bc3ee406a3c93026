package report

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"parvis/platform/fault"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/web"
)

// maxExport bounds one file, in rows.
const maxExport = 50_000

func exportColumns(ctx context.Context) []string {
	var out []string
	for _, k := range []string{"number", "category", "state", "priority", "opened", "due", "closed", "address", "lat", "lon", "crew", "voices", "cause", "reason", "channel", "public", "text"} {
		out = append(out, i18n.T(ctx, "report.export."+k))
	}
	return out
}

// export is the list that the filter shows, as a file. Who reported stays in
// the program.
func (s *Reports) export(c *web.Context) error {
	format := c.Query("format")
	if format != "csv" && format != "xlsx" && format != "" {
		return fault.New(fault.NotFound, "")
	}
	rows, err := s.exportRows(c, readStaffFilter(c.Request.URL.Query()).filter())
	if err != nil {
		return err
	}
	name := "signalements-" + c.Now().In(i18n.Location(c.Ctx())).Format(time.DateOnly) + "."
	if format == "xlsx" {
		body, err := workbook(append([][]string{exportColumns(c.Ctx())}, rows...), c.T("report.label"))
		if err != nil {
			return err
		}
		return c.File("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", name+"xlsx", body)
	}
	body, err := commaFile(append([][]string{exportColumns(c.Ctx())}, rows...))
	if err != nil {
		return err
	}
	return c.File("text/csv; charset=utf-8", name+"csv", body)
}

func (s *Reports) exportRows(c *web.Context, f Filter) ([][]string, error) {
	var out [][]string
	var crews []Choice
	if err := c.Store.View(c.Ctx(), func(tx *store.Tx) (err error) {
		crews, err = s.crews(c, tx)
		return err
	}); err != nil {
		return nil, err
	}
	for after := (Cursor{}); len(out) < maxExport; {
		var rows []Report
		err := c.Store.View(c.Ctx(), func(tx *store.Tx) (err error) {
			rows, err = s.List(c.Ctx(), tx, f, after, 1000)
			return err
		})
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			after = r.Cursor()
			out = append(out, exportRow(c.Ctx(), r, nameOf(crews, r.CrewID)))
		}
		if len(rows) < 1000 {
			break
		}
	}
	return out, nil
}

func exportRow(ctx context.Context, r Report, crew string) []string {
	loc := i18n.Location(ctx)
	at := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.In(loc).Format("02/01/2006 15:04")
	}
	lat, lon := "", ""
	if r.Located {
		lat, lon = degrees(r.Lat), degrees(r.Lon)
	}
	public := i18n.T(ctx, "page.no")
	if r.Visible {
		public = i18n.T(ctx, "page.yes")
	}
	return []string{r.Number, r.Title, i18n.T(ctx, r.State.Label()), i18n.T(ctx, r.Priority.Label()), at(r.OpenedAt), at(r.DueAt), at(r.ClosedAt), r.Address, lat, lon, crew,
		strconv.Itoa(r.Followers), r.Cause, r.Reason, string(r.Channel), public, r.Text}
}

// inert keeps a spreadsheet from reading words as a formula (OWASP, CSV
// injection): what begins like one is preceded by an apostrophe, numbers
// excepted.
func inert(s string) string {
	if s == "" || !strings.ContainsRune("=+-@\t\r\n", rune(s[0])) {
		return s
	}
	if _, err := strconv.ParseFloat(s, 64); err == nil {
		return s
	}
	return "'" + s
}

// commaFile is what French spreadsheets open at once: UTF-8 with its mark,
// semicolons, lines that end in CRLF.
func commaFile(rows [][]string) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("\ufeff")
	w := csv.NewWriter(&b)
	w.Comma, w.UseCRLF = ';', true
	for _, row := range rows {
		line := make([]string, len(row))
		for i, v := range row {
			line[i] = inert(v)
		}
		if err := w.Write(line); err != nil {
			return nil, fmt.Errorf("report: writing a line: %w", err)
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

// workbook is the same as a workbook of one sheet, every cell a text.
func workbook(rows [][]string, title string) (body []byte, err error) {
	f := excelize.NewFile()
	defer func() {
		if e := f.Close(); err == nil && e != nil {
			err = e
		}
	}()
	if err := f.SetSheetName("Sheet1", title); err != nil {
		return nil, fmt.Errorf("report: naming the sheet: %w", err)
	}
	w, err := f.NewStreamWriter(title)
	if err != nil {
		return nil, fmt.Errorf("report: writing the sheet: %w", err)
	}
	for i, row := range rows {
		line := make([]any, len(row))
		for j, v := range row {
			line[j] = inert(v)
		}
		if err := w.SetRow("A"+strconv.Itoa(i+1), line); err != nil {
			return nil, fmt.Errorf("report: writing a row: %w", err)
		}
	}
	if err := w.Flush(); err != nil {
		return nil, fmt.Errorf("report: writing the sheet: %w", err)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		return nil, fmt.Errorf("report: writing the workbook: %w", err)
	}
	return b.Bytes(), nil
}
