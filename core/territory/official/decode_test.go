package official

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func TestReadWithoutTheList(t *testing.T) {
	_, err := read(fstest.MapFS{"dist/.keep": {}})
	if !errors.Is(err, ErrMissing) || !strings.Contains(err.Error(), "make build") {
		t.Errorf("%v", err)
	}
}

// rows returns the lines of the real file.
func rows(t testing.TB) []string {
	t.Helper()
	packed, err := dist.ReadFile("dist/territories.tsv.gz")
	if err != nil {
		t.Fatal(ErrMissing)
	}
	unzip, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(unzip)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}

func pack(t testing.TB, lines []string) []byte {
	t.Helper()
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	if _, err := io.WriteString(zip, strings.Join(lines, "\n")+"\n"); err != nil {
		t.Fatal(err)
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}

func TestDecodeRefusesWhatIsWrong(t *testing.T) {
	good := []string{
		"H\tparvis-territories\t1",
		"S\tINSEE\tLicence Ouverte 2.0\thttps://example.org",
		"R\t75\t3\tNouvelle-Aquitaine\tmetro\t100\t45.0000\t-0.1622",
		"D\t86\t75\t3\tVienne\tmetro\t100\t46.6000\t0.4000",
		"E\t200069854\tCU\t86\t2\tGrand Poitiers\tCommunauté urbaine du Grand Poitiers\t100\t46.5800\t0.3400",
		"C\t86194\t86\t200069854\t\t0\tPoitiers\t218601946\t100\t46.5800\t0.3400\t\t86000",
		"A\td\t86001\tAncienne\t86194",
		"Z\t7",
	}
	list, err := decode(pack(t, good))
	if err != nil {
		t.Fatal(err)
	}
	if e, found := list.ByCode("86001"); !found || e.Name != "Poitiers" || e.Lat != 46.58 || e.Lon != .34 {
		t.Errorf("%+v", e)
	}
	change := func(row int, old, new string) []string {
		lines := slices.Clone(good)
		lines[row] = strings.Replace(lines[row], old, new, 1)
		return lines
	}
	for name, c := range map[string]struct {
		lines []string
		says  string
	}{
		"another format":     {change(0, "\t1", "\t2"), "run make build"},
		"another file":       {change(0, "parvis-territories", "cities"), "run make build"},
		"cut short":          {good[:5], "cut short"},
		"rows lost":          {slices.Delete(slices.Clone(good), 6, 7), "row 7: 6 rows, 7 were written"},
		"rows after the end": {append(slices.Clone(good), good[6]), "after the last one"},
		"no header":          {good[1:], "row 1"},
		"a column lost":      {change(5, "\t86000", ""), "row 6: 12 columns"},
		"unknown row":        {change(6, "A\t", "B\t"), "row 7"},
		"unknown EPCI":       {change(5, "200069854", "200069855"), `row 6: unknown code "200069855"`},
		"unknown target":     {change(6, "86194", "86195"), "row 7: unknown code"},
		"population":         {change(5, "\t100\t", "\tmany\t"), "row 6: population"},
		"liaison":            {change(3, "\t3\t", "\t9\t"), "row 4: liaison"},
		"degrees":            {change(5, "46.5800", "46.58"), "row 6: degrees"},
		"degrees, no number": {change(5, "46.5800", "46.58x0"), "row 6: degrees"},
	} {
		if _, err := decode(pack(t, c.lines)); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
	}
	packed := pack(t, good)
	for name, damaged := range map[string][]byte{"empty": nil, "no gzip": []byte("H\tparvis"), "half": packed[:len(packed)/2]} {
		if _, err := decode(damaged); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestSlugsDoNotDependOnOthers removes communes that have no namesake: the slugs of
// the others stay.
func TestSlugsDoNotDependOnOthers(t *testing.T) {
	whole, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	part := &List{rows: slices.Clone(whole.rows)}
	kept := 0
	for i := range part.rows {
		part.rows[i].slug = ""
		if part.rows[i].kind == Commune && strings.HasSuffix(whole.rows[i].slug, part.rows[i].code) || i%3 != 0 || part.rows[i].kind != Commune {
			part.rows[kept] = part.rows[i]
			kept++
		}
	}
	part.rows = part.rows[:kept]
	part.assignSlugs()
	old := map[string]string{}
	for i := range whole.rows {
		old[whole.id(int32(i))] = whole.rows[i].slug
	}
	for i := range part.rows {
		id := part.id(int32(i))
		if part.rows[i].kind == Commune && part.rows[i].slug != old[id] {
			t.Errorf("%s was %s, is %s", id, old[id], part.rows[i].slug)
		}
	}
}

func TestReservedIsSortedAndNobodyGetsIt(t *testing.T) {
	if !slices.IsSorted(reserved[:]) {
		t.Error("the reserved segments are not in order")
	}
	list := &List{rows: []row{
		{kind: Commune, code: "01001", name: "Recherche"}, {kind: Departement, code: "99", name: "Démo"},
		{kind: Region, code: "98", name: "Agents"}, {kind: EPCI, form: "CC", code: "200000001", name: "Api"},
	}}
	list.assignSlugs()
	var got []string
	for i := range list.rows {
		got = append(got, list.rows[i].slug)
	}
	if want := []string{"recherche-01001", "demo-99", "region-agents", "cc-api"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestFileIsWhole counts the rows as they were written.
func TestFileIsWhole(t *testing.T) {
	if lines := rows(t); len(lines) < 41_000 || !strings.HasPrefix(lines[0], "H\tparvis-territories\t") {
		t.Errorf("%d rows, the first one %q", len(lines), lines[0])
	}
}
