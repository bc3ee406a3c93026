package intervention

import (
	"fmt"
	"math"

	"parvis/platform/store"
)

// metresPerDegree is the length of a degree of latitude (WGS84, mean).
const metresPerDegree = 111_195.0

// gridMetres is the side of the cell that is a place when no asset is known:
// the wall that is tagged again is seldom further (reference, section 7).
const gridMetres = 25.0

// grid is the row and column of a point: rows are bands of 25 m of latitude,
// columns are counted in the middle of their band, so that the same place has
// the same cell for ever.
func grid(lat, lon float64) (row, column int64) {
	row = int64(math.Floor(lat * metresPerDegree / gridMetres))
	middle := (float64(row) + 0.5) * gridMetres / metresPerDegree
	column = int64(math.Floor(lon * metresPerDegree * math.Cos(middle*math.Pi/180) / gridMetres))
	return row, column
}

// cellKey is the cell of a point as one number, 0 without a point.
func cellKey(lat, lon *float64) int64 {
	if lat == nil || lon == nil {
		return 0
	}
	row, column := grid(*lat, *lon)
	return row<<24 | (column + 1<<23)
}

// placeOf names the place of a work order: its asset, else the cell of its
// point; "" when neither is known.
func placeOf(asset store.ID, lat, lon *float64) string {
	if asset != 0 {
		return "a:" + asset.String()
	}
	if lat == nil || lon == nil {
		return ""
	}
	row, column := grid(*lat, *lon)
	return fmt.Sprintf("c:%d:%d", row, column)
}
