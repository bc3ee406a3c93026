package official

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
)

// format is the version of the file; it must equal FORMAT in territories.mjs.
const format = "1"

// sizeLimit bounds the unpacked file, ten times what it is.
const sizeLimit = 32 << 20

// row is an entry as it is kept: texts are parts of one long string, other
// territories are indexes in the list (-1: none).
type row struct {
	kind       Kind
	form       string
	code       string
	name       string
	slug       string
	siren      string
	postal     string // separated by spaces
	title      string
	parent     int32 // commune, EPCI: its département or COM; département: its région
	epci, ept  int32
	population int32
	lat, lon   int32 // ten-thousandths of a degree
	zone       Zone
	liaison    byte
	guessed    bool // approximate position
}

// alias is another name or code of an entry.
type alias struct {
	kind   byte // m: municipal district; d, a: merged commune; o: former code alone; s: acronym of an EPCI
	code   string
	name   string
	target int32
}

// decoder reads the file written by territories.mjs, row by row; columns are
// separated by tabs, the first is the kind of row.
type decoder struct {
	list    *List
	columns []string
	regions map[string]int32
	lands   map[string]int32 // départements and COM
	groups  map[string]int32 // EPCI and EPT
}

func decode(packed []byte) (*List, error) {
	unzip, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("unpacking the official list: %w", err)
	}
	var text strings.Builder
	text.Grow(3 << 20)
	if _, err := io.Copy(&text, io.LimitReader(unzip, sizeLimit)); err != nil {
		return nil, fmt.Errorf("unpacking the official list: %w", err)
	}
	d := &decoder{
		list:    &List{rows: make([]row, 0, 36_500), codes: make(map[string]int32, 45_000)},
		columns: make([]string, 0, 16),
		regions: map[string]int32{},
		lands:   map[string]int32{},
		groups:  make(map[string]int32, 1_300),
	}
	number, complete := 0, false
	for line := range strings.Lines(text.String()) {
		if complete {
			return nil, errors.New("official list: rows after the last one")
		}
		complete, err = d.row(strings.TrimSuffix(line, "\n"), number)
		if err != nil {
			return nil, fmt.Errorf("official list, row %d: %w", number+1, err)
		}
		number++
	}
	if !complete {
		return nil, errors.New("official list: cut short; run make build")
	}
	d.list.assignSlugs()
	d.list.index = sync.OnceValue(func() *index { return buildIndex(d.list) })
	d.list.points = sync.OnceValue(func() []point { return communePoints(d.list) })
	return d.list, nil
}

// row reads one line. It returns true for the last one.
func (d *decoder) row(line string, number int) (last bool, err error) {
	d.columns = appendColumns(d.columns[:0], line)
	c := d.columns
	if want := width(c[0]); want != len(c) {
		return false, fmt.Errorf("%d columns of kind %q, want %d", len(c), c[0], want)
	}
	if (number == 0) != (c[0] == "H") {
		return false, fmt.Errorf("row of kind %q", c[0])
	}
	switch c[0] {
	case "H": // name, version
		if c[1] != "parvis-territories" || c[2] != format {
			return false, fmt.Errorf("format %s %s, this program reads %s; run make build", c[1], c[2], format)
		}
	case "S": // name, licence, address
		d.list.sources = append(d.list.sources, Source{c[1], c[2], c[3]})
	case "R": // code, liaison, name, zone, population, lat, lon
		r := row{kind: Region, code: c[1], name: c[3], zone: Zone(c[4]), parent: -1, guessed: true}
		d.regions[r.code], err = d.add(r, c[2], c[5], c[6], c[7])
	case "O": // code, liaison, name, zone, population, lat, lon
		r := row{kind: COM, code: c[1], name: c[3], zone: Zone(c[4]), parent: -1, guessed: true}
		d.lands[r.code], err = d.add(r, c[2], c[5], c[6], c[7])
	case "D": // code, région, liaison, name, zone, population, lat, lon
		r := row{kind: Departement, code: c[1], name: c[4], zone: Zone(c[5]), guessed: true}
		if r.parent, err = find(d.regions, c[2]); err == nil {
			d.lands[r.code], err = d.add(r, c[3], c[6], c[7], c[8])
		}
	case "E": // SIREN, form, département, liaison, name, title, population, lat, lon
		r := row{kind: EPCI, form: c[2], code: c[1], siren: c[1], name: c[5], title: c[6], guessed: true}
		if r.form == "EPT" {
			r.kind = EPT
		}
		if r.parent, err = find(d.lands, c[3]); err == nil {
			r.zone = d.list.rows[r.parent].zone
			d.groups[r.code], err = d.add(r, c[4], c[7], c[8], c[9])
		}
	case "C": // code, département, EPCI, EPT, liaison, name, SIREN, population, lat, lon, approximate, postal codes
		r := row{kind: Commune, code: c[1], name: c[6], siren: c[7], guessed: c[11] != "", postal: c[12]}
		var errs [3]error
		r.parent, errs[0] = find(d.lands, c[2])
		r.epci, errs[1] = find(d.groups, c[3])
		r.ept, errs[2] = find(d.groups, c[4])
		if err = errors.Join(errs[:]...); err == nil {
			r.zone = d.list.rows[r.parent].zone
			_, err = d.add(r, c[5], c[8], c[9], c[10])
		}
	case "A": // kind, code, name, code of the entry
		var target int32
		if target, err = find(d.list.codes, c[4]); err == nil {
			d.alias(alias{kind: c[1][0], code: c[2], name: c[3], target: target})
		}
	case "Z": // number of rows before
		if c[1] != strconv.Itoa(number) {
			return false, fmt.Errorf("%d rows, %s were written; run make build", number, c[1])
		}
		return true, nil
	}
	return false, err
}

