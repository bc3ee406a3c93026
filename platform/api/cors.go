package api

import (
	"net/http"

	"parvis/platform/web"
)

// openToAll lets pages of other sites read what is public anyway (Fetch
// standard, CORS). Nothing else is open: keys do not belong in a browser.
func (a *API) openToAll(w http.ResponseWriter, op *operation) {
	if op.Method != http.MethodGet || op.Permission != web.Public {
		return
	}
	openHeaders(w.Header())
}

func openHeaders(h http.Header) {
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Expose-Headers", "Link, Content-Language")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
}

// preflight answers a browser that asks before a public read; everything else
// goes on and is refused as an unknown method, without permission to cross.
func (a *API) preflight(w http.ResponseWriter, r *http.Request) bool {
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") != http.MethodGet {
		return false
	}
	_, pattern := a.mux.Handler(&http.Request{Method: http.MethodGet, URL: r.URL, Host: r.Host})
	op := a.operations[pattern]
	if op == nil || op.Permission != web.Public {
		return false
	}
	openHeaders(w.Header())
	w.Header().Set("Access-Control-Allow-Methods", http.MethodGet)
	w.Header().Set("Access-Control-Allow-Headers", "Accept-Language, Content-Type")
	w.Header().Set("Access-Control-Max-Age", "86400")
	w.WriteHeader(http.StatusNoContent)
	return true
}
