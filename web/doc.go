// Package web holds the built styles, scripts, font and icon of Parvis, embedded in the program.
//
// For app, which serves them, and for every page, which links them through Assets.Path. What is in dist/ is
// made by "make build" (scripts/build.mjs) and never committed: file names carry the hash of their
// content, so that a browser may keep them for a year and a new release is seen at once.
//
// Sources: styles/ (Sass on the parts of Bootstrap used), scripts/client/ (what a page may run), images/,
// and the font Atkinson Hyperlegible Next (SIL Open Font License 1.1, served as /static/OFL.txt).
package web
