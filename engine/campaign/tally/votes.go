package tally

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// ranking orders projects by score; the rule breaks ties.
func ranking(e *Election, b *breaker) ([]int32, map[int32][]int32) {
	list := make([]int32, len(e.Projects))
	for i := range list {
		list[i] = int32(i)
	}
	slices.SortStableFunc(list, func(x, y int32) int {
		return cmp.Or(cmp.Compare(e.score[y], e.score[x]), b.compare(x, y))
	})
	tied := map[int32][]int32{}
	for i := 0; i < len(list); {
		j := i + 1
		for j < len(list) && e.score[list[j]] == e.score[list[i]] {
			j++
		}
		for k := i; j-i > 1 && k < j; k++ {
			tied[list[k]] = slices.Clone(list[i:j])
		}
		i = j
	}
	return list, tied
}

// count by votes in progress.
type greedy struct {
	e       *Election
	r       Rule
	b       *breaker
	out     *Outcome
	left    int64
	done    []bool
	group   [][]int32 // exclusive groups of each project
	inGroup map[int32]int32
	tied    map[int32][]int32
	order   []int32
	rank    []int
}

func byVotes(ctx context.Context, e *Election, r Rule) (*Outcome, error) {
	b := newBreaker(e, r)
	g := &greedy{e: e, r: r, b: b, out: &Outcome{Rule: r, Arithmetic: Whole}, left: e.Budget, done: make([]bool, len(e.Projects)),
		group: make([][]int32, len(e.Projects)), inGroup: map[int32]int32{}, rank: make([]int, len(e.Projects))}
	index := map[string]int32{}
	for i, p := range e.Projects {
		index[p.ID] = int32(i)
	}
	for n, ids := range r.Exclusive {
		for _, id := range ids {
			g.group[index[id]] = append(g.group[index[id]], int32(n))
		}
	}
	g.order, g.tied = ranking(e, b)
	for i, p := range g.order {
		g.rank[p] = i
	}
	if err := g.reserve(); err != nil {
		return nil, err
	}
	if err := g.run(ctx); err != nil {
		return nil, err
	}
	g.out.Spent = e.Budget - g.left
	for _, w := range g.out.Rounds {
		if len(w.Tied) > 1 {
			g.out.Ties++
		}
	}
	return g.out, nil
}

// barred is why a project cannot be taken at all, or now.
func (g *greedy) barred(p int32) (Reason, int32) {
	project := g.e.Projects[p]
	switch {
	case g.e.votes[p] == 0 && g.e.score[p] == 0:
		return NoVote, -1
	case g.r.Threshold > 0 && g.e.score[p] < g.r.Threshold:
		return UnderLeast, -1
	case project.Cost > g.e.Budget:
		return TooDear, -1
	}
	for _, n := range g.group[p] {
		if with, taken := g.inGroup[n]; taken {
			return Incompatible, with
		}
	}
	for _, q := range g.r.Quotas {
		if !q.of(project) {
			continue
		}
		count, cost := g.used(q)
		if q.MaxCount > 0 && count >= q.MaxCount || q.MaxCost > 0 && cost+project.Cost > q.MaxCost {
			return QuotaFull, -1
		}
	}
	if project.Cost > g.left {
		return NoMoney, -1
	}
	return "", -1
}

func (q Quota) of(p Project) bool {
	return (q.District == "" || q.District == p.District) && (q.Class == "" || q.Class == p.Class)
}

// used is what a quota holds already.
func (g *greedy) used(q Quota) (count int, cost int64) {
	for _, w := range g.out.Winners {
		if q.of(g.e.Projects[w]) {
			count++
			cost += g.e.Projects[w].Cost
		}
	}
	return count, cost
}

func (g *greedy) take(p int32, why Reason) {
	g.left -= g.e.Projects[p].Cost
	g.done[p] = true
	for _, n := range g.group[p] {
		g.inGroup[n] = p
	}
	g.out.Winners = append(g.out.Winners, p)
	g.note(p, why, -1)
}

