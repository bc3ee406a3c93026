package official

import (
	"cmp"
	"slices"
	"strings"

	"parvis/platform/search"
)

const (
	// DefaultLimit is how many matches a search gives when none is asked for.
	DefaultLimit = 20
	// MaxLimit bounds the matches of a search.
	MaxLimit = 100

	queryLimit = 100 // bytes; no name is longer
)

// By is what a territory was found by.
type By string

const (
	ByName       By = "name"
	ByFormerName By = "former" // the name of a merged commune or municipal district, an acronym: see Match.Alias
	ByPostalCode By = "postal"
	ByCode       By = "code" // INSEE code, SIREN, SIRET
)

// Match is a territory that answers a search.
type Match struct {
	Entry
	By By
	// Alias is the name that answered when it is not the entry's own: "Arbignieu",
	// "Paris 11e Arrondissement", "CINOR".
	Alias string
}

// Search returns the territories that answer what someone typed, the best first:
//
//   - a name, or the beginning of its words in any order, whatever the accents,
//     capitals, hyphens and apostrophes, with St for Saint, and with one mistake in a
//     word of five letters or more; a name of before; « commune de … »; followed if
//     need be by a département or a postal code (« saint-denis 93 »);
//   - a postal code: all its communes, whatever the limit, by population; or its
//     first digits;
//   - an INSEE code, a SIREN, a SIRET.
//
// Equal answers come by population, intercommunalities last. A limit of 0 or less means [DefaultLimit], one
// above [MaxLimit] means MaxLimit. Kinds, when given, keep only these.
func (l *List) Search(query string, limit int, kinds ...Kind) []Match {
	if limit <= 0 {
		limit = DefaultLimit
	}
	q := newSearch(l, query, min(limit, MaxLimit), kinds)
	if len(q.words) == 0 {
		return nil
	}
	if q.numeric() {
		return q.byNumber(strings.Join(q.words, ""))
	}
	if len(q.words) == 1 {
		q.byCode(strings.ToUpper(q.words[0])) // « 2A », « 2a004 »
	}
	rest, keep := q.place()
	for _, look := range [...]func([]string){q.byName, q.byMistakenName} {
		q.keep = nil
		look(q.words)
		if keep != nil {
			q.keep = keep
			look(rest)
		}
		if len(q.best) > 0 {
			break
		}
	}
	return q.result()
}

// finder is one search: the best answer known for each entry.
type finder struct {
	list  *List
	index *index
	words []string
	limit int
	kinds []Kind
	keep  func(int32) bool // nil: all
	best  map[int32]answer

	resembling map[string][][]int32 // what was worked out for a word
}

// answer is how an entry was found; a higher class is better.
type answer struct {
	class int
	alias int32
	by    By
}

func newSearch(l *List, query string, limit int, kinds []Kind) *finder {
	if len(query) > queryLimit {
		query = strings.ToValidUTF8(query[:queryLimit], "")
	}
	words := strings.Fields(foldOrdinals(search.FoldName(query)))
	return &finder{list: l, index: l.index(), words: withoutKind(words), limit: limit, kinds: kinds, best: map[int32]answer{}, resembling: map[string][][]int32{}}
}

// withoutKind drops « commune de », « mairie du », « ville de la » before a name.
func withoutKind(words []string) []string {
	if len(words) < 3 || !slices.Contains([]string{"commune", "ville", "mairie", "village"}, words[0]) ||
		!slices.Contains([]string{"de", "du", "d", "des"}, words[1]) {
		return words
	}
	return words[2:]
}

func (q *finder) numeric() bool {
	return !slices.ContainsFunc(q.words, func(word string) bool { return !isNumber(word) })
}

func isNumber(word string) bool { return strings.Trim(word, "0123456789") == "" }

// add keeps an answer if it is better than what is known of the entry.
func (q *finder) add(i int32, a answer) {
	r := &q.list.rows[i]
	if len(q.kinds) > 0 && !slices.Contains(q.kinds, r.kind) || q.keep != nil && !q.keep(i) {
		return
	}
	if old, known := q.best[i]; !known || compareAnswers(a, old) < 0 {
		q.best[i] = a
	}
}

// compareAnswers is negative when a is better than b.
func compareAnswers(a, b answer) int {
	return cmp.Or(cmp.Compare(b.class, a.class), cmp.Compare(min(a.alias, 0), min(b.alias, 0)), cmp.Compare(a.alias, b.alias))
}

// result orders the answers by class, then by [List.precedence].
func (q *finder) result() []Match {
	order := make([]int32, 0, len(q.best))
	for i := range q.best {
		order = append(order, i)
	}
	slices.SortFunc(order, func(a, b int32) int {
		first, second := q.best[a], q.best[b]
		return cmp.Or(cmp.Compare(second.class, first.class),
			cmp.Compare(q.list.precedence(a, first.alias), q.list.precedence(b, second.alias)), cmp.Compare(a, b))
	})
	return q.matches(order[:min(len(order), q.limit)])
}

func (q *finder) matches(order []int32) []Match {
	found := make([]Match, len(order))
	for n, i := range order {
		a := q.best[i]
		found[n] = Match{Entry: q.list.entry(i), By: a.by}
		if a.alias >= 0 {
			found[n].Alias = q.list.aliases[a.alias].name
		}
	}
	return found
}
