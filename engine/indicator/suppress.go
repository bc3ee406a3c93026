package indicator

// Suppress tells which cells of a table must stay hidden. cells[i][j] is the
// number of people behind a cell; totals of rows, of columns and of the table
// are assumed to be published beside it. A cell of 1 to fewest−1 is hidden; then
// as many others of its row and column as it takes so that subtracting what is
// shown from a total never leaves fewer than fewest. Empty cells stay shown:
// there is nobody in them, and they would hide nobody.
//
// rows[i] and columns[j] tell that a total must be hidden too, which happens
// only when a whole row or column holds too few; all, that not even the total
// of the table may be shown. Every row must have the same length.
func Suppress(cells [][]int, fewest int) (hidden [][]bool, rows, columns []bool, all bool) {
	n, m := len(cells), 0
	if n > 0 {
		m = len(cells[0])
	}
	t := grid{n: n, m: m, fewest: fewest, count: make([][]int, n+1), hidden: make([][]bool, n+1)}
	for i := range n + 1 {
		t.count[i], t.hidden[i] = make([]int, m+1), make([]bool, m+1)
	}
	for i := range n {
		for j := range m {
			c := cells[i][j]
			t.count[i][j] = c
			t.count[i][m] += c
			t.count[n][j] += c
			t.count[n][m] += c
		}
	}
	for i := range n + 1 {
		for j := range m + 1 {
			t.hidden[i][j] = t.count[i][j] > 0 && t.count[i][j] < fewest
		}
	}
	for again := true; again; { // each turn hides at least one more cell
		again = false
		for i := range n + 1 {
			again = t.protect(m+1, func(k int) (int, int) { return i, k }) || again
		}
		for j := range m + 1 {
			again = t.protect(n+1, func(k int) (int, int) { return k, j }) || again
		}
	}
	hidden, rows, columns = make([][]bool, n), make([]bool, n), make([]bool, m)
	for i := range n {
		hidden[i] = t.hidden[i][:m]
		rows[i] = t.hidden[i][m]
	}
	copy(columns, t.hidden[n])
	return hidden, rows, columns, t.hidden[n][m]
}

// grid is a table with its margins as last row and column.
type grid struct {
	n, m, fewest int
	count        [][]int
	hidden       [][]bool
}

// protect looks at one line, whose last cell is the sum of the others, and hides
// the smallest shown cell while what is hidden could be found by subtraction, or
// is too few together. It tells whether it hid something.
func (g *grid) protect(length int, at func(k int) (i, j int)) (changed bool) {
	for {
		hidden, people, smallest := 0, 0, -1
		total := false
		for k := range length {
			i, j := at(k)
			c := g.count[i][j]
			switch {
			case c == 0:
			case g.hidden[i][j]:
				hidden++
				if k == length-1 {
					total = true
				} else {
					people += c
				}
			case k < length-1 || smallest < 0: // the total is the last to go
				if smallest < 0 || k < length-1 && c < g.at(at, smallest) {
					smallest = k
				}
			}
		}
		if hidden == 0 || hidden > 1 && (total || people >= g.fewest) || smallest < 0 {
			return changed
		}
		i, j := at(smallest)
		g.hidden[i][j], changed = true, true
	}
}

func (g *grid) at(at func(k int) (i, j int), k int) int {
	i, j := at(k)
	return g.count[i][j]
}
