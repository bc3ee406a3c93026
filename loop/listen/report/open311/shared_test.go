package open311

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// sharedFile reads a real answer beside the checkout (see the data's README).
func sharedFile(t *testing.T, name string) []byte {
	t.Helper()
	dir := os.Getenv("PARVIS_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "..", "..", "shared")
	}
	data, err := os.ReadFile(filepath.Join(dir, "data", "open311", name))
	if err != nil {
		t.Skipf("the shared data is not beside the checkout (set PARVIS_SHARED): %v", err)
	}
	return data
}

func TestRealServices(t *testing.T) {
	for name, x := range map[string]struct {
		n           int
		first, last string
	}{
		"services-giessen.xml":      {8, "Abwasser und Wasser", "Grünflächen und Spielplätze"},
		"services-sanfrancisco.xml": {36, "Cans_Left_Out_24x7", ""},
		"services-sample.json":      {3, "Cans left out 24x7", "Curb or curb ramp defect"},
	} {
		got, err := ReadServices(sharedFile(t, name))
		if err != nil || len(got) != x.n {
			t.Errorf("%s: %d services, want %d, %v", name, len(got), x.n, err)
			continue
		}
		if got[0].Name != x.first || x.last != "" && got[len(got)-1].Name != x.last {
			t.Errorf("%s: from %q to %q", name, got[0].Name, got[len(got)-1].Name)
		}
		for _, s := range got {
			if s.Code == "" || s.Name == "" || strings.TrimSpace(s.Description) != s.Description {
				t.Errorf("%s: %+v", name, s)
			}
		}
	}
}

func TestRealRequests(t *testing.T) {
	for name, ids := range map[string][]string{
		"requests-chicago.json":         {"14-01100669", "14-01100627"},
		"requests-toronto-one.xml":      {"101005420892"},
		"requests-toronto-two.xml":      {"101005420892", "101005420894"},
		"request-sanfrancisco-one.xml":  {"638344"},
		"requests-sanfrancisco-two.xml": {"638344", "638349"},
		"requests-empty.xml":            nil,
	} {
		got, err := ReadRequests(sharedFile(t, name))
		if err != nil || len(got) != len(ids) {
			t.Errorf("%s: %d requests, want %d, %v", name, len(got), len(ids), err)
			continue
		}
		for i, r := range got {
			if r.ID != ids[i] || r.Point == nil || r.RequestedAt.IsZero() || (r.Status != Open && r.Status != Closed) || strings.ContainsAny(r.MediaURL, " \n") {
				t.Errorf("%s: %+v", name, r)
			}
		}
	}
	one, err := ReadRequests(sharedFile(t, "requests-toronto-one.xml"))
	if err != nil {
		t.Fatal(err)
	}
	if r := one[0]; r.Point.Lat != 43.691104288 || r.Point.Lon != -79.272306875 || !r.UpdatedAt.IsZero() || r.Description != "" ||
		!r.RequestedAt.Equal(time.Date(2018, 7, 30, 4, 1, 0, 0, time.UTC)) || r.Agency != "311 Toronto" {
		t.Errorf("Toronto: %+v", r)
	}
}

func TestOtherRealAnswers(t *testing.T) {
	if r, err := ReadReceipt(sharedFile(t, "post-response.xml")); err != nil || r.RequestID != "293944" || !strings.HasPrefix(r.Notice, "The City") || r.AccountID != "" {
		t.Errorf("%+v %v", r, err)
	}
	if r, err := ReadReceipt(sharedFile(t, "token-response.xml")); err != nil || r.RequestID != "638344" || r.Token != "12345" {
		t.Errorf("%+v %v", r, err)
	}
	if d, err := ReadDefinition(sharedFile(t, "definition-legacy-no-wrapper.xml")); err != nil || d.ServiceCode != "DMV66" || len(d.Attributes) != 1 || len(d.Attributes[0].Values) != 2 {
		t.Errorf("%+v %v", d, err)
	}
	if f := ReadFaults(sharedFile(t, "error-404.xml")); len(f) != 1 || f[0].Code != "404" {
		t.Errorf("%+v", f)
	}
	if f := ReadFaults(sharedFile(t, "error-403-legacy-malformed.txt")); len(f) != 1 || !strings.HasPrefix(f[0].Description, "Invalid api_key") {
		t.Errorf("%+v", f)
	}
}
