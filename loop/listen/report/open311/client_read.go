package open311

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Services asks for the list of services.
func (c *Client) Services(ctx context.Context) ([]Service, error) {
	body, err := c.get(ctx, "/services.xml", nil)
	if err != nil {
		return nil, err
	}
	return ReadServices(body)
}

// Definition asks what a service wants to know.
func (c *Client) Definition(ctx context.Context, code string) (Definition, error) {
	body, err := c.get(ctx, "/services/"+url.PathEscape(code)+".xml", nil)
	if err != nil {
		return Definition{}, err
	}
	return ReadDefinition(body)
}

// Request asks for one request with its extensions. Refused with status 404 when
// the server does not know it.
func (c *Client) Request(ctx context.Context, id string) (Request, error) {
	body, err := c.get(ctx, "/requests/"+url.PathEscape(id)+".xml", url.Values{"extensions": {"true"}})
	if err != nil {
		return Request{}, err
	}
	found, err := ReadRequests(body)
	if err != nil {
		return Request{}, err
	}
	for _, r := range found {
		if r.ID == id || len(found) == 1 {
			return r, nil
		}
	}
	return Request{}, &Refused{Status: http.StatusNotFound}
}

// Token asks for the identifier of a token; "" while there is none.
func (c *Client) Token(ctx context.Context, token string) (string, error) {
	body, err := c.get(ctx, "/tokens/"+url.PathEscape(token)+".xml", nil)
	if err != nil {
		return "", err
	}
	r, err := ReadReceipt(body)
	return r.RequestID, err
}

// Bounds of a reading.
const (
	// Span is the longest range of dates of one call.
	Span     = 90 * 24 * time.Hour
	fullPage = 1000 // after so many rows a server stops without saying so
	pageSize = 200
	maxPages = 500
)

// Requests gives every request of [from, to) to each, by windows of 90 days, each
// once, in no sure order within a window. done is told after each window, with
// its end: an interrupted reading goes on from there. Servers without paging are
// asked for shorter windows when an answer is full.
func (c *Client) Requests(ctx context.Context, from, to time.Time, each func(Request) error, done func(time.Time) error) error {
	for from.Before(to) {
		end := from.Add(Span)
		if end.After(to) {
			end = to
		}
		if err := c.window(ctx, from, end, map[string]bool{}, each); err != nil {
			return err
		}
		if err := done(end); err != nil {
			return err
		}
		from = end
	}
	return nil
}

// window reads page after page until one brings nothing new.
func (c *Client) window(ctx context.Context, from, to time.Time, seen map[string]bool, each func(Request) error) error {
	query := url.Values{"start_date": {iso(from)}, "end_date": {iso(to)}, "page_size": {strconv.Itoa(pageSize)}, "extensions": {"true"}}
	for page := 1; page <= maxPages; page++ {
		query.Set("page", strconv.Itoa(page))
		body, err := c.get(ctx, "/requests.xml", query)
		var refused *Refused
		if page > 1 && errors.As(err, &refused) && (refused.Status == http.StatusNotFound || refused.Status == http.StatusBadRequest) {
			return nil // past the last page, as some servers say it
		}
		if err != nil {
			return err
		}
		rows, err := ReadRequests(body)
		if err != nil {
			return err
		}
		fresh := 0
		for _, r := range rows {
			if r.ID != "" && seen[r.ID] {
				continue
			}
			seen[r.ID] = true
			fresh++
			if err := each(r); err != nil {
				return err
			}
		}
		switch {
		case page == 1 && len(rows) >= fullPage && to.Sub(from) > 2*time.Minute:
			middle := from.Add(to.Sub(from) / 2).Truncate(time.Second)
			if err := c.window(ctx, from, middle, seen, each); err != nil {
				return err
			}
			return c.window(ctx, middle, to, seen, each)
		case fresh == 0, len(rows) < pageSize:
			return nil
		}
	}
	return fmt.Errorf("open311: more than %d pages from %s to %s", maxPages, iso(from), iso(to))
}

// Updates asks for what happened between two instants.
func (c *Client) Updates(ctx context.Context, from, to time.Time) ([]Update, error) {
	body, err := c.get(ctx, "/servicerequestupdates.xml", url.Values{"start_date": {iso(from)}, "end_date": {iso(to)}})
	if err != nil {
		return nil, err
	}
	return ReadUpdates(body)
}

// maxMedia bounds a photo of another server, in bytes.
const maxMedia = 24 << 20

// Media fetches a photo, from any public address. It is to be cleaned before use.
func (c *Client) Media(ctx context.Context, address string) ([]byte, error) {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil {
		return nil, fmt.Errorf("%w: %.200q", ErrAddress, address)
	}
	return c.do(ctx, call{method: http.MethodGet, address: address, limit: maxMedia})
}

func iso(t time.Time) string { return strings.Replace(t.UTC().Format(time.RFC3339), "+00:00", "Z", 1) }
