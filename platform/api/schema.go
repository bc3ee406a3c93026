package api

import (
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"parvis/platform/store"
)

// newRegistry names schemas by package and type, so that two services may
// both have an Item, and describes identifiers as decimal strings.
func newRegistry() huma.Registry {
	r := huma.NewMapRegistry("#/components/schemas/", func(t reflect.Type, hint string) string {
		for t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		name := huma.DefaultSchemaNamer(t, hint)
		pkg := t.PkgPath()
		pkg = pkg[strings.LastIndexByte(pkg, '/')+1:]
		if t.Name() == "" || pkg == "" || pkg == "api" || strings.HasPrefix(strings.ToLower(name), pkg) {
			return upper(name)
		}
		return upper(pkg) + name
	})
	r.RegisterTypeAlias(reflect.TypeFor[store.ID](), reflect.TypeFor[identifier]())
	return r
}

// upper makes "appointment-bookRequest" into "AppointmentBookRequest".
func upper(s string) string {
	var b strings.Builder
	next := true
	for _, r := range s {
		switch {
		case r == '-' || r == '_' || r == '.':
			next = true
		case next:
			b.WriteString(strings.ToUpper(string(r)))
			next = false
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// identifier describes store.ID. The library parses a parameter of that type
// into an integer before it validates and a body's as a string: both are
// accepted here, and the description is corrected to the string.
type identifier struct{}

const identifierPattern = "^[1-9][0-9]{0,18}$"

// Schema satisfies huma.SchemaProvider.
func (identifier) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{
		OneOf:      []*huma.Schema{{Type: huma.TypeString, Pattern: identifierPattern}, {Type: huma.TypeInteger}},
		Extensions: map[string]any{"x-identifier": true},
	}
}
