package tally

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"parvis/engine/campaign/pabulib"
)

// Project is what can be chosen.
type Project struct {
	ID       string
	Name     string
	Cost     int64 // hundredths of the currency, ≥ 0
	District string
	Class    string // size, theme: what quotas speak of
}

// Ballot is what one or several people voted.
type Ballot struct {
	Choices []int32 // places in Election.Projects, each at most once
	Points  []int64 // beside Choices; nil: one each
	Count   int64   // how many ballots say this; ≥ 1
}

// Election is what is counted.
type Election struct {
	Budget   int64 // hundredths of the currency, ≥ 0
	Projects []Project
	Ballots  []Ballot // identical ones together, see NewElection
	Voters   int64    // ballots with at least one choice
	Empty    int64    // ballots without any

	score []int64 // points, or votes
	votes []int64 // ballots that name it
}

// Votes is how many ballots name a project.
func (e *Election) Votes(p int32) int64 { return e.votes[p] }

// Score is the sum of its points, its votes when ballots have none.
func (e *Election) Score(p int32) int64 { return e.score[p] }

// NewElection groups identical ballots and counts. A project named twice by a
// ballot counts once. A choice outside the projects, negative points or costs
// are errors: the caller refused them before.
func NewElection(budget int64, projects []Project, ballots []Ballot) (*Election, error) {
	if budget < 0 {
		return nil, fmt.Errorf("tally: an envelope of %d", budget)
	}
	e := &Election{Budget: budget, Projects: projects, score: make([]int64, len(projects)), votes: make([]int64, len(projects))}
	seen := make(map[string]bool, len(projects))
	for _, p := range projects {
		if p.Cost < 0 || p.ID == "" || seen[p.ID] {
			return nil, fmt.Errorf("tally: project %q: no id, twice, or a cost of %d", p.ID, p.Cost)
		}
		seen[p.ID] = true
	}
	place := make(map[string]int, len(ballots))
	var key []byte
	for i, b := range ballots {
		b, err := e.clean(b)
		if err != nil {
			return nil, fmt.Errorf("tally: ballot %d: %w", i+1, err)
		}
		if len(b.Choices) == 0 {
			e.Empty += b.Count
			continue
		}
		e.Voters += b.Count
		for j, c := range b.Choices {
			e.votes[c] += b.Count
			if b.Points == nil {
				e.score[c] += b.Count
			} else {
				e.score[c] += b.Count * b.Points[j]
			}
		}
		key = key[:0]
		for j, c := range b.Choices {
			key = binary.AppendUvarint(key, uint64(c))
			if b.Points != nil {
				key = binary.AppendUvarint(key, uint64(b.Points[j]))
			}
		}
		if at, there := place[string(key)]; there {
			e.Ballots[at].Count += b.Count
			continue
		}
		place[string(key)] = len(e.Ballots)
		e.Ballots = append(e.Ballots, b)
	}
	slices.SortFunc(e.Ballots, func(a, b Ballot) int {
		return cmp.Or(slices.Compare(a.Choices, b.Choices), slices.Compare(a.Points, b.Points))
	})
	return e, nil
}

// clean sorts the choices of a ballot, drops what is there twice and what has
// no points.
func (e *Election) clean(b Ballot) (Ballot, error) {
	if b.Points != nil && len(b.Points) != len(b.Choices) {
		return b, fmt.Errorf("%d choices and %d points", len(b.Choices), len(b.Points))
	}
	b.Count = max(b.Count, 1)
	order := make([]int, len(b.Choices))
	for i := range order {
		order[i] = i
		if c := b.Choices[i]; c < 0 || int(c) >= len(e.Projects) {
			return b, fmt.Errorf("no project %d", c)
		}
		if b.Points != nil && b.Points[i] < 0 {
			return b, fmt.Errorf("%d points", b.Points[i])
		}
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(b.Choices[i], b.Choices[j]) })
	out := Ballot{Count: b.Count, Choices: make([]int32, 0, len(order))}
	for _, i := range order {
		if n := len(out.Choices); n > 0 && out.Choices[n-1] == b.Choices[i] || b.Points != nil && b.Points[i] == 0 {
			continue
		}
		out.Choices = append(out.Choices, b.Choices[i])
		if b.Points != nil {
			out.Points = append(out.Points, b.Points[i])
		}
	}
	return out, nil
}

// FromFile makes an election of a .pb file. Ranked ballots count as approvals;
// where the file tells a score for them, that is the order of the greedy rule.
func FromFile(f *pabulib.File) (*Election, error) {
	projects := make([]Project, len(f.Projects))
	for i, p := range f.Projects {
		projects[i] = Project{ID: p.ID, Name: p.Name, Cost: p.Cost, District: p.District}
		projects[i].Class, _, _ = strings.Cut(p.Category, ",")
	}
	ballots := make([]Ballot, len(f.Votes))
	for i, v := range f.Votes {
		ballots[i] = Ballot{Choices: v.Choices, Points: v.Points, Count: 1}
		if f.Type == pabulib.Ordinal || f.Type == pabulib.Scoring {
			ballots[i].Points = nil
		}
	}
	e, err := NewElection(f.Budget, projects, ballots)
	if err != nil {
		return nil, err
	}
	if f.Type == pabulib.Ordinal || f.Type == pabulib.Scoring {
		for i, p := range f.Projects {
			if p.Score >= 0 {
				e.score[i] = p.Score
			}
		}
	}
	return e, nil
}
