package report

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"parvis/platform/fault"
	"parvis/platform/search"
	"parvis/platform/store"
)

// Category is what a report is about. Code is stable for ever (Open311
// service_code); everything else may be changed by the territory.
type Category struct {
	ID      store.ID
	Code    string // "eclairage"
	Label   string // "Lampadaire éteint"
	Heading string // the group it is shown under, "Voirie"
	Rank    int    // smaller first
	Active  bool
	Detail  store.JSON[Detail]
	Version int64
}

// Detail is how reports of a category are taken and treated.
type Detail struct {
	Icon      string     `json:"icon,omitempty"` // of platform/web/page
	Hint      string     `json:"hint,omitempty"` // one line under the label
	Keywords  []string   `json:"keywords,omitempty"`
	Questions []Question `json:"questions,omitempty"`
	// Nature is "report", or "complaint" for a complaint about a service
	// (réclamation): no map, private.
	Nature string `json:"nature,omitempty"`
	// Warning is shown before anything else is asked: « Danger immédiat :
	// appelez le 112 ».
	Warning string `json:"warning,omitempty"`

	RadiusM       int  `json:"radius_m"`                 // of the search of the same thing, 10 to 1 000
	Sensitive     bool `json:"sensitive,omitempty"`      // text and photos wait for review whatever they hold
	Private       bool `json:"private,omitempty"`        // only its author and the staff read it
	ReviewText    bool `json:"review_text,omitempty"`    // hidden until checked
	ReviewPhotos  bool `json:"review_photos,omitempty"`  // hidden until checked
	Anonymous     bool `json:"anonymous"`                // may be sent without contact
	PhoneRequired bool `json:"phone_required,omitempty"` // somebody must call back

	Priority  Priority  `json:"priority"`
	Promises  []Promise `json:"promises,omitempty"` // the most precise that fits wins
	Routes    []Route   `json:"routes,omitempty"`   // who treats it; the first whose sector fits
	Crew      store.ID  `json:"crew,omitempty"`     // when no route fits
	Owner     store.ID  `json:"owner,omitempty"`    // one named contact, when no route fits
	Templates string    `json:"templates,omitempty"`

	SeasonFrom string   `json:"season_from,omitempty"` // "04-01": closed outside the season
	SeasonTo   string   `json:"season_to,omitempty"`
	ReopenDays int      `json:"reopen_days"`      // after closing, 0 never, at most 60
	Causes     []string `json:"causes,omitempty"` // asked at closing, counted
}

// Promise is the delay that is announced, in working minutes. Priority 0 and
// Sector 0 fit all.
type Promise struct {
	Priority Priority `json:"priority,omitempty"`
	Sector   store.ID `json:"sector,omitempty"`
	Minutes  int      `json:"minutes"`
}

// Route sends the reports of a sector to a team or to one named contact.
type Route struct {
	Sector store.ID `json:"sector"`
	Crew   store.ID `json:"crew,omitempty"`
	Owner  store.ID `json:"owner,omitempty"`
}

// Question is asked with a report of the category. Type is one of
// QuestionTypes.
type Question struct {
	Code     string   `json:"code"`
	Label    string   `json:"label"`
	Hint     string   `json:"hint,omitempty"`
	Type     string   `json:"type"`
	Required bool     `json:"required,omitempty"`
	Public   bool     `json:"public,omitempty"` // the answer is on the public page
	Options  []Option `json:"options,omitempty"`
	Value    string   `json:"value,omitempty"` // of a hidden question
}

// Option is one answer of a list. Stop refuses the report with these words
// (« C’est dangereux : appelez le 18 »); Priority raises it.
type Option struct {
	Code     string   `json:"code"`
	Label    string   `json:"label"`
	Stop     string   `json:"stop,omitempty"`
	Priority Priority `json:"priority,omitempty"`
}

// QuestionTypes are the kinds of answers.
func QuestionTypes() []string { return []string{"text", "number", "single", "multi", "date", "hidden"} }

// Priority is how pressing a report is, from 1 to 4; 0 is none said.
type Priority int

// The priorities.
const (
	Low    Priority = 1
	Normal Priority = 2
	High   Priority = 3
	Urgent Priority = 4
)

// Priorities lists them, most pressing first.
func Priorities() []Priority { return []Priority{Urgent, High, Normal, Low} }

// Label is the message key of its name.
func (p Priority) Label() string {
	return "report.priority." + [...]string{"normal", "low", "normal", "high", "urgent"}[min(max(p, 0), 4)]
}

// followersPerStep and maxFollowSteps cap what followers change: ten neighbours
// raise a report by one step, a thousand do no more.
const (
	followersPerStep = 10
	maxFollowSteps   = 1
)

// With is the priority once followers count, without ever reaching urgent:
// that is a decision of somebody who looked.
func (p Priority) With(followers int) Priority {
	steps := Priority(min(max(followers, 0)/followersPerStep, maxFollowSteps))
	if p >= High {
		return p
	}
	return min(p+steps, High)
}

// Complaint tells whether it is about a service rather than a place.
func (c Category) Complaint() bool { return c.Detail.V.Nature == "complaint" }

// Private tells whether its reports are never public.
func (c Category) Private() bool { return c.Detail.V.Private || c.Complaint() }

// Radius is the distance of the search of the same thing, in metres.
func (c Category) Radius() int {
	if r := c.Detail.V.RadiusM; r >= 10 && r <= 1000 {
		return r
	}
	return defaultRadius
}

// defaultRadius is FixMyStreet's, in metres.
const defaultRadius = 250

