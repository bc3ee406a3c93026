package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/yaml"

	"parvis/platform/fault"
	"parvis/platform/i18n"
)

// serveDescription answers the OpenAPI 3.1 document, in French or English, as
// JSON or YAML. Anybody may read it from anywhere.
func (a *API) serveDescription(w http.ResponseWriter, r *http.Request) {
	ctx := i18n.With(r.Context(), a.cfg.Catalog.Localizer(r.URL.Query().Get("lang"), r.Header.Get("Accept-Language")))
	body, err := a.Description(ctx)
	kind := "application/vnd.oai.openapi+json; version=3.1"
	if err == nil && strings.HasSuffix(r.URL.Path, ".yaml") {
		var out bytes.Buffer
		err = yaml.Convert(&out, bytes.NewReader(body))
		body, kind = out.Bytes(), "application/vnd.oai.openapi; version=3.1"
	}
	if err != nil {
		a.fail(w, r.WithContext(ctx), &call{path: r.URL.Path}, fault.New(fault.Internal, "").Because(err))
		return
	}
	h := w.Header()
	openHeaders(h)
	h.Set("Content-Type", kind)
	h.Set("Content-Language", i18n.Lang(ctx))
	h.Add("Vary", "Accept-Language")
	h.Set("Cache-Control", "public, max-age=300")
	_, _ = w.Write(body)
}

// Description is the OpenAPI 3.1 document in the language of the context.
func (a *API) Description(ctx context.Context) ([]byte, error) {
	raw, err := json.Marshal(a.huma.OpenAPI())
	if err != nil {
		return nil, fmt.Errorf("api: writing the description: %w", err)
	}
	var doc map[string]any
	if err := json.Unmarshal(raw, &doc); err != nil {
		return nil, fmt.Errorf("api: reading the description back: %w", err)
	}
	if components, ok := doc["components"].(map[string]any); ok {
		if schemas, ok := components["schemas"].(map[string]any); ok {
			// The library's own error model: never sent, see translate.
			maps.DeleteFunc(schemas, func(name string, _ any) bool { return strings.HasPrefix(name, "HumaError") })
		}
	}
	doc["tags"] = a.tags()
	return json.MarshalIndent(a.localized(ctx, doc), "", " ")
}

func (a *API) tags() []any {
	var names []string
	for _, op := range a.ordered {
		if !slices.Contains(names, op.service) {
			names = append(names, op.service)
		}
	}
	tags := make([]any, 0, len(names))
	for _, n := range names {
		tag := map[string]any{"name": n}
		if key := a.cfg.Labels[n]; key != "" {
			tag["description"] = key
		}
		tags = append(tags, tag)
	}
	return tags
}

// localized replaces message keys by their texts and identifiers by what they
// look like on the wire.
func (a *API) localized(ctx context.Context, v any) any {
	switch v := v.(type) {
	case map[string]any:
		if v["x-identifier"] == true {
			delete(v, "x-identifier")
			delete(v, "oneOf")
			v["type"], v["pattern"] = huma.TypeString, identifierPattern
		}
		for k, child := range v {
			if text, ok := child.(string); ok && (k == "description" || k == "summary" || k == "title") {
				v[k] = a.text(ctx, text)
				continue
			}
			v[k] = a.localized(ctx, child)
		}
	case []any:
		for i := range v {
			v[i] = a.localized(ctx, v[i])
		}
	}
	return v
}

// text is the message of a key; anything that is not a key is itself.
func (a *API) text(ctx context.Context, s string) string {
	if a.cfg.Catalog.Has(s) {
		return i18n.T(ctx, s)
	}
	return s
}
