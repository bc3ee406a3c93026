package place_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parvis/core/place"
	"parvis/platform/fault"
	"parvis/platform/hours"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/store/storetest"
)

type target struct {
	db    *store.DB
	after int
}

func (x *target) Handle(_ context.Context, departement, _ string) (store.Handle, error) {
	if departement == "99" {
		return store.Handle{}, fault.New(fault.NotFound, "")
	}
	return x.db.In("d" + departement), nil
}

func (x *target) Imported(context.Context, *store.Tx, place.Place) error { x.after++; return nil }

const header = "id_fs,insee_dep,lib_fs,adresse,complement_adresse,insee_com,code_postal,lib_com,latitude,longitude,telephone,h_lundi,h_mardi,h_mercredi,h_jeudi,h_vendredi,h_samedi,prise_rdv,commentaire,type_fs,format_fs,groupe_fs,labellisation_fs\r\n"

func csvRow(id, dep, name, zip, lat, phone, monday string) string {
	return strings.Join([]string{id, dep, name, "1 rue du Pont", "", dep + "281", zip, "Vouneuil", lat, "0.2", phone, monday, "", "", "", "", "", "Non", "", "Principal", "Fixe", "", ""}, ",") + "\r\n"
}

func TestEveryRowIsAccountedFor(t *testing.T) {
	storetest.Each(t, []store.Migration{place.Migration()}, func(t *testing.T, db *store.DB) {
		file := "\ufeff" + header +
			csvRow("1", "86", "France services de Vouneuil", "86210", "46.7", "05 36 49 12 40", "09:00 - 12:00 / 14:00 - 17:00") +
			csvRow("2", "86", "", "86210", "46.7", "", "") +
			csvRow("3", "86", "Zip", "8621", "46.7", "", "") +
			csvRow("1", "86", "Twice", "86210", "46.7", "", "") +
			csvRow("4", "99", "Nowhere", "86210", "46.7", "", "") +
			csvRow("5", "86", "Odd", "86210", "946.7", "abc", "sur rendez-vous") +
			csvRow("", "86", "No id", "86210", "46.7", "", "") +
			"7,86,short\r\n" +
			csvRow("8", "86", "Bad \xff", "86210", "46.7", "", "")
		x := &target{db: db}
		rep, err := place.ImportFranceServices(t.Context(), strings.NewReader(file), x, nil)
		if err != nil {
			t.Fatal(err)
		}
		if rep.Rows != 9 || rep.Created != 2 || rep.Refused != 7 || rep.Created+rep.Updated+rep.Unchanged+rep.Refused != rep.Rows || x.after != 2 {
			t.Fatalf("report %+v, %d followed up", rep, x.after)
		}
		lines := map[int]bool{}
		for _, r := range rep.Remarks {
			if r.Key == "" || r.Line < 2 {
				t.Errorf("remark %+v says nothing", r)
			}
			if r.Refused {
				lines[r.Line] = true
			}
		}
		if len(lines) != 7 {
			t.Errorf("refused lines %v", lines)
		}
		err = db.In("d86").View(t.Context(), func(tx *store.Tx) error {
			p, err := place.BySource(t.Context(), tx, place.SourceFranceServices, "1")
			if err != nil {
				return err
			}
			if p.Phone != "+33536491240" || len(p.Opening.V[1]) != 2 || p.Opening.V[1][0] != (hours.Span{From: 540, To: 720}) {
				t.Errorf("place %+v", p)
			}
			odd, err := place.BySource(t.Context(), tx, place.SourceFranceServices, "5")
			if err == nil && (odd.Located() || odd.Phone != "" || len(odd.Opening.V[1]) != 0) {
				t.Errorf("odd place kept what was refused: %+v", odd)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		again, err := place.ImportFranceServices(t.Context(), strings.NewReader(strings.Replace(file, "France services de V", "Maison de V", 1)), x, nil)
		if err != nil || again.Created != 0 || again.Updated != 1 || again.Unchanged != 1 {
			t.Errorf("second run %+v, %v", again, err)
		}
	})
}

func TestBadFilesChangeNothing(t *testing.T) {
	db := storetest.Open(t, storetest.SQLiteDSN(t), nil, []store.Migration{place.Migration()})
	for name, file := range map[string]string{"empty": "", "other columns": "a,b\n1,2\n", "binary": "\x00\x01\x02"} {
		rep, err := place.ImportFranceServices(t.Context(), strings.NewReader(file), &target{db: db}, nil)
		if !fault.Is(err, fault.Invalid) || rep.Rows != 0 {
			t.Errorf("%s: %+v, %v", name, rep, err)
		}
	}
}

// sharedFile finds the real list beside the checkout (see the data's README).
func sharedFile(t *testing.T, name string) *os.File {
	t.Helper()
	dir := os.Getenv("PARVIS_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared")
	}
	f, err := os.Open(filepath.Join(dir, "data", name))
	if err != nil {
		t.Skipf("the shared data is not beside the checkout (set PARVIS_SHARED): %v", err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func TestTheRealList(t *testing.T) {
	f := sharedFile(t, "france-services-2024-08-01.csv")
	db := storetest.Open(t, storetest.SQLiteDSN(t), nil, []store.Migration{place.Migration()})
	rep, err := place.ImportFranceServices(t.Context(), f, &target{db: db}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if rep.Rows != 2845 || rep.Created+rep.Updated+rep.Unchanged+rep.Refused != 2845 {
		t.Errorf("%d rows, %d accounted for", rep.Rows, rep.Created+rep.Updated+rep.Unchanged+rep.Refused)
	}
	t.Logf("created %d, refused %d, hours read %d, hours refused %d", rep.Created, rep.Refused, rep.HoursRead, rep.HoursRefused)
	kinds := map[string]int{}
	for _, r := range rep.Remarks {
		kinds[r.Key]++
	}
	t.Log(kinds)
	if rep.Created < 2800 {
		t.Errorf("only %d places imported", rep.Created)
	}
}

func TestLocales(t *testing.T) {
	if err := i18n.Check(place.Locales); err != nil {
		t.Error(err)
	}
}
