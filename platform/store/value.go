package store

import (
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/georgysavva/scany/v2/dbscan"
)

// JSON is a value kept as JSON text in a {{json}} column.
type JSON[T any] struct{ V T }

// Value encodes for the database.
func (j JSON[T]) Value() (driver.Value, error) {
	b, err := json.Marshal(j.V)
	return string(b), err
}

// Scan decodes; NULL and empty leave the zero value.
func (j *JSON[T]) Scan(src any) error {
	var b []byte
	switch v := src.(type) {
	case nil:
	case string:
		b = []byte(v)
	case []byte:
		b = v
	default:
		return fmt.Errorf("store: JSON column holds %T", src)
	}
	if len(b) == 0 {
		var zero T
		j.V = zero
		return nil
	}
	return json.Unmarshal(b, &j.V)
}

// Micros is t as it is stored: microseconds since the epoch.
func Micros(t time.Time) int64 { return t.UnixMicro() }

// Time reads back what Micros wrote, in UTC.
func Time(us int64) time.Time { return time.UnixMicro(us).UTC() }

// encode turns an argument into what both drivers take.
func encode(a any) (any, error) {
	switch v := a.(type) {
	case nil, int64, string, bool, []byte, float64:
		return a, nil
	case int:
		return int64(v), nil
	case ID:
		return int64(v), nil
	case time.Time:
		if v.IsZero() {
			return nil, nil
		}
		return v.UnixMicro(), nil
	case *time.Time:
		if v == nil || v.IsZero() {
			return nil, nil
		}
		return v.UnixMicro(), nil
	case driver.Valuer:
		return v.Value()
	}
	rv := reflect.ValueOf(a)
	switch rv.Kind() {
	case reflect.Pointer:
		if rv.IsNil() {
			return nil, nil
		}
		return encode(rv.Elem().Interface())
	case reflect.String:
		return rv.String(), nil
	case reflect.Bool:
		return rv.Bool(), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return rv.Int(), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32:
		return int64(rv.Uint()), nil
	case reflect.Float32:
		return rv.Float(), nil
	}
	return nil, fmt.Errorf("cannot store a %T", a)
}

// rows adapts sql.Rows: times are decoded on the way out.
type rows struct {
	*sql.Rows
	swapped []any
}

func (r *rows) Scan(dst ...any) error {
	out := dst
	for i, d := range dst {
		switch v := d.(type) {
		case *time.Time:
			if r.swapped == nil || len(r.swapped) != len(dst) {
				r.swapped = make([]any, len(dst))
			}
			if &out[0] == &dst[0] {
				copy(r.swapped, dst)
				out = r.swapped
			}
			out[i] = (*timeDest)(v)
		}
	}
	return r.Rows.Scan(out...)
}

type timeDest time.Time

func (t *timeDest) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*t = timeDest{}
	case int64:
		*t = timeDest(Time(v))
	default:
		return fmt.Errorf("store: time column holds %T", src)
	}
	return nil
}

var scanAPI = newScanAPI()

func newScanAPI() *dbscan.API {
	api, err := dbscan.NewAPI(dbscan.WithScannableTypes((*sql.Scanner)(nil)))
	if err != nil {
		panic(err) // a constant configuration
	}
	return api
}

func scanOne(dst any, rs *rows) error {
	defer rs.Close()
	if ok, err := scanPlain(dst, rs); ok {
		return err
	}
	err := scanAPI.ScanOne(dst, rs)
	if dbscan.NotFound(err) {
		return ErrNotFound
	}
	return classify(err)
}

// scanPlain serves the single values that reflection would make slow or, for
// time.Time, mistake for a struct.
func scanPlain(dst any, rs *rows) (bool, error) {
	switch dst.(type) {
	case *time.Time, *string, *int64, *int, *bool, *ID, *float64:
	default:
		return false, nil
	}
	if !rs.Next() {
		if err := rs.Err(); err != nil {
			return true, classify(err)
		}
		return true, ErrNotFound
	}
	if err := rs.Scan(dst); err != nil {
		return true, err
	}
	if rs.Next() {
		return true, errors.New("store: more than one row")
	}
	return true, classify(rs.Err())
}

func scanAll(dst any, rs *rows) error {
	defer rs.Close()
	return classify(scanAPI.ScanAll(dst, rs))
}
