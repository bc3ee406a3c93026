package official

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"slices"
	"strings"
	"sync"
)

//go:embed all:dist
var dist embed.FS

// ErrMissing means that the program was compiled before the list was built.
var ErrMissing = errors.New("the official list of territories is not in this program: run make build")

// Source is where data come from, to be named wherever they are shown.
type Source struct{ Name, Licence, URL string }

// List is the official list. It never changes and is safe for concurrent use.
type List struct {
	rows    []row
	aliases []alias
	codes   map[string]int32 // codes and SIREN, former codes included, but those of régions
	slugs   map[string]int32
	sources []Source

	index  func() *index  // built at the first Search
	points func() []point // of the communes, built at the first Near
}

// Load returns the list, decoded at the first call (about a tenth of a second).
// The error is [ErrMissing], or says what is wrong with the file.
func Load() (*List, error) { return load() }

var load = sync.OnceValues(func() (*List, error) { return read(dist) })

func read(files fs.FS) (*List, error) {
	packed, err := fs.ReadFile(files, "dist/territories.tsv.gz")
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, ErrMissing
	case err != nil:
		return nil, fmt.Errorf("reading the official list: %w", err)
	}
	return decode(packed)
}

// Sources names where the data come from.
func (l *List) Sources() []Source { return slices.Clone(l.sources) }

// ByID returns the territory of an identifier: "c86281", "e200069854", "d86",
// "r75", "o987". A commune that was merged has no identifier any more: see ByCode.
func (l *List) ByID(id string) (Entry, bool) {
	if len(id) < 2 {
		return Entry{}, false
	}
	i, found := l.codes[id[1:]]
	if id[0] == 'r' {
		i, found = l.region(id[1:])
	}
	if !found || l.id(i) != id {
		return Entry{}, false
	}
	return l.entry(i), true
}

// ByCode returns the territory of an official code: INSEE code of a commune, also
// of one that was merged (the commune of today is returned) or of a municipal
// district; SIREN of a commune, EPCI or EPT; code of a département or of an overseas
// collectivity. Codes of régions are those of départements too ("75"): use ByID.
func (l *List) ByCode(code string) (Entry, bool) {
	i, found := l.codes[code]
	if !found {
		return Entry{}, false
	}
	return l.entry(i), true
}

// BySlug returns the territory of an address. A commune also answers to its name
// followed by its code, whatever its slug is ("poitiers-86194"): when the Slug of
// the entry differs from the one asked for, redirect to it.
func (l *List) BySlug(slug string) (Entry, bool) {
	if i, found := l.slugs[slug]; found {
		return l.entry(i), true
	}
	cut := strings.LastIndexByte(slug, '-')
	if cut < 0 {
		return Entry{}, false
	}
	i, found := l.codes[strings.ToUpper(slug[cut+1:])]
	if !found || l.rows[i].kind != Commune || slugify(l.rows[i].name) != slug[:cut] {
		return Entry{}, false
	}
	return l.entry(i), true
}

// All gives every territory of the kinds, or of every kind, by code within a kind.
func (l *List) All(kinds ...Kind) iter.Seq[Entry] {
	return func(yield func(Entry) bool) {
		for i := range l.rows {
			if len(kinds) > 0 && !slices.Contains(kinds, l.rows[i].kind) {
				continue
			}
			if !yield(l.entry(int32(i))) {
				return
			}
		}
	}
}

// Members returns the communes of an EPCI, EPT, département or overseas
// collectivity, the départements of a région, by code; none for a commune or an
// unknown identifier.
func (l *List) Members(id string) []Entry {
	of, found := l.find(id)
	if !found {
		return nil
	}
	var members []Entry
	for i := range l.rows {
		r := &l.rows[i]
		inside := r.parent == of && (r.kind == Commune || r.kind == Departement) || r.kind == Commune && (r.epci == of || r.ept == of)
		if inside {
			members = append(members, l.entry(int32(i)))
		}
	}
	return members
}

// Parents returns what the territory belongs to, from the smallest to the widest:
// EPT, EPCI, département, région; or the overseas collectivity.
func (l *List) Parents(id string) []Entry {
	i, found := l.find(id)
	if !found {
		return nil
	}
	var parents []Entry
	for _, group := range [...]int32{l.rows[i].ept, l.rows[i].epci} {
		if group >= 0 {
			parents = append(parents, l.entry(group))
		}
	}
	for up := l.rows[i].parent; up >= 0; up = l.rows[up].parent {
		parents = append(parents, l.entry(up))
	}
	return parents
}

func (l *List) find(id string) (int32, bool) {
	e, found := l.ByID(id)
	if !found {
		return 0, false
	}
	if e.Kind == Region {
		return l.region(e.Code)
	}
	return l.codes[e.Code], true
}

// region looks among the first rows: régions come first in the file.
func (l *List) region(code string) (int32, bool) {
	for i := range l.rows {
		if l.rows[i].kind != Region {
			break
		}
		if l.rows[i].code == code {
			return int32(i), true
		}
	}
	return 0, false
}

func (l *List) id(i int32) string { return l.rows[i].kind.prefix() + l.rows[i].code }

// entry makes the public copy of a row.
func (l *List) entry(i int32) Entry {
	r := &l.rows[i]
	e := Entry{
		ID: l.id(i), Kind: r.kind, Form: r.form, Code: r.code, SIREN: r.siren, Name: r.name, Slug: r.slug,
		Article: articleOf(r.liaison), PostalCodes: strings.Fields(r.postal), Population: int(r.population), Zone: r.zone,
		Lat: float64(r.lat) / 1e4, Lon: float64(r.lon) / 1e4, Approximate: r.guessed, liaison: r.liaison, title: r.title,
	}
	for up := i; up >= 0; up = l.rows[up].parent {
		switch code := l.rows[up].code; l.rows[up].kind {
		case Departement:
			e.Departement = code
		case Region:
			e.Region = code
		case COM:
			e.COM = code
		}
	}
	if r.epci >= 0 {
		e.EPCI = l.rows[r.epci].code
	}
	if r.ept >= 0 {
		e.EPT = l.rows[r.ept].code
	}
	return e
}
