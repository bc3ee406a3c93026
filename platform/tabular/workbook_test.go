package tabular

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/xuri/excelize/v2"
)

func TestWorkbookGoesOnWithAnotherSheet(t *testing.T) {
	var out bytes.Buffer
	err := writeWorkbook(&out, []string{"n"}, func(emit func([]string) error) error {
		for i := range 5 {
			if err := emit([]string{fmt.Sprint(i)}); err != nil {
				return err
			}
		}
		return emit([]string{"=1+1"})
	}, "Liste", 3)
	if err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var got []string
	for _, name := range f.GetSheetList() {
		rows, err := f.GetRows(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			got = append(got, r[0])
		}
	}
	if want := []string{"n", "0", "1", "n", "2", "3", "n", "4", "'=1+1"}; !slices.Equal(got, want) {
		t.Errorf("the sheets hold %q, want %q", got, want)
	}
}
