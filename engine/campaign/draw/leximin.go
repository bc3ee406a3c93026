package draw

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
)

// Weighted is a panel and how probable it is. Panel counts people of each kind.
type weighted struct {
	panel  []int64
	weight float64
}

// chances is the result of leximin: of each kind, the chance of each of its
// people.
type chances struct {
	chance  []float64
	lottery []weighted
	never   []bool  // in no panel at all
	gap     float64 // proved distance of the least chance to the greatest possible; 0 when time sufficed
	done    bool    // every stage was proved
	stages  int
	masters int
	nodes   int
}

const (
	improves  = 1e-7 // a panel that would raise a chance by less is not looked for
	looked    = 40   // nodes after which an improving panel is taken
	slackened = 1e-7 // taken off a chance when it is fixed, so that rounding leaves the next stage a solution
)

// leximin makes the least chance as great as can be, then the next, and so on,
// by generating panels (Flanigan, Gölz, Gupta, Hennig, Procaccia, "Fair
// algorithms for selecting citizens' assemblies", Nature 596, 2021). People of
// a kind have the same chance: the optimum is unique and symmetric. When ctx
// ends, the chances reached so far are returned with done false.
func leximin(ctx context.Context, s *shape) (*chances, error) {
	l := &stage{shape: s, panels: newPanels(s), fixed: make([]float64, len(s.size)), out: &chances{never: make([]bool, len(s.size))}, seen: map[string]bool{}}
	for t := range l.fixed {
		l.fixed[t] = -1
	}
	if err := l.start(ctx); err != nil {
		return nil, err
	}
	l.build()
	for {
		open := false
		for t := range s.size {
			open = open || l.fixed[t] < 0
		}
		if !open {
			l.out.done = true
			break
		}
		ended, err := l.one(ctx)
		if err != nil {
			return nil, err
		}
		if ended {
			break
		}
	}
	return l.out, l.finish()
}

// stage is the master program at work.
type stage struct {
	*shape
	panels *panels
	fixed  []float64 // chance of the kinds that cannot have more; -1: not yet
	known  [][]int64
	seen   map[string]bool
	master *program
	out    *chances
	first  int // variable of panel 0
	z      int
	noise  []float64
}

func key(panel []int64) string {
	b := make([]byte, 0, len(panel)*2)
	for _, n := range panel {
		b = append(b, byte(n), byte(n>>8))
	}
	return string(b)
}

func (l *stage) learn(panel []int64) bool {
	k := key(panel)
	if l.seen[k] {
		return false
	}
	l.seen[k] = true
	l.known = append(l.known, panel)
	if l.master != nil {
		l.master.add(l.column(panel), 0, 0, math.Inf(1))
	}
	return true
}

// start finds first panels: some by weights that sink for those chosen, then
// one for each kind not yet met. A kind that no panel has gets no chance.
func (l *stage) start(ctx context.Context) error {
	r := rand.New(rand.NewPCG(7, uint64(len(l.size)))) // no draw: only where the search begins
	weight, met := make([]float64, len(l.size)), make([]bool, len(l.size))
	for t := range weight {
		weight[t] = 0.99 + 0.02*r.Float64()
	}
	for range 2 * min(len(l.size), 60) {
		panel, _, err := l.panels.best(ctx, weight, -1, 1)
		if err != nil {
			return err
		}
		if panel == nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return errInfeasible
		}
		l.learn(panel)
		for t, n := range panel {
			if n > 0 {
				met[t] = true
				weight[t] *= 1 - 0.2*float64(n)/float64(l.size[t])
			}
		}
	}
	for t := range met {
		if met[t] || l.size[t] == 0 {
			continue
		}
		alone := make([]float64, len(l.size))
		alone[t] = 1
		panel, _, err := l.panels.best(ctx, alone, 0.5, 1)
		if err != nil {
			return err
		}
		if panel == nil {
			if err := ctx.Err(); err != nil {
				return err
			}
			l.out.never[t], l.fixed[t] = true, 0
			continue
		}
		l.learn(panel)
		for u, n := range panel {
			met[u] = met[u] || n > 0
		}
	}
	for t, n := range l.size {
		if n == 0 {
			l.fixed[t] = 0
		}
	}
	return nil
}

