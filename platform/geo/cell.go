package geo

import (
	"cmp"
	"math"
	"slices"
)

// The grid of keys: squares of 360°/2²¹, 19.1 m from south to north, and at the
// latitude of Paris 12.6 m from west to east.
const (
	cellBits = 21 // per coordinate: a key has 42 bits, exact in JSON too
	cellStep = 360.0 / (1 << cellBits)
	cellLast = 1<<cellBits - 1
)

// CellKey is the number of the cell that holds p in Z-order (G. M. Morton, 1966:
// the bits of both coordinates interleaved), so that cells near each other on the
// ground have mostly near numbers and a box is a few ranges of an ordinary index.
// It is at least 0, below 2⁴², and must never change: it is stored.
func CellKey(p Point) int64 {
	return interleave(column(p.Lon, 180))<<1 | interleave(column(p.Lat, 90))
}

// CellBounds is the box of all cells whose key shifted right by shift is that of
// key: with shift 0 the cell itself, with 2n the square of 2ⁿ × 2ⁿ cells. It
// undoes a GROUP BY of (cell >> shift) for a map made by the database.
func CellBounds(key int64, shift int) Bounds {
	shift = min(max(shift, 0), 2*cellBits) &^ 1
	first := key >> shift << shift
	size := float64(int64(1)<<(shift/2)) * cellStep
	west := float64(deinterleave(first>>1))*cellStep - 180
	south := float64(deinterleave(first))*cellStep - 90
	return Bounds{South: south, West: west, North: math.Min(south+size, 90), East: math.Min(west+size, 180)}
}

// CellShift is how far to shift keys so that groups are about 40 to 80 pixels wide on
// a map of that zoom (tiles of 256 pixels, 0 the world, 22 the doorstep).
func CellShift(zoom int) int {
	zoom = min(max(zoom, 0), 22)
	// A cell is 256·2^zoom/2²¹ pixels wide.
	return 2 * min(max(cellBits+6-8-zoom, 0), cellBits)
}

// Covering gives at most maxRanges ranges [first, last] of keys, in order and
// apart, that together hold the key of every point of the box. They may hold
// more: the caller still asks [Bounds.Contains] or [Distance].
func (b Bounds) Covering(maxRanges int) [][2]int64 { return Covering(b, maxRanges) }

// Covering is [Bounds.Covering]. maxRanges below 1 counts as 1; 8 to 16 is a good
// choice for a radius.
func Covering(b Bounds, maxRanges int) [][2]int64 {
	var ranges [][2]int64
	if b.West > b.East {
		ranges = append(coverBox(Bounds{b.South, b.West, b.North, 180}), coverBox(Bounds{b.South, -180, b.North, b.East})...)
	} else {
		ranges = coverBox(b)
	}
	return joinRanges(ranges, max(maxRanges, 1))
}

// coverBox lists the squares that meet the box, at the finest level where the box
// is at most 32 squares wide and high.
func coverBox(b Bounds) [][2]int64 {
	west, east := column(b.West, 180), column(b.East, 180)
	south, north := column(b.South, 90), column(b.North, 90)
	level := 0
	for (east>>level)-(west>>level) >= 32 || (north>>level)-(south>>level) >= 32 {
		level++
	}
	ranges := make([][2]int64, 0, 64)
	for x := west >> level; x <= east>>level; x++ {
		for y := south >> level; y <= north>>level; y++ {
			first := (interleave(x)<<1 | interleave(y)) << (2 * level)
			ranges = append(ranges, [2]int64{first, first + 1<<(2*level) - 1})
		}
	}
	return ranges
}

// joinRanges sorts, joins what touches, then closes the smallest gaps until few
// enough are left.
func joinRanges(ranges [][2]int64, most int) [][2]int64 {
	slices.SortFunc(ranges, func(a, b [2]int64) int { return cmp.Compare(a[0], b[0]) })
	joined := ranges[:0]
	for _, r := range ranges {
		if n := len(joined); n > 0 && r[0] <= joined[n-1][1]+1 {
			joined[n-1][1] = max(joined[n-1][1], r[1])
			continue
		}
		joined = append(joined, r)
	}
	if len(joined) <= most {
		return joined
	}
	gaps := make([]int64, 0, len(joined)-1)
	for i := 1; i < len(joined); i++ {
		gaps = append(gaps, joined[i][0]-joined[i-1][1])
	}
	slices.Sort(gaps)
	// The most−1 widest gaps stay; among equals the first ones.
	widest := gaps[len(gaps)-(most-1):]
	limit, equals := int64(math.MaxInt64), 0
	if len(widest) > 0 {
		limit = widest[0]
		for _, g := range widest {
			if g == limit {
				equals++
			}
		}
	}
	out := joined[:1:1]
	for _, r := range joined[1:] {
		last := &out[len(out)-1]
		gap := r[0] - last[1]
		keep := gap > limit
		if gap == limit && equals > 0 {
			equals--
			keep = true
		}
		if keep {
			out = append(out, r)
		} else {
			last[1] = r[1]
		}
	}
	return out
}

// column is the number of the cell along one axis; offset is what makes the
// smallest coordinate 0.
func column(coordinate, offset float64) int64 {
	n := math.Floor((coordinate + offset) / cellStep)
	if !(n > 0) { // NaN too
		return 0
	}
	return int64(math.Min(n, cellLast))
}

// interleave puts a zero before each bit.
func interleave(n int64) int64 {
	x := uint64(n) & cellLast
	x = (x | x<<16) & 0x0000ffff0000ffff
	x = (x | x<<8) & 0x00ff00ff00ff00ff
	x = (x | x<<4) & 0x0f0f0f0f0f0f0f0f
	x = (x | x<<2) & 0x3333333333333333
	x = (x | x<<1) & 0x5555555555555555
	return int64(x)
}

// deinterleave keeps every other bit, the lowest first.
func deinterleave(n int64) int64 {
	x := uint64(n) & 0x5555555555555555
	x = (x | x>>1) & 0x3333333333333333
	x = (x | x>>2) & 0x0f0f0f0f0f0f0f0f
	x = (x | x>>4) & 0x00ff00ff00ff00ff
	x = (x | x>>8) & 0x0000ffff0000ffff
	x = (x | x>>16) & 0x00000000ffffffff
	return int64(x)
}
