package tabular_test

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parvis/platform/tabular"
)

func TestInert(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "Bonjour": "Bonjour", "a=b": "a=b", "=1+1": "'=1+1", "+33 6": "'+33 6", "-2": "'-2", "@SUM(A1)": "'@SUM(A1)",
		" =cmd|' /C calc'!A0": "' =cmd|' /C calc'!A0", "\t=1": "'\t=1", "\r\n=1": "'\r\n=1", "\u00a0=1": "'\u00a0=1", "＝1": "'＝1", "|x": "'|x",
		`=HYPERLINK("http://x")`: `'=HYPERLINK("http://x")`,
	} {
		if got := tabular.Inert(in); got != want {
			t.Errorf("%q gives %q, want %q", in, got, want)
		}
	}
}

// Whatever the cells, the file reads back as the same table, made inert.
func TestCSVReadsBack(t *testing.T) {
	cell := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{`a;b`, `"`, "deux\nlignes", "=1", "", "é"}))
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOfN(rapid.SliceOfN(cell, 3, 3), 0, 5).Draw(t, "rows")
		body, err := tabular.CSV([]string{"Un", "Deux", "Trois"}, rows)
		if err != nil {
			t.Fatal(err)
		}
		r := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(body), "\ufeff")))
		r.Comma = ';'
		got, err := r.ReadAll()
		if err != nil || len(got) != len(rows)+1 {
			t.Fatalf("%d rows read back of %d (%v)", len(got), len(rows)+1, err)
		}
		plain := strings.NewReplacer("\r", "", "\n", "") // line ends inside a cell become those of the file
		for i, row := range rows {
			for j, v := range row {
				if plain.Replace(got[i+1][j]) != plain.Replace(tabular.Inert(v)) {
					t.Fatalf("%q read back as %q", v, got[i+1][j])
				}
			}
		}
	})
}

// A longitude west of Greenwich is a number where the program writes numbers,
// and words there are made inert all the same.
func TestNumbersStayNumbers(t *testing.T) {
	var b bytes.Buffer
	rows := [][]string{{"-4", "-4.486"}, {"=1", "=1"}}
	err := tabular.WriteCSV(&b, []string{"titre", "lon"}, func(emit func([]string) error) error {
		for _, r := range rows {
			if err := emit(r); err != nil {
				return err
			}
		}
		return nil
	}, 1)
	if err != nil {
		t.Fatal(err)
	}
	if want := "\ufefftitre;lon\r\n'-4;-4.486\r\n'=1;'=1\r\n"; b.String() != want {
		t.Errorf("%q, want %q", b.String(), want)
	}
}
