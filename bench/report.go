package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

// report is the tables, in the order of the measures.
type report struct {
	quick bool
	rows  []row
}

// row is one figure: what, where, how much, and beside what it stands.
type row struct{ section, what, engine, figure, beside string }

func (r *report) add(section, what, engine, figure, beside string) {
	r.rows = append(r.rows, row{section, what, engine, figure, beside})
	fmt.Fprintf(os.Stderr, "  %s | %s | %s\n", what, engine, figure)
}

func (r *report) write(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "Measured %s, %s, %d shared cores, %s of memory, load average %s.\n", time.Now().UTC().Format(time.DateOnly), runtime.Version(), runtime.NumCPU(), memory(), load())
	if r.quick {
		b.WriteString("\n**Quick run: a tenth of the data. Not figures to publish.**\n")
	}
	section := ""
	for _, x := range r.rows {
		if x.section != section {
			section = x.section
			fmt.Fprintf(&b, "\n## %s\n\n| Measure | Engine | Figure | Beside it |\n|---|---|---|---|\n", section)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", x.what, x.engine, x.figure, x.beside)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func memory() string {
	var kb int
	raw, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return "unknown size"
	}
	if _, err := fmt.Sscanf(string(raw), "MemTotal: %d kB", &kb); err != nil {
		return "unknown size"
	}
	return fmt.Sprintf("%d GB", (kb+1<<19)>>20)
}

// load is the load average of the last minute: the machine may be shared.
func load() string {
	raw, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	first, _, _ := strings.Cut(string(raw), " ")
	return first
}

// times are durations of one operation repeated.
type times []time.Duration

// at is the quantile p, 0 to 1, by rank.
func (t times) at(p float64) time.Duration {
	if len(t) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(t))
	return s[min(len(s)-1, int(p*float64(len(s))))]
}

func (t times) String() string {
	return fmt.Sprintf("min %s · p50 %s · p95 %s", ms(t.at(0)), ms(t.at(0.5)), ms(t.at(0.95)))
}

// series is the same measure several times: each figure is the median of the
// runs, the minimum that of all.
type series []times

func (s series) String() string {
	least, middle, high := times{}, times{}, times{}
	for _, t := range s {
		least, middle, high = append(least, t.at(0)), append(middle, t.at(0.5)), append(high, t.at(0.95))
	}
	return fmt.Sprintf("min %s · p50 %s · p95 %s", ms(least.at(0)), ms(middle.at(0.5)), ms(high.at(0.5)))
}

func (s series) count() (n int) {
	for _, t := range s {
		n += len(t)
	}
	return n
}

func ms(d time.Duration) string {
	v := float64(d.Microseconds()) / 1000
	switch {
	case v < 10:
		return fmt.Sprintf("%.2f ms", v)
	case v < 100:
		return fmt.Sprintf("%.1f ms", v)
	}
	return fmt.Sprintf("%.0f ms", v)
}

// processor is the time this process has used of all cores, threads included.
func processor() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// thousands groups digits: 12 345.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + " " + s[i:]
	}
	return s
}
