package tally

import (
	"cmp"
	"context"
	"math/big"
	"slices"
)

// exact is a run in fractions. Groups with the same balance share it: a balance
// is a number of purse.
type exact struct {
	*shares
	purse  []*big.Rat
	float  []float64 // of each purse
	holder []int32   // purse of each group
}

// runExact shortlists in float64, from balances that are exact, and decides in
// fractions between what is near.
func (s *shares) runExact(ctx context.Context, share *big.Rat) (result, error) {
	first, _ := share.Float64()
	x := &exact{shares: s, purse: []*big.Rat{new(big.Rat).Set(share)}, float: []float64{first}, holder: make([]int32, len(s.balance))}
	for g := range s.balance {
		s.balance[g] = first
	}
	left := s.e.Budget
	out := s.begin(left)
	order := slices.Clone(s.open)
	for _, p := range order {
		s.bound[p] = 0
	}
	for {
		if err := ctx.Err(); err != nil {
			return out, err
		}
		equals, rates := x.least(&order)
		if len(equals) == 0 {
			return out, nil
		}
		chosen, err := s.breaker.first(equals, len(out.rounds)+1)
		if err != nil {
			return out, err
		}
		most := rates[slices.Index(equals, chosen)]
		payers := x.pay(chosen, most)
		cost := s.e.Projects[chosen].Cost
		left -= cost
		out.spent += cost
		out.winners = append(out.winners, chosen)
		shown, _ := most.Float64()
		out.rounds = append(out.rounds, Round{Project: chosen, Reason: Chosen, Left: left, Score: s.e.score[chosen], Rate: shown / s.factor(chosen), Most: shown, Payers: payers, With: -1, Tied: tied(equals)})
		order = slices.DeleteFunc(order, func(p int32) bool { return p == chosen })
	}
}

// least finds the projects of least rate, and what each costs a unit of weight.
func (x *exact) least(order *[]int32) (equals []int32, most []*big.Rat) {
	slices.SortFunc(*order, func(a, b int32) int { return cmp.Compare(x.bound[a], x.bound[b]) })
	best := 0.0
	var list []int32
	for i, p := range *order {
		if list != nil && x.bound[p] > best*(1+2*near) {
			break
		}
		q := x.quote(p)
		if q.close {
			if !x.affords(p) {
				(*order)[i] = -1
				continue
			}
			m := x.fill(p)
			q.rate, _ = x.rate(p, m).Float64()
			q.ok = true
		}
		if !q.ok {
			(*order)[i] = -1
			continue
		}
		x.bound[p] = q.rate
		if list == nil || q.rate < best {
			best = q.rate
		}
		list = append(list, p)
	}
	*order = slices.DeleteFunc(*order, func(p int32) bool { return p < 0 })
	slices.Sort(list) // equals are told in the order of the election
	var least *big.Rat
	for _, p := range list {
		if x.bound[p] > best*(1+near) {
			continue
		}
		m := x.fill(p)
		r := x.rate(p, m)
		c := -1
		if least != nil {
			c = r.Cmp(least)
		}
		if c < 0 {
			least, equals, most = r, equals[:0], most[:0]
		}
		if c <= 0 {
			equals, most = append(equals, p), append(most, m)
		}
	}
	return equals, most
}

func (x *exact) rate(p int32, most *big.Rat) *big.Rat {
	if !x.costly {
		return most
	}
	return new(big.Rat).Quo(most, new(big.Rat).SetInt64(x.e.Projects[p].Cost))
}

// part is the supporters of a project who have the same balance and weight.
type part struct {
	purse  int32
	weight int64
	count  int64
}

func (x *exact) parts(p int32) []part {
	type key struct {
		purse  int32
		weight int64
	}
	count := map[key]int64{}
	for _, u := range x.supporters[p] {
		count[key{x.holder[u.group], u.weight}] += x.e.Ballots[u.group].Count
	}
	out := make([]part, 0, len(count))
	for k, n := range count {
		out = append(out, part{k.purse, k.weight, n})
	}
	return out
}

func (x *exact) affords(p int32) bool {
	total := new(big.Rat)
	for _, s := range x.parts(p) {
		total.Add(total, new(big.Rat).Mul(x.purse[s.purse], new(big.Rat).SetInt64(s.count)))
	}
	return total.Cmp(new(big.Rat).SetInt64(x.e.Projects[p].Cost)) >= 0
}

// fill is what a unit of weight pays, exactly; the project is affordable.
func (x *exact) fill(p int32) *big.Rat {
	parts := x.parts(p)
	// poorest first: balance per unit of weight
	ratio := make(map[part]*big.Rat, len(parts))
	for _, s := range parts {
		ratio[s] = new(big.Rat).Quo(x.purse[s.purse], new(big.Rat).SetInt64(s.weight))
	}
	slices.SortFunc(parts, func(a, b part) int { return ratio[a].Cmp(ratio[b]) })
	rest := new(big.Rat).SetInt64(x.e.Projects[p].Cost)
	var weight int64
	for _, s := range parts {
		weight += s.count * s.weight
	}
	for _, s := range parts {
		most := new(big.Rat).Quo(rest, new(big.Rat).SetInt64(weight))
		if ratio[s].Cmp(most) >= 0 {
			return most
		}
		rest.Sub(rest, new(big.Rat).Mul(x.purse[s.purse], new(big.Rat).SetInt64(s.count)))
		weight -= s.count * s.weight
	}
	return ratio[parts[len(parts)-1]]
}

// pay takes the price from the supporters' purses.
func (x *exact) pay(p int32, most *big.Rat) (payers int64) {
	type key struct {
		purse  int32
		weight int64
	}
	after := map[key]int32{}
	for _, u := range x.supporters[p] {
		k := key{x.holder[u.group], u.weight}
		if x.purse[k.purse].Sign() > 0 {
			payers += x.e.Ballots[u.group].Count
		}
		next, known := after[k]
		if !known {
			price := new(big.Rat).Mul(most, new(big.Rat).SetInt64(u.weight))
			rest := new(big.Rat).Sub(x.purse[k.purse], price)
			if rest.Sign() < 0 {
				rest.SetInt64(0)
			}
			f, _ := rest.Float64()
			x.purse, x.float = append(x.purse, rest), append(x.float, f)
			next = int32(len(x.purse) - 1)
			after[k] = next
		}
		x.holder[u.group] = next
		x.balance[u.group] = x.float[next]
	}
	return payers
}
