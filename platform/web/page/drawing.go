package page

import (
	"context"
	_ "embed" // the two large drawings are files
	"fmt"
	"html"
	"io"
	"strconv"
	"strings"

	"github.com/a-h/templ"
)

//go:embed drawings/square.svg
var squareSVG string

//go:embed drawings/ground.svg
var groundSVG string

// drawn writes a drawing as it is.
func drawn(svg string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, svg)
		return err
	})
}

// square is the square in front of the town hall, on the home of an instance.
func square() templ.Component { return drawn(squareSVG) }

// ground is the paving in perspective under the greeting of a portal.
func ground() templ.Component { return drawn(groundSVG) }

// Mark is the mark of Parvis: three arches on their paving.
func Mark() templ.Component {
	return drawn(`<svg viewBox="0 0 32 32" aria-hidden="true"><path d="M5 17V9.5a3.67 3.67 0 0 1 7.33 0V17M12.33 17V9.5a3.67 3.67 0 0 1 7.34 0V17M19.67 17V9.5a3.67 3.67 0 0 1 7.33 0V17"/><path d="M5 17h22l4 12H1ZM3.2 22.2h25.6M12.33 17 10.6 29M19.67 17l1.73 12"/></svg>`)
}

// SignNames lists the drawings a territory can take as its sign.
func SignNames() []string {
	return []string{"pousse", "vagues", "epi", "chateau", "clocher", "pont", "arbre", "sommet", "soleil",
		"vigne", "moulin", "phare", "etoile", "livre"}
}

// Sign is the sign of a territory: one of SignNames under the arch, in its colour. Another name draws the
// first one.
func Sign(name string) templ.Component {
	inner := signPath(name)
	if inner == "" {
		inner = signPath(SignNames()[0])
	}
	return drawn(`<svg class="blason" viewBox="0 0 32 40" aria-hidden="true"><path class="f" d="M1.5 16a14.5 14.5 0 0 1 29 0v15.5a7 7 0 0 1-7 7h-15a7 7 0 0 1-7-7Z"/>` + inner + `</svg>`)
}

func signPath(name string) string {
	switch name {
	case "pousse":
		return `<path d="M8 31c4-8 12-8 16 0M4 25h24M6 25v6M26 25v6M7 36c2.5-2 4.5-2 6.5 0s4.5 2 6.5 0 3.5-1.6 5-.4M16 18.5v-9M16 13.5c-2.6 0-4-1.4-4-3.8 2.6 0 4 1.4 4 3.8ZM16 12.5c2.6 0 4-1.4 4-3.8-2.6 0-4 1.4-4 3.8Z"/>`
	case "vagues":
		return `<path d="M5 18c3.7-3 7.3-3 11 0s7.3 3 11 0M5 25c3.7-3 7.3-3 11 0s7.3 3 11 0M7.5 32c2.8-2.2 5.7-2.2 8.5 0s5.7 2.2 8.5 0"/><circle cx="16" cy="10" r="2.5"/>`
	case "epi":
		return `<path d="M16 36V14M16 20l-5-5M16 26l-6.5-6M16 20l5-5M16 26l6.5-6"/><circle cx="16" cy="11" r="2.5"/>`
	case "chateau":
		return `<path d="M8 30V16h3v-3h3v3h4v-3h3v3h3v14ZM14 30v-5a2 2 0 0 1 4 0v5M8 35c3-2 5-2 8 0s5 2 8 0"/>`
	case "clocher":
		return `<path d="M12 34V20l4-9 4 9v14M16 11V6M14 8h4M6 34V26l6-3M26 34V26l-6-3M4.5 34h23M14.5 34v-4a1.5 1.5 0 0 1 3 0v4"/><circle cx="16" cy="22" r="1.5"/>`
	case "pont":
		return `<path d="M3 21h26M3 21v4M29 21v4M5 31c1.5-8 8-8 9.5 0M17.5 31c1.5-8 8-8 9.5 0M5 35c2-1.6 3.6-1.6 5.5 0s3.7 1.6 5.5 0 3.7-1.6 5.5 0 3.7 1.6 5.5 0M8 21v-6M24 21v-6M8 15c5 5 11 5 16 0"/>`
	case "arbre":
		return `<path d="M16 35V20M16 26l4-3.5M16 28l-3.5-3M9 35h14M16 7a6 6 0 0 0-5.7 8A4.7 4.7 0 0 0 12 24h8a4.7 4.7 0 0 0 1.7-9A6 6 0 0 0 16 7Z"/>`
	case "sommet":
		return `<path d="M3 31 12 15l5 8 3.5-5.5L29 31ZM9.3 20l2.7 2 2.5-2M5 35.5c4-1.6 18-1.6 22 0"/><circle cx="21.5" cy="11" r="2.5"/>`
	case "soleil":
		return `<path d="M3 26h26M6 31h20M10 35.5h12M9 26a7 7 0 0 1 14 0M16 15v-4M8.5 18.5 6 16M23.5 18.5 26 16"/>`
	case "vigne":
		return `<path d="M16 16V8M16 11c3-4 7-3.5 8.5-1.5C23 12 19.5 13.5 16 11Z"/><circle cx="12" cy="19" r="2.3"/><circle cx="16.5" cy="19" r="2.3"/><circle cx="21" cy="19" r="2.3"/><circle cx="14.2" cy="23" r="2.3"/><circle cx="18.8" cy="23" r="2.3"/><circle cx="16.5" cy="27" r="2.3"/><path d="M6 34h20"/>`
	case "moulin":
		return `<path d="M12 35l1.5-14h5L20 35ZM8 35h16M16 18 8 11.5M16 18l8-6.5M16 18l-8 6.5M16 18l8 6.5M8 11.5l3-2.5M24 11.5 21 9M8 24.5 6 22M24 24.5l2-2.5"/><circle cx="16" cy="18" r="1.3"/>`
	case "phare":
		return `<path d="M13 31l1.2-15h3.6L19 31ZM12.5 16h7M14 16v-4h4v4M13.5 12l2.5-3 2.5 3M13.6 23.5h4.8M10 12.5l-5-1.5M22 12.5l5-1.5M5 35c3.7-3 7.3-3 11 0s7.3 3 11 0"/>`
	case "etoile":
		return `<path d="m16 9 3 6.4 7 .8-5.2 4.8 1.4 6.9L16 24.5l-6.2 3.4 1.4-6.9L6 16.2l7-.8Z"/><path d="M8 34h16"/>`
	case "livre":
		return `<path d="M16 15c-3-2.3-6.5-3-10-3v17c3.5 0 7 .7 10 3 3-2.3 6.5-3 10-3V12c-3.5 0-7 .7-10 3Zm0 0v17M9 17.5c1.5.1 2.8.4 4 .9M9 22c1.5.1 2.8.4 4 .9M23 17.5c-1.5.1-2.8.4-4 .9M23 22c-1.5.1-2.8.4-4 .9"/>`
	}
	return ""
}

