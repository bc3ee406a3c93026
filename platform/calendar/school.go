package calendar

import (
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// SchoolZone is a group of académies that share their holidays: A, B, C, or a name
// that a territory chooses for a calendar of its own, which Corsica and the
// overseas académies have.
type SchoolZone string

// The three zones of the mainland.
const (
	SchoolA SchoolZone = "A"
	SchoolB SchoolZone = "B"
	SchoolC SchoolZone = "C"
	// Corsica sets its own dates within the national frame.
	SchoolCorse SchoolZone = "Corse"
)

// SchoolHoliday is a period without school, both days included: from the Saturday
// after the last class to the day before classes resume.
type SchoolHoliday struct {
	Zone SchoolZone `json:"zone"`
	// Name is autumn, christmas, winter, spring, summer or other.
	Name  string `json:"name"`
	First Date   `json:"first"`
	Last  Date   `json:"last"`
}

// Key returns the key of the name in [Locales].
func (h SchoolHoliday) Key() string { return "calendar.school." + h.Name }

// SchoolTable is a list of school holidays, in any order. A territory may edit it:
// the published table lasts as long as the ministry's orders.
type SchoolTable []SchoolHoliday

//go:embed school.csv
var schoolCSV string

// schoolLimit bounds the lines of a table.
const schoolLimit = 2000

// PublishedSchool returns the holidays of zones A, B and C set by the ministry for
// the school years 2025-2026 and 2026-2027 (Code de l’éducation, L. 521-1 and
// D. 521-1; arrêté du 7 décembre 2022 for the first). Corsica and overseas are not
// in it.
func PublishedSchool() (SchoolTable, error) {
	return ReadSchool(strings.NewReader(schoolCSV))
}

// ReadSchool reads a table from CSV with semicolons: a header, then
// zone;name;first;last with dates such as 2026-02-07 or 07/02/2026. The error lists
// every refused line with its number.
func ReadSchool(r io.Reader) (SchoolTable, error) {
	reader := csv.NewReader(r)
	reader.Comma = ';'
	reader.FieldsPerRecord = 4
	var table SchoolTable
	var faults []error
	for line := 1; ; line++ {
		record, err := reader.Read()
		switch {
		case errors.Is(err, io.EOF):
			faults = append(faults, table.Validate())
			if err := errors.Join(faults...); err != nil {
				return nil, fmt.Errorf("reading the school holidays: %w", err)
			}
			return table, nil
		case err != nil && !errors.Is(err, csv.ErrFieldCount):
			return nil, fmt.Errorf("reading the school holidays: %w", err)
		case line > schoolLimit:
			return nil, fmt.Errorf("reading the school holidays: more than %d lines", schoolLimit)
		case err != nil:
			faults = append(faults, fmt.Errorf("line %d: %d fields, want zone;name;first;last", line, len(record)))
			continue
		case line == 1:
			continue
		}
		first, errFirst := ParseDate(strings.TrimSpace(record[2]))
		last, errLast := ParseDate(strings.TrimSpace(record[3]))
		if err := errors.Join(errFirst, errLast); err != nil {
			faults = append(faults, fmt.Errorf("line %d: %w", line, err))
			continue
		}
		table = append(table, SchoolHoliday{
			Zone: SchoolZone(strings.TrimSpace(record[0])), Name: strings.TrimSpace(record[1]), First: first, Last: last,
		})
	}
}

// Validate refuses a holiday without zone, of an unknown name, or that ends before
// it begins, and two holidays of a zone that share a day.
func (t SchoolTable) Validate() error {
	var faults []error
	sorted := slices.Clone(t)
	slices.SortFunc(sorted, func(a, b SchoolHoliday) int {
		if a.Zone != b.Zone {
			return strings.Compare(string(a.Zone), string(b.Zone))
		}
		return a.First.Compare(b.First)
	})
	for i, h := range sorted {
		switch {
		case h.Zone == "":
			faults = append(faults, fmt.Errorf("%s to %s: no zone", h.First, h.Last))
		case !slices.Contains([]string{"autumn", "christmas", "winter", "spring", "summer", "other"}, h.Name):
			faults = append(faults, fmt.Errorf("zone %s, %s: unknown name %q", h.Zone, h.First, h.Name))
		case !h.First.Valid() || !h.Last.Valid() || h.Last.Before(h.First):
			faults = append(faults, fmt.Errorf("zone %s, %s: ends on %q", h.Zone, h.First, h.Last))
		case i > 0 && sorted[i-1].Zone == h.Zone && !h.First.After(sorted[i-1].Last):
			faults = append(faults, fmt.Errorf("zone %s: %s begins before the holidays of %s end", h.Zone, h.First, sorted[i-1].First))
		}
	}
	return errors.Join(faults...)
}

// On returns the school holiday of a day in a zone; ok is false on school days and
// on days the table does not know: see Known.
func (t SchoolTable) On(d Date, zone SchoolZone) (h SchoolHoliday, ok bool) {
	for _, h := range t {
		if h.Zone == zone && !d.Before(h.First) && !d.After(h.Last) {
			return h, true
		}
	}
	return SchoolHoliday{}, false
}

// Known returns the first and last day the table tells about for a zone; ok is
// false when it has none. After the last day, the table wants new lines: warn
// whoever plans with it.
func (t SchoolTable) Known(zone SchoolZone) (first, last Date, ok bool) {
	for _, h := range t {
		if h.Zone != zone {
			continue
		}
		if !ok || h.First.Before(first) {
			first = h.First
		}
		last, ok = later(last, h.Last), true
	}
	return first, last, ok
}

// SchoolZoneOf returns the school zone of a department by its académie (arrêté du
// 7 décembre 2022, art. 2); ok is false overseas, where each académie sets its
// calendar, and for an unknown code.
func SchoolZoneOf(departement string) (zone SchoolZone, ok bool) {
	for _, a := range academies() {
		if slices.Contains(strings.Fields(a.departements), departement) {
			return a.zone, true
		}
	}
	return "", false
}
