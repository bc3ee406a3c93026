package tally

import (
	"cmp"
	"context"
	"math/big"
	"slices"
)

// near is the relative distance under which a decision in float64 is made
// again in fractions.
const near = 1e-9

// support is what a group of identical ballots gives to a project.
type support struct {
	group  int32
	weight int64 // points; 1 without
}

// shares counts by equal shares, at any share.
type shares struct {
	e       *Election
	r       Rule
	breaker *breaker
	// of each project that can win: who supports it, Σ count×weight
	supporters [][]support
	weight     []int64
	costly     bool    // utilities are multiplied by the cost
	zero       []int32 // projects that cost nothing and have votes
	open       []int32 // the others that can win
	exactRuns  int

	balance []float64 // of each group
	count   []float64
	bound   []float64 // last rate of each project: it never falls
	quotes  []quote   // last one of each project
}

// result is one run.
type result struct {
	winners []int32
	rounds  []Round
	spent   int64
}

func (s result) into(out *Outcome) { out.Winners, out.Spent, out.Rounds = s.winners, s.spent, s.rounds }

func newShares(e *Election, r Rule) *shares {
	n := len(e.Projects)
	s := &shares{e: e, r: r, breaker: newBreaker(e, r), supporters: make([][]support, n), weight: make([]int64, n), costly: r.Utility != CardinalityUtility,
		balance: make([]float64, len(e.Ballots)), count: make([]float64, len(e.Ballots)), bound: make([]float64, n), quotes: make([]quote, n)}
	size := make([]int, n)
	for _, b := range e.Ballots {
		for _, c := range b.Choices {
			size[c]++
		}
	}
	for g, b := range e.Ballots {
		s.count[g] = float64(b.Count)
		for j, c := range b.Choices {
			w := int64(1)
			if b.Points != nil && r.Utility != CostUtility {
				w = b.Points[j]
			}
			if s.supporters[c] == nil {
				s.supporters[c] = make([]support, 0, size[c])
			}
			s.supporters[c] = append(s.supporters[c], support{int32(g), w})
			s.weight[c] += b.Count * w
		}
	}
	for i, p := range e.Projects {
		switch {
		case e.votes[i] == 0 || r.Threshold > 0 && e.score[i] < r.Threshold || s.unsupported(int32(i)):
		case p.Cost == 0:
			s.zero = append(s.zero, int32(i))
		default:
			s.open = append(s.open, int32(i))
		}
	}
	return s
}

// unsupported applies the least support for a cost: votes/voters < cost/(k×envelope).
func (s *shares) unsupported(p int32) bool {
	if s.r.Support == 0 {
		return false
	}
	left := new(big.Int).Mul(big.NewInt(s.e.votes[p]*s.r.Support), big.NewInt(s.e.Budget))
	right := new(big.Int).Mul(big.NewInt(s.e.Projects[p].Cost), big.NewInt(s.e.Voters))
	return left.Cmp(right) < 0
}

// all funds everything that has a vote, when it fits: growing shares would
// never stop.
func (s *shares) all(out *Outcome) bool {
	var cost int64
	for _, p := range s.open {
		cost += s.e.Projects[p].Cost
		if cost > s.e.Budget {
			return false
		}
	}
	if s.r.Completion == NoCompletion && len(s.open) > 0 {
		return false // what voters can pay is the question, even if all would fit
	}
	list := slices.Concat(s.zero, s.open)
	slices.SortStableFunc(list, func(x, y int32) int { return cmp.Or(cmp.Compare(s.e.score[y], s.e.score[x]), cmp.Compare(x, y)) })
	left := s.e.Budget
	for _, p := range list {
		left -= s.e.Projects[p].Cost
		out.Winners = append(out.Winners, p)
		out.Rounds = append(out.Rounds, Round{Project: p, Reason: Chosen, Left: left, Score: s.e.score[p], With: -1})
	}
	out.Spent, out.Arithmetic = cost, Whole
	return true
}

// full tells whether no project with a vote fits in what is left.
func (s *shares) full(r result) bool {
	for _, p := range s.open {
		if s.e.Projects[p].Cost <= s.e.Budget-r.spent && !slices.Contains(r.winners, p) {
			return false
		}
	}
	return true
}

// run counts at a share: in float64, and in fractions when a decision was near.
func (s *shares) run(ctx context.Context, share *big.Rat) (result, error) {
	if err := ctx.Err(); err != nil {
		return result{}, err
	}
	out, sure, err := s.runFloat(share)
	if err == nil && sure {
		return out, nil
	}
	s.exactRuns++
	return s.runExact(ctx, share)
}

func (s *shares) begin(left int64) (out result) {
	for _, p := range s.zero {
		out.winners = append(out.winners, p)
		out.rounds = append(out.rounds, Round{Project: p, Reason: Chosen, Left: left, Score: s.e.score[p], With: -1})
	}
	return out
}

// factor is what a unit of weight of the project is worth.
func (s *shares) factor(p int32) float64 {
	if s.costly {
		return float64(s.e.Projects[p].Cost)
	}
	return 1
}

// quote is what a project costs its supporters at their balances.
type quote struct {
	rate  float64 // per unit of utility
	most  float64 // per unit of weight
	poor  bool    // somebody gives all that is left
	close bool    // a decision was near
	ok    bool    // it can be paid
}

