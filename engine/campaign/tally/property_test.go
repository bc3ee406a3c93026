package tally

import (
	"context"
	"errors"
	"math/big"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// drawn is a small election with many equal costs and votes: ties everywhere.
func drawn(t *rapid.T) (int64, []Project, []Ballot) {
	n := rapid.IntRange(1, 8).Draw(t, "projects")
	projects := make([]Project, n)
	for i := range projects {
		projects[i] = Project{ID: "p" + strconv.Itoa(i), Cost: 100 * rapid.Int64Range(0, 12).Draw(t, "cost"), District: string(rune('A' + i%2))}
	}
	points := rapid.Bool().Draw(t, "points")
	ballots := make([]Ballot, rapid.IntRange(0, 12).Draw(t, "ballots"))
	for i := range ballots {
		for p := range n {
			if rapid.Bool().Draw(t, "choice") {
				ballots[i].Choices = append(ballots[i].Choices, int32(p))
				if points {
					ballots[i].Points = append(ballots[i].Points, rapid.Int64Range(0, 3).Draw(t, "points"))
				}
			}
		}
		ballots[i].Count = rapid.Int64Range(1, 4).Draw(t, "count")
	}
	return 100 * rapid.Int64Range(0, 40).Draw(t, "budget"), projects, ballots
}

func drawnRule(t *rapid.T, projects []Project) Rule {
	r := ByShares()
	r.Method = rapid.SampledFrom([]Method{Greedy, GreedyStop, EqualShares}).Draw(t, "method")
	r.Utility = rapid.SampledFrom([]Utility{CostUtility, CardinalityUtility, PointsCostUtility}).Draw(t, "utility")
	r.Completion = rapid.SampledFrom([]Completion{NoCompletion, Utilitarian, Add1, Add1U}).Draw(t, "completion")
	r.Exhaustive = rapid.Bool().Draw(t, "exhaustive")
	r.MaxSteps = 200
	if rapid.Bool().Draw(t, "lots") {
		for _, i := range rapid.Permutation(indexes(len(projects))).Draw(t, "order") {
			r.Lots = append(r.Lots, projects[i].ID)
		}
	}
	return r
}

func indexes(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// The winners stay within the envelope, each is chosen once, and the order of
// ballots and projects changes nothing.
func TestCountIsFair(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		budget, projects, ballots := drawn(t)
		rule := drawnRule(t, projects)
		e, err := NewElection(budget, projects, ballots)
		if err != nil {
			t.Fatal(err)
		}
		o, err := Count(context.Background(), e, rule)
		shuffle := rand.New(rand.NewPCG(1, uint64(len(ballots))))
		mixed, mixedBallots := shuffled(shuffle, projects, ballots)
		e2, err2 := NewElection(budget, mixed, mixedBallots)
		if err2 != nil {
			t.Fatal(err2)
		}
		o2, err2 := Count(context.Background(), e2, rule)
		var tie, tie2 *TieError
		if errors.As(err, &tie) != errors.As(err2, &tie2) {
			t.Fatalf("%v, in another order %v", err, err2)
		}
		if tie != nil {
			if !slices.Equal(slices.Sorted(slices.Values(tie.Projects)), slices.Sorted(slices.Values(tie2.Projects))) {
				t.Fatalf("%v, in another order %v", tie, tie2)
			}
			if len(rule.Lots) > 0 {
				t.Fatalf("%v although lots are drawn", tie)
			}
			return
		}
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		var spent int64
		seen := map[int32]bool{}
		for _, w := range o.Winners {
			if seen[w] {
				t.Fatalf("%s is chosen twice", projects[w].ID)
			}
			seen[w] = true
			spent += projects[w].Cost
		}
		if spent != o.Spent || spent > budget {
			t.Fatalf("%d of %d spent, %d said", spent, budget, o.Spent)
		}
		if a, b := slices.Sorted(slices.Values(o.IDs(e))), slices.Sorted(slices.Values(o2.IDs(e2))); !slices.Equal(a, b) {
			t.Fatalf("%v, in another order %v", a, b)
		}
	})
}

func shuffled(r *rand.Rand, projects []Project, ballots []Ballot) ([]Project, []Ballot) {
	place := r.Perm(len(projects))
	mixed := make([]Project, len(projects))
	for i, p := range projects {
		mixed[place[i]] = p
	}
	var out []Ballot
	for _, b := range ballots {
		for range b.Count { // one by one: grouping changes nothing either
			c := Ballot{Count: 1}
			for j, p := range b.Choices {
				c.Choices = append(c.Choices, int32(place[p]))
				if b.Points != nil {
					c.Points = append(c.Points, b.Points[j])
				}
			}
			out = append(out, c)
		}
	}
	r.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return mixed, out
}