// Reopening is how long after closing a report may be reopened.
func (c Category) Reopening() time.Duration {
	return min(time.Duration(c.Detail.V.ReopenDays)*24*time.Hour, reopenFor)
}

// InSeason tells whether reports are taken on a day (month and day count).
func (d Detail) InSeason(day time.Time) bool {
	if d.SeasonFrom == "" || d.SeasonTo == "" {
		return true
	}
	at := day.Format("01-02")
	if d.SeasonFrom <= d.SeasonTo {
		return at >= d.SeasonFrom && at <= d.SeasonTo
	}
	return at >= d.SeasonFrom || at <= d.SeasonTo
}

// Promised is the delay announced for a priority in a sector, in working
// minutes; 0 when nothing is promised. A promise that names both wins over one
// that names one.
func (d Detail) Promised(p Priority, sectors []store.ID) int {
	best, weight := 0, -1
	for _, x := range d.Promises {
		w := 0
		if x.Priority != 0 {
			if x.Priority != p {
				continue
			}
			w += 1
		}
		if x.Sector != 0 {
			if !slices.Contains(sectors, x.Sector) {
				continue
			}
			w += 2
		}
		if w > weight {
			best, weight = x.Minutes, w
		}
	}
	return best
}

// Routed is the team and the named contact for a report in some sectors.
func (d Detail) Routed(sectors []store.ID) (crew, owner store.ID) {
	for _, r := range d.Routes {
		if slices.Contains(sectors, r.Sector) {
			return r.Crew, r.Owner
		}
	}
	return d.Crew, d.Owner
}

// Matches tells whether every word of a query is in its label, hint, group or
// keywords.
func (c Category) Matches(query string) bool {
	text := search.Fold(c.Label + " " + c.Heading + " " + c.Detail.V.Hint + " " + strings.Join(c.Detail.V.Keywords, " "))
	for _, w := range search.Words(query) {
		if len(w) > 4 {
			w = strings.TrimSuffix(strings.TrimSuffix(w, "s"), "x")
		}
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

var (
	codeForm   = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)
	seasonForm = regexp.MustCompile(`^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$`)
)

// Bounds of a category.
const (
	maxLabel     = 80
	maxHint      = 200
	maxQuestions = 12
	maxOptions   = 30
	maxKeywords  = 40
)

// Check normalises a category and returns the mistakes, field by field.
func (c *Category) Check() error {
	var wrong fault.Fields
	d := &c.Detail.V
	c.Code, c.Label, c.Heading, d.Hint = strings.TrimSpace(c.Code), strings.TrimSpace(c.Label), strings.TrimSpace(c.Heading), strings.TrimSpace(d.Hint)
	if !codeForm.MatchString(c.Code) {
		wrong.Add("code", "report.error.code")
	}
	if n := utf8.RuneCountInString(c.Label); n == 0 || n > maxLabel {
		wrong.Add("label", "report.error.label", "Max", maxLabel)
	}
	if n := utf8.RuneCountInString(c.Heading); n == 0 || n > maxLabel {
		wrong.Add("heading", "report.error.heading", "Max", maxLabel)
	}
	if utf8.RuneCountInString(d.Hint) > maxHint || utf8.RuneCountInString(d.Warning) > 2*maxHint {
		wrong.Add("hint", "report.error.hint", "Max", maxHint)
	}
	if d.RadiusM < 10 || d.RadiusM > 1000 {
		wrong.Add("radius", "report.error.radius")
	}
	if d.ReopenDays < 0 || time.Duration(d.ReopenDays)*24*time.Hour > reopenFor {
		wrong.Add("reopen", "report.error.reopen")
	}
	if d.Priority < Low || d.Priority > Urgent {
		d.Priority = Normal
	}
	if (d.SeasonFrom == "") != (d.SeasonTo == "") || d.SeasonFrom != "" && !(seasonForm.MatchString(d.SeasonFrom) && seasonForm.MatchString(d.SeasonTo)) {
		wrong.Add("season", "report.error.season")
	}
	for _, p := range d.Promises {
		if p.Minutes < 0 || p.Minutes > 365*24*60 {
			wrong.Add("promises", "report.error.promise")
			break
		}
	}
	if len(d.Keywords) > maxKeywords || len(d.Causes) > maxKeywords || len(d.Questions) > maxQuestions {
		wrong.Add("questions", "report.error.many")
	}
	seen := map[string]bool{}
	for _, q := range d.Questions {
		if key := q.mistake(); key != "" || seen[q.Code] {
			if key == "" {
				key = "report.error.question.code"
			}
			wrong.Add("questions", key, "Label", q.Label)
			break
		}
		seen[q.Code] = true
	}
	return wrong.Err()
}

func (q Question) mistake() string {
	listed := q.Type == "single" || q.Type == "multi"
	switch {
	case !codeForm.MatchString(q.Code):
		return "report.error.question.code"
	case strings.TrimSpace(q.Label) == "" && q.Type != "hidden" || utf8.RuneCountInString(q.Label) > maxHint:
		return "report.error.question.label"
	case !slices.Contains(QuestionTypes(), q.Type):
		return "report.error.question.type"
	case listed && (len(q.Options) < 1 || len(q.Options) > maxOptions):
		return "report.error.question.options"
	}
	seen := map[string]bool{}
	for _, o := range q.Options {
		if !codeForm.MatchString(o.Code) || seen[o.Code] || strings.TrimSpace(o.Label) == "" {
			return "report.error.question.options"
		}
		seen[o.Code] = true
	}
	return ""
}
