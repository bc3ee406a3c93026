package pabulib

import (
	"bufio"
	"io"
	"strconv"
	"strings"
)

// Write writes the election: UTF-8, line feeds, dots. num_projects, num_votes,
// budget and vote_type of META follow what the file holds.
func (f *File) Write(w io.Writer) error {
	out := bufio.NewWriterSize(w, 1<<16)
	line := func(fields ...string) {
		for i, s := range fields {
			if i > 0 {
				_ = out.WriteByte(';')
			}
			_, _ = out.WriteString(quote(s))
		}
		_ = out.WriteByte('\n')
	}
	line("META")
	line("key", "value")
	for _, p := range f.meta() {
		line(p.Key, p.Value)
	}
	line("PROJECTS")
	columns := f.projectColumns()
	line(columns...)
	fields := make([]string, 0, len(columns))
	for _, p := range f.Projects {
		fields = fields[:0]
		for _, c := range columns {
			fields = append(fields, f.projectField(p, c))
		}
		line(fields...)
	}
	line("VOTES")
	columns = f.ballotColumns()
	line(columns...)
	for _, v := range f.Votes {
		fields = fields[:0]
		for _, c := range columns {
			fields = append(fields, f.voteField(v, c))
		}
		line(fields...)
	}
	return out.Flush() // the first error of all
}

func quote(s string) string {
	if !strings.ContainsAny(s, ";\"\n\r") {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}

func (f *File) meta() []Pair {
	now := []Pair{{"num_projects", strconv.Itoa(len(f.Projects))}, {"num_votes", strconv.Itoa(len(f.Votes))},
		{"budget", FormatAmount(f.Budget)}, {"vote_type", string(f.Type)}}
	out, done := make([]Pair, 0, len(f.Meta)+len(now)), map[string]bool{}
	for _, p := range f.Meta {
		for _, n := range now {
			if n.Key == p.Key {
				p, done[n.Key] = n, true
			}
		}
		out = append(out, p)
	}
	for _, n := range now {
		if !done[n.Key] {
			out = append(out, n)
		}
	}
	return out
}

func (f *File) projectColumns() []string {
	if f.columns != nil {
		return f.columns
	}
	out := []string{"project_id", "cost", "votes"}
	some := func(name string, has func(Project) bool) {
		for _, p := range f.Projects {
			if has(p) {
				out = append(out, name)
				return
			}
		}
	}
	some("score", func(p Project) bool { return p.Score >= 0 })
	some("name", func(p Project) bool { return p.Name != "" })
	some("category", func(p Project) bool { return p.Category != "" })
	some("district", func(p Project) bool { return p.District != "" })
	some("selected", func(p Project) bool { return p.Selected >= 0 })
	return append(out, f.ProjectExtra...)
}

func (f *File) projectField(p Project, column string) string {
	number := func(n int64) string {
		if n < 0 {
			return ""
		}
		return strconv.FormatInt(n, 10)
	}
	switch column {
	case "project_id":
		return p.ID
	case "cost":
		return FormatAmount(p.Cost)
	case "votes":
		return number(p.Votes)
	case "score":
		if p.Score < 0 {
			return ""
		}
		return FormatAmount(p.Score)
	case "name":
		return p.Name
	case "category":
		return p.Category
	case "district":
		return p.District
	case "selected":
		return number(int64(p.Selected))
	}
	return extra(f.ProjectExtra, p.Extra, column)
}

func (f *File) ballotColumns() []string {
	if f.voteColumns != nil {
		return f.voteColumns
	}
	out := []string{"voter_id", "vote"}
	for _, v := range f.Votes {
		if v.Points != nil {
			out = append(out, "points")
			break
		}
	}
	return append(out, f.VoteExtra...)
}

func (f *File) voteField(v Vote, column string) string {
	switch column {
	case "voter_id":
		return v.Voter
	case "vote":
		ids := make([]string, len(v.Choices))
		for i, c := range v.Choices {
			ids[i] = f.Projects[c].ID
		}
		return strings.Join(ids, ",")
	case "points":
		points := make([]string, len(v.Points))
		for i, n := range v.Points {
			points[i] = FormatAmount(n)
		}
		return strings.Join(points, ",")
	}
	return extra(f.VoteExtra, v.Extra, column)
}

func extra(names, values []string, column string) string {
	for i, name := range names {
		if name == column && i < len(values) {
			return values[i]
		}
	}
	return ""
}
