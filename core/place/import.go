package place

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"parvis/platform/fault"
	"parvis/platform/hours"
	"parvis/platform/phone"
	"parvis/platform/store"
)

// SourceFranceServices marks the places of the ANCT's list.
const SourceFranceServices = "france-services"

// Remark is one line of an import's report. Line counts from 1, the header
// included; Key is a message with its arguments. A refused row changed nothing;
// a warned one was imported, without what the remark names.
type Remark struct {
	Line    int
	ID      string // the row's own identifier
	Field   string
	Key     string
	Args    []any
	Refused bool
}

// Report accounts for every row: Rows = Created + Updated + Unchanged + Refused.
type Report struct {
	Rows, Created, Updated, Unchanged, Refused int
	HoursRead, HoursRefused                    int
	Remarks                                    []Remark
}

// Target says where a row goes: the handle of the territory that receives the
// places of a département, opened when needed, and what to do with a place
// that was created or changed (its opening spans, for instance) in the same transaction.
type Target interface {
	Handle(ctx context.Context, departement, commune string) (store.Handle, error)
	Imported(ctx context.Context, tx *store.Tx, p Place) error
}

// required are the columns the import needs, in the publisher's names.
var required = []string{"id_fs", "insee_dep", "lib_fs", "adresse", "complement_adresse", "insee_com", "code_postal", "lib_com",
	"latitude", "longitude", "telephone", "h_lundi", "h_mardi", "h_mercredi", "h_jeudi", "h_vendredi", "h_samedi", "commentaire"}

var dayColumns = []struct {
	column string
	day    time.Weekday
}{{"h_lundi", time.Monday}, {"h_mardi", time.Tuesday}, {"h_mercredi", time.Wednesday}, {"h_jeudi", time.Thursday},
	{"h_vendredi", time.Friday}, {"h_samedi", time.Saturday}}

// ImportFranceServices reads the ANCT's CSV (UTF-8, comma, one header line).
// Each row is its own transaction: an import that stops can be run again and
// goes on, places known by their identifier are updated, never doubled.
// progress is called after each row; it may be nil.
func ImportFranceServices(ctx context.Context, r io.Reader, target Target, progress func(Report)) (Report, error) {
	var rep Report
	in := bufio.NewReader(r)
	if bom, err := in.Peek(3); err == nil && bytes.Equal(bom, []byte("\ufeff")) {
		_, _ = in.Discard(3)
	}
	c := csv.NewReader(in)
	c.ReuseRecord = true
	header, err := c.Read()
	if err != nil {
		return rep, fault.New(fault.Invalid, "place.import.unreadable", "Line", 1).Because(err)
	}
	at := map[string]int{}
	for i, name := range header {
		at[strings.TrimSpace(name)] = i
	}
	for _, name := range required {
		if _, ok := at[name]; !ok {
			return rep, fault.New(fault.Invalid, "place.import.column", "Column", name)
		}
	}
	seen := map[string]int{}
	for {
		rec, err := c.Read()
		if errors.Is(err, io.EOF) {
			return rep, nil
		}
		if err != nil && !errors.Is(err, csv.ErrFieldCount) {
			// A broken quote swallows the lines after it: going on would count wrongly.
			line := 0
			if wrong := (*csv.ParseError)(nil); errors.As(err, &wrong) {
				line = wrong.StartLine
			}
			return rep, fault.New(fault.Invalid, "place.import.unreadable", "Line", line).Because(err)
		}
		line, _ := c.FieldPos(0)
		rep.Rows++
		row := reader{rec: rec, at: at, line: line, rep: &rep}
		if len(rec) != len(header) {
			row.refuse("", "place.import.fields", "Got", len(rec), "Want", len(header))
		} else if first, twice := seen[row.get("id_fs")]; twice && row.get("id_fs") != "" {
			row.refuse("id_fs", "place.import.twice", "First", first)
		} else {
			seen[row.get("id_fs")] = line
			if err := row.store(ctx, target); err != nil {
				return rep, fmt.Errorf("place: line %d: %w", line, err)
			}
		}
		if progress != nil {
			progress(rep)
		}
	}
}

type reader struct {
	rec  []string
	at   map[string]int
	line int
	rep  *Report
}

func (r *reader) get(column string) string { return strings.TrimSpace(r.rec[r.at[column]]) }

// text is a value that people read.
func (r *reader) text(column string) string { return strings.TrimSpace(unescaped(r.get(column))) }

func (r *reader) id() string {
	if i := r.at["id_fs"]; i < len(r.rec) {
		return r.get("id_fs")
	}
	return ""
}

