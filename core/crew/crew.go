package crew

import (
	"context"
	"embed"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"parvis/platform/fault"
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
func Migration() store.Migration { return store.Migration{Name: "crew", FS: files} }

// Kind is where a crew works.
type Kind string

// The kinds.
const (
	Office Kind = "office" // « bureau »
	Field  Kind = "field"  // « terrain »
)

// Kinds lists them.
func Kinds() []Kind { return []Kind{Office, Field} }

// Crew is a team.
type Crew struct {
	ID        store.ID
	Name      string
	Kind      Kind
	Phone     string // E.164, "" none
	Email     string // of the team, "" none
	Active    bool   // takes work
	Version   int64
	UpdatedAt time.Time
}

const columns = `id, name, kind, phone, email, active, version, updated_at`

// Most bounds the crews of a territory, and the members of one.
const Most = 500

// Check normalises the crew and returns the mistakes, field by field: name,
// kind, phone, email.
func (c *Crew) Check(region string) error {
	var wrong fault.Fields
	c.Name, c.Phone, c.Email = strings.TrimSpace(c.Name), strings.TrimSpace(c.Phone), strings.TrimSpace(c.Email)
	switch n := utf8.RuneCountInString(c.Name); {
	case n == 0 || !utf8.ValidString(c.Name) || strings.ContainsRune(c.Name, 0):
		wrong.Add("name", "crew.error.name")
	case n > 100:
		wrong.Add("name", "crew.error.long", "Max", 100)
	}
	if !slices.Contains(Kinds(), c.Kind) {
		wrong.Add("kind", "crew.error.kind")
	}
	if c.Phone != "" {
		n, err := phone.Parse(c.Phone, region)
		if err != nil {
			wrong.Add("phone", "crew.error.phone")
		}
		c.Phone = n.E164()
	}
	if c.Email != "" {
		address, err := mail.ParseAddress(c.Email)
		if err != nil {
			wrong.Add("email", "crew.error.email")
		}
		c.Email = address
	}
	return wrong.Err()
}

// Save inserts (ID 0) or updates a checked crew. Conflict when somebody else
// changed it since it was read, Invalid on name when another crew has it.
func Save(ctx context.Context, tx *store.Tx, c Crew) (Crew, error) {
	fold := search.Fold(c.Name)
	var other store.ID
	if err := tx.Get(ctx, &other, `SELECT COALESCE(MAX(id), 0) FROM crew WHERE territory_id = @territory AND name_fold = ? AND id <> ?`, fold, c.ID); err != nil {
		return c, fmt.Errorf("crew: looking for the name: %w", err)
	}
	if other != 0 {
		return c, fault.Fields{{Name: "name", Key: "crew.error.twice"}}.Err()
	}
	if c.ID == 0 {
		var n int
		if err := tx.Get(ctx, &n, `SELECT COUNT(*) FROM crew WHERE territory_id = @territory`); err != nil {
			return c, fmt.Errorf("crew: counting: %w", err)
		}
		if n >= Most {
			return c, fault.New(fault.Conflict, "crew.error.many", "Max", Most)
		}
		c.ID, c.Version, c.UpdatedAt = store.NewID(), 1, tx.Now()
		_, err := tx.Exec(ctx, `INSERT INTO crew (territory_id, name_fold, `+columns+`) VALUES (@territory, ?, `+store.In(8)+`)`,
			fold, c.ID, c.Name, c.Kind, c.Phone, c.Email, c.Active, c.Version, c.UpdatedAt)
		if err != nil {
			return c, fmt.Errorf("crew: saving: %w", err)
		}
		return c, nil
	}
	n, err := tx.Exec(ctx, `UPDATE crew SET name = ?, name_fold = ?, kind = ?, phone = ?, email = ?, active = ?, updated_at = ?, version = version + 1
		WHERE territory_id = @territory AND id = ? AND version = ?`, c.Name, fold, c.Kind, c.Phone, c.Email, c.Active, tx.Now(), c.ID, c.Version)
	if err != nil {
		return c, fmt.Errorf("crew: saving: %w", err)
	}
	if n == 0 {
		return c, fault.New(fault.Conflict, "crew.error.version")
	}
	c.Version++
	return c, nil
}

// Get finds one crew; store.ErrNotFound.
func Get(ctx context.Context, tx *store.Tx, id store.ID) (Crew, error) {
	var c Crew
	err := tx.Get(ctx, &c, `SELECT `+columns+` FROM crew WHERE territory_id = @territory AND id = ?`, id)
	return c, err
}

// List is the crews by name; all includes those that take no work any more.
func List(ctx context.Context, tx *store.Tx, all bool) ([]Crew, error) {
	var out []Crew
	err := tx.Select(ctx, &out, `SELECT `+columns+` FROM crew WHERE territory_id = @territory AND (active OR ?) ORDER BY name_fold LIMIT ?`, all, Most)
	if err != nil {
		return nil, fmt.Errorf("crew: listing: %w", err)
	}
	return out, nil
}

// Of lists the crews of a person, active or not, at most 100.
func Of(ctx context.Context, tx *store.Tx, person store.ID) ([]store.ID, error) {
	var out []store.ID
	err := tx.Select(ctx, &out, `SELECT crew_id FROM crew_member WHERE territory_id = @territory AND person_id = ? ORDER BY crew_id LIMIT 100`, person)
	if err != nil {
		return nil, fmt.Errorf("crew: of a person: %w", err)
	}
	return out, nil
}

// Members lists the people of a crew.
func Members(ctx context.Context, tx *store.Tx, id store.ID) ([]store.ID, error) {
	var out []store.ID
	err := tx.Select(ctx, &out, `SELECT person_id FROM crew_member WHERE territory_id = @territory AND crew_id = ? ORDER BY person_id LIMIT ?`, id, Most)
	if err != nil {
		return nil, fmt.Errorf("crew: members: %w", err)
	}
	return out, nil
}

// SetMembers makes the people of a crew exactly those given, at most 500.
func SetMembers(ctx context.Context, tx *store.Tx, id store.ID, people []store.ID) error {
	if len(people) > Most {
		return fault.New(fault.Conflict, "crew.error.members", "Max", Most)
	}
	before, err := Members(ctx, tx, id)
	if err != nil {
		return err
	}
	for _, p := range before {
		if !slices.Contains(people, p) {
			if err := Leave(ctx, tx, id, p); err != nil {
				return err
			}
		}
	}
	for _, p := range people {
		_, err := tx.Exec(ctx, `INSERT INTO crew_member (territory_id, crew_id, person_id, joined_at) VALUES (@territory, ?, ?, ?) ON CONFLICT DO NOTHING`, id, p, tx.Now())
		if err != nil {
			return fmt.Errorf("crew: adding a member: %w", err)
		}
	}
	return nil
}

// Leave takes a person out of a crew.
func Leave(ctx context.Context, tx *store.Tx, id, person store.ID) error {
	_, err := tx.Exec(ctx, `DELETE FROM crew_member WHERE territory_id = @territory AND crew_id = ? AND person_id = ?`, id, person)
	if err != nil {
		return fmt.Errorf("crew: removing a member: %w", err)
	}
	return nil
}

// sizes is how many people each crew has.
func sizes(ctx context.Context, tx *store.Tx) (map[store.ID]int, error) {
	var rows []struct {
		CrewID store.ID
		N      int
	}
	err := tx.Select(ctx, &rows, `SELECT crew_id, COUNT(*) AS n FROM crew_member WHERE territory_id = @territory GROUP BY crew_id LIMIT ?`, Most)
	out := map[store.ID]int{}
	for _, r := range rows {
		out[r.CrewID] = r.N
	}
	return out, err
}
