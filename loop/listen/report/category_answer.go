package report

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"parvis/platform/fault"
	"parvis/platform/i18n"
)

// maxAnswer bounds a free answer, in characters.
const maxAnswer = 500

// FieldOf is the name of a question's control in forms.
func FieldOf(code string) string { return "q-" + code }

// Answer checks the answers to the questions of the category and returns those
// that are kept: unknown questions are left out. stop is the message of an
// answer that ends the report there, the highest priority that an answer asks
// for comes with it. Mistakes are an Invalid fault with the fields "q-CODE".
func (c Category) Answer(given map[string][]string) (kept map[string][]string, stop string, p Priority, err error) {
	var wrong fault.Fields
	kept = map[string][]string{}
	for _, q := range c.Detail.V.Questions {
		if q.Type == "hidden" {
			if q.Value != "" {
				kept[q.Code] = []string{q.Value}
			}
			continue
		}
		var values []string
		for _, v := range given[q.Code] {
			if v = strings.TrimSpace(v); v != "" {
				values = append(values, v)
			}
		}
		if len(values) == 0 {
			if q.Required {
				wrong.Add(FieldOf(q.Code), "report.error.answer", "Label", q.Label)
			}
			continue
		}
		if key := q.refuses(values); key != "" {
			wrong.Add(FieldOf(q.Code), key, "Label", q.Label, "Max", maxAnswer)
			continue
		}
		for _, o := range q.Options {
			if slices.Contains(values, o.Code) {
				if o.Stop != "" && stop == "" {
					stop = o.Stop
				}
				p = max(p, o.Priority)
			}
		}
		kept[q.Code] = values
	}
	return kept, stop, p, wrong.Err()
}

// refuses is the message key of what is wrong with an answer, "" for nothing.
func (q Question) refuses(values []string) string {
	known := func(v string) bool { return slices.ContainsFunc(q.Options, func(o Option) bool { return o.Code == v }) }
	switch {
	case q.Type != "multi" && len(values) > 1:
		return "report.error.answer.one"
	case q.Type == "single" && !known(values[0]), q.Type == "multi" && slices.ContainsFunc(values, func(v string) bool { return !known(v) }):
		return "report.error.answer.list"
	case utf8.RuneCountInString(values[0]) > maxAnswer:
		return "report.error.answer.long"
	case q.Type == "number":
		if _, err := strconv.ParseFloat(strings.ReplaceAll(values[0], ",", "."), 64); err != nil {
			return "report.error.answer.number"
		}
	case q.Type == "date":
		if _, err := readDay(values[0]); err != nil {
			return "report.error.answer.date"
		}
	}
	return ""
}

// readDay reads a day as people and browsers write it.
func readDay(s string) (time.Time, error) {
	if t, err := time.Parse("02/01/2006", s); err == nil {
		return t, nil
	}
	return time.Parse(time.DateOnly, s)
}

// Said is an answer in words, for people.
type Said struct {
	Question, Answer string
	Public           bool
}

// Say writes the kept answers in the order of the questions.
func (c Category) Say(_ context.Context, kept map[string][]string) []Said {
	var out []Said
	for _, q := range c.Detail.V.Questions {
		values := kept[q.Code]
		if len(values) == 0 || q.Type == "hidden" {
			continue
		}
		words := make([]string, len(values))
		for i, v := range values {
			words[i] = v
			for _, o := range q.Options {
				if o.Code == v {
					words[i] = o.Label
				}
			}
		}
		out = append(out, Said{q.Label, strings.Join(words, ", "), q.Public})
	}
	return out
}

// shownDelay is a delay in working minutes as people say it: "2 jours ouvrés",
// given that a working day has workingDay minutes.
func shownDelay(ctx context.Context, minutes int) string {
	if minutes <= 0 {
		return ""
	}
	if minutes < workingDay {
		return i18n.Duration(ctx, time.Duration(minutes)*time.Minute)
	}
	return i18n.N(ctx, "report.delay.days", (minutes+workingDay-1)/workingDay)
}

// workingDay is the working minutes of a day at a town hall, for words and for
// promises typed in days.
const workingDay = 7 * 60
