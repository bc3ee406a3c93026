package page

import (
	"context"
	"html"
	"io"
	"regexp"

	"github.com/a-h/templ"
)

// short compounds, « rendez-vous », that a title must not cut at their hyphen.
var compound = regexp.MustCompile(`\p{L}{2,7}-\p{L}{2,5}\b`)

// unbroken writes a title whose short compounds stay on one line; long names of
// communes may still be cut.
func unbroken(text string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, compound.ReplaceAllString(html.EscapeString(text), `<span class="uni">$0</span>`))
		return err
	})
}
