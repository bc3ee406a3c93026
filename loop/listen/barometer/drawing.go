package barometer

import (
	"context"
	"fmt"
	"html"
	"strings"

	"github.com/boombuler/barcode/qr"

	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/web"
)

// qrPath draws a QR code (ISO/IEC 18004, level M) as one SVG path in a square
// of size modules; the quiet zone is the caller's.
func qrPath(text string) (path string, size int, err error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return "", 0, fmt.Errorf("barometer: drawing a QR code: %w", err)
	}
	size = code.Bounds().Dx()
	var b strings.Builder
	for y := range size {
		for x := range size {
			if r, _, _, _ := code.At(x, y).RGBA(); r == 0 {
				fmt.Fprintf(&b, "M%d %dh1v1h-1z", x, y)
			}
		}
	}
	return b.String(), size, nil
}

const svgType = "image/svg+xml; charset=utf-8"

// buttonSVG is the image of the button that other sites paste inside a plain
// link: no script, no frame, no cookie.
func (s *Service) buttonSVG(c *web.Context) error {
	back, ink := "#12343B", "#FFFFFF"
	if c.Query("theme") == "clair" {
		back, ink = "#FFFFFF", "#12343B"
	}
	c.Writer.Header().Set("Cache-Control", "public, max-age=86400")
	return c.File(svgType, "", fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 220 48" width="220" height="48" role="img" aria-label=%q><rect x=".75" y=".75" width="218.5" height="46.5" rx="12" fill="%s" stroke="#12343B" stroke-width="1.5"/><text x="110" y="30" text-anchor="middle" font-family="sans-serif" font-size="18" font-weight="700" fill="%s">%s</text></svg>`,
		c.T("barometer.button"), back, ink, html.EscapeString(c.T("barometer.button"))))
}

// snippet is what a site that is not in Parvis pastes.
func snippet(label, link, image string) string {
	return fmt.Sprintf(`<a href="%s" rel="noopener"><img src="%s" width="220" height="48" alt="%s"></a>`, html.EscapeString(link), html.EscapeString(image), html.EscapeString(label))
}

// figureSVG is the headline of a service, to embed elsewhere: same figures as
// the page, nothing under five.
func (s *Service) figureSVG(c *web.Context) error {
	v, err := s.readSheet(c.Ctx(), c.Store, c.Param("name"), 12, true)
	if err != nil {
		return err
	}
	ctx := c.Ctx()
	big, lines := c.T("barometer.few"), []string{bases(ctx, v.Now.N)}
	if good := v.Now.Good(); good.Shown() {
		big = i18n.Percent(ctx, good.Rate())
		lines = []string{c.T("barometer.figure.good"), interval(ctx, good) + ", " + bases(ctx, good.Of)}
		if word, _ := strengthWord(ctx, good.Of); word != "" {
			lines = append(lines, word)
		}
	}
	lines = append(lines, periodWords(ctx, v.Span))
	size := 44
	if !v.Now.Good().Shown() {
		size = 22
	}
	c.Writer.Header().Set("Cache-Control", "public, max-age=3600")
	return c.File(svgType, "", []byte(figureDrawing(v.Topic.Label, big, size, lines)))
}

func figureDrawing(label, big string, size int, lines []string) string {
	var b strings.Builder
	all := label + ". " + big + ", " + strings.Join(lines, ", ")
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 420 200" width="420" height="200" role="img" aria-label="%s" font-family="sans-serif"><rect x=".5" y=".5" width="419" height="199" rx="16" fill="#fff" stroke="#857D6F"/>`, html.EscapeString(all))
	fmt.Fprintf(&b, `<text x="24" y="38" font-size="17" font-weight="700" fill="#12343B">%s</text>`, html.EscapeString(short(label, 42)))
	fmt.Fprintf(&b, `<text x="24" y="92" font-size="%d" font-weight="700" fill="#12343B">%s</text>`, size, html.EscapeString(big))
	for i, l := range lines {
		fmt.Fprintf(&b, `<text x="24" y="%d" font-size="14" fill="#4A5A5C">%s</text>`, 120+i*20, html.EscapeString(short(l, 58)))
	}
	b.WriteString(`</svg>`)
	return b.String()
}

