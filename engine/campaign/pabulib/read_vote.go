package pabulib

import (
	"errors"
	"io"
	"strconv"
	"strings"
)

func (in *reader) votes() error {
	columns, place, err := in.header("voter_id", "vote")
	if err != nil {
		return err
	}
	in.f.voteColumns, in.f.VoteExtra = columns, without(columns, voteKnown)
	seen := map[string]struct{}{}
	for {
		row, err := in.read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if len(in.f.Votes) == maxVotes {
			return in.at(0, FaultTooMany, "VOTES")
		}
		if len(row) != len(columns) {
			return in.at(len(row), FaultFields, row[len(row)-1])
		}
		v, err := in.vote(row, place)
		if err != nil {
			return err
		}
		if v.Voter == "" {
			return in.at(place["voter_id"], FaultEmpty, "")
		}
		if _, twice := seen[v.Voter]; twice {
			return in.at(place["voter_id"], FaultTwice, v.Voter)
		}
		seen[v.Voter] = struct{}{}
		in.f.Votes = append(in.f.Votes, v)
	}
}

func (in *reader) vote(row []string, place map[string]int) (Vote, error) {
	v := Vote{Voter: strings.TrimSpace(row[place["voter_id"]])}
	for _, name := range in.f.VoteExtra {
		v.Extra = append(v.Extra, row[place[name]])
	}
	at, list := place["vote"], row[place["vote"]]
	if strings.TrimSpace(list) == "" {
		return v, nil
	}
	v.Choices = make([]int32, 0, 1+strings.Count(list, ","))
	for id := range strings.SplitSeq(list, ",") {
		i, ok := in.f.projectIndex[strings.TrimSpace(id)]
		if !ok {
			return v, in.at(at, FaultUnknown, id)
		}
		v.Choices = append(v.Choices, i)
	}
	at, ok := place["points"]
	if !ok || strings.TrimSpace(row[at]) == "" {
		if in.f.Type == Cumulative || in.f.Type == Scoring {
			return v, in.at(at, FaultPoints, "")
		}
		return v, nil
	}
	v.Points = make([]int64, 0, len(v.Choices))
	for s := range strings.SplitSeq(row[at], ",") {
		n, ok := ParseAmount(s)
		if !ok {
			return v, in.at(at, FaultAmount, s)
		}
		if n < 0 && in.f.Type != Scoring {
			return v, in.at(at, FaultNegative, s)
		}
		v.Points = append(v.Points, n)
	}
	if len(v.Points) != len(v.Choices) {
		return v, in.at(at, FaultPoints, row[at])
	}
	return v, nil
}

// check compares what META announced with what came: a file cut between two
// lines is found here.
func (in *reader) check() error {
	for key, n := range map[string]int{"num_projects": len(in.f.Projects), "num_votes": len(in.f.Votes)} {
		p, given := in.counts[key]
		if !given {
			continue
		}
		if said, err := strconv.Atoi(p.value); err != nil || said != n {
			return mistake(p.line, p.column, FaultCount, p.value+", "+strconv.Itoa(n))
		}
	}
	return nil
}
