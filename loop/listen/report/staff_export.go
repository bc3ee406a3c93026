package report

import (
	"context"
	"io"
	"strconv"
	"time"

	"parvis/platform/fault"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/tabular"
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
	columns, rows := exportColumns(c.Ctx()), s.exportRows(c, readStaffFilter(c.Request.URL.Query()).filter())
	name := "signalements-" + c.Now().In(i18n.Location(c.Ctx())).Format(time.DateOnly) + "."
	if format == "xlsx" {
		return c.Stream(tabular.WorkbookType, name+"xlsx", func(w io.Writer) error {
			return tabular.WriteWorkbook(w, columns, rows, c.T("report.label"), exportLat, exportLon)
		})
	}
	return c.Stream(tabular.CSVType, name+"csv", func(w io.Writer) error { return tabular.WriteCSV(w, columns, rows, exportLat, exportLon) })
}

// The columns of the position.
const (
	exportLat = 8
	exportLon = 9
)

// exportRows reads the list page after page, each in its own transaction: a
// slow download holds nothing.
func (s *Reports) exportRows(c *web.Context, f Filter) tabular.Rows {
	return func(emit func([]string) error) error {
		var crews []Choice
		if err := c.Store.View(c.Ctx(), func(tx *store.Tx) (err error) {
			crews, err = s.crews(c, tx)
			return err
		}); err != nil {
			return err
		}
		after := Cursor{}
		for n := 0; n < maxExport; {
			var rows []Report
			if err := c.Store.View(c.Ctx(), func(tx *store.Tx) (err error) {
				rows, err = s.List(c.Ctx(), tx, f, after, 1000)
				return err
			}); err != nil {
				return err
			}
			for _, r := range rows {
				after = r.Cursor()
				if err := emit(exportRow(c.Ctx(), r, nameOf(crews, r.CrewID))); err != nil {
					return err
				}
			}
			if n += len(rows); len(rows) < 1000 {
				break
			}
		}
		return nil
	}
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
