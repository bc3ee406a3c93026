package app_test

import (
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// publiccode is the part of publiccode.yml 0.7 that this project uses
// (https://yml.publiccode.tools). Unknown keys fail: a misspelt one would be
// ignored by every catalogue.
type publiccode struct {
	Version           string   `yaml:"publiccodeYmlVersion"`
	Name              string   `yaml:"name"`
	URL               string   `yaml:"url"`
	DevelopmentStatus string   `yaml:"developmentStatus"`
	SoftwareType      string   `yaml:"softwareType"`
	Platforms         []string `yaml:"platforms"`
	Categories        []string `yaml:"categories"`
	IntendedAudience  struct {
		Scope     []string `yaml:"scope"`
		Countries []string `yaml:"countries"`
	} `yaml:"intendedAudience"`
	Description map[string]struct {
		Short    string   `yaml:"shortDescription"`
		Long     string   `yaml:"longDescription"`
		Features []string `yaml:"features"`
	} `yaml:"description"`
	Legal struct {
		License string `yaml:"license"`
	} `yaml:"legal"`
	Maintenance struct {
		Type     string `yaml:"type"`
		Contacts []struct {
			Name string `yaml:"name"`
		} `yaml:"contacts"`
	} `yaml:"maintenance"`
	Localisation struct {
		Ready     *bool    `yaml:"localisationReady"`
		Languages []string `yaml:"availableLanguages"`
	} `yaml:"localisation"`
	DependsOn struct {
		Open []struct {
			Name     string `yaml:"name"`
			Minimum  string `yaml:"versionMin"`
			Optional bool   `yaml:"optional"`
		} `yaml:"open"`
	} `yaml:"dependsOn"`
	Supports []struct {
		ID string `yaml:"id"`
	} `yaml:"supports"`
}

// TestPubliccode checks the mandatory keys and their bounds.
func TestPubliccode(t *testing.T) {
	f, err := os.Open("../publiccode.yml")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var p publiccode
	d := yaml.NewDecoder(f)
	d.KnownFields(true)
	if err := d.Decode(&p); err != nil {
		t.Fatal(err)
	}
	check := func(ok bool, format string, args ...any) {
		t.Helper()
		if !ok {
			t.Errorf(format, args...)
		}
	}
	check(p.Version == "0.7", "publiccodeYmlVersion is %q", p.Version)
	check(p.Name == "Parvis", "name is %q", p.Name)
	u, err := url.Parse(p.URL)
	check(err == nil && u.Scheme == "https" && u.Host != "", "url is %q", p.URL)
	check(slices.Contains([]string{"concept", "development", "beta", "stable", "obsolete"}, p.DevelopmentStatus), "developmentStatus is %q", p.DevelopmentStatus)
	check(p.SoftwareType == "standalone/web", "softwareType is %q", p.SoftwareType)
	check(slices.Contains(p.Platforms, "web"), "platforms are %v", p.Platforms)
	for _, c := range []string{"appointment-scheduling", "online-booking"} {
		check(slices.Contains(p.Categories, c), "category %s is missing", c)
	}
	check(slices.Contains(p.IntendedAudience.Scope, "local-authorities"), "scope is %v", p.IntendedAudience.Scope)
	for _, c := range p.IntendedAudience.Countries {
		check(len(c) == 2 && strings.ToUpper(c) == c, "country %q is not in capitals (ISO 3166-1)", c)
	}
	for _, lang := range []string{"fr", "en"} {
		x := p.Description[lang]
		short, long := utf8.RuneCountInString(x.Short), utf8.RuneCountInString(x.Long)
		check(short > 0 && short <= 150, "%s: shortDescription of %d characters, want 1 to 150", lang, short)
		check(long >= 150 && long <= 10_000, "%s: longDescription of %d characters, want 150 to 10 000", lang, long)
		check(len(x.Features) > 0, "%s: no features", lang)
		check(slices.Contains(p.Localisation.Languages, lang), "%s is not among the available languages", lang)
	}
	check(p.Legal.License == "EUPL-1.2", "license is %q", p.Legal.License)
	licence, err := os.ReadFile("../LICENSE")
	check(err == nil && strings.HasPrefix(string(licence), "EUROPEAN UNION PUBLIC LICENCE v. 1.2"), "LICENSE is not the text of EUPL-1.2 (%v)", err)
	check(slices.Contains([]string{"internal", "contract", "community", "none"}, p.Maintenance.Type), "maintenance type is %q", p.Maintenance.Type)
	check(len(p.Maintenance.Contacts) > 0 && p.Maintenance.Contacts[0].Name != "", "maintenance has no contact")
	check(p.Localisation.Ready != nil && *p.Localisation.Ready, "localisationReady is not true")
	for _, s := range p.Supports {
		check(strings.Contains(s.ID, ":"), "supports %q is neither an alias nor a URI", s.ID)
	}
}

// TestPublicFiles looks for what whoever finds the repository expects.
func TestPublicFiles(t *testing.T) {
	for _, name := range []string{"README.md", "README.fr.md", "LICENSE", "publiccode.yml", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md",
		"CODE_OF_CONDUCT.md", "GOVERNANCE.md", "ROADMAP.md", "AUTHORS", ".ci/run",
		"docs/README.md", "docs/administrator.md", "docs/administrator.fr.md", "docs/integrator.md", "docs/service.md", "docs/configuration.md", "docs/install.md",
		"docs/examples/parvis.service", "docs/examples/parvis.toml", "docs/examples/nginx.conf",
		"docs/homologation/architecture.md", "docs/homologation/data-flow.md", "docs/homologation/risks.md", "docs/homologation/hardening.md"} {
		if info, err := os.Stat(filepath.Join("..", name)); err != nil {
			t.Error(err)
		} else if info.Size() == 0 {
			t.Errorf("%s is empty", name)
		}
	}
	run, err := os.ReadFile("../.ci/run")
	if err != nil || !strings.Contains(string(run), "make test") {
		t.Errorf(".ci/run does not run make test (%v)", err)
	}
}
