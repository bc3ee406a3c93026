package tally

import (
	"errors"
	"fmt"
	"slices"
)

// Method is how projects are chosen.
type Method string

// The methods.
const (
	Greedy      Method = "greedy"       // by votes, passing over what does not fit
	GreedyStop  Method = "greedy-stop"  // by votes, stopping at the first that does not fit
	EqualShares Method = "equal-shares" // Method of Equal Shares
)

// Utility is what a chosen project is worth to who voted for it (equal shares).
type Utility string

// The utilities.
const (
	CostUtility        Utility = "cost"        // its cost: one euro is one euro
	CardinalityUtility Utility = "cardinality" // one; its points when ballots have points
	PointsCostUtility  Utility = "points-cost" // its points times its cost
)

// Completion is what is done with the money that equal shares leave.
type Completion string

// The completions.
const (
	NoCompletion Completion = "none"
	Utilitarian  Completion = "utilitarian" // then by votes on the rest
	Add1         Completion = "add1"        // shares grow by Increment until the envelope is exceeded
	Add1U        Completion = "add1u"       // add1, then by votes on the rest
)

// Comparison keeps the result by votes when more people prefer it (equal
// shares).
type Comparison string

// The comparisons.
const (
	NoComparison Comparison = ""
	Satisfaction Comparison = "satisfaction" // strictly more voters have more winners by votes
	Exclusion    Comparison = "exclusion"    // strictly more voters have a winner by votes
)

// TieStep is one way to break a tie; the next is asked when it does not.
type TieStep string

// The steps.
const (
	LowerCost TieStep = "cost"
	MoreVotes TieStep = "votes"
	Lots      TieStep = "lots" // Rule.Lots, drawn once in public
)

// Quota reserves or limits a part of the result.
type Quota struct {
	District string `json:"district,omitempty"` // of these projects; "" any
	Class    string `json:"class,omitempty"`
	MinCount int    `json:"min_count,omitempty"`
	MaxCount int    `json:"max_count,omitempty"` // 0: no limit
	MaxCost  int64  `json:"max_cost,omitempty"`  // together, hundredths; 0: no limit
}

// Rule is everything the result depends on beside the election. It is published
// before the vote. The zero value is not a rule: see [ByVotes] and [ByShares].
type Rule struct {
	Version    int        `json:"version"` // 1
	Method     Method     `json:"rule"`
	Utility    Utility    `json:"utility,omitempty"`
	Completion Completion `json:"completion,omitempty"`
	Increment  int64      `json:"increment,omitempty"`  // of add1, hundredths of the currency
	Integral   bool       `json:"integral,omitempty"`   // the first share is rounded down to a whole unit of the currency
	Exhaustive bool       `json:"exhaustive,omitempty"` // add1 stops when nothing more would fit
	MaxSteps   int        `json:"max_steps,omitempty"`  // of add1

	Comparison Comparison `json:"comparison,omitempty"`
	// Support drops before an equal-shares count the projects whose share of
	// the voters is under cost ÷ (Support × envelope); 0: none. Świecie: 3.
	Support   int64     `json:"support,omitempty"`
	Threshold int64     `json:"threshold,omitempty"` // least score; 0: none
	Ties      []TieStep `json:"ties,omitempty"`
	Lots      []string  `json:"lots,omitempty"` // project ids, first wins

	Exclusive [][]string `json:"exclusive,omitempty"` // at most one of each group (greedy)
	Quotas    []Quota    `json:"quotas,omitempty"`    // (greedy)
}

// defaultTies is the order recommended with equal shares; it serves all rules.
func defaultTies() []TieStep { return []TieStep{LowerCost, MoreVotes, Lots} }

// ByVotes is the usual French rule: by votes, what does not fit is passed over.
func ByVotes() Rule { return Rule{Version: 1, Method: Greedy, Ties: defaultTies()} }

// ByShares is the Method of Equal Shares with utilities of cost, completed by
// growing shares one unit of the currency at a time, not stopping early: the
// rule of Wieliczka 2023.
func ByShares() Rule {
	return Rule{Version: 1, Method: EqualShares, Utility: CostUtility, Completion: Add1, Increment: 100, MaxSteps: 1_000_000, Ties: defaultTies()}
}

// ErrRule is a rule that cannot be applied.
var ErrRule = errors.New("tally: impossible rule")

// Check refuses a rule that is incomplete or contradicts itself.
func (r Rule) Check(e *Election) error {
	wrong := func(format string, args ...any) error {
		return fmt.Errorf("%w: "+format, append([]any{ErrRule}, args...)...)
	}
	if r.Version != 1 {
		return wrong("version %d", r.Version)
	}
	if !slices.Contains([]Method{Greedy, GreedyStop, EqualShares}, r.Method) {
		return wrong("method %q", r.Method)
	}
	for _, s := range r.Ties {
		if !slices.Contains(defaultTies(), s) {
			return wrong("tie step %q", s)
		}
	}
	ids := map[string]bool{}
	for _, p := range e.Projects {
		ids[p.ID] = true
	}
	for _, list := range append(slices.Clone(r.Exclusive), r.Lots) {
		for _, id := range list {
			if !ids[id] {
				return wrong("no project %q", id)
			}
		}
	}
	if r.Method != EqualShares {
		return nil
	}
	switch {
	case !slices.Contains([]Utility{CostUtility, CardinalityUtility, PointsCostUtility}, r.Utility):
		return wrong("utility %q", r.Utility)
	case !slices.Contains([]Completion{NoCompletion, Utilitarian, Add1, Add1U}, r.Completion):
		return wrong("completion %q", r.Completion)
	case (r.Completion == Add1 || r.Completion == Add1U) && (r.Increment <= 0 || r.MaxSteps <= 0):
		return wrong("add1 needs an increment and a greatest number of steps")
	case !slices.Contains([]Comparison{NoComparison, Satisfaction, Exclusion}, r.Comparison):
		return wrong("comparison %q", r.Comparison)
	case len(r.Quotas) > 0 || len(r.Exclusive) > 0:
		return wrong("quotas and exclusive projects go with a count by votes")
	}
	return nil
}
