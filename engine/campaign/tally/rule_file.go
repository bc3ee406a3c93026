package tally

import (
	"parvis/engine/campaign/pabulib"
)

// RuleOf is the rule that a .pb file says it was counted by; ok is false when it
// says none that is known, and the rule is then the usual one, by votes.
func RuleOf(f *pabulib.File) (r Rule, ok bool) {
	r = ByVotes()
	if n, valid := pabulib.ParseAmount(f.Get("min_project_score_threshold")); valid {
		if f.Type != pabulib.Cumulative {
			n /= 100 // votes, not points
		}
		r.Threshold = n
	}
	switch f.Get("rule") {
	case "greedy", "greedy-threshold":
		return r, true
	case "greedy-no-skip":
		r.Method = GreedyStop
		return r, true
	case "equalshares":
		r = ByShares()
		r.Completion = NoCompletion
		return r, true
	case "equalshares/add1":
		return ByShares(), true
	case "equalshares/add1-comparison":
		r = ByShares()
		r.Comparison, r.Support = Satisfaction, 3
		return r, true
	}
	return r, false
}
