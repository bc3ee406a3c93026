package geo

import (
	"embed"
	"errors"

	"parvis/platform/fault"
)

// Locales holds the sentences shown for each [Kind], in French and English.
//
//go:embed locales/*.json
var Locales embed.FS

// Kind says why an area is refused.
type Kind string

// The kinds of refusal.
const (
	NotGeoJSON Kind = "not_geojson" // not JSON, or not the GeoJSON of RFC 7946
	NoArea     Kind = "no_area"     // points or lines only
	Projected  Kind = "projected"   // coordinates in metres: not WGS84 degrees
	Degenerate Kind = "degenerate"  // a ring of fewer than three distinct points
	TooLarge   Kind = "too_large"   // more than 200 000 points or 20 MB
)

// Error is a refused area.
type Error struct{ Kind Kind }

// Error says in English, for logs, what is wrong.
func (e *Error) Error() string { return "area refused: " + string(e.Kind) }

// As makes the refusal a fault that pages and the API know how to say.
func (e *Error) As(target any) bool {
	f, ok := target.(**fault.Fault)
	if ok {
		*f = fault.New(fault.Invalid, e.Key()).Because(e)
	}
	return ok
}

// Key is the key, in [Locales], of the sentence to show.
func (e *Error) Key() string { return "geo.error." + string(e.Kind) }

// KindOf returns the kind of refusal carried by err, or "" when err is none.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return ""
}

func refuse(k Kind) error { return &Error{Kind: k} }
