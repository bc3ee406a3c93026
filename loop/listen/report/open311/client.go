package open311

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// ClientOptions says how to reach a server.
type ClientOptions struct {
	// Base is the address before "/services.xml": "https://ville.example/open311/v2".
	Base         string
	Jurisdiction string // jurisdiction_id, "" none
	Key          string // api_key, for writing
	// Allow are private networks that may be reached all the same: a test, a server
	// of the same house.
	Allow    []netip.Prefix
	Timeout  time.Duration // of one attempt; 30 s
	MaxBytes int64         // of one answer; 32 MB
	Tries    int           // 4
	Agent    string        // User-Agent
	Wait     func(ctx context.Context, d time.Duration) error
}

// Client speaks to one GeoReport v2 server. It is safe for concurrent use.
type Client struct {
	o    ClientOptions
	base *url.URL
	http *http.Client
}

// ErrAddress is wrapped when an address may not be asked: not http or https, with
// a password inside, or in a private network.
var ErrAddress = errors.New("open311: address refused")

// Refused is an answer other than 2xx, with what the server said.
type Refused struct {
	Status int
	Faults []Fault
}

// Error says the status and the faults, for logs and reports.
func (e *Refused) Error() string {
	said := make([]string, len(e.Faults))
	for i, f := range e.Faults {
		said[i] = f.Description
	}
	return strings.TrimSuffix(fmt.Sprintf("open311: the server answered %d: %s", e.Status, strings.Join(said, "; ")), ": ")
}

// NewClient checks the address and prepares the client. Nothing is asked yet.
func NewClient(o ClientOptions) (*Client, error) {
	base, err := url.Parse(strings.TrimRight(strings.TrimSpace(o.Base), "/"))
	if err != nil || (base.Scheme != "http" && base.Scheme != "https") || base.Host == "" || base.User != nil || base.RawQuery != "" || base.Fragment != "" {
		return nil, fmt.Errorf("%w: %.200q is not the address of a GeoReport v2 server", ErrAddress, o.Base)
	}
	if o.Timeout <= 0 {
		o.Timeout = 30 * time.Second
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = 32 << 20
	}
	if o.Tries <= 0 {
		o.Tries = 4
	}
	if o.Agent == "" {
		o.Agent = "Parvis (GeoReport v2)"
	}
	if o.Wait == nil {
		o.Wait = wait
	}
	return &Client{o: o, base: base, http: guarded(o.Allow, o.Timeout)}, nil
}

func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Base is the address of the server.
func (c *Client) Base() string { return c.base.String() }

// call is one request to a server.
type call struct {
	method, address string
	body            []byte
	contentType     string
	key             string // Idempotency-Key: a write may then be tried again
	limit           int64
}

// get asks for a resource and its query.
func (c *Client) get(ctx context.Context, path string, query url.Values) ([]byte, error) {
	if query == nil {
		query = url.Values{}
	}
	if c.o.Jurisdiction != "" {
		query.Set("jurisdiction_id", c.o.Jurisdiction)
	}
	address := c.base.String() + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	return c.do(ctx, call{method: http.MethodGet, address: address, limit: c.o.MaxBytes})
}

// do runs a call, again after a pause while it may help: the network failed, or
// the server said 429 or 5xx.
func (c *Client) do(ctx context.Context, x call) ([]byte, error) {
	pause := 250 * time.Millisecond
	for try := 1; ; try++ {
		body, after, err := c.once(ctx, x)
		if err == nil || try >= c.o.Tries || !mayTryAgain(x, err) || ctx.Err() != nil {
			return body, err
		}
		if err := c.o.Wait(ctx, max(pause, min(after, 30*time.Second))); err != nil {
			return nil, err
		}
		pause = min(2*pause, 5*time.Second)
	}
}

func mayTryAgain(x call, err error) bool {
	if errors.Is(err, ErrAddress) || errors.Is(err, errTooLong) || x.method != http.MethodGet && x.key == "" {
		return false
	}
	var refused *Refused
	if errors.As(err, &refused) {
		return refused.Status == http.StatusTooManyRequests || refused.Status >= 500
	}
	return true
}

var errTooLong = errors.New("open311: the answer is too long")

func (c *Client) once(ctx context.Context, x call) (body []byte, after time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, c.o.Timeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, x.method, x.address, bytes.NewReader(x.body))
	if err != nil {
		return nil, 0, fmt.Errorf("%w: %w", ErrAddress, err)
	}
	r.Header.Set("User-Agent", c.o.Agent)
	r.Header.Set("Accept", "text/xml, application/xml;q=0.9, application/json;q=0.8, */*;q=0.1")
	if x.contentType != "" {
		r.Header.Set("Content-Type", x.contentType)
	}
	if x.key != "" {
		r.Header.Set("Idempotency-Key", x.key)
	}
	resp, err := c.http.Do(r)
	if err != nil {
		return nil, 0, fmt.Errorf("open311: asking %s: %w", r.URL.Host, withoutQuery(err))
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(io.LimitReader(resp.Body, x.limit+1))
	if err != nil {
		return nil, 0, fmt.Errorf("open311: reading the answer of %s: %w", r.URL.Host, err)
	}
	if int64(len(body)) > x.limit {
		return nil, 0, fmt.Errorf("%w: more than %d bytes", errTooLong, x.limit)
	}
	if resp.StatusCode/100 != 2 {
		after, _ := time.ParseDuration(resp.Header.Get("Retry-After") + "s")
		return nil, after, &Refused{Status: resp.StatusCode, Faults: ReadFaults(body)}
	}
	return body, 0, nil
}

// withoutQuery takes the address out of a network error: it is long, and known.
func withoutQuery(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}
