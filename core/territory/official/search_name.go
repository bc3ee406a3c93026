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
		q.add(i, answer{class: classCode, alias: -1, by: ByCode})
	}
}

// place tells a name from the département or postal code that follows or precedes
// it: « saint-denis 93 », « 86000 poitiers ».
func (q *finder) place() (rest []string, keep func(*row) bool) {
	for _, at := range [...]int{len(q.words) - 1, 0} {
		word := q.words[at]
		if len(q.words) < 2 {
			return nil, nil
		}
		rest = slices.Delete(slices.Clone(q.words), at, at+1)
		if land, found := q.list.codes[strings.ToUpper(word)]; found && len(word) <= 3 {
			return rest, func(r *row) bool { return r.parent == land }
		}
		if len(word) == 5 && isNumber(word) {
			return rest, func(r *row) bool { return strings.Contains(r.postal, word) }
		}
	}
	return nil, nil
}

// byName looks for names by the beginning of their words, or written in one word.
func (q *finder) byName(words []string) {
	x := q.index
	q.rank(strings.Join(words, " "), q.fewest(words, x.starting))
	squeezed := strings.Join(words, "")
	if len(q.best) >= q.limit || len(squeezed) < squeezedMin {
		return
	}
	for _, n := range x.containing("\n"+squeezed, 4*q.limit) {
		class := classBeginning
		if end := int(x.starts[n]) + len(squeezed); x.squeezed[end] == '\n' {
			class, q.exact = classSqueezed, true
		}
		q.addName(n, class)
	}
}

// byMistakenName looks for names with a mistake; when there is none, for what is
// inside a word.
func (q *finder) byMistakenName(words []string) {
	q.rank(strings.Join(words, " "), q.fewest(words, q.resemblingOrStarting))
	squeezed := strings.Join(words, "")
	if len(q.best) > 0 || len(squeezed) < squeezedMin {
		return
	}
	for _, n := range q.index.containing(squeezed, 4*q.limit) {
		q.addName(n, classContaining)
	}
}

// rank adds the names that answer the text.
func (q *finder) rank(text string, names []int32) {
	if strings.Contains(text, " ") {
		for _, n := range names {
			q.rankName(text, n)
		}
		return
	}
	// One word may answer a tenth of all names. Names that begin with it rank above
	// the others, whole words above cut ones, and within a group names are in the
	// order of the answers: the first ones are enough.
	var groups [4][]int32
	for _, n := range names {
		fold := q.index.names[n].fold
		switch {
		case fold == text:
			q.rankName(text, n)
		case strings.HasPrefix(fold, text) && fold[len(text)] == ' ':
			groups[0] = append(groups[0], n)
		case strings.HasPrefix(fold, text):
			groups[1] = append(groups[1], n)
		case hasWord(fold, text):
			groups[2] = append(groups[2], n)
		default:
			groups[3] = append(groups[3], n)
		}
	}
	for _, group := range groups {
		slices.Sort(group)
		for i, n := range group {
			if i >= q.limit && len(q.best) >= q.limit {
				return
			}
			q.rankName(text, n)
		}
	}
}

// hasWord tells whether a word that is not the first one of fold is word.
func hasWord(fold, word string) bool {
	for rest := fold; ; {
		at := strings.Index(rest, word)
		if at < 0 {
			return false
		}
		end := at + len(word)
		if at > 0 && rest[at-1] == ' ' && (end == len(rest) || rest[end] == ' ') {
			return true
		}
		rest = rest[end:]
	}
}

func (q *finder) rankName(text string, n int32) {
	fold := q.index.names[n].fold
	if score, ok := search.Rank(text, fold); ok {
		q.addName(n, score/100) // what is below a hundred is length: population tells more
		q.exact = q.exact || fold == text
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
