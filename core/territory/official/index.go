package official

import (
	"cmp"
	"math"
	"slices"
	"sort"
	"strings"

	"parvis/platform/search"
)

// name is a text by which an entry may be found: its own name, its title, or the
// alias of that index.
type name struct {
	fold   string
	target int32
	alias  int32 // -1 for the entry's own names
}

// index answers what people type. It holds about 46 000 names.
type index struct {
	names []name

	words    []string  // distinct words of the names, in order
	postings [][]int32 // for each, the names that hold it
	firsts   [][]int32 // for each, the names that begin with it
	// squeezed holds the names without spaces, each after a line feed, for those who
	// write « lehavre » or « saintetienne »; starts gives where each begins.
	squeezed string
	starts   []int32
	initials map[string][]int32 // names by the first two letters of their squeezed form

	postal []postal // by code, then population
}

type postal struct {
	code   string
	target int32
}

func buildIndex(l *List) *index {
	x := &index{}
	for i := range l.rows {
		x.addEntry(l, int32(i))
	}
	for i, a := range l.aliases {
		x.add(name{foldOrdinals(search.FoldName(a.name)), a.target, int32(i)})
		if merged, ok := withoutApostrophes(a.name); ok {
			x.add(name{foldOrdinals(merged), a.target, int32(i)})
		}
	}
	x.sortNames(l)
	x.indexWords()
	x.squeeze()
	slices.SortFunc(x.postal, func(a, b postal) int {
		return cmp.Or(cmp.Compare(a.code, b.code), cmp.Compare(l.precedence(a.target, -1), l.precedence(b.target, -1)), cmp.Compare(a.target, b.target))
	})
	return x
}

// precedence orders entries that answer as well, the lowest first: own names before
// aliases, groupings of communes after the rest (« Dunkerque » is the town first),
// then population, then the commune before the département of the same people
// (Paris).
func (l *List) precedence(target, alias int32) uint64 {
	r := &l.rows[target]
	key := uint64(math.MaxInt32-r.population) << 2
	switch r.kind {
	case Departement:
		key |= 1
	case EPCI, EPT:
		key |= 1 << 40
	case Region, COM:
		key |= 2
	}
	if alias >= 0 {
		key |= 1 << 41
	}
	return key
}

// sortNames puts the names in the order of the answers: the first of a list of
// names are then those people want.
func (x *index) sortNames(l *List) {
	type keyed struct {
		key uint64
		at  int32
	}
	keys := make([]keyed, len(x.names))
	for i, n := range x.names {
		keys[i] = keyed{l.precedence(n.target, n.alias), int32(i)}
	}
	slices.SortFunc(keys, func(a, b keyed) int { return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.at, b.at)) })
	sorted := make([]name, len(x.names))
	for i, k := range keys {
		sorted[i] = x.names[k.at]
	}
	x.names = sorted
}

func (x *index) add(n name) { x.names = append(x.names, n) }

func (x *index) addEntry(l *List, i int32) {
	r := &l.rows[i]
	own := search.FoldName(r.name)
	x.add(name{own, i, -1})
	if merged, ok := withoutApostrophes(r.name); ok {
		x.add(name{merged, i, -1})
	}
	for _, article := range [...]string{"Le ", "La ", "Les ", "L’"} { // « havre »
		if rest, ok := strings.CutPrefix(r.name, article); ok {
			x.add(name{search.FoldName(rest), i, -1})
		}
	}
	switch r.kind {
	case Commune:
		for code := range strings.FieldsSeq(r.postal) {
			x.postal = append(x.postal, postal{code, i})
		}
	case EPCI, EPT:
		if title := search.FoldName(r.title); title != own {
			x.add(name{title, i, -1})
		}
		x.add(name{strings.ToLower(r.form) + " " + own, i, -1}) // « cc champagne picarde »
	case Departement, Region:
		x.add(name{search.FoldName(l.entry(i).Title()), i, -1})
	}
}

// withoutApostrophes folds a name as those write it who forget its apostrophes:
// « lhay les roses ».
func withoutApostrophes(s string) (string, bool) {
	if !strings.Contains(s, "’") {
		return "", false
	}
	return search.FoldName(strings.ReplaceAll(s, "’", "")), true
}

