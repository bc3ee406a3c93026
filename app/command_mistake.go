package app

import (
	"regexp"

	"parvis/platform/fault"
)

// flagError names the option whose value is wrong.
func flagError(name string, err error) error {
	f := fault.Of(err)
	var wrong fault.Fields
	wrong.Add(name, f.Key, f.Args...)
	return wrong.Err()
}

// mistakes are what the library of the command line says, and our words for it.
func mistakes() []struct {
	re  *regexp.Regexp
	key string
} {
	return []struct {
		re  *regexp.Regexp
		key string
	}{
		{regexp.MustCompile(`^unknown flag (?P<Name>\S+), did you mean "(?P<Near>[^"]+)"`), "app.cmd.flag_near"},
		{regexp.MustCompile(`^unknown flag (?P<Name>[^\s,]+)`), "app.cmd.flag"},
		{regexp.MustCompile(`^unexpected argument (?P<Name>[^\s,]+)`), "app.cmd.argument"},
		{regexp.MustCompile(`^missing flags: (?P<Name>.+)$`), "app.cmd.missing"},
		{regexp.MustCompile(`^expected (?P<Name>.+)$`), "app.cmd.missing"},
		{regexp.MustCompile(`^(?P<Name>--\S+): missing value`), "app.cmd.missing"},
	}
}

// said is the library's error in the reader's language; one it words otherwise
// stays as it is.
func (r *run) said(err error) string {
	text := err.Error()
	for _, m := range mistakes() {
		parts := m.re.FindStringSubmatch(text)
		if parts == nil {
			continue
		}
		args := []any{}
		for i, name := range m.re.SubexpNames()[1:] {
			args = append(args, name, parts[i+1])
		}
		return r.words.T(m.key, args...)
	}
	return text
}
