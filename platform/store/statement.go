package store

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// statement is one SQL text made ready for an engine: placeholders numbered,
// tables checked. Connections keep what they prepared from it.
type statement struct {
	text      string
	territory int // number of the placeholder that takes the territory, 0 none
	args      int // number of positional arguments
	refused   error
}

type statementKey struct {
	query string
	bound bool
}

func (tx *Tx) prepare(query string, args []any) (*statement, []any, error) {
	key := statementKey{query, !tx.handle.system}
	var s *statement
	if found, ok := tx.handle.db.statements.Load(key); ok {
		s = found.(*statement)
	} else {
		s = tx.handle.db.newStatement(key)
		tx.handle.db.statements.Store(key, s)
	}
	if s.refused != nil {
		return nil, nil, s.refused
	}
	if len(args) != s.args {
		return nil, nil, fmt.Errorf("store: %d arguments for %d placeholders: %s", len(args), s.args, head(query))
	}
	vals := make([]any, 0, len(args)+1)
	for _, a := range args {
		v, err := encode(a)
		if err != nil {
			return nil, nil, fmt.Errorf("store: argument %d: %w", len(vals)+1, err)
		}
		vals = append(vals, v)
	}
	if s.territory > 0 {
		vals = append(vals, tx.handle.territory)
	}
	return s, vals, nil
}

func (db *DB) newStatement(key statementKey) *statement {
	s := rewrite(key.query)
	if key.bound {
		s.refused = db.checkBound(key.query, s)
	} else if s.territory > 0 {
		s.refused = fmt.Errorf("%w: @territory in a system transaction: %s", ErrUnbound, head(key.query))
	}
	return s
}

// rewrite numbers the placeholders: ? becomes $1, $2 …; @territory the last.
func rewrite(query string) *statement {
	var b strings.Builder
	s := &statement{}
	const token = "@territory"
	count := strings.Count(stripped(query), "?")
	for i := 0; i < len(query); i++ {
		switch c := query[i]; {
		case c == '\'':
			end := strings.IndexByte(query[i+1:], '\'')
			if end < 0 {
				b.WriteString(query[i:])
				i = len(query)
				continue
			}
			b.WriteString(query[i : i+end+2])
			i += end + 1
		case c == '-' && strings.HasPrefix(query[i:], "--"):
			end := strings.IndexByte(query[i:], '\n')
			if end < 0 {
				i = len(query)
				continue
			}
			i += end
			b.WriteByte('\n')
		case c == '?':
			s.args++
			b.WriteString("$" + strconv.Itoa(s.args))
		case c == '@' && strings.HasPrefix(query[i:], token):
			s.territory = count + 1
			b.WriteString("$" + strconv.Itoa(s.territory))
			i += len(token) - 1
		default:
			b.WriteByte(c)
		}
	}
	s.text = b.String()
	return s
}

var (
	literals  = regexp.MustCompile(`'[^']*'|--[^\n]*`)
	mentions  = regexp.MustCompile(`(?i)\bterritory_id\b`)
	tableRefs = regexp.MustCompile(`(?i)\b(distinct\s+from|do\s+update|from|join|into|update)\s+(?:only\s+)?([a-z_][a-z0-9_]*)`)
	cteNames  = regexp.MustCompile(`(?i)\b([a-z_][a-z0-9_]*)\s*(?:\([^()]*\)\s*)?as\s+(?:(?:not\s+)?materialized\s+)?\(`)
)

func stripped(query string) string { return literals.ReplaceAllString(query, "''") }

// checkBound refuses a statement that could reach another territory's rows:
// it must use @territory, name territory_id at least once per table it
// touches, and touch no table that has no territory.
func (db *DB) checkBound(query string, s *statement) error {
	plain := stripped(query)
	named := map[string]bool{}
	for _, m := range cteNames.FindAllStringSubmatch(plain, -1) {
		named[strings.ToLower(m[1])] = true
	}
	tables := 0
	for _, m := range tableRefs.FindAllStringSubmatch(plain, -1) {
		word, table := strings.ToLower(m[1]), strings.ToLower(m[2])
		if strings.HasPrefix(word, "distinct") || strings.HasPrefix(word, "do") || named[table] || table == "set" || table == "json_each" {
			continue
		}
		if global := db.global.Load(); global != nil && (*global)[table] {
			return fmt.Errorf("%w: table %s has no territory: %s", ErrUnbound, table, head(query))
		}
		tables++
	}
	if s.territory == 0 {
		return fmt.Errorf("%w: @territory is missing: %s", ErrUnbound, head(query))
	}
	if n := len(mentions.FindAllString(plain, -1)); n < tables {
		return fmt.Errorf("%w: %d tables, territory_id named %d times: %s", ErrUnbound, tables, n, head(query))
	}
	return nil
}

func head(query string) string {
	q := strings.Join(strings.Fields(query), " ")
	if len(q) > 120 {
		q = q[:120] + "…"
	}
	return q
}

// In returns n placeholders, "?,?,?"; n must be at least 1.
func In(n int) string { return strings.TrimSuffix(strings.Repeat("?,", n), ",") }
