package page

import "strconv"

// WelcomeData is the top of a territory's portal. Children of Welcome come beside it (an OpeningCard).
type WelcomeData struct {
	Title  string
	Search SearchData
	Common []Link // what is asked most
}

// OpeningData is the card that says whether the town hall is open, under the arch. Sign is the drawing of
// the territory.
type OpeningData struct {
	Sign, Title, Text string
	Facts             []Fact
	Action            ButtonData
}

// Passage is one stop of a round: when, where, and a word on the places left.
type Passage struct{ When, Title, Detail, Badge, Kind string }

// ProjectData is a decided project: where it stands on its steps.
type ProjectData struct {
	Icon, Badge, Kind, Title, Href string
	Lines                          []string
	Step, Steps                    int
	StepText                       string // "Étape 3 sur 4 : chantier"
}

// steps lists which of the stones of a project are lit.
func (d ProjectData) steps() []bool {
	n := min(max(d.Steps, 0), 12)
	lit := make([]bool, n)
	for i := range lit {
		lit[i] = i < d.Step
	}
	return lit
}

// HeroData is the top of the home of an instance.
type HeroData struct {
	Title, Lead string
	Search      SearchData
	Near        []Link
	NearLabel   string // "Près d’ici :"
}

// RingData is the ring of the seven stones with a figure each, in the order of the loop. Lit is the one
// that is open now, NoVerb for none.
type RingData struct {
	Counts  [7]string
	Lit     Verb
	Caption string
	Source  Link
}

// VerbText is what one verb of the loop amounts to.
type VerbText struct {
	Verb Verb
	Text string
}

// StoryStep is one moment of a completed loop.
type StoryStep struct {
	Date string
	Verb Verb
	Text string
}

func verbClass(v Verb) string { return "v" + strconv.Itoa(int(v)) }
