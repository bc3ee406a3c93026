package barometer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"parvis/platform/fault"
	"parvis/platform/tabular"
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
	rows := tabular.Rows(func(emit func([]string) error) error {
		return s.exportJDMA(c.Ctx(), c.Store, service, monthsBack(span.Last, 60)[0], span.Last, emit)
	})
	switch c.Query("format") {
	case "", "csv":
		return c.Stream(tabular.CSVType, name+".csv", func(w io.Writer) error { return tabular.WriteCSV(w, jdmaColumns(), rows) })
	case "xlsx":
		return c.Stream(tabular.WorkbookType, name+".xlsx", func(w io.Writer) error { return tabular.WriteWorkbook(w, jdmaColumns(), rows, "Sheet1") })
	case "json":
		body, err := objects(jdmaColumns(), rows)
		if err != nil {
			return err
		}
		return c.File("application/json", name+".json", body)
	}
	return fault.New(fault.NotFound, "")
}

func objects(columns []string, rows tabular.Rows) ([]byte, error) {
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
	return c.Stream(tabular.CSVType, "barometre.csv", func(w io.Writer) error {
		return tabular.WriteCSV(w, openColumns(), func(emit func([]string) error) error { return s.openRows(c.Ctx(), c.Store, emit) })
	})
}

func (s *Service) openJSON(c *web.Context) error {
	body, err := objects(openColumns(), func(emit func([]string) error) error { return s.openRows(c.Ctx(), c.Store, emit) })
	if err != nil {
		return err
	}
	return c.File("application/json", "barometre.json", body)
}