// quote fills like water: who has too little gives everything, the others the
// same for each unit of weight.
func (s *shares) quote(p int32) (q quote) {
	cost := float64(s.e.Projects[p].Cost)
	total := 0.0
	for _, u := range s.supporters[p] {
		total += s.count[u.group] * s.balance[u.group]
	}
	if d := (total - cost) / cost; d < near {
		return quote{ok: d >= 0, close: d > -near, rate: 0}
	}
	q.ok = true
	most := cost / float64(s.weight[p])
	for {
		rest, weight := cost, 0.0
		poor := false
		for _, u := range s.supporters[p] {
			b, w := s.balance[u.group], float64(u.weight)
			if b < most*w {
				rest -= s.count[u.group] * b
				poor = true
			} else {
				weight += s.count[u.group] * w
			}
		}
		q.poor = q.poor || poor
		if weight == 0 {
			break
		}
		next := rest / weight
		if next <= most*(1+1e-15) {
			break
		}
		most = next
	}
	q.most, q.rate = most, most/s.factor(p)
	return q
}

func (s *shares) runFloat(share *big.Rat) (out result, sure bool, err error) {
	first, _ := share.Float64()
	for g := range s.balance {
		s.balance[g] = first
	}
	left := s.e.Budget
	out = s.begin(left)
	order := slices.Clone(s.open)
	for _, p := range order {
		s.bound[p] = 1 / (float64(s.weight[p]) * s.factor(p)) * float64(s.e.Projects[p].Cost)
	}
	for {
		slices.SortFunc(order, func(x, y int32) int { return cmp.Compare(s.bound[x], s.bound[y]) })
		best, equals := 0.0, []int32(nil)
		gone := 0
		for i, p := range order {
			if equals != nil && s.bound[p] > best*(1+2*near) {
				break
			}
			q := s.quote(p)
			if q.close {
				return out, false, nil
			}
			if !q.ok {
				order[i], gone = -1, gone+1
				continue
			}
			s.bound[p], s.quotes[p] = q.rate, q
			switch {
			case equals == nil || q.rate < best*(1-near):
				best, equals = q.rate, []int32{p}
			case q.rate <= best*(1+near):
				best = min(best, q.rate)
				equals = append(equals, p)
			}
		}
		if gone > 0 {
			order = slices.DeleteFunc(order, func(p int32) bool { return p < 0 })
		}
		if equals == nil {
			return out, true, nil
		}
		if len(equals) > 1 && !s.pure(equals) {
			return out, false, nil
		}
		chosen := equals[0]
		if len(equals) > 1 {
			equals = s.leastPure(equals)
			if chosen, err = s.breaker.first(equals, len(out.rounds)+1); err != nil {
				return out, false, err
			}
		}
		q := s.quotes[chosen]
		var payers int64
		for _, u := range s.supporters[chosen] {
			pay := min(s.balance[u.group], q.most*float64(u.weight))
			if pay > 0 {
				payers += s.e.Ballots[u.group].Count
			}
			s.balance[u.group] -= pay
		}
		cost := s.e.Projects[chosen].Cost
		left -= cost
		out.spent += cost
		out.winners = append(out.winners, chosen)
		out.rounds = append(out.rounds, Round{Project: chosen, Reason: Chosen, Left: left, Score: s.e.score[chosen], Rate: q.rate, Most: q.most, Payers: payers, With: -1, Tied: tied(equals)})
		order = slices.DeleteFunc(order, func(p int32) bool { return p == chosen })
	}
}

func tied(equals []int32) []int32 {
	if len(equals) < 2 {
		return nil
	}
	return slices.Clone(equals)
}

// pure tells that none of these has a supporter who gives all: their rates are
// then ratios of integers, compared exactly.
func (s *shares) pure(equals []int32) bool {
	for _, p := range equals {
		if s.quotes[p].poor {
			return false
		}
		for _, u := range s.supporters[p] { // clearly not poor
			if s.balance[u.group] < s.quotes[p].most*float64(u.weight)*(1+near) {
				return false
			}
		}
	}
	return true
}

// leastPure keeps the least of the rates cost/(weight×factor).
func (s *shares) leastPure(equals []int32) []int32 {
	var out []int32
	for _, p := range equals {
		c := -1
		if out != nil {
			c = s.pureRate(p).Cmp(s.pureRate(out[0]))
		}
		switch {
		case c < 0:
			out = []int32{p}
		case c == 0:
			out = append(out, p)
		}
	}
	return out
}

func (s *shares) pureRate(p int32) *big.Rat {
	cost := s.e.Projects[p].Cost
	if s.costly {
		return big.NewRat(1, s.weight[p])
	}
	return big.NewRat(cost, s.weight[p])
}

// rest spends what is left by votes.
func (s *shares) rest(ctx context.Context, out *Outcome) error {
	in := winners(s.e, out)
	left := &Election{Budget: s.e.Budget - out.Spent, Projects: slices.Clone(s.e.Projects), score: s.e.score, votes: slices.Clone(s.e.votes)}
	rule := Rule{Version: 1, Method: Greedy, Ties: s.r.Ties, Lots: s.r.Lots, Threshold: s.r.Threshold}
	left.score = slices.Clone(s.e.score)
	for i := range left.Projects {
		if in[i] {
			left.score[i], left.votes[i] = 0, 0
		}
	}
	more, err := byVotes(ctx, left, rule)
	if err != nil {
		return err
	}
	for _, r := range more.Rounds {
		if r.Reason == Chosen {
			r.Reason = ChosenRest
			out.Winners = append(out.Winners, r.Project)
			out.Rounds = append(out.Rounds, r)
		}
	}
	out.Spent += more.Spent
	out.Ties += more.Ties
	return nil
}
