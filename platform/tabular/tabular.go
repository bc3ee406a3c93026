// Package tabular writes tables that the spreadsheets of this country open at
// once: CSV in UTF-8 with its mark, semicolons and lines that end in CRLF, and
// workbooks. Both are written row by row: a list of any length needs the memory
// of one row.
//
// No tables of the database, no events, no rights.
package tabular

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// The media types of the files.
const (
	CSVType      = "text/csv; charset=utf-8"
	WorkbookType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

// Rows gives the rows of a table one after the other, as many cells as columns.
type Rows func(emit func(row []string) error) error

// Inert keeps a spreadsheet from reading words as a formula (OWASP, CSV
// injection): what begins like one is preceded by an apostrophe, spaces before
// it or not.
func Inert(s string) string {
	if s == "" {
		return s
	}
	if trimmed := strings.TrimLeft(s, " \u00a0\u200b\ufeff"); trimmed != "" && strings.ContainsRune("=+-@|%\t\r\n\uff1d\uff0b\uff0d\uff20", []rune(trimmed)[0]) {
		return "'" + s
	}
	return s
}

// safe is the cell of a column made inert; the numbers of a column that the
// program itself fills with them stay numbers, −0.3 as well.
func safe(column int, v string, numbers []int) string {
	if slices.Contains(numbers, column) {
		if _, err := strconv.ParseFloat(v, 64); err == nil {
			return v
		}
	}
	return Inert(v)
}

// WriteCSV writes the table as CSV; every cell is made inert, but for the
// numbers of the columns numbers (counted from 0).
func WriteCSV(out io.Writer, columns []string, rows Rows, numbers ...int) error {
	if _, err := io.WriteString(out, "\ufeff"); err != nil {
		return fmt.Errorf("tabular: %w", err)
	}
	w := csv.NewWriter(out)
	w.Comma, w.UseCRLF = ';', true
	emit := func(row []string) error {
		line := make([]string, len(row))
		for i, v := range row {
			line[i] = safe(i, v, numbers)
		}
		if err := w.Write(line); err != nil {
			return fmt.Errorf("tabular: %w", err)
		}
		return nil
	}
	if err := emit(columns); err != nil {
		return err
	}
	if err := rows(emit); err != nil {
		return err
	}
	w.Flush()
	return w.Error()
}

// CSV is a short table as a file.
func CSV(columns []string, rows [][]string) ([]byte, error) {
	var b bytes.Buffer
	err := WriteCSV(&b, columns, func(emit func([]string) error) error {
		for _, r := range rows {
			if err := emit(r); err != nil {
				return err
			}
		}
		return nil
	})
	return b.Bytes(), err
}
