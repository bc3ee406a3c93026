package e2e

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"parvis/app/apptest"
	"parvis/loop/serve/intervention"
	"parvis/platform/clock"
	"parvis/platform/store"
	"parvis/platform/store/storetest"
)

// cable is a TCP connection to the program that can be cut: no request passes,
// and those under way are broken.
type cable struct {
	listener net.Listener
	target   string

	mu    sync.Mutex
	down  bool
	ways  map[net.Conn]bool
	count int // connections that were let through
}

func newCable(t *testing.T, target string) *cable {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cable{listener: l, target: strings.TrimPrefix(target, "http://"), ways: map[net.Conn]bool{}}
	t.Cleanup(func() { l.Close(); c.cut(true) })
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			go c.carry(in)
		}
	}()
	return c
}

func (c *cable) url() string { return "http://" + c.listener.Addr().String() }

func (c *cable) carry(in net.Conn) {
	defer in.Close()
	c.mu.Lock()
	if c.down {
		c.mu.Unlock()
		return
	}
	c.count++
	c.ways[in] = true
	c.mu.Unlock()
	out, err := net.Dial("tcp", c.target)
	if err != nil {
		return
	}
	go func() { _, _ = io.Copy(out, in); out.Close() }()
	_, _ = io.Copy(in, out)
	out.Close()
	c.mu.Lock()
	delete(c.ways, in)
	c.mu.Unlock()
}

// cut breaks the cable or mends it.
func (c *cable) cut(down bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.down = down
	if down {
		for way := range c.ways {
			way.Close()
		}
		clear(c.ways)
	}
}

// picture writes a photo with a colour of its own.
func picture(t *testing.T, name string, c color.Color) string {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 1600, 1200))
	for y := range 1200 {
		for x := range 1600 {
			if (x/40+y/40)%2 == 0 {
				img.Set(x, y, c)
			} else {
				img.Set(x, y, color.White)
			}
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// until waits for a condition in the page.
func (b *tab) until(what, js string) {
	b.t.Helper()
	for end := time.Now().Add(step); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if eval[bool](b, js) {
			return
		}
	}
	b.fatal("%s: never", what)
}

// tap presses what says so, without another page being loaded.
func (b *tab) tap(words string) {
	b.t.Helper()
	b.until("« "+words+" »", "!!"+visible("main a, main button, main summary, main label, nav a, dialog button", words))
	b.do("tapping « "+words+" »", chromedp.Evaluate[chromedp.Void](visible("main a, main button, main summary, main label, nav a, dialog button", words)+".click()"))
}

// place presses one of the four places at the foot of the field page.
func (b *tab) place(hash string) {
	b.t.Helper()
	b.do("going to "+hash, chromedp.Click(chromedp.CSS(`#onglets a[href="`+hash+`"]`)))
}

// shows waits for words.
func (b *tab) shows(words string) {
	b.t.Helper()
	b.until("« "+words+" »", plainJS+`(document.body.innerText).includes(`+fmt.Sprintf("%q", plain(words))+`)`)
}

// shot keeps a picture of the page for the eye, when PARVIS_SHOTS names a folder.
func (b *tab) shot(name string) {
	b.t.Helper()
	dir := os.Getenv("PARVIS_SHOTS")
	if dir == "" {
		return
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		b.t.Fatal(err)
	}
	for _, l := range looks() {
		b.look(l.width, l.dark)
		raw, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
		if err != nil {
			b.t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "terrain-"+name+"-"+l.name+".png"), raw, 0o644); err != nil {
			b.t.Fatal(err)
		}
	}
	b.look(390, false)
}

const outboxEmpty = `(async () => { const s = Terrain.state; return s.ops.length === 0 && ![...s.blobs.values()].some(x => x.state === "waiting") && !s.syncing })()`

