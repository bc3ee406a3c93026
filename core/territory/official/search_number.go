package official

import (
	"cmp"
	"slices"
	"sort"
	"strings"
)

// byNumber answers a query made of digits.
func (q *finder) byNumber(digits string) []Match {
	var order []int32
	take := func(i, alias int32, by By) {
		if _, known := q.best[i]; known {
			return
		}
		if q.add(i, answer{alias: alias, by: by}); len(q.best) > len(order) {
			order = append(order, i)
		}
	}
	code := digits
	if len(code) == 14 {
		code = code[:9] // SIRET: SIREN, then the number of the establishment
	}
	if i, found := q.list.codes[code]; found && len(digits) < 5 {
		take(i, -1, ByCode) // a département or a collectivity
	}
	starts := []string{digits}
	if len(digits) == 4 { // a spreadsheet ate the zero of « 01000 »
		starts = []string{"0" + digits, digits}
	}
	for _, start := range starts {
		found := q.index.postalRange(start)
		complete := len(start) == 5
		if !complete {
			found = slices.Clone(found)
			slices.SortStableFunc(found, func(a, b postal) int {
				return cmp.Compare(q.list.precedence(a.target, -1), q.list.precedence(b.target, -1))
			})
		}
		for _, p := range found {
			if len(order) >= q.limit && !complete {
				break
			}
			take(p.target, -1, ByPostalCode)
		}
	}
	if i, found := q.list.codes[code]; found {
		take(i, q.list.aliasOf(code), ByCode)
	}
	return q.matches(order)
}

// postalRange returns the communes whose postal code begins with digits.
func (x *index) postalRange(digits string) []postal {
	from := sort.Search(len(x.postal), func(i int) bool { return x.postal[i].code >= digits })
	to := from + sort.Search(len(x.postal)-from, func(i int) bool { return !strings.HasPrefix(x.postal[from+i].code, digits) })
	return x.postal[from:to]
}
