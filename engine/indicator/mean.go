package indicator

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// Draws is the number of samples of the bootstrap.
const Draws = 2000

// Tally is how often each value was given: a distribution.
type Tally struct {
	Value float64
	Count int
}

// Mean is the mean of a distribution with its 95 % interval.
type Mean struct {
	Value     float64
	Low, High float64
	N         int
	// Seed of the bootstrap, to be recorded with the figure so that anyone can
	// draw it again; 0 when the interval is Student's.
	Seed uint64
}

// Strength is how much may be said of the mean.
func (m Mean) Strength() Strength { return StrengthOf(m.N) }

// MeanOf is the mean of a distribution. From Firm answers on its interval is
// Student's; under it, the percentile bootstrap of Draws samples drawn with
// seed (B. Efron, Ann. Stat. 7, 1979): a handful of answers on a scale of three
// is nothing like a normal law. The interval stays within the values given.
// Without answers everything is zero.
func MeanOf(tallies []Tally, seed uint64) Mean {
	tallies = slices.DeleteFunc(slices.Clone(tallies), func(t Tally) bool { return t.Count <= 0 })
	slices.SortFunc(tallies, func(a, b Tally) int { return cmp.Compare(a.Value, b.Value) })
	var m Mean
	sum := 0.0
	for _, t := range tallies {
		m.N += t.Count
		sum += t.Value * float64(t.Count)
	}
	if m.N == 0 {
		return Mean{}
	}
	n := float64(m.N)
	m.Value = sum / n
	if m.N < Firm {
		m.Seed = seed
		m.Low, m.High = bootstrap(tallies, m.N, seed)
		return m
	}
	squares := 0.0
	for _, t := range tallies {
		squares += float64(t.Count) * (t.Value - m.Value) * (t.Value - m.Value)
	}
	half := StudentQuantile(0.975, m.N-1) * math.Sqrt(squares/(n-1)/n)
	m.Low, m.High = math.Max(m.Value-half, tallies[0].Value), math.Min(m.Value+half, tallies[len(tallies)-1].Value)
	return m
}

// bootstrap draws Draws samples of n values with replacement and returns the
// 2.5th and 97.5th percentiles of their means.
func bootstrap(tallies []Tally, n int, seed uint64) (low, high float64) {
	values := make([]float64, 0, n)
	for _, t := range tallies {
		for range t.Count {
			values = append(values, t.Value)
		}
	}
	// PCG is specified: the same seed draws the same samples in ten years.
	draw := rand.New(rand.NewPCG(seed, Draws)) //nolint:gosec // a reproducible draw, not a secret
	means := make([]float64, Draws)
	for i := range means {
		sum := 0.0
		for range n {
			sum += values[draw.IntN(n)]
		}
		means[i] = sum / float64(n)
	}
	slices.Sort(means)
	const tail = Draws / 40
	return means[tail-1], means[Draws-tail]
}

// StudentQuantile is the value under which a Student t with df degrees of
// freedom stays with probability p, for p between 0.5 and 1; NaN otherwise.
func StudentQuantile(p float64, df int) float64 {
	if !(p >= 0.5 && p < 1) || df < 1 {
		return math.NaN()
	}
	low, high := 0.0, 1.0
	for studentCDF(high, df) < p {
		high *= 2
	}
	for range 100 { // each step halves: far below the last digit of a float64
		middle := (low + high) / 2
		if studentCDF(middle, df) < p {
			low = middle
		} else {
			high = middle
		}
	}
	return (low + high) / 2
}

// studentCDF is P(T ≤ t) for t ≥ 0.
func studentCDF(t float64, df int) float64 {
	n := float64(df)
	return 1 - incompleteBeta(n/2, 0.5, n/(n+t*t))/2
}

// incompleteBeta is the regularised incomplete beta function I_x(a, b), by its
// continued fraction (DLMF 8.17.22, Lentz's evaluation).
func incompleteBeta(a, b, x float64) float64 {
	if x <= 0 {
		return 0
	}
	if x >= 1 {
		return 1
	}
	if x > (a+1)/(a+b+2) {
		return 1 - incompleteBeta(b, a, 1-x)
	}
	la, _ := math.Lgamma(a)
	lb, _ := math.Lgamma(b)
	lab, _ := math.Lgamma(a + b)
	front := math.Exp(lab-la-lb+a*math.Log(x)+b*math.Log1p(-x)) / a
	const tiny = 1e-300
	f, c, d := 1.0, 1.0, 0.0
	for i := range 500 {
		m := float64(i / 2)
		var k float64
		switch {
		case i == 0:
			k = 1
		case i%2 == 0:
			k = m * (b - m) * x / ((a + 2*m - 1) * (a + 2*m))
		default:
			k = -(a + m) * (a + b + m) * x / ((a + 2*m) * (a + 2*m + 1))
		}
		if d = 1 + k*d; math.Abs(d) < tiny {
			d = tiny
		}
		if c = 1 + k/c; math.Abs(c) < tiny {
			c = tiny
		}
		d = 1 / d
		f *= c * d
		if math.Abs(1-c*d) < 1e-15 {
			break
		}
	}
	return front * (f - 1)
}
