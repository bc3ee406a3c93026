// Package theme derives, from the one colour a territory chooses, the accent of
// its pages, for light and dark schemes.
//
// For the settings page of a territory (is this colour a colour, and what will
// it look like?) and for the stylesheet every page of the territory links to.
// The rule is the one written in the design tokens (web/styles): lightness and
// chroma are bounded in OKLCH (CSS Color 4, § 9; B. Ottosson, "A perceptual color
// space for image processing", 2020), so that whatever the colour, text in the
// accent keeps a contrast of at least 4.5 (WCAG 2.1, criterion 1.4.3; RGAA 4.1,
// 3.2) on every ground of the page, and so does text upon it. The server computes
// the values: pages do not depend on a browser that knows relative colours.
//
// No tables, no events, no rights.
package theme
