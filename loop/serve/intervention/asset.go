package intervention

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"parvis/platform/fault"
	"parvis/platform/search"
	"parvis/platform/store"
)

// Asset is something that is looked after. Code is unique within its kind.
type Asset struct {
	ID         store.ID
	Kind       string // "banc", "hydrant": the territory's own words
	Code       string
	Name       string
	Address    string
	State      string // good, worn, broken, gone
	Lat, Lon   *float64
	Geometry   string // GeoJSON geometry as imported, "" a point
	Attributes store.JSON[map[string]string]
	Installed  string // "2019-05-02" or a year
	Active     bool
	UpdatedAt  time.Time
}

// AssetStates lists the states of an asset.
func AssetStates() []string { return []string{"good", "worn", "broken", "gone"} }

const assetColumns = `id, kind, code, name, address, state, lat, lon, geometry, attributes, installed, active, updated_at`

// Check normalises and returns the mistakes.
func (a *Asset) Check() error {
	var wrong fault.Fields
	a.Kind, a.Code, a.Name, a.Address = strings.TrimSpace(a.Kind), strings.TrimSpace(a.Code), strings.TrimSpace(a.Name), strings.TrimSpace(a.Address)
	if a.Kind == "" {
		wrong.Add("kind", "intervention.error.kind")
	}
	if a.Code == "" {
		wrong.Add("code", "intervention.error.code")
	}
	if a.Name == "" {
		a.Name = strings.TrimSpace(a.Kind + " " + a.Code)
	}
	if a.State == "" {
		a.State = "good"
	}
	known := false
	for _, x := range AssetStates() {
		known = known || x == a.State
	}
	if !known {
		wrong.Add("state", "intervention.error.assetstate")
	}
	checkText(&wrong, "kind", a.Kind, 60)
	checkText(&wrong, "code", a.Code, 60)
	checkText(&wrong, "name", a.Name, maxTitle)
	checkText(&wrong, "address", a.Address, maxAddress)
	checkText(&wrong, "installed", a.Installed, 20)
	if !validPoint(a.Lat, a.Lon) {
		wrong.Add("point", "intervention.error.point")
	}
	if len(a.Geometry) > 64<<10 {
		wrong.Add("point", "intervention.error.geometry")
	}
	return wrong.Err()
}

// SaveAsset adds an asset or, when its kind and code are known, writes it again;
// made tells which.
func (s *Service) SaveAsset(ctx context.Context, tx *store.Tx, a Asset) (saved Asset, made bool, err error) {
	if err := a.Check(); err != nil {
		return a, false, err
	}
	var id store.ID
	err = tx.Get(ctx, &id, `SELECT id FROM intervention_asset WHERE territory_id = @territory AND kind = ? AND code = ?`, a.Kind, a.Code)
	made = errors.Is(err, store.ErrNotFound)
	if err != nil && !made {
		return a, false, fmt.Errorf("intervention: looking for an asset: %w", err)
	}
	if made {
		id = store.NewID()
	}
	a.ID, a.UpdatedAt = id, tx.Now()
	if a.Attributes.V == nil {
		a.Attributes.V = map[string]string{}
	}
	_, err = tx.Exec(ctx, `INSERT INTO intervention_asset (territory_id, `+assetColumns+`, name_fold, cell) VALUES (@territory, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (territory_id, id) DO UPDATE SET name = excluded.name, address = excluded.address, state = excluded.state, lat = excluded.lat, lon = excluded.lon,
			geometry = excluded.geometry, attributes = excluded.attributes, installed = excluded.installed, active = excluded.active, updated_at = excluded.updated_at,
			name_fold = excluded.name_fold, cell = excluded.cell`,
		a.ID, a.Kind, a.Code, a.Name, a.Address, a.State, a.Lat, a.Lon, a.Geometry, a.Attributes, a.Installed, a.Active, a.UpdatedAt, search.Fold(a.Name+" "+a.Code+" "+a.Address), cellKey(a.Lat, a.Lon))
	if err != nil {
		return a, false, fmt.Errorf("intervention: saving an asset: %w", err)
	}
	return a, made, nil
}

// Asset finds one; store.ErrNotFound.
func (s *Service) Asset(ctx context.Context, tx *store.Tx, id store.ID) (Asset, error) {
	var a Asset
	err := tx.Get(ctx, &a, `SELECT `+assetColumns+` FROM intervention_asset WHERE territory_id = @territory AND id = ?`, id)
	return a, err
}

// AssetByCode finds one; store.ErrNotFound.
func (s *Service) AssetByCode(ctx context.Context, tx *store.Tx, kind, code string) (Asset, error) {
	var a Asset
	err := tx.Get(ctx, &a, `SELECT `+assetColumns+` FROM intervention_asset WHERE territory_id = @territory AND kind = ? AND code = ?`, kind, code)
	return a, err
}

// assetTyped finds the asset that a form names « type/code »: a mistake of the
// field asset when there is none.
func (s *Service) assetTyped(ctx context.Context, tx *store.Tx, typed string) (store.ID, error) {
	kind, code, _ := strings.Cut(typed, "/")
	a, err := s.AssetByCode(ctx, tx, strings.TrimSpace(kind), strings.TrimSpace(code))
	if errors.Is(err, store.ErrNotFound) {
		return 0, &fault.Fault{Kind: fault.Invalid, Fields: []fault.Field{{Name: "asset", Key: "intervention.error.asset"}}}
	}
	return a.ID, err
}

// AssetFilter narrows a list of assets. After is the last identifier of the page
// before.
type AssetFilter struct {
	Text, Kind string
	After      store.ID
}

// Assets lists by identifier, at most limit.
func (s *Service) Assets(ctx context.Context, tx *store.Tx, f AssetFilter, limit int) ([]Asset, error) {
	query, args := `SELECT `+assetColumns+` FROM intervention_asset WHERE territory_id = @territory AND active AND id > ?`, []any{f.After}
	if f.Kind != "" {
		query, args = query+` AND kind = ?`, append(args, f.Kind)
	}
	for _, w := range search.Words(f.Text) {
		query, args = query+` AND name_fold LIKE ? ESCAPE '!'`, append(args, "%"+likeable(w)+"%")
	}
	var out []Asset
	if err := tx.Select(ctx, &out, query+` ORDER BY id LIMIT ?`, append(args, limit)...); err != nil {
		return nil, fmt.Errorf("intervention: listing assets: %w", err)
	}
	return out, nil
}

// AssetKinds lists the kinds in use with their number, by name.
func (s *Service) AssetKinds(ctx context.Context, tx *store.Tx) ([]KindCount, error) {
	var out []KindCount
	err := tx.Select(ctx, &out, `SELECT kind, COUNT(*) AS count FROM intervention_asset WHERE territory_id = @territory AND active GROUP BY kind ORDER BY kind LIMIT 200`)
	return out, err
}

// KindCount is a kind of asset and how many there are.
type KindCount struct {
	Kind  string
	Count int
}

// likeable keeps the signs of a pattern from meaning something.
func likeable(s string) string {
	return strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(s)
}
