package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	mrand "math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/alexedwards/scs/v2"

	"parvis/app"
	"parvis/platform/store"
	opsync "parvis/platform/sync"
)

// fieldPhone speaks the protocol of the field page: operations first, in order,
// then photos from where they stopped; whatever goes wrong is sent again.
type fieldPhone struct {
	base, token, device string
	person              store.ID
	client              *http.Client

	// A day's work is done little by little: an operation each pace.
	pace  time.Duration
	begun time.Time

	mu     sync.Mutex
	seq    int64
	ops    []opsync.Op
	photos []blob
	all    []string
}

type blob struct {
	sha256 string
	data   []byte
}

// newFieldPhone has ten operations and two photos to send.
func newFieldPhone(base, token string, person, trade store.ID, uid string, n int) (*fieldPhone, error) {
	p := &fieldPhone{base: base, token: token, device: opsync.NewUUID(time.Now()), person: person, client: &http.Client{Timeout: 15 * time.Second, Transport: &http.Transport{}}}
	before, err := shot(n * 2)
	if err != nil {
		return nil, err
	}
	after, err := shot(n*2 + 1)
	if err != nil {
		return nil, err
	}
	p.photos = []blob{before, after}
	p.add(uid, "state", map[string]any{"to": "started"}, "")
	p.add(uid, "photo", map[string]any{"phase": "before"}, before.sha256)
	p.add(uid, "check", map[string]any{"key": "zone-balisee", "verdict": "ok"}, "")
	p.add(uid, "set", map[string]any{"field": "quantity", "value": n + 1}, "")
	p.add(uid, "part", map[string]any{"code": "decapant", "quantity": 2}, "")
	p.add(uid, "time", map[string]any{"minutes": 35}, "")
	p.note(uid, "le mur est poreux")
	p.add(uid, "photo", map[string]any{"phase": "after"}, after.sha256)
	p.add(uid, "state", map[string]any{"to": "done", "outcome": "efface"}, "")
	p.add(opsync.NewUUID(time.Now()), "create", map[string]any{"trade": trade.String(), "title": fmt.Sprint("Trouvé ", n), "address": "rue Haute"}, "")
	return p, nil
}

func (p *fieldPhone) note(uid, text string) { p.add(uid, "note", map[string]any{"text": text}, "") }

func (p *fieldPhone) add(uid, kind string, payload map[string]any, photo string) {
	raw, _ := json.Marshal(payload)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seq++
	op := opsync.Op{ID: opsync.NewUUID(time.Now()), Seq: p.seq, Actor: p.person, Kind: "intervention", Entity: uid, Base: 1, At: time.Now().UnixMilli(), Type: kind, Payload: raw}
	if photo != "" {
		op.Blobs = []string{photo}
	}
	p.ops, p.all = append(p.ops, op), append(p.all, op.ID)
}

// empty forgets what there was to send.
func (p *fieldPhone) empty() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ops, p.photos, p.all, p.seq = nil, nil, nil, 0
}

func (p *fieldPhone) made() []string { return p.all }

// left is what is not with the town hall yet.
func (p *fieldPhone) left() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.ops) + len(p.photos)
}

// ready is how many operations are done by now; p.mu is held.
func (p *fieldPhone) ready() int {
	if p.pace == 0 {
		return len(p.all)
	}
	return min(len(p.all), 1+int(time.Since(p.begun)/p.pace))
}

// work sends until all is sent.
func (p *fieldPhone) work(ctx context.Context) {
	p.begun = time.Now()
	for ctx.Err() == nil && p.left() > 0 {
		err := p.push(ctx)
		p.mu.Lock()
		over := len(p.ops) == 0
		p.mu.Unlock()
		if err == nil && over { // photos after the operations, as the page does
			err = p.sendPhotos(ctx)
		} else if err == nil {
			time.Sleep(time.Duration(100+mrand.IntN(200)) * time.Millisecond)
		}
		if err != nil {
			p.client.CloseIdleConnections()
			time.Sleep(time.Duration(100+mrand.IntN(400)) * time.Millisecond)
		}
	}
}

func (p *fieldPhone) ask(ctx context.Context, method, path string, body []byte, header map[string]string) (*http.Response, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, p.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	req.AddCookie(&http.Cookie{Name: "parvis_session", Value: p.token})
	for k, v := range header {
		req.Header.Set(k, v)
	}
	res, err := p.client.Do(req)
	if err != nil {
		return nil, nil, err
	}
	raw, err := io.ReadAll(res.Body)
	return res, raw, errors.Join(err, res.Body.Close())
}

// push sends up to 100 operations and forgets those that have their answer.
func (p *fieldPhone) push(ctx context.Context) error {
	p.mu.Lock()
	ops := append([]opsync.Op{}, p.ops[:min(100, len(p.ops), max(0, p.ready()-(len(p.all)-len(p.ops))))]...)
	p.mu.Unlock()
	if len(ops) == 0 {
		return nil
	}
	body, err := json.Marshal(opsync.Batch{Device: p.device, Name: "bench", Now: time.Now().UnixMilli(), Ops: ops})
	if err != nil {
		return err
	}
	res, raw, err := p.ask(ctx, http.MethodPost, "/sync/push", body, map[string]string{"Content-Type": "application/json"})
	if err != nil {
		return err
	}
	var a opsync.Answer
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("push: %s", res.Status)
	}
	if err := json.Unmarshal(raw, &a); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	answered := map[string]bool{}
	for _, r := range a.Results {
		if r.Status != opsync.Later {
			answered[r.ID] = true
		}
	}
	var keep []opsync.Op
	for _, op := range p.ops {
		if !answered[op.ID] {
			keep = append(keep, op)
		}
	}
	p.ops = keep
	return nil
}

