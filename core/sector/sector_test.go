package sector_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"parvis/core/sector"
	"parvis/platform/fault"
	"parvis/platform/geo"
	"parvis/platform/store"
	"parvis/platform/store/storetest"
)

func each(t *testing.T, body func(t *testing.T, h, elsewhere store.Handle)) {
	storetest.Each(t, []store.Migration{sector.Migration()}, func(t *testing.T, db *store.DB) { body(t, db.In("c86281"), db.In("c86194")) })
}

func square(name string, west, south float64) string {
	return fmt.Sprintf(`{"type":"Feature","properties":{"nom":%q},"geometry":{"type":"Polygon","coordinates":[[[%[2]v,%[3]v],[%[4]v,%[3]v],[%[4]v,%[5]v],[%[2]v,%[5]v],[%[2]v,%[3]v]]]}}`,
		name, west, south, west+1, south+1)
}

func collection(features ...string) []byte {
	return []byte("{\"type\":\"FeatureCollection\",\"features\":[\n" + strings.Join(features, ",\n") + "\n]}")
}

func at(t *testing.T, m *sector.Sectors, h store.Handle, lat, lon float64) (out []string) {
	t.Helper()
	if err := h.View(t.Context(), func(tx *store.Tx) error {
		list, err := m.At(t.Context(), tx, geo.Point{Lat: lat, Lon: lon})
		out = nil
		for _, s := range list {
			out = append(out, s.Name)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestImportAndFind(t *testing.T) {
	each(t, func(t *testing.T, h, elsewhere store.Handle) {
		m, other := sector.New(), sector.New() // two processes
		rep, err := sector.Import(t.Context(), h, collection(square("Nord", 0, 47), square("Sud", 0, 46)), sector.Choice{Kind: "quartier"})
		if err != nil || rep.Created != 2 || rep.Refused != 0 {
			t.Fatalf("%+v, %v", rep, err)
		}
		for _, x := range []struct {
			lat, lon float64
			want     []string
		}{{47.5, 0.5, []string{"Nord"}}, {46.5, 0.5, []string{"Sud"}}, {48.5, 0.5, nil}, {46.5, 1.5, nil}} {
			if got := at(t, m, h, x.lat, x.lon); !slices.Equal(got, x.want) {
				t.Errorf("at %v, %v: %v", x.lat, x.lon, got)
			}
		}
		if got := at(t, other, h, 46.5, 0.5); !slices.Equal(got, []string{"Sud"}) {
			t.Errorf("another process finds %v", got)
		}
		if got := at(t, m, elsewhere, 46.5, 0.5); got != nil {
			t.Errorf("another territory finds %v", got)
		}
		// The same file again moves a contour and doubles nothing; the other process sees it.
		rep, err = sector.Import(t.Context(), h, collection(square("sud", 5, 46)), sector.Choice{Kind: "quartier"})
		if err != nil || rep.Updated != 1 {
			t.Errorf("again: %+v, %v", rep, err)
		}
		if got := at(t, other, h, 46.5, 0.5); got != nil {
			t.Errorf("the old contour still holds %v", got)
		}
		var list []sector.Sector
		if err := h.Update(t.Context(), func(tx *store.Tx) (err error) {
			if list, err = sector.List(t.Context(), tx); err != nil {
				return err
			}
			return sector.Delete(t.Context(), tx, list[0].ID)
		}); err != nil || len(list) != 2 {
			t.Errorf("%d sectors, %v", len(list), err)
		}
		if got := at(t, m, h, 47.5, 0.5); got != nil {
			t.Errorf("a deleted one holds %v", got)
		}
	})
}

func TestImportSaysWhatIsWrong(t *testing.T) {
	each(t, func(t *testing.T, h, _ store.Handle) {
		point := `{"type":"Feature","properties":{"nom":"Point"},"geometry":{"type":"Point","coordinates":[0,46]}}`
		metres := strings.ReplaceAll(square("Lambert", 0, 46), "[0,46]", "[652000,6862000]")
		nameless := strings.ReplaceAll(square("x", 9, 46), `"nom":"x"`, `"autre":"x"`)
		rep, err := sector.Import(t.Context(), h, collection(square("Bon", 0, 46), point, metres, nameless, square("BON", 2, 46), square("Aussi", 3, 46)), sector.Choice{Kind: "quartier"})
		if err != nil || rep.Rows != 6 || rep.Created != 2 || rep.Refused != 4 {
			t.Fatalf("%+v, %v", rep, err)
		}
		var got []string
		for _, r := range rep.Remarks {
			got = append(got, fmt.Sprint(r.Line, " ", r.Key))
		}
		want := []string{"3 geo.error.no_area", "4 geo.error.projected", "5 sector.import.name", "6 sector.import.twice"}
		if !slices.Equal(got, want) {
			t.Errorf("remarks %v, want %v", got, want)
		}
		for what, x := range map[string]struct{ data, key string }{
			"nothing":    {" \n", "sector.import.empty"},
			"text":       {"bonjour", "sector.import.json"},
			"a list":     {"[1,2]", "geo.error.not_geojson"},
			"cut":        {string(collection(square("Un", 0, 46)))[:90], "sector.import.cut"},
			"latin":      {"{\"a\":\"\xe9\"}", "sector.import.encoding"},
			"no feature": {`{"type":"FeatureCollection","features":[]}`, "sector.import.none"},
			"no list":    {`{"features":3}`, "geo.error.not_geojson"},
		} {
			_, err := sector.Import(t.Context(), h, []byte(x.data), sector.Choice{Kind: "quartier"})
			if f := fault.Of(err); f == nil || f.Kind != fault.Invalid || f.Fields[0].Name != "file" || f.Fields[0].Key != x.key {
				t.Errorf("%s: %v", what, err)
			}
		}
	})
}

// TestRealContours imports the communes of the Vienne and finds each by a point of
// its own; it needs the shared data beside the repository.
func TestRealContours(t *testing.T) {
	path := filepath.Join("..", "..", "..", "shared", "data", "geo", "communes-86-vienne-2018.geojson")
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("../shared/data/geo is not there: the contours of the Vienne are not tried")
	}
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Features []struct {
			Geometry struct{ Coordinates json.RawMessage }
		}
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	each(t, func(t *testing.T, h, _ store.Handle) {
		rep, err := sector.Import(t.Context(), h, raw, sector.Choice{Kind: "commune"})
		if err != nil || rep.Rows != len(file.Features) || rep.Refused != 0 || rep.Created < 40 {
			t.Fatalf("%+v, %v", rep, err)
		}
		m := sector.New()
		for _, x := range []struct {
			lat, lon float64
			name     string
		}{{46.5802, 0.3404, "Poitiers"}, {46.8170, 0.5450, "Châtellerault"}, {48.8566, 2.3522, ""}} {
			got := at(t, m, h, x.lat, x.lon)
			if x.name == "" && len(got) != 0 || x.name != "" && !slices.Equal(got, []string{x.name}) {
				t.Errorf("at %v, %v: %v, want %s", x.lat, x.lon, got, x.name)
			}
		}
	})
}

// BenchmarkAt is one point among the communes of the Vienne.
func BenchmarkAt(b *testing.B) {
	raw, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "data", "geo", "communes-86-vienne-2018.geojson"))
	if err != nil {
		b.Skip("../shared/data/geo is not there")
	}
	db := storetest.Open(b, storetest.SQLiteDSN(b), nil, []store.Migration{sector.Migration()})
	h := db.In("d86")
	if _, err := sector.Import(context.Background(), h, raw, sector.Choice{Kind: "commune"}); err != nil {
		b.Fatal(err)
	}
	m := sector.New()
	for i := range b.N {
		if err := h.View(context.Background(), func(tx *store.Tx) error {
			_, err := m.At(context.Background(), tx, geo.Point{Lat: 46.2 + float64(i%100)/120, Lon: 0.1 + float64(i%77)/90})
			return err
		}); err != nil {
			b.Fatal(err)
		}
	}
}
