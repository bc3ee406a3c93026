package web

import (
	"net/http"
	"net/url"

	"parvis/platform/web/page"
)

// language is what the visitor chose (?lang=, kept in a cookie without
// identity), else what the browser prefers; French otherwise.
func (s *Server) language(w http.ResponseWriter, r *http.Request) []string {
	switch lang := r.URL.Query().Get("lang"); lang {
	case "fr", "en":
		http.SetCookie(w, &http.Cookie{Name: "parvis_lang", Value: lang, Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true,
			Secure: s.sessions.secure(), SameSite: http.SameSiteLaxMode})
		return []string{lang}
	}
	if c, err := r.Cookie("parvis_lang"); err == nil && (c.Value == "fr" || c.Value == "en") {
		return []string{c.Value}
	}
	w.Header().Add("Vary", "Accept-Language")
	return []string{r.Header.Get("Accept-Language")}
}

// languageLinks offer the same page in the other language; a page that answers
// a POST offers the address it was posted to.
func languageLinks(c *Context) []page.Link {
	var out []page.Link
	for _, l := range []page.Link{{Label: "Français", Lang: "fr"}, {Label: "English", Lang: "en"}} {
		q := c.Request.URL.Query()
		q.Set("lang", l.Lang)
		l.Href = "?" + url.Values(q).Encode()
		l.Current = c.T("web.lang") == l.Lang
		out = append(out, l)
	}
	return out
}
