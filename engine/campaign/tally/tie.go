package tally

import (
	"fmt"
	"strings"
)

// TieError says that the rule does not break a tie: lots must be drawn between
// these projects, in public, and the count made again with them.
type TieError struct {
	Projects []string // ids, in the order of the election
	Round    int      // from 1
}

func (e *TieError) Error() string {
	return fmt.Sprintf("tally: tie in round %d between %s: draw lots", e.Round, strings.Join(e.Projects, ", "))
}

// breaker breaks ties.
type breaker struct {
	e     *Election
	steps []TieStep
	lots  []int32 // rank of each project, or a rank after all
	met   int     // ties met
}

func newBreaker(e *Election, r Rule) *breaker {
	b := &breaker{e: e, steps: r.Ties, lots: make([]int32, len(e.Projects))}
	rank := map[string]int32{}
	for i, id := range r.Lots {
		rank[id] = int32(i)
	}
	for i, p := range e.Projects {
		b.lots[i] = int32(len(r.Lots))
		if at, ok := rank[p.ID]; ok {
			b.lots[i] = at
		}
	}
	return b
}

// compare is negative when a wins over b, 0 when the rule cannot tell.
func (b *breaker) compare(x, y int32) int {
	for _, s := range b.steps {
		var d int64
		switch s {
		case LowerCost:
			d = b.e.Projects[x].Cost - b.e.Projects[y].Cost
		case MoreVotes:
			d = b.e.votes[y] - b.e.votes[x]
		case Lots:
			d = int64(b.lots[x]) - int64(b.lots[y])
		}
		if d < 0 {
			return -1
		}
		if d > 0 {
			return 1
		}
	}
	return 0
}

// first chooses among equals; a TieError when the rule cannot.
func (b *breaker) first(equals []int32, round int) (int32, error) {
	if len(equals) == 1 {
		return equals[0], nil
	}
	b.met++
	best := []int32{equals[0]}
	for _, p := range equals[1:] {
		switch c := b.compare(p, best[0]); {
		case c < 0:
			best = append(best[:0], p)
		case c == 0:
			best = append(best, p)
		}
	}
	if len(best) > 1 {
		err := &TieError{Round: round}
		for _, p := range best {
			err.Projects = append(err.Projects, b.e.Projects[p].ID)
		}
		return 0, err
	}
	return best[0], nil
}
