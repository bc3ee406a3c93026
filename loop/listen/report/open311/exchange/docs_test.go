package exchange

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"parvis/loop/listen/report"
)

// word is one of a command: in single quotes, in double quotes, or bare.
var word = regexp.MustCompile(`'([^']*)'|"([^"]*)"|(\S+)`)

// TestCurlExamplesRun sends each curl command of the manual to the real server. Its
// place, key, category and number become those of the bench.
func TestCurlExamplesRun(t *testing.T) {
	manual, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "..", "docs", "integrator.md"))
	if err != nil {
		t.Fatal(err)
	}
	const category = "eclairage"
	if !slices.ContainsFunc(report.DefaultCategories(), func(c report.Category) bool { return c.Code == category }) {
		t.Errorf("%s is no category of a new territory", category)
	}
	benches(t, func(t *testing.T, b *bench) {
		number := b.open("voi-tro", nil).Number
		put := strings.NewReplacer("https://parvis.example/poitiers", "/vouneuil", "$KEY", b.key, category, "voi-tro", "D-2026-00161", number)
		ran := 0
		for _, line := range strings.Split(string(manual), "\n") {
			if !strings.HasPrefix(line, "curl ") || !strings.Contains(line, Path) {
				continue
			}
			ran++
			method, address, body, header := http.MethodGet, "", url.Values{}, map[string]string{}
			option := ""
			for _, m := range word.FindAllStringSubmatch(put.Replace(strings.TrimPrefix(line, "curl ")), -1) {
				w := m[1] + m[2] + m[3]
				name, value, _ := strings.Cut(w, "=")
				switch {
				case option == "-H":
					name, value, _ = strings.Cut(w, ":")
					header[name] = strings.TrimSpace(value)
				case option != "":
					method = http.MethodPost
					body.Add(name, value)
				case strings.HasPrefix(w, "-"):
					if !slices.Contains([]string{"-H", "-d", "--data-urlencode"}, w) {
						t.Fatalf("the test does not know %s: %s", w, line)
					}
					option = w
					continue
				default:
					address = w
				}
				option = ""
			}
			if r := b.send(method, address, body.Encode(), header); r.status != http.StatusOK && r.status != http.StatusCreated {
				t.Errorf("%s\n%d %s", line, r.status, r.body)
			}
		}
		if ran < 7 {
			t.Errorf("only %d commands found", ran)
		}
	})
}