// A run in fractions and the plain definition, written without any care for
// speed, choose the same; so does the run in float64 when it says it is sure.
func TestSharesDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		budget, projects, ballots := drawn(t)
		e, err := NewElection(budget, projects, ballots)
		if err != nil {
			t.Fatal(err)
		}
		if e.Voters == 0 {
			return
		}
		rule := ByShares()
		rule.Utility = rapid.SampledFrom([]Utility{CostUtility, CardinalityUtility, PointsCostUtility}).Draw(t, "utility")
		for _, p := range projects {
			rule.Lots = append(rule.Lots, p.ID)
		}
		share := new(big.Rat).SetFrac64(budget, e.Voters)
		s := newShares(e, rule)
		fast, sure, err := s.runFloat(share)
		if err != nil {
			t.Fatal(err)
		}
		exact, err := s.runExact(context.Background(), share)
		if err != nil {
			t.Fatal(err)
		}
		want := naive(e, rule, share)
		if !slices.Equal(exact.winners[len(s.zero):], want) {
			t.Fatalf("in fractions %v, by the definition %v", exact.winners, want)
		}
		if sure && !slices.Equal(fast.winners, exact.winners) {
			t.Fatalf("in float %v, in fractions %v", fast.winners, exact.winners)
		}
	})
}

// naive is the definition: every project, every round, in fractions.
func naive(e *Election, r Rule, share *big.Rat) (won []int32) {
	b := newBreaker(e, r)
	balance := make([]*big.Rat, len(e.Ballots))
	for i := range balance {
		balance[i] = new(big.Rat).Set(share)
	}
	utility := func(g int, p int32) *big.Rat {
		j := slices.Index(e.Ballots[g].Choices, p)
		if j < 0 {
			return nil
		}
		u := big.NewRat(1, 1)
		if e.Ballots[g].Points != nil && r.Utility != CostUtility {
			u.SetInt64(e.Ballots[g].Points[j])
		}
		if r.Utility != CardinalityUtility {
			u.Mul(u, new(big.Rat).SetInt64(e.Projects[p].Cost))
		}
		return u
	}
	pays := func(g int, p int32, rate *big.Rat) *big.Rat {
		u := utility(g, p)
		if u == nil {
			return new(big.Rat)
		}
		pay := new(big.Rat).Mul(u, rate)
		if pay.Cmp(balance[g]) > 0 {
			return balance[g]
		}
		return pay
	}
	together := func(p int32, rate *big.Rat) *big.Rat {
		sum := new(big.Rat)
		for g := range e.Ballots {
			sum.Add(sum, new(big.Rat).Mul(pays(g, p, rate), new(big.Rat).SetInt64(e.Ballots[g].Count)))
		}
		return sum
	}
	for {
		var best *big.Rat
		var equals []int32
		for i := range e.Projects {
			p := int32(i)
			if slices.Contains(won, p) || e.Projects[p].Cost == 0 || e.votes[p] == 0 {
				continue
			}
			// the rate is between two of the rates at which somebody has nothing left
			cost := new(big.Rat).SetInt64(e.Projects[p].Cost)
			var limits []*big.Rat
			for g := range e.Ballots {
				if u := utility(g, p); u != nil {
					limits = append(limits, new(big.Rat).Quo(balance[g], u))
				}
			}
			slices.SortFunc(limits, func(a, b *big.Rat) int { return a.Cmp(b) })
			if together(p, limits[len(limits)-1]).Cmp(cost) < 0 {
				continue
			}
			low := new(big.Rat)
			var rate *big.Rat
			for _, high := range limits {
				if together(p, high).Cmp(cost) < 0 {
					low = high
					continue
				}
				a, z := together(p, low), together(p, high)
				rate = high
				if d := new(big.Rat).Sub(z, a); d.Sign() > 0 {
					part := new(big.Rat).Quo(new(big.Rat).Sub(cost, a), d)
					rate = new(big.Rat).Add(low, part.Mul(part, new(big.Rat).Sub(high, low)))
				}
				break
			}
			c := -1
			if best != nil {
				c = rate.Cmp(best)
			}
			if c < 0 {
				best, equals = rate, nil
			}
			if c <= 0 {
				equals = append(equals, p)
			}
		}
		if equals == nil {
			return won
		}
		chosen, err := b.first(equals, len(won)+1)
		if err != nil {
			return nil
		}
		for g := range balance {
			balance[g] = new(big.Rat).Sub(balance[g], pays(g, chosen, best))
		}
		won = append(won, chosen)
	}
}
