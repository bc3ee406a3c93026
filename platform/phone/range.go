package phone

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"fmt"
	"strings"
	"sync"
)

//go:embed ranges.csv
var rangesCSV []byte

// block is one line of ranges.csv.
type block struct {
	national, international, region string
	mobile, fiction                 bool
}

// plan is ranges.csv, indexed both ways.
type plan struct {
	byNational, byInternational map[string]block
	longest                     int
}

// french is the table of the French plan, read once. The file is embedded and
// tested, so a fault in it is a fault of the build.
var french = sync.OnceValue(func() plan {
	p, err := readPlan(rangesCSV)
	if err != nil {
		panic(err)
	}
	return p
})

func readPlan(content []byte) (plan, error) {
	r := csv.NewReader(bytes.NewReader(content))
	r.Comment = '#'
	r.FieldsPerRecord = 5
	lines, err := r.ReadAll()
	if err != nil {
		return plan{}, fmt.Errorf("reading ranges.csv: %w", err)
	}
	p := plan{byNational: map[string]block{}, byInternational: map[string]block{}}
	for i, line := range lines[1:] {
		b := block{national: line[0], international: line[1], region: line[2]}
		switch line[3] {
		case "mobile":
			b.mobile = true
		case "fixed":
		case "fiction-mobile":
			b.mobile, b.fiction = true, true
		case "fiction-fixed":
			b.fiction = true
		default:
			return plan{}, fmt.Errorf("ranges.csv, range %d: unknown use %q", i+1, line[3])
		}
		if !strings.HasPrefix(b.national, "0") || !allDigits(b.national) || !allDigits(b.international) {
			return plan{}, fmt.Errorf("ranges.csv, range %d: %q and %q are not prefixes", i+1, b.national, b.international)
		}
		if _, twice := p.byNational[b.national]; twice {
			return plan{}, fmt.Errorf("ranges.csv, range %d: %s stands twice", i+1, b.national)
		}
		p.byNational[b.national] = b
		p.byInternational[b.international] = b
		p.longest = max(p.longest, len(b.national), len(b.international))
	}
	return p, nil
}

// match returns the block of the longest prefix of digits found in index.
func (p plan) match(index map[string]block, digits string) (block, bool) {
	for n := min(len(digits), p.longest); n > 0; n-- {
		if b, ok := index[digits[:n]]; ok {
			return b, true
		}
	}
	return block{}, false
}

func allDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