// foldOrdinals writes « 11e », « 1er », « 3eme » as a number.
func foldOrdinals(fold string) string {
	if !strings.ContainsAny(fold, "0123456789") {
		return fold
	}
	words := strings.Fields(fold)
	for i, word := range words {
		digits := strings.TrimLeft(word, "0123456789")
		switch digits {
		case "e", "er", "ere", "eme", "nd", "nde":
			words[i] = strings.TrimSuffix(word, digits)
		}
	}
	return strings.Join(words, " ")
}

func (x *index) indexWords() {
	type pair struct {
		word  int32
		name  int32
		first bool
	}
	numbers := make(map[string]int32, 24_000)
	pairs := make([]pair, 0, 3*len(x.names))
	for i := range x.names {
		first := true
		for word := range strings.FieldsSeq(x.names[i].fold) {
			number, known := numbers[word]
			if !known {
				number = int32(len(x.words))
				numbers[word] = number
				x.words = append(x.words, word)
			}
			pairs = append(pairs, pair{number, int32(i), first})
			first = false
		}
	}
	sorted := slices.Clone(x.words)
	slices.Sort(sorted)
	rank := make([]int32, len(sorted))
	for i, word := range sorted {
		rank[numbers[word]] = int32(i)
	}
	x.words = sorted
	x.postings, x.firsts = make([][]int32, len(sorted)), make([][]int32, len(sorted))
	counts := make([]int, len(sorted))
	for _, p := range pairs {
		counts[rank[p.word]]++
	}
	all := make([]int32, len(pairs))
	for i, n := range counts {
		x.postings[i], all = all[:0:n], all[n:]
	}
	for _, p := range pairs { // in the order of the names: every list is sorted
		word := rank[p.word]
		x.postings[word] = append(x.postings[word], p.name)
		if p.first {
			x.firsts[word] = append(x.firsts[word], p.name)
		}
	}
}

func (x *index) squeeze() {
	var all strings.Builder
	all.Grow(800_000)
	x.starts = make([]int32, len(x.names))
	x.initials = make(map[string][]int32, 700)
	for i := range x.names {
		all.WriteByte('\n')
		x.starts[i] = int32(all.Len())
		for word := range strings.FieldsSeq(x.names[i].fold) {
			all.WriteString(word)
		}
	}
	all.WriteByte('\n')
	x.squeezed = all.String()
	for i, start := range x.starts {
		if initial := x.squeezed[start : start+2]; initial[1] != '\n' {
			x.initials[initial] = append(x.initials[initial], int32(i))
		}
	}
}

// squeezedBeginning lists the names whose squeezed form begins with text, of two
// letters at least, and tells which are nothing else.
func (x *index) squeezedBeginning(text string, found func(name int32, whole bool)) {
	for _, n := range x.initials[text[:2]] {
		if form := x.squeezed[x.starts[n]:]; strings.HasPrefix(form, text) {
			found(n, form[len(text)] == '\n')
		}
	}
}

// beginning returns the range of the words that begin with start.
func (x *index) beginning(start string) (from, to int) {
	from = sort.SearchStrings(x.words, start)
	to = from + sort.Search(len(x.words)-from, func(i int) bool { return !strings.HasPrefix(x.words[from+i], start) })
	return from, to
}

// resembling returns the words that may begin with typed but for one mistake. If
// the mistake is in the second half, the word begins with the first half; else the
// second half is found near its place.
func (x *index) resembling(typed string) []int {
	half := len(typed) / 2
	from, to := x.beginning(typed[:half])
	var found []int
	for i := from; i < to; i++ {
		found = append(found, i)
	}
	rest := typed[half+1:]
	for i, word := range x.words {
		if i >= from && i < to || len(word) < half+len(rest) {
			continue
		}
		if strings.HasPrefix(word[half:], rest) || strings.HasPrefix(word[half+1:], rest) ||
			len(word) > half+1 && strings.HasPrefix(word[half+2:], rest) {
			found = append(found, i)
		}
	}
	return slices.DeleteFunc(found, func(i int) bool {
		_, near := search.Rank(typed, x.words[i])
		return !near
	})
}

// containing lists the names whose squeezed form holds text, at most limit.
func (x *index) containing(text string, limit int) []int32 {
	var found []int32
	for at := 0; len(found) < limit; {
		next := strings.Index(x.squeezed[at:], text)
		if next < 0 {
			break
		}
		at += next + 1
		n := sort.Search(len(x.starts), func(i int) bool { return int(x.starts[i]) > at }) - 1
		if n >= 0 && (len(found) == 0 || found[len(found)-1] != int32(n)) {
			found = append(found, int32(n))
		}
	}
	return found
}
