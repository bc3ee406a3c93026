package tally

import (
	"context"
	"math/big"
)

// Count applies a rule. It stops when ctx ends. Errors: ErrRule, *TieError,
// ctx's.
func Count(ctx context.Context, e *Election, r Rule) (*Outcome, error) {
	if err := r.Check(e); err != nil {
		return nil, err
	}
	if r.Method != EqualShares {
		return byVotes(ctx, e, r)
	}
	out, err := byShares(ctx, e, r)
	if err != nil || r.Comparison == NoComparison {
		return out, err
	}
	return compared(ctx, e, r, out)
}

// compared keeps the count by votes when strictly more voters prefer it.
// A voter without any winner has zero, and counts.
func compared(ctx context.Context, e *Election, r Rule, shares *Outcome) (*Outcome, error) {
	other := r
	other.Method, other.Comparison = Greedy, NoComparison
	votes, err := byVotes(ctx, e, other)
	if err != nil {
		return nil, err
	}
	inShares, inVotes := winners(e, shares), winners(e, votes)
	var preferVotes, preferShares int64
	for _, b := range e.Ballots {
		var s, v int
		for _, c := range b.Choices {
			if inShares[c] {
				s++
			}
			if inVotes[c] {
				v++
			}
		}
		if r.Comparison == Exclusion {
			s, v = min(s, 1), min(v, 1)
		}
		switch {
		case v > s:
			preferVotes += b.Count
		case s > v:
			preferShares += b.Count
		}
	}
	shares.PreferVotes, shares.PreferShare = preferVotes, preferShares
	if preferVotes > preferShares {
		votes.Rule, votes.KeptVotes, votes.PreferVotes, votes.PreferShare = r, true, preferVotes, preferShares
		return votes, nil
	}
	return shares, nil
}

func winners(e *Election, o *Outcome) []bool {
	in := make([]bool, len(e.Projects))
	for _, w := range o.Winners {
		in[w] = true
	}
	return in
}

// byShares counts by equal shares, with the completion of the rule.
func byShares(ctx context.Context, e *Election, r Rule) (*Outcome, error) {
	out := &Outcome{Rule: r, Arithmetic: Proved}
	s := newShares(e, r)
	if e.Voters == 0 {
		out.Arithmetic = Whole
		return out, nil
	}
	if s.all(out) {
		return out, nil
	}
	share := new(big.Rat).SetFrac64(e.Budget, e.Voters)
	if r.Integral {
		whole := new(big.Int).Div(share.Num(), share.Denom())
		share.SetInt(whole.Sub(whole, new(big.Int).Mod(whole, big.NewInt(100))))
	}
	best, err := s.run(ctx, share)
	if err != nil {
		return nil, err
	}
	kept := new(big.Rat).Set(share)
	if r.Completion == Add1 || r.Completion == Add1U {
		step := new(big.Rat).SetInt64(r.Increment)
		for ; out.Steps < r.MaxSteps && !(r.Exhaustive && s.full(best)); out.Steps++ {
			share.Add(share, step)
			next, err := s.run(ctx, share)
			if err != nil {
				return nil, err
			}
			if next.spent > e.Budget {
				out.Steps++
				break
			}
			best = next
			kept.Set(share)
		}
	}
	best.into(out)
	out.Share, out.Ties = kept.RatString(), s.breaker.met
	if s.exactRuns > 0 {
		out.Arithmetic = Exact
	}
	if r.Completion == Utilitarian || r.Completion == Add1U {
		return out, s.rest(ctx, out)
	}
	return out, nil
}
