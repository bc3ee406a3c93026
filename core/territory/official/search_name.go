package official

import (
	"slices"
	"strings"
	"unicode/utf8"

	"parvis/platform/search"
)

// Classes of answers beside those of search.Rank, which are hundreds.
const (
	classCode       = 100
	classSqueezed   = 15 // « lehavre » is Le Havre
	classBeginning  = 12 // « lehav »
	classContaining = 1
)

// squeezedMin is the number of letters from which names are looked for in one word.
const squeezedMin = 4

func (q *finder) byCode(code string) {
	if i, found := q.list.codes[code]; found {
		q.add(i, answer{class: classCode, alias: q.list.aliasOf(code), by: ByCode})
	}
}

// aliasOf returns the alias that has the code, -1 when it is an entry's own.
func (l *List) aliasOf(code string) int32 {
	i, found := l.codes[code]
	if !found || l.rows[i].code == code || l.rows[i].siren == code {
		return -1
	}
	return int32(slices.IndexFunc(l.aliases, func(a alias) bool { return a.kind != 's' && a.code == code }))
}

// place tells a name from the département or postal code that follows or precedes
// it: « saint-denis 93 », « 86000 poitiers », « vienne 86 ».
func (q *finder) place() (rest []string, keep func(int32) bool) {
	for _, at := range [...]int{len(q.words) - 1, 0} {
		word := q.words[at]
		if len(q.words) < 2 {
			return nil, nil
		}
		rest = slices.Delete(slices.Clone(q.words), at, at+1)
		if land, found := q.list.codes[strings.ToUpper(word)]; found && len(word) <= 3 {
			return rest, func(i int32) bool { return i == land || q.list.rows[i].parent == land }
		}
		if len(word) == 5 && isNumber(word) {
			return rest, func(i int32) bool { return strings.Contains(q.list.rows[i].postal, word) }
		}
	}
	return nil, nil
}

// byName looks for names by the beginning of their words, or written in one word.
func (q *finder) byName(words []string) {
	x := q.index
	if len(words) == 1 {
		q.rankWord(words[0])
	} else {
		q.rank(strings.Join(words, " "), q.fewest(words, x.starting))
	}
	squeezed := strings.Join(words, "")
	if len(q.best) >= q.limit || len(squeezed) < squeezedMin || len(words) > 1 && len(q.best) > 0 {
		return
	}
	x.squeezedBeginning(squeezed, func(n int32, whole bool) {
		switch {
		case whole:
			q.addName(n, classSqueezed)
		case len(q.best) < q.limit: // names come in the order of the answers
			q.addName(n, classBeginning)
		}
	})
}

// byMistakenName looks for names with a mistake; when there is none, without the
// small words, which people add and forget; then for what is inside a word.
func (q *finder) byMistakenName(words []string) {
	q.rank(strings.Join(words, " "), q.fewest(words, q.resemblingOrStarting))
	if main := slices.DeleteFunc(slices.Clone(words), isSmall); len(q.best) == 0 && len(main) > 0 && len(main) < len(words) {
		q.rank(strings.Join(main, " "), q.fewest(main, q.resemblingOrStarting))
	}
	squeezed := strings.Join(words, "")
	if len(q.best) > 0 || len(squeezed) < squeezedMin {
		return
	}
	for _, n := range q.index.containing(squeezed, 4*q.limit) {
		q.addName(n, classContaining)
	}
}

func isSmall(word string) bool {
	switch word {
	case "a", "au", "aux", "d", "de", "des", "du", "en", "et", "l", "la", "le", "les", "lez", "sous", "sur":
		return true
	}
	return false
}

// rank adds the names that answer the text.
func (q *finder) rank(text string, names []int32) {
	for _, n := range names {
		q.rankName(text, n)
	}
}

// rankWord is rank for one word, which may answer a tenth of all names. Names that
// begin with it rank above the others, whole words above cut ones, and every list of
// names is in the order of the answers: the first ones are enough.
func (q *finder) rankWord(word string) {
	x := q.index
	from, to := x.beginning(word)
	cut := from
	if from < to && x.words[from] == word {
		cut++
		for _, n := range x.firsts[from] {
			if len(x.names[n].fold) == len(word) || len(q.best) < q.limit {
				q.rankName(word, n)
			}
		}
	}
	q.rankUntilFull(word, x.firsts[cut:to])
	q.rankUntilFull(word, x.postings[from:cut])
	q.rankUntilFull(word, x.postings[cut:to])
}

// rankUntilFull ranks the names of the lists, in order, until there are enough
// answers.
func (q *finder) rankUntilFull(text string, lists [][]int32) {
	if len(q.best) >= q.limit {
		return
	}
	names := slices.Concat(lists...)
	slices.Sort(names)
	for _, n := range names {
		if len(q.best) >= q.limit {
			return
		}
		q.rankName(text, n)
	}
}

func (q *finder) rankName(text string, n int32) {
	if score, ok := search.Rank(text, q.index.names[n].fold); ok {
		q.addName(n, score/100) // what is below a hundred is length: population tells more
	}
}

func (q *finder) addName(n int32, class int) {
	name := q.index.names[n]
	by := ByName
	if name.alias >= 0 {
		by = ByFormerName
	}
	q.add(name.target, answer{class: class, alias: name.alias, by: by})
}

// fewest returns the names that hold the rarest of the words: every name that
// answers is among them.
func (q *finder) fewest(words []string, like func(string) [][]int32) []int32 {
	var rarest [][]int32
	least := -1
	for _, word := range words {
		lists := like(word)
		total := 0
		for _, list := range lists {
			total += len(list)
		}
		if least < 0 || total < least {
			rarest, least = lists, total
		}
	}
	return slices.Concat(rarest...)
}

// starting gives the names of the words that begin with typed.
func (x *index) starting(typed string) [][]int32 {
	from, to := x.beginning(typed)
	return x.postings[from:to]
}

// resemblingOrStarting does too, with one mistake where one is forgiven.
func (q *finder) resemblingOrStarting(typed string) [][]int32 {
	if utf8.RuneCountInString(typed) < 5 || strings.ContainsAny(typed, "0123456789") {
		return q.index.starting(typed)
	}
	if lists, known := q.resembling[typed]; known {
		return lists
	}
	var lists [][]int32
	for _, i := range q.index.resembling(typed) {
		lists = append(lists, q.index.postings[i])
	}
	q.resembling[typed] = lists
	return lists
}
