package report

import (
	"context"
	"embed"
	"errors"
	"time"

	"parvis/core/link"
	"parvis/core/notify"
	"parvis/engine/dossier"
	"parvis/platform/clock"
	"parvis/platform/event"
	"parvis/platform/file"
	"parvis/platform/geo"
	"parvis/platform/store"
)

//go:embed migrations/*.sql
var files embed.FS

// Locales holds the service's texts.
//
//go:embed locales/*.json
var Locales embed.FS

// Migration is the package's schema.
func Migration() store.Migration { return store.Migration{Name: "report", FS: files} }

// Where is what pages and messages say of the territory.
type Where struct {
	Name     string // "Grand Poitiers"
	URL      string // "https://parvis.example/grand-poitiers", without final slash
	Region   string // of its phone numbers
	Phone    string // national form, "" none
	Centre   geo.Point
	Location *time.Location
	Host     string // its own GeoReport name, for imports and loops
}

// Outside says that a point is not the territory's: Name is who is in charge
// there, URL its pages when it is on this instance.
type Outside struct{ Name, URL string }

// Choice is something to choose by its identifier: a team, a person, a sector.
type Choice struct {
	ID   store.ID
	Name string
}

// Landmark is a place that people know.
type Landmark struct {
	Name  string
	Point geo.Point
}

// Deps are the rooms the service stands on. Those said optional may be nil.
type Deps struct {
	Clock    clock.Clock
	DB       *store.DB
	Dossiers *dossier.Engine
	Hub      *notify.Hub
	Bus      *event.Bus
	Files    file.Store
	Where    func(ctx context.Context, tx *store.Tx) (Where, error)
	// Secret makes the links that stop messages; at least 16 bytes, for ever the
	// same.
	Secret []byte
	// Within tells whether a point is the territory's, and otherwise who is in
	// charge there. Optional: every point is.
	Within func(ctx context.Context, territory string, p geo.Point) (Outside, bool, error)
	// Sectors are those a point lies in. Optional.
	Sectors func(ctx context.Context, tx *store.Tx, p geo.Point) ([]store.ID, error)
	// SectorList, CrewList and StaffList are what settings choose from. Optional.
	SectorList func(ctx context.Context, tx *store.Tx) ([]Choice, error)
	CrewList   func(ctx context.Context, tx *store.Tx) ([]Choice, error)
	StaffList  func(ctx context.Context, h store.Handle) ([]Choice, error)
	// Contours are those of the territory, for maps. Optional.
	Contours func(ctx context.Context, h store.Handle) ([]geo.Area, error)
	// Landmarks are named on maps, the best known first. Optional.
	Landmarks func(ctx context.Context, h store.Handle) ([]Landmark, error)
	// Links are read on the pages of a report. Optional: called once connected.
	Links func() *link.Links
	// Opinion is what people think of the repair, and where to say it; it is
	// drawn by the barometer. Optional.
	Opinion func(ctx context.Context, h store.Handle, subject string) (Opinion, error)
	// Satisfaction is the mean of all opinions on reports and its base. Optional.
	Satisfaction func(ctx context.Context, h store.Handle) (mean float64, base int, err error)
}

// Opinion is what the barometer says of one report. Count 0 means that nothing
// may be shown yet.
type Opinion struct {
	Mean   float64
	Count  int
	Scale  []OpinionBar // from the best
	Answer string       // path of the site where to answer, "" when nobody may
}

// OpinionBar is one answer and how many gave it.
type OpinionBar struct {
	Label string
	N     int
}

// Reports is the rules of reports. It is safe for concurrent use.
type Reports struct {
	Deps
	cache   *categoryCache
	figures *figureCache
}

// New checks the dependencies.
func New(d Deps) (*Reports, error) {
	if d.Clock == nil || d.DB == nil || d.Dossiers == nil || d.Bus == nil || d.Files == nil || d.Where == nil || len(d.Secret) < 16 {
		return nil, errors.New("report: a dependency is missing")
	}
	return &Reports{Deps: d, cache: newCategoryCache(d.Clock), figures: &figureCache{}}, nil
}

// sectors are those of a point, none when nobody knows any.
func (s *Reports) sectors(ctx context.Context, tx *store.Tx, p *geo.Point) ([]store.ID, error) {
	if s.Sectors == nil || p == nil {
		return nil, nil
	}
	return s.Sectors(ctx, tx, *p)
}
