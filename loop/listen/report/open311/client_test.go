package open311

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"parvis/platform/geo"
)

func here() []netip.Prefix {
	return []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
}

// clientOf talks to a handler, without waiting between attempts.
func clientOf(t *testing.T, h http.HandlerFunc, o ClientOptions) *Client {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	o.Base, o.Wait = server.URL+"/v2/", func(context.Context, time.Duration) error { return nil }
	if o.Allow == nil {
		o.Allow = here()
	}
	c, err := NewClient(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAddressesThatAreRefused(t *testing.T) {
	for _, base := range []string{"", "ville.example", "ftp://ville.example", "https://user:pass@ville.example", "file:///etc/passwd", "https://", "https://x.example/?a=b", "http://[::1"} {
		if _, err := NewClient(ClientOptions{Base: base}); !errors.Is(err, ErrAddress) {
			t.Errorf("%q: %v", base, err)
		}
	}
	for _, a := range []string{"127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "198.18.0.1", "224.0.0.1", "255.255.255.255",
		"::1", "::", "fe80::1", "fc00::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "ff02::1"} {
		if mayConnect(netip.MustParseAddr(a), nil) {
			t.Errorf("%s may be asked", a)
		}
	}
	for _, a := range []string{"8.8.8.8", "2a00:1450:4007::1", "::ffff:8.8.8.8"} {
		if !mayConnect(netip.MustParseAddr(a), nil) {
			t.Errorf("%s may not be asked", a)
		}
	}
	if !mayConnect(netip.MustParseAddr("::ffff:127.0.0.1"), here()) {
		t.Error("what is allowed is refused")
	}
}

// A private server is not asked: not by its address, not by a redirection, not for a
// photo; and not asked again.
func TestPrivateNetworksAreNotAsked(t *testing.T) {
	asked := 0
	inside := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { asked++; _, _ = io.WriteString(w, "<services/>") }))
	defer inside.Close()
	c, err := NewClient(ClientOptions{Base: inside.URL})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Services(t.Context()); !errors.Is(err, ErrAddress) {
		t.Errorf("services: %v", err)
	}
	if _, err := c.Media(t.Context(), inside.URL+"/a.jpg"); !errors.Is(err, ErrAddress) {
		t.Errorf("photo: %v", err)
	}
	if asked != 0 {
		t.Errorf("the server inside was asked %d times", asked)
	}
	for _, to := range []string{"ftp://x.example/", "http://10.0.0.1/services.xml", "https://u:p@x.example/"} {
		c := clientOf(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusFound) }, ClientOptions{})
		if _, err := c.Services(t.Context()); !errors.Is(err, ErrAddress) {
			t.Errorf("redirected to %s: %v", to, err)
		}
	}
}

func TestTriesAgainWhatMayHelp(t *testing.T) {
	for _, x := range []struct {
		name   string
		status int
		post   bool
		key    string
		tries  int
	}{{"overload", 503, false, "", 4}, {"too many", 429, false, "", 4}, {"unknown", 404, false, "", 1}, {"post without key", 503, true, "", 1}, {"post with key", 503, true, "k", 4}} {
		tries := 0
		c := clientOf(t, func(w http.ResponseWriter, _ *http.Request) { tries++; w.WriteHeader(x.status) }, ClientOptions{})
		var err error
		if x.post {
			_, err = c.Post(t.Context(), Posting{ServiceCode: "a", Key: x.key})
		} else {
			_, err = c.Services(t.Context())
		}
		var refused *Refused
		if !errors.As(err, &refused) || refused.Status != x.status || tries != x.tries {
			t.Errorf("%s: %d tries, %v", x.name, tries, err)
		}
	}
	tries := 0
	c := clientOf(t, func(w http.ResponseWriter, _ *http.Request) {
		if tries++; tries < 3 {
			w.WriteHeader(500)
			return
		}
		_, _ = io.WriteString(w, `[{"service_code":"a"}]`)
	}, ClientOptions{})
	if s, err := c.Services(t.Context()); err != nil || len(s) != 1 {
		t.Errorf("third time: %v %v", s, err)
	}
}

