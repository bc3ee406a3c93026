package tally

import (
	"context"
	"testing"

	"pgregory.net/rapid"
)

// What the explanation says would have made a project win does make it win.
func TestExplanationsHold(t *testing.T) {
	ctx := context.Background()
	rapid.Check(t, func(t *rapid.T) {
		budget, projects, ballots := drawn(t)
		rule := drawnRule(t, projects)
		rule.Lots = nil
		for _, p := range projects {
			rule.Lots = append(rule.Lots, p.ID)
		}
		e, err := NewElection(budget, projects, ballots)
		if err != nil {
			t.Fatal(err)
		}
		o, err := Count(ctx, e, rule)
		if err != nil {
			t.Fatal(err)
		}
		list, err := Explain(ctx, e, o, 40)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range list {
			name := projects[x.Project].ID
			if x.Won != o.Won(x.Project) || x.Won && (x.Missing != 0 || x.Winning != 0) {
				t.Fatalf("%s: %+v", name, x)
			}
			if x.Won != (x.Reason == Chosen || x.Reason == ChosenRest || x.Reason == ChosenQuota) {
				t.Fatalf("%s won %v with the reason %s", name, x.Won, x.Reason)
			}
			if x.Winning > 0 {
				if x.Winning >= projects[x.Project].Cost {
					t.Fatalf("%s: a price of %d is not lower", name, x.Winning)
				}
				cheaper := append([]Project(nil), projects...)
				cheaper[x.Project].Cost = x.Winning
				again, err := NewElection(budget, cheaper, ballots)
				if err != nil {
					t.Fatal(err)
				}
				if o, err := Count(ctx, again, rule); err != nil || !o.Won(x.Project) {
					t.Fatalf("%s does not win at %d: %v", name, x.Winning, err)
				}
			}
			if x.Missing > 0 {
				more := append(append([]Ballot(nil), ballots...), alone(e, x.Project, x.Missing))
				again, err := NewElection(budget, projects, more)
				if err != nil {
					t.Fatal(err)
				}
				if o, err := Count(ctx, again, rule); err != nil || !o.Won(x.Project) {
					t.Fatalf("%s does not win with %d more votes: %v", name, x.Missing, err)
				}
			}
			if x.Support < 0 || rule.Method == EqualShares && rule.Completion == NoCompletion && !x.Won && x.Support >= 1+1e-9 && x.Reason != TooDear && x.Reason != NoVote {
				t.Fatalf("%s lost with a support of %f", name, x.Support)
			}
			for _, took := range x.Took {
				if took.Share < 0 || took.Share > 1+1e-9 || took.Voters < 0 || took.Voters > 1 {
					t.Fatalf("%s: %+v", name, took)
				}
			}
		}
	})
}

// The published example of the method: a project whose supporters had spent
// their shares elsewhere.
func TestWhereTheMoneyWent(t *testing.T) {
	projects := []Project{{ID: "school", Cost: 60_000}, {ID: "park", Cost: 60_000}, {ID: "bench", Cost: 40_000}}
	ballots := []Ballot{{Choices: []int32{0, 1}, Count: 6}, {Choices: []int32{2}, Count: 4}}
	e, err := NewElection(100_000, projects, ballots)
	if err != nil {
		t.Fatal(err)
	}
	r := ByShares()
	r.Completion, r.Lots = NoCompletion, []string{"school", "park", "bench"}
	o, err := Count(context.Background(), e, r)
	if err != nil {
		t.Fatal(err)
	}
	list, err := Explain(context.Background(), e, o, 0)
	if err != nil {
		t.Fatal(err)
	}
	park := list[1]
	if park.Won || len(park.Took) != 1 || park.Took[0].Project != 0 || park.Took[0].Share < 0.999 || park.Took[0].Voters != 1 {
		t.Errorf("the park lost because the school took everything: %+v", park)
	}
	if o.Spent != 100_000 || !o.Won(2) {
		t.Errorf("four of ten voters decide on four tenths: %v", o.IDs(e))
	}
}
