package barometer

import (
	"cmp"
	"hash/fnv"
	"slices"
	"strings"

	"parvis/engine/indicator"
)

// Figures are everything that is said of a group of answers. They are made of
// counts alone.
type Figures struct {
	N            int // answers to the first question
	Satisfaction [3]int
	Clear        [5]int
	Tried        map[Aid]int
	TriedBase    int // answered the question on help
	Reached      indicator.Share
	Help         [5]int
	HelpBy       map[Aid][5]int
	Finished     int // requests that came to their end
	Invited      int
	InTime, Late int // finished requests that had announced a date
	seed         uint64
}

// figures adds up lines; keep chooses them.
func figures(list []line, seed string, keep func(line) bool) Figures {
	f := Figures{Tried: map[Aid]int{}, HelpBy: map[Aid][5]int{}, seed: seedOf(seed)}
	for _, l := range list {
		if keep == nil || keep(l) {
			f.add(l)
		}
	}
	return f
}

func (f *Figures) add(l line) {
	switch l.Field {
	case FieldSatisfaction:
		if s := readSatisfaction(l.Value); s != 0 {
			f.Satisfaction[s-1] += l.N
			f.N += l.N
		}
	case FieldComprehension:
		if n := number(l.Value, 1, 5); n > 0 {
			f.Clear[n-1] += l.N
		}
	case FieldTried:
		if l.Value == fieldTried {
			f.TriedBase += l.N
		} else if a := readAid(l.Value); a != 0 {
			f.Tried[a] += l.N
		}
	case FieldReached:
		f.Reached.Of += l.N
		if strings.HasSuffix(l.Value, ".yes") {
			f.Reached.Count += l.N
		}
	case FieldHelp:
		code, mark, _ := strings.Cut(l.Value, ".")
		if n := number(mark, 1, 5); n > 0 {
			f.Help[n-1] += l.N
			by := f.HelpBy[readAid(code)]
			by[n-1] += l.N
			f.HelpBy[readAid(code)] = by
		}
	case fieldFinished:
		f.Finished += l.N
		switch l.Delay {
		case inTime:
			f.InTime += l.N
		case late:
			f.Late += l.N
		}
	case fieldInvited:
		f.Invited += l.N
	}
}

// seedOf makes the seed of a bootstrap from what it is about, so that the same
// page shows the same interval every day and anybody can draw it again.
func seedOf(what string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(what))
	return h.Sum64()
}

// Strength is how much may be said.
func (f Figures) Strength() indicator.Strength { return indicator.StrengthOf(f.N) }

// Good is the share of « Très bien ».
func (f Figures) Good() indicator.Share {
	return indicator.Share{Count: f.Satisfaction[Good-1], Of: f.N}
}

// Mean is « Satisfaction usager » of JDMA, out of ten.
func (f Figures) Mean() indicator.Mean {
	var t []indicator.Tally
	for _, s := range Satisfactions() {
		t = append(t, indicator.Tally{Value: s.Score(), Count: f.Satisfaction[s-1]})
	}
	return indicator.MeanOf(t, f.seed)
}

// Clarity is « Simplicité du langage » of JDMA, out of ten.
func (f Figures) Clarity() indicator.Mean { return meanOfFive(f.Clear, f.seed) }

// Helped is « Aide efficace » of JDMA, out of ten.
func (f Figures) Helped() indicator.Mean { return meanOfFive(f.Help, f.seed) }

func meanOfFive(counts [5]int, seed uint64) indicator.Mean {
	var t []indicator.Tally
	for i, n := range counts {
		t = append(t, indicator.Tally{Value: fiveScore(i + 1), Count: n})
	}
	return indicator.MeanOf(t, seed)
}

// Autonomy is « Niveau d’autonomie » of JDMA: those who needed no help among
// those who answered.
func (f Figures) Autonomy() indicator.Share {
	return indicator.Share{Count: f.Tried[NoHelp], Of: f.TriedBase}
}

// ContactScore is the score of contact of JDMA's API, out of ten: the scores of
// the help received over its answers and the channels that did not answer; 0
// without base.
func (f Figures) ContactScore() float64 {
	sum, n := 0.0, f.Reached.Of-f.Reached.Count
	for i, k := range f.Help {
		sum += fiveScore(i+1) * float64(k)
		n += k
	}
	if n == 0 {
		return 0
	}
	return sum / float64(n)
}

// Response is answers over finished requests.
func (f Figures) Response() indicator.Share {
	return indicator.Share{Count: min(f.N, f.Finished), Of: f.Finished}
}

// fewAnswers is the response rate under which a caveat stands beside figures.
const fewAnswers = 0.10

// Punctual is the second indicator of Services Publics+: requests finished by
// the date announced, among those that had one.
func (f Figures) Punctual() indicator.Share {
	return indicator.Share{Count: f.InTime, Of: f.InTime + f.Late}
}

// goodScore is the JDMA score from which a procedure is of quality (Services
// Publics+, indicator 3).
const goodScore = 8

// Quality is the third indicator of Services Publics+: procedures scored at
// least 8 out of 10 among those scored, with at least five answers.
func Quality(services []Figures) indicator.Share {
	var s indicator.Share
	for _, f := range services {
		if f.N < indicator.Fewest {
			continue
		}
		s.Of++
		if f.Mean().Value >= goodScore {
			s.Count++
		}
	}
	return s
}

// Verdict is JDMA's word for a score out of ten: "bad", "medium" or "good".
func Verdict(score float64) string {
	switch {
	case score < 5:
		return "bad"
	case score < goodScore:
		return "medium"
	}
	return "good"
}

// ReachVerdict is JDMA's word for the share reached: "low", "medium" or "optimal".
func ReachVerdict(share float64) string {
	switch {
	case share < 0.7:
		return "low"
	case share < 0.85:
		return "medium"
	}
	return "optimal"
}

// Cut is one line of a table by channel, delay or month; Hidden when showing it,
// or subtracting it, would say something of fewer than five people.
type Cut struct {
	Key     string
	Figures Figures
	Hidden  bool
}

// cutBy makes the lines of a one-way table beside a published total.
func cutBy(list []line, seed string, keep func(line) bool, key func(line) string) []Cut {
	at := map[string]int{}
	var out []Cut
	for _, l := range list {
		if !keep(l) {
			continue
		}
		k := key(l)
		i, ok := at[k]
		if !ok {
			i = len(out)
			at[k] = i
			out = append(out, Cut{Key: k, Figures: figures(nil, seed+"/"+k, nil)})
		}
		out[i].Figures.add(l)
	}
	slices.SortFunc(out, func(a, b Cut) int { return cmp.Compare(a.Key, b.Key) })
	hide(out)
	return out
}

// hide marks the cells that are too small and those that would betray them.
func hide(cuts []Cut) {
	row := make([]int, len(cuts))
	for i, c := range cuts {
		row[i] = c.Figures.N
	}
	hidden, _, _, _ := indicator.Suppress([][]int{row}, indicator.Fewest)
	for i := range cuts {
		cuts[i].Hidden = hidden[0][i] || row[i] == 0
	}
}

// bySource keeps the lines of one source.
func bySource(s Source) func(line) bool {
	return func(l line) bool { return l.Source == string(s) }
}
