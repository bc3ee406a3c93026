package sector

import (
	"encoding/json"

	"github.com/paulmach/orb"

	"parvis/platform/fault"
)

// geometry is the geometry of GeoJSON (RFC 7946, § 3.1): positions are
// longitude, latitude, and perhaps a height that is left out.
type geometry struct {
	Type        string          `json:"type"`
	Coordinates json.RawMessage `json:"coordinates"`
}

// shape reads a polygon or several.
func (g geometry) shape() (orb.Geometry, error) {
	var polygons [][][][]float64
	switch g.Type {
	case "Polygon":
		polygons = make([][][][]float64, 1)
		if json.Unmarshal(g.Coordinates, &polygons[0]) != nil {
			return nil, fault.New(fault.Invalid, "sector.import.coordinates")
		}
	case "MultiPolygon":
		if json.Unmarshal(g.Coordinates, &polygons) != nil {
			return nil, fault.New(fault.Invalid, "sector.import.coordinates")
		}
	default:
		return nil, fault.New(fault.Invalid, "sector.import.polygon")
	}
	var out orb.MultiPolygon
	for _, rings := range polygons {
		var p orb.Polygon
		for _, points := range rings {
			var ring orb.Ring
			for _, at := range points {
				if len(at) < 2 {
					return nil, fault.New(fault.Invalid, "sector.import.coordinates")
				}
				ring = append(ring, orb.Point{at[0], at[1]})
			}
			p = append(p, ring)
		}
		out = append(out, p)
	}
	return out, nil
}

// write is the geometry as it is kept.
func write(shape orb.MultiPolygon) (string, error) {
	coordinates, err := json.Marshal(shape)
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(geometry{"MultiPolygon", coordinates})
	return string(text), err
}

// parse reads what was kept.
func parse(text string) (orb.Geometry, error) {
	var g geometry
	if err := json.Unmarshal([]byte(text), &g); err != nil {
		return nil, err
	}
	return g.shape()
}
