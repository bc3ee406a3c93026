package i18n

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// call finds i18n.T(ctx, "key" and localizer.N("key": receiver, function, key. The
// context may be a call itself: i18n.T(r.Context(), "key".
var call = regexp.MustCompile(`(\w+)\.(T|N)(?:\[\w+\])?\(\s*(?:[\w.]+(?:\(\))?\s*,\s*)?"([^"\n]*)"`)

// CheckUsage verifies, for use in a package's tests, that every key named in the
// *.go and *.templ files of dir (tests and sub-folders excepted) by T or N is in
// one of the catalogues: its own and those of the packages it borrows from. It
// also refuses T on a plural message and N on one that is not. Keys that are not
// written as a literal are out of its reach. The error names file, line and key.
func CheckUsage(dir string, catalogues ...fs.FS) error {
	known := map[string]message{}
	for _, fsys := range catalogues {
		f, err := readFile(fsys, French)
		if err != nil {
			return err
		}
		for _, m := range f.messages {
			known[m.key] = m
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("looking for the messages used in %s: %w", dir, err)
	}
	var faults []error
	for _, entry := range entries {
		name := entry.Name()
		if entry.IsDir() || strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, "_templ.go") ||
			(filepath.Ext(name) != ".go" && filepath.Ext(name) != ".templ") {
			continue
		}
		source, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return fmt.Errorf("looking for the messages used in %s: %w", dir, err)
		}
		faults = append(faults, usageFaults(name, source, known)...)
	}
	return errors.Join(faults...)
}

func usageFaults(name string, source []byte, known map[string]message) []error {
	var faults []error
	for _, at := range call.FindAllSubmatchIndex(source, -1) {
		receiver, function, key := string(source[at[2]:at[3]]), string(source[at[4]:at[5]]), string(source[at[6]:at[7]])
		start := bytes.LastIndexByte(source[:at[0]], '\n') + 1
		comment := bytes.HasPrefix(bytes.TrimSpace(source[start:at[0]]), []byte("//"))
		prefix := bytes.HasPrefix(bytes.TrimSpace(source[at[1]:]), []byte("+")) // "state." + s
		stranger := receiver != "i18n" && !validKey.MatchString(key)            // a T of something else
		if comment || prefix || stranger {
			continue
		}
		position := fmt.Sprintf("%s:%d", name, 1+bytes.Count(source[:at[4]], []byte("\n")))
		m, found := known[key]
		switch {
		case !found:
			faults = append(faults, fmt.Errorf("%s: unknown message %q", position, key))
		case m.plural && function == "T":
			faults = append(faults, fmt.Errorf("%s: message %q is plural, use N", position, key))
		case !m.plural && function == "N":
			faults = append(faults, fmt.Errorf("%s: message %q is not plural, use T", position, key))
		}
	}
	return faults
}
