package draw

import (
	"context"
	"errors"
	"math"
)

// row is a quota: the seats of these kinds of people are between Min and Max.
type row struct {
	kinds    []int32
	min, max int64
}

// shape is what panels must look like: kinds of people who are alike, seats,
// quotas.
type shape struct {
	size  []int64 // people of each kind
	seats int64
	rows  []row
}

// panels finds the panel of greatest weight, by branch and bound over the
// linear program without whole numbers. The program is kept: only the weights
// change from one search to the next.
type panels struct {
	s     *shape
	root  *program
	first int // variable of kind 0
	nodes int
}

func newPanels(s *shape) *panels {
	m := len(s.rows) + 1
	b, lo, hi := make([]float64, m), make([]float64, m), make([]float64, m)
	member := make([][]int32, len(s.size))
	for i, r := range s.rows {
		lo[i], hi[i] = float64(r.min), float64(r.max)
		for _, t := range r.kinds {
			member[t] = append(member[t], int32(i))
		}
	}
	lo[m-1], hi[m-1] = float64(s.seats), float64(s.seats)
	p := &panels{s: s, root: newProgram(b, lo, hi), first: m}
	for t, n := range s.size {
		c := column{rows: append(member[t], int32(m-1))}
		for range c.rows {
			c.vals = append(c.vals, 1)
		}
		p.root.add(c, 0, 0, float64(min(n, s.seats)))
	}
	return p
}

// best searches a panel whose weight exceeds floor. It returns the heaviest met
// as soon as it has looked at enough nodes and one exceeds floor; nil when no
// panel does. bound is a proved upper bound of every panel's weight (of floor
// when nil). Ends with ctx: the bound is then that of what was left.
func (p *panels) best(ctx context.Context, weight []float64, floor float64, enough int) (panel []int64, bound float64, err error) {
	for t, w := range weight {
		p.root.cost[p.first+t] = w
	}
	if err := p.root.solve(); err != nil {
		return nil, 0, err
	}
	looking := &hunt{panels: p, ctx: ctx, floor: floor, best: floor, enough: enough, weight: weight}
	err = looking.node(p.root.clone())
	p.nodes += looking.seen
	bound = max(floor, looking.best, looking.open)
	return looking.panel, bound, err
}

type hunt struct {
	*panels
	ctx    context.Context
	weight []float64
	floor  float64
	best   float64 // weight of panel, floor at first
	open   float64 // greatest bound of what was not looked at
	panel  []int64
	seen   int
	enough int
}

// node looks under a program that is solved.
func (s *hunt) node(q *program) error {
	s.seen++
	bound := q.total()
	if bound <= s.best+1e-12 {
		return nil
	}
	if s.panel != nil && s.seen > s.enough || s.ctx.Err() != nil {
		s.open = max(s.open, bound)
		return nil
	}
	at, frac := -1, 0.0
	for i, j := range q.basis {
		if j < s.first {
			continue
		}
		f := q.x[i] - math.Floor(q.x[i])
		if f = min(f, 1-f); f > 1e-6 && f > frac {
			at, frac = j, f
		}
	}
	if at < 0 {
		s.take(q)
		return nil
	}
	v := q.value(at)
	children := [2]func(*program){
		func(c *program) { c.hi[at] = math.Floor(v) },
		func(c *program) { c.lo[at] = math.Ceil(v) },
	}
	if v-math.Floor(v) > 0.5 {
		children[0], children[1] = children[1], children[0]
	}
	for _, change := range children {
		c := q.clone()
		change(c)
		c.settle()
		switch err := c.solve(); {
		case errors.Is(err, errInfeasible):
			continue
		case err != nil:
			return err
		}
		if err := s.node(c); err != nil {
			return err
		}
	}
	return nil
}

// take keeps a whole panel.
func (s *hunt) take(q *program) {
	panel, weight := make([]int64, len(s.weight)), 0.0
	for t := range panel {
		panel[t] = int64(math.Round(q.value(s.first + t)))
		weight += s.weight[t] * float64(panel[t])
	}
	if weight > s.best && s.s.allows(panel) {
		s.best, s.panel = weight, panel
	}
}

// allows tells whether a panel respects every quota.
func (s *shape) allows(panel []int64) bool {
	var seats int64
	for t, n := range panel {
		if n < 0 || n > s.size[t] {
			return false
		}
		seats += n
	}
	if seats != s.seats {
		return false
	}
	for _, r := range s.rows {
		var n int64
		for _, t := range r.kinds {
			n += panel[t]
		}
		if n < r.min || n > r.max {
			return false
		}
	}
	return true
}
