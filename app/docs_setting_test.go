package app

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func document(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// settingRow is a row of a table of keys: key, environment, default, meaning.
var settingRow = regexp.MustCompile("(?m)^\\| `([a-z0-9_.]+)` \\| `(PARVIS_[A-Z0-9_]+)` \\| (?:`([^`]*)`)? ?\\| ?(.*?) ?\\|$")

// TestConfigurationIsDocumented compares the manual with the table of settings:
// no key is missing or unknown, names and defaults are those of the program.
func TestConfigurationIsDocumented(t *testing.T) {
	known := map[string]setting{}
	for _, s := range settings() {
		known[s.Key] = s
	}
	for name, complete := range map[string]bool{"docs/configuration.md": true, "README.md": false} {
		rows := settingRow.FindAllStringSubmatch(document(t, name), -1)
		seen := map[string]bool{}
		for _, row := range rows {
			key, env, value := row[1], row[2], row[3]
			s, ok := known[key]
			switch {
			case !ok:
				t.Errorf("%s: there is no key %q", name, key)
			case seen[key]:
				t.Errorf("%s: key %s twice", name, key)
			case env != envName(key):
				t.Errorf("%s: %s is %s in the environment, not %s", name, key, envName(key), env)
			case value != s.Default:
				t.Errorf("%s: the default of %s is %q, not %q", name, key, s.Default, value)
			}
			seen[key] = true
		}
		if len(rows) < 5 {
			t.Errorf("%s: %d rows: the table was not read", name, len(rows))
		}
		for key := range known {
			if complete && !seen[key] {
				t.Errorf("%s: key %s is missing", name, key)
			}
		}
	}
}

// inForce takes the comment sign off the lines of the example that hold a key
// or a table.
func inForce(example string) string {
	return regexp.MustCompile(`(?m)^# ((?:\[[a-z0-9.]+\]|[a-z_]+ = ).*)$`).ReplaceAllString(example, "$1")
}

// TestExampleConfiguration reads the example as it is and with every line in
// force: both are what the program does without a file, and no key is missing.
func TestExampleConfiguration(t *testing.T) {
	want, err := LoadConfig("", nil)
	if err != nil {
		t.Fatal(err)
	}
	example := document(t, "docs/examples/parvis.toml")
	file := filepath.Join(t.TempDir(), "parvis.toml")
	for name, content := range map[string]string{"as it is": example, "in force": inForce(example)} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := LoadConfig(file, nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
	if err := os.WriteFile(file, []byte(inForce(example)), 0o600); err != nil {
		t.Fatal(err)
	}
	values, err := readTOML(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range settings() {
		if !slices.ContainsFunc(values, func(kv [2]string) bool { return kv[0] == s.Key }) {
			t.Errorf("the example lacks %s", s.Key)
		}
	}
}

// TestExamplesOfTheManualStart builds the program with the examples of the
// manual, all in one file.
func TestExamplesOfTheManualStart(t *testing.T) {
	blocks := regexp.MustCompile("(?s)```toml\n(.*?)```").FindAllStringSubmatch(document(t, "docs/configuration.md"), -1)
	if len(blocks) < 2 {
		t.Fatalf("%d examples", len(blocks))
	}
	content := ""
	for _, b := range blocks {
		content += b[1]
	}
	file := filepath.Join(t.TempDir(), "parvis.toml")
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := LoadConfig(file, []string{"PARVIS_SMS_WEBHOOK_TOKEN=0123456789abcdef"})
	if err != nil {
		t.Fatal(err)
	}
	if got := headers(cfg.SMSHTTPHeaders); got["Authorization"] != "Bearer secret" || got["Content-Type"] != "application/json" {
		t.Errorf("headers %q", got)
	}
	cfg.Data = t.TempDir()
	cfg.Database = "sqlite:" + filepath.Join(cfg.Data, "parvis.db")
	a, err := Build(t.Context(), cfg, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := a.Hub.Webhook("http"); !ok {
		t.Error("the provider's calls have no address")
	}
	if err := a.Close(t.Context()); err != nil {
		t.Error(err)
	}
}
