package sector

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"parvis/platform/fault"
	"parvis/platform/geo"
	"parvis/platform/search"
	"parvis/platform/store"
)

// MaxFile bounds a file of contours, in bytes.
const MaxFile = 30 << 20

// Choice says how a file is read.
type Choice struct {
	Kind string // of every sector in it: "commune"
	// NameField and CodeField are the properties that hold the name and the
	// publisher's code; "" looks for the usual ones.
	NameField, CodeField string
}

// Remark is one feature that was refused. Line counts from 1 in the file, Row
// from 1 among its features; Key is a message with its arguments.
type Remark struct {
	Line, Row int
	Name      string
	Key       string
	Args      []any
}

// Report accounts for every feature: Rows = Created + Updated + Refused.
type Report struct {
	Rows, Created, Updated, Refused int
	Remarks                         []Remark
}

// The usual properties, in the order they are looked for.
func nameFields() []string {
	return []string{"nom", "name", "libelle", "label", "nom_quartier", "nom_com", "nom_commune", "nom_secteur", "quartier", "secteur"}
}

func codeFields() []string {
	return []string{"code", "insee_com", "code_insee", "insee", "codgeo", "ref"}
}

// Import reads GeoJSON (RFC 7946): a collection of features, one feature, or a
// bare surface when there is nothing else to name it. Sectors are found again by
// their kind and code, or kind and name, and keep their crew and contact. What
// cannot be read is refused with its line and reason; the rest comes in, in one
// transaction. An Invalid fault with the field file says that nothing could be
// read at all.
func Import(ctx context.Context, h store.Handle, data []byte, choice Choice) (Report, error) {
	features, rep, err := read(data, choice)
	if err != nil {
		return rep, err
	}
	refused := rep
	err = h.Update(ctx, func(tx *store.Tx) error {
		rep = refused
		known, err := List(ctx, tx)
		if err != nil {
			return err
		}
		byCode, byName := map[string]Sector{}, map[string]Sector{}
		for _, s := range known {
			if s.Kind != choice.Kind {
				continue
			}
			byName[search.Fold(s.Name)] = s
			if s.Code != "" {
				byCode[s.Code] = s
			}
		}
		total := len(known)
		for _, f := range features {
			s, there := byCode[f.sector.Code]
			if !there || f.sector.Code == "" {
				s, there = byName[search.Fold(f.sector.Name)]
			}
			if !there && total >= Most {
				rep.refuse(f.line, f.row, f.sector.Name, "sector.import.many", "Max", Most)
				continue
			}
			if other, taken := byName[search.Fold(f.sector.Name)]; taken && there && other.ID != s.ID {
				rep.refuse(f.line, f.row, f.sector.Name, "sector.import.taken")
				continue
			}
			s.Name, s.Kind, s.Code = f.sector.Name, f.sector.Kind, f.sector.Code
			s.Shape(f.sector.area)
			if s, err = Save(ctx, tx, s); err != nil {
				return fmt.Errorf("sector: line %d: %w", f.line, err)
			}
			if there {
				rep.Updated++
			} else {
				rep.Created++
				total++
			}
			byName[search.Fold(s.Name)] = s
		}
		return nil
	})
	return rep, err
}

func (r *Report) refuse(line, row int, name, key string, args ...any) {
	r.Refused++
	r.Remarks = append(r.Remarks, Remark{line, row, name, key, args})
}

// feature is one sector to be, with where it stands in the file.
type feature struct {
	line, row int
	sector    Sector
}

// unreadable is the fault of a file of which nothing can be used.
func unreadable(key string, args ...any) error {
	return fault.Fields{{Name: "file", Key: key, Args: args}}.Err()
}

// read finds the features of a file and turns them into sectors.
func read(data []byte, choice Choice) ([]feature, Report, error) {
	var rep Report
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	switch {
	case len(bytes.TrimSpace(data)) == 0:
		return nil, rep, unreadable("sector.import.empty")
	case len(data) > MaxFile:
		return nil, rep, unreadable("sector.import.large", "Max", MaxFile>>20)
	case !utf8.Valid(data):
		return nil, rep, unreadable("sector.import.encoding")
	}
	var out []feature
	first := map[string]int{}
	err := each(data, func(line int, raw json.RawMessage) {
		rep.Rows++
		s, key, args := one(raw, choice)
		fold := search.Fold(s.Name)
		if at, twice := first[fold]; key == "" && twice {
			key, args = "sector.import.twice", []any{"First", at}
		}
		if key != "" {
			rep.refuse(line, rep.Rows, s.Name, key, args...)
			return
		}
		first[fold] = line
		out = append(out, feature{line, rep.Rows, s})
	})
	if err != nil {
		return nil, rep, err
	}
	if rep.Rows == 0 {
		return nil, rep, unreadable("sector.import.none")
	}
	return out, rep, nil
}

