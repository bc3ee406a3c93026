package search

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// queryLimit bounds the words of a query: beyond, nobody is typing a name.
	queryLimit = 16
	// typoLength is the number of letters from which one mistake is forgiven; in
	// shorter words it would make too many others look alike.
	typoLength = 5
)

// What makes a candidate better; the first line outweighs the others together.
const (
	scoreNoTypo    = 1000
	scoreEqual     = 500 // the very text
	scoreBeginning = 200 // the candidate begins with the query
	scoreFirstWord = 100 // the first word typed is, or begins, the first word
	scoreWhole     = 100 // share of the words typed that are whole words
	scoreCoverage  = 50  // share of the candidate that was typed
)

// Rank tells whether a candidate answers a query, and how well: higher is better,
// at least 1. Both are folded ([Fold] for the query, Fold or [FoldName] for the
// candidate).
//
// Every word of the query must be the beginning of a word of the candidate, each
// of its own, in any order; "st" and "ste" also stand for "saint" and "sainte".
// A word of five letters or more, without digit, may contain one mistake; a
// candidate with a mistake always comes after one without. A query without word,
// or of more than 16, answers nothing.
func Rank(queryFold, candidateFold string) (score int, ok bool) {
	var queryBuffer, candidateBuffer [queryLimit]string
	query := appendWords(queryBuffer[:0], queryFold)
	candidate := appendWords(candidateBuffer[:0], candidateFold)
	if len(query) == 0 || len(query) > queryLimit || len(query) > len(candidate) {
		return 0, false
	}
	pairs, ok := assign(query, candidate, exact)
	if ok {
		score = scoreNoTypo
	} else if pairs, ok = assign(query, candidate, near); !ok {
		return 0, false
	}
	switch {
	case queryFold == candidateFold:
		score += scoreEqual + scoreBeginning
	case strings.HasPrefix(candidateFold, queryFold):
		score += scoreBeginning
	}
	if pairs[0] == 0 {
		score += scoreFirstWord
	}
	whole := 0
	for i, word := range query {
		if target := candidate[pairs[i]]; word == target || inFull(word) == target {
			whole++
		}
	}
	score += scoreWhole * whole / len(query)
	score += scoreCoverage * len(queryFold) / max(len(queryFold), len(candidateFold))
	return max(score, 1), true
}

// appendWords splits a folded text without allocating for ordinary names.
func appendWords(words []string, folded string) []string {
	for word := range strings.FieldsSeq(folded) {
		words = append(words, word)
	}
	return words
}

// assign gives every word of the query a word of the candidate of its own, whole
// words first: a bipartite matching by augmenting paths (Kuhn 1955). It returns,
// for each word of the query, the index of its word.
func assign(query, candidate []string, fits func(typed, word string) bool) ([queryLimit]int, bool) {
	var pairs [queryLimit]int
	owner := make([]int, len(candidate)) // 1 + index in query, 0 when free
	seen := make([]bool, len(candidate))
	var place func(int) bool
	place = func(i int) bool {
		for _, wholeOnly := range [...]bool{true, false} {
			for j, word := range candidate {
				if seen[j] || wholeOnly != (query[i] == word || inFull(query[i]) == word) || !fits(query[i], word) {
					continue
				}
				seen[j] = true
				if owner[j] == 0 || place(owner[j]-1) {
					owner[j], pairs[i] = i+1, j
					return true
				}
			}
		}
		return false
	}
	for i := range query {
		clear(seen)
		if !place(i) {
			return pairs, false
		}
	}
	return pairs, true
}

func exact(typed, word string) bool {
	return strings.HasPrefix(word, typed) || inFull(typed) == word
}

func near(typed, word string) bool {
	return exact(typed, word) || forgiven(typed) && oneTypo(typed, word)
}

func forgiven(typed string) bool {
	return utf8.RuneCountInString(typed) >= typoLength && !strings.ContainsFunc(typed, unicode.IsNumber)
}

// oneTypo tells whether a beginning of word is one edit away from what was typed.
// The edit is at the first letter that differs, or nowhere.
func oneTypo(typed, word string) bool {
	var typedBuffer, wordBuffer [32]rune
	t, w := appendRunes(typedBuffer[:0], typed), appendRunes(wordBuffer[:0], word)
	i := 0
	for i < len(t) && i < len(w) && t[i] == w[i] {
		i++
	}
	if i == len(t) {
		return true
	}
	return begins(w, i, t[i+1:]) || // one letter too many
		begins(w, i+1, t[i+1:]) || // one letter for another
		begins(w, i+1, t[i:]) || // one letter missing
		i+1 < len(t) && i+1 < len(w) && t[i] == w[i+1] && t[i+1] == w[i] && begins(w, i+2, t[i+2:]) // two swapped
}

func appendRunes(runes []rune, s string) []rune {
	for _, r := range s {
		runes = append(runes, r)
	}
	return runes
}

// begins tells whether word, from position from, begins with rest.
func begins(word []rune, from int, rest []rune) bool {
	if from+len(rest) > len(word) {
		return false
	}
	for i, r := range rest {
		if word[from+i] != r {
			return false
		}
	}
	return true
}