func TestAnswersAreBounded(t *testing.T) {
	c := clientOf(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, strings.Repeat("x", 2000)) }, ClientOptions{MaxBytes: 1000})
	if _, err := c.Services(t.Context()); !errors.Is(err, errTooLong) {
		t.Errorf("too long: %v", err)
	}
	hang := make(chan struct{})
	c = clientOf(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-hang:
		case <-r.Context().Done():
		}
	}, ClientOptions{Timeout: 20 * time.Millisecond, Tries: 2})
	defer close(hang)
	if _, err := c.Services(t.Context()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a server that does not answer: %v", err)
	}
}

// town is a server of n requests, one an hour; with or without paging, never more
// than 1,000 rows.
func town(n int, start time.Time, paging bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		from, to := ReadTime(r.FormValue("start_date")), ReadTime(r.FormValue("end_date"))
		if to.Sub(from) > Span {
			w.WriteHeader(400)
			return
		}
		var rows []Request
		for i := range n {
			at := start.Add(time.Duration(i) * time.Hour)
			if !at.Before(from) && !at.After(to) {
				rows = append(rows, Request{ID: strconv.Itoa(i), Status: Open, ServiceCode: "a", RequestedAt: at})
			}
		}
		if paging {
			page, _ := strconv.Atoi(r.FormValue("page"))
			size, _ := strconv.Atoi(r.FormValue("page_size"))
			rows = rows[min((page-1)*size, len(rows)):min(page*size, len(rows))]
		}
		_, _ = w.Write(Requests(rows[:min(len(rows), 1000)]).Bytes(XML))
	}
}

func TestEveryRequestOnce(t *testing.T) {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, paging := range []bool{true, false} {
		c := clientOf(t, town(5000, start, paging), ClientOptions{})
		seen := map[string]int{}
		var ends []time.Time
		err := c.Requests(t.Context(), start, start.Add(250*24*time.Hour), func(r Request) error { seen[r.ID]++; return nil },
			func(end time.Time) error { ends = append(ends, end); return nil })
		if err != nil {
			t.Fatal(err)
		}
		if len(seen) != 5000 || len(ends) != 3 {
			t.Errorf("paging %v: %d of 5000 requests, %d windows", paging, len(seen), len(ends))
		}
		stop := errors.New("enough")
		if err := c.Requests(t.Context(), start, start.Add(Span), func(Request) error { return stop }, func(time.Time) error { return nil }); !errors.Is(err, stop) {
			t.Errorf("a caller who stops: %v", err)
		}
	}
}

func TestPostSaysWhatItMust(t *testing.T) {
	var form, files string
	c := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
			if err := r.ParseMultipartForm(1 << 20); err != nil {
				t.Error(err)
			}
			for name, f := range r.MultipartForm.File {
				files += fmt.Sprintf("%s %s %d;", name, f[0].Header.Get("Content-Type"), f[0].Size)
			}
		} else if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		form = r.Form.Encode() + " key=" + r.Header.Get("Idempotency-Key")
		w.WriteHeader(201)
		_, _ = w.Write(Posted(Receipt{RequestID: "77"}).Bytes(XML))
	}, ClientOptions{Key: "K", Jurisdiction: "ville"})
	p := Posting{ServiceCode: "a", Point: &geo.Point{Lat: 46.5, Lon: -0.25}, Description: "é", Attributes: map[string][]string{"x": {"1"}, "y": {"2", "3"}}, Key: "once"}
	want := "api_key=K&attribute%5Bx%5D=1&attribute%5By%5D%5B%5D=2&attribute%5By%5D%5B%5D=3&description=%C3%A9&jurisdiction_id=ville&lat=46.5&long=-0.25&service_code=a key=once"
	for _, photos := range [][][]byte{nil, {[]byte("jpeg")}} {
		p.Photos = photos
		if r, err := c.Post(t.Context(), p); err != nil || r.RequestID != "77" || form != want {
			t.Errorf("%+v %v\n%s\n%s", r, err, form, want)
		}
	}
	if files != "photo1 image/jpeg 4;" {
		t.Errorf("photos %s", files)
	}
}
