package upload

import (
	"crypto/sha1" //nolint:gosec // named by the protocol, against accidents only
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"hash"
	"net/http"
	"strconv"
	"strings"
	"time"

	"parvis/platform/file"
	"parvis/platform/store"
)

const version = "1.0.0"

// statusChecksum is what the checksum extension answers to a piece that does
// not fit.
const statusChecksum = 460

// Serve answers one request of the protocol for a person who is allowed in. base is
// the address of the collection, id the upload or "".
func (u *Uploads) Serve(w http.ResponseWriter, r *http.Request, h store.Handle, person store.ID, base, id string) error {
	head := w.Header()
	head.Set("Tus-Resumable", version)
	head.Set("Cache-Control", "no-store")
	if r.Method == http.MethodOptions {
		head.Set("Tus-Version", version)
		head.Set("Tus-Extension", "creation,checksum,expiration,termination")
		head.Set("Tus-Checksum-Algorithm", "sha1,sha256")
		head.Set("Tus-Max-Size", strconv.FormatInt(u.o.MaxSize, 10))
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	if r.Header.Get("Tus-Resumable") != version {
		head.Set("Tus-Version", version)
		drain(r.Body)
		w.WriteHeader(http.StatusPreconditionFailed)
		return nil
	}
	var err error
	switch r.Method {
	case http.MethodPost:
		err = u.create(w, r, h, person, base)
	case http.MethodHead:
		err = u.head(w, r, h, person, id)
	case http.MethodPatch:
		err = u.patch(w, r, h, person, id)
	case http.MethodDelete:
		if err = u.Terminate(r.Context(), h, person, id); err == nil {
			w.WriteHeader(http.StatusNoContent)
		}
	default:
		w.WriteHeader(http.StatusMethodNotAllowed)
	}
	return u.answer(w, r, err)
}

// answer turns a refusal into the protocol's status; the rest is the caller's.
func (u *Uploads) answer(w http.ResponseWriter, r *http.Request, err error) error {
	status := 0
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrTooLarge), errors.Is(err, ErrQuota):
		status = http.StatusRequestEntityTooLarge
		if errors.Is(err, ErrQuota) {
			status = http.StatusInsufficientStorage
		}
	case errors.Is(err, file.ErrFull):
		status = http.StatusInsufficientStorage
	case errors.Is(err, ErrOffset):
		status = http.StatusConflict
	case errors.Is(err, ErrDigest):
		status = statusChecksum
	case errors.Is(err, ErrGone):
		status = http.StatusNotFound
	default:
		return err
	}
	drain(r.Body)
	w.WriteHeader(status)
	return nil
}

func (u *Uploads) create(w http.ResponseWriter, r *http.Request, h store.Handle, person store.ID, base string) error {
	size, err := strconv.ParseInt(r.Header.Get("Upload-Length"), 10, 64)
	if err != nil || size < 0 {
		w.WriteHeader(http.StatusBadRequest)
		return nil
	}
	meta, ok := metadata(r.Header.Get("Upload-Metadata"))
	digest := strings.ToLower(meta["sha256"])
	if raw, err := hex.DecodeString(digest); !ok || err != nil || digest != "" && len(raw) != sha256.Size {
		w.WriteHeader(http.StatusBadRequest)
		return nil
	}
	kind := meta["type"]
	if len(kind) > 100 {
		kind = ""
	}
	x, err := u.Start(r.Context(), h, person, size, digest, kind)
	if err != nil {
		return err
	}
	w.Header().Set("Location", base+"/"+x.ID)
	w.Header().Set("Upload-Offset", strconv.FormatInt(x.Received, 10))
	expires(w, x)
	w.WriteHeader(http.StatusCreated)
	return nil
}

func (u *Uploads) head(w http.ResponseWriter, r *http.Request, h store.Handle, person store.ID, id string) error {
	x, err := u.Find(r.Context(), h, person, id)
	if err != nil {
		return err
	}
	w.Header().Set("Upload-Offset", strconv.FormatInt(x.Received, 10))
	w.Header().Set("Upload-Length", strconv.FormatInt(x.Size, 10))
	expires(w, x)
	w.WriteHeader(http.StatusOK)
	return nil
}

func (u *Uploads) patch(w http.ResponseWriter, r *http.Request, h store.Handle, person store.ID, id string) error {
	if r.Header.Get("Content-Type") != "application/offset+octet-stream" {
		drain(r.Body)
		w.WriteHeader(http.StatusUnsupportedMediaType)
		return nil
	}
	offset, err := strconv.ParseInt(r.Header.Get("Upload-Offset"), 10, 64)
	sum, ok := readChecksum(r.Header.Get("Upload-Checksum"))
	if err != nil || offset < 0 || !ok {
		drain(r.Body)
		w.WriteHeader(http.StatusBadRequest)
		return nil
	}
	if r.ContentLength > 0 {
		x, err := u.Find(r.Context(), h, person, id)
		if err != nil {
			return err
		}
		if offset == x.Received && r.ContentLength > x.Size-x.Received {
			return ErrTooLarge
		}
	}
	x, err := u.Append(r.Context(), h, person, id, offset, r.Body, sum)
	if err != nil {
		return err
	}
	w.Header().Set("Upload-Offset", strconv.FormatInt(x.Received, 10))
	expires(w, x)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// expires tells until when an upload may go on.
func expires(w http.ResponseWriter, x Upload) {
	w.Header().Set("Upload-Expires", x.ExpiresAt.UTC().Format(http.TimeFormat))
}

// metadata reads "name base64, name base64"; false when it is not that.
func metadata(s string) (map[string]string, bool) {
	out := map[string]string{}
	if len(s) > 4096 {
		return nil, false
	}
	for part := range strings.SplitSeq(s, ",") {
		name, coded, _ := strings.Cut(strings.TrimSpace(part), " ")
		if name == "" {
			continue
		}
		value, err := base64.StdEncoding.DecodeString(strings.TrimSpace(coded))
		if err != nil {
			return nil, false
		}
		out[name] = string(value)
	}
	return out, true
}

// readChecksum reads "sha256 base64"; nil when there is none, false when it
// cannot be read.
func readChecksum(s string) (*checksum, bool) {
	if s == "" {
		return nil, true
	}
	name, coded, _ := strings.Cut(s, " ")
	want, err := base64.StdEncoding.DecodeString(strings.TrimSpace(coded))
	if err != nil {
		return nil, false
	}
	var h hash.Hash
	switch name {
	case "sha1":
		h = sha1.New() //nolint:gosec // see above
	case "sha256":
		h = sha256.New()
	default:
		return nil, false
	}
	return &checksum{h, want}, len(want) == h.Size()
}

// deadline bounds one request of a slow network.
const deadline = 2 * time.Minute

// Patient gives a slow device time to send its piece; the server's own limit is
// for pages.
func Patient(w http.ResponseWriter) {
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(deadline))
}
