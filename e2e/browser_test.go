package e2e

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// step bounds one gesture: a page that never comes fails the test that waits.
const step = 20 * time.Second

// tab is one browser window with one visitor in it.
type tab struct {
	t      *testing.T
	ctx    context.Context
	origin string
	files  string // where downloads land

	mu       sync.Mutex
	problems []string // what the console said, requests that left the origin
}

// open starts Chromium on a fresh profile.
func open(t *testing.T, origin string) *tab {
	t.Helper()
	bin, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal("Chromium is missing: install the package « chromium » (scripts/chromium.sh does it on Debian)")
	}
	files := t.TempDir()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(bin), chromedp.NoSandbox, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("hide-scrollbars", true), chromedp.Flag("lang", "fr-FR"), chromedp.Flag("accept-lang", "fr-FR"))
	allocated, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(allocated)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("starting %s: %v", bin, err)
	}
	b := &tab{t: t, ctx: ctx, origin: origin, files: files}
	if err := chromedp.Listen(ctx, b.hear); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.CallBrowser(ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{Behavior: browser.SetDownloadBehaviorBehaviorAllow, DownloadPath: files}); err != nil {
		t.Fatal(err)
	}
	b.look(1280, false)
	return b
}

// hear keeps what a page does wrong without showing it.
func (b *tab) hear(ev any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := ev.(type) {
	case *runtime.EventExceptionThrown:
		b.problems = append(b.problems, "exception: "+e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			b.problems = append(b.problems, fmt.Sprintf("console.%s", e.Type))
		}
	case *log.EventEntryAdded:
		// A page that answers 404 or 422 on purpose is also an entry.
		if e.Entry.Source == log.EntrySourceNetwork && strings.Contains(e.Entry.Text, "Failed to load resource") && !strings.Contains(e.Entry.URL, "/static/") {
			return
		}
		if e.Entry.Level == log.EntryLevelError || e.Entry.Source == log.EntrySourceSecurity {
			b.problems = append(b.problems, "console: "+e.Entry.Text)
		}
	case *network.EventRequestWillBeSent:
		if u := e.Request.URL; !strings.HasPrefix(u, b.origin+"/") && !strings.HasPrefix(u, "data:") && u != "about:blank" {
			b.problems = append(b.problems, "request to another origin: "+u)
		}
	}
}

// heard returns what went wrong since the last time.
func (b *tab) heard() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := b.problems
	b.problems = nil
	return out
}

func (b *tab) fatal(format string, args ...any) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, step)
	defer cancel()
	at, _ := chromedp.Run(ctx, chromedp.Location())
	text, _ := chromedp.Run(ctx, chromedp.Evaluate[string](`document.querySelector("main")?.innerText ?? document.body.innerText`))
	b.t.Fatalf("%s\nat %s:\n%.1500s", fmt.Sprintf(format, args...), at, text)
}

func (b *tab) do(what string, actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, step)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		b.fatal("%s: %v", what, err)
	}
}

// leave does what leads to another page, waits for it and returns its status.
func (b *tab) leave(what string, actions ...chromedp.Action[chromedp.Void]) int {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, step)
	defer cancel()
	res, err := chromedp.RunResponse(ctx, actions...)
	if err != nil {
		b.fatal("%s: %v", what, err)
	}
	return int(res.Status)
}

// visit opens an address as if typed and returns its status.
func (b *tab) visit(path string) int {
	b.t.Helper()
	if !strings.HasPrefix(path, "http") {
		path = b.origin + path
	}
	return b.leave("opening "+path, chromedp.Navigate(path))
}

// eval runs an expression in the page.
func eval[T any](b *tab, js string) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, step)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](js, chromedp.EvalAwaitPromise))
	if err != nil {
		b.fatal("evaluating %.80s: %v", js, err)
	}
	return v
}

// look sets the width of the window and the scheme of the system.
func (b *tab) look(width int64, dark bool) {
	b.t.Helper()
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	height := int64(900)
	if width < 600 {
		height = 844
	}
	b.do("sizing the window", chromedp.EmulateViewport(width, height), chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
		return err
	}))
}

// scripts lets pages run JavaScript, or not.
func (b *tab) scripts(on bool) {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on}); err != nil {
		b.t.Fatal(err)
	}
}

// plain puts ordinary spaces where French typography has narrow or hard ones.
func plain(s string) string {
	return strings.NewReplacer("\u00a0", " ", "\u202f", " ", "’", "'").Replace(s)
}

