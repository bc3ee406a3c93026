package i18n

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"sync"

	goi18n "github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

const (
	// French is the language of the interface and the default.
	French = "fr"
	// English is complete: every key exists in it.
	English = "en"
)

// missingLimit bounds how many distinct missing keys are remembered, so that a
// key computed from outside input cannot fill the memory.
const missingLimit = 1000

// Catalog holds the messages of every package, in French and English. It does
// not change after New and is safe for concurrent use.
type Catalog struct {
	localizers map[string]*goi18n.Localizer
	keys       map[string]map[string]bool // language → key
	matcher    language.Matcher

	mu      sync.Mutex
	missing map[string]int
}

// New reads the catalogues: each holds fr.json and en.json, at its root or under
// locales/. It fails when a file is absent or is not a flat JSON object of
// messages, when a message is not a valid template, or when two catalogues
// define the same key; the error names the file and the key.
func New(catalogues ...fs.FS) (*Catalog, error) {
	bundle := goi18n.NewBundle(language.French)
	c := &Catalog{
		localizers: map[string]*goi18n.Localizer{},
		keys:       map[string]map[string]bool{French: {}, English: {}},
		matcher:    language.NewMatcher([]language.Tag{language.French, language.English}),
		missing:    map[string]int{},
	}
	var problems []error
	for _, fsys := range catalogues {
		for _, lang := range languages() {
			file, err := readFile(fsys, lang)
			if err != nil {
				problems = append(problems, err)
				continue
			}
			for _, m := range file.messages {
				if c.keys[lang][m.key] {
					problems = append(problems, fmt.Errorf("%s: key %q is already defined by another catalogue", file.name, m.key))
					continue
				}
				c.keys[lang][m.key] = true
				if err := bundle.AddMessages(language.Make(lang), m.bundled()); err != nil {
					problems = append(problems, fmt.Errorf("%s: key %q: %w", file.name, m.key, err))
				}
			}
		}
	}
	if err := errors.Join(problems...); err != nil {
		return nil, fmt.Errorf("reading the catalogues: %w", err)
	}
	for _, lang := range languages() {
		c.localizers[lang] = goi18n.NewLocalizer(bundle, lang)
	}
	return c, nil
}

// languages lists the languages a catalogue must have, the default first.
func languages() []string { return []string{French, English} }

// Has reports whether the key exists in French.
func (c *Catalog) Has(key string) bool { return c.keys[French][key] }

// Missing returns how many times each message could not be given as asked, by
// "language:key": the key is unknown in that language, or a placeholder of the
// message was not given. Tests assert that it is empty.
func (c *Catalog) Missing() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.missing)
}

func (c *Catalog) miss(lang, key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	id := lang + ":" + key
	if _, known := c.missing[id]; known || len(c.missing) < missingLimit {
		c.missing[id]++
	}
}
