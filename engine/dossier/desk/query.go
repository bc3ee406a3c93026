package desk

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"parvis/core/crew"
	"parvis/engine/dossier"
	"parvis/platform/store"
	"parvis/platform/web"
)

// The tabs of the queue, in their order.
const (
	tabLate   = "retard"
	tabMine   = "moi"
	tabTeam   = "equipe"
	tabNobody = "attribuer"
	tabPaused = "pause"
	tabAll    = "toutes"
	tabClosed = "closes"
)

func tabs() []string {
	return []string{tabLate, tabMine, tabTeam, tabNobody, tabPaused, tabAll, tabClosed}
}

// query is what the address of the queue asks for.
type query struct {
	Tab                      string
	Kind, Stage, Category, Q string
	Team, Sector             store.ID
	From, To                 string // days as typed, 2026-11-23
	After                    dossier.Cursor
	from, to                 time.Time
}

// longest of a search, in bytes.
const longestQuery = 100

// readQuery never fails: what cannot be read is left out.
func readQuery(c *web.Context) query { return parseQuery(c.Request.URL.Query(), c) }

func parseQuery(v url.Values, c *web.Context) query {
	get := func(name string) string { return strings.TrimSpace(v.Get(name)) }
	q := query{Tab: get("vue"), Kind: get("type"), Stage: get("etape"), Category: get("categorie"), Q: get("q"), From: get("du"), To: get("au")}
	if !slices.Contains(tabs(), q.Tab) {
		q.Tab = tabAll
	}
	if len(q.Q) > longestQuery {
		q.Q = strings.ToValidUTF8(q.Q[:longestQuery], "")
	}
	q.Team, _ = store.ParseID(get("equipe"))
	q.Sector, _ = store.ParseID(get("secteur"))
	at := c.Found.Location
	if at == nil {
		at = time.UTC
	}
	q.from = day(&q.From, at)
	if q.to = day(&q.To, at); !q.to.IsZero() {
		q.to = q.to.AddDate(0, 0, 1)
	}
	if micros, id, ok := strings.Cut(get("apres"), "."); ok {
		n, err1 := strconv.ParseInt(micros, 10, 64)
		last, err2 := store.ParseID(id)
		if err1 == nil && err2 == nil {
			q.After = dossier.Cursor{At: time.UnixMicro(n).UTC(), ID: last}
		}
	}
	return q
}

// day reads a day; one that is none is forgotten.
func day(typed *string, at *time.Location) time.Time {
	t, err := time.ParseInLocation(time.DateOnly, *typed, at)
	if err != nil || t.Year() < 2000 || t.Year() > 2100 {
		*typed = ""
		return time.Time{}
	}
	return t
}

// values is the query as the address says it, without the place in the list.
func (q query) values() url.Values {
	v := url.Values{}
	for _, x := range []struct{ name, value string }{{"vue", q.Tab}, {"type", q.Kind}, {"etape", q.Stage}, {"categorie", q.Category}, {"q", q.Q}, {"du", q.From}, {"au", q.To}} {
		if x.value != "" {
			v.Set(x.name, x.value)
		}
	}
	if q.Team != 0 {
		v.Set("equipe", q.Team.String())
	}
	if q.Sector != 0 {
		v.Set("secteur", q.Sector.String())
	}
	return v
}

// in is the query in another tab.
func (q query) in(tab string) string {
	q.Tab = tab
	return Path + "?" + q.values().Encode()
}

// filtered tells whether something beside the tab narrows the list.
func (q query) filtered() bool {
	q.Tab = ""
	return len(q.values()) > 0
}

// wide is the filter without the tab: what the counts of the tabs are made of.
func (q query) wide(c *web.Context, d *Desk, s *dossier.Sight) dossier.Filter {
	f := dossier.Filter{Kind: q.Kind, Stage: q.Stage, Category: q.Category, Query: q.Q, Sector: q.Sector, From: q.from, To: q.to, Sight: s, Region: d.region(c)}
	if q.Team != 0 {
		f.Teams = []store.ID{q.Team}
	}
	return f
}

// filter is what the tab lists.
func (q query) filter(c *web.Context, d *Desk, s *dossier.Sight) dossier.Filter {
	f := q.wide(c, d, s)
	switch q.Tab {
	case tabLate:
		f.Late = true
	case tabMine:
		f.Owner = s.Person
	case tabTeam:
		if f.Teams = d.ours(f.Teams, s.Teams); len(f.Teams) == 0 {
			f.Sight = &dossier.Sight{} // of no team: an empty list
		}
	case tabNobody:
		f.Unassigned = true
		f.Sight = d.takeable(*s)
	case tabPaused:
		f.Paused = true
	case tabClosed:
		f.Closed = true
	}
	return f
}

// ours are the teams asked for among mine, or all of mine.
func (d *Desk) ours(asked, mine []store.ID) []store.ID {
	if len(asked) == 0 {
		return mine
	}
	return slices.DeleteFunc(slices.Clone(asked), func(id store.ID) bool { return !slices.Contains(mine, id) })
}

// aside are the kinds whose requests nobody takes from the queue.
func (d *Desk) aside() []string {
	var out []string
	for _, k := range d.Dossiers.Kinds() {
		if k.OwnMoves {
			out = append(out, k.Name)
		}
	}
	return out
}

func (d *Desk) takeable(s dossier.Sight) *dossier.Sight {
	aside := d.aside()
	s.Kinds = slices.DeleteFunc(slices.Clone(s.Kinds), func(k string) bool { return slices.Contains(aside, k) })
	return &s
}

func (d *Desk) region(c *web.Context) string {
	if d.Region == nil {
		return ""
	}
	return d.Region(c)
}

// crews are the teams by name; active ones can be given work.
func crewNames(list []crew.Crew) map[store.ID]string {
	out := map[store.ID]string{}
	for _, c := range list {
		out[c.ID] = c.Name
	}
	return out
}
