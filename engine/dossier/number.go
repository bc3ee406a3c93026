package dossier

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"parvis/platform/search"
	"parvis/platform/store"
)

// Number is written letters, year, running number of the year in the
// territory: "V-2026-01184".
func Number(letters string, year int, n int64) string {
	return fmt.Sprintf("%s-%d-%05d", letters, year, n)
}

// written accepts a number as people copy it: any case, spaces, dashes of any
// kind or none, zeros left out.
var written = regexp.MustCompile(`^([a-z]{1,4})[\s\p{Pd}.]*(20[0-9]{2})[\s\p{Pd}.]*([0-9]{1,9})$`)

// ParseNumber reads a number as typed and returns its canonical form; ok is
// false when it cannot be one.
func ParseNumber(typed string) (number string, ok bool) {
	if len(typed) > 64 {
		return "", false
	}
	parts := written.FindStringSubmatch(strings.ToLower(strings.TrimSpace(typed)))
	if parts == nil {
		return "", false
	}
	year, _ := strconv.Atoi(parts[2])
	n, err := strconv.ParseInt(parts[3], 10, 64)
	if err != nil || n == 0 {
		return "", false
	}
	return Number(strings.ToUpper(parts[1]), year, n), true
}

// small words do not make the letters of a territory.
var small = map[string]bool{"le": true, "la": true, "les": true, "l": true, "de": true, "du": true, "des": true, "d": true,
	"commune": true, "departement": true, "communaute": true, "communes": true, "agglomeration": true, "urbaine": true, "metropole": true, "pays": true, "grand": true, "saint": true, "sainte": true}

// Letters are those of a territory's numbers, from its name: the first letter
// of its first word that distinguishes, "La Vienne" → "V".
func Letters(name string) string {
	words := strings.FieldsFunc(search.Fold(name), func(r rune) bool { return r < 'a' || r > 'z' })
	for _, w := range words {
		if !small[w] {
			return strings.ToUpper(w[:1])
		}
	}
	if len(words) > 0 {
		return strings.ToUpper(words[0][:1])
	}
	return "D"
}

// next takes the next number of the year. The row is locked until the end of
// the transaction, so that numbers have no hole: on PostgreSQL the openings of
// one territory wait for each other's commit there, which is why Open does it
// as late as it can.
func next(ctx context.Context, tx *store.Tx, year int) (int64, error) {
	var n int64
	err := tx.Get(ctx, &n, `INSERT INTO dossier_counter (territory_id, year, last_number) VALUES (@territory, ?, 1)
		ON CONFLICT (territory_id, year) DO UPDATE SET last_number = dossier_counter.last_number + 1 RETURNING last_number`, year)
	if err != nil {
		return 0, fmt.Errorf("dossier: numbering: %w", err)
	}
	return n, nil
}
