package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"parvis/platform/store"
)

// measureLoad keeps 100 searches and 10 bookings a second going for a minute
// against the demonstration's data, over HTTP on the loopback. Times count from
// the moment a request was due, not from when it could be sent.
func measureLoad(ctx context.Context, b *bench) error {
	s, t, end, err := b.demonstration(ctx)
	if err != nil {
		return err
	}
	defer end()
	starts, err := freeStarts(ctx, s.url, t)
	if err != nil {
		return err
	}
	client := &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	var mu sync.Mutex
	var searches, bookings times
	failures, taken := 0, 0
	note := func(to *times, due time.Time, status int, err error) {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case err == nil && status == http.StatusConflict:
			taken++
		case err != nil || status >= 300:
			failures++
		}
		*to = append(*to, time.Since(due))
	}
	var all sync.WaitGroup
	begin, n := time.Now(), b.tenth(60*110)
	for i := range n {
		due := begin.Add(time.Duration(i) * time.Minute / (60 * 110))
		time.Sleep(time.Until(due))
		if ctx.Err() != nil {
			return ctx.Err()
		}
		all.Go(func() {
			if i%11 == 10 {
				status, _, err := post(ctx, client, s.url, t, starts[(i/11)%len(starts)], i)
				note(&bookings, due, status, err)
				return
			}
			status, err := get(ctx, client, fmt.Sprintf("%s/%s/rendez-vous/motif/%s/creneaux", s.url, t.slug, t.reasons[i%len(t.reasons)]))
			note(&searches, due, status, err)
		})
	}
	all.Wait()
	title := fmt.Sprintf("100 searches and 10 bookings a second, %d s, demonstration over HTTP", int(time.Since(begin).Seconds()+0.5))
	b.report.add(title, fmt.Sprintf("search: page of free starts (%s)", thousands(len(searches))), "SQLite", searches.String(), "target ≤ 100 ms p95")
	b.report.add(title, fmt.Sprintf("booking by the API (%s, of which %d told that it is taken)", thousands(len(bookings)), taken), "SQLite", bookings.String(), "target ≤ 100 ms p95")
	b.report.add(title, "requests that failed", "SQLite", fmt.Sprint(failures), "0 · the client shares the two cores")
	return nil
}

// opening is a start that can be booked for a reason.
type opening struct {
	reason store.ID
	start  time.Time
}

// freeStarts lists what every reason offers, far to near alternating between
// reasons, so that bookings seldom meet.
func freeStarts(ctx context.Context, base string, t *town) ([]opening, error) {
	var per [][]opening
	for _, r := range t.reasons {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("%s/api/v1/%s/appointment-reasons/%s/slots?days=62&limit=500", base, t.slug, r), nil)
		if err != nil {
			return nil, err
		}
		var out struct{ Items []struct{ Start time.Time } }
		if _, err := answer(http.DefaultClient, req, &out); err != nil {
			return nil, err
		}
		var list []opening
		for _, x := range out.Items {
			list = append(list, opening{r, x.Start})
		}
		per = append(per, list)
	}
	seen := map[time.Time]bool{} // one booking an hour: several agents, several reasons
	var out []opening
	for i := range 500 {
		for _, list := range per {
			if i < len(list) && !seen[list[i].start] {
				seen[list[i].start] = true
				out = append(out, list[i])
			}
		}
	}
	if len(out) < 100 {
		return nil, fmt.Errorf("only %d free starts", len(out))
	}
	return out, nil
}

func get(ctx context.Context, client *http.Client, url string) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, err
	}
	return answer(client, req, nil)
}

// post books through the API; the address is the caller's own.
func post(ctx context.Context, client *http.Client, base string, t *town, o opening, i int) (status int, id store.ID, err error) {
	body, err := json.Marshal(map[string]any{"reason": o.reason.String(), "start": o.start, "firstName": "Ève", "lastName": fmt.Sprint("Essai ", i),
		"email": fmt.Sprintf("essai%d@essai.exemple.fr", i)})
	if err != nil {
		return 0, 0, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/api/v1/"+t.slug+"/appointments", bytes.NewReader(body))
	if err != nil {
		return 0, 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+t.key)
	var out struct{ ID store.ID }
	status, err = answer(client, req, &out)
	return status, out.ID, err
}

// answer sends a request and reads the JSON of a good answer, when asked to.
func answer(client *http.Client, req *http.Request, into any) (int, error) {
	res, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	raw, err := io.ReadAll(res.Body)
	if err = errors.Join(err, res.Body.Close()); err != nil {
		return 0, err
	}
	if res.StatusCode < 300 && into != nil {
		if err := json.Unmarshal(raw, into); err != nil {
			return 0, fmt.Errorf("%s: %w", req.URL.Path, err)
		}
	}
	return res.StatusCode, nil
}
