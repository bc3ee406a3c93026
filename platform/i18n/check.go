package i18n

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Check verifies one package's catalogue, for use in its tests: fr.json and
// en.json have the same keys, well formed; each message has the same
// placeholders and is plural or not in both; plural messages have exactly the
// CLDR forms of the language ("one" and "other"; French may add "many", for whole
// millions); French texts keep French typography. The error lists every fault,
// one per line.
func Check(fsys fs.FS) error {
	french, errFrench := readFile(fsys, French)
	english, errEnglish := readFile(fsys, English)
	if err := errors.Join(errFrench, errEnglish); err != nil {
		return err
	}
	var faults []error
	fault := func(f file, key, format string, args ...any) {
		faults = append(faults, fmt.Errorf("%s: %s: %s", f.name, key, fmt.Sprintf(format, args...)))
	}
	inEnglish := byKey(english)
	for _, fr := range french.messages {
		if !validKey.MatchString(fr.key) {
			fault(french, fr.key, `not a key such as "package.subject.detail"`)
		}
		for form, text := range fr.forms {
			for _, problem := range typography(text) {
				fault(french, fr.key, "%s: %s", form, problem)
			}
		}
		for _, problem := range pluralFaults(fr, "one", "other", "many") {
			fault(french, fr.key, "%s", problem)
		}
		en, found := inEnglish[fr.key]
		if !found {
			fault(english, fr.key, "missing")
			continue
		}
		if fr.plural != en.plural {
			fault(english, fr.key, "plural in one language only")
		}
		if a, b := fr.placeholders(), en.placeholders(); !slices.Equal(a, b) {
			fault(english, fr.key, "placeholders %v, in French %v", b, a)
		}
	}
	inFrench := byKey(french)
	for _, en := range english.messages {
		for _, problem := range pluralFaults(en, "one", "other") {
			fault(english, en.key, "%s", problem)
		}
		if _, found := inFrench[en.key]; !found {
			fault(french, en.key, "missing")
		}
	}
	return errors.Join(faults...)
}

var validKey = regexp.MustCompile(`^[a-z][a-z0-9]*(\.[A-Za-z0-9_-]+)+$`)

func byKey(f file) map[string]message {
	index := make(map[string]message, len(f.messages))
	for _, m := range f.messages {
		index[m.key] = m
	}
	return index
}

// pluralFaults compares the forms of a plural message with those of its language;
// the first two are required.
func pluralFaults(m message, forms ...string) []string {
	if !m.plural {
		return nil
	}
	var problems []string
	for _, form := range forms[:2] {
		if strings.TrimSpace(m.forms[form]) == "" {
			problems = append(problems, fmt.Sprintf("plural form %q missing", form))
		}
	}
	for _, form := range slices.Sorted(maps.Keys(m.forms)) {
		if !slices.Contains(forms, form) {
			problems = append(problems, fmt.Sprintf("plural form %q does not exist in this language", form))
		}
	}
	return problems
}

// placeholders lists, sorted, those of all forms. Count is left aside in plural
// messages: « une place » need not show it.
func (m message) placeholders() []string {
	all := map[string]bool{}
	for _, text := range m.forms {
		maps.Copy(all, placeholders(text))
	}
	if m.plural {
		delete(all, "Count")
	}
	return slices.Sorted(maps.Keys(all))
}