func (g *greedy) note(p int32, why Reason, with int32) {
	g.done[p] = true
	g.out.Rounds = append(g.out.Rounds, Round{Project: p, Reason: why, Left: g.left, Score: g.e.score[p], With: with})
}

// QuotaError says that a quota cannot be met with this envelope and these
// projects.
type QuotaError struct {
	Quota Quota
	Found int // projects that could be taken
}

func (e *QuotaError) Error() string {
	return fmt.Sprintf("tally: the quota of at least %d projects (district %q, class %q) cannot be met: %d can be taken", e.Quota.MinCount, e.Quota.District, e.Quota.Class, e.Found)
}

// reserve takes the best of each quota until its least number is met.
func (g *greedy) reserve() error {
	for _, q := range g.r.Quotas {
		for _, p := range g.order {
			if count, _ := g.used(q); count >= q.MinCount {
				break
			}
			if g.done[p] || !q.of(g.e.Projects[p]) {
				continue
			}
			if why, _ := g.barred(p); why != "" {
				continue
			}
			if err := g.clear(p, q); err != nil {
				return err
			}
			g.take(p, ChosenQuota)
		}
		if count, _ := g.used(q); count < q.MinCount {
			return &QuotaError{q, count}
		}
	}
	return nil
}

// clear refuses to choose between projects that the rule holds equal, when it
// matters: an equal of the same quota could have been taken instead.
func (g *greedy) clear(p int32, q Quota) error {
	for _, other := range g.tied[p] {
		if other == p || g.done[other] || g.b.compare(p, other) != 0 || !q.of(g.e.Projects[other]) {
			continue
		}
		if why, _ := g.barred(other); why == "" {
			return g.tie(p)
		}
	}
	return nil
}

func (g *greedy) tie(p int32) error {
	err := &TieError{Round: len(g.out.Rounds) + 1}
	for _, other := range g.tied[p] {
		if g.b.compare(p, other) == 0 && !g.done[other] {
			err.Projects = append(err.Projects, g.e.Projects[other].ID)
		}
	}
	return err
}

// run takes the projects in order. A tie that the rule cannot break only counts
// when not all of the equals can be taken together.
func (g *greedy) run(ctx context.Context) error {
	stopped := false
	for _, p := range g.order {
		if err := ctx.Err(); err != nil {
			return err
		}
		if g.done[p] {
			continue
		}
		why, with := g.barred(p)
		switch {
		case why != "":
			if stopped && why == NoMoney {
				why = Stopped
			}
			g.note(p, why, with)
			stopped = stopped || g.r.Method == GreedyStop && (why == NoMoney || why == TooDear)
		case stopped:
			g.note(p, Stopped, -1)
		default:
			if g.contested(p) {
				return g.tie(p)
			}
			g.take(p, Chosen)
			if t := g.tied[p]; len(t) > 1 {
				g.out.Rounds[len(g.out.Rounds)-1].Tied = t
			}
		}
	}
	return nil
}

// contested tells whether taking p leaves out an equal that the rule does not
// place after it.
func (g *greedy) contested(p int32) bool {
	var equals []int32
	var cost int64
	for _, other := range g.tied[p] {
		if g.done[other] || g.b.compare(p, other) != 0 {
			continue
		}
		if why, _ := g.barred(other); why == "" {
			equals = append(equals, other)
			cost += g.e.Projects[other].Cost
		}
	}
	if len(equals) < 2 {
		return false
	}
	if cost > g.left {
		return true
	}
	for i, a := range equals {
		for _, b := range equals[i+1:] {
			if slices.ContainsFunc(g.group[a], func(n int32) bool { return slices.Contains(g.group[b], n) }) {
				return true
			}
		}
		if slices.ContainsFunc(g.r.Quotas, func(q Quota) bool { return (q.MaxCount > 0 || q.MaxCost > 0) && q.of(g.e.Projects[a]) }) {
			return true
		}
	}
	return false
}
