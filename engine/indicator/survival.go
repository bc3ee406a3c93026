package indicator

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// Step is one moment of a survival curve: what is left after it.
type Step struct {
	At     time.Duration
	Left   float64 // share not ended after At, 0 to 1
	AtRisk int     // observed until then
	Ended  int     // ended at that moment
	// Low and High bound Left at 95 % (log-log transform of Greenwood's variance).
	Low, High float64
}

// Survival is a Kaplan–Meier curve.
type Survival struct {
	N     int // durations, censored included
	Ended int
	Steps []Step // one per moment at which something ended, in order
}

// KaplanMeier estimates how long things last when some are not over yet: the
// time until a wall is tagged again, a request closed (E. L. Kaplan, P. Meier,
// J. Am. Stat. Assoc. 53, 1958). censored[i] tells that durations[i] was still
// running when last seen; counted as ended, such durations would make the
// median too short, left out too. Negative durations are ignored, and so is
// what is beyond the shorter of both lists. What is censored at the moment
// something ends is still at risk then.
func KaplanMeier(durations []time.Duration, censored []bool) Survival {
	type life struct {
		d    time.Duration
		open bool
	}
	lives := make([]life, 0, len(durations))
	for i := range min(len(durations), len(censored)) {
		if durations[i] >= 0 {
			lives = append(lives, life{durations[i], censored[i]})
		}
	}
	slices.SortFunc(lives, func(a, b life) int { return cmp.Compare(a.d, b.d) })
	out := Survival{N: len(lives)}
	left, greenwood := 1.0, 0.0
	for i := 0; i < len(lives); {
		j, ended := i, 0
		for ; j < len(lives) && lives[j].d == lives[i].d; j++ {
			if !lives[j].open {
				ended++
			}
		}
		if ended > 0 {
			risk := len(lives) - i
			out.Ended += ended
			left *= 1 - float64(ended)/float64(risk)
			step := Step{At: lives[i].d, Left: left, AtRisk: risk, Ended: ended}
			if risk > ended {
				greenwood += float64(ended) / (float64(risk) * float64(risk-ended))
				step.Low, step.High = logLog(left, greenwood)
			}
			out.Steps = append(out.Steps, step)
		}
		i = j
	}
	return out
}

// logLog bounds a survival share, between 0 and 1 whatever the base.
func logLog(left, greenwood float64) (low, high float64) {
	theta := z95 * math.Sqrt(greenwood) / math.Log(left) // negative
	return math.Pow(left, math.Exp(-theta)), math.Pow(left, math.Exp(theta))
}

// Median is the first moment after which half or less is left; false when more
// than half is still running at the end: the median is not known yet, only that
// it is longer.
func (s Survival) Median() (time.Duration, bool) { return s.Quantile(0.5) }

// Quantile is the first moment at which a share p has ended.
func (s Survival) Quantile(p float64) (time.Duration, bool) {
	for _, step := range s.Steps {
		if step.Left <= 1-p+1e-12 {
			return step.At, true
		}
	}
	return 0, false
}

// MedianInterval bounds the median at 95 % (R. Brookmeyer, J. Crowley,
// Biometrics 38, 1982). highKnown is false when the upper bound lies beyond what
// was observed, ok when not even the lower one is reached.
func (s Survival) MedianInterval() (low, high time.Duration, highKnown, ok bool) {
	for _, step := range s.Steps {
		if !ok && step.Low <= 0.5 {
			low, ok = step.At, true
		}
		if step.High <= 0.5 {
			return low, step.At, true, ok
		}
	}
	return low, 0, false, ok
}
