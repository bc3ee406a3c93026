package search

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// ranked returns the names that answer the query, best first.
func ranked(query string, names ...string) []string {
	scores := map[string]int{}
	var found []string
	for _, name := range names {
		if score, ok := Rank(Fold(query), FoldName(name)); ok {
			scores[name] = score
			found = append(found, name)
		}
	}
	slices.SortStableFunc(found, func(a, b string) int { return scores[b] - scores[a] })
	return found
}

func TestRankOrders(t *testing.T) {
	communes := []string{"Saint-Martin-du-Mont", "La Roche-Saint-Martin", "Saint-Martin", "Strasbourg", "Martin-Église",
		"Saint-Étienne", "Sainte-Anne", "Roche", "La Rochelle", "Larochemillay", "L’Haÿ-les-Roses", "Poitiers"}
	tests := []struct {
		query string
		want  []string
	}{
		{"saint-martin", []string{"Saint-Martin", "Saint-Martin-du-Mont", "La Roche-Saint-Martin"}},
		{"St Martin", []string{"Saint-Martin", "Saint-Martin-du-Mont", "La Roche-Saint-Martin"}},
		{"st-", []string{"Strasbourg", "Saint-Martin", "Saint-Étienne", "Saint-Martin-du-Mont", "La Roche-Saint-Martin"}},
		{"ste an", []string{"Sainte-Anne"}},
		{"roche", []string{"Roche", "La Roche-Saint-Martin", "La Rochelle"}},
		{"mont saint", []string{"Saint-Martin-du-Mont"}},
		{"haÿ roses", []string{"L’Haÿ-les-Roses"}},
		{"POITIRES", []string{"Poitiers"}},
		{"poitier", []string{"Poitiers"}},
		{"potiers", []string{"Poitiers"}},
		{"poytiers", []string{"Poitiers"}},
		{"poitiiers", []string{"Poitiers"}},
		{"pxytiers", nil},
		{"martin martin", nil},
		{"rohe", nil}, // too short to forgive
		{"", nil},
		{"zzz", nil},
	}
	for _, test := range tests {
		got := ranked(test.query, communes...)
		if !slices.Equal(got, test.want) {
			t.Errorf("%q finds %q, want %q", test.query, got, test.want)
		}
	}
}

func TestRankPersons(t *testing.T) {
	people := []string{"Jeanne Aubépin", "Jean-Jacques Roncier", "Aubin Jeannot", "Éléonore Roncière"}
	tests := []struct {
		query string
		want  []string
	}{
		{"aubepin jeanne", []string{"Jeanne Aubépin"}},
		{"jean j", []string{"Jean-Jacques Roncier"}},
		{"jean", []string{"Jean-Jacques Roncier", "Jeanne Aubépin", "Aubin Jeannot"}},
		{"roncier", []string{"Jean-Jacques Roncier", "Éléonore Roncière"}},
		{"elenore", []string{"Éléonore Roncière"}},
	}
	for _, test := range tests {
		if got := ranked(test.query, people...); !slices.Equal(got, test.want) {
			t.Errorf("%q finds %q, want %q", test.query, got, test.want)
		}
	}
}

func TestRankForgivesNoDigit(t *testing.T) {
	if _, ok := Rank("86000", "86100 naintre"); ok {
		t.Error("a postcode is forgiven a digit")
	}
	if _, ok := Rank("86000", "86000 poitiers"); !ok {
		t.Error("a postcode does not find itself")
	}
}

func TestRankRefusesLongQueries(t *testing.T) {
	long := strings.TrimSpace(strings.Repeat("a ", queryLimit+1))
	if _, ok := Rank(long, long); ok {
		t.Error("a query of more than 16 words is answered")
	}
	if _, ok := Rank(long[2:], long); !ok {
		t.Error("a query of 16 words is refused")
	}
}

func word(t *rapid.T, label string, low, high int) string {
	return rapid.StringOfN(rapid.RuneFrom([]rune("abcdé")), low, high, -1).Draw(t, label)
}

// distance is the optimal string alignment distance, by its definition.
func distance(a, b []rune) int {
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		d[i][0] = i
	}
	for j := range d[0] {
		d[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}

// oneTypo agrees with the distance to every beginning of the word.
func TestOneTypoAgainstTheDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		typed, target := []rune(word(t, "typed", 0, 7)), []rune(word(t, "word", 0, 8))
		want := false
		for end := 0; end <= len(target); end++ {
			want = want || distance(typed, target[:end]) <= 1
		}
		if got := oneTypo(string(typed), string(target)); got != want {
			t.Fatalf("oneTypo(%q, %q) = %v, want %v", string(typed), string(target), got, want)
		}
	})
}

// assignable tries every assignment.
func assignable(query, candidate []string, fits func(string, string) bool) bool {
	if len(query) == 0 {
		return true
	}
	for j, w := range candidate {
		rest := slices.Concat(candidate[:j], candidate[j+1:])
		if fits(query[0], w) && assignable(query[1:], rest, fits) {
			return true
		}
	}
	return false
}

func TestRankFindsWhatAnAssignmentFinds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.StringOfN(rapid.RuneFrom([]rune("ab")), 1, 6, -1), 1, 4)
		query, candidate := words.Draw(t, "query"), words.Draw(t, "candidate")
		score, ok := Rank(strings.Join(query, " "), strings.Join(candidate, " "))
		exactly := assignable(query, candidate, exact)
		if want := exactly || assignable(query, candidate, near); ok != want {
			t.Fatalf("Rank(%q, %q) answers %v, want %v", query, candidate, ok, want)
		}
		if ok && (score < 1 || exactly != (score >= scoreNoTypo)) {
			t.Fatalf("Rank(%q, %q) = %d, without mistake: %v", query, candidate, score, exactly)
		}
	})
}

func TestRankProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.StringOfN(rapid.RuneFrom([]rune("abcdefgh")), 1, 9, -1), 1, 5).Draw(t, "words")
		name := strings.Join(words, " ")
		best, ok := Rank(name, name)
		if !ok {
			t.Fatalf("%q does not find itself", name)
		}
		// Typed letter by letter, a name is always found, and never better than whole.
		typed := strings.TrimSpace(name[:rapid.IntRange(1, len(name)).Draw(t, "typed")])
		if score, ok := Rank(typed, name); !ok || score > best || typed != name && score == best {
			t.Fatalf("%q finds %q: %d, %v; the whole name: %d", typed, name, score, ok, best)
		}
		// The order of the words does not matter for being found.
		shuffled := strings.Join(rapid.Permutation(words).Draw(t, "shuffled"), " ")
		if score, ok := Rank(shuffled, name); !ok || score > best {
			t.Fatalf("%q finds %q: %d, %v; in order: %d", shuffled, name, score, ok, best)
		}
	})
}

func FuzzRank(f *testing.F) {
	f.Add("st martin", "saint martin")
	f.Add("poitires", "poitiers")
	f.Add("", "a")
	f.Fuzz(func(t *testing.T, query, candidate string) {
		score, ok := Rank(Fold(query), FoldName(candidate))
		if ok != (score >= 1) {
			t.Errorf("Rank(%q, %q) = %d, %v", query, candidate, score, ok)
		}
	})
}

func BenchmarkRank(b *testing.B) {
	for b.Loop() {
		Rank("saint mart", "saint martin du mont")
	}
}
