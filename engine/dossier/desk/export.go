package desk

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"parvis/core/crew"
	"parvis/engine/dossier"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/web"
)

// exportColumns are the heads of the file, in order. Contacts stay in the
// program.
func exportColumns(ctx context.Context) []string {
	var out []string
	for _, k := range []string{"number", "kind", "category", "title", "stage", "opened", "due", "late", "paused", "closed", "owner", "team", "channel"} {
		out = append(out, i18n.T(ctx, "desk.export."+k))
	}
	return out
}

// maxExport is how many rows a workbook takes, its heads left out.
const maxExport = excelize.TotalRows - 1

func (d *Desk) exportCSV(c *web.Context) error {
	return c.Stream("text/csv; charset=utf-8", "demandes.csv", func(out io.Writer) error {
		if _, err := io.WriteString(out, "\ufeff"); err != nil {
			return err
		}
		w := csv.NewWriter(out)
		w.Comma = ';'
		if err := w.Write(exportColumns(c.Ctx())); err != nil {
			return fmt.Errorf("desk: writing a line: %w", err)
		}
		if err := d.exportRows(c, w.Write); err != nil {
			return err
		}
		w.Flush()
		return w.Error()
	})
}

func (d *Desk) exportXLSX(c *web.Context) error {
	return c.Stream("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "demandes.xlsx", func(out io.Writer) (err error) {
		f := excelize.NewFile()
		defer func() {
			if e := f.Close(); err == nil {
				err = e
			}
		}()
		title := c.T("desk.title")
		if err := f.SetSheetName("Sheet1", title); err != nil {
			return fmt.Errorf("desk: naming the sheet: %w", err)
		}
		sheet, err := f.NewStreamWriter(title)
		if err != nil {
			return fmt.Errorf("desk: writing the sheet: %w", err)
		}
		columns, row := exportColumns(c.Ctx()), 0
		if err := sheet.SetColWidth(1, len(columns), 20); err != nil {
			return fmt.Errorf("desk: writing the sheet: %w", err)
		}
		write := func(line []string) error {
			row++
			cells := make([]any, len(line))
			for i, v := range line {
				cells[i] = v
			}
			cell, err := excelize.CoordinatesToCellName(1, row)
			if err != nil {
				return err
			}
			return sheet.SetRow(cell, cells)
		}
		if err := write(columns); err != nil {
			return err
		}
		if err := d.exportRows(c, write); err != nil {
			return err
		}
		if err := sheet.Flush(); err != nil {
			return fmt.Errorf("desk: writing the sheet: %w", err)
		}
		return f.Write(out)
	})
}

// exportRows reads the list page after page, each in its own transaction: a
// slow download holds nothing.
func (d *Desk) exportRows(c *web.Context, emit func([]string) error) error {
	q := readQuery(c)
	at := dossier.Cursor{}
	const rows = 200
	for range maxExport/rows + 1 {
		var list []dossier.Dossier
		var crews []crew.Crew
		var f dossier.Filter
		err := c.Store.View(c.Ctx(), func(tx *store.Tx) error {
			s, err := d.sight(c.Ctx(), tx, c.Actor)
			if err != nil {
				return err
			}
			if crews, err = crew.List(c.Ctx(), tx, true); err != nil {
				return err
			}
			f = q.filter(c, d, &s)
			list, err = d.Dossiers.List(c.Ctx(), tx, f, at, rows)
			return err
		})
		if err != nil {
			return err
		}
		names, err := d.ownersOf(c.Ctx(), list)
		if err != nil {
			return err
		}
		for _, x := range list {
			if err := emit(d.exportRow(c, x, names, crewNames(crews))); err != nil {
				return fmt.Errorf("desk: writing a line: %w", err)
			}
		}
		if len(list) < rows {
			break
		}
		at = f.Cursor(list[rows-1])
	}
	return nil
}

func (d *Desk) ownersOf(ctx context.Context, list []dossier.Dossier) (map[store.ID]string, error) {
	var ids []store.ID
	for _, x := range list {
		if x.OwnerID != 0 {
			ids = append(ids, x.OwnerID)
		}
	}
	return d.People.Names(ctx, ids)
}

func (d *Desk) exportRow(c *web.Context, x dossier.Dossier, names, teams map[store.ID]string) []string {
	ctx, zone := c.Ctx(), location(c)
	day := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.In(zone).Format("2006-01-02 15:04")
	}
	flag := func(yes bool) string {
		if yes {
			return i18n.T(ctx, "desk.export.yes")
		}
		return ""
	}
	k, _ := d.Dossiers.Kind(x.Kind)
	line := []string{x.Number, c.T(k.Label), x.Category, x.Title, stageLabel(ctx, k, x), day(x.OpenedAt), day(x.DueDay()), flag(x.Late(c.Now())), flag(x.Paused()),
		day(x.ClosedAt), names[x.OwnerID], teams[x.TeamID], c.T("desk.channel." + string(x.Channel))}
	for i, v := range line {
		line[i] = inert(v)
	}
	return line
}

// inert keeps a spreadsheet from running what somebody typed (OWASP, CSV
// injection).
func inert(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
