package draw

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Quota is how many seats a value of a feature may have.
type Quota struct {
	Feature, Value   string
	Min, Max         int64
	MinFlex, MaxFlex int64 // how far they may be loosened; the same as Min and Max when nothing is said
}

// Person is a volunteer: an id and a value of each feature.
type Person struct {
	ID     string
	Values []string // beside Pool.Features
	Home   string   // address, folded; "" unknown
}

// Pool is who may be drawn, and what the panel must look like.
type Pool struct {
	Features []string // in the order of the quotas
	Quotas   []Quota
	People   []Person
	Seats    int64
	OneEach  bool // one person at most of each home
}

// Fault is what may be wrong with the files of a draw.
type Fault string

// The faults; message keys of the campaign engine.
const (
	FaultHeader  Fault = "header"  // a column is missing
	FaultNumber  Fault = "number"  // not a whole number, or negative
	FaultOrder   Fault = "order"   // a minimum above its maximum
	FaultTwice   Fault = "twice"   // a quota or a person twice
	FaultValue   Fault = "value"   // a person has a value without quota
	FaultEmpty   Fault = "empty"   // nothing where something must be
	FaultSeats   Fault = "seats"   // minima above the seats, or maxima under them
	FaultReading Fault = "reading" // not CSV
)

// Error is a mistake of a file of a draw. Line counts from 1, 0: the whole file.
type Error struct {
	Line  int
	Fault Fault
	Value string
}

func (e *Error) Error() string { return fmt.Sprintf("line %d: %s: %q", e.Line, e.Fault, e.Value) }

// table reads CSV with its header folded; columns are found by several names.
type table struct {
	in     *csv.Reader
	header []string // folded
	shown  []string // as written
}

func readTable(r io.Reader) (*table, error) {
	t := &table{in: csv.NewReader(r)}
	t.in.FieldsPerRecord, t.in.TrimLeadingSpace = -1, true
	head, err := t.in.Read()
	if errors.Is(err, io.EOF) {
		return nil, &Error{1, FaultEmpty, ""}
	}
	if err != nil {
		return nil, reading(err)
	}
	for _, h := range head {
		h = strings.TrimSpace(strings.TrimPrefix(h, "\ufeff"))
		t.shown, t.header = append(t.shown, h), append(t.header, fold(h))
	}
	return t, nil
}

func reading(err error) error {
	if p := (*csv.ParseError)(nil); errors.As(err, &p) {
		return &Error{p.Line, FaultReading, p.Err.Error()}
	}
	return err
}

// fold compares without case and outer spaces; punctuation counts: "bac" is not
// "bac+2".
func fold(s string) string {
	return strings.ToLower(strings.Join(strings.Fields(norm.NFC.String(s)), " "))
}

func (t *table) column(names ...string) int {
	return slices.IndexFunc(t.header, func(h string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return fold(n) == h })
	})
}

// next is the next record, its line, and whether there is one.
func (t *table) next() (row []string, line int, err error) {
	row, err = t.in.Read()
	if err != nil {
		if errors.Is(err, io.EOF) {
			return nil, 0, io.EOF
		}
		return nil, 0, reading(err)
	}
	line, _ = t.in.FieldPos(0)
	for len(row) < len(t.header) {
		row = append(row, "")
	}
	return row, line, nil
}

// ReadQuotas reads feature,value,min,max[,min_flex,max_flex], or the older
// category,feature,min,max.
func ReadQuotas(r io.Reader) ([]Quota, error) {
	t, err := readTable(r)
	if err != nil {
		return nil, err
	}
	feature, value := t.column("feature"), t.column("value")
	if older := t.column("category"); older >= 0 && value < 0 {
		feature, value = older, t.column("feature")
	}
	least, most := t.column("min"), t.column("max")
	if feature < 0 || value < 0 || least < 0 || most < 0 {
		return nil, &Error{1, FaultHeader, "feature, value, min, max"}
	}
	var out []Quota
	for {
		row, line, err := t.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		q := Quota{Feature: strings.TrimSpace(row[feature]), Value: strings.TrimSpace(row[value])}
		for _, x := range []struct {
			at int
			to *int64
		}{{least, &q.Min}, {most, &q.Max}} {
			n, err := strconv.ParseInt(strings.TrimSpace(row[x.at]), 10, 32)
			if err != nil || n < 0 {
				return nil, &Error{line, FaultNumber, row[x.at]}
			}
			*x.to = n
		}
		q.MinFlex, q.MaxFlex = q.Min, q.Max
		if at := t.column("min_flex"); at >= 0 && row[at] != "" {
			if q.MinFlex, err = strconv.ParseInt(strings.TrimSpace(row[at]), 10, 32); err != nil {
				return nil, &Error{line, FaultNumber, row[at]}
			}
		}
		if at := t.column("max_flex"); at >= 0 && row[at] != "" {
			if q.MaxFlex, err = strconv.ParseInt(strings.TrimSpace(row[at]), 10, 32); err != nil {
				return nil, &Error{line, FaultNumber, row[at]}
			}
		}
		switch {
		case q.Feature == "" || q.Value == "":
			return nil, &Error{line, FaultEmpty, q.Feature + q.Value}
		case q.Min > q.Max:
			return nil, &Error{line, FaultOrder, row[least]}
		case slices.ContainsFunc(out, func(o Quota) bool { return fold(o.Feature) == fold(q.Feature) && fold(o.Value) == fold(q.Value) }):
			return nil, &Error{line, FaultTwice, q.Value}
		}
		out = append(out, q)
	}
	if len(out) == 0 {
		return nil, &Error{1, FaultEmpty, ""}
	}
	return out, nil
}

