package desk

import (
	"context"
	"fmt"
	"io"
	"time"

	"parvis/core/crew"
	"parvis/engine/dossier"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/tabular"
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

// maxExport bounds a file, in rows.
const maxExport = 1_048_575

func (d *Desk) exportCSV(c *web.Context) error {
	return c.Stream(tabular.CSVType, "demandes.csv", func(out io.Writer) error {
		return tabular.WriteCSV(out, exportColumns(c.Ctx()), d.exportRows(c))
	})
}

func (d *Desk) exportXLSX(c *web.Context) error {
	return c.Stream(tabular.WorkbookType, "demandes.xlsx", func(out io.Writer) error {
		return tabular.WriteWorkbook(out, exportColumns(c.Ctx()), d.exportRows(c), c.T("desk.title"))
	})
}

// exportRows reads the list page after page, each in its own transaction: a
// slow download holds nothing.
func (d *Desk) exportRows(c *web.Context) tabular.Rows {
	return func(emit func([]string) error) error {
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
	return []string{x.Number, c.T(k.Label), x.Category, x.Title, stageLabel(ctx, k, x), day(x.OpenedAt), day(x.DueDay()), flag(x.Late(c.Now())), flag(x.Paused()),
		day(x.ClosedAt), names[x.OwnerID], teams[x.TeamID], c.T("desk.channel." + string(x.Channel))}
}
