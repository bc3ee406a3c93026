package app

import (
	"context"
	"crypto/subtle"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/klauspost/compress/gzhttp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics are what operators watch; no label holds anything personal.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
}

func newMetrics() *metrics {
	m := &metrics{registry: prometheus.NewRegistry(), requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "parvis_request_seconds",
		Help: "Time to answer a request, by route and status.", Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}}, []string{"route", "status"})}
	m.registry.MustRegister(m.requests, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) observe(route string, status int, took time.Duration) {
	m.requests.WithLabelValues(route, strconv.Itoa(status)).Observe(took.Seconds())
}

// health mounts what machines ask: alive, ready, figures.
func (a *App) health() {
	plain := func(w http.ResponseWriter, status int, text string) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(text + "\n"))
	}
	a.Server.Handle("GET /healthz", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { plain(w, http.StatusOK, "ok") }))
	a.Server.Handle("GET /readyz", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 3*time.Second)
		defer cancel()
		if err := a.DB.Ping(ctx); err != nil {
			plain(w, http.StatusServiceUnavailable, "database unavailable")
			return
		}
		plain(w, http.StatusOK, "ready")
	}))
	figures := promhttp.HandlerFor(a.metrics.registry, promhttp.HandlerOpts{})
	a.Server.Handle("GET /metrics", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !a.mayWatch(r) {
			plain(w, http.StatusUnauthorized, "token needed")
			return
		}
		figures.ServeHTTP(w, r)
	}))
}

// mayWatch lets in who has the token, or without a token this machine only.
func (a *App) mayWatch(r *http.Request) bool {
	if want := a.Config.MetricsToken; want != "" {
		token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		return subtle.ConstantTimeCompare([]byte(token), []byte(want)) == 1
	}
	ip, err := netip.ParseAddr(a.Server.ClientIP(r))
	return err == nil && ip.IsLoopback()
}

// compressed gzips pages and JSON; built files have their own compressed twins.
func compressed(h http.Handler) http.Handler {
	wrap, err := gzhttp.NewWrapper(gzhttp.MinSize(1024), gzhttp.CompressionLevel(4),
		gzhttp.ContentTypes([]string{"text/html", "text/css", "text/plain", "application/json", "application/problem+json", "image/svg+xml", "text/csv"}))
	if err != nil {
		panic(err) // a constant configuration
	}
	zipped := wrap(h)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/static/") {
			h.ServeHTTP(w, r)
			return
		}
		zipped.ServeHTTP(w, r)
	})
}