// homeColumns name an address when no other columns are given.
var homeColumns = []string{"primary_address1", "primary_zip", "home", "street", "adresse", "code_postal"}

// ReadPool reads the volunteers. Headers and values are compared without case
// or outer spaces. Without a column id (or one that ends in _id) the
// number of the row, from 1, is the id.
func ReadPool(r io.Reader, quotas []Quota, seats int64) (*Pool, error) {
	t, err := readTable(r)
	if err != nil {
		return nil, err
	}
	p := &Pool{Quotas: quotas, Seats: seats}
	var at []int
	known := map[string]string{} // feature and value, folded, to the value as written in the quotas
	for _, q := range quotas {
		known[fold(q.Feature)+"\x00"+fold(q.Value)] = q.Value
		if slices.Contains(p.Features, q.Feature) {
			continue
		}
		c := t.column(q.Feature)
		if c < 0 {
			return nil, &Error{1, FaultHeader, q.Feature}
		}
		p.Features, at = append(p.Features, q.Feature), append(at, c)
	}
	id := t.column("id", "nationbuilder_id", "identifiant", "matricule")
	var homes []int
	for _, name := range homeColumns {
		if c := t.column(name); c >= 0 && !slices.Contains(at, c) {
			homes = append(homes, c)
		}
	}
	seen := map[string]bool{}
	for {
		row, line, err := t.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		one := Person{ID: strconv.Itoa(len(p.People) + 1)}
		if id >= 0 {
			if one.ID = strings.TrimSpace(row[id]); one.ID == "" {
				return nil, &Error{line, FaultEmpty, t.shown[id]}
			}
		}
		if seen[one.ID] {
			return nil, &Error{line, FaultTwice, one.ID}
		}
		seen[one.ID] = true
		for i, c := range at {
			v, ok := known[fold(p.Features[i])+"\x00"+fold(row[c])]
			if !ok {
				return nil, &Error{line, FaultValue, row[c]}
			}
			one.Values = append(one.Values, v)
		}
		for _, c := range homes {
			one.Home = strings.TrimSpace(one.Home + " " + fold(row[c]))
		}
		p.People = append(p.People, one)
	}
	return p, p.check()
}

// check compares quotas with seats: what can be told without a search.
func (p *Pool) check() error {
	if len(p.People) == 0 {
		return &Error{0, FaultEmpty, ""}
	}
	if p.Seats <= 0 || p.Seats > int64(len(p.People)) {
		return &Error{0, FaultSeats, strconv.FormatInt(p.Seats, 10)}
	}
	return nil
}

// kind is people who are alike: the same values, and the same home when homes
// count.
type kind struct {
	values []string
	people []int
}

// kinds groups the people, in a fixed order, and makes the shape of panels.
func (p *Pool) kinds() ([]kind, *shape) {
	shared := map[string]int{}
	for _, one := range p.People {
		shared[one.Home]++
	}
	place := map[string]int{}
	var out []kind
	var keys []string
	for i, one := range p.People {
		k := strings.Join(one.Values, "\x00")
		if p.OneEach && one.Home != "" && shared[one.Home] > 1 {
			k += "\x00\x00" + one.Home
		}
		at, there := place[k]
		if !there {
			at = len(out)
			place[k] = at
			out, keys = append(out, kind{values: one.Values}), append(keys, k)
		}
		out[at].people = append(out[at].people, i)
	}
	order := make([]int, len(out))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(keys[a], keys[b]) })
	sorted := make([]kind, len(out))
	for i, o := range order {
		sorted[i] = out[o]
	}
	return sorted, p.shape(sorted, shared)
}

func (p *Pool) shape(kinds []kind, shared map[string]int) *shape {
	s := &shape{seats: p.Seats}
	homes := map[string][]int32{}
	for t, k := range kinds {
		s.size = append(s.size, int64(len(k.people)))
		if h := p.People[k.people[0]].Home; p.OneEach && h != "" && shared[h] > 1 {
			homes[h] = append(homes[h], int32(t))
		}
	}
	for _, q := range p.Quotas {
		f := slices.Index(p.Features, q.Feature)
		r := row{min: q.Min, max: q.Max}
		for t, k := range kinds {
			if k.values[f] == q.Value {
				r.kinds = append(r.kinds, int32(t))
			}
		}
		s.rows = append(s.rows, r)
	}
	for _, h := range slices.Sorted(maps.Keys(homes)) {
		s.rows = append(s.rows, row{kinds: homes[h], min: 0, max: 1})
	}
	return s
}
