package draw

import (
	"errors"
	"math"
)

// program is a linear program: the greatest cost·x with rows·x = b and
// lo ≤ x ≤ hi. It is solved by the bounded primal simplex method with an
// explicit inverse of the basis; columns may be added and bounds changed
// between two solves, and the basis serves again (Chvátal, Linear Programming,
// chapters 7 and 8).
type program struct {
	m            int
	cols         []column
	cost, lo, hi []float64
	b            []float64

	basis []int // variable of each row
	place []int // row of a basic variable, or atLow, atHigh
	inv   []float64
	x     []float64 // values of the basic variables

	pivots, fresh int // made, and since the inverse was made anew
	prices        []float64
	work          []float64
}

// column is a sparse column.
type column struct {
	rows []int32
	vals []float64
}

const (
	atLow  = -1
	atHigh = -2

	feasible = 1e-9 // a value this far outside its bounds is inside
	worth    = 1e-9 // a reduced cost under this is none
	pivotal  = 1e-7 // an entry under this is no pivot
	small    = 64   // rows up to which a new inverse costs nothing
	refresh  = 150  // pivots between two new inverses
	patience = 60   // steps without gain before the cautious rule
	endless  = 1 << 18
)

var (
	errInfeasible = errors.New("draw: no solution")
	errEndless    = errors.New("draw: the program did not end")
)

// newProgram has one slack for each row: row·x − s = b with lo ≤ s ≤ hi. The
// slacks are variables 0 to m−1 and the first basis.
func newProgram(b, lo, hi []float64) *program {
	m := len(b)
	p := &program{m: m, b: b, basis: make([]int, m), inv: make([]float64, m*m), x: make([]float64, m), prices: make([]float64, m), work: make([]float64, m)}
	for i := range m {
		p.add(column{[]int32{int32(i)}, []float64{-1}}, 0, lo[i], hi[i])
		p.basis[i], p.place[i] = i, i
	}
	p.renew()
	return p
}

// add appends a variable, at its lower bound (its upper one if that is none).
func (p *program) add(c column, cost, lo, hi float64) int {
	p.cols = append(p.cols, c)
	p.cost, p.lo, p.hi = append(p.cost, cost), append(p.lo, lo), append(p.hi, hi)
	at := atLow
	if math.IsInf(lo, -1) {
		at = atHigh
	}
	p.place = append(p.place, at)
	return len(p.cols) - 1
}

// value of a variable.
func (p *program) value(j int) float64 {
	switch at := p.place[j]; at {
	case atLow:
		return p.lo[j]
	case atHigh:
		return p.hi[j]
	default:
		return p.x[at]
	}
}

// total is the present cost.
func (p *program) total() float64 {
	sum := 0.0
	for j, c := range p.cost {
		if c != 0 {
			sum += c * p.value(j)
		}
	}
	return sum
}

// renew makes the inverse anew; a basis that has become singular gives way to
// the slacks.
func (p *program) renew() {
	m := p.m
	a := make([]float64, m*m)
	for {
		clear(a)
		for i, j := range p.basis {
			c := p.cols[j]
			for k, r := range c.rows {
				a[int(r)*m+i] = c.vals[k]
			}
		}
		if invert(a, p.inv, m) {
			break
		}
		for j := range p.place {
			if p.place[j] >= 0 {
				p.place[j] = atLow
				if math.IsInf(p.lo[j], -1) {
					p.place[j] = atHigh
				}
			}
		}
		for i := range m {
			p.basis[i], p.place[i] = i, i
		}
	}
	p.fresh = 0
	p.settle()
}

// settle computes the values of the basic variables from the bounds of the
// others.
func (p *program) settle() {
	rest := p.work
	copy(rest, p.b)
	for j := range p.cols {
		if p.place[j] >= 0 {
			continue
		}
		if v := p.value(j); v != 0 {
			for k, r := range p.cols[j].rows {
				rest[r] -= p.cols[j].vals[k] * v
			}
		}
	}
	for i := range p.m {
		row, sum := p.inv[i*p.m:(i+1)*p.m], 0.0
		for k, v := range rest {
			sum += row[k] * v
		}
		p.x[i] = sum
	}
}