// build writes the master: greatest z with, for each kind t not fixed,
// Σ λ·share − z ≥ 0, for each that is, Σ λ·share ≥ its chance, and Σ λ = 1.
// A little noise on the right sides keeps the simplex method from turning
// around; it is far under what chances are told with.
func (l *stage) build() {
	n := len(l.size)
	b, lo, hi := make([]float64, n+1), make([]float64, n+1), make([]float64, n+1)
	if l.noise == nil {
		r := rand.New(rand.NewPCG(11, 13))
		for range l.size {
			l.noise = append(l.noise, 1e-8*(0.5+r.Float64()))
		}
	}
	for t := range n {
		lo[t], hi[t] = -l.noise[t], math.Inf(1)
		if l.fixed[t] >= 0 {
			b[t] = l.fixed[t]
		}
	}
	b[n] = 1
	old := l.master
	l.master = newProgram(b, lo, hi)
	z := column{}
	for t := range n {
		if l.fixed[t] < 0 {
			z.rows, z.vals = append(z.rows, int32(t)), append(z.vals, -1)
		}
	}
	l.z = l.master.add(z, 1, 0, 2) // 1 is never passed: a panel has at most all people of a kind
	l.first = l.z + 1
	for _, p := range l.known {
		l.master.add(l.column(p), 0, 0, math.Inf(1))
	}
	if old != nil { // the basis serves again
		copy(l.master.basis, old.basis)
		copy(l.master.place, old.place)
		l.master.renew()
	}
}

func (l *stage) column(panel []int64) column {
	var c column
	for t, n := range panel {
		if n > 0 {
			c.rows, c.vals = append(c.rows, int32(t)), append(c.vals, float64(n)/float64(l.size[t]))
		}
	}
	c.rows, c.vals = append(c.rows, int32(len(panel))), append(c.vals, 1)
	return c
}

// one raises the least chance of who is not fixed as far as it goes, then fixes
// those who hold it down. ended: ctx did.
func (l *stage) one(ctx context.Context) (ended bool, err error) {
	weight := make([]float64, len(l.size))
	for {
		if err := l.master.solve(); err != nil {
			return false, err
		}
		l.out.masters++
		l.master.price()
		floor := l.master.prices[len(l.size)]
		for t := range weight {
			weight[t] = 0
			if l.size[t] > 0 {
				weight[t] = max(0, -l.master.prices[t]) / float64(l.size[t])
			}
		}
		panel, bound, err := l.panels.best(ctx, weight, floor+improves, looked)
		if err != nil {
			return false, err
		}
		l.out.nodes = l.panels.nodes
		if ctx.Err() != nil {
			if l.out.stages == 0 {
				l.out.gap = bound - floor
			}
			return true, nil
		}
		if panel == nil || !l.learn(panel) {
			break
		}
	}
	l.out.stages++
	value, some := l.master.value(l.z), false
	for t := range l.size {
		if l.fixed[t] < 0 && -l.master.prices[t] > 1e-6 {
			l.fixed[t], some = value-slackened, true
		}
	}
	if !some {
		return false, errors.New("draw: a stage without end")
	}
	l.build()
	return false, nil
}

// finish reads the lottery and the chances it gives.
func (l *stage) finish() error {
	if err := l.master.solve(); err != nil {
		return err
	}
	l.out.chance = make([]float64, len(l.size))
	sum := 0.0
	for i, p := range l.known {
		if w := l.master.value(l.first + i); w > 1e-12 {
			l.out.lottery = append(l.out.lottery, weighted{p, w})
			sum += w
		}
	}
	for i := range l.out.lottery {
		l.out.lottery[i].weight /= sum
		for t, n := range l.out.lottery[i].panel {
			if n > 0 {
				l.out.chance[t] += l.out.lottery[i].weight * float64(n) / float64(l.size[t])
			}
		}
	}
	return nil
}
