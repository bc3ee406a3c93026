package intervention

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"parvis/platform/fault"
	"parvis/platform/search"
	"parvis/platform/store"
)

// Bounds of an import.
const (
	maxImport     = 20 << 20
	maxImportRows = 100_000
	importBatch   = 500
)

// ImportResult accounts for every row: Rows = Added + Changed + len(Refused).
type ImportResult struct {
	Rows, Added, Changed int
	Refused              []RefusedRow
}

// RefusedRow is a row that was not taken, by its line (CSV) or its rank from 1
// (GeoJSON), and why.
type RefusedRow struct {
	Line int
	Why  []fault.Field
}

// imported is one row read.
type imported struct {
	line  int
	asset Asset
	wrong []fault.Field
}

// ImportAssets reads a CSV (semicolon, comma or tab; first line names the
// columns) or a GeoJSON collection. kind is that of the rows which name none.
// An asset that is known by kind and code is written again.
func (s *Service) ImportAssets(ctx context.Context, h store.Handle, raw []byte, kind string) (ImportResult, error) {
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	if !utf8.Valid(raw) {
		raw = fromLatin1(raw)
	}
	var rows []imported
	var err error
	if trimmed := bytes.TrimSpace(raw); len(trimmed) > 0 && trimmed[0] == '{' {
		rows, err = readGeoJSON(trimmed, kind)
	} else {
		rows, err = readCSV(raw, kind)
	}
	if err != nil {
		return ImportResult{}, err
	}
	out := ImportResult{Rows: len(rows)}
	for len(rows) > 0 {
		batch := rows[:min(len(rows), importBatch)]
		rows = rows[len(batch):]
		var added, changed int
		var refused []RefusedRow
		err := h.Update(ctx, func(tx *store.Tx) error {
			added, changed, refused = 0, 0, nil
			for _, r := range batch {
				if len(r.wrong) == 0 {
					_, made, err := s.SaveAsset(ctx, tx, r.asset)
					if f := fault.Of(err); f != nil && f.Kind == fault.Invalid {
						r.wrong = f.Fields
					} else if err != nil {
						return err
					} else if made {
						added++
						continue
					} else {
						changed++
						continue
					}
				}
				refused = append(refused, RefusedRow{r.line, r.wrong})
			}
			return nil
		})
		if err != nil {
			return out, fmt.Errorf("intervention: importing assets: %w", err)
		}
		out.Added += added
		out.Changed += changed
		out.Refused = append(out.Refused, refused...)
	}
	return out, nil
}

// fromLatin1 reads what old French software writes.
func fromLatin1(raw []byte) []byte {
	out := make([]rune, len(raw))
	for i, b := range raw {
		out[i] = rune(b)
	}
	return []byte(string(out))
}

func invalidFile(key string) error { return fault.New(fault.Invalid, key) }

// columnsOf are the names that a column may have, folded.
func columnsOf() map[string]string {
	out := map[string]string{}
	for field, names := range map[string]string{
		"code": "code identifiant id numero num ref reference", "kind": "type kind categorie famille", "name": "nom name libelle designation", "address": "adresse address rue localisation", "state": "etat state",
		"lat": "lat latitude y", "lon": "lon lng longitude x", "installed": "pose installation installe date annee",
	} {
		for n := range strings.SplitSeq(names, " ") {
			out[n] = field
		}
	}
	return out
}

func readCSV(raw []byte, kind string) ([]imported, error) {
	first, _, _ := bytes.Cut(raw, []byte("\n"))
	r := csv.NewReader(bytes.NewReader(raw))
	r.FieldsPerRecord, r.LazyQuotes, r.Comma = -1, true, ';'
	if !bytes.ContainsRune(first, ';') {
		if r.Comma = ','; bytes.ContainsRune(first, '\t') {
			r.Comma = '\t'
		}
	}
	head, err := r.Read()
	if err != nil {
		return nil, invalidFile("intervention.error.file")
	}
	known := columnsOf()
	fields := make([]string, len(head))
	found := false
	for i, name := range head {
		if f := known[strings.ReplaceAll(search.Fold(strings.TrimSpace(name)), " ", "")]; f != "" && !slices.Contains(fields[:i], f) {
			fields[i] = f
			found = found || f == "code"
		} else {
			fields[i] = "+" + strings.TrimSpace(name)
		}
	}
	if !found {
		return nil, invalidFile("intervention.error.columns")
	}
	var out []imported
	for len(out) <= maxImportRows {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		line, _ := r.FieldPos(0)
		if err != nil {
			out = append(out, imported{line: line, wrong: []fault.Field{{Name: "file", Key: "intervention.error.row"}}})
			continue
		}
		values := map[string]string{}
		for i, v := range row {
			if i < len(fields) {
				values[fields[i]] = strings.TrimSpace(v)
			}
		}
		out = append(out, fromValues(line, values, kind))
	}
	return nil, invalidFile("intervention.error.rows")
}

