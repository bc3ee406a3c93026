package tally_test

import (
	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"parvis/engine/campaign/pabulib"
	"parvis/engine/campaign/tally"
)

const archive = "../../../../shared/data/pabulib"

func table(t *testing.T, name string) []map[string]string {
	t.Helper()
	f, err := os.Open(filepath.Join(archive, name))
	if err != nil {
		t.Skipf("real elections are not there (%s): %v", archive, err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, r := range rows[1:] {
		m := map[string]string{}
		for i, h := range rows[0] {
			m[h] = r[i]
		}
		out = append(out, m)
	}
	return out
}

func election(t *testing.T, name string) (*pabulib.File, *tally.Election) {
	t.Helper()
	in, err := os.Open(filepath.Join(archive, name))
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	f, err := pabulib.Read(in)
	if err != nil {
		t.Fatal(err)
	}
	e, err := tally.FromFile(f)
	if err != nil {
		t.Fatal(err)
	}
	return f, e
}

func sorted(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return list
}

// The Method of Equal Shares gives what two other implementations agree on.
func TestEqualSharesOracle(t *testing.T) {
	ctx := context.Background()
	done := 0
	for _, row := range table(t, "expected_mes.csv") {
		_, e := election(t, row["file"])
		r := tally.ByShares()
		r.Utility, r.Completion = tally.Utility(row["utility"]), tally.Completion(row["completion"])
		r.Exhaustive = true
		o, err := tally.Count(ctx, e, r)
		if err != nil {
			t.Errorf("%s %s %s: %v", row["file"], row["utility"], row["completion"], err)
			continue
		}
		if got, want := sorted(o.IDs(e)), sorted(strings.Fields(row["winners"])); !slices.Equal(got, want) {
			t.Errorf("%s %s %s:\n got %v\nwant %v", row["file"], row["utility"], row["completion"], got, want)
		}
		done++
	}
	if done < 500 {
		t.Errorf("only %d counts compared", done)
	}
}

// By votes, the winners are the official ones of every election whose rule is
// that.
func TestGreedyOracle(t *testing.T) {
	same := 0
	for _, row := range table(t, "index.csv") {
		for column, method := range map[string]tally.Method{"greedy_skip": tally.Greedy, "greedy_no_skip": tally.GreedyStop} {
			if row[column] != "same" {
				continue
			}
			f, e := election(t, row["file"])
			r, _ := tally.RuleOf(f)
			r.Method = method
			var ids []string
			for _, p := range f.Projects {
				if p.Selected == 1 {
					ids = append(ids, p.ID)
				}
			}
			o, err := tally.Count(context.Background(), e, r)
			if err != nil {
				t.Errorf("%s %s: %v", row["file"], method, err)
				continue
			}
			if got, want := sorted(o.IDs(e)), sorted(ids); !slices.Equal(got, want) {
				t.Errorf("%s %s:\n got %v\nwant %v", row["file"], method, got, want)
			}
			same++
		}
	}
	if same < 247 {
		t.Errorf("only %d results compared", same)
	}
}

// The towns that count by equal shares: their own options give their own
// winners, other options others.
func TestTownsOfEqualShares(t *testing.T) {
	_ = table(t, "index.csv")
	for _, c := range []struct {
		file       string
		change     func(*tally.Rule)
		projects   int
		cost       int64
		isOfficial bool
	}{
		{"Netherlands_Assen_2024.pb", nil, 9, 76_700, true},
		{"Netherlands_Assen_2024.pb", func(r *tally.Rule) { r.Utility = tally.CardinalityUtility }, 10, 0, false},
		{"Poland_Wieliczka_2023_Green_Budget.pb", nil, 30, 995_079, true},
		{"Poland_Wieliczka_2023_Green_Budget.pb", func(r *tally.Rule) { r.Exhaustive = true }, 31, 984_579, false},
		{"Poland_Lodz_2022.pb", func(r *tally.Rule) { r.Completion = tally.NoCompletion }, 29, 0, false},
		{"Poland_Lodz_2022.pb", func(r *tally.Rule) { r.Exhaustive = true }, 44, 5_985_880, false},
	} {
		if _, err := os.Stat(filepath.Join(archive, c.file)); err != nil {
			t.Errorf("%s: %v", c.file, err)
			continue
		}
		f, e := election(t, c.file)
		r := tally.ByShares()
		if c.change != nil {
			c.change(&r)
		}
		o, err := tally.Count(context.Background(), e, r)
		if err != nil {
			t.Errorf("%s: %v", c.file, err)
			continue
		}
		if len(o.Winners) != c.projects || c.cost > 0 && o.Spent != c.cost*100 {
			t.Errorf("%s: %d projects for %s, want %d for %d", c.file, len(o.Winners), pabulib.FormatAmount(o.Spent), c.projects, c.cost)
		}
		var official []string
		for _, p := range f.Projects {
			if p.Selected == 1 {
				official = append(official, p.ID)
			}
		}
		if same := slices.Equal(sorted(o.IDs(e)), sorted(official)); same != c.isOfficial && official != nil {
			t.Errorf("%s: the official winners: %v, expected %v", c.file, same, c.isOfficial)
		}
	}
}
