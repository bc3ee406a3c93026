package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"parvis/engine/campaign/pabulib"
	"parvis/engine/campaign/tally"
	"parvis/platform/fault"
	"parvis/platform/i18n"
)

// tallyFlags are the arguments of `parvis tally`.
type tallyFlags struct {
	File   string `arg:"" help:"Élection au format .pb." placeholder:"FICHIER"`
	Rule   string `help:"Règle publiée avant le vote (JSON) ; sans elle, celle que nomme le fichier." placeholder:"FICHIER"`
	Method string `help:"Compter autrement, pour comparer : votes, votes-stop, shares." enum:",votes,votes-stop,shares" default:""`
	Why    bool   `help:"Dire de chaque projet pourquoi il est retenu ou non, et ce qui l'aurait changé."`
	JSON   bool   `help:"Écrire le résultat en JSON." name:"json"`
}

// tally recounts an election from its published file.
func (r *run) tally(ctx context.Context) error {
	in := r.cmd.Tally
	f, err := readElection(r.words, in.File)
	if err != nil {
		return err
	}
	rule, known, err := chosenRule(in, f)
	if err != nil {
		return err
	}
	e, err := tally.FromFile(f)
	if err != nil {
		return err
	}
	o, err := tally.Count(ctx, e, rule)
	if tie := (*tally.TieError)(nil); errors.As(err, &tie) {
		return fault.New(fault.Conflict, "app.tally.tie", "Round", tie.Round, "Projects", strings.Join(tie.Projects, ", "))
	}
	if errors.Is(err, tally.ErrRule) {
		return fault.New(fault.Invalid, "app.tally.impossible").Because(err)
	}
	if err != nil {
		return err
	}
	tries := 0
	if in.Why {
		tries = 30
	}
	list, err := tally.Explain(ctx, e, o, tries)
	if err != nil {
		return err
	}
	if in.JSON {
		return r.tallyJSON(e, o, list)
	}
	r.tallyText(i18n.With(ctx, r.words), f, e, o, list, known)
	return nil
}

func readElection(words *i18n.Localizer, name string) (*pabulib.File, error) {
	in, err := os.Open(name)
	if err != nil {
		return nil, fault.New(fault.Invalid, "app.cmd.import.open", "Path", name).Because(err)
	}
	defer in.Close()
	f, err := pabulib.Read(in)
	if m := (*pabulib.Error)(nil); errors.As(err, &m) {
		return nil, fault.New(fault.Invalid, "app.tally.file", "File", name, "Line", m.Line, "Column", m.Column, "Fault", words.T("app.tally.fault."+string(m.Fault)))
	}
	return f, err
}

// chosenRule is the rule of the command line, else that of the file.
func chosenRule(in tallyFlags, f *pabulib.File) (rule tally.Rule, known bool, err error) {
	rule, known = tally.RuleOf(f)
	switch in.Method {
	case "votes":
		rule.Method = tally.Greedy
	case "votes-stop":
		rule.Method = tally.GreedyStop
	case "shares":
		rule = tally.ByShares()
	}
	if in.Rule == "" {
		return rule, known, nil
	}
	raw, err := os.Open(in.Rule)
	if err != nil {
		return rule, false, fault.New(fault.Invalid, "app.cmd.import.open", "Path", in.Rule).Because(err)
	}
	defer raw.Close()
	rule = tally.Rule{}
	d := json.NewDecoder(raw)
	d.DisallowUnknownFields()
	if err := d.Decode(&rule); err != nil {
		return rule, false, fault.New(fault.Invalid, "app.tally.rule", "File", in.Rule).Because(err)
	}
	return rule, true, nil
}

// tallyResult is the JSON of a result.
type tallyResult struct {
	Rule       tally.Rule      `json:"rule"`
	Winners    []string        `json:"winners"` // in the order chosen
	Spent      string          `json:"spent"`
	Budget     string          `json:"budget"`
	Voters     int64           `json:"voters"`
	Empty      int64           `json:"empty_ballots"`
	Arithmetic string          `json:"arithmetic"`
	Share      string          `json:"share,omitempty"` // hundredths of the currency, a fraction
	Steps      int             `json:"steps,omitempty"`
	Projects   []projectResult `json:"projects"`
}

type projectResult struct {
	ID      string  `json:"id"`
	Won     bool    `json:"won"`
	Reason  string  `json:"reason"`
	Votes   int64   `json:"votes"`
	Score   int64   `json:"score"`
	Rank    int     `json:"rank"`
	Cost    string  `json:"cost"`
	Support float64 `json:"support,omitempty"`
	Missing int64   `json:"missing_votes,omitempty"`
	Winning string  `json:"winning_cost,omitempty"`
}