const plainJS = `(s => s.replace(/[\s\u00a0\u202f]+/g, " ").replace(/’/g, "'").trim())`

// text is what one reads.
func (b *tab) text() string {
	b.t.Helper()
	return plain(eval[string](b, `document.body.innerText`))
}

// see fails unless the words are on the page.
func (b *tab) see(words ...string) {
	b.t.Helper()
	text := strings.Join(strings.Fields(b.text()), " ")
	for _, w := range words {
		if !strings.Contains(text, plain(w)) {
			b.fatal("« %s » is not on the page", w)
		}
	}
}

// visible finds the first element of the selector whose words contain the given
// ones and that is drawn.
func visible(selector, words string) string {
	return fmt.Sprintf(`[...document.querySelectorAll(%s)].find(e => %s(e.innerText + " " + (e.getAttribute("aria-label") ?? "")).includes(%s) && e.getClientRects().length > 0)`,
		strconv.Quote(selector), plainJS, strconv.Quote(plain(words)))
}

// element refuses what is not there and returns its address for a gesture.
func (b *tab) element(selector, words string) chromedp.JSPath {
	b.t.Helper()
	js := visible(selector, words)
	if !eval[bool](b, "!!"+js) {
		b.fatal("no %s says « %s »", selector, words)
	}
	return chromedp.JSPath(js)
}

// press clicks the link or the button that says so, and waits for the page.
func (b *tab) press(words string) int {
	b.t.Helper()
	return b.leave("pressing « "+words+" »", chromedp.Click(b.element("main a, main button, nav a, header a, aside a, [role=region] a", words)))
}

// choose ticks the box or the round button of the label.
func (b *tab) choose(words string) {
	b.t.Helper()
	b.do("choosing « "+words+" »", chromedp.Click(b.element("main label", words)))
}

// fill types in the field of the label, in place of what is there.
func (b *tab) fill(label, value string) {
	b.t.Helper()
	b.element("main label", label)
	b.do("filling « "+label+" »", chromedp.Click(chromedp.JSPath("("+visible("main label", label)+").control")), chromedp.Evaluate[chromedp.Void](`document.activeElement.select?.()`), chromedp.KeyEvent(kb.Backspace), chromedp.KeyEvent(value))
	if got := eval[string](b, fmt.Sprintf(`(%s).control.value`, visible("main label", label))); got != value {
		b.fatal("the field « %s » holds %q after typing %q", label, got, value)
	}
}

// pick chooses an option of the list of the label by its words.
func (b *tab) pick(label, option string) {
	b.t.Helper()
	b.element("main label", label)
	got := eval[string](b, fmt.Sprintf(`(() => { const s = (%s).control; const o = [...s.options].find(o => %s(o.text).includes(%s)); if (!o) return ""; s.value = o.value; s.dispatchEvent(new Event("change", {bubbles: true})); return o.text })()`,
		visible("main label", label), plainJS, strconv.Quote(plain(option))))
	if got == "" {
		b.fatal("the list « %s » has no « %s »", label, option)
	}
}

// path is the address of the page without its origin.
func (b *tab) path() string {
	b.t.Helper()
	at, err := url.Parse(eval[string](b, "location.href"))
	if err != nil {
		b.t.Fatal(err)
	}
	return at.RequestURI()
}

// wants fails unless the status is the expected one.
func (b *tab) wants(got, want int) {
	b.t.Helper()
	if got != want {
		b.fatal("status %d %s, want %d", got, http.StatusText(got), want)
	}
}

// download waits for the one file that lands and returns its bytes.
func (b *tab) download(suffix string) []byte {
	b.t.Helper()
	for end := time.Now().Add(step); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		found, err := filepath.Glob(filepath.Join(b.files, "*"+suffix))
		if err != nil {
			b.t.Fatal(err)
		}
		if len(found) == 1 {
			body, err := os.ReadFile(found[0])
			if err == nil && len(body) > 0 {
				return body
			}
		}
	}
	b.fatal("no file %s was downloaded", suffix)
	return nil
}

// await reloads the page until it shows the words: messages leave a moment later.
func (b *tab) await(words string) {
	b.t.Helper()
	for end := time.Now().Add(step); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		if strings.Contains(strings.Join(strings.Fields(b.text()), " "), plain(words)) {
			return
		}
		b.leave("reloading", chromedp.Reload())
	}
	b.fatal("« %s » never came", words)
}
