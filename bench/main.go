package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"strings"
	"syscall"
	"time"
)

// bench is one run: where it works and what it found.
type bench struct {
	quick  bool
	keep   bool   // the filled databases stay for the next run of the day
	engine string // only this one; both when empty
	folder string // bench/results
	work   string // databases of this run, removed at the end
	report report
	stages map[string]*stage // filled databases, by engine
	undo   []func()
	binary string // the program itself, once built
}

// measure is one part of the report.
type measure struct {
	name string
	run  func(ctx context.Context, b *bench) error
}

func measures() []measure {
	return []measure{
		{"start", measureStart}, {"page", measurePage}, {"load", measureLoad}, {"throughput", measureThroughput},
		{"crash", measureCrash}, {"sync", measureSync}, {"field", measureField}, {"search", measureSearch}, {"race", measureRace},
		{"report", measureReport},
		{"desk", measureDesk},
	}
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "--child" {
		if err := racer(os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, "bench child:", err)
			os.Exit(1)
		}
		return
	}
	only := flag.String("only", "", "names of measures, separated by commas; all when empty")
	engine := flag.String("engine", "", "SQLite or PostgreSQL; both when empty")
	quick := flag.Bool("quick", false, "a tenth of the data and of the rounds: to see that it works")
	keep := flag.Bool("keep", false, "keep the filled databases of search and race (bench/results/keep, schema bench_keep) and use them again the same day")
	profile := flag.String("profile", "", "file that gets the processor profile of this process (go tool pprof)")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := profiled(*profile, func() error { return run(ctx, *only, *engine, *quick, *keep) })
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// profiled runs fn with the processor profile on, when a file is named.
func profiled(path string, fn func() error) error {
	if path == "" {
		return fn()
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return errors.Join(err, f.Close())
	}
	defer f.Close()
	defer pprof.StopCPUProfile()
	return fn()
}

func run(ctx context.Context, only, engine string, quick, keep bool) (err error) {
	wanted := strings.FieldsFunc(only, func(r rune) bool { return r == ',' || r == ' ' })
	list := measures()
	for _, w := range wanted {
		if !slices.ContainsFunc(list, func(m measure) bool { return m.name == w }) {
			return fmt.Errorf("no measure %q", w)
		}
	}
	if engine != "" && !slices.Contains(engines(), engine) {
		return fmt.Errorf("no engine %q: %s", engine, strings.Join(engines(), " or "))
	}
	b := &bench{quick: quick, keep: keep, engine: engine, folder: filepath.Join("bench", "results"), stages: map[string]*stage{}}
	if err := os.MkdirAll(b.folder, 0o750); err != nil {
		return err
	}
	if b.work, err = os.MkdirTemp(b.folder, "run-"); err != nil {
		return err
	}
	defer func() {
		for _, f := range slices.Backward(b.undo) {
			f()
		}
		err = errors.Join(err, os.RemoveAll(b.work))
	}()
	b.report.quick = quick
	for _, m := range list {
		if len(wanted) > 0 && !slices.Contains(wanted, m.name) {
			continue
		}
		fmt.Fprintf(os.Stderr, "• %s\n", m.name)
		start := time.Now()
		if err := m.run(ctx, b); err != nil {
			return errors.Join(fmt.Errorf("%s: %w", m.name, err), b.report.write(os.Stdout))
		}
		fmt.Fprintf(os.Stderr, "  %s took %s\n", m.name, time.Since(start).Round(time.Second))
	}
	file, err := os.Create(filepath.Join(b.folder, time.Now().UTC().Format("20060102-150405")+".md"))
	if err != nil {
		return err
	}
	return errors.Join(b.report.write(os.Stdout), b.report.write(file), file.Close())
}

// tenth is n, or a tenth of it in a quick run.
func (b *bench) tenth(n int) int {
	if b.quick {
		return max(1, n/10)
	}
	return n
}

// program builds the program once and returns its path.
func (b *bench) program(ctx context.Context) (string, error) {
	if b.binary != "" {
		return b.binary, nil
	}
	path, err := filepath.Abs(filepath.Join(b.work, "parvis"))
	if err != nil {
		return "", err
	}
	out, err := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", path, "./cmd/parvis").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("building the program: %w\n%s", err, out)
	}
	b.binary = path
	return path, nil
}
