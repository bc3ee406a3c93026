package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"parvis/loop/serve/appointment"
	"parvis/platform/api"
	"parvis/platform/store"
	"parvis/platform/web"
)

// server is the program itself, in a process of its own.
type server struct {
	cmd  *exec.Cmd
	url  string
	log  *os.File
	gone chan struct{} // closed when the process has ended
}

// over tells whether the process has ended.
func (s *server) over() bool {
	select {
	case <-s.gone:
		return true
	default:
		return false
	}
}

// launch starts the program and waits until a page answers 200.
func (b *bench) launch(ctx context.Context, listen string, env []string, page string, args ...string) (*server, error) {
	path, err := b.program(ctx)
	if err != nil {
		return nil, err
	}
	log, err := os.OpenFile(filepath.Join(b.folder, "server.log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o640)
	if err != nil {
		return nil, err
	}
	s := &server{cmd: exec.CommandContext(ctx, path, args...), url: "http://" + listen, log: log}
	// The settings of whoever runs the measure are not those of the measure.
	s.cmd.Env = append(slices.DeleteFunc(os.Environ(), func(kv string) bool { return strings.HasPrefix(kv, "PARVIS_") }), env...)
	s.cmd.Stdout, s.cmd.Stderr = log, log
	if err := s.cmd.Start(); err != nil {
		return nil, errors.Join(err, log.Close())
	}
	s.gone = make(chan struct{})
	go func() { _ = s.cmd.Wait(); close(s.gone) }()
	for deadline := time.Now().Add(time.Minute); !s.over() && time.Now().Before(deadline) && ctx.Err() == nil; time.Sleep(5 * time.Millisecond) {
		res, err := http.Get(s.url + page)
		if err != nil {
			continue
		}
		_, err = io.Copy(io.Discard, res.Body)
		if err = errors.Join(err, res.Body.Close()); err == nil && res.StatusCode == http.StatusOK {
			return s, nil
		}
	}
	s.kill()
	return nil, fmt.Errorf("the program does not answer; see %s", log.Name())
}

// kill is kill -9.
func (s *server) kill() {
	_ = s.cmd.Process.Kill()
	<-s.gone
	_ = s.log.Close()
	http.DefaultClient.CloseIdleConnections()
}

// stop asks politely.
func (s *server) stop() {
	_ = s.cmd.Process.Signal(os.Interrupt)
	done := time.AfterFunc(20*time.Second, func() { _ = s.cmd.Process.Kill() })
	<-s.gone
	done.Stop()
	_ = s.log.Close()
	http.DefaultClient.CloseIdleConnections()
}

// port finds one that is free.
func port() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// settings is the environment of `parvis serve` on a database, with mail to the sink.
func settings(dsn, data, listen string, mail *sink) []string {
	return []string{"PARVIS_DATABASE=" + dsn, "PARVIS_DATA=" + data, "PARVIS_LISTEN=" + listen, "PARVIS_LIMITS=false", "PARVIS_NAME=bench",
		"PARVIS_MAIL_HOST=127.0.0.1", fmt.Sprint("PARVIS_MAIL_PORT=", mail.port), "PARVIS_MAIL_TLS=none", "PARVIS_MAIL_FROM=" + sender}
}

// measureStart times `parvis demo` from an empty folder to its first page.
func measureStart(ctx context.Context, b *bench) error {
	if _, err := b.program(ctx); err != nil {
		return err
	}
	var all times
	for range 3 {
		took, s, _, err := b.demo(ctx)
		if err != nil {
			return err
		}
		s.stop()
		all = append(all, took)
	}
	b.report.add("Start", "`parvis demo` in an empty folder, to its first page, median of 3", "SQLite",
		fmt.Sprintf("%.1f s (%.1f to %.1f)", all.at(0.5).Seconds(), all.at(0).Seconds(), all.at(1).Seconds()), "target ≤ 10 s")
	return nil
}

// demo starts the demonstration in an empty folder.
func (b *bench) demo(ctx context.Context) (took time.Duration, s *server, data string, err error) {
	listen, err := port()
	if err != nil {
		return 0, nil, "", err
	}
	if data, err = os.MkdirTemp(b.work, "demo-"); err != nil {
		return 0, nil, "", err
	}
	if data, err = filepath.Abs(data); err != nil {
		return 0, nil, "", err
	}
	start := time.Now()
	s, err = b.launch(ctx, listen, nil, "/", "demo", "--listen", listen, "--data", data)
	return time.Since(start), s, data, err
}

// demonstration serves the demonstration's data without limits, mail going to a
// sink, and returns a key for the API of the département.
func (b *bench) demonstration(ctx context.Context) (s *server, t *town, end func(), err error) {
	_, s, data, err := b.demo(ctx)
	if err != nil {
		return nil, nil, nil, err
	}
	s.stop()
	dsn := "sqlite:" + filepath.Join(data, "parvis.db")
	if t, err = keyOf(ctx, dsn, data); err != nil {
		return nil, nil, nil, err
	}
	mail, err := newSink()
	if err != nil {
		return nil, nil, nil, err
	}
	listen, err := port()
	if err != nil {
		return nil, nil, nil, err
	}
	if s, err = b.launch(ctx, listen, settings(dsn, data, listen, mail), "/healthz", "serve"); err != nil {
		mail.close()
		return nil, nil, nil, err
	}
	return s, t, func() { s.stop(); mail.close() }, nil
}

// keyOf makes a key for the demonstration's département.
func keyOf(ctx context.Context, dsn, data string) (t *town, err error) {
	a, err := build(ctx, dsn, data)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, a.Close(context.WithoutCancel(ctx))) }()
	x, err := a.Book.Get(ctx, home)
	if err != nil {
		return nil, err
	}
	t = &town{id: home, slug: x.Slug}
	return t, a.DB.In(home).Update(ctx, func(tx *store.Tx) error {
		list, err := a.Rdv.Reasons(ctx, tx, true, false)
		if err != nil {
			return err
		}
		t.reasons = nil
		for _, r := range list {
			t.reasons = append(t.reasons, r.ID)
		}
		_, secret, err := a.API.CreateToken(ctx, tx, web.Actor{ID: 1, Name: "bench", May: func(web.Permission) bool { return true }},
			api.NewToken{Name: "bench", Permissions: []web.Permission{appointment.MayWrite, appointment.MayRead}})
		t.key = secret
		return err
	})
}
