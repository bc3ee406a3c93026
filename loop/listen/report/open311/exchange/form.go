package exchange

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"parvis/loop/listen/report/open311"
	"parvis/platform/photo"
)

// form is the arguments of a call and its photos.
type form struct {
	url.Values
	photos []photo.Photo
	hash   string
}

// Bounds of a posted body.
const (
	maxForm   = 1 << 20
	maxPhotos = 3
	maxUpload = maxPhotos*(24<<20) + maxForm
	maxFields = 200
)

// one is an argument without the space around it; empty is absent.
func (f form) one(name string) string { return strings.TrimSpace(f.Get(name)) }

// read takes the arguments of the address, and of the body of a POST.
func (x *exchange) read() error {
	r := x.c.Request
	x.form.Values = url.Values{}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		x.wrong(http.StatusBadRequest, "open311.error.form")
		return nil
	}
	maps.Copy(x.form.Values, query)
	if r.Method == http.MethodPost {
		kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
		switch {
		case err == nil && kind == "application/x-www-form-urlencoded":
			err = x.readForm()
		case err == nil && kind == "multipart/form-data":
			err = x.readMultipart()
		default:
			x.wrong(http.StatusBadRequest, "open311.error.type")
			return nil
		}
		if err != nil {
			return err
		}
	}
	if len(x.form.Values) > maxFields {
		x.wrong(http.StatusBadRequest, "open311.error.form")
	}
	x.checkText()
	return nil
}

// checkText refuses what is not UTF-8, or holds a null: it would be kept garbled.
func (x *exchange) checkText() {
	for _, name := range slices.Sorted(maps.Keys(x.form.Values)) {
		for _, v := range x.form.Values[name] {
			if !utf8.ValidString(name) || !utf8.ValidString(v) || strings.ContainsRune(v, 0) {
				x.wrong(http.StatusBadRequest, "open311.error.utf8", "Name", strings.ToValidUTF8(name, "?"))
				break
			}
		}
	}
}

func (x *exchange) readForm() error {
	body, err := io.ReadAll(http.MaxBytesReader(x.c.Writer, x.c.Request.Body, maxForm))
	if err != nil {
		return x.unread(err)
	}
	posted, err := url.ParseQuery(string(body))
	if err != nil {
		x.wrong(http.StatusBadRequest, "open311.error.form")
		return nil
	}
	maps.Copy(x.form.Values, posted)
	x.form.hash = hashOf(x.form.Values, nil)
	return nil
}

// unread says that a body is too long, or passes on a broken connection.
func (x *exchange) unread(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		x.wrong(http.StatusBadRequest, "open311.error.large", "Megabytes", large.Limit>>20)
		return nil
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		x.wrong(http.StatusBadRequest, "open311.error.form")
		return nil
	}
	return fmt.Errorf("open311: reading a form: %w", err)
}

// readMultipart reads fields and photos part by part: nothing goes to a disk, and a
// photo is cleaned as it comes.
func (x *exchange) readMultipart() error {
	x.c.Request.Body = http.MaxBytesReader(x.c.Writer, x.c.Request.Body, maxUpload)
	parts, err := x.c.Request.MultipartReader()
	if err != nil {
		x.wrong(http.StatusBadRequest, "open311.error.form")
		return nil
	}
	var sums []string
	total := 0
	for range maxFields {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			x.form.hash = hashOf(x.form.Values, sums)
			return nil
		}
		if err != nil {
			return x.malformed(err)
		}
		if part.FileName() == "" {
			value, err := io.ReadAll(io.LimitReader(part, maxForm+1))
			if err != nil {
				return x.malformed(err)
			}
			if total += len(value); total > maxForm {
				x.wrong(http.StatusBadRequest, "open311.error.large", "Megabytes", maxForm>>20)
				return nil
			}
			x.form.Add(part.FormName(), string(value))
			continue
		}
		if len(x.form.photos) == maxPhotos {
			x.wrong(http.StatusBadRequest, "open311.error.photos", "Name", part.FormName(), "Max", maxPhotos)
			return nil
		}
		sum := sha256.New()
		clean, err := photo.Clean(io.TeeReader(part, sum), photo.Limits{})
		if refused := (*photo.Error)(nil); errors.As(err, &refused) {
			if refused.Kind == photo.Empty { // a file control left empty
				continue
			}
			x.faults = append(x.faults, open311.Fault{Code: "400", Description: part.FormName() + x.c.T("open311.colon") + x.c.T(refused.Key())})
			x.status = http.StatusBadRequest
			continue
		}
		if err != nil {
			return x.malformed(err)
		}
		x.form.photos, sums = append(x.form.photos, clean), append(sums, hex.EncodeToString(sum.Sum(nil)))
	}
	x.wrong(http.StatusBadRequest, "open311.error.form")
	return nil
}

func (x *exchange) malformed(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return x.unread(err)
	}
	x.wrong(http.StatusBadRequest, "open311.error.form")
	return nil
}

// hashOf tells equal calls, whatever the order of their arguments.
func hashOf(values url.Values, photos []string) string {
	h := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(values)) {
		fmt.Fprintf(h, "%q %q\n", name, values[name])
	}
	fmt.Fprintf(h, "%q", photos)
	return hex.EncodeToString(h.Sum(nil))
}

// degrees reads a coordinate; ok is false when it is missing or wrong, and said.
func (x *exchange) degrees(name string, limit float64) (float64, bool) {
	text := x.form.one(name)
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || !(f >= -limit && f <= limit) {
		x.wrong(http.StatusBadRequest, "open311.error.degrees", "Name", name, "Value", short(text), "Max", int(limit))
		return 0, false
	}
	return f, true
}

// moment reads a date argument (W3C); the zero time when it is absent.
func (x *exchange) moment(name string) time.Time {
	text := x.form.one(name)
	if text == "" {
		return time.Time{}
	}
	t := open311.ReadTime(text)
	if t.IsZero() {
		x.wrong(http.StatusBadRequest, "open311.error.date", "Name", name, "Value", short(text))
	}
	return t
}

// count reads a number from 1 to most.
func (x *exchange) count(name string, absent, most int) int {
	text := x.form.one(name)
	if text == "" {
		return absent
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		x.wrong(http.StatusBadRequest, "open311.error.count", "Name", name, "Value", short(text))
		return absent
	}
	return min(n, most)
}

// list reads a comma-separated argument, nil when it is absent.
func (x *exchange) list(name string) []string {
	var out []string
	for _, v := range strings.Split(x.form.one(name), ",") {
		if v = strings.TrimSpace(v); v != "" {
			out = append(out, v)
		}
	}
	return out
}

// short is a value as it is quoted in a refusal.
func short(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:59]) + "…"
	}
	return s
}
