package upload_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"parvis/platform/clock"
	"parvis/platform/file"
	"parvis/platform/store"
	"parvis/platform/store/storetest"
	"parvis/platform/upload"
)

// office is a receiver behind HTTP; its person is in the header X-Person.
type office struct {
	t    *testing.T
	u    *upload.Uploads
	h    store.Handle
	url  string
	done []string
	clk  *clock.Fake
}

func each(t *testing.T, body func(t *testing.T, o *office)) {
	storetest.EachClock(t, []store.Migration{upload.Migration()}, func(t *testing.T, db *store.DB, clk *clock.Fake) {
		folder, err := file.OpenFolder(t.TempDir(), file.FolderOptions{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { folder.Close() })
		o := &office{t: t, h: db.In("c86194"), clk: clk}
		o.u = upload.New(folder, upload.Options{MaxSize: 100_000, Quota: 250_000, Keep: time.Hour, MaxPiece: 20_000, Done: func(_ context.Context, _ *store.Tx, x upload.Upload) error {
			o.done = append(o.done, x.SHA256)
			return nil
		}})
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			person, _ := strconv.ParseInt(r.Header.Get("X-Person"), 10, 64)
			id := strings.Trim(strings.TrimPrefix(r.URL.Path, "/envois"), "/")
			if err := o.u.Serve(w, r, o.h, store.ID(person), "/envois", id); err != nil {
				t.Errorf("%s %s: %v", r.Method, r.URL.Path, err)
				w.WriteHeader(http.StatusInternalServerError)
			}
		}))
		t.Cleanup(srv.Close)
		o.url = srv.URL
		body(t, o)
	})
}

// ask sends one request of the protocol; header is pairs.
func (o *office) ask(method, path string, body io.Reader, header ...string) *http.Response {
	o.t.Helper()
	req, err := http.NewRequestWithContext(o.t.Context(), method, o.url+path, body)
	if err != nil {
		o.t.Fatal(err)
	}
	req.Header.Set("Tus-Resumable", "1.0.0")
	req.Header.Set("X-Person", "1")
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		o.t.Fatal(err)
	}
	res.Body.Close()
	return res
}

func content(n int) ([]byte, string) {
	b := make([]byte, n)
	r := rand.New(rand.NewPCG(uint64(n), 7))
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	sum := sha256.Sum256(b)
	return b, hex.EncodeToString(sum[:])
}

func (o *office) start(size int, digest string, header ...string) *http.Response {
	meta := ""
	if digest != "" {
		meta = "sha256 " + base64.StdEncoding.EncodeToString([]byte(digest))
	}
	return o.ask("POST", "/envois", nil, append([]string{"Upload-Length", strconv.Itoa(size), "Upload-Metadata", meta}, header...)...)
}

const octets = "application/offset+octet-stream"

func TestAFileComesInPieces(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		raw, digest := content(50_000)
		res := o.start(len(raw), digest)
		at := res.Header.Get("Location")
		if res.StatusCode != 201 || !strings.HasPrefix(at, "/envois/") || res.Header.Get("Upload-Offset") != "0" || res.Header.Get("Upload-Expires") == "" || res.Header.Get("Tus-Resumable") != "1.0.0" {
			t.Fatalf("creation: %d %v", res.StatusCode, res.Header)
		}
		// The whole of it: the server keeps a piece of what it may hold, and says so.
		res = o.ask("PATCH", at, bytes.NewReader(raw), "Upload-Offset", "0", "Content-Type", octets)
		if res.StatusCode != 204 || res.Header.Get("Upload-Offset") != "20000" {
			t.Fatalf("the first piece: %d, offset %s", res.StatusCode, res.Header.Get("Upload-Offset"))
		}
		if res = o.ask("HEAD", at, nil); res.StatusCode != 200 || res.Header.Get("Upload-Offset") != "20000" || res.Header.Get("Upload-Length") != "50000" || res.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("asking: %d %v", res.StatusCode, res.Header)
		}
		// The answer to POST was lost: the same upload again, where it stands.
		if res = o.start(len(raw), digest); res.Header.Get("Location") != at || res.Header.Get("Upload-Offset") != "20000" {
			t.Errorf("started again: %s at %s", res.Header.Get("Location"), res.Header.Get("Upload-Offset"))
		}
		for offset := 20_000; offset < len(raw); {
			sum := sha256.Sum256(raw[offset:min(len(raw), offset+15_000)])
			res = o.ask("PATCH", at, bytes.NewReader(raw[offset:min(len(raw), offset+15_000)]), "Upload-Offset", strconv.Itoa(offset), "Content-Type", octets,
				"Upload-Checksum", "sha256 "+base64.StdEncoding.EncodeToString(sum[:]))
			if res.StatusCode != 204 {
				t.Fatalf("a piece at %d: %d", offset, res.StatusCode)
			}
			offset, _ = strconv.Atoi(res.Header.Get("Upload-Offset"))
		}
		if len(o.done) != 1 || o.done[0] != digest {
			t.Errorf("told of %v", o.done)
		}
		got, err := o.u.Take(t.Context(), o.h, 1, digest)
		if err != nil || !bytes.Equal(got, raw) {
			t.Fatalf("%d bytes, %v", len(got), err)
		}
		if _, err := o.u.Take(t.Context(), o.h, 2, digest); !errors.Is(err, upload.ErrGone) {
			t.Errorf("another person takes it: %v", err)
		}
		// A photo that is known costs one request.
		if res = o.start(len(raw), digest); res.StatusCode != 201 || res.Header.Get("Upload-Offset") != "50000" {
			t.Errorf("sent again: %d at %s", res.StatusCode, res.Header.Get("Upload-Offset"))
		}
		if err := o.u.Drop(t.Context(), o.h, 1, digest); err != nil {
			t.Fatal(err)
		}
		if res = o.start(len(raw), digest); res.Header.Get("Upload-Offset") != "50000" {
			t.Errorf("sent again after it was taken: at %s", res.Header.Get("Upload-Offset"))
		}
	})
}