// add appends a row and returns its index.
func (d *decoder) add(r row, liaison, population, lat, lon string) (int32, error) {
	if r.kind != Commune {
		r.epci, r.ept = -1, -1
	}
	if len(liaison) != 1 || liaison[0] < '0' || liaison[0] > '8' {
		return 0, fmt.Errorf("liaison %q", liaison)
	}
	r.liaison = liaison[0] - '0'
	if population != "" {
		n, err := strconv.ParseInt(population, 10, 32)
		if err != nil {
			return 0, fmt.Errorf("population: %w", err)
		}
		r.population = int32(n)
	}
	var errs [2]error
	r.lat, errs[0] = tenThousandths(lat)
	r.lon, errs[1] = tenThousandths(lon)
	if err := errors.Join(errs[:]...); err != nil {
		return 0, err
	}
	index := int32(len(d.list.rows))
	d.list.rows = append(d.list.rows, r)
	if r.kind != Region {
		d.list.codes[r.code] = index
	}
	if r.siren != "" {
		d.list.codes[r.siren] = index
	}
	return index, nil
}

// alias keeps a name that differs from the entry's, and a code that is nobody's.
func (d *decoder) alias(a alias) {
	if a.kind != 's' {
		if _, taken := d.list.codes[a.code]; !taken {
			d.list.codes[a.code] = a.target
		}
	}
	if a.name != "" && a.name != d.list.rows[a.target].name {
		d.list.aliases = append(d.list.aliases, a)
	}
}

// width is the number of columns of a kind of row, 0 for an unknown kind.
func width(kind string) int {
	switch kind {
	case "Z":
		return 2
	case "H":
		return 3
	case "S":
		return 4
	case "A":
		return 5
	case "R", "O":
		return 8
	case "D":
		return 9
	case "E":
		return 10
	case "C":
		return 13
	}
	return 0
}

func appendColumns(columns []string, line string) []string {
	for {
		column, rest, more := strings.Cut(line, "\t")
		columns = append(columns, column)
		if !more {
			return columns
		}
		line = rest
	}
}

func find(index map[string]int32, code string) (int32, error) {
	if code == "" {
		return -1, nil
	}
	at, known := index[code]
	if !known {
		return -1, fmt.Errorf("unknown code %q", code)
	}
	return at, nil
}

// tenThousandths reads "46.5803", always written with four decimals.
func tenThousandths(degrees string) (int32, error) {
	if degrees == "" {
		return 0, nil
	}
	whole, decimals, found := strings.Cut(degrees, ".")
	if !found || len(decimals) != 4 {
		return 0, fmt.Errorf("degrees %q", degrees)
	}
	n, err := strconv.ParseInt(whole+decimals, 10, 32)
	if err != nil {
		return 0, fmt.Errorf("degrees: %w", err)
	}
	return int32(n), nil
}