// DrawingNames lists the drawings of Empty and of the Bare pages.
func DrawingNames() []string {
	return []string{"hall", "bench", "letterbox", "calendar", "path", "works"}
}

// Drawing is a line drawing in two tints, hidden from assistive technology. An unknown name draws nothing.
func Drawing(name string) templ.Component { return drawn(drawingSVG(name)) }

func drawingSVG(name string) string {
	const small = `<svg class="dessin" viewBox="0 0 240 130" aria-hidden="true">`
	switch name {
	case "hall":
		return small + `<path class="f" d="M20 108h200M50 116h140M80 123h80"/><path class="s" d="M44 108V56h152v52z"/><path class="a" d="M34 56l24-26h124l24 26z"/><path d="M66 108V86a14 14 0 0 1 28 0v22M106 108V86a14 14 0 0 1 28 0v22M146 108V86a14 14 0 0 1 28 0v22M94 30V18h8v12"/><path class="g" d="M214 72c-12 0-16 12-9 18-2 10 20 10 18 0 7-6 3-18-9-18z"/><path d="M214 84v24"/></svg>`
	case "bench":
		return small + `<path class="f" d="M20 108h200M50 116h140M80 123h80"/><path class="g" d="M176 22c-22 0-30 22-17 33-4 18 38 18 34 0 13-11 5-33-17-33z"/><path d="M176 46v62M176 66l9-8"/><path class="s" d="M58 70h84v10H58zM54 86h92v8H54z"/><path d="M64 94v14M136 94v14M66 70V58M134 70V58"/><path class="a" d="M82 62c0-7 12-7 12 0v8H82z"/><path d="M84 62h8"/></svg>`
	case "letterbox":
		return small + `<path class="f" d="M20 108h200M50 116h140M80 123h80"/><path class="a" d="M84 74V46a20 20 0 0 1 40 0v28z"/><path class="s" d="M104 26h40a20 20 0 0 1 20 20v28h-40"/><path d="M92 54h24M124 74V46a20 20 0 0 0-20-20M120 74v34M128 74v34M164 40h14v-10h-14"/><path class="w" d="M40 88h34v20H40z"/><path d="m40 90 17 10 17-10"/></svg>`
	case "calendar":
		return small + `<path class="f" d="M20 114h200M60 121h120"/><path class="w" d="M70 32h100v78H70z"/><path class="a" d="M70 32h100v20H70z"/><path d="M92 24v16M148 24v16M70 72h100M70 91h100M95 52v58M120 52v58M145 52v58"/><path class="A" d="M125 76h15v10h-15z"/></svg>`
	case "path":
		return small + `<path class="f" d="M20 108h200M50 116h140"/><path class="s" d="M100 108c4-22 44-26 36-44-6-13-34-10-30-26h8c-2 12 32 10 38 28 7 22-28 24-28 42z"/><path class="g" d="M60 60c-12 0-16 12-9 18-2 10 20 10 18 0 7-6 3-18-9-18zM190 44c-12 0-16 12-9 18-2 10 20 10 18 0 7-6 3-18-9-18z"/><path d="M60 72v36M190 56v52"/><path class="a" d="M110 38c-8-9-11-12-11-18a11 11 0 0 1 22 0c0 6-3 9-11 18z"/><circle class="w" cx="110" cy="20" r="3.5"/></svg>`
	case "works":
		return `<svg class="dessin grand" viewBox="0 0 340 200" aria-hidden="true"><path class="f" d="M10 160h320M40 172h260M-10 190h360M120 160l-60 36M170 160v36M220 160l60 36"/><path class="s" d="M90 160V78h160v82z"/><path class="a" d="M78 78l34-34h116l34 34z"/><circle class="w" cx="170" cy="60" r="11"/><path d="M170 60v-6M170 60l4 3"/><path class="o" d="M108 160v-30a16 16 0 0 1 32 0v30zM154 160v-30a16 16 0 0 1 32 0v30zM200 160v-30a16 16 0 0 1 32 0v30z"/><path class="w" d="M110 92h14v16h-14zM163 92h14v16h-14zM216 92h14v16h-14z"/><path d="M262 178l14-34h4l14 34z" class="a"/><path class="A" d="M267 166h22l3 8h-28z"/><path d="M256 178h44"/><path class="w" d="M40 178v-24M40 154h28v-14H40z"/><path d="M46 147h16"/></svg>`
	}
	return ""
}

