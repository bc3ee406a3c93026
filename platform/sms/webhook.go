package sms

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"parvis/platform/phone"
)

// Event says what a provider tells us.
type Event string

// The events.
const (
	Delivery Event = "delivery" // what became of a message of ours
	Inbound  Event = "inbound"  // a text from a person
	Stop     Event = "stop"     // a person asks for silence, by STOP or through the provider
)

// Status is what became of a message.
type Status string

// The statuses of a delivery.
const (
	StatusUnknown   Status = ""          // the provider uses a word we do not know
	StatusSent      Status = "sent"      // taken, on its way, being tried again
	StatusDelivered Status = "delivered" // on the phone
	StatusFailed    Status = "failed"    // will not be delivered
)

// Incoming is one thing a provider tells us.
type Incoming struct {
	Kind       Event
	Ref        string       // our reference when the provider gives it back
	ProviderID string       // the provider's name for the message; for an answer, often the message it answers
	From       phone.Number // the handset, in every kind; zero when it is no phone number
	Text       string       // what the person wrote
	Status     Status       // for a delivery
	Detail     string       // the provider's word for the status, figures masked
	At         time.Time    // UTC, zero when the provider gives none: the caller's now is then the best there is
}

// Key is the same for the same event delivered twice, and differs for two
// events: use it as idempotency key. A receipt may come before the answer of
// Send, twice, or never.
func (i Incoming) Key() string {
	at := ""
	if !i.At.IsZero() {
		at = i.At.UTC().Format(time.RFC3339Nano)
	}
	sum := sha256.Sum256([]byte(strings.Join(
		[]string{string(i.Kind), i.Ref, i.ProviderID, i.From.E164(), i.Text, string(i.Status), i.Detail, at}, "\x00")))
	return hex.EncodeToString(sum[:16])
}

// Webhook translates the calls of one provider.
type Webhook interface {
	// Translate reads one document: the JSON body, or the query and form values
	// as one JSON object. Query holds the values of the address, among them
	// those we put there ourselves when we gave the address to the provider.
	Translate(doc []byte, query url.Values) ([]Incoming, error)
}

// ErrWebhook is wrapped by every error of [ParseWebhook]: the call is not one
// of the provider's. Answer it politely, keep it aside, do nothing with it.
var ErrWebhook = errors.New("not a call of this SMS provider")

// Bounds of one call: bytes of its body, events in it.
const (
	longestCall = 1 << 20
	mostEvents  = 1000
)

// ParseWebhook reads a provider's call. Most providers sign nothing: the route
// must carry a secret in its path and check it before calling ParseWebhook. An
// inbound text that says STOP comes out as [Stop].
func ParseWebhook(w Webhook, r *http.Request) ([]Incoming, error) {
	doc, err := document(r)
	if err != nil {
		return nil, err
	}
	events, err := w.Translate(doc, r.URL.Query())
	if err != nil {
		return nil, err
	}
	if len(events) > mostEvents {
		return nil, fmt.Errorf("%w: %d events at once", ErrWebhook, len(events))
	}
	for i := range events {
		if events[i].Kind == Inbound && Keyword(events[i].Text) == WordStop {
			events[i].Kind = Stop
		}
	}
	return events, nil
}

// document gives a call one shape, whatever its method and type.
func document(r *http.Request) ([]byte, error) {
	if r.Method != http.MethodGet && r.Method != http.MethodPost && r.Method != http.MethodPut {
		return nil, fmt.Errorf("%w: method %s", ErrWebhook, r.Method)
	}
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(io.LimitReader(r.Body, longestCall+1)); err != nil {
			return nil, fmt.Errorf("%w: reading its body: %w", ErrWebhook, err)
		}
	}
	if len(body) > longestCall {
		return nil, fmt.Errorf("%w: body over %d bytes", ErrWebhook, longestCall)
	}
	contentType, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	values := r.URL.Query()
	switch {
	case len(strings.TrimSpace(string(body))) == 0:
	case contentType == "application/x-www-form-urlencoded":
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return nil, fmt.Errorf("%w: not a form", ErrWebhook)
		}
		for name, list := range form {
			values[name] = list
		}
	case gjson.ValidBytes(body):
		return body, nil
	default:
		return nil, fmt.Errorf("%w: neither JSON nor a form", ErrWebhook)
	}
	flat := make(map[string]string, len(values))
	for name, list := range values {
		flat[name] = list[0]
	}
	return json.Marshal(flat)
}

// items returns the documents of a call: the elements of an array, or the one
// object.
func items(doc []byte, path string) []gjson.Result {
	root := gjson.ParseBytes(doc)
	if path != "" {
		root = root.Get(path)
	}
	if root.IsArray() {
		return root.Array()
	}
	return []gjson.Result{root}
}

// handset reads the number a provider gives, with or without its +.
func handset(raw string) phone.Number {
	raw = strings.TrimSpace(raw)
	if raw == "" {
		return phone.Number{}
	}
	if n, err := phone.Parse(raw, phone.Mainland); err == nil {
		return n
	}
	n, err := phone.Parse("+"+strings.TrimLeft(raw, "+"), phone.Mainland)
	if err != nil {
		return phone.Number{}
	}
	return n
}
