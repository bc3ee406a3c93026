package page

import (
	"context"
	"embed"

	"github.com/a-h/templ"
)

// Locales holds the texts of the frames and components, keys "page.*", in French and English.
//
//go:embed locales/*.json
var Locales embed.FS

// Assets tells where a built file is served: the content hash is in the name, so that browsers keep it.
type Assets interface {
	// Path returns the address of a built file from its plain name, "app.css" → "/static/app.3f2a.css".
	Path(name string) string
}

type assetsKey struct{}

// WithAssets returns a context in which pages link the files of a.
func WithAssets(ctx context.Context, a Assets) context.Context {
	return context.WithValue(ctx, assetsKey{}, a)
}

// asset is the address of a built file; without Assets in the context, the plain name under /static/.
func asset(ctx context.Context, name string) string {
	if a, ok := ctx.Value(assetsKey{}).(Assets); ok {
		return a.Path(name)
	}
	return "/static/" + name
}

// AssetPath is where a built file is served, for redirects to it.
func AssetPath(ctx context.Context, name string) string { return asset(ctx, name) }

// WithNonce returns a context that carries the nonce of the response's Content-Security-Policy
// (CSP level 3, section 2.3.1: base64, new for each response).
func WithNonce(ctx context.Context, nonce string) context.Context {
	return templ.WithNonce(ctx, nonce)
}

// Nonce is the nonce put by WithNonce, empty when there is none.
func Nonce(ctx context.Context) string { return templ.GetNonce(ctx) }