// fromValues makes an asset of named values; those without a place of their own
// become attributes.
func fromValues(line int, values map[string]string, kind string) imported {
	x := imported{line: line, asset: Asset{Kind: values["kind"], Code: values["code"], Name: values["name"], Address: values["address"], Installed: values["installed"], State: stateOf(values["state"]), Active: true,
		Attributes: store.JSON[map[string]string]{V: map[string]string{}}}}
	if x.asset.Kind == "" {
		x.asset.Kind = kind
	}
	for k, v := range values {
		if name, ok := strings.CutPrefix(k, "+"); ok && name != "" && v != "" && len(x.asset.Attributes.V) < 40 && len(v) <= 500 {
			x.asset.Attributes.V[name] = v
		}
	}
	if values["lat"] != "" || values["lon"] != "" {
		lat, errLat := strconv.ParseFloat(strings.ReplaceAll(values["lat"], ",", "."), 64)
		lon, errLon := strconv.ParseFloat(strings.ReplaceAll(values["lon"], ",", "."), 64)
		if errLat != nil || errLon != nil || !validPoint(&lat, &lon) {
			x.wrong = append(x.wrong, fault.Field{Name: "point", Key: "intervention.error.point"})
		} else {
			x.asset.Lat, x.asset.Lon = &lat, &lon
		}
	}
	return x
}

// stateOf reads the words people use for the state of an asset.
func stateOf(word string) string {
	switch search.Fold(word) {
	case "usage", "use", "moyen", "worn":
		return "worn"
	case "hors service", "casse", "mauvais", "hs", "broken":
		return "broken"
	case "depose", "supprime", "gone":
		return "gone"
	}
	return "good"
}

func readGeoJSON(raw []byte, kind string) ([]imported, error) {
	var file struct {
		Type     string `json:"type"`
		Features []struct {
			ID         any             `json:"id"`
			Geometry   json.RawMessage `json:"geometry"`
			Properties map[string]any  `json:"properties"`
		} `json:"features"`
	}
	if json.Unmarshal(raw, &file) != nil || file.Type != "FeatureCollection" {
		return nil, invalidFile("intervention.error.geojson")
	}
	if len(file.Features) > maxImportRows {
		return nil, invalidFile("intervention.error.rows")
	}
	known := columnsOf()
	var out []imported
	for i, f := range file.Features {
		values := map[string]string{}
		for _, name := range slices.Sorted(maps.Keys(f.Properties)) {
			v := f.Properties[name]
			if v == nil {
				continue
			}
			text := strings.TrimSpace(fmt.Sprint(v))
			if n, ok := v.(float64); ok {
				text = strconv.FormatFloat(n, 'f', -1, 64)
			}
			field := known[strings.ReplaceAll(search.Fold(name), " ", "")]
			if field == "" || field == "lat" || field == "lon" || values[field] != "" {
				field = "+" + name
			}
			values[field] = text
		}
		if values["code"] == "" && f.ID != nil {
			values["code"] = fmt.Sprint(f.ID)
		}
		x := fromValues(i+1, values, kind)
		lat, lon, shape, ok := centre(f.Geometry)
		switch {
		case !ok:
			x.wrong = append(x.wrong, fault.Field{Name: "point", Key: "intervention.error.point"})
		case lat != nil:
			x.asset.Lat, x.asset.Lon, x.asset.Geometry = lat, lon, shape
		}
		out = append(out, x)
	}
	return out, nil
}

// centre is the middle of the corners of a geometry; its text is kept unless it
// is a point. false when it cannot be read; no geometry is none.
func centre(raw json.RawMessage) (lat, lon *float64, shape string, ok bool) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil, "", true
	}
	var g struct {
		Type        string `json:"type"`
		Coordinates any    `json:"coordinates"`
	}
	if json.Unmarshal(raw, &g) != nil {
		return nil, nil, "", false
	}
	var x, y float64
	n := 0
	var walk func(v any, depth int)
	walk = func(v any, depth int) {
		list, is := v.([]any)
		if !is || depth > 5 || len(list) == 0 {
			return
		}
		a, isA := list[0].(float64)
		if isA && len(list) >= 2 {
			if b, isB := list[1].(float64); isB {
				x, y, n = x+a, y+b, n+1
			}
			return
		}
		for _, e := range list {
			walk(e, depth+1)
		}
	}
	walk(g.Coordinates, 0)
	if n == 0 {
		return nil, nil, "", false
	}
	x, y = x/float64(n), y/float64(n)
	if !validPoint(&y, &x) {
		return nil, nil, "", false
	}
	if g.Type != "Point" {
		shape = string(raw)
	}
	return &y, &x, shape, true
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
