package pabulib

import (
	"bufio"
	"errors"
	"io"
	"unicode/utf8"
)

// rows reads fields separated by semicolons, with the place of each. Unlike
// encoding/csv it accepts a quotation mark inside an unquoted field, which real
// files have, and it lends its memory: a field lives until the next row.
type rows struct {
	in     *bufio.Reader
	line   int // of the row just read
	next   int // of the row that follows
	buf    []byte
	ends   []int // end of each field in buf
	starts []int // column of each field
	lines  []int // line of each field
	field  []string
}

// limits of a file: above the largest known ones by two orders of magnitude.
const (
	maxRow      = 1 << 20
	maxProjects = 100_000
	maxVotes    = 10_000_000
)

func newRows(r io.Reader) *rows { return &rows{in: bufio.NewReaderSize(r, 1<<16), next: 1} }

// read gives the next row that is not empty; io.EOF after the last.
func (r *rows) read() ([]string, error) {
	for {
		fields, err := r.one()
		if err != nil || len(fields) > 1 || fields[0] != "" {
			return fields, err
		}
	}
}

func (r *rows) one() ([]string, error) {
	r.line, r.buf, r.ends = r.next, r.buf[:0], r.ends[:0]
	r.starts, r.lines, r.field = append(r.starts[:0], 1), append(r.lines[:0], r.line), r.field[:0]
	column, quoted, opened := 0, false, false
	any := false
	for {
		b, err := r.in.ReadByte()
		if errors.Is(err, io.EOF) {
			if quoted {
				return nil, mistake(r.lines[len(r.lines)-1], r.starts[len(r.starts)-1], FaultQuote, string(r.tail()))
			}
			if !any {
				return nil, io.EOF
			}
			return r.done()
		}
		if err != nil {
			return nil, err
		}
		any = true
		column++
		switch {
		case b == '"' && quoted:
			if after, err := r.in.Peek(1); err == nil && after[0] == '"' {
				_, _ = r.in.Discard(1)
				column++
				r.buf = append(r.buf, '"')
				continue
			}
			quoted = false
		case b == '"' && len(r.tail()) == 0 && !opened:
			quoted, opened = true, true
		case b == ';' && !quoted:
			r.ends = append(r.ends, len(r.buf))
			r.starts, r.lines, opened = append(r.starts, column+1), append(r.lines, r.next), false
		case b == '\n':
			r.next++
			if !quoted {
				return r.done()
			}
			column = 0
			r.buf = append(r.buf, b)
		case b == '\r' && !quoted:
			if after, err := r.in.Peek(1); err != nil || after[0] != '\n' {
				r.buf = append(r.buf, b)
			}
		default:
			r.buf = append(r.buf, b)
		}
		if len(r.buf) > maxRow {
			return nil, mistake(r.line, 1, FaultTooMany, "")
		}
	}
}

func (r *rows) tail() []byte {
	if n := len(r.ends); n > 0 {
		return r.buf[r.ends[n-1]:]
	}
	return r.buf
}

func (r *rows) done() ([]string, error) {
	r.ends = append(r.ends, len(r.buf))
	text, start := string(r.buf), 0
	for i, end := range r.ends {
		f := text[start:end]
		if !utf8.ValidString(f) {
			return nil, mistake(r.lines[i], r.starts[i], FaultEncoding, "")
		}
		r.field = append(r.field, f)
		start = end
	}
	return r.field, nil
}

// at is a mistake in a field of the row just read; i may be past the last.
func (r *rows) at(i int, f Fault, value string) error {
	i = min(i, len(r.starts)-1)
	return mistake(r.lines[i], r.starts[i], f, value)
}
