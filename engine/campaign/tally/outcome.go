package tally

import "slices"

// Reason says why a project is where it is.
type Reason string

// The reasons.
const (
	Chosen       Reason = "chosen"
	ChosenQuota  Reason = "chosen-quota" // to meet a quota, before its rank
	ChosenRest   Reason = "chosen-rest"  // with the money left (completion)
	TooDear      Reason = "too-dear"     // dearer than the whole envelope
	NoMoney      Reason = "no-money"     // did not fit when its turn came
	Stopped      Reason = "stopped"      // after the first that did not fit
	NoVote       Reason = "no-vote"
	UnderLeast   Reason = "under-least" // under the threshold, or too little support for its cost
	Incompatible Reason = "incompatible"
	QuotaFull    Reason = "quota-full"
	NotAfforded  Reason = "not-afforded" // its supporters could not pay for it
)

// Round is one project chosen, or passed over.
type Round struct {
	Project int32
	Reason  Reason
	Left    int64 // of the envelope after it, hundredths
	Score   int64
	Tied    []int32 // with these, before the tie was broken
	// Equal shares: Rate is the price of a unit of utility, 1/Rate the
	// effective votes; Payers pay Most each at most.
	Rate, Most float64
	Payers     int64
	With       int32 // the incompatible project; -1
}

// Arithmetic says how sure the shares are.
type Arithmetic string

// The arithmetics.
const (
	Whole  Arithmetic = "integers"     // no fraction was needed
	Proved Arithmetic = "float-proved" // every decision was clear by more than 1 in 10⁹
	Exact  Arithmetic = "exact"        // near decisions were made in fractions
)

// Outcome is the result of a count.
type Outcome struct {
	Rule       Rule
	Winners    []int32 // in the order chosen
	Spent      int64   // hundredths
	Rounds     []Round // the last run's, chosen and passed over
	Share      string  // of each voter in the answer, as a fraction of hundredths; "" by votes
	Steps      int     // runs that add1 made
	Ties       int     // ties broken
	Arithmetic Arithmetic
	// KeptVotes says that the comparison kept the result by votes: who
	// preferred each.
	KeptVotes                bool
	PreferVotes, PreferShare int64
}

// Won tells whether a project is chosen.
func (o *Outcome) Won(p int32) bool { return slices.Contains(o.Winners, p) }

// IDs lists the ids of the winners, in the order of the election.
func (o *Outcome) IDs(e *Election) []string {
	out := []string{}
	for i, p := range e.Projects {
		if o.Won(int32(i)) {
			out = append(out, p.ID)
		}
	}
	return out
}
