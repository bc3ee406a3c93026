package place

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"math"
	"regexp"
	"sort"
	"strings"
	"time"

	"parvis/platform/fault"
	"parvis/platform/geo"
	"parvis/platform/hours"
	"parvis/platform/phone"
	"parvis/platform/search"
	"parvis/platform/store"
)

//go:embed migrations/*.sql
var files embed.FS

// Locales holds the package's texts.
//
//go:embed locales/*.json
var Locales embed.FS

// Migration is the package's schema.
func Migration() store.Migration { return store.Migration{Name: "place", FS: files} }

// Place is where people are received. Lat and Lon are degrees WGS84, 0, 0 when
// unknown.
type Place struct {
	ID          store.ID
	Name        string
	Address     string // number and street
	Zip, City   string
	CommuneCode string // INSEE
	Lat, Lon    float64
	Phone       string // E.164, or "" unknown
	Comment     string
	Accessible  bool // step-free access checked
	Opening     store.JSON[hours.Week]
	Source      string // "france-services", "" typed here
	SourceID    string
	Active      bool
	UpdatedAt   time.Time
}

const columns = `id, name, address, zip, city, commune_code, lat, lon, phone, comment, accessible, opening, source, source_id, active, updated_at`

// Located tells whether the coordinates are known.
func (p Place) Located() bool { return p.Lat != 0 || p.Lon != 0 }

// Lines are the address as written on an envelope.
func (p Place) Lines() []string {
	var out []string
	for _, l := range []string{p.Address, strings.TrimSpace(p.Zip + " " + p.City)} {
		if l != "" {
			out = append(out, l)
		}
	}
	return out
}

var (
	zipCode  = regexp.MustCompile(`^\d{5}$`)
	inseeFmt = regexp.MustCompile(`^(\d{2}|2A|2B)\d{3}$`)
)

// Check normalises the place and returns the mistakes, field by field.
func (p *Place) Check(departement string) error {
	var wrong fault.Fields
	p.Name, p.Address, p.City = strings.TrimSpace(p.Name), strings.TrimSpace(p.Address), strings.TrimSpace(p.City)
	switch {
	case p.Name == "":
		wrong.Add("name", "place.error.name")
	case len(p.Name) > 200:
		wrong.Add("name", "place.error.long", "Max", 200)
	}
	if len(p.Address) > 300 {
		wrong.Add("address", "place.error.long", "Max", 300)
	}
	if len(p.Comment) > 5000 {
		wrong.Add("comment", "place.error.long", "Max", 5000)
	}
	if p.Zip != "" && !zipCode.MatchString(p.Zip) {
		wrong.Add("zip", "place.error.zip")
	}
	if p.CommuneCode != "" && !inseeFmt.MatchString(p.CommuneCode) {
		wrong.Add("commune", "place.error.commune")
	}
	if math.IsNaN(p.Lat) || math.IsNaN(p.Lon) || math.Abs(p.Lat) > 90 || math.Abs(p.Lon) > 180 {
		wrong.Add("lat", "place.error.position")
	}
	if p.Phone != "" {
		if n, err := phone.Parse(p.Phone, phone.Region(departement)); err != nil {
			wrong.Add("phone", "place.error.phone")
		} else {
			p.Phone = n.E164()
		}
	}
	return wrong.Err()
}

// Save inserts (ID 0) or updates a checked place and returns its id.
func Save(ctx context.Context, tx *store.Tx, p Place) (store.ID, error) {
	if p.ID == 0 {
		p.ID = store.NewID()
	}
	_, err := tx.Exec(ctx, `INSERT INTO place (territory_id, id, name, name_fold, address, zip, city, commune_code, lat, lon, phone, comment, accessible, opening, source, source_id, active, updated_at)
		VALUES (@territory, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (territory_id, id) DO UPDATE SET name = excluded.name, name_fold = excluded.name_fold, address = excluded.address,
			zip = excluded.zip, city = excluded.city, commune_code = excluded.commune_code, lat = excluded.lat, lon = excluded.lon,
			phone = excluded.phone, comment = excluded.comment, accessible = excluded.accessible, opening = excluded.opening,
			source = excluded.source, source_id = excluded.source_id, active = excluded.active, updated_at = excluded.updated_at`,
		p.ID, p.Name, search.Fold(p.Name), p.Address, p.Zip, p.City, p.CommuneCode, p.Lat, p.Lon, p.Phone, p.Comment, p.Accessible,
		p.Opening, p.Source, p.SourceID, p.Active, tx.Now())
	if err != nil {
		return 0, fmt.Errorf("place: saving: %w", err)
	}
	return p.ID, nil
}

// Get finds one place; store.ErrNotFound.
func Get(ctx context.Context, tx *store.Tx, id store.ID) (Place, error) {
	var p Place
	err := tx.Get(ctx, &p, `SELECT `+columns+` FROM place WHERE territory_id = @territory AND id = ?`, id)
	return p, err
}

// BySource finds an imported place by the publisher's identifier.
func BySource(ctx context.Context, tx *store.Tx, source, id string) (Place, error) {
	var p Place
	err := tx.Get(ctx, &p, `SELECT `+columns+` FROM place WHERE territory_id = @territory AND source = ? AND source_id = ?`, source, id)
	return p, err
}

// List is the places by name after a cursor ("" from the start; the next one
// is "" at the end). all includes those that are closed for good.
func List(ctx context.Context, tx *store.Tx, query, after string, limit int, all bool) (out []Place, next string, err error) {
	fold, id := "", int64(0)
	if i := strings.LastIndexByte(after, '|'); i >= 0 {
		n, err := store.ParseID(after[i+1:])
		if err != nil {
			return nil, "", fault.New(fault.Invalid, "place.error.cursor").Because(err)
		}
		fold, id = after[:i], int64(n)
	}
	err = tx.Select(ctx, &out, `SELECT `+columns+` FROM place WHERE territory_id = @territory AND (name_fold, id) > (?, ?)
		AND name_fold LIKE ? AND (active OR ?) ORDER BY name_fold, id LIMIT ?`, fold, id, "%"+like(search.Fold(query))+"%", all, limit+1)
	if err != nil {
		return nil, "", fmt.Errorf("place: listing: %w", err)
	}
	if len(out) > limit {
		out = out[:limit]
		last := out[limit-1]
		next = search.Fold(last.Name) + "|" + last.ID.String()
	}
	return out, next, nil
}

func like(s string) string {
	return strings.NewReplacer("%", " ", "_", " ", `\`, " ").Replace(s)
}

// Near sorts places by distance from a point; those without coordinates last.
func Near(places []Place, lat, lon float64) {
	sort.SliceStable(places, func(i, j int) bool {
		return places[i].distance(lat, lon) < places[j].distance(lat, lon)
	})
}

func (p Place) distance(lat, lon float64) float64 {
	if !p.Located() {
		return math.Inf(1)
	}
	return geo.Distance(geo.Point{Lat: p.Lat, Lon: p.Lon}, geo.Point{Lat: lat, Lon: lon})
}

// exists tells a missing row from a failure.
func exists(err error) (bool, error) {
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}
