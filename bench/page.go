package main

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

var (
	linked = regexp.MustCompile(`(?:href|src)="(/static/[^"]+)"`)
	styled = regexp.MustCompile(`url\(["']?([^"')]+)["']?\)`)
)

// measurePage weighs the resident's first page with all it needs, as it is sent,
// and counts how many the program answers in a second.
func measurePage(ctx context.Context, b *bench) error {
	s, t, end, err := b.demonstration(ctx)
	if err != nil {
		return err
	}
	defer end()
	first := "/" + t.slug + "/"
	parts, total, err := weigh(ctx, s.url, first)
	if err != nil {
		return err
	}
	b.report.add("The resident's first page", "everything it needs, as sent: "+parts, "SQLite", fmt.Sprintf("%.1f kB", float64(total)/1000),
		"target ≤ 100 kB · 10 Mbit/s carries it in "+ms(time.Duration(float64(total)*8/10e6*float64(time.Second))))
	for _, x := range []struct{ name, path string }{{"the page", first}, {"`/healthz`, which does nothing", "/healthz"}} {
		rate, err := hammer(ctx, s, x.path, 8, time.Duration(b.tenth(10))*time.Second)
		if err != nil {
			return err
		}
		beside := "target ≥ 1 500 a second"
		if x.path == "/healthz" {
			beside = "the limit of HTTP on these two cores, shared with the client"
		}
		b.report.add("The resident's first page", "answers a second, compressed, 8 connections: "+x.name, "SQLite", fmt.Sprintf("%.0f", rate), beside)
	}
	return nil
}

// weigh fetches a page, its styles, scripts and images, and the fonts of the styles.
func weigh(ctx context.Context, base, first string) (parts string, total int, err error) {
	page, n, err := fetch(ctx, base+first)
	if err != nil {
		return "", 0, err
	}
	list := []string{fmt.Sprintf("page %.1f kB", float64(n)/1000)}
	total = n
	var queue []string
	seen := map[string]bool{}
	want := func(u string) {
		if !seen[u] {
			seen[u] = true
			queue = append(queue, u)
		}
	}
	for _, m := range linked.FindAllStringSubmatch(page, -1) {
		want(m[1])
	}
	for i := 0; i < len(queue) && i < 100; i++ {
		text, n, err := fetch(ctx, base+queue[i])
		if err != nil {
			return "", 0, err
		}
		total += n
		list = append(list, fmt.Sprintf("%s %.1f kB", path.Ext(queue[i])[1:], float64(n)/1000))
		if !strings.HasSuffix(queue[i], ".css") {
			continue
		}
		for _, m := range styled.FindAllStringSubmatch(text, -1) {
			if u, err := url.Parse(m[1]); err == nil && u.Scheme == "" {
				want((&url.URL{Path: queue[i]}).ResolveReference(u).Path)
			}
		}
	}
	return strings.Join(list, ", "), total, nil
}

// fetch returns a text, and how many bytes its body and header took on the wire.
func fetch(ctx context.Context, address string) (text string, sent int, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return "", 0, err
	}
	req.Header.Set("Accept-Encoding", "gzip")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", 0, err
	}
	raw, err := io.ReadAll(res.Body)
	if err = errors.Join(err, res.Body.Close()); err != nil {
		return "", 0, err
	}
	if res.StatusCode != http.StatusOK {
		return "", 0, fmt.Errorf("%s: %s", address, res.Status)
	}
	var head strings.Builder
	if err := res.Header.Write(&head); err != nil {
		return "", 0, err
	}
	text = string(raw)
	if res.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(strings.NewReader(text))
		if err != nil {
			return "", 0, err
		}
		plain, err := io.ReadAll(z)
		if err != nil {
			return "", 0, err
		}
		text = string(plain)
	}
	return text, len(raw) + head.Len(), nil
}

// hammer asks for a page from some connections for a while, with as little work
// as possible on this side, and returns how many answers came a second.
func hammer(ctx context.Context, s *server, path string, connections int, d time.Duration) (float64, error) {
	host := strings.TrimPrefix(s.url, "http://")
	request := []byte("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nAccept-Encoding: gzip\r\n\r\n")
	var count atomic.Int64
	var mu sync.Mutex
	var failed error
	var all sync.WaitGroup
	begin := time.Now()
	for range connections {
		all.Go(func() {
			if err := ask(ctx, host, request, begin.Add(d), &count); err != nil {
				mu.Lock()
				failed = errors.Join(failed, err)
				mu.Unlock()
			}
		})
	}
	all.Wait()
	return float64(count.Load()) / time.Since(begin).Seconds(), failed
}

func ask(ctx context.Context, host string, request []byte, until time.Time, count *atomic.Int64) error {
	c, err := (&net.Dialer{}).DialContext(ctx, "tcp", host)
	if err != nil {
		return err
	}
	defer c.Close()
	in := bufio.NewReaderSize(c, 64<<10)
	for time.Now().Before(until) {
		if _, err := c.Write(request); err != nil {
			return err
		}
		res, err := http.ReadResponse(in, nil)
		if err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, res.Body); err != nil {
			return err
		}
		if res.StatusCode != http.StatusOK {
			return errors.New(res.Status)
		}
		count.Add(1)
	}
	return nil
}
