package intervention

import (
	"cmp"
	"slices"
)

// span is how long a place stayed clean, in days. Ended is false while it still
// is: « longer than ».
type span struct {
	Days  float64
	Ended bool
}

// kaplanMeier is the median of the spans by the estimator of Kaplan and Meier
// (J. Amer. Statist. Assoc. 53, 1958): what has not ended yet counts as long as
// it lasted. ok is false when more than half are still clean: the median is
// beyond the longest span, which is returned.
func kaplanMeier(spans []span) (days float64, ok bool) {
	slices.SortFunc(spans, func(a, b span) int {
		if c := cmp.Compare(a.Days, b.Days); c != 0 {
			return c
		}
		// At the same time, ends count before what was only watched so far.
		switch {
		case a.Ended == b.Ended:
			return 0
		case a.Ended:
			return -1
		}
		return 1
	})
	left, survival := len(spans), 1.0
	for i := 0; i < len(spans); {
		ended, here := 0, 0
		at := spans[i].Days
		for ; i < len(spans) && spans[i].Days == at; i++ {
			here++
			if spans[i].Ended {
				ended++
			}
		}
		if ended > 0 {
			survival *= 1 - float64(ended)/float64(left)
			// The curve reaches one half, within what floating point keeps.
			if survival <= 0.5+1e-12 {
				return at, true
			}
		}
		left -= here
	}
	if len(spans) == 0 {
		return 0, false
	}
	return spans[len(spans)-1].Days, false
}
