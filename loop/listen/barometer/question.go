package barometer

import "strconv"

// The codes of the questions, those of « Je donne mon avis ».
const (
	FieldSatisfaction  = "satisfaction"
	FieldComprehension = "comprehension"
	FieldTried         = "contact_tried"
	FieldTriedOther    = "contact_tried_verbatim"
	FieldReached       = "contact_reached"
	FieldHelp          = "contact_satisfaction"
	FieldComment       = "verbatim"
)

// Fields that no resident answers: what the requests themselves say.
const (
	fieldFinished = "finished" // requests that came to their end
	fieldInvited  = "invited"  // invitations made
	fieldTried    = "answered" // value of contact_tried: how many answered that question
)

// Satisfaction is the answer to « De façon générale, comment ça s’est passé ? ».
type Satisfaction int

// The three answers, worth 0, 5 and 10.
const (
	Bad Satisfaction = iota + 1
	Medium
	Good
)

// Satisfactions lists them in the order of the form.
func Satisfactions() []Satisfaction { return []Satisfaction{Bad, Medium, Good} }

// Code is the value of « Je donne mon avis »: "bad", "medium", "good"; "" without answer.
func (s Satisfaction) Code() string {
	if s < Bad || s > Good {
		return ""
	}
	return [...]string{"bad", "medium", "good"}[s-1]
}

// Score is the answer out of ten.
func (s Satisfaction) Score() float64 { return float64(s-1) * 5 }

// readSatisfaction reads a code; 0 when it is none.
func readSatisfaction(code string) Satisfaction {
	for _, s := range Satisfactions() {
		if s.Code() == code {
			return s
		}
	}
	return 0
}

// fiveScore is the score out of ten of an answer from 1 to 5.
func fiveScore(n int) float64 { return float64(n-1) * 2.5 }

// fives are the values of the questions from 1 to 5.
func fives() []int { return []int{1, 2, 3, 4, 5} }

// Aid is a way somebody looked for help: a bit.
type Aid int

// The ways, in the order of the form. Those before Relative are the
// administration's; None excludes all others.
const (
	AtCounter Aid = 1 << iota
	ByPhone
	ByMail
	ByChat
	Relative
	Association
	Website
	OtherAid
	NoHelp
)

// Aids lists the ways; the first four are the administration's.
func Aids() []Aid {
	return []Aid{AtCounter, ByPhone, ByMail, ByChat, Relative, Association, Website, OtherAid, NoHelp}
}

// administrations are the ways that open the two questions on the help received.
func administrations() []Aid { return Aids()[:4] }

const administrationMask = AtCounter | ByPhone | ByMail | ByChat

// Code names the way in rows and files.
func (a Aid) Code() string {
	switch a {
	case AtCounter:
		return "desk"
	case ByPhone:
		return "phone"
	case ByMail:
		return "email"
	case ByChat:
		return "chat"
	case Relative:
		return "relative"
	case Association:
		return "association"
	case Website:
		return "internet"
	case OtherAid:
		return "other"
	case NoHelp:
		return "none"
	}
	return ""
}

// readAid reads a code; 0 when it is none.
func readAid(code string) Aid {
	for _, a := range Aids() {
		if a.Code() == code {
			return a
		}
	}
	return 0
}

// Source is how an answer came, never mixed in one rate.
type Source string

// The sources.
const (
	Invited Source = "invite"  // by the single-use link of a finished request
	Open    Source = "libre"   // by the link that everybody can see
	Desk    Source = "guichet" // on paper, keyed by staff
	Foreign Source = "import"  // from an export of « Je donne mon avis »
)

// Sources lists them, the headline's first.
func Sources() []Source { return []Source{Invited, Open, Desk, Foreign} }

// Delay classes of the finished request.
const (
	inTime  = "intime"
	late    = "late"
	noDelay = ""
)

// number reads a small number between low and high; 0 otherwise.
func number(s string, low, high int) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < low || n > high {
		return 0
	}
	return n
}
