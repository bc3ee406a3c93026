package tally

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/big"
	"slices"
)

// Explanation says to an author why a project won or did not.
type Explanation struct {
	Project int32
	Won     bool
	Reason  Reason
	Rank    int   // by score, from 1; equals share a rank
	Left    int64 // of the envelope when its turn came, hundredths
	With    int32 // the incompatible project; -1
	// Support is, by equal shares, the best that its supporters could pay at the
	// rate of what was chosen instead, over its cost: 1 and more wins. By votes
	// it is 0.
	Support float64
	// Took lists what took most of its supporters' shares, at most five.
	Took []Taker
	// Missing is how many more votes would have made it win, others unchanged;
	// 0 when it won or when no number would.
	Missing int64
	// Winning is the highest whole price at which it would have won, in
	// hundredths; 0 when it won or when no lower price would do.
	Winning int64
}

// Taker is a project that was paid by the supporters of another.
type Taker struct {
	Project int32
	Share   float64 // of what those supporters had, 0 to 1
	Voters  float64 // share of those supporters who voted for it, 0 to 1
}

// Explain explains every project of an outcome of Count, in the order of the
// election. Missing and Winning are found by counting again, at most retries
// times for each project that lost; 0 leaves them out.
func Explain(ctx context.Context, e *Election, o *Outcome, retries int) ([]Explanation, error) {
	out := make([]Explanation, len(e.Projects))
	for i := range out {
		p := int32(i)
		out[i] = Explanation{Project: p, Won: o.Won(p), With: -1, Rank: 1, Reason: NotAfforded, Left: e.Budget - o.Spent}
		for j := range e.Projects {
			if e.score[j] > e.score[i] {
				out[i].Rank++
			}
		}
		switch {
		case e.votes[i] == 0 && e.score[i] == 0:
			out[i].Reason = NoVote
		case e.Projects[i].Cost > e.Budget:
			out[i].Reason = TooDear
		}
	}
	for _, r := range o.Rounds {
		out[r.Project].Reason, out[r.Project].Left, out[r.Project].With = r.Reason, r.Left, r.With
	}
	if o.Rule.Method == EqualShares && !o.KeptVotes && o.Share != "" {
		if err := explainShares(ctx, e, o, out); err != nil {
			return nil, err
		}
	}
	for i := range out {
		if out[i].Won || retries <= 0 {
			continue
		}
		if err := whatIf(ctx, e, o, &out[i], retries); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// explainShares replays the answer's run and looks at every project before each
// payment.
func explainShares(ctx context.Context, e *Election, o *Outcome, out []Explanation) error {
	share, ok := new(big.Rat).SetString(o.Share)
	if !ok {
		return fmt.Errorf("tally: share %q", o.Share)
	}
	s := newShares(e, o.Rule)
	first, _ := share.Float64()
	for g := range s.balance {
		s.balance[g] = first
	}
	paid := make([]map[int32]float64, len(e.Projects)) // of the supporters of p, to each winner
	for p := range paid {
		paid[p] = map[int32]float64{}
	}
	for _, r := range o.Rounds {
		if r.Reason != Chosen || e.Projects[r.Project].Cost == 0 {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		for _, p := range s.open {
			if !out[p].Won || p == r.Project {
				out[p].Support = max(out[p].Support, s.cover(p, r.Rate))
			}
		}
		for _, u := range s.supporters[r.Project] {
			pay := min(s.balance[u.group], r.Most*float64(u.weight))
			s.balance[u.group] -= pay
			b := e.Ballots[u.group]
			for _, c := range b.Choices {
				paid[c][r.Project] += pay * float64(b.Count)
			}
		}
	}
	for _, p := range s.open {
		if !out[p].Won { // at the end: all they have left
			left := 0.0
			for _, u := range s.supporters[p] {
				left += s.count[u.group] * s.balance[u.group]
			}
			out[p].Support = max(out[p].Support, left/float64(e.Projects[p].Cost))
		}
		out[p].Took = s.took(p, paid[p], first)
	}
	return nil
}

// cover is what the supporters of p could pay at a rate, over its cost.
func (s *shares) cover(p int32, rate float64) float64 {
	most, sum := rate*s.factor(p), 0.0
	for _, u := range s.supporters[p] {
		sum += s.count[u.group] * min(s.balance[u.group], most*float64(u.weight))
	}
	return sum / float64(s.e.Projects[p].Cost)
}

func (s *shares) took(p int32, paid map[int32]float64, first float64) []Taker {
	voters, both := 0.0, map[int32]float64{}
	for _, u := range s.supporters[p] {
		voters += s.count[u.group]
		for _, c := range s.e.Ballots[u.group].Choices {
			both[c] += s.count[u.group]
		}
	}
	var list []Taker
	for w, amount := range paid {
		if w != p {
			list = append(list, Taker{w, amount / (voters * first), both[w] / voters})
		}
	}
	slices.SortFunc(list, func(a, b Taker) int { return cmp.Or(cmp.Compare(b.Share, a.Share), cmp.Compare(a.Project, b.Project)) })
	return list[:min(5, len(list))]
}

// whatIf looks for the votes or the price with which a project would have won,
// by counting again.
func whatIf(ctx context.Context, e *Election, o *Outcome, x *Explanation, retries int) error {
	p, cost := x.Project, e.Projects[x.Project].Cost
	wins := func(price, votes int64) (bool, error) {
		changed := *e
		changed.Projects = slices.Clone(e.Projects)
		changed.Projects[p].Cost = price
		if votes > 0 {
			changed.score, changed.votes = slices.Clone(e.score), slices.Clone(e.votes)
			changed.score[p] += votes * scale(e)
			changed.votes[p] += votes
			changed.Ballots = append(slices.Clone(e.Ballots), alone(e, p, votes))
			changed.Voters += votes
		}
		again, err := Count(ctx, &changed, o.Rule)
		if err != nil {
			if tie := (*TieError)(nil); errors.As(err, &tie) {
				return false, nil // it would depend on lots
			}
			return false, err
		}
		return again.Won(p), nil
	}
	var err error
	if x.Winning, err = highest(cost/100, retries, func(euros int64) (bool, error) { return wins(euros*100, 0) }); err != nil {
		return err
	}
	x.Winning *= 100
	x.Missing, err = lowest(e.Voters+1, retries, func(votes int64) (bool, error) { return wins(cost, votes) })
	return err
}

// alone is a ballot that names only this project.
func alone(e *Election, p int32, count int64) Ballot {
	b := Ballot{Choices: []int32{p}, Count: count}
	if scale(e) > 1 {
		b.Points = []int64{scale(e)}
	}
	return b
}

// scale is the most points that a ballot of the election gives to one project:
// what one more vote is worth.
func scale(e *Election) int64 {
	most := int64(1)
	for _, b := range e.Ballots {
		for _, n := range b.Points {
			most = max(most, n)
		}
	}
	return most
}

// highest is the greatest n in [1, below) that wins, supposing that less wins
// too; what it gives does win. 0: none found within the tries.
func highest(below int64, tries int, wins func(int64) (bool, error)) (int64, error) {
	low, high := int64(0), below
	for ; tries > 0 && high-low > 1; tries-- {
		mid := low + (high-low)/2
		ok, err := wins(mid)
		if err != nil {
			return 0, err
		}
		if ok {
			low = mid
		} else {
			high = mid
		}
	}
	return low, nil
}

// lowest is the least n in [1, most] that wins, under the same supposition.
func lowest(most int64, tries int, wins func(int64) (bool, error)) (int64, error) {
	ok, err := wins(most)
	if err != nil || !ok {
		return 0, err
	}
	low, high := int64(0), most
	for ; tries > 0 && high-low > 1; tries-- {
		mid := low + (high-low)/2
		ok, err := wins(mid)
		if err != nil {
			return 0, err
		}
		if ok {
			high = mid
		} else {
			low = mid
		}
	}
	return high, nil
}
