package pabulib

import (
	"fmt"
	"strings"
)

// VoteType is what a ballot of the election says.
type VoteType string

// The vote types of the format.
const (
	Approval   VoteType = "approval"   // a set of projects
	ChooseOne  VoteType = "choose-1"   // one project
	Cumulative VoteType = "cumulative" // points on projects
	Ordinal    VoteType = "ordinal"    // projects in order
	Scoring    VoteType = "scoring"    // a grade per project
)

// Pair is one line of the META section.
type Pair struct{ Key, Value string }

// Project is one line of the PROJECTS section.
type Project struct {
	ID       string
	Cost     int64    // hundredths of the currency, ≥ 0
	Votes    int64    // as the file says; -1 when it does not
	Score    int64    // sum of points as the file says, in hundredths; -1 when it does not
	Name     string   // "" when the file does not say
	Category string   // as written, several separated by commas
	District string   // as written
	Selected int      // 1 funded, 0 not, 2 and 3 funded from other money; -1 when the file does not say
	Extra    []string // values of File.ProjectExtra
}

// Vote is one ballot.
type Vote struct {
	Voter   string
	Choices []int32  // indexes of File.Projects, in the order written
	Points  []int64  // beside Choices, in hundredths; nil without points
	Extra   []string // values of File.VoteExtra
}

// File is a whole election.
type File struct {
	Meta         []Pair
	Projects     []Project
	Votes        []Vote
	ProjectExtra []string // names of the columns kept as they are
	VoteExtra    []string

	Type   VoteType
	Budget int64 // hundredths of the currency

	columns      []string // of PROJECTS, in the order read
	voteColumns  []string
	projectIndex map[string]int32
}

// Get is a value of META, "" when there is none.
func (f *File) Get(key string) string {
	for _, p := range f.Meta {
		if p.Key == key {
			return p.Value
		}
	}
	return ""
}

// Index is the place of a project in Projects.
func (f *File) Index(id string) (int32, bool) {
	i, ok := f.projectIndex[id]
	return i, ok
}

// Fault is what may be wrong with a file.
type Fault string

// The faults. Each is a message key of the campaign engine: "campaign.pb." and
// the word.
const (
	FaultSection   Fault = "section"   // a section is missing, or not in its place
	FaultHeader    Fault = "header"    // a required column is missing
	FaultFields    Fault = "fields"    // more or fewer fields than the header
	FaultQuote     Fault = "quote"     // a quotation mark without its pair
	FaultEncoding  Fault = "encoding"  // not UTF-8
	FaultAmount    Fault = "amount"    // not an amount
	FaultNegative  Fault = "negative"  // an amount or points under zero
	FaultTwice     Fault = "twice"     // a project, a voter or a key twice
	FaultUnknown   Fault = "unknown"   // a ballot names a project that is not there
	FaultPoints    Fault = "points"    // not as many points as choices
	FaultEmpty     Fault = "empty"     // an id, or the whole file, is empty
	FaultMissing   Fault = "missing"   // META lacks budget or vote_type
	FaultCount     Fault = "count"     // num_projects or num_votes is not what follows
	FaultSelected  Fault = "selected"  // selected is not 0, 1, 2 or 3
	FaultVoteType  Fault = "vote_type" // a vote type the format does not have
	FaultTooMany   Fault = "too_many"  // more than the limits of Read
	FaultTruncated Fault = "truncated" // the file stops in the middle
)

// Error is a mistake of a file: where and what. Line and Column count from 1;
// Column counts bytes. Value is the text at fault, at most 60 bytes of it.
type Error struct {
	Line, Column int
	Fault        Fault
	Value        string
}

func (e *Error) Error() string {
	return fmt.Sprintf("line %d, column %d: %s: %q", e.Line, e.Column, strings.ReplaceAll(string(e.Fault), "_", " "), e.Value)
}

func mistake(line, column int, f Fault, value string) error {
	if len(value) > 60 {
		value = strings.ToValidUTF8(value[:60], "")
	}
	return &Error{line, column, f, value}
}
