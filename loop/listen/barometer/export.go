package barometer

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"

	"parvis/platform/fault"
	"parvis/platform/web"
)

// export is the answers « au format JDMA », for staff.
func (s *Service) export(c *web.Context) error {
	service := c.Query("service")
	name := "avis"
	if service != "" {
		if !topicName.MatchString(service) {
			return fault.New(fault.NotFound, "")
		}
		name += "-" + service
	}
	span := spanOf(c.Now(), c.Found.Location, 12, false)
	var body []byte
	var err error
	var kind string
	emitAll := func(emit func([]string) error) error {
		return s.exportJDMA(c.Ctx(), c.Store, service, monthsBack(span.Last, 60)[0], span.Last, emit)
	}
	switch c.Query("format") {
	case "", "csv":
		kind, name = "text/csv; charset=utf-8", name+".csv"
		body, err = commaFile(jdmaColumns(), emitAll)
	case "xlsx":
		kind, name = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", name+".xlsx"
		body, err = workbook(jdmaColumns(), emitAll)
	case "json":
		kind, name = "application/json", name+".json"
		body, err = objects(jdmaColumns(), emitAll)
	default:
		return fault.New(fault.NotFound, "")
	}
	if err != nil {
		return err
	}
	return c.File(kind, name, body)
}

// inert keeps a spreadsheet from reading words as a formula (OWASP, CSV injection).
func inert(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r\n", rune(s[0])) {
		return "'" + s
	}
	return s
}

func commaFile(columns []string, rows func(emit func([]string) error) error) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("\ufeff")
	w := csv.NewWriter(&b)
	w.Comma, w.UseCRLF = ';', true
	emit := func(row []string) error {
		line := make([]string, len(row))
		for i, v := range row {
			line[i] = inert(v)
		}
		return w.Write(line)
	}
	if err := emit(columns); err != nil {
		return nil, fmt.Errorf("barometer: writing a file: %w", err)
	}
	if err := rows(emit); err != nil {
		return nil, err
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

// maxSheet is what a sheet of a workbook holds (ECMA-376), its head apart.
const maxSheet = 1_048_575

func workbook(columns []string, rows func(emit func([]string) error) error) (body []byte, err error) {
	f := excelize.NewFile()
	defer func() {
		if e := f.Close(); err == nil {
			err = e
		}
	}()
	w, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		return nil, fmt.Errorf("barometer: workbook: %w", err)
	}
	n := 0
	emit := func(row []string) error {
		if n > maxSheet {
			return nil
		}
		n++
		line := make([]any, len(row))
		for i, v := range row {
			line[i] = inert(v)
		}
		at, err := excelize.CoordinatesToCellName(1, n)
		if err != nil {
			return err
		}
		return w.SetRow(at, line)
	}
	if err := emit(columns); err != nil {
		return nil, fmt.Errorf("barometer: workbook: %w", err)
	}
	if err := rows(emit); err != nil {
		return nil, err
	}
	if err := w.Flush(); err != nil {
		return nil, fmt.Errorf("barometer: workbook: %w", err)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		return nil, fmt.Errorf("barometer: workbook: %w", err)
	}
	return b.Bytes(), nil
}

func objects(columns []string, rows func(emit func([]string) error) error) ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('[')
	first := true
	err := rows(func(row []string) error {
		o := make(map[string]string, len(columns))
		for i, name := range columns {
			o[name] = row[i]
		}
		raw, err := json.Marshal(o)
		if err != nil {
			return err
		}
		if !first {
			b.WriteString(",\n")
		}
		first = false
		b.Write(raw)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("barometer: writing a file: %w", err)
	}
	b.WriteString("]\n")
	return b.Bytes(), nil
}

// openCSV and openJSON are the open data of the closed months (Licence Ouverte).
func (s *Service) openCSV(c *web.Context) error {
	body, err := commaFile(openColumns(), func(emit func([]string) error) error { return s.openRows(c.Ctx(), c.Store, emit) })
	if err != nil {
		return err
	}
	return c.File("text/csv; charset=utf-8", "barometre.csv", body)
}

func (s *Service) openJSON(c *web.Context) error {
	body, err := objects(openColumns(), func(emit func([]string) error) error { return s.openRows(c.Ctx(), c.Store, emit) })
	if err != nil {
		return err
	}
	return c.File("application/json", "barometre.json", body)
}
