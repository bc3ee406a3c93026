package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"parvis/app/apptest"
	"parvis/platform/clock"
	"parvis/platform/store/storetest"
)

// TestShots writes pictures of the pages, wide and on a phone, light and dark,
// to the folder PARVIS_SHOTS, for the eye.
func TestShots(t *testing.T) {
	dir := os.Getenv("PARVIS_SHOTS")
	if dir == "" {
		t.Skip("PARVIS_SHOTS names no folder")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	in := apptest.Start(t, storetest.SQLiteDSN(t), clock.System{}, true)
	b := open(t, in.URL)
	n := 0
	shot := func(b *tab, name string) {
		n++
		for _, l := range looks() {
			b.look(l.width, l.dark)
			picture, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%02d-%s-%s.png", n, name, l.name)), picture, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		b.look(1280, false)
	}
	tour(b, in, func(s stop) { shot(b, s.name) })
	unavailable(t, func(b *tab, s stop) { shot(b, s.name) })
}
