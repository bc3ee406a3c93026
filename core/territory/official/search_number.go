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
	take := func(i int32, by By) {
		if _, known := q.best[i]; known {
			return
		}
		if q.add(i, answer{alias: -1, by: by}); len(q.best) > len(order) {
			order = append(order, i)
		}
	}
	code := digits
	if len(code) == 14 {
		code = code[:9] // SIRET: SIREN, then the number of the establishment
	}
	all := q.index.postalRange(digits)
	if len(digits) == 4 { // a spreadsheet ate the zero of « 01000 »
		all = append(slices.Clone(q.index.postalRange("0"+digits)), all...)
	}
	if i, found := q.list.codes[code]; found && len(digits) < 5 {
		take(i, ByCode)
	}
	complete := len(digits) == 5
	if !complete {
		all = slices.Clone(all)
		slices.SortStableFunc(all, func(a, b postal) int { // the zero first, then population
			return cmp.Or(cmp.Compare(boolean(strings.HasPrefix(a.code, digits)), boolean(strings.HasPrefix(b.code, digits))),
				cmp.Compare(q.list.rows[b.target].population, q.list.rows[a.target].population))
		})
	}
	for _, p := range all {
		if len(order) >= q.limit && !complete {
			break
		}
		take(p.target, ByPostalCode)
	}
	if i, found := q.list.codes[code]; found {
		take(i, ByCode)
	}
	return q.matches(order)
}

func boolean(b bool) int {
	if b {
		return 1
	}
	return 0
}

// postalRange returns the communes whose postal code begins with digits.
func (x *index) postalRange(digits string) []postal {
	from := sort.Search(len(x.postal), func(i int) bool { return x.postal[i].code >= digits })
	to := from + sort.Search(len(x.postal)-from, func(i int) bool { return !strings.HasPrefix(x.postal[from+i].code, digits) })
	return x.postal[from:to]
}
