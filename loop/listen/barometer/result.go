package barometer

import (
	"context"
	"slices"
	"strconv"
	"time"

	"parvis/engine/indicator"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// span is a period of whole months.
type span struct {
	First, Last   string
	BeforeFirst   string // the same length just before
	BeforeLast    string
	Months        int
	Public        bool // closed months only
	Running       bool // the last month is still open
	First12, Live string
}

// spanOf is n months that end with the last closed month, or for staff with
// the one that runs.
func spanOf(now time.Time, zone *time.Location, n int, public bool) span {
	last := monthOf(now, zone)
	if public {
		last = monthsBack(lastClosed(now), 2)[0]
	}
	all := monthsBack(last, max(2*n, 12))
	m := len(all)
	return span{First: all[m-n], Last: last, BeforeFirst: all[m-2*n], BeforeLast: all[m-n-1], Months: n, Public: public, Running: !public, First12: all[m-12], Live: all[0]}
}

func (p span) in(l line) bool     { return l.Month >= p.First && l.Month <= p.Last }
func (p span) before(l line) bool { return l.Month >= p.BeforeFirst && l.Month <= p.BeforeLast }

// periodChoices are the lengths a page offers, in months.
func periodChoices() []int { return []int{1, 3, 12} }

func periodOf(c *web.Context) int {
	if n, err := strconv.Atoi(c.Query("mois")); err == nil && slices.Contains(periodChoices(), n) {
		return n
	}
	return 12
}

// board is the list of services of a territory.
type board struct {
	Span     span
	Rows     []boardRow
	Headline Figures
	Punctual indicator.Share
	Quality  indicator.Share
	Waiting  int
	Compared int // how many comparisons were made
	Frozen   []Frozen
}

type boardRow struct {
	Topic   Topic
	Figures Figures
	Hidden  bool
	Change  indicator.Difference
	Tested  bool // both periods have a base
	Flagged bool // the change survives Holm
}

// readBoard makes the list: ranked by lower bound, changes flagged only where
// they survive all the comparisons made at once.
func (s *Service) readBoard(ctx context.Context, h store.Handle, months int, public bool) (board, error) {
	var b board
	err := h.View(ctx, func(tx *store.Tx) error {
		w, err := s.where(ctx, tx)
		if err != nil {
			return err
		}
		b = board{Span: spanOf(tx.Now(), w.Zone, months, public)}
		topics, err := s.topics(ctx, tx)
		if err != nil {
			return err
		}
		list, err := lines(ctx, tx, "", b.Span.Live, b.Span.Last)
		if err != nil {
			return err
		}
		if b.Waiting, err = s.waiting(ctx, tx); err != nil {
			return err
		}
		if b.Frozen, err = frozen(ctx, tx, 12); err != nil {
			return err
		}
		s.fillBoard(&b, topics, list)
		return nil
	})
	return b, err
}

func (s *Service) fillBoard(b *board, topics []Topic, list []line) {
	now := func(l line) bool { return l.Source == string(Invited) && b.Span.in(l) }
	before := func(l line) bool { return l.Source == string(Invited) && b.Span.before(l) }
	b.Headline = figures(list, b.Span.Last, now)
	b.Punctual = b.Headline.Punctual()
	var cuts []Cut
	var p []float64
	var scored []Figures
	for _, t := range topics {
		if t.National != "" && t.Opened {
			continue
		}
		of := func(keep func(line) bool) func(line) bool {
			return func(l line) bool { return l.Service == t.Name && keep(l) }
		}
		r := boardRow{Topic: t, Figures: figures(list, t.Name+b.Span.Last, of(now))}
		old := figures(list, "", of(before))
		if r.Figures.N >= indicator.Fewest && old.N >= indicator.Fewest {
			r.Tested, r.Change = true, indicator.Compare(r.Figures.Good(), old.Good())
			p = append(p, r.Change.P)
		}
		scored = append(scored, r.Figures)
		b.Rows, cuts = append(b.Rows, r), append(cuts, Cut{Figures: r.Figures})
	}
	b.Quality, b.Compared = Quality(scored), len(p)
	kept := indicator.Holm(p, 0.05)
	hide(cuts)
	k := 0
	for i := range b.Rows {
		b.Rows[i].Hidden = cuts[i].Hidden
		if b.Rows[i].Tested {
			b.Rows[i].Flagged = kept[k]
			k++
		}
	}
	slices.SortStableFunc(b.Rows, func(x, y boardRow) int { return indicator.Rank(x.Figures.Good(), y.Figures.Good()) })
}

// sheet is all that is said of one service.
type sheet struct {
	Span     span
	Topic    Topic
	Now      Figures
	Before   Figures
	Apart    map[Source]Figures // libre, guichet, import: counted apart
	Channels []Cut
	Delays   []Cut
	Trend    []Cut // 12 months
	Comments []Comment
	Actions  []Action
	Frozen   []Frozen
}

// shownComments is how many comments a page shows.
const shownComments = 20

func (s *Service) readSheet(ctx context.Context, h store.Handle, name string, months int, public bool) (sheet, error) {
	var v sheet
	err := h.View(ctx, func(tx *store.Tx) error {
		w, err := s.where(ctx, tx)
		if err != nil {
			return err
		}
		v = sheet{Span: spanOf(tx.Now(), w.Zone, months, public), Apart: map[Source]Figures{}}
		if v.Topic, err = s.topic(ctx, tx, name); err != nil {
			return err
		}
		list, err := lines(ctx, tx, name, v.Span.Live, v.Span.Last)
		if err != nil {
			return err
		}
		now := func(l line) bool { return l.Source == string(Invited) && v.Span.in(l) }
		v.Now = figures(list, name+v.Span.Last, now)
		v.Before = figures(list, name+v.Span.BeforeLast, func(l line) bool { return l.Source == string(Invited) && v.Span.before(l) })
		for _, source := range Sources()[1:] {
			v.Apart[source] = figures(list, name+string(source), func(l line) bool { return l.Source == string(source) && v.Span.in(l) })
		}
		v.Channels = cutBy(list, name, now, func(l line) string { return l.Channel })
		v.Delays = cutBy(list, name, now, func(l line) string { return l.Delay })
		v.Trend = trend(list, name, v.Span)
		if v.Comments, err = s.Comments(ctx, tx, CommentFilter{Service: name, Public: true}, shownComments); err != nil {
			return err
		}
		if public && v.Now.N < indicator.Fewest {
			v.Comments = nil
		}
		if v.Actions, err = s.Actions(ctx, tx, name, 50); err != nil {
			return err
		}
		v.Frozen, err = frozen(ctx, tx, 12)
		return err
	})
	return v, err
}

// trend is twelve points, each with its own base; months without answers stay
// as holes.
func trend(list []line, name string, p span) []Cut {
	keep := func(l line) bool { return l.Source == string(Invited) && l.Month >= p.First12 && l.Month <= p.Last }
	have := cutBy(list, name, keep, func(l line) string { return l.Month })
	var out []Cut
	for _, m := range monthsBack(p.Last, 12) {
		if i := slices.IndexFunc(have, func(c Cut) bool { return c.Key == m }); i >= 0 {
			out = append(out, have[i])
		} else {
			out = append(out, Cut{Key: m, Hidden: true})
		}
	}
	return out
}

// monthName is "novembre 2026".
func monthName(ctx context.Context, m string) string {
	t, err := time.Parse("2006-01", m)
	if err != nil {
		return m
	}
	return i18n.T(ctx, "barometer.month."+strconv.Itoa(int(t.Month()))) + " " + strconv.Itoa(t.Year())
}

// monthShort is "nov. 26".
func monthShort(ctx context.Context, m string) string {
	t, err := time.Parse("2006-01", m)
	if err != nil {
		return m
	}
	return i18n.T(ctx, "barometer.month.short."+strconv.Itoa(int(t.Month())))
}

func (s *Service) results(c *web.Context) error {
	b, err := s.readBoard(c.Ctx(), c.Store, periodOf(c), true)
	if err != nil {
		return err
	}
	p := c.Page(c.T("barometer.results.title"))
	p.Heading, p.Lead, p.Verb = p.Title, c.T("barometer.results.lead", "Period", periodWords(c.Ctx(), b.Span)), page.Listen
	return c.Render(resultsPage(p, b))
}

func (s *Service) result(c *web.Context) error {
	v, err := s.readSheet(c.Ctx(), c.Store, c.Param("name"), periodOf(c), true)
	if err != nil {
		return err
	}
	p := c.Page(c.T("barometer.result.title", "Service", v.Topic.Label))
	p.Heading, p.Lead, p.Verb = v.Topic.Label, c.T("barometer.results.lead", "Period", periodWords(c.Ctx(), v.Span)), page.Listen
	p.Crumbs = []page.Link{{Label: c.T("barometer.home"), Href: c.Href("/")}, {Label: c.T("barometer.results.title"), Href: c.Href("/barometre")}, {Label: v.Topic.Label}}
	return c.Render(resultPage(p, v))
}

func (s *Service) desk(c *web.Context) error {
	b, err := s.readBoard(c.Ctx(), c.Store, periodOf(c), false)
	if err != nil {
		return err
	}
	p, err := c.StaffPage(c.T("barometer.desk.title"))
	if err != nil {
		return err
	}
	p.Heading, p.Lead = p.Title, c.T("barometer.desk.lead", "Period", periodWords(c.Ctx(), b.Span))
	return c.Render(deskPage(p, b, deskTools(c)))
}

func (s *Service) deskResult(c *web.Context) error {
	v, err := s.readSheet(c.Ctx(), c.Store, c.Param("name"), periodOf(c), false)
	if err != nil {
		return err
	}
	p, err := c.StaffPage(v.Topic.Label)
	if err != nil {
		return err
	}
	p.Heading, p.Lead = v.Topic.Label, c.T("barometer.desk.lead", "Period", periodWords(c.Ctx(), v.Span))
	p.Crumbs = []page.Link{{Label: c.T("barometer.desk.title"), Href: c.Href("/bureau/avis")}, {Label: v.Topic.Label}}
	return c.Render(deskResultPage(p, v, c.Href))
}

// deskTools leads to what staff do with answers, as far as they may.
func deskTools(c *web.Context) []page.Gesture {
	var out []page.Gesture
	for _, x := range []struct {
		icon, key, path string
		may             web.Permission
	}{
		{"eye", "barometer.tool.comments", "/bureau/avis/commentaires", MayModerate}, {"pen", "barometer.tool.entry", "/bureau/avis/saisie", MayEnter},
		{"print", "barometer.tool.cards", "/bureau/avis/cartes", MayEnter}, {"check", "barometer.tool.actions", "/bureau/avis/changements", MayModerate},
		{"mail", "barometer.tool.contacts", "/bureau/avis/rappels", MayModerate}, {"set", "barometer.tool.settings", "/bureau/avis/reglages", MaySet},
	} {
		if c.Actor.Can(x.may) {
			out = append(out, page.Gesture{Icon: x.icon, Label: c.T(x.key), Href: c.Href(x.path)})
		}
	}
	return out
}

// periodWords is « de décembre 2025 à novembre 2026 ».
func periodWords(ctx context.Context, p span) string {
	if p.First == p.Last {
		return i18n.T(ctx, "barometer.period.one", "Month", monthName(ctx, p.First))
	}
	return i18n.T(ctx, "barometer.period.several", "First", monthName(ctx, p.First), "Last", monthName(ctx, p.Last))
}
