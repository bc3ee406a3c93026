package indicator_test

import (
	"testing"

	"pgregory.net/rapid"

	"parvis/engine/indicator"
)

func TestSuppressHidesTheComplement(t *testing.T) {
	// 3 is hidden, and 12 with it: 50 − 35 would tell it.
	hidden, rows, _, all := indicator.Suppress([][]int{{35, 12, 3}}, 5)
	if hidden[0][0] || !hidden[0][1] || !hidden[0][2] || rows[0] || all {
		t.Errorf("%v %v %v", hidden, rows, all)
	}
	// Nothing is small: nothing is hidden; nobody hides nobody.
	hidden, _, _, _ = indicator.Suppress([][]int{{35, 0, 12}}, 5)
	if hidden[0][0] || hidden[0][1] || hidden[0][2] {
		t.Errorf("%v", hidden)
	}
	// A table of four people shows nothing.
	hidden, rows, columns, all := indicator.Suppress([][]int{{4, 0}}, 5)
	if !hidden[0][0] || !rows[0] || !columns[0] || !all {
		t.Errorf("%v %v %v %v", hidden, rows, columns, all)
	}
	if hidden, _, _, all := indicator.Suppress(nil, 5); len(hidden) != 0 || all {
		t.Errorf("%v %v", hidden, all)
	}
}

// TestNothingIsFoundBySubtraction takes the part of a reader with a pencil: on
// every line with its total shown, what is hidden is nobody, or at least two
// cells and five people.
func TestNothingIsFoundBySubtraction(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, m := rapid.IntRange(1, 6).Draw(t, "rows"), rapid.IntRange(1, 6).Draw(t, "columns")
		cells := make([][]int, n)
		for i := range cells {
			cells[i] = rapid.SliceOfN(rapid.OneOf(rapid.IntRange(0, 8), rapid.IntRange(0, 200)), m, m).Draw(t, "cells")
		}
		hidden, rows, columns, all := indicator.Suppress(cells, 5)
		count, hide := make([][]int, n+1), make([][]bool, n+1)
		for i := range n + 1 {
			count[i], hide[i] = make([]int, m+1), make([]bool, m+1)
		}
		for i := range n {
			for j := range m {
				count[i][j], hide[i][j] = cells[i][j], hidden[i][j]
				count[i][m] += cells[i][j]
				count[n][j] += cells[i][j]
				count[n][m] += cells[i][j]
			}
			hide[i][m] = rows[i]
		}
		copy(hide[n], columns)
		hide[n][m] = all
		line := func(name string, k int, at func(int) (int, int)) {
			cellsHidden, people := 0, 0
			for x := range k {
				i, j := at(x)
				if c := count[i][j]; c > 0 && c < 5 && !hide[i][j] {
					t.Fatalf("%s: %d people are shown at %d,%d\n%v\n%v", name, c, i, j, count, hide)
				}
				if hide[i][j] && count[i][j] > 0 {
					cellsHidden++
					if x < k-1 {
						people += count[i][j]
					}
				}
			}
			i, j := at(k - 1)
			if cellsHidden == 1 && count[n][m] >= 5 || cellsHidden > 0 && !hide[i][j] && people < 5 {
				t.Fatalf("%s: %d cells, %d people are found by subtraction\n%v\n%v", name, cellsHidden, people, count, hide)
			}
		}
		for i := range n + 1 {
			line("row", m+1, func(k int) (int, int) { return i, k })
		}
		for j := range m + 1 {
			line("column", n+1, func(k int) (int, int) { return k, j })
		}
	})
}
