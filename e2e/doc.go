// Package e2e holds the tests that a person could do by hand: the main job of
// Parvis, followed in a real browser on the demonstration, and the check of
// every page for accessibility (axe-core, with the rules of the RGAA).
//
// The tests need Chromium on the PATH and web/node_modules, and fail without
// them. They are for whoever changes a page or a style.
package e2e
