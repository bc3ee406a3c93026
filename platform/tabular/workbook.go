package tabular

import (
	"fmt"
	"io"
	"strconv"

	"github.com/xuri/excelize/v2"
)

// WriteWorkbook writes the table as a workbook: a sheet named title, and others
// when one is full. Every cell is text, so that none is a formula; an
// apostrophe is added all the same, for those who save it as text again; not to
// the numbers of the columns numbers (counted from 0).
func WriteWorkbook(out io.Writer, columns []string, rows Rows, title string, numbers ...int) error {
	return writeWorkbook(out, columns, rows, title, excelize.TotalRows, numbers...)
}

func writeWorkbook(out io.Writer, columns []string, rows Rows, title string, most int, numbers ...int) (err error) {
	f := excelize.NewFile()
	defer func() {
		if e := f.Close(); err == nil && e != nil {
			err = e
		}
	}()
	if err := f.SetSheetName("Sheet1", title); err != nil {
		return fmt.Errorf("tabular: naming the sheet: %w", err)
	}
	b := book{file: f, title: title, columns: columns, most: most, numbers: numbers}
	if err := b.open(title); err != nil {
		return err
	}
	if err := rows(b.add); err != nil {
		return err
	}
	if err := b.sheet.Flush(); err != nil {
		return fmt.Errorf("tabular: writing the sheet: %w", err)
	}
	if err := f.Write(out); err != nil {
		return fmt.Errorf("tabular: writing the workbook: %w", err)
	}
	return nil
}

// book is a workbook being written, row by row.
type book struct {
	file    *excelize.File
	sheet   *excelize.StreamWriter
	title   string
	columns []string
	sheets  int
	row     int // last one written
	most    int // rows of one sheet
	numbers []int
}

// open begins a sheet with the heads of the columns.
func (b *book) open(name string) (err error) {
	if b.sheet, err = b.file.NewStreamWriter(name); err != nil {
		return fmt.Errorf("tabular: writing the sheet: %w", err)
	}
	if err := b.sheet.SetColWidth(1, len(b.columns), 18); err != nil {
		return fmt.Errorf("tabular: writing the sheet: %w", err)
	}
	b.sheets, b.row = b.sheets+1, 0
	return b.write(b.columns)
}

// add writes a row, on the next sheet when this one is full.
func (b *book) add(row []string) error {
	if b.row == b.most {
		if err := b.sheet.Flush(); err != nil {
			return fmt.Errorf("tabular: writing the sheet: %w", err)
		}
		name := fmt.Sprintf("%s %d", b.title, b.sheets+1)
		if _, err := b.file.NewSheet(name); err != nil {
			return fmt.Errorf("tabular: adding a sheet: %w", err)
		}
		if err := b.open(name); err != nil {
			return err
		}
	}
	return b.write(row)
}

func (b *book) write(row []string) error {
	line := make([]any, len(row))
	for i, v := range row {
		line[i] = safe(i, v, b.numbers)
	}
	b.row++
	if err := b.sheet.SetRow("A"+strconv.Itoa(b.row), line); err != nil {
		return fmt.Errorf("tabular: writing a row: %w", err)
	}
	return nil
}
