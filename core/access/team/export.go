package team

import (
	"parvis/core/person"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/tabular"
	"parvis/platform/web"
)

// exportLimit bounds the lines of an export; the largest authority of the
// requirements has 7 500 agents.
const exportLimit = 20_000

// export writes the team as a table that spreadsheets of this country open:
// semicolons, and the mark that says UTF-8.
func (t *Team) export(c *web.Context) error {
	l := i18n.From(c.Ctx())
	labels := t.labels(c)
	columns := []string{l.T("access.column.person"), l.T("access.column.email"), l.T("access.column.roles"), l.T("access.column.seen"), l.T("access.column.state")}
	var lines [][]string
	for after := store.ID(0); len(lines) < exportLimit; {
		list, more, err := t.people.Staff(c.Ctx(), c.Found.Territory, person.StaffQuery{After: after, Limit: 500})
		if err != nil {
			return err
		}
		for _, m := range list {
			seen := ""
			if !m.LastSeenAt.IsZero() {
				seen = l.DateNumeric(m.LastSeenAt)
			}
			_, word := state(l, m, c.Now())
			lines = append(lines, []string{m.Name, m.Email, roleWords(l, m.Roles, labels), seen, word})
			after = m.ID
		}
		if !more {
			break
		}
	}
	body, err := tabular.CSV(columns, lines)
	if err != nil {
		return err
	}
	return c.File(tabular.CSVType, "equipe.csv", body)
}