// residual is how far the values are from the equations, at most.
func (p *program) residual() float64 {
	rest := p.work
	copy(rest, p.b)
	for j := range p.cols {
		if v := p.value(j); v != 0 {
			for k, r := range p.cols[j].rows {
				rest[r] -= p.cols[j].vals[k] * v
			}
		}
	}
	worst := 0.0
	for _, v := range rest {
		worst = max(worst, math.Abs(v))
	}
	return worst
}

// drift is how far the prices are from giving basic variables no reduced cost.
func (p *program) drift() float64 {
	worst := 0.0
	for _, j := range p.basis {
		d := p.cost[j]
		for k, r := range p.cols[j].rows {
			d -= p.prices[r] * p.cols[j].vals[k]
		}
		worst = max(worst, math.Abs(d))
	}
	return worst
}

// invert puts the inverse of a (destroyed) into out.
func invert(a, out []float64, m int) bool {
	clear(out)
	for i := range m {
		out[i*m+i] = 1
	}
	for c := range m {
		best, at := 1e-11, -1
		for r := c; r < m; r++ {
			if v := math.Abs(a[r*m+c]); v > best {
				best, at = v, r
			}
		}
		if at < 0 {
			return false
		}
		if at != c {
			for k := range m {
				a[at*m+k], a[c*m+k] = a[c*m+k], a[at*m+k]
				out[at*m+k], out[c*m+k] = out[c*m+k], out[at*m+k]
			}
		}
		f := 1 / a[c*m+c]
		for k := range m {
			a[c*m+k] *= f
			out[c*m+k] *= f
		}
		for r := range m {
			f := a[r*m+c]
			if r == c || f == 0 {
				continue
			}
			ar, ac, or, oc := a[r*m:(r+1)*m], a[c*m:(c+1)*m], out[r*m:(r+1)*m], out[c*m:(c+1)*m]
			for k := range m {
				ar[k] -= f * ac[k]
				or[k] -= f * oc[k]
			}
		}
	}
	return true
}

// price computes the prices of the rows for the costs of the basis: the true
// ones, or in the first phase how far each value is outside its bounds. It
// tells whether some are.
func (p *program) price() (outside bool) {
	clear(p.prices)
	for i, j := range p.basis {
		if p.x[i] < p.lo[j]-feasible || p.x[i] > p.hi[j]+feasible {
			outside = true
			break
		}
	}
	for i, j := range p.basis {
		c := p.cost[j]
		if outside {
			c = 0
			switch {
			case p.x[i] < p.lo[j]-feasible:
				c = 1
			case p.x[i] > p.hi[j]+feasible:
				c = -1
			}
		}
		if c == 0 {
			continue
		}
		for k, v := range p.inv[i*p.m : (i+1)*p.m] {
			p.prices[k] += c * v
		}
	}
	return outside
}

// enter chooses the variable that gains most, or under caution the first that
// gains; -1: none.
func (p *program) enter(outside, cautious bool) (best int, gain float64) {
	best = -1
	top := worth
	for j := range p.cols {
		at := p.place[j]
		if at >= 0 || p.lo[j] == p.hi[j] {
			continue
		}
		d := p.cost[j]
		if outside {
			d = 0
		}
		c := &p.cols[j]
		for k, r := range c.rows {
			d -= p.prices[r] * c.vals[k]
		}
		if at == atHigh {
			d = -d
		}
		if d > top {
			best, gain = j, d
			if cautious {
				return best, gain
			}
			top = d
		}
	}
	return best, gain
}