// posterSVG is an A4 sheet for the reception desk: what people said in letters
// that read at two metres, and where to say more.
func (s *Service) posterSVG(c *web.Context) error {
	v, err := s.readSheet(c.Ctx(), c.Store, c.Param("name"), 12, true)
	if err != nil {
		return err
	}
	ctx := c.Ctx()
	var where Where
	if err := c.Store.View(ctx, func(tx *store.Tx) (err error) {
		where, err = s.where(ctx, tx)
		return err
	}); err != nil {
		return err
	}
	link := where.URL + "/avis/service/" + v.Topic.Name
	path, modules, err := qrPath(link)
	if err != nil {
		return err
	}
	return c.File(svgType, "", []byte(poster(ctx, v, where.Name, link, path, modules)))
}

func poster(ctx context.Context, v sheet, name, link, path string, modules int) string {
	var b strings.Builder
	text := func(y, size int, weight, s string) {
		fmt.Fprintf(&b, `<text x="15" y="%d" font-size="%d" font-weight="%s" fill="#000">%s</text>`, y, size, weight, html.EscapeString(s))
	}
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 210 297" width="210mm" height="297mm" font-family="Atkinson Hyperlegible Next, Arial, sans-serif"><title>%s</title><rect width="210" height="297" fill="#fff"/>`, html.EscapeString(v.Topic.Label))
	text(22, 8, "400", name)
	y := 38
	for _, l := range wrap(v.Topic.Label, 22) {
		text(y, 15, "700", l)
		y += 16
	}
	y += 8
	if good := v.Now.Good(); good.Shown() {
		y += 26
		text(y, 40, "700", i18n.Percent(ctx, good.Rate()))
		y += 14
		text(y, 10, "700", i18n.T(ctx, "barometer.figure.good"))
		y += 10
		text(y, 7, "400", interval(ctx, good)+", "+bases(ctx, good.Of))
		y += 12
		for _, x := range satisfactionBars(ctx, v.Now) {
			text(y, 7, "700", x.Label)
			fmt.Fprintf(&b, `<rect x="60" y="%d" width="80" height="6" fill="#fff" stroke="#000" stroke-width=".4"/><rect x="60" y="%d" width="%.1f" height="6" fill="#000"/>`, y-5, y-5, 80*x.Ratio)
			fmt.Fprintf(&b, `<text x="144" y="%d" font-size="6" fill="#000">%s</text>`, y, html.EscapeString(x.Words))
			y += 11
		}
	} else {
		text(y+10, 10, "700", i18n.T(ctx, "barometer.few"))
		text(y+22, 8, "400", bases(ctx, v.Now.N))
	}
	text(200, 6, "400", periodWords(ctx, v.Span))
	fmt.Fprintf(&b, `<svg x="15" y="212" width="60" height="60" viewBox="-4 -4 %d %d" shape-rendering="crispEdges"><path d="%s" fill="#000"/></svg>`, modules+8, modules+8, path)
	for i, l := range wrap(i18n.T(ctx, "barometer.poster.ask"), 24) {
		fmt.Fprintf(&b, `<text x="82" y="%d" font-size="9" font-weight="700" fill="#000">%s</text>`, 226+i*11, html.EscapeString(l))
	}
	for i, l := range wrap(i18n.T(ctx, "barometer.poster.other"), 38) {
		fmt.Fprintf(&b, `<text x="82" y="%d" font-size="6" fill="#000">%s</text>`, 254+i*8, html.EscapeString(l))
	}
	fmt.Fprintf(&b, `<text x="15" y="284" font-size="5" fill="#000">%s</text></svg>`, html.EscapeString(link))
	return b.String()
}

// wrap cuts words into lines of at most n characters, three at most.
func wrap(s string, n int) []string {
	var out []string
	line := ""
	for _, w := range strings.Fields(s) {
		if line != "" && len([]rune(line+" "+w)) > n {
			out, line = append(out, line), w
			continue
		}
		line = strings.TrimSpace(line + " " + w)
	}
	out = append(out, line)
	return out[:min(len(out), 3)]
}

func short(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}
