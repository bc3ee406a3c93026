package page

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/a-h/templ"

	"parvis/platform/i18n"
)

const distDir = "../../../web/dist"

// distAssets links the built files when there are some.
type distAssets map[string]string

func (d distAssets) Path(name string) string {
	if built, ok := d[name]; ok {
		return "static/" + built
	}
	return "static/" + name
}

func galleryContext(t testing.TB, lang string) context.Context {
	t.Helper()
	sub, err := i18n.New(Locales)
	if err != nil {
		t.Fatal(err)
	}
	ctx := i18n.With(context.Background(), sub.Localizer(lang))
	return WithNonce(ctx, "bm9uY2U")
}

func render(t testing.TB, ctx context.Context, c templ.Component) string {
	t.Helper()
	var b bytes.Buffer
	if err := c.Render(ctx, &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// withChildren renders a frame or component around others.
func withChildren(outer templ.Component, inner ...templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return outer.Render(templ.WithChildren(ctx, group(inner...)), w)
	})
}

func group(inner ...templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		ctx = templ.ClearChildren(ctx)
		for _, c := range inner {
			if err := c.Render(ctx, w); err != nil {
				return err
			}
		}
		return nil
	})
}

// gallery is the screens of the look, made of the components alone.
func gallery() map[string]templ.Component {
	return map[string]templ.Component{
		"accueil":      galleryHome(),
		"portail":      galleryPortal(),
		"motif":        galleryReason(),
		"creneaux":     gallerySlots(),
		"confirmation": galleryTicket(),
		"agents":       galleryDesk(),
		"reglages":     gallerySettings(),
		"erreur":       galleryError(),
		"vide":         galleryEmpty(),
		"pause":        galleryPause(),
		"pieces":       galleryParts(),
	}
}

// TestGallery writes the screens for people to look at: PARVIS_GALLERY=/some/folder go test -run Gallery.
func TestGallery(t *testing.T) {
	dir := os.Getenv("PARVIS_GALLERY")
	if dir == "" {
		dir = t.TempDir()
	}
	assets := distAssets{}
	if raw, err := os.ReadFile(filepath.Join(distDir, "manifest.json")); err == nil {
		if err := json.Unmarshal(raw, &assets); err != nil {
			t.Fatal(err)
		}
		if err := os.CopyFS(filepath.Join(dir, "static"), os.DirFS(distDir)); err != nil && !os.IsExist(err) {
			t.Fatal(err)
		}
	}
	ctx := WithAssets(galleryContext(t, "fr"), assets)
	for name, screen := range gallery() {
		text := render(t, ctx, screen)
		if err := os.WriteFile(filepath.Join(dir, name+".html"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