// solve finds the greatest cost. Errors: errInfeasible, errEndless.
func (p *program) solve() error {
	idle := 0
	alpha := make([]float64, p.m)
	for range endless {
		if p.fresh >= max(refresh, p.m) {
			p.renew()
		}
		outside := p.price()
		j, _ := p.enter(outside, idle > patience)
		if j < 0 {
			if p.fresh > 0 && (outside || p.m <= small || p.residual() > 1e-9 || p.drift() > 1e-9) { // say so only of exact values
				p.renew()
				continue
			}
			if outside {
				return errInfeasible
			}
			return nil
		}
		clear(alpha)
		for k, r := range p.cols[j].rows {
			v := p.cols[j].vals[k]
			for i := range p.m {
				alpha[i] += p.inv[i*p.m+int(r)] * v
			}
		}
		sign := 1.0
		if p.place[j] == atHigh {
			sign = -1
		}
		row, step, high := p.ratio(alpha, sign, p.hi[j]-p.lo[j], idle > patience)
		if math.IsInf(step, 1) {
			return errEndless
		}
		if step > 1e-12 {
			idle = 0
		} else {
			idle++
		}
		p.pivots++
		p.fresh++
		for i := range p.m {
			p.x[i] -= sign * step * alpha[i]
		}
		if row < 0 { // it goes to its other bound
			if p.place[j] == atLow {
				p.place[j] = atHigh
			} else {
				p.place[j] = atLow
			}
			continue
		}
		p.pivot(row, j, p.value(j)+sign*step, high, alpha)
	}
	return errEndless
}

// ratio is how far the entering variable can go, which row stops it (-1: its
// own other bound), and whether that row's variable stops at its upper bound.
func (p *program) ratio(alpha []float64, sign, own float64, cautious bool) (row int, step float64, high bool) {
	limit := func(i int, slack float64) (float64, bool) {
		rate, j := -sign*alpha[i], p.basis[i]
		switch {
		case rate > pivotal && p.x[i] < p.lo[j]-feasible:
			return (p.lo[j] - p.x[i]) / rate, false
		case rate > pivotal && p.x[i] <= p.hi[j]+feasible:
			return (p.hi[j] + slack - p.x[i]) / rate, true
		case rate < -pivotal && p.x[i] > p.hi[j]+feasible:
			return (p.hi[j] - p.x[i]) / rate, true
		case rate < -pivotal && p.x[i] >= p.lo[j]-feasible:
			return (p.lo[j] - slack - p.x[i]) / rate, false
		}
		return math.Inf(1), false
	}
	most := math.Inf(1)
	for i := range p.m {
		if l, _ := limit(i, feasible); l < most {
			most = l
		}
	}
	row, step = -1, math.Inf(1)
	best := 0.0
	for i := range p.m {
		l, up := limit(i, 0)
		if l > most || math.IsInf(l, 1) {
			continue
		}
		if a := math.Abs(alpha[i]); a > best || cautious && row >= 0 && p.basis[i] < p.basis[row] && a > 1e-6 {
			best, row, step, high = a, i, l, up
		}
	}
	step = max(step, 0)
	if own <= step {
		return -1, own, false
	}
	return row, step, high
}

func (p *program) pivot(row, j int, value float64, high bool, alpha []float64) {
	out := p.basis[row]
	p.place[out] = atLow
	if high {
		p.place[out] = atHigh
	}
	p.basis[row], p.place[j], p.x[row] = j, row, value
	m := p.m
	f := 1 / alpha[row]
	pr := p.inv[row*m : (row+1)*m]
	for k := range pr {
		pr[k] *= f
	}
	for i := range m {
		a := alpha[i]
		if i == row || a == 0 {
			continue
		}
		ri := p.inv[i*m : (i+1)*m]
		for k, v := range pr {
			ri[k] -= a * v
		}
	}
}

// clone copies the state that bounds and pivots change.
func (p *program) clone() *program {
	q := *p
	q.lo, q.hi = append([]float64(nil), p.lo...), append([]float64(nil), p.hi...)
	q.basis, q.place = append([]int(nil), p.basis...), append([]int(nil), p.place...)
	q.inv, q.x = append([]float64(nil), p.inv...), append([]float64(nil), p.x...)
	q.prices, q.work = make([]float64, p.m), make([]float64, p.m)
	return &q
}
