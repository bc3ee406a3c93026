package pabulib

import (
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
)

// reader is a file being read.
type reader struct {
	*rows
	f *File
	// where META said how many follow, to point at it
	counts map[string]place
}

type place struct {
	line, column int
	value        string
}

// Read reads a whole election and checks it: a file that it accepts can be
// counted. The error is an *Error, or that of r.
func Read(r io.Reader) (*File, error) {
	in := &reader{rows: newRows(r), f: &File{projectIndex: map[string]int32{}}, counts: map[string]place{}}
	if b, err := in.in.Peek(3); err == nil && string(b) == "\xef\xbb\xbf" {
		_, _ = in.in.Discard(3)
	}
	for _, step := range []func() error{in.meta, in.projects, in.votes, in.check} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return in.f, nil
}

func (in *reader) section(name string) error {
	row, err := in.read()
	if errors.Is(err, io.EOF) {
		fault := FaultTruncated
		if name == "META" {
			fault = FaultEmpty
		}
		return mistake(in.next, 1, fault, name)
	}
	if err != nil {
		return err
	}
	return in.heading(row, name)
}

func (in *reader) heading(row []string, name string) error {
	if !strings.EqualFold(strings.TrimSpace(row[0]), name) {
		return in.at(0, FaultSection, row[0])
	}
	return nil
}

func (in *reader) meta() error {
	if err := in.section("META"); err != nil {
		return err
	}
	if row, err := in.read(); err != nil {
		return in.cut(err)
	} else if len(row) < 2 || strings.TrimSpace(row[0]) != "key" {
		return in.at(0, FaultHeader, row[0])
	}
	for {
		row, err := in.read()
		if err != nil {
			return in.cut(err)
		}
		key := strings.TrimSpace(row[0])
		if strings.EqualFold(key, "PROJECTS") && len(row) == 1 {
			return in.known()
		}
		if key == "" {
			return in.at(0, FaultEmpty, "")
		}
		if slices.ContainsFunc(in.f.Meta, func(p Pair) bool { return p.Key == key }) {
			return in.at(0, FaultTwice, key)
		}
		value := strings.TrimSpace(strings.Join(row[1:], ";"))
		in.f.Meta = append(in.f.Meta, Pair{key, value})
		if len(row) > 1 {
			in.counts[key] = place{in.lines[1], in.starts[1], value}
		}
	}
}

// known reads what the count needs from META.
func (in *reader) known() error {
	at := func(key string, f Fault) error {
		p := in.counts[key]
		return mistake(max(p.line, 1), max(p.column, 1), f, p.value)
	}
	budget, given := in.counts["budget"]
	if !given || in.f.Get("vote_type") == "" {
		return mistake(in.line, 1, FaultMissing, "budget, vote_type")
	}
	var ok bool
	if in.f.Budget, ok = ParseAmount(budget.value); !ok {
		return at("budget", FaultAmount)
	}
	if in.f.Budget < 0 {
		return at("budget", FaultNegative)
	}
	in.f.Type = VoteType(strings.ToLower(in.f.Get("vote_type")))
	if !slices.Contains([]VoteType{Approval, ChooseOne, Cumulative, Ordinal, Scoring}, in.f.Type) {
		return at("vote_type", FaultVoteType)
	}
	return nil
}

// header reads the names of columns and gives the place of each.
func (in *reader) header(need ...string) (columns []string, place map[string]int, err error) {
	row, err := in.read()
	if err != nil {
		return nil, nil, in.cut(err)
	}
	place = map[string]int{}
	for i, name := range row {
		name = strings.TrimSpace(name)
		if _, twice := place[name]; twice {
			return nil, nil, in.at(i, FaultTwice, name)
		}
		place[name] = i
		columns = append(columns, name)
	}
	for _, name := range need {
		if _, ok := place[name]; !ok {
			return nil, nil, in.at(0, FaultHeader, name)
		}
	}
	return columns, place, nil
}

var (
	projectKnown = []string{"project_id", "cost", "votes", "score", "name", "category", "district", "selected"}
	voteKnown    = []string{"voter_id", "vote", "points"}
)

func (in *reader) projects() error {
	columns, place, err := in.header("project_id", "cost")
	if err != nil {
		return err
	}
	in.f.columns, in.f.ProjectExtra = columns, without(columns, projectKnown)
	for {
		row, err := in.read()
		if err != nil {
			return in.cut(err)
		}
		if len(row) == 1 && strings.EqualFold(strings.TrimSpace(row[0]), "VOTES") {
			return nil
		}
		if len(in.f.Projects) == maxProjects {
			return in.at(0, FaultTooMany, "PROJECTS")
		}
		p, err := in.project(row, place, len(columns))
		if err != nil {
			return err
		}
		in.f.projectIndex[p.ID] = int32(len(in.f.Projects))
		in.f.Projects = append(in.f.Projects, p)
	}
}

func (in *reader) project(row []string, place map[string]int, width int) (p Project, err error) {
	if len(row) != width {
		return p, in.at(len(row), FaultFields, row[len(row)-1])
	}
	text := func(name string) string {
		if i, ok := place[name]; ok {
			return strings.Clone(strings.TrimSpace(row[i]))
		}
		return ""
	}
	amount := func(name string, missing int64) (int64, error) {
		s := text(name)
		if s == "" && missing < 0 {
			return missing, nil
		}
		n, ok := ParseAmount(s)
		switch {
		case !ok:
			return 0, in.at(place[name], FaultAmount, s)
		case n < 0:
			return 0, in.at(place[name], FaultNegative, s)
		}
		return n, nil
	}
	p = Project{ID: text("project_id"), Name: text("name"), Category: text("category"), District: text("district"), Selected: -1}
	if p.ID == "" {
		return p, in.at(place["project_id"], FaultEmpty, "")
	}
	if _, twice := in.f.projectIndex[p.ID]; twice {
		return p, in.at(place["project_id"], FaultTwice, p.ID)
	}
	if p.Cost, err = amount("cost", 0); err != nil {
		return p, err
	}
	if p.Votes, err = amount("votes", -1); err != nil {
		return p, err
	}
	if p.Votes > 0 {
		p.Votes /= 100
	}
	if p.Score, err = amount("score", -1); err != nil {
		return p, err
	}
	if s := text("selected"); s != "" {
		if p.Selected, err = strconv.Atoi(s); err != nil || p.Selected < 0 || p.Selected > 3 {
			return p, in.at(place["selected"], FaultSelected, s)
		}
	}
	for _, name := range in.f.ProjectExtra {
		p.Extra = append(p.Extra, strings.Clone(row[place[name]]))
	}
	return p, nil
}

// cut says that the file stops too early.
func (in *reader) cut(err error) error {
	if errors.Is(err, io.EOF) {
		return mistake(in.next, 1, FaultTruncated, "")
	}
	return err
}

func without(list, known []string) (out []string) {
	for _, s := range list {
		if !slices.Contains(known, s) {
			out = append(out, s)
		}
	}
	return out
}