func (p *fieldPhone) pull(ctx context.Context) error {
	res, _, err := p.ask(ctx, http.MethodGet, "/sync/pull?since=0&device="+p.device, nil, nil)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("pull: %s", res.Status)
	}
	return err
}

// tusPiece is the size of one request of a photo: small, so that cuts fall inside photos.
const tusPiece = 16 << 10

func (p *fieldPhone) sendPhotos(ctx context.Context) error {
	for p.left() > 0 {
		p.mu.Lock()
		if len(p.photos) == 0 {
			p.mu.Unlock()
			return nil
		}
		x := p.photos[0]
		p.mu.Unlock()
		meta := "sha256 " + base64.StdEncoding.EncodeToString([]byte(x.sha256))
		res, _, err := p.ask(ctx, http.MethodPost, "/envois", nil, map[string]string{"Tus-Resumable": "1.0.0", "Upload-Length": strconv.Itoa(len(x.data)), "Upload-Metadata": meta})
		if err != nil {
			return err
		}
		if res.StatusCode != http.StatusCreated {
			return fmt.Errorf("creation: %s", res.Status)
		}
		at := res.Header.Get("Location")
		at = at[strings.Index(at, "/envois"):]
		offset, _ := strconv.Atoi(res.Header.Get("Upload-Offset"))
		for offset < len(x.data) {
			res, _, err := p.ask(ctx, http.MethodPatch, at, x.data[offset:min(len(x.data), offset+tusPiece)],
				map[string]string{"Tus-Resumable": "1.0.0", "Upload-Offset": strconv.Itoa(offset), "Content-Type": "application/offset+octet-stream"})
			if err != nil {
				return err
			}
			if res.StatusCode != http.StatusNoContent {
				return fmt.Errorf("piece: %s", res.Status)
			}
			offset, _ = strconv.Atoi(res.Header.Get("Upload-Offset"))
		}
		p.mu.Lock()
		p.photos = p.photos[1:]
		p.mu.Unlock()
	}
	return nil
}

// shot is a photo that no other phone has.
func shot(n int) (blob, error) {
	img := image.NewRGBA(image.Rect(0, 0, 480, 360))
	dice := mrand.New(mrand.NewPCG(uint64(n), uint64(time.Now().UnixNano())))
	for y := range 360 {
		for x := range 480 {
			img.Set(x, y, color.RGBA{byte(dice.Uint32()), byte(x), byte(n), 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 60}); err != nil {
		return blob{}, err
	}
	sum := sha256.Sum256(b.Bytes())
	return blob{hex.EncodeToString(sum[:]), b.Bytes()}, nil
}

// session signs a person in, straight in the table of sessions.
func session(ctx context.Context, db *store.DB, who store.ID) (string, error) {
	var r [24]byte
	_, _ = rand.Read(r[:])
	token := base64.RawURLEncoding.EncodeToString(r[:])
	until := time.Now().Add(6 * time.Hour)
	data, err := scs.GobCodec{}.Encode(until, map[string]any{"person": who.String()})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(token))
	return token, db.System("the measure signs its phones in").Update(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO web_session (token, data, expires_at) VALUES (?, ?, ?)`, base64.RawURLEncoding.EncodeToString(sum[:]), data, until)
		return err
	})
}

// serveHere serves the program in this process.
func serveHere(a *app.App) (url string, stop func()) {
	srv := httptest.NewServer(a.Handler())
	return srv.URL, srv.Close
}

// wire is a TCP connection to the program that is slow, and cut at random while
// it storms.
type wire struct {
	listener net.Listener
	target   string
	stormy   atomic.Bool
	cut      atomic.Int64
}

func newWire(target string) (*wire, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	w := &wire{listener: l, target: target}
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			go w.carry(in)
		}
	}()
	return w, nil
}

func (w *wire) url() string { return "http://" + w.listener.Addr().String() }

func (w *wire) close() { w.listener.Close() }

func (w *wire) cuts() int64 { return w.cut.Load() }

// storm makes every connection break at a random moment within each second.
func (w *wire) storm(on bool) { w.stormy.Store(on) }

// slow is how many bytes pass before the wire may break.
const slow = 2 << 10

func (w *wire) carry(in net.Conn) {
	defer in.Close()
	out, err := net.DialTimeout("tcp", w.target, 2*time.Second)
	if err != nil {
		return
	}
	defer out.Close()
	breaks := time.Now().Add(time.Duration(mrand.Int64N(int64(cutEvery))))
	pipe := func(to, from net.Conn, end chan<- struct{}) {
		defer func() { end <- struct{}{} }()
		buf := make([]byte, slow)
		for {
			n, err := from.Read(buf)
			if w.stormy.Load() && time.Now().After(breaks) {
				w.cut.Add(1)
				_, _ = to.Write(buf[:mrand.IntN(n+1)]) // some of the bytes, then nothing
				return
			}
			if n > 0 {
				if _, err := to.Write(buf[:n]); err != nil {
					return
				}
				if w.stormy.Load() {
					time.Sleep(5 * time.Millisecond)
				}
			}
			if err != nil {
				return
			}
		}
	}
	end := make(chan struct{}, 2)
	go pipe(out, in, end)
	go pipe(in, out, end)
	// Idle or not, the connection breaks within its second of storm.
	timer := time.NewTimer(time.Until(breaks))
	defer timer.Stop()
	for {
		select {
		case <-end:
			return
		case <-timer.C:
			if w.stormy.Load() {
				w.cut.Add(1)
				return
			}
		}
	}
}