func (r *reader) refuse(field, key string, args ...any) {
	r.rep.Refused++
	r.rep.Remarks = append(r.rep.Remarks, Remark{r.line, r.id(), field, key, args, true})
}

func (r *reader) warn(field, key string, args ...any) {
	r.rep.Remarks = append(r.rep.Remarks, Remark{r.line, r.id(), field, key, args, false})
}

// store parses the row, then writes it.
func (r *reader) store(ctx context.Context, target Target) error {
	for _, v := range r.rec {
		if !utf8.ValidString(v) || strings.ContainsRune(v, 0) {
			r.refuse("", "place.import.encoding")
			return nil
		}
	}
	if r.get("id_fs") == "" {
		r.refuse("id_fs", "place.import.empty")
		return nil
	}
	p := Place{Name: r.text("lib_fs"), Zip: r.get("code_postal"), City: r.text("lib_com"), CommuneCode: r.get("insee_com"),
		Comment: r.text("commentaire"), Source: SourceFranceServices, SourceID: r.get("id_fs"), Active: true}
	p.Address = strings.Join(slices.DeleteFunc([]string{r.text("adresse"), r.text("complement_adresse")}, func(s string) bool { return s == "" }), ", ")
	p.Lat, p.Lon = r.position()
	departement := r.get("insee_dep")
	if v := r.get("telephone"); v != "" {
		if n, err := phone.Parse(v, phone.Region(departement)); err != nil {
			r.warn("telephone", "place.import.phone", "Value", v)
		} else {
			p.Phone = n.E164()
		}
	}
	for _, d := range dayColumns {
		v := r.get(d.column)
		spans, err := hours.ParseDay(v)
		var refusal *hours.Refusal
		switch {
		case errors.As(err, &refusal):
			r.rep.HoursRefused++
			r.warn(d.column, refusal.Key(), refusal.Args()...)
		case err != nil:
			return err
		case v != "":
			r.rep.HoursRead++
		}
		p.Opening.V[d.day] = spans
	}
	if err := p.Check(departement); err != nil {
		f := fault.Of(err)
		r.refuse(f.Fields[0].Name, f.Fields[0].Key, f.Fields[0].Args...)
		return nil
	}
	h, err := target.Handle(ctx, departement, p.CommuneCode)
	if fault.Is(err, fault.NotFound) {
		r.refuse("insee_com", "place.import.territory", "Commune", p.CommuneCode, "Departement", departement)
		return nil
	}
	if err != nil {
		return err
	}
	return r.write(ctx, h, target, p)
}

// position is 0, 0 with a warning when the coordinates cannot be right.
func (r *reader) position() (lat, lon float64) {
	a, b := r.get("latitude"), r.get("longitude")
	if a == "" && b == "" {
		return 0, 0
	}
	lat, err1 := strconv.ParseFloat(strings.Replace(a, ",", ".", 1), 64)
	lon, err2 := strconv.ParseFloat(strings.Replace(b, ",", ".", 1), 64)
	if err1 != nil || err2 != nil || lat < -90 || lat > 90 || lon < -180 || lon > 180 {
		r.warn("latitude", "place.import.position", "Lat", a, "Lon", b)
		return 0, 0
	}
	return lat, lon
}

func (r *reader) write(ctx context.Context, h store.Handle, target Target, p Place) error {
	var created, updated bool
	err := h.Update(ctx, func(tx *store.Tx) error {
		created, updated = false, false
		before, err := BySource(ctx, tx, p.Source, p.SourceID)
		known, err := exists(err)
		if err != nil {
			return err
		}
		if known {
			p.ID, p.Accessible = before.ID, before.Accessible
			if before.same(p) {
				return nil
			}
		}
		if p.ID, err = Save(ctx, tx, p); err != nil {
			return err
		}
		created, updated = !known, known
		return target.Imported(ctx, tx, p)
	})
	if err != nil {
		return err
	}
	switch {
	case created:
		r.rep.Created++
	case updated:
		r.rep.Updated++
	default:
		r.rep.Unchanged++
	}
	return nil
}

// same tells whether an import would change nothing.
func (p Place) same(q Place) bool {
	for d := range p.Opening.V {
		if !slices.Equal(p.Opening.V[d], q.Opening.V[d]) {
			return false
		}
	}
	return p.Name == q.Name && p.Address == q.Address && p.Zip == q.Zip && p.City == q.City && p.CommuneCode == q.CommuneCode &&
		p.Lat == q.Lat && p.Lon == q.Lon && p.Phone == q.Phone && p.Comment == q.Comment && p.Active == q.Active
}
