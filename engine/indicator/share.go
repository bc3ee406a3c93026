package indicator

import (
	"cmp"
	"math"
)

// z95 is the 97.5th percentile of the normal law: 95 % between both sides.
const z95 = 1.959963984540054

// Fewest is the smallest base that is published: under it a figure could be a
// person.
const Fewest = 5

// Firm is the smallest base that is shown without the words « tendance
// fragile ».
const Firm = 30

// Strength is how much may be said of a base.
type Strength int

// The strengths.
const (
	Silent  Strength = iota // under Fewest: « pas assez de réponses », and the base alone
	Fragile                 // « tendance fragile »
	Solid
)

// StrengthOf is what a base of n allows.
func StrengthOf(n int) Strength {
	switch {
	case n < Fewest:
		return Silent
	case n < Firm:
		return Fragile
	}
	return Solid
}

// Share is a proportion with its base and its Wilson 95 % interval (E. B.
// Wilson, J. Am. Stat. Assoc. 22, 1927): honest for small bases, where the
// usual interval leaves [0, 1].
type Share struct {
	Count, Of int
}

// Rate is Count/Of, 0 without base.
func (s Share) Rate() float64 {
	if s.Of == 0 {
		return 0
	}
	return float64(s.Count) / float64(s.Of)
}

// Interval is Wilson's, at 95 %; 0 to 1 without base.
func (s Share) Interval() (low, high float64) {
	if s.Of == 0 {
		return 0, 1
	}
	n, p := float64(s.Of), s.Rate()
	centre := (p + z95*z95/(2*n)) / (1 + z95*z95/n)
	half := z95 / (1 + z95*z95/n) * math.Sqrt(p*(1-p)/n+z95*z95/(4*n*n))
	low, high = math.Max(0, centre-half), math.Min(1, centre+half)
	if s.Count == 0 {
		low = 0
	}
	if s.Count == s.Of {
		high = 1
	}
	return low, high
}

// Shown tells whether the share may be shown at all.
func (s Share) Shown() bool { return s.Of >= Fewest }

// Strength is how much may be said of the share.
func (s Share) Strength() Strength { return StrengthOf(s.Of) }

// Rank orders shares for a list: by lower bound, the best first, ties by base,
// never by the raw share. It is a comparison for slices.SortFunc.
func Rank(a, b Share) int {
	lowA, _ := a.Interval()
	lowB, _ := b.Interval()
	return cmp.Or(cmp.Compare(lowB, lowA), cmp.Compare(b.Of, a.Of))
}