// each calls fn with every feature of a collection and its line, or with the
// whole file when it is one feature.
func each(data []byte, fn func(line int, raw json.RawMessage)) error {
	lineAt := func(offset int64) int { return 1 + bytes.Count(data[:min(offset, int64(len(data)))], []byte("\n")) }
	broken := func(err error, d *json.Decoder) error {
		at := d.InputOffset()
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			at = syntax.Offset
		}
		if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
			return unreadable("sector.import.cut", "Line", lineAt(int64(len(data))))
		}
		return unreadable("sector.import.json", "Line", lineAt(at))
	}
	d := json.NewDecoder(bytes.NewReader(data))
	if t, err := d.Token(); err != nil {
		return broken(err, d)
	} else if t != json.Delim('{') {
		return unreadable("geo.error.not_geojson")
	}
	collection := false
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return broken(err, d)
		}
		if key != "features" {
			var skip json.RawMessage
			if err := d.Decode(&skip); err != nil {
				return broken(err, d)
			}
			continue
		}
		collection = true
		if t, err := d.Token(); err != nil {
			return broken(err, d)
		} else if t != json.Delim('[') {
			return unreadable("geo.error.not_geojson")
		}
		for d.More() {
			var raw json.RawMessage
			if err := d.Decode(&raw); err != nil {
				return broken(err, d)
			}
			fn(lineAt(d.InputOffset()-int64(len(raw))), raw)
		}
		if _, err := d.Token(); err != nil {
			return broken(err, d)
		}
	}
	if _, err := d.Token(); err != nil {
		return broken(err, d)
	}
	if !collection {
		fn(1, data)
	}
	return nil
}

// one turns a feature into a sector; key says why it cannot be one.
func one(raw json.RawMessage, choice Choice) (s Sector, key string, args []any) {
	var f struct {
		Type       string                     `json:"type"`
		ID         json.RawMessage            `json:"id"`
		Properties map[string]json.RawMessage `json:"properties"`
	}
	if err := json.Unmarshal(raw, &f); err != nil {
		return s, "geo.error.not_geojson", nil
	}
	s.Kind = choice.Kind
	s.Name = property(f.Properties, choice.NameField, nameFields())
	s.Code = property(f.Properties, choice.CodeField, codeFields())
	if s.Name == "" && f.Type != "Feature" {
		s.Name = choice.Kind // a bare surface names nothing
	}
	if s.Name == "" {
		if choice.NameField != "" {
			return s, "sector.import.field", []any{"Field", choice.NameField}
		}
		return s, "sector.import.name", nil
	}
	if err := s.Check(""); err != nil {
		wrong := fault.Of(err).Fields
		return s, wrong[0].Key, wrong[0].Args
	}
	area, err := geo.ReadArea(raw)
	var refused *geo.Error
	if errors.As(err, &refused) {
		return s, refused.Key(), nil
	}
	if err != nil {
		return s, "geo.error.not_geojson", nil
	}
	s.Shape(area)
	return s, "", nil
}

// property is the text of the first of the fields that a feature has; names
// compare without case.
func property(all map[string]json.RawMessage, chosen string, usual []string) string {
	if chosen != "" {
		usual = []string{chosen}
	}
	for _, want := range usual {
		for name, raw := range all {
			if !strings.EqualFold(name, want) {
				continue
			}
			var text string
			var number json.Number
			if json.Unmarshal(raw, &text) == nil && strings.TrimSpace(text) != "" {
				return strings.TrimSpace(text)
			}
			if json.Unmarshal(raw, &number) == nil {
				if n, err := strconv.ParseInt(number.String(), 10, 64); err == nil {
					return strconv.FormatInt(n, 10)
				}
			}
		}
	}
	return ""
}
