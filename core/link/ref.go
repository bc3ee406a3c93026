package link

import (
	"fmt"
	"strings"

	"parvis/platform/store"
)

// Ref names a thing across services: "appointment:77".
type Ref string

// To is the reference of a thing of a kind.
func To(kind string, id store.ID) Ref { return Ref(kind + ":" + id.String()) }

// Split gives the kind and the identifier back; anything that To did not
// write is an error.
func (r Ref) Split() (kind string, id store.ID, err error) {
	kind, number, ok := strings.Cut(string(r), ":")
	if !ok || kind == "" {
		return "", 0, fmt.Errorf("link: %q is not a reference", string(r))
	}
	if id, err = store.ParseID(number); err != nil {
		return "", 0, fmt.Errorf("link: %q is not a reference: %w", string(r), err)
	}
	return kind, id, nil
}
