package pabulib_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parvis/engine/campaign/pabulib"
)

const archive = "../../../../shared/data/pabulib"

func small(meta, projects, votes string) string {
	return "META\nkey;value\ndescription;essai\nbudget;1000\nvote_type;approval\n" + meta +
		"PROJECTS\nproject_id;cost;votes;name\n" + projects + "VOTES\nvoter_id;vote\n" + votes
}

func TestRead(t *testing.T) {
	f, err := pabulib.Read(strings.NewReader("\ufeff" + strings.ReplaceAll(small("currency;EUR\nnum_votes;3\n",
		"a;12,5;1;\"Un banc ; et un \"\"abri\"\"\"\nRD-XII.3;400.0;2;Un \"puits\"\n", "1;a\n2;RD-XII.3,a\n3;"), "\n", "\r\n")))
	if err != nil {
		t.Fatal(err)
	}
	if f.Budget != 100_000 || f.Projects[0].Cost != 1250 || f.Projects[1].Cost != 40_000 {
		t.Errorf("amounts: %d, %d, %d", f.Budget, f.Projects[0].Cost, f.Projects[1].Cost)
	}
	if f.Projects[0].Name != `Un banc ; et un "abri"` || f.Projects[1].Name != `Un "puits"` {
		t.Errorf("names: %q, %q", f.Projects[0].Name, f.Projects[1].Name)
	}
	if diff := cmp.Diff([]int32{1, 0}, f.Votes[1].Choices); diff != "" {
		t.Error(diff)
	}
	if len(f.Votes) != 3 || len(f.Votes[2].Choices) != 0 {
		t.Errorf("an empty ballot is a ballot: %v", f.Votes)
	}
}

func TestMistakes(t *testing.T) {
	for name, c := range map[string]struct {
		in           string
		fault        pabulib.Fault
		line, column int
	}{
		"nothing":            {"", pabulib.FaultEmpty, 1, 1},
		"not an election":    {"<html>", pabulib.FaultSection, 1, 1},
		"binary":             {"META\nkey;value\nb;\xff\xfe\n", pabulib.FaultEncoding, 3, 3},
		"no votes":           {"META\nkey;value\nbudget;1\nvote_type;approval\nPROJECTS\nproject_id;cost\na;1\n", pabulib.FaultTruncated, 8, 1},
		"no budget":          {"META\nkey;value\nvote_type;approval\nPROJECTS\nproject_id;cost\nVOTES\nvoter_id;vote\n", pabulib.FaultMissing, 4, 1},
		"a budget of words":  {"META\nkey;value\nbudget;beaucoup\nvote_type;approval\nPROJECTS\n", pabulib.FaultAmount, 3, 8},
		"a third of a cent":  {"META\nkey;value\nbudget;0.333\nvote_type;approval\nPROJECTS\n", pabulib.FaultAmount, 3, 8},
		"an unknown vote":    {"META\nkey;value\nbudget;1\nvote_type;shouting\nPROJECTS\n", pabulib.FaultVoteType, 4, 11},
		"a key twice":        {small("budget;2\n", "", ""), pabulib.FaultTwice, 6, 1},
		"a header missing":   {"META\nkey;value\nbudget;1\nvote_type;approval\nPROJECTS\nproject_id;price\n", pabulib.FaultHeader, 6, 1},
		"a field missing":    {small("", "a;100;1\n", ""), pabulib.FaultFields, 8, 7},
		"a field too many":   {small("", "a;100;1;x;y\n", ""), pabulib.FaultFields, 8, 11},
		"a cost of words":    {small("", "a;cher;1;x\n", ""), pabulib.FaultAmount, 8, 3},
		"a cost under zero":  {small("", "a;-5;1;x\n", ""), pabulib.FaultNegative, 8, 3},
		"a project twice":    {small("", "a;1;1;x\na;2;2;y\n", ""), pabulib.FaultTwice, 9, 1},
		"a project nameless": {small("", ";1;1;x\n", ""), pabulib.FaultEmpty, 8, 1},
		"a quote left open":  {small("", "a;1;1;\"x\n", "1;a\n"), pabulib.FaultQuote, 8, 7},
		"a voter twice":      {small("", "a;1;1;x\n", "1;a\n1;a\n"), pabulib.FaultTwice, 12, 1},
		"an unknown project": {small("", "a;1;1;x\n", "1;a,z\n"), pabulib.FaultUnknown, 11, 3},
		"fewer than said":    {small("num_votes;9\n", "a;1;1;x\n", "1;a\n"), pabulib.FaultCount, 6, 11},
		"points missing": {"META\nkey;value\nbudget;1\nvote_type;cumulative\nPROJECTS\nproject_id;cost\na;1\nb;1\nVOTES\nvoter_id;vote;points\n1;a,b;3\n",
			pabulib.FaultPoints, 11, 7},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := pabulib.Read(strings.NewReader(c.in))
			var m *pabulib.Error
			if !errors.As(err, &m) {
				t.Fatalf("no mistake but %v", err)
			}
			if m.Fault != c.fault || m.Line != c.line || m.Column != c.column {
				t.Errorf("%v; want %s at %d:%d", m, c.fault, c.line, c.column)
			}
		})
	}
}

func TestAmountsComeBack(t *testing.T) {
	for _, c := range []struct {
		in   string
		want int64
		out  string
	}{{"0", 0, "0"}, {"400000.0", 40000000, "400000"}, {"12,5", 1250, "12.5"}, {"12.05", 1205, "12.05"}, {"-3", -300, "-3"}, {"7.10", 710, "7.1"}} {
		n, ok := pabulib.ParseAmount(c.in)
		if !ok || n != c.want || pabulib.FormatAmount(n) != c.out {
			t.Errorf("%q: %d %v, written %q", c.in, n, ok, pabulib.FormatAmount(n))
		}
	}
	for _, bad := range []string{"", ".", "1e5", "1.234", "99999999999999999999", "+1", "1 000"} {
		if n, ok := pabulib.ParseAmount(bad); ok {
			t.Errorf("%q is taken for %d", bad, n)
		}
	}
}

// Every real file is read, agrees with the index of the archive, and is the
// same after a round trip.
func TestArchive(t *testing.T) {
	in, err := os.Open(filepath.Join(archive, "index.csv"))
	if err != nil {
		t.Skipf("real elections are not there (%s): %v", archive, err)
	}
	defer in.Close()
	rows, err := csv.NewReader(in).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		t.Run(row[0], func(t *testing.T) {
			raw, err := os.ReadFile(filepath.Join(archive, row[0]))
			if err != nil {
				t.Fatal(err)
			}
			f, err := pabulib.Read(bytes.NewReader(raw))
			if err != nil {
				t.Fatal(err)
			}
			entries := 0
			for _, v := range f.Votes {
				entries += len(v.Choices)
			}
			if got := []string{strconv.Itoa(len(f.Projects)), strconv.Itoa(len(f.Votes)), strconv.Itoa(entries)}; !cmp.Equal(got, row[5:8]) {
				t.Errorf("projects, ballots, entries: %v, the index says %v", got, row[5:8])
			}
			var once, twice bytes.Buffer
			if err := f.Write(&once); err != nil {
				t.Fatal(err)
			}
			g, err := pabulib.Read(bytes.NewReader(once.Bytes()))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(f.Projects, g.Projects); diff != "" {
				t.Error(diff)
			}
			if err := g.Write(&twice); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(f.Votes, g.Votes) || !bytes.Equal(once.Bytes(), twice.Bytes()) {
				t.Error("the file read back is another one")
			}
		})
	}
}