func (r *run) tallyJSON(e *tally.Election, o *tally.Outcome, list []tally.Explanation) error {
	res := tallyResult{Rule: o.Rule, Winners: []string{}, Spent: pabulib.FormatAmount(o.Spent), Budget: pabulib.FormatAmount(e.Budget), Voters: e.Voters,
		Empty: e.Empty, Arithmetic: string(o.Arithmetic), Share: o.Share, Steps: o.Steps}
	for _, w := range o.Winners {
		res.Winners = append(res.Winners, e.Projects[w].ID)
	}
	for _, x := range list {
		p := e.Projects[x.Project]
		one := projectResult{ID: p.ID, Won: x.Won, Reason: string(x.Reason), Votes: e.Votes(x.Project), Score: e.Score(x.Project), Rank: x.Rank, Cost: pabulib.FormatAmount(p.Cost),
			Support: x.Support, Missing: x.Missing}
		if x.Winning > 0 {
			one.Winning = pabulib.FormatAmount(x.Winning)
		}
		res.Projects = append(res.Projects, one)
	}
	w := json.NewEncoder(r.out)
	w.SetIndent("", "  ")
	return w.Encode(res)
}

func (r *run) tallyText(ctx context.Context, f *pabulib.File, e *tally.Election, o *tally.Outcome, list []tally.Explanation, known bool) {
	money := func(n int64) string { return i18n.Decimal(ctx, float64(n)/100, 0) + "\u00a0" + f.Get("currency") }
	say := func(key string, args ...any) { fmt.Fprintln(r.out, r.words.T(key, args...)) }
	if d := f.Get("description"); d != "" {
		fmt.Fprintln(r.out, d)
	}
	say("app.tally.head", "Projects", len(e.Projects), "Ballots", e.Voters+e.Empty, "Budget", money(e.Budget))
	if !known {
		say("app.tally.unknown_rule", "Rule", f.Get("rule"))
	}
	say("app.tally.method."+string(o.Rule.Method), "Completion", string(o.Rule.Completion), "Utility", string(o.Rule.Utility))
	say("app.tally.winners", "Count", len(o.Winners), "Spent", money(o.Spent))
	w := tabwriter.NewWriter(r.out, 0, 4, 2, ' ', 0) // the name last: it may be long
	for i, p := range o.Winners {
		fmt.Fprintf(w, "  %d\t%s\t%s\t%s\t%s\n", i+1, e.Projects[p].ID, money(e.Projects[p].Cost), r.words.T("app.tally.votes", "Votes", e.Score(p)), e.Projects[p].Name)
	}
	_ = w.Flush()
	say("app.tally.arithmetic."+string(o.Arithmetic), "Ties", o.Ties, "Steps", o.Steps)
	r.tallyOfficial(f, e, o)
	if !r.cmd.Tally.Why {
		return
	}
	say("app.tally.losers")
	slices.SortStableFunc(list, func(a, b tally.Explanation) int { return a.Rank - b.Rank })
	for _, x := range list {
		if x.Won {
			continue
		}
		p := e.Projects[x.Project]
		fmt.Fprintf(r.out, "  %s %s, %s : %s\n", p.ID, p.Name, money(p.Cost), r.words.T("app.tally.reason."+string(x.Reason), "Rank", x.Rank, "Left", money(x.Left)))
		if x.Support > 0 {
			say("app.tally.support", "Percent", i18n.Decimal(ctx, 100*x.Support, 1))
		}
		if x.Missing > 0 {
			say("app.tally.missing", "Votes", x.Missing)
		}
		if x.Winning > 0 {
			say("app.tally.winning", "Cost", money(x.Winning))
		}
	}
}

// tallyOfficial compares with what the file says.
func (r *run) tallyOfficial(f *pabulib.File, e *tally.Election, o *tally.Outcome) {
	var official []string
	said := false
	for i, p := range f.Projects {
		said = said || p.Selected >= 0
		if p.Selected == 1 {
			official = append(official, p.ID)
		}
		if p.Votes >= 0 && f.Type == pabulib.Approval && p.Votes != e.Votes(int32(i)) {
			fmt.Fprintln(r.out, r.words.T("app.tally.recount", "Project", p.ID, "Said", p.Votes, "Counted", e.Votes(int32(i))))
		}
	}
	if !said {
		return
	}
	key := "app.tally.official.same"
	if !slices.Equal(official, o.IDs(e)) {
		key = "app.tally.official.other"
	}
	fmt.Fprintln(r.out, r.words.T(key))
}
