package sector

import (
	"context"
	"embed"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"parvis/platform/fault"
	"parvis/platform/geo"
	"parvis/platform/mail"
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
func Migration() store.Migration { return store.Migration{Name: "sector", FS: files} }

// Sector is a part of a territory.
type Sector struct {
	ID           store.ID
	Name         string
	Kind         string // free word: "quartier", "commune"
	Code         string // of the publisher; "" none
	CrewID       store.ID
	ContactName  string // the named contact
	ContactPhone string // E.164
	ContactEmail string
	South        float64 // degrees WGS84
	West         float64
	North        float64
	East         float64
	Version      int64
	UpdatedAt    time.Time

	area geo.Area
}

const columns = `id, name, kind, code, crew_id, contact_name, contact_phone, contact_email, south, west, north, east, version, updated_at`

// Most bounds the sectors of a territory.
const Most = 2000

// Check normalises the words and returns the mistakes, field by field: name,
// kind, phone, email.
func (s *Sector) Check(region string) error {
	var wrong fault.Fields
	for _, f := range []struct {
		text *string
		name string
		need bool
	}{{&s.Name, "name", true}, {&s.Kind, "kind", true}, {&s.Code, "code", false}, {&s.ContactName, "contact", false}} {
		*f.text = strings.TrimSpace(*f.text)
		switch n := utf8.RuneCountInString(*f.text); {
		case n == 0 && f.need:
			wrong.Add(f.name, "sector.error."+f.name)
		case n > 100:
			wrong.Add(f.name, "sector.error.long", "Max", 100)
		case !utf8.ValidString(*f.text) || strings.ContainsRune(*f.text, 0):
			wrong.Add(f.name, "sector.error.text")
		}
	}
	if s.ContactPhone = strings.TrimSpace(s.ContactPhone); s.ContactPhone != "" {
		n, err := phone.Parse(s.ContactPhone, region)
		if err != nil {
			wrong.Add("phone", "sector.error.phone")
		}
		s.ContactPhone = n.E164()
	}
	if s.ContactEmail = strings.TrimSpace(s.ContactEmail); s.ContactEmail != "" {
		address, err := mail.ParseAddress(s.ContactEmail)
		if err != nil {
			wrong.Add("email", "sector.error.email")
		}
		s.ContactEmail = address
	}
	return wrong.Err()
}

// Shape gives the sector its contour.
func (s *Sector) Shape(a geo.Area) {
	s.area = a
	b := a.Bounds()
	s.South, s.West, s.North, s.East = b.South, b.West, b.North, b.East
}

// Area is the contour, when it was read with it.
func (s Sector) Area() geo.Area { return s.area }

// Save inserts (ID 0) or updates a checked sector. Its contour is written when
// it was given with Shape. Conflict when somebody else changed it meanwhile,
// Invalid on name when another of the kind has it.
func Save(ctx context.Context, tx *store.Tx, s Sector) (Sector, error) {
	fold := search.Fold(s.Name)
	var other store.ID
	if err := tx.Get(ctx, &other, `SELECT COALESCE(MAX(id), 0) FROM sector WHERE territory_id = @territory AND kind = ? AND name_fold = ? AND id <> ?`, s.Kind, fold, s.ID); err != nil {
		return s, fmt.Errorf("sector: looking for the name: %w", err)
	}
	if other != 0 {
		return s, fault.Fields{{Name: "name", Key: "sector.error.twice"}}.Err()
	}
	area := ""
	if !s.area.Empty() {
		area = string(s.area.GeoJSON())
	}
	if err := moved(ctx, tx); err != nil {
		return s, err
	}
	if s.ID == 0 {
		if area == "" {
			return s, fault.New(fault.Invalid, "sector.error.area")
		}
		s.ID, s.Version, s.UpdatedAt = store.NewID(), 1, tx.Now()
		_, err := tx.Exec(ctx, `INSERT INTO sector (territory_id, name_fold, area, `+columns+`) VALUES (@territory, ?, ?, `+store.In(14)+`)`, fold, area,
			s.ID, s.Name, s.Kind, s.Code, s.CrewID, s.ContactName, s.ContactPhone, s.ContactEmail, s.South, s.West, s.North, s.East, s.Version, s.UpdatedAt)
		if err != nil {
			return s, fmt.Errorf("sector: saving: %w", err)
		}
		return s, nil
	}
	n, err := tx.Exec(ctx, `UPDATE sector SET name = ?, name_fold = ?, kind = ?, code = ?, crew_id = ?, contact_name = ?, contact_phone = ?, contact_email = ?,
		south = ?, west = ?, north = ?, east = ?, area = CASE WHEN ? = '' THEN area ELSE ? END, updated_at = ?, version = version + 1
		WHERE territory_id = @territory AND id = ? AND version = ?`, s.Name, fold, s.Kind, s.Code, s.CrewID, s.ContactName, s.ContactPhone, s.ContactEmail,
		s.South, s.West, s.North, s.East, area, area, tx.Now(), s.ID, s.Version)
	if err != nil {
		return s, fmt.Errorf("sector: saving: %w", err)
	}
	if n == 0 {
		return s, fault.New(fault.Conflict, "sector.error.version")
	}
	s.Version++
	return s, nil
}

// moved numbers a new edition of the territory's sectors.
func moved(ctx context.Context, tx *store.Tx) error {
	_, err := tx.Exec(ctx, `INSERT INTO sector_edition (territory_id, edition) VALUES (@territory, 1)
		ON CONFLICT (territory_id) DO UPDATE SET edition = sector_edition.edition + 1`)
	if err != nil {
		return fmt.Errorf("sector: numbering: %w", err)
	}
	return nil
}

// Get finds one sector, without its contour; store.ErrNotFound.
func Get(ctx context.Context, tx *store.Tx, id store.ID) (Sector, error) {
	var s Sector
	err := tx.Get(ctx, &s, `SELECT `+columns+` FROM sector WHERE territory_id = @territory AND id = ?`, id)
	return s, err
}

// List is the sectors by kind and name, without their contours.
func List(ctx context.Context, tx *store.Tx) ([]Sector, error) {
	var out []Sector
	err := tx.Select(ctx, &out, `SELECT `+columns+` FROM sector WHERE territory_id = @territory ORDER BY kind, name_fold LIMIT ?`, Most)
	if err != nil {
		return nil, fmt.Errorf("sector: listing: %w", err)
	}
	return out, nil
}

// Delete removes a sector; deleting twice changes nothing.
func Delete(ctx context.Context, tx *store.Tx, id store.ID) error {
	if err := moved(ctx, tx); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM sector WHERE territory_id = @territory AND id = ?`, id); err != nil {
		return fmt.Errorf("sector: deleting: %w", err)
	}
	return nil
}
