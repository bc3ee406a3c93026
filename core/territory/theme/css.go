package theme

import "strings"

// CSS returns the stylesheet of the theme, about 500 bytes: the custom properties
// of the accent on :root for both schemes. Link it after the main stylesheet; it
// replaces what that one computes with relative colours, which older browsers do
// not know.
func CSS(t Theme) string {
	var b strings.Builder
	b.WriteString(":root{--territory:" + t.Territory.String() + ";")
	properties(&b, t.Light)
	b.WriteString("}\n@media (prefers-color-scheme:dark){:root{")
	properties(&b, t.Dark)
	b.WriteString("}}\n")
	// Paper is white: the light accent, whatever the scheme of the screen.
	b.WriteString("@media print{:root{")
	properties(&b, t.Light)
	b.WriteString("}}\n")
	return b.String()
}

func properties(b *strings.Builder, a Accent) {
	for _, p := range [...]struct {
		name   string
		colour Colour
	}{
		{"--accent", a.Accent},
		{"--accent-strong", a.Strong},
		{"--accent-soft", a.Soft},
		{"--accent-line", a.Line},
		{"--on-accent", a.OnAccent},
	} {
		b.WriteString(p.name + ":" + p.colour.String() + ";")
	}
}