// TestAgentWithoutNetwork is scenario 3 of the needs: an agent without network
// records a graffiti removal with photos on a phone, later syncs once, and the
// map shows the place that is tagged most.
func TestAgentWithoutNetwork(t *testing.T) {
	in := apptest.Start(t, storetest.SQLiteDSN(t), clock.System{}, true)
	wire := newCable(t, in.URL)
	b := open(t, wire.url())
	b.look(390, false)
	b.enter("Karim Coquelicot")
	prefix := in.Slug(t, town)
	page := prefix + "/terrain"

	// One visit with network.
	b.visit(page)
	b.shows("Tag sur le mur du passage")
	b.until("the page kept for later", `document.getElementById("terrain").dataset.ready === "1" && Terrain.state.last > 0 && !Terrain.state.syncing`)
	b.shot("a-faire")
	if p := b.heard(); len(p) > 0 {
		t.Errorf("with network: %q", p)
	}

	// The network goes; the page comes all the same.
	wire.cut(true)
	b.visit(page)
	b.shows("Tag sur le mur du passage")
	b.place("#/carte")
	b.shows("Les mêmes lieux, en liste")
	b.shot("carte")
	b.place("#/")
	b.tap("Tag sur le mur du passage")
	b.shows("Commencer")
	b.tap("Commencer")
	b.shows("C’est fait")
	for phase, c := range map[string]color.Color{"before": color.RGBA{200, 30, 30, 255}, "after": color.RGBA{30, 160, 60, 255}} {
		b.do("taking a photo", chromedp.SetUploadFiles(chromedp.CSS("#photo-"+phase), []string{picture(t, phase+".jpg", c)}, chromedp.NodeReady))
		b.until("the photo "+phase, `[...Terrain.orders().values()].some(o => o.photos.some(p => p.phase === "`+phase+`"))`)
	}
	b.tap("En ordre")
	b.until("the tick", `Terrain.state.ops.some(l => l.op.type === "check")`)
	b.tap("Formulaire")
	b.until("the form", `!!document.querySelector("#quantite")?.getClientRects().length`)
	b.do("writing the surface", chromedp.Evaluate[chromedp.Void](`(() => { const q = document.querySelector("#quantite"); q.focus(); q.value = "3,5"; q.dispatchEvent(new Event("change")); q.blur(); })()`))
	b.until("the surface", `Terrain.state.ops.some(l => l.op.payload.field === "quantity")`)
	b.tap("Temps et matériel")
	b.do("writing the time", chromedp.Evaluate[chromedp.Void](`(() => { const q = document.querySelector("#minutes"); q.value = "35"; q.form.requestSubmit(); })()`))
	b.until("the time", `Terrain.state.ops.some(l => l.op.type === "time")`)
	b.shot("fiche")
	b.tap("C’est fait")
	b.until("done", `[...Terrain.orders().values()].some(o => o.title === "Tag sur le mur du passage" && o.state === "done" && o.waiting > 0)`)

	// Something found on the way.
	b.place("#/nouvelle")
	b.shows("Noter ma position")
	b.shot("ajouter")
	b.do("writing", chromedp.Evaluate[chromedp.Void](`(() => { const q = document.querySelector("#n-titre"); q.value = "Corbeille renversée"; q.dispatchEvent(new Event("input")); q.form.requestSubmit(); })()`))
	b.shows("Corbeille renversée")

	// The browser is closed and opened: everything is still there, nothing was sent.
	b.visit(page)
	b.shows("2 photos")
	waiting := eval[int](b, `Terrain.counts().ops`)
	if waiting != 8 {
		t.Errorf("%d notes wait, 8 were made", waiting)
	}
	b.place("#/envois")
	b.shows("En attente")
	b.shot("envois")
	if n := eval[int](b, `document.querySelectorAll("main, nav, header").length`); n != 3 {
		t.Errorf("%d landmarks", n)
	}
	b.heard() // failed requests are expected there

	// One synchronisation, with network.
	wire.cut(false)
	b.tap("Synchroniser")
	b.until("everything sent", outboxEmpty)
	b.shows("Tout est à la mairie")

	var o intervention.Order
	var lines []intervention.Entry
	h := in.DB.In(town)
	for end := time.Now().Add(step); ; time.Sleep(200 * time.Millisecond) {
		if err := h.View(t.Context(), func(tx *store.Tx) error {
			list, err := in.Field.List(t.Context(), tx, intervention.Filter{Text: "Tag sur le mur du passage"}, 10)
			if err != nil || len(list) != 1 {
				return fmt.Errorf("%d orders, %w", len(list), err)
			}
			o = list[0]
			lines, err = in.Field.Journal(t.Context(), tx, o.ID)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		ready := 0
		for _, e := range lines {
			if e.FileState == "ready" {
				ready++
			}
		}
		if ready == 2 || time.Now().After(end) {
			if ready != 2 {
				t.Errorf("%d photos arrived", ready)
			}
			break
		}
	}
	kinds := map[string]int{}
	for _, e := range lines {
		kinds[string(e.Kind)+" "+e.Code]++
	}
	if o.State != intervention.Done || o.Minutes != 35 || o.Quantity != 3.5 || kinds["photo "] != 2 || kinds["time "] != 1 || kinds["state done"] != 1 || kinds["state started"] != 1 {
		t.Errorf("the order is %s, %d minutes, %v m²; its journal %v", o.State, o.Minutes, o.Quantity, kinds)
	}
	if o.DoneReceivedAt.Before(o.DoneAt) {
		t.Errorf("done %v, received %v", o.DoneAt, o.DoneReceivedAt)
	}

	// The chief: the place that is tagged most.
	b.look(1280, false)
	b.enter("Théo Sureau")
	b.visit(prefix + "/bureau/ce-qui-revient")
	b.see("Passage des Tanneurs", "fois", "Revient après")
	b.shot("ce-qui-revient")
	b.look(1280, false)
	b.visit(prefix + "/bureau/interventions/" + o.ID.String())
	b.see("35 minutes", "3,5 m²", "Photo avant", "Photo après")
	b.press("Contrôler")
	b.see("Contrôlée")
	for name, path := range map[string]string{"liste": "/bureau/interventions", "fiche": "/bureau/interventions/" + o.ID.String(), "jour": "/bureau/interventions/jour", "metier": "/bureau/metiers/nouveau", "patrimoine": "/bureau/patrimoine", "plans": "/bureau/plans-entretien/nouveau", "appareils": "/bureau/appareils"} {
		b.wants(b.visit(prefix+path), 200)
		b.shot("bureau-" + name)
		b.look(1280, false)
	}
}
