package web

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"

	"parvis/platform/web/page"
)

// secure sets the headers that every answer carries (OWASP secure headers).
func (s *Server) secure(w http.ResponseWriter) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(self), payment=(), usb=()")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	if strings.HasPrefix(s.cfg.BaseURL, "https://") {
		h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	}
	h.Set("Content-Security-Policy", policy(""))
}

// setPolicy allows the page's one inline style when it asked for a nonce.
func (c *Context) setPolicy() {
	c.Writer.Header().Set("Content-Security-Policy", policy(page.Nonce(c.Ctx())))
}

// policy is the Content-Security-Policy (level 3): our own files only, no
// inline script, no inline style but the one with the nonce.
func policy(nonce string) string {
	style := "'self'"
	if nonce != "" {
		style += " 'nonce-" + nonce + "'"
	}
	return "default-src 'none'; script-src 'self'; style-src " + style +
		"; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
}

// proxies are the networks whose X-Forwarded-For header is believed.
type proxies []netip.Prefix

func parseProxies(list []string) (proxies, error) {
	var out proxies
	for _, x := range list {
		if !strings.Contains(x, "/") {
			if a, err := netip.ParseAddr(x); err == nil {
				out = append(out, netip.PrefixFrom(a, a.BitLen()))
				continue
			}
		}
		p, err := netip.ParsePrefix(x)
		if err != nil {
			return nil, fmt.Errorf("web: trusted proxy %q is not an address or a network", x)
		}
		out = append(out, p)
	}
	return out, nil
}

func (p proxies) trust(a netip.Addr) bool {
	for _, n := range p {
		if n.Contains(a.Unmap()) {
			return true
		}
	}
	return false
}

// clientIP is the visitor's address: the connection's, or behind trusted
// proxies the last forwarded one that is not a proxy itself.
func (s *Server) clientIP(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	addr, err := netip.ParseAddr(host)
	if err != nil || !s.proxies.trust(addr) {
		return host
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		if !s.proxies.trust(hop) {
			return hop.String()
		}
	}
	return host
}

// ClientIP is the address of the visitor, for rate limits; never stored in clear.
func (c *Context) ClientIP() string { return c.server.clientIP(c.Request) }

// ClientIP is the visitor's address behind the trusted proxies, for handlers
// that are not pages.
func (s *Server) ClientIP(r *http.Request) string { return s.clientIP(r) }