func TestRefusals(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		raw, digest := content(30_000)
		at := o.start(len(raw), digest).Header.Get("Location")
		piece := func() io.Reader { return bytes.NewReader(raw[:100]) }
		wrong := sha256.Sum256([]byte("autre chose"))
		for _, x := range []struct {
			name, method, path string
			body               io.Reader
			status             int
			header             []string
		}{
			{"another version", "PATCH", at, piece(), 412, []string{"Tus-Resumable", "0.2.2", "Upload-Offset", "0", "Content-Type", octets}},
			{"no type", "PATCH", at, piece(), 415, []string{"Upload-Offset", "0"}},
			{"offset", "PATCH", at, piece(), 409, []string{"Upload-Offset", "7", "Content-Type", octets}},
			{"negative offset", "PATCH", at, piece(), 400, []string{"Upload-Offset", "-1", "Content-Type", octets}},
			{"checksum", "PATCH", at, piece(), 460, []string{"Upload-Offset", "0", "Content-Type", octets, "Upload-Checksum", "sha256 " + base64.StdEncoding.EncodeToString(wrong[:])}},
			{"unknown checksum", "PATCH", at, piece(), 400, []string{"Upload-Offset", "0", "Content-Type", octets, "Upload-Checksum", "md5 AAAA"}},
			{"too long", "PATCH", at, bytes.NewReader(make([]byte, 30_001)), 413, []string{"Upload-Offset", "0", "Content-Type", octets}},
			{"of another person", "HEAD", at, nil, 404, []string{"X-Person", "2"}},
			{"unknown", "HEAD", "/envois/0123", nil, 404, nil},
			{"no length", "POST", "/envois", nil, 400, nil},
			{"too large", "POST", "/envois", nil, 413, []string{"Upload-Length", "100001"}},
			{"digest that is none", "POST", "/envois", nil, 400, []string{"Upload-Length", "1", "Upload-Metadata", "sha256 " + base64.StdEncoding.EncodeToString([]byte("zz"))}},
			{"another method", "PUT", at, nil, 405, nil},
		} {
			if res := o.ask(x.method, x.path, x.body, x.header...); res.StatusCode != x.status {
				t.Errorf("%s: %d, want %d", x.name, res.StatusCode, x.status)
			}
		}
		if got := o.ask("HEAD", at, nil).Header.Get("Upload-Offset"); got != "0" {
			t.Errorf("after the refusals the offset is %s", got)
		}
		// What is whole but not what was announced starts again.
		other, _ := content(10_000)
		bad := o.start(10_000, digest).Header.Get("Location")
		if res := o.ask("PATCH", bad, bytes.NewReader(other), "Upload-Offset", "0", "Content-Type", octets); res.StatusCode != 460 {
			t.Errorf("another content: %d", res.StatusCode)
		}
		if got := o.ask("HEAD", bad, nil).Header.Get("Upload-Offset"); got != "0" || len(o.done) != 0 {
			t.Errorf("another content: offset %s, told of %v", got, o.done)
		}
		// The person's quota.
		last := 0
		for i := range 4 {
			_, d := content(60_000 + i)
			last = o.start(60_000+i, d).StatusCode
		}
		if last != 507 {
			t.Errorf("beyond the quota: %d", last)
		}
		if res := o.ask("DELETE", at, nil); res.StatusCode != 204 || o.ask("HEAD", at, nil).StatusCode != 404 {
			t.Errorf("termination: %d", res.StatusCode)
		}
		if res := o.ask("OPTIONS", "/envois", nil); res.StatusCode != 204 || !strings.Contains(res.Header.Get("Tus-Extension"), "checksum") || res.Header.Get("Tus-Max-Size") != "100000" {
			t.Errorf("options: %d %v", res.StatusCode, res.Header)
		}
		o.clk.Advance(2 * time.Hour)
		if res := o.ask("HEAD", bad, nil); res.StatusCode != 404 {
			t.Errorf("past its time: %d", res.StatusCode)
		}
		if err := o.h.Update(t.Context(), func(tx *store.Tx) error {
			n, err := o.u.Purge(t.Context(), tx, tx.Now(), 100)
			if n == 0 {
				t.Error("nothing was purged")
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
}

// cutter gives some bytes, then breaks.
type cutter struct{ left []byte }

func (c *cutter) Read(p []byte) (int, error) {
	if len(c.left) == 0 {
		return 0, io.ErrUnexpectedEOF
	}
	n := copy(p, c.left)
	c.left = c.left[n:]
	return n, nil
}

// TestACutConnectionKeepsWhatCame: at random bytes, until the file is whole.
func TestACutConnectionKeepsWhatCame(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		raw, digest := content(40_000)
		x, err := o.u.Start(t.Context(), o.h, 1, int64(len(raw)), digest, "image/jpeg")
		if err != nil {
			t.Fatal(err)
		}
		dice := rand.New(rand.NewPCG(3, 4))
		for tries := 0; !x.Done && tries < 1000; tries++ {
			n := dice.Int64N(min(5000, x.Size-x.Received) + 1)
			if x, err = o.u.Append(t.Context(), o.h, 1, x.ID, x.Received, &cutter{raw[x.Received : x.Received+n]}, nil); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := o.u.Take(t.Context(), o.h, 1, digest); err != nil || !bytes.Equal(got, raw) {
			t.Errorf("%d bytes, %v", len(got), err)
		}
	})
}