// stones is where a page stands in the loop: seven small chevrons, one lit.
func stones(v Verb) templ.Component {
	var b strings.Builder
	b.WriteString(`<svg viewBox="0 0 78 10" aria-hidden="true">`)
	for i := range Verbs() {
		class := ""
		if Verb(i+1) == v {
			class = ` class="on"`
		}
		x := strconv.FormatFloat(11.3*float64(i), 'f', -1, 64)
		fmt.Fprintf(&b, `<path%s d="M%s 0h6.5l3 5-3 5H%sl3-5z"/>`, class, x[:min(len(x), 4)], x[:min(len(x), 4)])
	}
	b.WriteString(`</svg>`)
	return drawn(b.String())
}

// ringStone is one stone of the ring and the middle of its text.
type ringStone struct {
	path string
	x, y int
}

func ringStones() [7]ringStone {
	return [7]ringStone{
		{"M178.3 61.2A268 268 0 0 1 396.1 49.8L394.9 113.8L353.8 160A150 150 0 0 0 231.9 166.4L225.1 104.9Z", 302, 88},
		{"M410.8 56A268 268 0 0 1 555.5 219.2L504.8 258.1L443 254.8A150 150 0 0 0 362 163.4L405.8 119.8Z", 465, 168},
		{"M559.9 234.5A268 268 0 0 1 522.5 449.4L460.4 434L424.5 383.6A150 150 0 0 0 445.4 263.3L506.9 270.3Z", 503, 346},
		{"M513.3 462.3A268 268 0 0 1 322 567.1L295.3 508.9L312.3 449.5A150 150 0 0 0 419.4 390.8L452.2 443.3Z", 389, 486},
		{"M306.1 567.9A268 268 0 0 1 104.9 483.7L133.7 426.6L190.8 402.8A150 150 0 0 0 303.4 450L282.9 508.3Z", 207, 484},
		{"M94.3 471.8A268 268 0 0 1 34.7 262L97.3 248.9L151.5 278.7A150 150 0 0 0 184.9 396.2L126.5 416.5Z", 96, 341},
		{"M37.4 246.3A268 268 0 0 1 164.3 68.9L213.6 109.7L224.1 170.6A150 150 0 0 0 153 269.9L100.7 237Z", 138, 165},
	}
}

// ringDrawing is the ring with its figures; the words are in small letters inside the stones.
func ringDrawing(ctx context.Context, d RingData) templ.Component {
	var b strings.Builder
	b.WriteString(`<svg class="anneau" viewBox="20 20 560 560" aria-hidden="true">`)
	for i, s := range ringStones() {
		v := Verb(i + 1)
		class := ""
		if v == d.Lit {
			class = ` class="on"`
		}
		word := strings.ToLower(v.Label(ctx))
		if d.Counts[i] == "" {
			fmt.Fprintf(&b, `<g%s><path d="%s"/><text x="%d" y="%d">%s</text></g>`, class, s.path, s.x, s.y+13, html.EscapeString(word))
			continue
		}
		fmt.Fprintf(&b, `<g%s><path d="%s"/><text x="%d" y="%d" class="n">%s</text><text x="%d" y="%d">%s</text></g>`,
			class, s.path, s.x, s.y, html.EscapeString(d.Counts[i]), s.x, s.y+26, html.EscapeString(word))
	}
	b.WriteString(`<path class="c" d="M266 296v-34a11.3 11.3 0 0 1 22.7 0v34M288.7 296v-34a11.3 11.3 0 0 1 22.7 0v34M311.3 296v-34a11.3 11.3 0 0 1 22.7 0v34M266 296 222 356M283 296 261 356M300 296 300 356M317 296 339 356M334 296 378 356M266 296h68M256 310h89M241 330h118M222 356h156"/></svg>`)
	return drawn(b.String())
}

// columns is a number of columns between 1 and 12, for a class name.
func columns(n int) string { return strconv.Itoa(min(max(n, 1), 12)) }
