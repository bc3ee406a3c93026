package open311

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// guarded is a client that connects to public addresses only. The check is made on
// the address of each connection, after the name was resolved and after each
// redirection: a name cannot say one thing and lead to another.
func guarded(allow []netip.Prefix, timeout time.Duration) *http.Client {
	dialer := &net.Dialer{Timeout: 10 * time.Second, Control: func(_, address string, _ syscall.RawConn) error {
		ap, err := netip.ParseAddrPort(address)
		if err != nil || !mayConnect(ap.Addr(), allow) {
			return fmt.Errorf("%w: %s is inside a private network", ErrAddress, address)
		}
		return nil
	}}
	// No proxy: it would connect in our place, unchecked.
	transport := &http.Transport{DialContext: dialer.DialContext, TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: timeout,
		MaxIdleConns: 4, IdleConnTimeout: 30 * time.Second, MaxResponseHeaderBytes: 64 << 10, ForceAttemptHTTP2: true}
	return &http.Client{Transport: transport, CheckRedirect: func(r *http.Request, via []*http.Request) error {
		switch {
		case len(via) > 3:
			return fmt.Errorf("%w: too many redirections", ErrAddress)
		case via[0].Method != http.MethodGet:
			return http.ErrUseLastResponse // a report is not posted to somebody else
		case r.URL.Scheme != "https" && (r.URL.Scheme != "http" || via[0].URL.Scheme == "https"), r.URL.User != nil:
			return fmt.Errorf("%w: redirected to %s://%s", ErrAddress, r.URL.Scheme, r.URL.Host)
		}
		return nil
	}}
}

// reserved are the blocks that netip has no word for (IANA special-purpose address
// registries): shared address space, protocol assignments, documentation,
// benchmarking, reserved; translation and tunnels, through which an IPv4 address
// hides.
func reserved() []netip.Prefix {
	var out []netip.Prefix
	for _, p := range []string{"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		"64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16"} {
		out = append(out, netip.MustParsePrefix(p))
	}
	return out
}

func mayConnect(a netip.Addr, allow []netip.Prefix) bool {
	a = a.Unmap().WithZone("")
	for _, p := range allow {
		if p.Contains(a) {
			return true
		}
	}
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() {
		return false
	}
	for _, p := range reserved() {
		if p.Contains(a) {
			return false
		}
	}
	return true
}
