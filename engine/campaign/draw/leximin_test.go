package draw

import (
	"context"
	"encoding/csv"
	"errors"
	"math"
	"math/big"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

const archive = "../../../../shared/data/sortition"

func real(t *testing.T, folder, people string, seats int64) *Pool {
	t.Helper()
	quotas := "features.csv"
	if strings.HasPrefix(folder, "example") {
		quotas = "categories.csv"
	}
	f, err := os.Open(filepath.Join(archive, folder, quotas))
	if err != nil {
		t.Skipf("real pools are not there (%s): %v", archive, err)
	}
	defer f.Close()
	q, err := ReadQuotas(f)
	if err != nil {
		t.Fatal(err)
	}
	g, err := os.Open(filepath.Join(archive, folder, people))
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	p, err := ReadPool(g, q, seats)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// expected reads id,probability; a blank line ends the table.
func expected(t *testing.T, file string) map[string]float64 {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]float64{}
	for _, r := range rows[1:] {
		v, ok := new(big.Rat).SetString(r[1])
		if !ok {
			t.Fatal(r)
		}
		out[r[0]], _ = v.Float64()
	}
	return out
}

func chancesOf(t *testing.T, p *Pool) map[string]float64 {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	kinds, s := p.kinds()
	begun := time.Now()
	c, err := leximin(ctx, s)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d people, %d kinds: %d stages, %d masters, %d nodes, %d panels in the lottery, %v", len(p.People), len(kinds), c.stages, c.masters, c.nodes, len(c.lottery), time.Since(begun).Round(time.Millisecond))
	if !c.done {
		t.Error("not proved in time")
	}
	sum := 0.0
	for _, w := range c.lottery {
		if !s.allows(w.panel) {
			t.Fatalf("a panel breaks a quota: %v", w.panel)
		}
	}
	out := map[string]float64{}
	for k, g := range kinds {
		for _, i := range g.people {
			out[p.People[i].ID] = c.chance[k]
			sum += c.chance[k]
		}
	}
	if math.Abs(sum-float64(p.Seats)) > 1e-6 {
		t.Errorf("chances add up to %f of %d seats", sum, p.Seats)
	}
	return out
}

func near(t *testing.T, got, want map[string]float64, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d chances, %d expected", len(got), len(want))
	}
	worst, who := 0.0, ""
	for id, w := range want {
		if d := math.Abs(got[id] - w); d > worst {
			worst, who = d, id
		}
	}
	t.Logf("worst distance %.2g", worst)
	if worst > tolerance {
		t.Errorf("%s has %f, expected %f", who, got[who], want[who])
	}
}

func TestLeximinOfSmallPools(t *testing.T) {
	for name, seats := range map[string]int64{"ex1": 2, "ex3": 2, "ex5": 5, "ex6": 46} {
		t.Run(name, func(t *testing.T) {
			folder := filepath.Join("tiny", name)
			files, _ := filepath.Glob(filepath.Join(archive, folder, "expected_leximin*.csv"))
			for _, f := range files {
				p := real(t, folder, "people.csv", seats)
				p.OneEach = strings.Contains(f, "address")
				near(t, chancesOf(t, p), expected(t, f), 1e-6)
			}
		})
	}
	t.Run("ex4_infeasible", func(t *testing.T) {
		p := real(t, "tiny/ex4_infeasible", "people.csv", 2)
		_, s := p.kinds()
		if _, err := leximin(context.Background(), s); !errors.Is(err, errInfeasible) {
			t.Errorf("accepted: %v", err)
		}
	})
}

func TestLeximinOfRealPools(t *testing.T) {
	for _, name := range []string{"fixture_150_22", "scaled_300_45", "scaled_500_75", "scaled_750_112", "scaled_2000_150"} {
		t.Run(name, func(t *testing.T) {
			seats, _ := strconv.ParseInt(name[strings.LastIndexByte(name, '_')+1:], 10, 64)
			near(t, chancesOf(t, real(t, name, "candidates.csv", seats)), expected(t, filepath.Join(archive, name, "computed_leximin.csv")), 0.001)
		})
	}
	for name, seats := range map[string]int64{"example_small_20": 20, "example_large_200": 200} {
		t.Run(name, func(t *testing.T) {
			for id, c := range chancesOf(t, real(t, name, "respondents.csv", seats)) {
				if math.Abs(c-0.1) > 1e-4 {
					t.Fatalf("%s has %f", id, c)
				}
			}
		})
	}
}

// Six hundred different profiles take minutes: when the time is over, what is
// reached is a lottery of whole panels that respect every quota.
func TestLeximinStopsInTime(t *testing.T) {
	p := real(t, "synthetic_825_75", "candidates.csv", 75)
	kinds, s := p.kinds()
	ctx, cancel := context.WithTimeout(context.Background(), 6*time.Second)
	defer cancel()
	c, err := leximin(ctx, s)
	if errors.Is(err, context.DeadlineExceeded) {
		t.Log("six seconds were not enough for first panels on this machine: nothing is said rather than something false")
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	seats := 0.0
	for k, g := range kinds {
		seats += c.chance[k] * float64(len(g.people))
	}
	if math.Abs(seats-75) > 1e-6 {
		t.Errorf("chances add up to %f of 75 seats", seats)
	}
	for _, w := range c.lottery {
		if !s.allows(w.panel) {
			t.Fatalf("a panel breaks a quota: %v", w.panel)
		}
	}
	if c.stages == 0 && c.gap <= 0 {
		t.Errorf("nothing is proved, and the gap is said to be %g", c.gap)
	}
}
